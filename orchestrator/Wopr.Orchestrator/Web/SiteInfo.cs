namespace Wopr.Web;

/// <summary>What every page knows of the site.</summary>
/// <param name="Sandbox">True when nothing costs money; said on every page.</param>
/// <param name="Zone">The DNS zone that beacons are named in, such as <c>beacons.example</c>.</param>
public sealed record SiteInfo(bool Sandbox, string Zone);
