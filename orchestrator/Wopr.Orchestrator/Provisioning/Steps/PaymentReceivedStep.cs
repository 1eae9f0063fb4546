using Wopr.Checkout;
using Wopr.Installer;
using Wopr.Mail;
using Wopr.Modules;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>Turns the order into a plan: which modules in which order, which installer, which servers if they can be had.</summary>
public sealed class PaymentReceivedStep(Catalogue catalogue, ModuleCatalogue modules, InstallerShelf installers, ICloudProvider cloud, CustomerMails mails) : IStep
{
    // What Debian, Podman and the page cache need beside the modules, in MB.
    private const int SystemMemoryMb = 512;

    // A server of "4 GB" has a little less for programs; modules sleep most of the time. Measured needs may exceed by this factor.
    private const decimal Overcommit = 1.15m;

    public JobState State => JobState.PaymentReceived;
    public TimeSpan? Deadline => TimeSpan.FromHours(1);

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        var job = context.Job;
        var bundle = catalogue.FindBundle(job.Bundle);
        var tier = catalogue.FindTier(job.Tier);
        if (bundle is null || tier is null) return Outcome.Fail(ErrorCodes.BundleUnknown, $"bundle {job.Bundle} tier {job.Tier} is not in the catalogue any more");

        var plan = modules.Plan(bundle.Modules);
        if (!plan.IsSuccess) return Outcome.Fail(plan.Error.Code, plan.Error.ToString());

        if (!(await cloud.GetCatalogueAsync(cancellation)).IsSuccess(out var offers, out var failure)) return ProviderOutcome.For(failure, job);
        if (job.Location is { } wish && offers.Locations.All(l => l.Name != wish))
            return Outcome.Fail(ErrorCodes.LocationUnknown, $"the provider has no location '{wish}'; it has {string.Join(", ", offers.Locations.Select(l => l.Name))}");
        var ladder = Placement.Ladder(offers, NeededGb(plan.Modules, tier), job.Location);
        if (ladder.Count == 0) return Outcome.Fail(ErrorCodes.SoldOut, $"no server type has {NeededGb(plan.Modules, tier)} GB in the region of '{job.Location ?? "anywhere"}'");

        await context.Journal.PlanAsync([.. plan.Modules.Select(m => m.Id.Value)], installers.Current.Sha256, ladder, cancellation);
        if (await mails.PostAsync(context, Occasion.Received, cancellation) is { } why) return Outcome.Fail(ErrorCodes.StepFailedUnexpectedly, why);
        return Outcome.Next(JobState.ProvisioningVps);
    }

    internal static decimal NeededGb(IReadOnlyList<Module> modules, StorageTier tier)
    {
        var needed = (modules.Sum(m => m.MemoryMb) + SystemMemoryMb) / 1024m / Overcommit;
        return Math.Max(tier.MemoryGb, needed);
    }
}
