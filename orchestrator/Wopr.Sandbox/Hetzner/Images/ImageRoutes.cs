using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Images;

/// <summary>/images: the provider's own, and the project's snapshots.</summary>
internal sealed class ImageRoutes(HetznerBooks books)
{
    public void Map(RouteTable routes)
    {
        routes.Map("GET", "/images", List);
        routes.Map("GET", "/images/{id}", Get);
        routes.Map("PUT", "/images/{id}", Update);
        routes.Map("DELETE", "/images/{id}", Delete);
        routes.Map("POST", "/images/{id}/actions/change_protection", ChangeProtection);
    }

    public bool Exists(Call call, long id) => Mine(call, id) is not null || books.Catalogue.Images.Any(image => image.Id == id);

    private Answer List(Call call)
    {
        if (LabelSelector.Parse(call.Asked("label_selector") ?? "") is not { } selector)
        {
            return Refusals.InvalidField("label_selector", "is not a valid label selector");
        }

        bool Asked(string name, string value) => call.AskedAll(name) is not { Count: > 0 } values || values.Contains(value, StringComparer.Ordinal);

        var rows = books.Catalogue.Images
            .Where(image => Asked("type", "system") && Asked("status", "available") && Asked("architecture", image.Architecture)
                && Asked("name", image.Name) && selector.Matches(Labels.None) && call.Asked("bound_to") is null)
            .Select(image => new Row(image.Id, image.Name, image.Created, image.View()))
            .Concat(books.Snapshots.All
                .Where(image => image.Project == call.Account && Asked("type", image.Type)
                    && Asked("status", call.Now < image.AvailableAt ? "creating" : "available")
                    && Asked("architecture", SystemOf(image).Architecture)
                    && call.Asked("name") is null && selector.Matches(image.Labels)
                    && (call.AskedAll("bound_to").Count == 0 || image.Type == "backup"))
                .Select(image => new Row(image.Id, "", WireJson.Seconds(image.Created), View(call, image))));
        return Listing.Sort(call, rows, SortKey) is { } sorted
            ? Listing.Page(call, "images", sorted, row => row.View)
            : Refusals.InvalidField("sort", "is not a valid sort order");
    }

    private Answer Get(Call call) =>
        Mine(call, call.Id()) is { } snapshot ? new(200, new { image = View(call, snapshot) })
        : books.Catalogue.Images.FirstOrDefault(image => image.Id == call.Id()) is { } system ? new(200, new { image = system.View() })
        : Refusals.NotFound("image", call.Id());

    private Answer Update(Call call)
    {
        if (Mine(call, call.Id()) is not { } snapshot)
        {
            return Refusals.NotFound("image", call.Id());
        }

        var fields = new Fields(call.Body);
        var (description, type, labels) = (fields.Text("description"), fields.Text("type"), fields.Labels());
        if (type is not null and not "snapshot")
        {
            fields.Refuse("type", "can only be changed to snapshot");
        }

        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        snapshot = snapshot with { Description = description ?? snapshot.Description, Type = type ?? snapshot.Type, Labels = labels ?? snapshot.Labels };
        books.Snapshots.Put(snapshot);
        return new(200, new { image = View(call, snapshot) });
    }

    private Answer Delete(Call call)
    {
        if (Mine(call, call.Id()) is not { } snapshot)
        {
            return Refusals.NotFound("image", call.Id());
        }

        if (snapshot.DeleteProtected)
        {
            return Refusals.Protected("image deletion");
        }

        books.Snapshots.Remove(snapshot.Id);
        return new(204, null);
    }

    private Answer ChangeProtection(Call call)
    {
        if (Mine(call, call.Id()) is not { } snapshot)
        {
            return Refusals.NotFound("image", call.Id());
        }

        var fields = new Fields(call.Body);
        var delete = fields.Flag("delete", snapshot.DeleteProtected);
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        books.Snapshots.Put(snapshot with { DeleteProtected = delete });
        var action = books.StartAction(call.Account, "change_protection", call.Now, books.Pace.Other, [snapshot.Ref]);
        return new(201, new { action = action.View(call.Now) });
    }

    private Snapshot? Mine(Call call, long id) => books.Snapshots.Find(id) is { } snapshot && snapshot.Project == call.Account ? snapshot : null;

    private SystemImage SystemOf(Snapshot snapshot) => books.Catalogue.Images.First(image => image.Id == snapshot.SystemImageId);

    private object View(Call call, Snapshot snapshot) => snapshot.View(SystemOf(snapshot), call.Now);

    private static Func<Row, IComparable>? SortKey(string name) => name switch
    {
        "id" => row => row.Id,
        "name" => row => row.Name,
        "created" => row => row.Created,
        _ => null,
    };

    private sealed record Row(long Id, string Name, string Created, object View);
}
