using System.Reflection;
using Wopr.Platform;
using Wopr.Provisioning.Ports;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>A cloud that answers only what a test has told it to; any other call fails the test.</summary>
public class CloudStub : DispatchProxy
{
    private readonly Dictionary<string, Func<object?[], object>> answers = new(StringComparer.Ordinal);

    public List<string> Calls { get; } = [];

    private object? rest;

    /// <summary>This cloud as the only project.</summary>
    internal IClouds Clouds => new OneCloud((ICloud)(object)this);

    public static (ICloud Cloud, CloudStub Stub) Create()
    {
        var cloud = Create<ICloud, CloudStub>();
        return (cloud, (CloudStub)(object)cloud);
    }

    /// <summary>Calls of this part of the port go to that one.</summary>
    public CloudStub With(ICloudRepairs repairs)
    {
        rest = repairs;
        return this;
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
        if (rest is not null && targetMethod!.DeclaringType!.IsInstanceOfType(rest)) return targetMethod.Invoke(rest, args);
        Calls.Add(targetMethod!.Name);
        return answers.TryGetValue(targetMethod.Name, out var answer)
            ? answer(args ?? [])
            : throw new InvalidOperationException($"{targetMethod.Name} was not expected");
    }
}
