namespace Wopr.Browser.Tests.Site;

/// <summary>Every page there is, for what holds for all of them.</summary>
public static class PageList
{
    /// <param name="job">The job whose pages are meant.</param>
    /// <param name="unpaid">The order that nobody has paid for.</param>
    public static IReadOnlyList<(string Name, string Path)> OfCustomers(string? job, string unpaid) =>
    [
        ("shop", "/"), ("help", "/support"), ("code", "/support/HETZ-005"), ("missing", "/nothing-here"), ("sign-in", "/operator/sign-in"), ("payment", $"/payment/{unpaid}"),
        .. job is null ? Array.Empty<(string, string)>() : [("setup", $"/setup/{job}")],
    ];

    /// <param name="job">The job whose pages are meant.</param>
    /// <param name="ready">Whether it became a beacon, which has a page of its own.</param>
    public static IReadOnlyList<(string Name, string Path)> OfOperators(string? job, bool ready = true) =>
    [
        ("jobs", "/operator"), ("incidents", "/operator/incidents"), ("queue", "/operator/queue"), ("beacons", "/operator/beacons"), ("orphans", "/operator/orphans"),
        ("stock", "/operator/stock"), ("outbox", "/operator/outbox"), ("mails", "/operator/mails"), ("support", "/operator/support"), ("audit", "/operator/audit"), ("access", "/operator/access"),
        .. job is null ? Array.Empty<(string, string)>() : [("job", $"/operator/jobs/{job}?tries=true")],
        .. job is null || !ready ? Array.Empty<(string, string)>() : [("beacon", $"/operator/beacons/{job}")],
    ];
}
