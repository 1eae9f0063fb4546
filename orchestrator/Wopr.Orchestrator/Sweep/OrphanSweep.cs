using Npgsql;
using Wopr.Incidents;
using Wopr.Platform;
using Wopr.Platform.Http;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Sweep;

/// <summary>
/// Compares what is at the providers with the jobs: what carries our mark and belongs to no live job, and live jobs whose
/// server is gone. Each is listed and has an incident until it is gone; removal is a matter of configuration.
/// </summary>
public sealed class OrphanSweep(
    NpgsqlDataSource database, WorkQueue queue, InventoryReader reader, IClouds clouds,
    OrphanStore orphans, OrphanRemoval removal, IncidentStore incidents, Settings settings) : RecurringWork(database, queue)
{
    // Time for the provider to do what was asked, before looking whether it was done.
    private static readonly TimeSpan AfterRemoval = TimeSpan.FromSeconds(5);

    public static readonly WorkKey WorkKey = new("sweep_orphans", Guid.Empty);

    public override string Kind => WorkKey.Kind;

    protected override TimeSpan Period => settings.SweepPeriod;

    // A service that has just been installed has left nothing behind yet.
    protected override TimeSpan FirstDelay => Period;

    protected override async Task<TimeSpan> RunAsync(WorkLease lease, CancellationToken cancellation)
    {
        using var scope = CallScope.Begin(CallPriority.Sweep);
        return await LookAsync(cancellation) > 0 ? AfterRemoval : Period;
    }

    /// <summary>One look, and what configuration wants done about it. Returns how many removals were asked for.</summary>
    public async Task<int> LookAsync(CancellationToken cancellation)
    {
        // Own servers are read first and the rest of the database last: what was made in between is in doubt for neither.
        var own = (await orphans.OwnServersAsync(cancellation)).ToLookup(o => ProjectName.Parse(o.Project));
        var sum = new Look(0, 0, []);
        // One that is not configured any more cannot be looked at, and that stands among the problems.
        foreach (var project in clouds.Projects.Select(p => p.Name).Union(own.Select(g => g.Key)))
            sum += await LookAsync(await reader.ReadAsync(project, cancellation), own[project], cancellation);
        sum += await LookAsync(await reader.ReadZoneAsync(cancellation), [], cancellation);
        await orphans.FinishAsync(sum.Found, sum.Removed, [.. sum.Problems.Distinct(StringComparer.Ordinal)], cancellation);
        return sum.Removed;
    }

    private async Task<Look> LookAsync(Inventory seen, IEnumerable<OwnServer> own, CancellationToken cancellation)
    {
        var problems = seen.Failures.Select(ProviderOutcome.Describe).ToList();
        var finder = await orphans.FinderAsync(Named(seen), cancellation);
        var standing = await PricedAsync(finder.Find(seen), seen, problems, cancellation);
        if (seen.Servers is { } servers) standing = [.. standing, .. await LostAsync(clouds.Of(seen.Project), own, servers, cancellation)];

        await orphans.NoteAsync(seen.Project, Looked(seen), standing, cancellation);
        foreach (var kind in Looked(seen))
            await incidents.SettleAsync(kind.CausePrefix(seen.Project), [.. standing.Where(o => o.Kind == kind).Select(o => o.ToTrouble())], "it is gone, or its job knows it", cancellation);

        var removed = settings.SweepRemoves ? await removal.RemoveAsync(await orphans.DueAsync(seen.Project, settings.SweepGrace, cancellation), seen, cancellation) : 0;
        return new Look(standing.Count, removed, problems);
    }

    private static IEnumerable<JobId> Named(Inventory seen) =>
        new[]
        {
            (seen.Servers ?? []).Select(s => OrphanFinder.JobOf(s.Labels)), (seen.PrimaryIps ?? []).Select(a => OrphanFinder.JobOf(a.Labels)),
            (seen.Volumes ?? []).Select(v => OrphanFinder.JobOf(v.Labels)), (seen.Firewalls ?? []).Select(f => OrphanFinder.JobOf(f.Labels)),
            (seen.Records ?? []).Select(OrphanFinder.JobOf),
        }.SelectMany(jobs => jobs).OfType<JobId>();

    private static IReadOnlyList<OrphanKind> Looked(Inventory seen) =>
    [
        .. seen.Servers is null ? [] : new[] { OrphanKind.Server, OrphanKind.LostServer },
        .. seen.PrimaryIps is null ? [] : new[] { OrphanKind.PrimaryIp },
        .. seen.Volumes is null ? [] : new[] { OrphanKind.Volume },
        .. seen.Firewalls is null ? [] : new[] { OrphanKind.Firewall },
        .. seen.Records is null ? [] : new[] { OrphanKind.DnsRecord },
    ];

    /// <summary>Prices are asked for only when something has one.</summary>
    private async Task<IReadOnlyList<Orphan>> PricedAsync(IReadOnlyList<Orphan> found, Inventory seen, List<string> problems, CancellationToken cancellation)
    {
        if (found.All(o => o.MonthlyCents is not null)) return found;
        var cloud = clouds.Of(seen.Project);
        if (!(await cloud.GetCatalogueAsync(cancellation)).IsSuccess(out var catalogue, out var failure) || !(await cloud.GetPricingAsync(cancellation)).IsSuccess(out var pricing, out failure))
        {
            problems.Add(ProviderOutcome.Describe(failure));
            return found;
        }
        var prices = new Prices(catalogue, pricing);
        return [.. found.Select(o => o with { MonthlyCents = o.MonthlyCents ?? Price(o) })];

        int? Price(Orphan orphan) => orphan.Kind switch
        {
            OrphanKind.Server => prices.Of(seen.Servers!.First(s => $"{s.Id}" == orphan.Id)),
            OrphanKind.PrimaryIp => prices.Of(seen.PrimaryIps!.First(a => $"{a.Id}" == orphan.Id)),
            OrphanKind.Volume => prices.Of(seen.Volumes!.First(v => $"{v.Id}" == orphan.Id)),
            _ => null,
        };
    }

    /// <summary>Not in the list is not proof: a server may have lost its label. Only the provider's own "not found" is.</summary>
    private async Task<IReadOnlyList<Orphan>> LostAsync(ICloud cloud, IEnumerable<OwnServer> own, IReadOnlyList<CloudServer> servers, CancellationToken cancellation)
    {
        var lost = new List<Orphan>();
        foreach (var missing in own.Where(o => servers.All(s => s.Id != o.ServerId)))
            if ((await cloud.GetServerAsync(missing.ServerId, cancellation)).IsSuccess(out var server, out _) && server is null)
                lost.Add(new Orphan(OrphanKind.LostServer, $"{missing.ServerId}", missing.Fqdn, new JobId(missing.JobId), "a live job's server is gone", missing.IdentifiedAt, missing.MonthlyCents, Removable: false) { Project = ProjectName.Parse(missing.Project) });
        // It may have been taken down on purpose between the two looks.
        var still = (await orphans.OwnServersAsync(cancellation)).Select(o => $"{o.ServerId}").ToHashSet(StringComparer.Ordinal);
        return lost.Count == 0 ? lost : [.. lost.Where(o => still.Contains(o.Id))];
    }

    /// <param name="Problems">What could not be looked at.</param>
    private sealed record Look(int Found, int Removed, IReadOnlyList<string> Problems)
    {
        public static Look operator +(Look left, Look right) => new(left.Found + right.Found, left.Removed + right.Removed, [.. left.Problems, .. right.Problems]);
    }
}
