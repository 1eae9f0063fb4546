using System.Reflection;
using Wopr.Platform;
using Wopr.Provisioning.Ports;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>A cloud that answers only what a test has told it to; any other call fails the test.</summary>
public class CloudStub : DispatchProxy
{
    private readonly Dictionary<string, Func<object?[], object>> answers = new(StringComparer.Ordinal);

    public List<string> Calls { get; } = [];

    public static (ICloudProvider Cloud, CloudStub Stub) Create()
    {
        var cloud = Create<ICloudProvider, CloudStub>();
        return (cloud, (CloudStub)(object)cloud);
    }

    public CloudStub On<T>(string method, Func<object?[], ProviderResult<T>> answer)
    {
        answers[method] = arguments => Task.FromResult(answer(arguments));
        return this;
    }

    public CloudStub OnLater<T>(string method, Func<Task<ProviderResult<T>>> answer)
    {
        answers[method] = _ => answer();
        return this;
    }

    /// <summary>Settings as a service with real providers has them.</summary>
    internal static Settings Live(params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HCLOUD_TOKEN"] = "token",
            ["CLOUDFLARE_API_TOKEN"] = "token",
            ["WOPR_ZONE"] = "example.org",
            ["WOPR_PUBLIC_URL"] = "https://wopr.example.org",
            ["WOPR_DATABASE"] = "Host=127.0.0.1",
        };
        foreach (var (name, value) in more) environment[name] = value;
        var (settings, problems) = new SettingsReader(environment.GetValueOrDefault).Read();
        problems.ShouldBeEmpty();
        return settings!;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Calls.Add(targetMethod!.Name);
        return answers.TryGetValue(targetMethod.Name, out var answer)
            ? answer(args ?? [])
            : throw new InvalidOperationException($"{targetMethod.Name} was not expected");
    }
}
