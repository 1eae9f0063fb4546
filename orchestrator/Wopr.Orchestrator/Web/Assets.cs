using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Wopr.Web;

/// <summary>The pages' own styles and scripts, read from the build once; addresses change with the content.</summary>
public sealed class Assets
{
    private const string Prefix = "assets/";

    private readonly FrozenDictionary<string, Asset> byName = typeof(Assets).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => Asset.Read(name[Prefix.Length..]))
        .ToFrozenDictionary(a => a.Name, StringComparer.Ordinal);

    /// <summary>The address of an asset; it may be kept for ever, for other content has another address.</summary>
    public string Url(string name) => $"/{Prefix}{name}?v={byName[name].Hash}";

    /// <summary>Bytes of all assets together.</summary>
    public int TotalBytes => byName.Values.Sum(a => a.Bytes.Length);

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapGet($"/{Prefix}{{name}}", (string name, HttpRequest request, Assets assets) => assets.Get(name, request))
            .AllowAnonymous().ExcludeFromDescription();

    private IResult Get(string name, HttpRequest request)
    {
        if (!byName.TryGetValue(name, out var asset)) return Results.NotFound();
        request.HttpContext.Response.Headers.CacheControl =
            request.Query["v"] == asset.Hash ? "public, max-age=31536000, immutable" : "no-cache";
        return Results.Bytes(asset.Bytes, asset.MediaType, entityTag: new EntityTagHeaderValue($"\"{asset.Hash}\""));
    }

    private sealed record Asset(string Name, string MediaType, byte[] Bytes, string Hash)
    {
        public static Asset Read(string name)
        {
            using var stream = typeof(Asset).Assembly.GetManifestResourceStream(Prefix + name)!;
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            var bytes = copy.ToArray();
            return new Asset(name, TypeOf(name), bytes, Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]);
        }

        private static string TypeOf(string name) => Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            var other => throw new InvalidOperationException($"no media type for {other}"),
        };
    }
}
