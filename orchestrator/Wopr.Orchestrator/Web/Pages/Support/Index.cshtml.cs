using Microsoft.AspNetCore.Mvc.RazorPages;
using Wopr.Support;

namespace Wopr.Web.Pages.Support;

/// <summary>All error codes, or those that fit what somebody typed.</summary>
public sealed class IndexModel(ErrorCatalogue catalogue, ICatalogueSearch search) : PageModel
{
    public string Query { get; private set; } = "";

    public IReadOnlyList<ErrorEntry> Entries { get; private set; } = [];

    public async Task OnGetAsync(string? q, CancellationToken cancellation)
    {
        Query = q?.Trim() ?? "";
        Entries = Query.Length == 0 ? catalogue.Entries : await search.SearchAsync(Query, cancellation);
    }
}
