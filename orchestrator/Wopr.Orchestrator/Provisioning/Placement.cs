using System.Globalization;
using Wopr.Checkout;
using Wopr.Modules;
using Wopr.Provisioning.Ports;

namespace Wopr.Provisioning;

/// <summary>
/// Which servers an order may get, best first. The provider's catalogue is asked; nothing about types is known here.
/// An order allows: x86 types with enough memory, and with cores of their own only where no type with shared cores has it; only the region of the wished location, any region
/// without a wish; at most one size up (<see cref="MostTimesTheMemory"/>), and nothing that costs more than
/// <see cref="MostTimesThePrice"/> times the cheapest that would do. The customer pays the same whatever is taken.
/// </summary>
public static class Placement
{
    /// <summary>Sizes double, so this is the smallest that fits and the next.</summary>
    public const int MostTimesTheMemory = 2;

    /// <summary>The same type costs up to three times as much in far regions; a beacon must still earn its server.</summary>
    public const int MostTimesThePrice = 4;

    // What Debian, Podman and the page cache need beside the modules, in MB.
    private const int SystemMemoryMb = 512;

    // A server of "4 GB" has a little less for programs; modules sleep most of the time. Measured needs may exceed by this factor.
    private const decimal Overcommit = 1.15m;

    /// <summary>The larger of what the storage tier promises and what the modules need, in GB.</summary>
    public static decimal NeededGb(IReadOnlyList<Module> modules, StorageTier tier) =>
        Math.Max(tier.MemoryGb, (modules.Sum(m => m.MemoryMb) + SystemMemoryMb) / 1024m / Overcommit);

    /// <summary>
    /// The wished location first, then the same type elsewhere in the region, then the next type: smaller before larger,
    /// cheaper before dearer. What the provider lately refused comes last but is still tried, and so does, among a type's
    /// locations, what its stock indicator denies: the indicator is only a hint.
    /// </summary>
    public static IReadOnlyList<LadderRung> Ladder(CloudCatalogue catalogue, decimal neededGb, string? wish, StockMarks marks)
    {
        var rungs = Allowed(catalogue, neededGb, wish)
            .GroupBy(c => c.Type)
            .OrderBy(g => g.Key.MemoryGb)
            .ThenBy(g => g.All(c => !c.Offer.Available))
            .ThenBy(g => g.Min(c => c.Offer.MonthlyGross))
            .ThenBy(g => g.Key.Name, StringComparer.Ordinal)
            .SelectMany(g => g
                .OrderByDescending(c => c.Offer.Location == wish)
                .ThenByDescending(c => c.Offer.Available)
                .ThenBy(c => c.Offer.MonthlyGross)
                .ThenBy(c => c.Offer.Location, StringComparer.Ordinal))
            .Select((c, i) => new LadderRung(
                c.Type.Name, c.Offer.Location, (int)Math.Round(c.Offer.MonthlyGross * 100m, MidpointRounding.AwayFromZero), c.Type.MemoryGb, FirstChoice: i == 0));
        return [.. rungs.OrderBy(marks.Has)];
    }

    /// <summary>What a customer is told when another server is taken than the first choice; null when it is as they wished.</summary>
    public static string? Substitution(IReadOnlyList<LadderRung> ladder, LadderRung taken, string? wish)
    {
        var first = ladder.FirstOrDefault(r => r.FirstChoice) ?? ladder[0];
        var parts = new List<string>();
        if (wish is not null && taken.Location != wish) parts.Add($"your beacon is placed in {taken.Location} instead of {wish}, in the same region");
        if (taken.ServerType != first.ServerType)
            parts.Add(taken.MemoryGb > first.MemoryGb
                ? $"it runs on a larger server ({taken.ServerType} instead of {first.ServerType}) at no extra cost to you"
                : $"it runs on another type of server with as much memory ({taken.ServerType} instead of {first.ServerType}) at no extra cost to you");
        return parts.Count == 0 ? null : $"The first choice is sold out at the moment: {string.Join("; ", parts)}.";
    }

    /// <summary>For operators: the types with enough memory that are on sale now and were not refused lately, wherever and at whatever price.</summary>
    public static string OnSale(CloudCatalogue catalogue, decimal neededGb, StockMarks marks)
    {
        var types = catalogue.ServerTypes
            .Where(t => t.Architecture == "x86" && t.MemoryGb >= neededGb)
            .Select(t => t with { Locations = [.. t.Locations.Where(l => !marks.All.ContainsKey((t.Name, l.Location)))] })
            .Where(t => t.Locations.Count > 0)
            .OrderBy(t => t.MemoryGb).ThenBy(t => t.Name, StringComparer.Ordinal)
            .Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Name} ({t.MemoryGb:0.#} GB, {t.CpuType}) in {string.Join("/", t.Locations.Select(l => l.Location))}"))
            .Take(12).ToList();
        return types.Count == 0 ? "nothing of that size is on sale anywhere" : $"on sale now: {string.Join(", ", types)}";
    }

    private static List<(CloudServerType Type, CloudOffer Offer)> Allowed(CloudCatalogue catalogue, decimal neededGb, string? wish)
    {
        var region = catalogue.Locations.FirstOrDefault(l => l.Name == wish)?.NetworkZone;
        var inRegion = catalogue.Locations.Where(l => wish is null || l.NetworkZone == region).Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        var fitting = catalogue.ServerTypes
            .Where(t => t.Architecture == "x86" && t.MemoryGb >= neededGb)
            .SelectMany(t => t.Locations.Where(o => inRegion.Contains(o.Location)).Select(o => (Type: t, Offer: o)))
            .ToList();
        if (fitting.Exists(IsShared)) fitting.RemoveAll(c => !IsShared(c));
        if (fitting.Count == 0) return [];
        var (smallest, cheapest) = (fitting.Min(c => c.Type.MemoryGb), fitting.Min(c => c.Offer.MonthlyGross));
        return [.. fitting.Where(c => c.Type.MemoryGb <= smallest * MostTimesTheMemory && c.Offer.MonthlyGross <= cheapest * MostTimesThePrice)];

        static bool IsShared((CloudServerType Type, CloudOffer Offer) candidate) => candidate.Type.CpuType == "shared";
    }
}
