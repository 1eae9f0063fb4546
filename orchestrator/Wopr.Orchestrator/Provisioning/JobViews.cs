using Wopr.Beacons;
using Wopr.Modules;
using Wopr.Verification;
using Wopr.Web;

namespace Wopr.Provisioning;

/// <summary>Jobs as the pages show them: the status that the API gives.</summary>
public sealed class JobViews(JobStatusReader reader, FirstSignIns signIns, ModuleCatalogue modules, BeaconAddresses addresses) : IJobViews
{
    public async Task<JobView?> FindAsync(JobId id, CancellationToken cancellation)
    {
        if (await reader.FindAsync(id, cancellation) is not { } status) return null;
        var signIn = status.State == "completed" ? await signIns.StateAsync(id, cancellation) : FirstSignInState.Closed;
        return new JobView(
            id,
            status.State,
            status.Stage,
            status.Progress,
            status.Module,
            new(status.Beacon.Name, status.Beacon.Fqdn, status.Beacon.Address, status.Beacon.Url),
            status.Bundle,
            status.Tier,
            status.CreatedAt,
            status.UpdatedAt,
            TimeSpan.FromSeconds(status.ElapsedSeconds),
            status.Estimate,
            status.IsOver,
            status.Substitution?.Message,
            status.Error is { } e ? new(e.Code, e.Title, e.WhatHappened, e.WhatWeDo, e.WhatYouCanDo) : null,
            [.. status.Modules.Select(m => new ModuleView(m.Id, m.Name, m.State))],
            [.. status.Apps.Select(a => new AppView(a.Id, a.Name, a.Summary, a.Url))],
            [.. status.Timeline.Select(t => new TimelineView(t.Seq, t.At, t.Kind, t.State, t.Stage, t.Module, t.Progress, t.Message, t.Code))])
        {
            SignIn = signIn == FirstSignInState.Closed ? null : new(signIn, SignInUrl(status.Beacon.Fqdn)),
            KeptUntil = status.KeptUntil,
            Refund = status.Refund is { } refund ? new(refund.State, refund.Cents, refund.Currency) : null,
        };
    }

    private string SignInUrl(string fqdn) => addresses.Of(modules.TryFind("authentik", out var module) ? module.HostOn(fqdn) ?? fqdn : fqdn).ToString();
}
