using System.Globalization;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Images;

/// <summary>One name has an image for x86 and one for arm: a server's type decides which is meant.</summary>
internal sealed class ImageFinder(HetznerBooks books)
{
    public (long? Id, Answer? Refusal) ForServer(string project, string idOrName, string architecture)
    {
        if (books.Catalogue.Images.FirstOrDefault(image => image.Name == idOrName && image.Architecture == architecture) is { } named)
        {
            return (named.Id, null);
        }

        if (!long.TryParse(idOrName, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return (null, Refusals.InvalidField("image", $"image '{idOrName}' not found"));
        }

        var snapshot = books.Snapshots.Find(id) is { } mine && mine.Project == project ? mine : null;
        var system = books.Catalogue.Images.FirstOrDefault(image => image.Id == (snapshot?.SystemImageId ?? id));
        return system is null ? (null, Refusals.InvalidField("image", $"image '{id}' not found"))
            : system.Architecture != architecture ? (null, Refusals.Invalid("image architecture does not match the architecture of the server type"))
            : (id, null);
    }
}
