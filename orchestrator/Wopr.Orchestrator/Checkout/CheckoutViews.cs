using Wopr.Platform.OpenApi;
using Wopr.Provisioning;

namespace Wopr.Checkout;

/// <summary>What is sold.</summary>
/// <param name="Open">Whether anything can be bought here now.</param>
public sealed record ShopOffer(
    string Currency, string Zone, bool Sandbox, bool Open, IReadOnlyList<StorageTier> StorageTiers, IReadOnlyList<LocationOffer> Locations, IReadOnlyList<BundleOffer> Bundles);

/// <param name="SoldOutTiers">Storage tiers of which nothing is left there.</param>
/// <param name="Instead">The location that would be taken, where this one is sold out.</param>
public sealed record LocationOffer(string Id, string City, string Country, string Region, bool SoldOut, IReadOnlyList<int> SoldOutTiers, string? Instead);

/// <param name="Ready">Whether it can be ordered.</param>
/// <param name="MonthlyCents">One price per storage tier; null where it is agreed in person.</param>
public sealed record BundleOffer(string Id, string Name, string Kind, string Summary, bool Ready, IReadOnlyList<BundleModule> Modules, IReadOnlyList<int?> MonthlyCents);

/// <param name="Reason">Why it cannot be delivered.</param>
public sealed record BundleModule(string Id, string Name, bool Ready, string? Reason);

/// <param name="Code">Why it is not to be had.</param>
/// <param name="Substitution">What would be taken instead of the wish, in plain words.</param>
public sealed record AvailabilityView(bool Available, string? Code, string? Message, string? Substitution);

/// <param name="Code">Why it cannot be had.</param>
public sealed record NameView(string Name, bool Free, string? Code);

/// <summary>An order that was taken, or is held until it is paid for.</summary>
/// <param name="Repeated">True when the order was known already; nothing was done again.</param>
/// <param name="PaymentUrl">Where to pay; null when nothing is to be paid any more.</param>
/// <param name="PayUntil">How long the name is held.</param>
/// <param name="Substitution">What is taken instead of the wish, in plain words.</param>
public sealed record Placed(
    string JobId, bool Repeated, string StatusUrl, string StreamUrl, string SetupUrl, string? PaymentUrl, string? PaymentStatusUrl, DateTimeOffset? PayUntil, string? Substitution);

/// <summary>How the checkout looks in the API's document.</summary>
internal static class CheckoutExamples
{
    public static readonly OrderForm Order = new() { Bundle = "starter", Tier = 1, BeaconName = "alice", Email = "alice@example.com", Location = "fsn1" };

    public static readonly Placed Placed = new(
        JobExamples.Job.ToString(), false, $"/api/provision/{JobExamples.Job}/status", $"/api/provision/{JobExamples.Job}/stream", $"/setup/{JobExamples.Job}", null, null, null, null);

    public static readonly ShopOffer Shop = new(
        "EUR", "beacons.example", false, true, [new(1, 50, 4, 5, 7)], [new("fsn1", "Falkenstein", "DE", "eu-central", false, [], null)],
        [new("starter", "Starter", "suite", "Files, passwords and tasks", true, [new("nextcloud", "Nextcloud", true, null)], [1599, 2599, 4599])]);
}
