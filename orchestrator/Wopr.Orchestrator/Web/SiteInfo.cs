namespace Wopr.Web;

/// <summary>What every page knows of the site.</summary>
/// <param name="Sandbox">True when nothing costs money; said on every page.</param>
/// <param name="Zone">The DNS zone that beacons are named in, such as <c>beacons.example</c>.</param>
/// <param name="PaymentOrigin">Where customers are sent to pay, such as <c>https://checkout.stripe.com</c>; null where nobody can.</param>
public sealed record SiteInfo(bool Sandbox, string Zone, string? PaymentOrigin = null);
