using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>The envelope around every good answer.</summary>
internal static class Envelope
{
    public static Answer Ok(object result) => new(200, new
    {
        result,
        success = true,
        errors = Array.Empty<object>(),
        messages = Array.Empty<object>(),
    });

    public static Answer Page(IReadOnlyCollection<object> all, int page, int perPage)
    {
        var result = all.Skip((int)Math.Min((page - 1L) * perPage, int.MaxValue)).Take(perPage).ToList();
        return new(200, new
        {
            result,
            success = true,
            errors = Array.Empty<object>(),
            messages = Array.Empty<object>(),
            result_info = new
            {
                page,
                per_page = perPage,
                count = result.Count,
                total_count = all.Count,
                total_pages = (all.Count + perPage - 1) / perPage,
            },
        });
    }
}
