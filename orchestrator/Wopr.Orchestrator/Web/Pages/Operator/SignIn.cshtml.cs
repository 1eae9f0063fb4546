using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Wopr.Web.Pages.Operator;

/// <summary>Signs an operator in by key, and out.</summary>
public sealed class SignInModel(IOperatorSignIn signIn, SiteInfo site) : PageModel
{
    private const string Home = "/operator";
    private const int LongestKey = 512;

    [BindProperty(SupportsGet = true, Name = "next")] public string? Next { get; set; }

    public bool Refused { get; private set; }

    public void OnGet()
    {
    }

    public async Task<IActionResult> OnPostAsync([FromForm] string? key, CancellationToken cancellation)
    {
        key = key?.Trim();
        if (key is { Length: > 0 and <= LongestKey } && await signIn.NameAsync(key, cancellation) is not null)
        {
            OperatorCookie.Set(HttpContext, site, key);
            return LocalRedirect(Target());
        }

        Refused = true;
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Page();
    }

    public IActionResult OnPostOut()
    {
        OperatorCookie.Clear(HttpContext, site);
        return LocalRedirect("/operator/sign-in");
    }

    /// <summary>Back to where the operator came from, but only within the console.</summary>
    private string Target() =>
        Url.IsLocalUrl(Next) && (Next == Home || Next.StartsWith(Home + "/", StringComparison.Ordinal)) ? Next : Home;
}
