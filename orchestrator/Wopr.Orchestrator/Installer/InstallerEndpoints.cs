using Microsoft.Net.Http.Headers;
using Wopr.Platform.OpenApi;
using Wopr.Support;

namespace Wopr.Installer;

/// <summary>Hands out the installer: the newest one, and every one that a job has pinned by its hash.</summary>
public static class InstallerEndpoints
{
    /// <summary>The address that user-data pins.</summary>
    public static string PathOf(string sha256) => $"/api/installer/{sha256}.tar.gz";

    private const string Gzip = "application/gzip";

    public static void MapInstaller(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/installer").AllowAnonymous().WithTags("Installer");
        group.MapMethods("/latest.tar.gz", Methods, (InstallerShelf shelf) => Tarball(shelf.Current.Bytes, shelf.Current.Sha256, "public, max-age=60"))
            .Named("installer", "The newest installer").AnswersRaw(200, Gzip);
        group.MapMethods("/latest.tar.gz.sha256", Methods, (InstallerShelf shelf) => Results.Text($"{shelf.Current.Sha256}  latest.tar.gz\n"))
            .Named("installerHash", "Its SHA-256, as sha256sum prints it").AnswersRaw(200, "text/plain");
        group.MapMethods("/{sha256:length(64)}.tar.gz", Methods, PinnedAsync).Named("pinnedInstaller", "An installer by its SHA-256; it never changes").AnswersRaw(200, Gzip).Refuses(404, ErrorCodes.NotFound);
    }

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    private static async Task<IResult> PinnedAsync(string sha256, InstallerShelf shelf, CancellationToken cancellation) =>
        await shelf.FindAsync(sha256, cancellation) is { } bytes
            ? Tarball(bytes, sha256, "public, max-age=31536000, immutable")
            : Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no installer with this SHA-256.");

    private static CachedFile Tarball(ReadOnlyMemory<byte> bytes, string sha256, string cache) =>
        new(Results.Bytes(bytes, Gzip, entityTag: new EntityTagHeaderValue($"\"{sha256}\"")), cache);

    internal sealed class CachedFile(IResult file, string cache) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = cache;
            return file.ExecuteAsync(httpContext);
        }
    }
}
