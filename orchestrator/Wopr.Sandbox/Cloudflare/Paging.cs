using System.Globalization;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

internal static class Paging
{
    /// <summary>Null when a number is none, or lies outside what the list allows.</summary>
    public static (int Page, int PerPage)? Read(Call call, int otherwise, int min, int max)
    {
        var (page, perPage) = (Number(call.Asked("page"), 1), Number(call.Asked("per_page"), otherwise));
        return page >= 1 && perPage >= min && perPage <= max ? (page, perPage) : null;
    }

    private static int Number(string? text, int otherwise) =>
        text is null ? otherwise : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1;
}
