using Wopr.Modules;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Checkout;

/// <summary>
/// What can be had at the moment, as far as it is known without asking the provider: its last catalogue, less what it
/// lately refused. When nothing is known everything counts as to be had; the job finds out.
/// </summary>
public sealed class Availability(KnownCatalogue known, StockMemory stock, Catalogue catalogue, ModuleCatalogue modules)
{
    /// <summary>Whether the order can be met, and with what, before anything is paid.</summary>
    public async Task<Placeable> OfAsync(Bundle bundle, StorageTier tier, string? wish, CancellationToken cancellation)
    {
        if (await known.AskAsync(cancellation) is not { } offers || NeededGb(bundle, tier) is not { } needed) return new Placeable(null, null);
        var marks = await stock.ReadAsync(cancellation);
        var ladder = Placement.Ladder(offers, needed, wish, marks);
        if (ladder.Count == 0) return new Placeable(ErrorCodes.ServerTypeNotFound, null);
        return marks.Has(ladder[0])
            ? new Placeable(ErrorCodes.SoldOut, null)
            : new Placeable(null, Placement.Substitution(ladder, ladder[0], wish));
    }

    /// <summary>Every location, and which tiers no bundle can be placed in there.</summary>
    public async Task<IReadOnlyList<LocationStock>> LocationsAsync(CancellationToken cancellation)
    {
        if (await known.AskAsync(cancellation) is not { } offers) return [];
        var marks = await stock.ReadAsync(cancellation);
        var sizes = catalogue.StorageTiers
            .Select(t => (t.Tier, Needed: catalogue.Bundles.Select(b => NeededGb(b, t)).OfType<decimal>().DefaultIfEmpty(t.MemoryGb).Min()))
            .ToList();
        return [.. offers.Locations.Select(location => Stock(location))];

        LocationStock Stock(CloudLocation location)
        {
            var ladders = sizes.Select(s => (s.Tier, Free: Placement.Ladder(offers, s.Needed, location.Name, marks).Where(r => !marks.Has(r)).ToList())).ToList();
            var soldOut = ladders.Where(l => l.Free.All(r => r.Location != location.Name)).ToList();
            var instead = soldOut.SelectMany(l => l.Free).Select(r => offers.Locations.First(o => o.Name == r.Location)).FirstOrDefault(l => l.Name != location.Name);
            return new LocationStock(location, [.. soldOut.Select(l => l.Tier)], soldOut.Count == ladders.Count, soldOut.Count == 0 ? null : instead);
        }
    }

    /// <summary>Null for a bundle that cannot be delivered yet.</summary>
    private decimal? NeededGb(Bundle bundle, StorageTier tier) =>
        modules.CanDeliver(bundle.Modules) && modules.Plan(bundle.Modules) is { IsSuccess: true } plan ? Placement.NeededGb(plan.Modules, tier) : null;
}

/// <summary>Whether an order can be met.</summary>
/// <param name="Refusal">Why it cannot; null when it can.</param>
/// <param name="Substitution">What differs from the order, in the customer's words; null when nothing does.</param>
public sealed record Placeable(ErrorCode? Refusal, string? Substitution)
{
    /// <summary>What the customer is told when it cannot be met.</summary>
    public string Detail => Refusal == ErrorCodes.ServerTypeNotFound
        ? "This size is not sold in that region: choose another location or size."
        : "This size is sold out in that region at the moment: choose another location or size, or come back in a quarter of an hour. Nothing has been ordered.";
}

/// <param name="SoldOutTiers">Storage tiers that cannot be placed in this location now.</param>
/// <param name="SoldOut">None can.</param>
/// <param name="Instead">Where in the same region such an order would go; null when nothing is sold out, or nowhere is room.</param>
public sealed record LocationStock(CloudLocation Location, IReadOnlyList<int> SoldOutTiers, bool SoldOut, CloudLocation? Instead);
