using System.Reflection;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Integration.Tests.Steps;

/// <summary>The node ended here: nothing of what it was about to do is done.</summary>
internal sealed class NodeDiedException() : Exception("the node died");

/// <summary>
/// Everything that a step does outside the database comes by here, so that each moment of its run has a name, and each
/// can be the one at which something happens.
/// </summary>
internal sealed class Line
{
    private readonly Lock gate = new();
    private readonly List<string> moments = [];
    private (string Moment, Func<Task> What)? planned;
    private (string Operation, bool Done)? mishap;

    /// <summary>In the order in which they were met first. The outside calls among them are <c>before X</c> and <c>after X</c>.</summary>
    public IReadOnlyList<string> Moments
    {
        get
        {
            lock (gate) return [.. moments];
        }
    }

    /// <summary>The outside calls of the run.</summary>
    public IReadOnlyList<string> Operations => [.. Moments.Where(m => m.StartsWith("before ", StringComparison.Ordinal)).Select(m => m["before ".Length..])];

    /// <summary>Whether what was planned has come to pass.</summary>
    public bool Happened => planned is null && mishap is null;

    /// <summary>The first time that somebody comes by this moment.</summary>
    public void At(string moment, Func<Task> what) => planned = (moment, what);

    /// <summary>The next such call is carried out, and its answer is lost.</summary>
    public void Lose(string operation) => mishap = (operation, Done: true);

    /// <summary>The next such call does nothing: the provider is away for a moment.</summary>
    public void Refuse(string operation) => mishap = (operation, Done: false);

    public async Task MeetAsync(string moment)
    {
        Func<Task>? what = null;
        lock (gate)
        {
            if (!moments.Contains(moment)) moments.Add(moment);
            if (planned is { } plan && plan.Moment == moment) (what, planned) = (plan.What, null);
        }
        if (what is not null) await what();
    }

    /// <summary>A call that ends in an answer, or in what <paramref name="trouble"/> makes of a lost (true) or refused one (false).</summary>
    public async Task<T> PassAsync<T>(string operation, Func<Task<T>> call, Func<bool, T> trouble)
    {
        await MeetAsync($"before {operation}");
        bool? done = null;
        lock (gate)
            if (mishap is { } one && one.Operation == operation) (done, mishap) = (one.Done, null);
        if (done == false) return trouble(false);
        var answer = await call();
        await MeetAsync($"after {operation}");
        return done is null ? answer : trouble(true);
    }
}

/// <summary>Every project with the line before it.</summary>
internal sealed class LinedClouds(IClouds clouds, Line line) : IClouds
{
    public IReadOnlyList<CloudProject> Projects => clouds.Projects;

    public ICloud Of(ProjectName? name) => LinedPort.Of(clouds.Of(name), line);
}

/// <summary>A provider's port with the line before it.</summary>
public class LinedPort : DispatchProxy
{
    private static readonly MethodInfo Pass = typeof(LinedPort).GetMethod(nameof(PassAsync), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private object port = null!;
    private Line line = null!;
    private (string Name, ErrorCode Away) provider;

    internal static T Of<T>(T port, Line line)
        where T : class
    {
        var lined = Create<T, LinedPort>();
        var self = (LinedPort)(object)lined;
        (self.port, self.line) = (port, line);
        self.provider = port is IDnsProvider ? ("cloudflare", ErrorCodes.CloudflareUnavailable) : ("hetzner", ErrorCodes.HetznerUnavailable);
        return lined;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        // Every call of a port ends in a Task of a ProviderResult of something.
        var something = targetMethod!.ReturnType.GetGenericArguments()[0].GetGenericArguments()[0];
        return Pass.MakeGenericMethod(something).Invoke(this, [targetMethod, args]);
    }

    private Task<ProviderResult<T>> PassAsync<T>(MethodInfo method, object?[]? args) =>
        line.PassAsync(method.Name, () => (Task<ProviderResult<T>>)method.Invoke(port, args)!, lost => Failure(lost, method.Name));

    // What the clients make of it: of a call that changes something the effect is unknown, any other may be repeated.
    private ProviderFailure Failure(bool lost, string operation) => lost
        ? new(provider.Name, 0, "", "the answer was lost", provider.Away, operation.StartsWith("Create", StringComparison.Ordinal) || operation.StartsWith("Apply", StringComparison.Ordinal) ? Retry.LookFirst : Retry.Later)
        : new(provider.Name, 503, "unavailable", "away for a moment", provider.Away, Retry.Later);
}
