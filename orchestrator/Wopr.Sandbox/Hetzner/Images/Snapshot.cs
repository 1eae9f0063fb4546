using Wopr.Sandbox.Hetzner.Actions;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Images;

/// <summary>An image made of a server; what a machine's disk held is not kept.</summary>
/// <param name="Name">The project's snapshots have no names on the wire; this is empty.</param>
/// <param name="SystemImageId">What the server was made from: a snapshot boots like it.</param>
public sealed record Snapshot(
    long Id,
    string Project,
    string Name,
    DateTimeOffset Created,
    string Description,
    string Type,
    long ServerId,
    string ServerName,
    int DiskSize,
    long SystemImageId,
    IReadOnlyDictionary<string, string> Labels,
    DateTimeOffset AvailableAt,
    bool DeleteProtected = false) : IResource
{
    public ResourceRef Ref => new("image", Id);

    public object View(SystemImage system, DateTimeOffset now) => new
    {
        id = Id,
        type = Type,
        status = now < AvailableAt ? "creating" : "available",
        name = (string?)null,
        description = Description,
        image_size = now < AvailableAt ? null : (double?)2.3,
        disk_size = DiskSize,
        created = WireJson.Seconds(Created),
        created_from = new { id = ServerId, name = ServerName },
        bound_to = Type == "backup" ? ServerId : (long?)null,
        os_flavor = system.OsFlavor,
        os_version = system.OsVersion,
        rapid_deploy = false,
        protection = new { delete = DeleteProtected },
        deprecated = (string?)null,
        deleted = (string?)null,
        labels = Labels,
        architecture = system.Architecture,
    };
}
