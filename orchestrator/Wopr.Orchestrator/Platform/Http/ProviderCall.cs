namespace Wopr.Platform.Http;

/// <summary>What the handlers of the chain must know of one call. It travels with the request.</summary>
internal sealed class ProviderCall(string operation, Repeat repeat, CallPriority priority, DateTimeOffset deadline)
{
    private static readonly HttpRequestOptionsKey<ProviderCall> Key = new("wopr.provider.call");

    /// <summary>A short fixed name such as <c>servers.create</c>; never anything of a customer.</summary>
    public string Operation => operation;

    public Repeat Repeat => repeat;

    public CallPriority Priority => priority;

    /// <summary>When the whole call, with all its waits and attempts, must be over.</summary>
    public DateTimeOffset Deadline => deadline;

    /// <summary>How often the request was sent so far.</summary>
    public int Attempts { get; set; }

    public void AttachTo(HttpRequestMessage request) => request.Options.Set(Key, this);

    /// <summary>The operation's name, or null when the request is no provider's.</summary>
    public static string? NameOf(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var call) ? call.Operation : null;

    public static ProviderCall Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(Key, out var call) ? call : throw new InvalidOperationException("A provider request was sent past ProviderTransport");
}

/// <summary>What a second sending of the same request would do.</summary>
public enum Repeat
{
    /// <summary>Nothing more than the first: reads, deletes, replacements.</summary>
    Freely,

    /// <summary>It may create a second thing: repeated only after a refusal that proves that nothing happened.</summary>
    OnlyWhenRefused,
}
