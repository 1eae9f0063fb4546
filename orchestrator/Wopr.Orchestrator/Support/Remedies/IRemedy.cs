using Wopr.Audit;
using Wopr.Operators;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Support.Remedies;

/// <summary>
/// One named repair. It is idempotent: run twice, the second run finds nothing to do. Looking changes nothing; applying
/// looks again first, because the world may have moved since it was proposed.
/// </summary>
public interface IRemedy
{
    /// <summary>As it stands in TROUBLESHOOTING.md: <c>reconcile-dns</c>.</summary>
    string Name { get; }

    /// <summary>One sentence.</summary>
    string Summary { get; }

    /// <summary>What must be so, in words.</summary>
    string Preconditions { get; }

    /// <summary>The least that must be asked, whatever an entry says. It may be stricter, never laxer.</summary>
    RemedyTier Tier { get; }

    /// <summary>Harmless in every situation: it may run without a code of the job's own that calls for it.</summary>
    bool IsHarmless => false;

    /// <summary>Data of the customer may be lost: always a human, and a snapshot first.</summary>
    bool IsDestructive => false;

    /// <summary>Not about one job.</summary>
    bool IsForAll => false;

    /// <summary>The dry run.</summary>
    Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation);

    /// <summary>Carries it out and checks afterwards by looking, not by having asked.</summary>
    Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation);
}

/// <param name="Job">Null for a remedy that is about no single job.</param>
/// <param name="Who">Whoever is responsible: the operator who approved, or the key that asked for an automatic one.</param>
public sealed record RemedyCase(JobDossier? Job, Actor Who, string Reason)
{
    public JobId JobId => new((Job ?? throw new InvalidOperationException("this remedy is about a job")).Job.Id);

    /// <summary>The project that the job's server is in; null while it is in none.</summary>
    public ProjectName? Project => Job?.ProjectName;

    public JobState State => JobStates.Parse(Job!.Job.State);

    /// <summary>The provider's id of the job's server, or null.</summary>
    public long? ServerId => Job?.Resources.FirstOrDefault(r => r.Kind == "server" && r.GoneAt is null)?.ProviderId is { } id ? long.Parse(id, System.Globalization.CultureInfo.InvariantCulture) : null;
}

/// <summary>What a remedy would do now.</summary>
public abstract record RemedyLook
{
    public sealed record Would(IReadOnlyList<string> Changes) : RemedyLook;

    /// <summary>There is nothing to put right.</summary>
    public sealed record Nothing(string Why) : RemedyLook;

    /// <summary>A precondition is not met.</summary>
    public sealed record Cannot(string Why, ErrorCode? Code = null) : RemedyLook;
}

/// <summary>What came of it.</summary>
/// <param name="Status">One of <see cref="RunStatus"/>.</param>
/// <param name="Secret">Shown once to the operator who ran it, kept nowhere; null as a rule.</param>
public sealed record RemedyResult(string Status, string Detail, string? Secret = null)
{
    /// <summary>A secret is never printed by accident.</summary>
    public override string ToString() => $"{Status}: {Detail}";

    public static RemedyResult Of(RemedyLook look) => look switch
    {
        RemedyLook.Nothing nothing => new(RunStatus.Already, nothing.Why),
        RemedyLook.Cannot cannot => new(RunStatus.Refused, cannot.Why),
        _ => throw new InvalidOperationException("there is something to do"),
    };
}

public static class RunStatus
{
    public const string Proposed = "proposed";
    public const string Running = "running";
    public const string Done = "done";
    public const string Already = "already";
    public const string Refused = "refused";

    /// <summary>It ran, and the check afterwards still shows the trouble.</summary>
    public const string WithoutEffect = "without_effect";
    public const string Rejected = "rejected";

    /// <summary>Its node died while it ran.</summary>
    public const string Lost = "lost";
}
