using Wopr.Incidents;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Beacons;

/// <summary>What of a heartbeat needs an operator. Each kind of trouble is one cause a beacon.</summary>
/// <param name="At">When the heartbeat was taken, by the database's clock.</param>
/// <param name="RegisteredAt">Since when the beacon has an agent.</param>
internal sealed record HeartbeatTroubles(JobId Job, string Fqdn, DateTimeOffset At, DateTimeOffset RegisteredAt)
{
    /// <summary>Every cause of this beacon that its heartbeats tell of begins so; what stands is among <see cref="Of"/>'s.</summary>
    public static string PrefixOf(JobId job) => $"agent:{job}:";

    private const int LowDiskPercent = 10;
    private const int CriticalDiskPercent = 3;

    // Caddy renews a certificate when a third of its life is left; half of that has then passed in vain.
    private const int LateInLife = 6;

    // A day, the timer's own hours of leeway, and one night that was missed.
    private static readonly TimeSpan BackupAge = TimeSpan.FromHours(50);

    /// <param name="before">The heartbeat before this one: a unit that is just being restarted is no trouble yet.</param>
    public IReadOnlyList<Trouble> Of(Heartbeat now, Heartbeat? before) =>
        [.. new[] { Disk(now.Disk), Certificates(now.Certificates), Units(now, before), Plan(now.Plan), Backup(now.Backup) }.OfType<Trouble>()];

    private Trouble? Disk(Room disk) => disk.FreePercent >= LowDiskPercent
        ? null
        : Trouble("disk", ErrorCodes.BeaconDiskFull, disk.FreePercent < CriticalDiskPercent ? Severity.Critical : Severity.Warning,
            $"{disk.FreeMb} of {disk.TotalMb} MB of the disk are free", disk);

    private Trouble? Certificates(IReadOnlyList<CertificateLife> certificates)
    {
        var late = certificates.Where(c => (c.NotAfter - At) * LateInLife < c.NotAfter - c.NotBefore).OrderBy(c => c.NotAfter).ToList();
        return late.Count == 0
            ? null
            : Trouble("certificate", ErrorCodes.CertificateExpiring, late[0].NotAfter <= At ? Severity.Critical : Severity.Warning,
                $"the certificate of {late[0].Host} ends at {late[0].NotAfter:u} and was not renewed", late);
    }

    private Trouble? Units(Heartbeat now, Heartbeat? before)
    {
        if (now.Plan.State == PlanState.Applying || before is null) return null;
        var down = now.Units.Where(u => !u.Runs && before.Units.Any(b => b.Unit == u.Unit && !b.Runs)).ToList();
        return down.Count == 0
            ? null
            : Trouble("unit", ErrorCodes.BeaconUnitDown, Severity.Critical, $"{string.Join(", ", down.Take(5).Select(u => $"{u.Unit} is {u.State}"))}", down);
    }

    private Trouble? Plan(PlanProgress plan) => plan.State != PlanState.Failed
        ? null
        : Trouble("plan", ErrorCodes.PlanNotApplied, Severity.Warning, $"plan {plan.Number} could not be carried out: {plan.Code ?? "no code"} {plan.Module}".TrimEnd(), plan);

    private Trouble? Backup(BackupResult? backup) => backup switch
    {
        { Ok: false } => Trouble("backup", ErrorCodes.BeaconBackupFailed, Severity.Warning, "the last backup failed", backup),
        _ when At - (backup?.At ?? RegisteredAt) > BackupAge => Trouble("backup", ErrorCodes.BeaconBackupFailed, Severity.Warning, $"no backup since {backup?.At ?? RegisteredAt:u}", backup),
        _ => null,
    };

    private Trouble Trouble(string kind, ErrorCode code, Severity severity, string what, object? detail) =>
        new(new($"{PrefixOf(Job)}{kind}"), code, severity, Job, $"{Fqdn}: {what}", detail);
}
