using System.Text.Json;

namespace Wopr.Support;

/// <summary>Refusals as every endpoint gives them: RFC 9457 problem details that carry an error code.</summary>
public static class Problems
{
    /// <summary>The media type of a problem (RFC 9457, section 3).</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>
    /// An answer <c>{type, title, status, detail, code, …}</c>: <c>type</c> is the page <c>/support/CODE</c>, the title
    /// comes from the catalogue. <paramref name="detail"/> says what is wrong with this request; it may reach a customer,
    /// so it holds no secret. <paramref name="extra"/> adds members and cannot replace those five.
    /// </summary>
    public static IResult Result(int status, ErrorCode code, string detail, IDictionary<string, object?>? extra = null) =>
        new ProblemResult(status, code, detail, extra);
}

internal sealed class ProblemResult(int status, ErrorCode code, string detail, IDictionary<string, object?>? extra)
    : IResult, IStatusCodeHttpResult, IContentTypeHttpResult
{
    public int? StatusCode => status;

    public string ContentType => Problems.MediaType;

    public ErrorCode Code => code;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = Problems.MediaType;
        response.Headers.CacheControl = "no-store";
        await JsonSerializer.SerializeAsync(response.Body, Body(httpContext), JsonSerializerOptions.Web, httpContext.RequestAborted);
    }

    private Dictionary<string, object?> Body(HttpContext context)
    {
        var title = context.RequestServices.GetService<ErrorCatalogue>()?.Find(code)?.Title ?? code.Value;
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["type"] = $"/support/{code}",
            ["title"] = title,
            ["status"] = status,
            ["detail"] = detail,
            ["code"] = code.Value,
        };
        foreach (var (name, value) in extra ?? new Dictionary<string, object?>(StringComparer.Ordinal)) body.TryAdd(name, value);
        return body;
    }
}
