using Wopr.Sandbox.Hetzner.Actions;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Volumes;

/// <param name="Size">In GB, 10 to 10,240.</param>
public sealed record Volume(
    long Id,
    string Project,
    string Name,
    DateTimeOffset Created,
    int Size,
    string Location,
    long? ServerId,
    string? Format,
    IReadOnlyDictionary<string, string> Labels,
    DateTimeOffset AvailableAt,
    DateTimeOffset LockedUntil,
    bool DeleteProtected = false) : IResource
{
    public ResourceRef Ref => new("volume", Id);

    public object View(Catalogue catalogue, DateTimeOffset now) => new
    {
        id = Id,
        created = WireJson.Seconds(Created),
        name = Name,
        server = ServerId,
        location = catalogue.Location(Location)!.View(),
        size = Size,
        linux_device = $"/dev/disk/by-id/scsi-0HC_Volume_{Id}",
        protection = new { delete = DeleteProtected },
        labels = Labels,
        status = now < AvailableAt ? "creating" : "available",
        format = Format,
    };
}
