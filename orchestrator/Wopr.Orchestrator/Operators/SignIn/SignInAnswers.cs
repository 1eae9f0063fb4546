using Wopr.Support;

namespace Wopr.Operators.SignIn;

/// <summary>What those are told who are not signed in, or may not: browsers on the console by a page, programs by a problem.</summary>
internal static class SignInAnswers
{
    public const string SignInPage = "/operator/sign-in";

    public static Task ChallengeAsync(HttpContext context)
    {
        if (IsPage(context.Request))
        {
            context.Response.Redirect($"{SignInPage}?next={Uri.EscapeDataString(context.Request.Path)}");
            return Task.CompletedTask;
        }
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Result(StatusCodes.Status401Unauthorized, ErrorCodes.OperatorKeyRefused, "This is for operators: send Authorization: Bearer with the operator key.").ExecuteAsync(context);
    }

    public static Task ForbidAsync(HttpContext context)
    {
        if (IsPage(context.Request))
        {
            // The page of this status is put in its place.
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }
        return Problems.Result(StatusCodes.Status403Forbidden, ErrorCodes.RoleTooSmall, "Your role may not do that, or another site sent this request.").ExecuteAsync(context);
    }

    private static bool IsPage(HttpRequest request) => request.Path.StartsWithSegments("/operator", StringComparison.OrdinalIgnoreCase);
}
