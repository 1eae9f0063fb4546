namespace Wopr.Browser.Tests;

/// <summary>Trouble that makes a job fail at once.</summary>
internal static class Failures
{
    public static readonly object TokenRefused = new { provider = "hetzner", method = "POST", path = "/servers", kind = "status", status = 401, code = "unauthorized" };
}
