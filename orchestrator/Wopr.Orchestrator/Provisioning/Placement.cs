using Wopr.Provisioning.Ports;

namespace Wopr.Provisioning;

/// <summary>Which servers an order may get, best first. The provider's catalogue is asked; nothing about types is known here.</summary>
public static class Placement
{
    /// <summary>
    /// x86 types with shared cores and enough memory, smallest first: each in the wished location, then in the other
    /// locations of the same region, then the next larger type. Without a wish the locations stand in order of price.
    /// A type whose stock indicator says no comes after its equals, but is still tried: the indicator is only a hint.
    /// </summary>
    /// <param name="neededMemoryGb">The larger of what the storage tier promises and what the modules need, in GB.</param>
    public static IReadOnlyList<LadderRung> Ladder(CloudCatalogue catalogue, decimal neededMemoryGb, string? wish)
    {
        var region = catalogue.Locations.FirstOrDefault(l => l.Name == wish)?.NetworkZone;
        var allowed = catalogue.Locations.Where(l => region is null || l.NetworkZone == region).Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. catalogue.ServerTypes
                .Where(t => t.Architecture == "x86" && t.CpuType == "shared" && t.MemoryGb >= neededMemoryGb)
                .SelectMany(t => t.Locations.Where(o => allowed.Contains(o.Location)).Select(o => (Type: t, Offer: o)))
                .OrderBy(c => c.Type.MemoryGb)
                .ThenByDescending(c => c.Offer.Location == wish)
                .ThenByDescending(c => c.Offer.Available)
                .ThenBy(c => c.Offer.MonthlyGross)
                .ThenBy(c => c.Type.Name, StringComparer.Ordinal)
                .ThenBy(c => c.Offer.Location, StringComparer.Ordinal)
                .Select(c => new LadderRung(c.Type.Name, c.Offer.Location, (int)Math.Round(c.Offer.MonthlyGross * 100m, MidpointRounding.AwayFromZero))),
        ];
    }

    /// <summary>What a customer is told when another server is taken than the first choice; null when nothing they chose changes.</summary>
    public static string? Substitution(LadderRung first, LadderRung taken, string? wish)
    {
        var parts = new List<string>();
        if (wish is not null && taken.Location != wish) parts.Add($"your beacon is placed in {taken.Location} instead of {wish}, in the same region");
        if (taken.ServerType != first.ServerType) parts.Add($"it runs on a larger server ({taken.ServerType} instead of {first.ServerType}) at no extra cost to you");
        if (parts.Count == 0) return null;
        var text = string.Join("; ", parts);
        return $"The first choice is sold out at the moment: {text}.";
    }
}
