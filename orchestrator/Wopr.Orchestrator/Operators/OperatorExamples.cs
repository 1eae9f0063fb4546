using Wopr.Audit;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Operators;

/// <summary>How the operators' view of jobs looks in the API's document.</summary>
internal static class OperatorExamples
{
    private static readonly JobFacts Job = new()
    {
        Id = JobExamples.Job,
        State = "failed",
        StateEnteredAt = JobExamples.Morning,
        DeadlineAt = JobExamples.Morning.AddHours(2),
        Project = "main",
        BeaconName = "alice",
        Fqdn = "alice.beacons.example",
        NameHeld = true,
        Stage = "error",
        Module = "outline",
        Progress = 70,
        ErrorCode = "MODULE-003",
        ErrorDetail = "wopr-outline.service: Main process exited",
        FailedState = "deploying_wopr",
        ServerAttempts = 1,
        CreatedAt = JobExamples.Morning.AddMinutes(-6),
        UpdatedAt = JobExamples.Morning,
    };

    public static readonly JobDossier Dossier = new(
        Job, new OrderFacts { Id = JobExamples.Job, Source = "checkout", Bundle = "starter", Tier = 1, PriceCents = 1599, Currency = "EUR", CreatedAt = JobExamples.Morning.AddMinutes(-6) },
        ["resume", "decommission", "cancel"], Work: null,
        [new ResourceFacts { Kind = "server", Name = "wopr-alice-0199c4a4", ProviderId = "42", ServerType = "cpx22", Location = "fsn1", Ipv4 = "203.0.113.10", CreatedAt = JobExamples.Morning.AddMinutes(-5) }],
        [], [], [], JobExamples.Status.Timeline, [], [], []);

    public static readonly JobPage Page = new([new JobSummary { JobId = JobExamples.Job, Beacon = "alice", Fqdn = "alice.beacons.example", Bundle = "starter", Tier = 1, Project = "main", State = "failed", ErrorCode = "MODULE-003", CreatedAt = JobExamples.Morning, UpdatedAt = JobExamples.Morning }], null);

    public static VerbAnswer Done(Verb verb) => new(verb.Word(), AuditOutcome.Done, "the job goes on", null);

    public static VerbAnswer Already(Verb verb) => new(verb.Word(), AuditOutcome.Already, "nothing had to be changed", null);
}
