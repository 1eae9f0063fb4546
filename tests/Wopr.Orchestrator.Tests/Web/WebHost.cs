using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Support;
using Wopr.Web;

namespace Wopr.Orchestrator.Tests.Web;

/// <summary>The pages on a real port, with what is behind them made up.</summary>
internal sealed class WebHost : IAsyncDisposable
{
    private readonly TestHost host;

    private WebHost(TestHost host, FakeShop shop, FakeJobs jobs, FakeDesk desk) => (this.host, Shop, Jobs, Desk) = (host, shop, jobs, desk);

    public FakeShop Shop { get; }

    public FakeJobs Jobs { get; }

    public FakeDesk Desk { get; }

    public HttpClient Client => host.Client;

    public static async Task<WebHost> StartAsync(bool sandbox = true, Action<WebApplication>? more = null)
    {
        var (shop, jobs) = (new FakeShop(), new FakeJobs());
        var desk = new FakeDesk(jobs);
        var started = await TestHost.StartAsync(
            builder => builder.Services
                .AddSupport()
                .AddWeb()
                .AddSingleton(new SiteInfo(sandbox, "beacons.example"))
                .AddSingleton<Wopr.Platform.IIdSource, Wopr.Platform.RandomIdSource>()
                .AddSingleton<IShop>(shop)
                .AddSingleton<IJobViews>(jobs)
                .AddSingleton<Wopr.Operators.IOperatorDesk>(desk)
                .AddSingleton<IOperatorSignIn, FakeSignIn>(),
            app =>
            {
                app.UseWeb();
                app.MapSupport();
                app.MapWeb();
                more?.Invoke(app);
                app.MapGet("/broken", string () => throw new InvalidOperationException("secret detail"));
            });
        return new WebHost(started, shop, jobs, desk);
    }

    /// <summary>Asks as a browser does.</summary>
    public async Task<(HttpResponseMessage Response, string Html)> OpenAsync(string path, string? cookie = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request, cookie);
    }

    /// <summary>Sends a form as a browser does.</summary>
    public async Task<(HttpResponseMessage Response, string Html)> SubmitAsync(string path, IEnumerable<(string Name, string Value)> fields, string? cookie = null, string site = "same-origin")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))),
        };
        request.Headers.Add("Sec-Fetch-Site", site);
        return await SendAsync(request, cookie);
    }

    public async ValueTask DisposeAsync() => await host.DisposeAsync();

    private async Task<(HttpResponseMessage Response, string Html)> SendAsync(HttpRequestMessage request, string? cookie)
    {
        request.Headers.Add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        var response = await Client.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }
}
