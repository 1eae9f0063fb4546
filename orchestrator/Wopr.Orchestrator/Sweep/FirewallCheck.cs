using Npgsql;
using Wopr.Incidents;
using Wopr.Platform;
using Wopr.Platform.Http;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Sweep;

/// <summary>
/// Looks whether the managed firewall of each project is what it should be, puts it right, waits for the provider's actions and looks
/// again. Each drift is an incident, closed by the look that finds nothing any more.
/// </summary>
public sealed class FirewallCheck(
    NpgsqlDataSource database, WorkQueue queue, FirewallRepair repair, IClouds clouds, OrphanStore orphans, IncidentStore incidents, Settings settings, TimeProvider time)
    : RecurringWork(database, queue)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // A firewall's actions take a few seconds; what takes longer is looked at in the next round.
    private const int MostPolls = 20;

    public static readonly WorkKey WorkKey = new("check_firewall", Guid.Empty);

    public override string Kind => WorkKey.Kind;

    protected override TimeSpan Period => settings.SweepPeriod;

    protected override TimeSpan FirstDelay => Period;

    protected override async Task<TimeSpan> RunAsync(WorkLease lease, CancellationToken cancellation)
    {
        using var scope = CallScope.Begin(CallPriority.Sweep);
        return await LookAsync(cancellation) ? Period : Shorter(Soon, Period);
    }

    /// <summary>True when each firewall is as it should be, now or before.</summary>
    public async Task<bool> LookAsync(CancellationToken cancellation)
    {
        var (servers, now) = await orphans.OwnServersNowAsync(cancellation);
        var well = true;
        foreach (var project in clouds.Projects.Select(p => p.Name))
            well &= await LookAsync(project, [.. servers.Where(s => s.Project == project.Value)], now, cancellation);
        return well;
    }

    private static IncidentCause CauseOf(ProjectName project) => new(project == ProjectName.Main ? "firewall" : $"firewall:{project}");

    private async Task<bool> LookAsync(ProjectName project, IReadOnlyList<OwnServer> servers, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!(await repair.CompareAsync(project, servers, now, cancellation)).IsSuccess(out var drift, out _)) return false;
        if (drift.Count > 0)
        {
            var found = drift.Select(d => d.What).ToList();
            var summary = $"the firewall {(project == ProjectName.Main ? "" : $"of the project '{project}' ")}has been changed: {string.Join("; ", found)}";
            await incidents.RaiseAsync(new Trouble(CauseOf(project), ErrorCodes.FirewallChanged, Severity.Critical, Job: null, summary, new { found, project = project.Value }), cancellation);
            if (!await RepairAsync(clouds.Of(project), drift, cancellation)) return false;
            if (!(await repair.CompareAsync(project, servers, now, cancellation)).IsSuccess(out drift, out _) || drift.Count > 0) return false;
        }
        await incidents.CloseAsync(CauseOf(project), "the firewall is as configured", cancellation);
        return true;
    }

    private async Task<bool> RepairAsync(ICloud cloud, IReadOnlyList<Drift> drift, CancellationToken cancellation)
    {
        var actions = new List<CloudAction>();
        foreach (var one in drift)
        {
            if (!(await one.RepairAsync(cancellation)).IsSuccess(out var started, out _)) return false;
            actions.AddRange(started);
        }
        return await AwaitAsync(cloud, actions, cancellation);
    }

    /// <summary>True when every action has succeeded.</summary>
    private async Task<bool> AwaitAsync(ICloud cloud, IReadOnlyList<CloudAction> actions, CancellationToken cancellation)
    {
        for (var polls = 0; actions.Any(a => a.Status == ActionStatus.Running) && polls < MostPolls; polls++)
        {
            await Task.Delay(Pause, time, cancellation);
            if (!(await cloud.GetActionsAsync([.. actions.Select(a => a.Id)], cancellation)).IsSuccess(out var now, out _)) return false;
            actions = now;
        }
        return actions.All(a => a.Status == ActionStatus.Success);
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
