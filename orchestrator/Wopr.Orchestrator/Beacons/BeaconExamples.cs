using Wopr.Provisioning;

namespace Wopr.Beacons;

/// <summary>How finished beacons look in the API's document.</summary>
internal static class BeaconExamples
{
    private const string Installer = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    public static readonly NumberedPlan Plan = new(2, ["postgresql", "redis", "caddy", "authentik", "nextcloud", "vikunja"], Installer);

    public static readonly Heartbeat Heartbeat = new(
        Installer, new PlanProgress(2, PlanState.Applied), [new UnitState("nextcloud", "wopr-nextcloud.service", "active")], new Room(51_200, 30_000), new Room(3_900, 1_200),
        [new CertificateLife("cloud.alice.beacons.example", JobExamples.Morning.AddDays(-10), JobExamples.Morning.AddDays(80))],
        new BackupResult(JobExamples.Morning.AddHours(-6), true, 7), "done", 86_400);

    public static readonly BeaconRow Row = new(JobExamples.Job.ToString(), "alice.beacons.example", true, JobExamples.Morning, 2, JobExamples.Morning.AddDays(-1));

    public static readonly BeaconDossier Dossier = new(Row, Heartbeat, [new PlanRow(2, Plan.Modules, Installer, JobExamples.Morning.AddDays(-1), JobExamples.Morning.AddDays(-1))]);
}
