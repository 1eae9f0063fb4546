using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Wopr.Platform;
using Wopr.Support;

namespace Wopr.Web.Pages;

/// <summary>The shop: one page, one form, one order.</summary>
public sealed class IndexModel(IShop shop, ErrorCatalogue catalogue, IIdSource ids, SiteInfo site) : PageModel
{
    private const int LongestKey = 100;

    public ShopView Shop { get; private set; } = null!;

    [BindProperty(Name = "bundle")] public string? Bundle { get; set; }

    [BindProperty(Name = "tier")] public string? Tier { get; set; }

    [BindProperty(Name = "location")] public string? Location { get; set; }

    [BindProperty(Name = "beacon_name")] public string? BeaconName { get; set; }

    [BindProperty(Name = "email")] public string? Email { get; set; }

    /// <summary>Makes a form that is sent twice one order.</summary>
    [BindProperty(Name = "idempotency_key")] public string? IdempotencyKey { get; set; }

    public IReadOnlyList<ShopProblem> Problems { get; private set; } = [];

    /// <summary>The bundle that the form shows as chosen, if it can be ordered.</summary>
    public ShopBundle? Chosen => Shop.Ready.FirstOrDefault(b => b.Id == Bundle);

    public int ChosenTier => int.TryParse(Tier, NumberStyles.None, CultureInfo.InvariantCulture, out var tier) ? tier : 0;

    public async Task OnGetAsync(string? bundle, CancellationToken cancellation)
    {
        Shop = await shop.ViewAsync(cancellation);
        Bundle = Shop.Ready.Any(b => b.Id == bundle) ? bundle : Shop.Ready.Count > 0 ? Shop.Ready[0].Id : null;
        Tier = "1";
        IdempotencyKey = NewKey();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        Shop = await shop.ViewAsync(cancellation);
        if (!Shop.Open) return Refuse([new ShopProblem("", ErrorCodes.PaymentNotConfigured, "Ordering is not possible at the moment.")]);
        // Without a key of its own a form cannot be told from another; it is shown again, with one.
        if (string.IsNullOrWhiteSpace(IdempotencyKey) || IdempotencyKey.Length > LongestKey)
            return Refuse([new ShopProblem("", ErrorCodes.OrderNotUnderstood, "This form was not complete. Please look through it and send it again.")]);

        var form = new ShopForm(Bundle, Tier, Location?.Trim(), BeaconName?.Trim().ToLowerInvariant(), Email?.Trim());
        return await shop.PlaceAsync(form, IdempotencyKey, cancellation) switch
        {
            // A form may lead to the known payment page only; to any other there is a link on a page of ours.
            ShopOutcome.Placed { PaymentPage: { } page } when page.GetLeftPart(UriPartial.Authority) == site.PaymentOrigin => SeeOther(page.ToString()),
            ShopOutcome.Placed { PaymentPage: not null } placed => SeeOther($"/payment/{placed.Job}"),
            ShopOutcome.Placed placed => SeeOther($"/setup/{placed.Job}"),
            ShopOutcome.Refused refused => Refuse(refused.Problems),
            var other => throw new InvalidOperationException($"no page for {other.GetType().Name}"),
        };
    }

    /// <summary>What is wrong with a field, or null.</summary>
    public ShopProblem? ProblemOf(string field) => Problems.FirstOrDefault(p => p.Field == field);

    public string TitleOf(ErrorCode code) => catalogue[code].Title;

    public static string CountryOf(string code) => code switch
    {
        "DE" => "Germany",
        "FI" => "Finland",
        "US" => "United States",
        "SG" => "Singapore",
        _ => code,
    };

    /// <summary>What is sold out at a location, and where an order for it would go.</summary>
    public string StockNote(ShopLocation location)
    {
        if (location.SoldOutTiers.Count == 0) return location.SoldOut ? " (sold out)" : "";
        var sizes = string.Join(", ", Shop.Tiers.Where(t => location.SoldOutTiers.Contains(t.Tier)).Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.StorageGb} GB")));
        var instead = location.Instead is { } city ? $"; {city} instead" : "";
        return location.SoldOut ? $" (sold out{instead})" : $" ({sizes} sold out{instead})";
    }

    private PageResult Refuse(IReadOnlyList<ShopProblem> problems)
    {
        Problems = problems;
        // The same key with other entries would be refused for ever; and a form without one needs one.
        if (string.IsNullOrWhiteSpace(IdempotencyKey) || IdempotencyKey.Length > LongestKey || problems.Any(p => p.Code == ErrorCodes.IdempotencyKeyReused))
            IdempotencyKey = NewKey();
        ModelState.Clear();
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Page();
    }

    private StatusCodeResult SeeOther(string address)
    {
        Response.Headers.Location = address;
        return StatusCode(StatusCodes.Status303SeeOther);
    }

    private string NewKey() => ids.NewId().ToString("N");
}
