using Wopr.Checkout;
using Wopr.Installer;
using Wopr.Mail;
using Wopr.Modules;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>Turns the order into a plan: which modules in which order, which installer, which servers if they can be had.</summary>
public sealed class PaymentReceivedStep(Catalogue catalogue, ModuleCatalogue modules, InstallerShelf installers, IClouds clouds, StockMemory stock, CustomerMails mails) : IStep
{
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
        if (modules.Lacking(bundle.Modules) is [var lack, ..]) return Outcome.Fail(ErrorCodes.ManifestInvalid, $"'{lack.Id}' is withheld since the order: {lack.Reason}");

        if (!(await clouds.GetCatalogueAsync(cancellation)).IsSuccess(out var offers, out var failure)) return ProviderOutcome.For(failure, job);
        if (job.Location is { } wish && offers.Locations.All(l => l.Name != wish))
            return Outcome.Fail(ErrorCodes.LocationUnknown, $"the provider has no location '{wish}'; it has {string.Join(", ", offers.Locations.Select(l => l.Name))}");
        var needed = Placement.NeededGb(plan.Modules, tier);
        var marks = await stock.ReadAsync(cancellation);
        var ladder = Placement.Ladder(offers, needed, job.Location, marks);
        if (ladder.Count == 0)
            return Outcome.Fail(ErrorCodes.ServerTypeNotFound, $"no server type with {needed:0.#} GB is sold in the region of '{job.Location ?? "anywhere"}'; {Placement.OnSale(offers, needed, marks)}");

        var plannedModules = plan.Modules.Select(m => m.Id.Value).ToList();
        if (!mails.Write(job, Occasion.Received, out var mail, out var why)) return Outcome.Fail(ErrorCodes.StepFailedUnexpectedly, why);
        await context.Journal.PlanAsync(plannedModules, await installers.PinCurrentAsync(cancellation), ladder, Placement.Substitution(ladder, ladder[0], job.Location), mail, cancellation);
        return Outcome.Next(JobState.ProvisioningVps);
    }
}
