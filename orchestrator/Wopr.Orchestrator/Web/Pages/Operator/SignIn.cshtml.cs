using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Wopr.Operators.SignIn;
using Wopr.Support;

namespace Wopr.Web.Pages.Operator;

/// <summary>Signs operators in, by name and password, by key, or at the identity provider, and out.</summary>
public sealed class SignInModel(ISignInDesk desk, SignInSettings settings, TimeProvider time) : PageModel
{
    private const string Home = "/operator";
    private const int LongestKey = 512;

    [BindProperty(SupportsGet = true, Name = "next")] public string? Next { get; set; }

    public string? Name { get; private set; }

    public (ErrorCode Code, string Words)? Problem { get; private set; }

    public bool HasProvider => settings.Provider is not null;

    public void OnGet(string? problem) => Problem = problem switch
    {
        SignInProblem.Role => (ErrorCodes.RoleTooSmall, "The identity provider knows you, but none of your groups has a role here."),
        SignInProblem.Provider => (ErrorCodes.IdentityProviderRefused, "The identity provider did not answer as it should, or did not let you in."),
        _ => null,
    };

    /// <summary>A link, not a form: the browser is sent to another site, which forms are not allowed to lead to.</summary>
    public IActionResult OnGetProvider() =>
        HasProvider ? Challenge(new AuthenticationProperties { RedirectUri = Target(), IssuedUtc = time.GetUtcNow() }, SchemeNames.Provider) : NotFound();

    public async Task<IActionResult> OnPostAsync([FromForm] string? name, [FromForm] string? password, [FromForm] string? key, CancellationToken cancellation)
    {
        Name = name?.Trim().ToLowerInvariant();
        key = key?.Trim();
        var address = HttpContext.Connection.RemoteIpAddress;
        SignInOutcome outcome = key is { Length: > 0 and <= LongestKey } ? await desk.WithKeyAsync(key, address, cancellation)
            : Name is { Length: > 0 and <= LongestKey } && password is { Length: > 0 and <= Passwords.Longest } ? await desk.WithPasswordAsync(Name, password, address, cancellation)
            : new SignInOutcome.Refused();
        switch (outcome)
        {
            case SignInOutcome.Welcome { Who: var who }:
                await HttpContext.SignInAsync(SchemeNames.Session, who.ToPrincipal(SchemeNames.Session));
                return LocalRedirect(Target());
            case SignInOutcome.TooOften { Wait: var wait }:
                Problem = (ErrorCodes.SignInTooOften, $"Too many tries. The next is looked at in {Math.Ceiling(wait.TotalMinutes):0} minutes.");
                Response.StatusCode = StatusCodes.Status429TooManyRequests;
                Response.Headers.RetryAfter = $"{wait.TotalSeconds:0}";
                return Page();
            default:
                Problem = (ErrorCodes.OperatorKeyRefused, key is { Length: > 0 } ? "This key is not valid." : "Name and password do not fit.");
                Response.StatusCode = StatusCodes.Status401Unauthorized;
                return Page();
        }
    }

    public async Task<IActionResult> OnPostOutAsync()
    {
        await HttpContext.SignOutAsync(SchemeNames.Session);
        return LocalRedirect(SignInAnswers.SignInPage);
    }

    /// <summary>Back to where the operator came from, but only within the console.</summary>
    private string Target() =>
        Url.IsLocalUrl(Next) && (Next == Home || Next.StartsWith(Home + "/", StringComparison.Ordinal)) ? Next : Home;
}
