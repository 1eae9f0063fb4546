namespace Wopr.Sandbox.Hetzner.Servers;

/// <summary>A server. Its state follows from <see cref="Phases"/> and the clock, never from something that must still be run.</summary>
public sealed record Server : IResource
{
    public required long Id { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required string ServerType { get; init; }

    public required string Location { get; init; }

    public required long ImageId { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public string UserData { get; init; } = "";

    public long? Ipv4Id { get; init; }

    public long? Ipv6Id { get; init; }

    /// <summary>The states it goes through, oldest first.</summary>
    public required IReadOnlyList<Phase> Phases { get; init; }

    /// <summary>While an action runs.</summary>
    public DateTimeOffset LockedUntil { get; init; }

    /// <summary>When a delete action takes it away.</summary>
    public DateTimeOffset? GoneAt { get; init; }

    public bool DeleteProtected { get; init; }

    public bool RebuildProtected { get; init; }

    public bool RescueEnabled { get; init; }

    public string? BackupWindow { get; init; }

    /// <summary>In GB; stays when the type is changed without its disk.</summary>
    public int DiskSize { get; init; }

    /// <summary>False for a machine that never comes up although the provider calls it running.</summary>
    public bool Boots { get; init; } = true;

    /// <summary>How long after "running" the machine is really started.</summary>
    public TimeSpan BootDelay { get; init; }

    public string StatusAt(DateTimeOffset now) => PhaseAt(now).Status;

    public bool IsLockedAt(DateTimeOffset now) => now < LockedUntil;

    /// <summary>Whether the machine behind it has power.</summary>
    public bool HasPowerAt(DateTimeOffset now) =>
        Boots && PhaseAt(now) is { Status: "running" } phase && now >= phase.At + BootDelay;

    /// <summary>Every moment from now on at which something about it changes by itself.</summary>
    public IEnumerable<DateTimeOffset> Changes() =>
        Phases.SelectMany(phase => new[] { phase.At, phase.At + BootDelay }).Concat(GoneAt is { } gone ? [gone] : []);

    /// <summary>The server with a new future: what it is now stays, what was planned does not.</summary>
    public Server Then(DateTimeOffset now, params IEnumerable<Phase> phases) =>
        this with { Phases = [PhaseAt(now), .. phases] };

    private Phase PhaseAt(DateTimeOffset now) => Phases.LastOrDefault(phase => phase.At <= now) ?? Phases[0];
}

/// <summary>From this moment on the server is in this state, in the provider's words.</summary>
public sealed record Phase(DateTimeOffset At, string Status);
