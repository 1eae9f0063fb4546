using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Wopr.Web;

/// <summary>
/// Endpoints that are found when an address is first looked up, not when the service starts: pages are found by reflection,
/// which takes its time.
/// </summary>
internal sealed class LaterEndpoints(IEndpointRouteBuilder app, Action<IEndpointRouteBuilder> map) : EndpointDataSource
{
    private readonly Lazy<IReadOnlyList<Endpoint>> found = new(() =>
    {
        var own = new Own(app);
        map(own);
        return [.. own.DataSources.SelectMany(source => source.Endpoints)];
    });

    public override IReadOnlyList<Endpoint> Endpoints => found.Value;

    /// <summary>They never change.</summary>
    public override IChangeToken GetChangeToken() => NullChangeToken.Singleton;

    private sealed class Own(IEndpointRouteBuilder app) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => app.ServiceProvider;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => app.CreateApplicationBuilder();
    }
}
