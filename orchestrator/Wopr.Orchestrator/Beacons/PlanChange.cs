using System.Globalization;
using Wopr.Checkout;
using Wopr.Modules;
using Wopr.Provisioning;

namespace Wopr.Beacons;

/// <summary>What an operator wants of a beacon's applications.</summary>
/// <param name="Add">Modules; what they require comes with them.</param>
/// <param name="Remove">Modules; nothing that stays may require them. Their data are kept on the beacon.</param>
/// <param name="Update">Nothing but the newest installer, which every new plan brings along.</param>
public sealed record PlanForm(string? Reason, IReadOnlyList<string>? Add = null, IReadOnlyList<string>? Remove = null, bool Update = false)
{
    public IReadOnlyList<string> Added => Add ?? [];
    public IReadOnlyList<string> Removed => Remove ?? [];
}

/// <summary>
/// The rules of bundles, held against a change of one beacon: the core stays and comes first, what a module requires
/// comes before it, memory suffices, no two modules publish the same port. Host names clash in no set of modules, and
/// the beacon's DNS is a wildcard.
/// </summary>
/// <param name="MemoryGb">What the beacon's server has.</param>
public sealed record PlanChange(ModuleCatalogue Catalogue, StorageTier Tier, decimal MemoryGb)
{
    /// <summary>The modules in their new order, or the reason why there are none.</summary>
    public (IReadOnlyList<Module>? Modules, string? Reason) Apply(IReadOnlyList<string> present, PlanForm form)
    {
        if (form.Added.Count + form.Removed.Count == 0 && !form.Update) return (null, "Say what to add, what to remove, or \"update\": true.");
        foreach (var id in form.Removed)
        {
            if (ModuleCatalogue.CoreOrder.Contains(id)) return (null, $"'{id}' belongs to the core, which every beacon needs.");
            if (!present.Contains(id)) return (null, $"The beacon has no module '{id}'.");
            if (form.Added.Contains(id)) return (null, $"'{id}' cannot be both added and removed.");
        }
        if (form.Added.FirstOrDefault(id => !Catalogue.Contains(id)) is { } unknown) return (null, $"There is no module '{unknown}'.");
        var stays = present.Except(form.Removed, StringComparer.Ordinal).ToList();
        if (stays.Find(id => !Catalogue.Contains(id)) is { } gone) return (null, $"'{gone}' is not in the newest installer any more: remove it too.");

        var plan = Catalogue.Plan(stays.Where(id => !ModuleCatalogue.CoreOrder.Contains(id)).Concat(form.Added));
        if (!plan.IsSuccess) return (null, $"{plan.Error}.");
        foreach (var id in form.Removed)
        {
            var needing = plan.Modules.Where(m => m.Requires.Any(r => r.Value == id)).Select(m => m.Id.Value).ToList();
            if (needing.Count > 0) return (null, $"'{id}' is needed by {string.Join(", ", needing)}.");
        }
        return Misfit(plan.Modules) is { } misfit ? (null, misfit) : (plan.Modules, null);
    }

    private string? Misfit(IReadOnlyList<Module> modules)
    {
        var clash = modules.SelectMany(m => m.Ports.Select(port => (Port: port, m.Id))).GroupBy(p => p.Port).FirstOrDefault(g => g.Count() > 1);
        if (clash is not null) return $"{string.Join(" and ", clash.Select(p => p.Id))} both publish port {clash.Key}.";
        var needed = Placement.NeededGb(modules, Tier);
        return needed <= MemoryGb
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"The applications need {needed:0.#} GB of memory and the server has {MemoryGb:0.#} GB.");
    }
}
