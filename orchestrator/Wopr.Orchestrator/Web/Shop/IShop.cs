using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Web;

/// <summary>What the shop page needs of the checkout.</summary>
public interface IShop
{
    Task<ShopView> ViewAsync(CancellationToken cancellation);

    /// <summary>Places the order once, however often it is sent with the same key.</summary>
    Task<ShopOutcome> PlaceAsync(ShopForm form, string idempotencyKey, CancellationToken cancellation);
}

/// <param name="Open">False when nothing can be bought at present: no payment provider is configured.</param>
/// <param name="Currency">ISO 4217, such as <c>USD</c>.</param>
public sealed record ShopView(
    bool Open, string Currency, IReadOnlyList<ShopTier> Tiers, IReadOnlyList<ShopBundle> Bundles, IReadOnlyList<ShopLocation> Locations)
{
    /// <summary>What can be ordered today.</summary>
    public IReadOnlyList<ShopBundle> Ready { get => field ??= [.. Bundles.Where(b => b.Ready)]; }

    public IReadOnlyList<ShopBundle> Coming { get => field ??= [.. Bundles.Where(b => !b.Ready)]; }
}

public sealed record ShopTier(int Tier, int StorageGb, int MemoryGb, int Users, int BackupDays);

/// <param name="Suite">True for a suite, false for a pack that serves one purpose.</param>
/// <param name="Apps">Module ids, without the core modules.</param>
/// <param name="MonthlyCents">One price per tier; null where it is agreed in person.</param>
/// <param name="Ready">False when it is announced but cannot be ordered yet.</param>
public sealed record ShopBundle(
    string Id, string Name, bool Suite, string Summary, IReadOnlyList<string> Apps, IReadOnlyList<int?> MonthlyCents, bool Ready);

/// <param name="Id">The provider's name, such as <c>fsn1</c>.</param>
/// <param name="Country">ISO 3166, such as <c>DE</c>.</param>
/// <param name="SoldOut">In every size.</param>
public sealed record ShopLocation(string Id, string City, string Country, bool SoldOut)
{
    /// <summary>Tiers that cannot be placed here at the moment.</summary>
    public IReadOnlyList<int> SoldOutTiers { get; init; } = [];

    /// <summary>The city of the same region where such an order would be placed; null when none is needed or has room.</summary>
    public string? Instead { get; init; }
}

/// <summary>The form as it was filled in: nothing of it is believed yet. An empty location means anywhere.</summary>
public sealed record ShopForm(string? Bundle, string? Tier, string? Location, string? BeaconName, string? Email);

/// <summary>One thing that is wrong, beside the field it belongs to.</summary>
/// <param name="Field"><c>bundle</c>, <c>tier</c>, <c>location</c>, <c>beacon_name</c> or <c>email</c>; empty when it concerns the whole order.</param>
/// <param name="Detail">Plain words for the customer.</param>
public sealed record ShopProblem(string Field, ErrorCode Code, string Detail);

/// <summary>What became of an order that was sent by the shop page.</summary>
public abstract record ShopOutcome
{
    private ShopOutcome()
    {
    }

    /// <param name="PaymentPage">Where the customer pays; null when nothing is left to pay.</param>
    public sealed record Placed(JobId Job, Uri? PaymentPage = null) : ShopOutcome;

    public sealed record Refused(IReadOnlyList<ShopProblem> Problems) : ShopOutcome;
}
