using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wopr.Checkout;

/// <summary>What is sold: bundles and storage tiers, from <c>catalogue.json</c>. Prices are a month's, in cents of <see cref="Currency"/>.</summary>
public sealed record Catalogue(string Currency, IReadOnlyList<StorageTier> StorageTiers, IReadOnlyList<Bundle> Bundles)
{
    public static Catalogue Load()
    {
        using var stream = typeof(Catalogue).Assembly.GetManifestResourceStream("Wopr.Checkout.catalogue.json")
            ?? throw new InvalidOperationException("catalogue.json is not part of the build");
        return JsonSerializer.Deserialize(stream, CatalogueJson.Default.Catalogue) ?? throw new InvalidOperationException("catalogue.json holds nothing");
    }

    public Bundle? FindBundle(string? id) => Bundles.FirstOrDefault(b => b.Id == id);

    public StorageTier? FindTier(int tier) => StorageTiers.FirstOrDefault(t => t.Tier == tier);
}

/// <param name="Kind"><c>suite</c> or <c>pack</c>.</param>
/// <param name="MonthlyCents">One price per storage tier; null where the price is agreed in person and cannot be ordered here.</param>
public sealed record Bundle(string Id, string Name, string Kind, string Summary, IReadOnlyList<string> Modules, IReadOnlyList<int?> MonthlyCents)
{
    public int? PriceFor(int tier) => tier >= 1 && tier <= MonthlyCents.Count ? MonthlyCents[tier - 1] : null;
}

public sealed record StorageTier(int Tier, int StorageGb, int MemoryGb, int Users, int BackupDays);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Catalogue))]
internal sealed partial class CatalogueJson : JsonSerializerContext;
