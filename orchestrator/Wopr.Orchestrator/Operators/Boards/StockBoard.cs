using Wopr.Checkout;
using Wopr.Modules;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Operators.Boards;

/// <summary>What is sold, and on what it could be put now: the provider's last catalogue, less what it lately refused.</summary>
public sealed class StockBoard(KnownCatalogue known, StockMemory stock, Catalogue catalogue, ModuleCatalogue modules)
{
    public async Task<StockView> ReadAsync(CancellationToken cancellation)
    {
        var offers = await known.AskAsync(cancellation);
        var marks = await stock.ReadAsync(cancellation);
        return new StockView(
            catalogue.Currency,
            [.. catalogue.Bundles.Select(b => new BundleFacts(b.Id, b.Name, b.MonthlyCents, NeededGb(b), [.. b.Modules.Where(m => !modules.Contains(m))]))],
            offers?.Locations.Select(l => l.Name).ToList() ?? [],
            offers?.ServerTypes.Select(t => TypeOf(t, marks)).ToList() ?? []);
    }

    private static ServerTypeFacts TypeOf(CloudServerType type, StockMarks marks) => new(
        type.Name, type.Cores, type.MemoryGb, type.DiskGb,
        [.. type.Locations.Select(o => new OfferFacts(o.Location, o.Available, o.MonthlyGross, marks.All.TryGetValue((type.Name, o.Location), out var code) ? code.Value : null))]);

    private decimal? NeededGb(Bundle bundle) =>
        catalogue.StorageTiers.Count > 0 && bundle.Modules.All(modules.Contains) && modules.Plan(bundle.Modules) is { IsSuccess: true } plan
            ? Placement.NeededGb(plan.Modules, catalogue.StorageTiers[0])
            : null;
}

/// <param name="Currency">Of what customers pay; the provider's prices are in euros with tax.</param>
/// <param name="ServerTypes">Empty when the provider has never answered.</param>
public sealed record StockView(string Currency, IReadOnlyList<BundleFacts> Bundles, IReadOnlyList<string> Locations, IReadOnlyList<ServerTypeFacts> ServerTypes);

/// <param name="NeededGb">Memory of the smallest tier; null while modules are missing.</param>
/// <param name="Missing">Modules that are not there yet, so that the bundle cannot be ordered.</param>
public sealed record BundleFacts(string Id, string Name, IReadOnlyList<int?> MonthlyCents, decimal? NeededGb, IReadOnlyList<string> Missing);

public sealed record ServerTypeFacts(string Name, int Cores, decimal MemoryGb, int DiskGb, IReadOnlyList<OfferFacts> Offers);

/// <param name="Available">The provider's own hint.</param>
/// <param name="Refused">The code of a refusal within the last quarter of an hour; null: none.</param>
public sealed record OfferFacts(string Location, bool Available, decimal MonthlyGross, string? Refused);
