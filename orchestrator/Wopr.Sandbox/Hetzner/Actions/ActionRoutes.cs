using System.Globalization;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Actions;

/// <summary>/actions by id, and each resource's own list of them.</summary>
internal sealed class ActionRoutes(HetznerBooks books)
{
    public void Map(RouteTable routes)
    {
        routes.Map("GET", "/actions", Many);
        routes.Map("GET", "/actions/{id}", call => One(call, call.Id(), _ => true));
    }

    /// <summary>The four lists under <c>/servers</c>, <c>/firewalls</c>, ….</summary>
    public void MapFor(RouteTable routes, string plural, string type, Func<Call, long, bool> exists)
    {
        routes.Map("GET", $"/{plural}/actions", call =>
            List(call, books.Actions.All.Where(action => Concerns(action, type))));
        routes.Map("GET", $"/{plural}/actions/{{id}}", call => One(call, call.Id(), action => Concerns(action, type)));
        routes.Map("GET", $"/{plural}/{{id}}/actions", call => exists(call, call.Id())
            ? List(call, books.ActionsByResource[new(type, call.Id())])
            : Refusals.NotFound(type, call.Id()));
        routes.Map("GET", $"/{plural}/{{id}}/actions/{{action_id}}", call =>
            One(call, call.Id("action_id"), action => action.Resources.Contains(new(type, call.Id()))));
    }

    /// <summary>Only what is asked for by id, without pages; listing everything was removed.</summary>
    private Answer Many(Call call)
    {
        var asked = call.AskedAll("id");
        if (asked.Count == 0)
        {
            return Refusals.Gone("2025-01-30-listing-arbitrary-actions-in-the-actions-list-endpoint-is-removed");
        }

        return Ids(asked) is not { } ids
            ? Refusals.InvalidField("id", "must be a list of IDs")
            : new(200, new
            {
                actions = ids.Order().Select(books.Actions.Find).OfType<CloudAction>()
                    .Where(action => action.Project == call.Account)
                    .Select(action => action.View(call.Now)),
            });
    }

    private static Answer List(Call call, IEnumerable<CloudAction> rows)
    {
        var (states, asked) = (call.AskedAll("status"), call.AskedAll("id"));
        if (Ids(asked) is not { } ids)
        {
            return Refusals.InvalidField("id", "must be a list of IDs");
        }

        var found = rows.Where(action => action.Project == call.Account
            && (ids.Count == 0 || ids.Contains(action.Id))
            && (states.Count == 0 || states.Contains(action.StatusAt(call.Now), StringComparer.Ordinal)));
        return Listing.Sort(call, found, name => SortKey(name, call.Now)) is { } sorted
            ? Listing.Page(call, "actions", sorted, action => action.View(call.Now))
            : Refusals.InvalidField("sort", "is not a valid sort order");
    }

    private Answer One(Call call, long id, Func<CloudAction, bool> fits) =>
        books.Actions.Find(id) is { } action && action.Project == call.Account && fits(action)
            ? new(200, new { action = action.View(call.Now) })
            : Refusals.NotFound("action", id);

    private static Func<CloudAction, IComparable>? SortKey(string name, DateTimeOffset now) => name switch
    {
        "id" => action => action.Id,
        "command" => action => action.Command,
        "status" => action => action.StatusAt(now),
        "started" => action => action.Started,
        "finished" => action => action.Finishes,
        _ => null,
    };

    private static HashSet<long>? Ids(IReadOnlyList<string> asked)
    {
        var ids = new HashSet<long>();
        foreach (var text in asked)
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                return null;
            }

            ids.Add(id);
        }

        return ids;
    }

    private static bool Concerns(CloudAction action, string type) => action.Resources.Any(resource => resource.Type == type);
}
