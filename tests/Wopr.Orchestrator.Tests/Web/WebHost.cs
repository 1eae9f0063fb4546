using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Support;
using Wopr.Web;

namespace Wopr.Orchestrator.Tests.Web;

/// <summary>The pages on a real port, with what is behind them made up.</summary>
internal sealed partial class WebHost : IAsyncDisposable
{
    private readonly TestHost host;

    private WebHost(TestHost host, FakeShop shop, FakeJobs jobs, FakeDesk desk) => (this.host, Shop, Jobs, Desk) = (host, shop, jobs, desk);

    public FakeShop Shop { get; }

    public FakeJobs Jobs { get; }

    public FakeDesk Desk { get; }

    public HttpClient Client => host.Client;

    /// <summary>The cookie of an admin's session, where the host was started with one.</summary>
    public string SignedIn { get; private set; } = "";

    public static async Task<WebHost> StartAsync(
        bool sandbox = true, Action<WebApplication>? more = null, Action<IServiceCollection>? services = null, bool signedIn = false)
    {
        var settings = sandbox ? TestSettings.Make() : TestSettings.MakeLive();
        var (shop, jobs) = (new FakeShop(), new FakeJobs());
        var desk = new FakeDesk(jobs);
        var started = await TestHost.StartAsync(
            builder =>
            {
                builder.Services
                .AddSupport(ErrorCatalogue.Load)
                .AddWeb()
                .AddExceptionHandler<Wopr.Platform.RefusalHandler>()
                .AddProblemDetails()
                .AddSingleton(new SiteInfo(sandbox, "beacons.example", "https://pay.example"))
                .AddSingleton<Wopr.Platform.IIdSource, Wopr.Platform.RandomIdSource>()
                .AddSingleton<IShop>(shop)
                .AddSingleton<IJobViews>(jobs)
                .AddSingleton<Wopr.Operators.IOperatorDesk>(desk)
                .AddSingleton(settings)
                .AddSingleton(settings.SignIn)
                .AddSingleton(TimeProvider.System)
                .AddSingleton<ISignInDesk, FakeSignIn>()
                .AddOperatorSchemes(settings)
                .AddDataProtection().UseEphemeralDataProtectionProvider();
                services?.Invoke(builder.Services);
            },
            app =>
            {
                app.UseProxies(settings);
                app.UseWeb();
                app.UseRouting();
                app.UseAuthentication();
                app.UseAuthorization();
                var doors = app.MapGroup("").RequireAuthorization(OperatorKeys.Policy);
                app.MapSupport();
                doors.MapWeb();
                more?.Invoke(app);
                app.MapGet("/broken", string () => throw new InvalidOperationException("secret detail"));
                app.MapGet("/api/broken", string () => throw new InvalidOperationException("secret detail"));
                app.MapGet("/away", string () => throw new Npgsql.NpgsqlException("secret detail"));
                app.MapGet("/api/bare/{status:int}", (int status) => Microsoft.AspNetCore.Http.Results.StatusCode(status));
            });
        var web = new WebHost(started, shop, jobs, desk);
        if (signedIn) web.SignedIn = await web.SignInAsync(FakeSignIn.Key);
        return web;
    }

    /// <summary>The cookie of a session that begins with this key.</summary>
    public async Task<string> SignInAsync(string key)
    {
        var (response, _) = await SubmitAsync("/operator/sign-in", [("key", key)]);
        return Cookie(response, "wopr_operator");
    }

    /// <summary>Asks as a browser does.</summary>
    public async Task<(HttpResponseMessage Response, string Html)> OpenAsync(string path, string? cookie = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request, cookie);
    }

    /// <summary>Sends a form as a browser does, with the token that a page of ours has put into it.</summary>
    public async Task<(HttpResponseMessage Response, string Html)> SubmitAsync(
        string path, IEnumerable<(string Name, string Value)> fields, string? cookie = null, string site = "same-origin", bool token = true)
    {
        if (token && path.StartsWith("/operator", StringComparison.Ordinal))
        {
            var (page, html) = await OpenAsync("/operator/sign-in", cookie);
            fields = [.. fields, ("__RequestVerificationToken", TokenField().Match(html).Groups[1].Value)];
            cookie = string.Join("; ", new[] { cookie, Cookie(page, "wopr_forms") }.OfType<string>());
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))),
        };
        request.Headers.Add("Sec-Fetch-Site", site);
        return await SendAsync(request, cookie);
    }

    public async ValueTask DisposeAsync() => await host.DisposeAsync();

    private static string Cookie(HttpResponseMessage response, string name) =>
        response.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith($"{name}=", StringComparison.Ordinal)).Split(';')[0];

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();

    private async Task<(HttpResponseMessage Response, string Html)> SendAsync(HttpRequestMessage request, string? cookie)
    {
        request.Headers.Add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        var response = await Client.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }
}
