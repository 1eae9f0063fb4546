using Wopr.Tests.Support;

namespace Wopr.Browser.Tests.Site;

/// <summary>A fact in a real Chromium: skipped, with a reason, where there is none, or where the rules of accessibility are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute(bool axe = false, string? variable = null)
    {
        Axe = axe;
        Variable = variable;
        Skip = Tool.WhyMissing([Chromium])
            ?? (axe && !File.Exists(AxeScript) ? "axe-core is not installed: npm ci --ignore-scripts --prefix tests/Wopr.Browser.Tests" : null)
            ?? (variable is not null && Environment.GetEnvironmentVariable(variable) is null or "" ? $"only where {variable} names a folder" : null);
    }

    public const string Chromium = "chromium";

    public static string AxeScript => Repository.PathOf("tests", "Wopr.Browser.Tests", "node_modules", "axe-core", "axe.min.js");

    public bool Axe { get; }

    public string? Variable { get; }
}
