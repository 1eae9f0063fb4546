using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Audit;
using Wopr.Beacons;
using Wopr.Callbacks;
using Wopr.Incidents;
using Wopr.Operators;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Provisioning;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Support;
using Wopr.Support.Remedies;

namespace Wopr.Orchestrator.Tests.Support.Remedies;

/// <summary>The desk with the database behind it, and whatever remedies a test gives it.</summary>
internal sealed class Desk(MigratedDatabase database)
{
    public static readonly Actor Anna = Actor.Operator("anna");
    public static readonly Actor Key = new(ActorKind.Support, "night shift");

    private static readonly ErrorCatalogue Catalogue = ErrorCatalogue.Load();

    public JobDossiers Dossiers { get; } = new(database.Source, new JobEvents(database.Source), new IncidentStore(database.Source), new AuditLog(database.Source));

    public RemedyRuns Runs { get; } = new(database.Source, new RandomIdSource());

    public JobVerbs Verbs { get; } = new(
        database.Source, new ResumeVerb(Enum.GetValues<JobState>().Select(s => new JobVerbsTests.NamedStep(s)), new Deadlines(TestSettings.Make())), new MailVerb(new RandomIdSource()),
        new TokenVerb(new CallbackStore(database.Source, new RandomIdSource(), TimeProvider.System)), NullLogger<JobVerbs>.Instance);

    /// <summary>Of plans only what is in the database is asked for.</summary>
    public PlanStore Plans { get; } = new(database.Source, null!, null!, null!);

    public RemedyDesk With(params IRemedy[] remedies) => new(remedies, Catalogue, Dossiers, Runs, new AuditLog(database.Source), NullLogger<RemedyDesk>.Instance);

    public static RemedyWish ByKey(string remedy, JobId? job, string? code = null) => new(remedy, job, code is null ? null : new ErrorCode(code), Key, IsHuman: false, "a test");

    public static RemedyWish ByHuman(string remedy, JobId? job) => new(remedy, job, null, Anna, IsHuman: true, "a test");

    public async Task ForgetRunsAsync()
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("DELETE FROM remedy_runs");
    }
}

/// <summary>Counts how often it ran.</summary>
internal sealed class Counted(string name, RemedyTier tier = RemedyTier.Automatic, bool isHarmless = false, bool isDestructive = false) : IRemedy
{
    private int ran;

    public int Ran => ran;

    public string Name => name;
    public string Summary => "Counts.";
    public string Preconditions => "None.";
    public RemedyTier Tier => tier;
    public bool IsHarmless => isHarmless;
    public bool IsDestructive => isDestructive;

    public Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation) => Task.FromResult<RemedyLook>(new RemedyLook.Would(["it counts"]));

    public Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation)
    {
        Interlocked.Increment(ref ran);
        return Task.FromResult(new RemedyResult(RunStatus.Done, "counted"));
    }
}

internal static class OutcomeWords
{
    /// <summary>A refusal's code, a dry run's answer, or the run's status.</summary>
    public static string Word(this RemedyOutcome? outcome) => outcome switch
    {
        null => "none",
        RemedyOutcome.Refused refused => refused.Code.Value,
        RemedyOutcome.Looked looked => $"{looked.Look.GetType().Name.ToLowerInvariant()}, {looked.Tier.ToString().ToLowerInvariant()}",
        RemedyOutcome.Taken taken => taken.Run.Status,
        _ => throw new InvalidOperationException("an outcome that nobody knows"),
    };
}
