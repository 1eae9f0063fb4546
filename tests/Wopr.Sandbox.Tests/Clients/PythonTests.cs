using Wopr.Sandbox.Tests.Support;
using Wopr.Sandbox.Wire;
using Wopr.Tests.Support;

namespace Wopr.Sandbox.Tests.Clients;

/// <summary>Other people's clients of both providers, pointed at the emulators, with a clock that runs.</summary>
public sealed class PythonTests : SandboxTest
{
    protected override SandboxSettings Settings() => base.Settings() with { Pace = 0 };

    [PythonFact("hcloud")]
    public Task Hetzners_library_does_everything_without_an_error() => RunAsync("hetzner.py", new Uri(AddressOf(Face.Hetzner), "v1").ToString(), HetznerToken);

    [PythonFact("CloudFlare")]
    public Task Cloudflares_library_does_everything_without_an_error() =>
        RunAsync("cloudflare.py", new Uri(AddressOf(Face.Cloudflare), "client/v4").ToString(), CloudflareToken, Zone);

    /// <summary>Off the test's own thread: the emulators answer in this process.</summary>
    private static Task RunAsync(string script, params string[] arguments) =>
        Task.Run(() => ToolRun.Of(PythonFactAttribute.Python, [Repository.PathOf("tests", "Wopr.Sandbox.Tests", "Clients", script), .. arguments]).ShouldSucceed());
}

/// <summary>Skipped, with the reason, where the distribution's Python has no such module.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonFactAttribute : FactAttribute
{
    public const string Python = "/usr/bin/python3";

    public PythonFactAttribute(string module)
    {
        Module = module;
        if (Tool.WhyMissing([Python]) is { } missing) Skip = missing;
        else if (!Directory.Exists(Path.Combine("/usr/lib/python3/dist-packages", module))) Skip = $"not installed on this machine: the Python module {module}";
    }

    public string Module { get; }
}
