using Wopr.Platform.OpenApi;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>How a job looks in the API's document.</summary>
public static class JobExamples
{
    public static readonly Guid Job = new("0199c4a4-7f52-4e0b-9d2c-5b8f4f0c6a31");
    public static readonly DateTimeOffset Morning = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    public static readonly JobStatus Status = new()
    {
        JobId = Job.ToString(),
        State = "deploying_wopr",
        Stage = "core_modules",
        Progress = 60,
        Module = "postgresql",
        Beacon = new("alice", "alice.beacons.example", "203.0.113.10", "https://alice.beacons.example/"),
        Bundle = "starter",
        Tier = 1,
        CreatedAt = Morning,
        UpdatedAt = Morning.AddSeconds(95),
        EndedAt = null,
        ElapsedSeconds = 95,
        Estimate = new(240, 420, 57),
        Substitution = null,
        Error = null,
        KeptUntil = null,
        CallbackTokenFingerprint = "3f1c9a2b",
        Refund = null,
        Modules = [new("postgresql", "PostgreSQL", "installing"), new("redis", "Redis", "waiting")],
        Apps = [new("nextcloud", "Nextcloud", "Files, calendar and contacts", "https://cloud.alice.beacons.example/")],
        Timeline = [new(1, Morning, "state", "pending", null, null, null, null, null), new(2, Morning.AddSeconds(1), "state", "payment_received", null, null, null, null, null)],
    };
}
