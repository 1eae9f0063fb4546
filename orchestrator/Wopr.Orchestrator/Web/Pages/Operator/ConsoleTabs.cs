using System.Security.Claims;
using Wopr.Operators.SignIn;

namespace Wopr.Web.Pages.Operator;

/// <summary>The console's pages, in the order in which they are offered.</summary>
public static class ConsoleTabs
{
    public const string Jobs = "Jobs";
    public const string Incidents = "Incidents";
    public const string Queue = "Queue";
    public const string Beacons = "Beacons";
    public const string Orphans = "Orphans";
    public const string Stock = "Stock";
    public const string Outbox = "Outbox";
    public const string Support = "Support";
    public const string Audit = "Audit log";
    public const string Access = "Access";

    private static readonly IReadOnlyList<(string Name, string Path, OperatorRole Least)> All =
    [
        (Jobs, "/operator", OperatorRole.Viewer),
        (Incidents, "/operator/incidents", OperatorRole.Viewer),
        (Queue, "/operator/queue", OperatorRole.Viewer),
        (Beacons, "/operator/beacons", OperatorRole.Viewer),
        (Orphans, "/operator/orphans", OperatorRole.Viewer),
        (Stock, "/operator/stock", OperatorRole.Viewer),
        (Outbox, "/operator/outbox", OperatorRole.Viewer),
        (Support, "/operator/support", OperatorRole.Viewer),
        (Audit, "/operator/audit", OperatorRole.Viewer),
        (Access, "/operator/access", OperatorRole.Admin),
    ];

    public static IEnumerable<(string Name, string Path)> For(ClaimsPrincipal user) => All.Where(t => user.May(t.Least)).Select(t => (t.Name, t.Path));
}
