using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Wopr.Support;

namespace Wopr.Web.Pages.Support;

/// <summary>One error code: first for customers, then for those who look after beacons.</summary>
public sealed class EntryModel(ErrorCatalogue catalogue) : PageModel
{
    public ErrorEntry Entry { get; private set; } = null!;

    public IActionResult OnGet(string code)
    {
        if (!catalogue.TryFind(code, out var entry)) return NotFound();
        Entry = entry;
        return Page();
    }
}
