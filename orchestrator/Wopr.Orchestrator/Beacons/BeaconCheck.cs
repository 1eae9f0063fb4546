using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using Wopr.Incidents;
using Wopr.Modules;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Verification;

namespace Wopr.Beacons;

/// <summary>
/// Looks at every completed beacon as its customer does, from outside. One that twice in a row does not answer is an
/// incident, closed by the first round in which all of it answers again.
/// </summary>
public sealed class BeaconCheck(
    NpgsqlDataSource database, WorkQueue queue, BeaconVerifier verifier, ModuleCatalogue modules, IncidentStore incidents, Settings settings, TimeProvider time)
    : RecurringWork(database, queue)
{
    /// <summary>A beacon that restarts an application is given so long before it is asked again.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(20);

    private const int AtOnce = 8;
    private const string CausePrefix = "beacon:";

    public static readonly WorkKey WorkKey = new("check_beacons", Guid.Empty);

    private readonly NpgsqlDataSource database = database;

    public override string Kind => WorkKey.Kind;

    protected override TimeSpan Period => settings.BeaconCheckPeriod;

    protected override async Task<TimeSpan> RunAsync(WorkLease lease, CancellationToken cancellation)
    {
        await LookAsync(cancellation);
        return Period;
    }

    /// <summary>One round over all beacons.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        var silent = await FailingAsync(await BeaconsAsync(cancellation), cancellation);
        if (silent.Count > 0)
        {
            await Task.Delay(SecondLook * settings.DeadlineScale, time, cancellation);
            silent = await FailingAsync(silent.Select(s => s.Beacon), cancellation);
        }
        // One that is being taken down meanwhile is no trouble.
        var still = (await BeaconsAsync(cancellation)).Select(b => b.Id).ToHashSet();
        await incidents.SettleAsync(CausePrefix, [.. silent.Where(s => still.Contains(s.Beacon.Id)).Select(Trouble)], "the beacon answers again, or is no longer", cancellation);
    }

    private async Task<IReadOnlyList<(Beacon Beacon, VerificationFinding Finding)>> FailingAsync(IEnumerable<Beacon> beacons, CancellationToken cancellation)
    {
        var failing = new ConcurrentBag<(Beacon, VerificationFinding)>();
        await Parallel.ForEachAsync(beacons, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (beacon, token) =>
        {
            if (await verifier.CheckAsync(new JobId(beacon.Id), beacon.Fqdn, modules.HostsOn(beacon.Fqdn, beacon.Modules), token) is { } finding) failing.Add((beacon, finding));
        });
        return [.. failing];
    }

    private static Trouble Trouble((Beacon Beacon, VerificationFinding Finding) silent) => new(
        new($"{CausePrefix}{silent.Beacon.Id}"), silent.Finding.Code, Severity.Critical, new JobId(silent.Beacon.Id), $"{silent.Beacon.Fqdn}: {silent.Finding.Detail}");

    private async Task<IReadOnlyList<Beacon>> BeaconsAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<Beacon>(new CommandDefinition(
            "SELECT id, fqdn, modules FROM jobs WHERE state = 'completed' AND decommission_requested_at IS NULL ORDER BY id", cancellationToken: cancellation))];
    }

    private sealed class Beacon
    {
        public Guid Id { get; init; }
        public string Fqdn { get; init; } = "";
        public string[] Modules { get; init; } = [];
    }
}
