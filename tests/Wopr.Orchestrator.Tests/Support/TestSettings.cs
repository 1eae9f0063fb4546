using Wopr.Platform;

namespace Wopr.Orchestrator.Tests.Support;

/// <summary>Settings as the reader makes them for the sandbox, with what a test wants different.</summary>
internal static class TestSettings
{
    public static Settings Make(params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOPR_DATABASE"] = "Host=nowhere.invalid",
            ["WOPR_SANDBOX_HETZNER_URL"] = "http://127.0.0.1:1",
            ["WOPR_SANDBOX_CLOUDFLARE_URL"] = "http://127.0.0.1:1",
            ["WOPR_SANDBOX_GATE_URL"] = "http://127.0.0.1:1",
        };
        return Read(environment, more);
    }

    /// <summary>The same for the real providers.</summary>
    public static Settings MakeLive(params (string Name, string Value)[] more) => Read(new(StringComparer.Ordinal)
    {
        ["WOPR_DATABASE"] = "Host=nowhere.invalid",
        ["HCLOUD_TOKEN"] = "t",
        ["CLOUDFLARE_API_TOKEN"] = "t",
        ["WOPR_ZONE"] = "example.com",
        ["WOPR_PUBLIC_URL"] = "https://wopr.example.com",
    }, more);

    private static Settings Read(Dictionary<string, string> environment, (string Name, string Value)[] more)
    {
        foreach (var (name, value) in more) environment[name] = value;
        var (settings, problems) = new SettingsReader(environment.GetValueOrDefault).Read();
        problems.ShouldBeEmpty();
        return settings!;
    }
}
