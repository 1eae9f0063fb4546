using Wopr.Sandbox.Hetzner.Actions;
using Wopr.Sandbox.Hetzner.Servers;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Volumes;

/// <summary>/volumes: made, attached, grown and deleted. What is written to them is not kept.</summary>
internal sealed class VolumeRoutes(HetznerBooks books)
{
    private const int MaxSize = 10240;

    public void Map(RouteTable routes)
    {
        routes.Map("GET", "/volumes", call => Listing.Resources(
            call,
            "volumes",
            books.Volumes.All.Where(volume => call.AskedAll("status") is not { Count: > 0 } states
                || states.Contains(call.Now < volume.AvailableAt ? "creating" : "available", StringComparer.Ordinal)),
            volume => volume.View(books.Catalogue, call.Now)));
        routes.Map("POST", "/volumes", Create);
        routes.Map("GET", "/volumes/{id}", call => With(call, volume => View(call, 200, volume)));
        routes.Map("PUT", "/volumes/{id}", call => With(call, volume => Update(call, volume)));
        routes.Map("DELETE", "/volumes/{id}", call => With(call, volume => Delete(call, volume)));
        routes.Map("POST", "/volumes/{id}/actions/attach", call => Unlocked(call, volume => Attach(call, volume)));
        routes.Map("POST", "/volumes/{id}/actions/detach", call => Unlocked(call, volume => volume.ServerId is null
            ? Refusals.Invalid("volume is not attached")
            : Run(call, volume with { ServerId = null }, "detach_volume", volume.ServerId)));
        routes.Map("POST", "/volumes/{id}/actions/resize", call => Unlocked(call, volume => Resize(call, volume)));
        routes.Map("POST", "/volumes/{id}/actions/change_protection", call => With(call, volume => ChangeProtection(call, volume)));
    }

    private Answer Create(Call call)
    {
        var fields = new Fields(call.Body);
        var (name, labels, format) = (fields.Name(required: true), fields.Labels(), fields.Text("format"));
        var (size, serverId) = (fields.Number("size", required: true, min: 10, max: MaxSize), fields.Number("server"));
        var server = serverId is { } id && Server(call, id) is { } found ? found : null;
        var location = books.Catalogue.Location(server?.Location ?? fields.IdOrName("location") ?? "");
        if (location is null && serverId is null)
        {
            fields.Refuse("location", "either a location or a server is needed");
        }

        if (format is not null and not "ext4" and not "xfs")
        {
            fields.Refuse("format", "must be ext4 or xfs");
        }

        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (serverId is not null && server is null)
        {
            return Refusals.NotFound("server", serverId.Value);
        }

        if (books.Volumes.All.Any(other => other.Project == call.Account && other.Name == name))
        {
            return Refusals.NotUnique("volume name is already used", "name");
        }

        var volumeId = books.NextId();
        var me = new ResourceRef("volume", volumeId);
        var create = books.StartAction(call.Account, "create_volume", call.Now, books.Pace.Other, [me]);
        var attach = server is null ? null : books.StartAction(call.Account, "attach_volume", call.Now, books.Pace.Other, [me, new("server", server.Id)], after: create);
        var volume = new Volume(
            volumeId, call.Account, name!, call.Now, (int)size!.Value, location!.Name, server?.Id, format, labels ?? Labels.None,
            create.Finishes, (attach ?? create).Finishes);
        books.Volumes.Put(volume);
        return new(201, new
        {
            volume = volume.View(books.Catalogue, call.Now),
            action = create.View(call.Now),
            next_actions = attach is null ? [] : new[] { attach.View(call.Now) },
        });
    }

    private Answer Update(Call call, Volume volume)
    {
        var fields = new Fields(call.Body);
        var (name, labels) = (fields.Name(required: false), fields.Labels());
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (books.Volumes.All.Any(other => other.Project == call.Account && other.Name == name && other.Id != volume.Id))
        {
            return Refusals.NotUnique("volume name is already used", "name");
        }

        volume = volume with { Name = name ?? volume.Name, Labels = labels ?? volume.Labels };
        books.Volumes.Put(volume);
        return View(call, 200, volume);
    }

    private Answer Delete(Call call, Volume volume)
    {
        if (volume.DeleteProtected)
        {
            return Refusals.Protected("volume deletion");
        }

        if (call.Now < volume.LockedUntil)
        {
            return Refusals.Locked("volume");
        }

        if (volume.ServerId is not null)
        {
            return Refusals.Of(422, "resource_in_use", "volume is still attached to a server");
        }

        books.Volumes.Remove(volume.Id);
        return new(204, null);
    }

    private Answer Attach(Call call, Volume volume)
    {
        var fields = new Fields(call.Body);
        var serverId = fields.Number("server", required: true);
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        return Server(call, serverId!.Value) is not { } server ? Refusals.NotFound("server", serverId.Value)
            : volume.ServerId is not null ? Refusals.Invalid("volume is already attached to a server")
            : volume.Location != server.Location ? Refusals.Invalid("server and volume must be in the same location")
            : server.IsLockedAt(call.Now) ? Refusals.Locked("server")
            : Run(call, volume with { ServerId = server.Id }, "attach_volume", server.Id);
    }

    private Answer Resize(Call call, Volume volume)
    {
        var fields = new Fields(call.Body);
        var size = fields.Number("size", required: true, min: volume.Size + 1, max: MaxSize);
        return fields.Refusal ?? Run(call, volume with { Size = (int)size!.Value }, "resize_volume");
    }

    private Answer ChangeProtection(Call call, Volume volume)
    {
        var fields = new Fields(call.Body);
        var delete = fields.Flag("delete", volume.DeleteProtected);
        return fields.Refusal ?? Run(call, volume with { DeleteProtected = delete }, "change_protection");
    }

    private Answer Run(Call call, Volume volume, string command, long? server = null)
    {
        var action = books.StartAction(
            call.Account, command, call.Now, books.Pace.Other, server is { } id ? [volume.Ref, new("server", id)] : [volume.Ref]);
        books.Volumes.Put(volume with { LockedUntil = action.Finishes });
        return new(201, new { action = action.View(call.Now) });
    }

    private Answer Unlocked(Call call, Func<Volume, Answer> then) =>
        With(call, volume => call.Now < volume.LockedUntil ? Refusals.Locked("volume") : then(volume));

    private Answer With(Call call, Func<Volume, Answer> then) =>
        books.Volumes.Find(call.Id()) is { } volume && volume.Project == call.Account ? then(volume) : Refusals.NotFound("volume", call.Id());

    private Server? Server(Call call, long id) => books.Servers.Find(id) is { } server && server.Project == call.Account ? server : null;

    private Answer View(Call call, int status, Volume volume) => new(status, new { volume = volume.View(books.Catalogue, call.Now) });
}
