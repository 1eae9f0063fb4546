using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Wopr.Modules;
using Wopr.Support;

namespace Wopr.Checkout;

/// <summary>An order as it comes in, before anything of it is believed.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record OrderForm
{
    public string? Bundle { get; init; }
    public int? Tier { get; init; }
    public string? BeaconName { get; init; }
    public string? Email { get; init; }

    /// <summary>A provider location such as <c>fsn1</c>; null or empty means anywhere.</summary>
    public string? Location { get; init; }

    /// <summary><c>hosted</c>: the customer pays on a page of the payment provider. In the sandbox null means that it is paid at once.</summary>
    public string? Payment { get; init; }
}

/// <summary>One thing that is wrong with an order, and with which field.</summary>
public sealed record OrderProblem(string Field, ErrorCode Code, string Detail);

/// <summary>Turns a form into an order, or says everything that is wrong with it at once.</summary>
public sealed partial class OrderParser(Catalogue catalogue, ModuleCatalogue modules)
{
    /// <summary>The word for payment on a page of the payment provider.</summary>
    public const string Hosted = "hosted";

    /// <param name="locations">What the provider has; null when that is not known, and the job finds out.</param>
    public (Order? Order, IReadOnlyList<OrderProblem> Problems) Parse(OrderForm form, IReadOnlyCollection<string>? locations)
    {
        var problems = new List<OrderProblem>();
        var bundle = ParseBundle(form.Bundle, problems);
        var tier = catalogue.FindTier(form.Tier ?? 0);
        if (tier is null) problems.Add(new("tier", ErrorCodes.TierUnknown, "The storage tier is 1, 2 or 3."));
        var price = tier is null ? null : bundle?.PriceFor(tier.Tier);
        if (bundle is not null && tier is not null && price is null)
            problems.Add(new("tier", ErrorCodes.TierUnknown, $"{bundle.Name} in tier {tier.Tier} is sold by agreement only: write to us."));
        var (name, nameRefusal) = Checkout.BeaconName.Parse(form.BeaconName);
        if (nameRefusal is { } refusal)
            problems.Add(new("beacon_name", refusal, refusal == ErrorCodes.BeaconNameReserved
                ? "This name is reserved: choose another."
                : "A beacon name has 3 to 40 letters, digits or single hyphens, begins with a letter and does not end with a hyphen."));
        var email = EmailAddress.Parse(form.Email);
        if (email is null) problems.Add(new("email", ErrorCodes.EmailInvalid, "This is not an e-mail address that we can write to."));
        var location = string.IsNullOrWhiteSpace(form.Location) ? null : form.Location.Trim().ToLowerInvariant();
        if (location is not null && !(locations?.Contains(location) ?? LocationShape().IsMatch(location)))
            problems.Add(new("location", ErrorCodes.LocationUnknown, $"The location is one of {string.Join(", ", (locations ?? []).Order(StringComparer.Ordinal))}, or none for anywhere."));
        if (form.Payment is not (null or Hosted)) problems.Add(new("payment", ErrorCodes.OrderNotUnderstood, $"payment is {Hosted}, or is left out."));
        if (problems.Count > 0 || bundle is null || tier is null || name is null || email is null || price is null) return (null, problems);
        return (new Order(bundle, tier, name, email, location, price.Value, catalogue.Currency), []);
    }

    private Bundle? ParseBundle(string? id, List<OrderProblem> problems)
    {
        var bundle = catalogue.FindBundle(id?.Trim());
        if (bundle is null)
        {
            problems.Add(new("bundle", ErrorCodes.BundleUnknown, "There is no such bundle: GET /api/checkout/bundles lists them."));
            return null;
        }
        var lacking = modules.Lacking(bundle.Modules);
        if (lacking.Count == 0) return bundle;
        problems.Add(new("bundle", ErrorCodes.BundleNotReady, $"{bundle.Name} is not ready to be sold yet. {string.Join(' ', lacking.Select(l => $"{l.Name}: {l.Reason}"))}"));
        return null;
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{1,31}$", RegexOptions.CultureInvariant)]
    private static partial Regex LocationShape();
}
