using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Audit;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Orchestrator.Tests.Web;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Operators;

/// <summary>Sign-in by those whom others vouch for: the identity provider, and a proxy in front of us.</summary>
public sealed class IdentityProviderTests : IAsyncLifetime
{
    private const string Groups = "wopr-staff=operator,wopr-admins=admin,wopr-guests=viewer";

    private FakeProvider provider = null!;

    public async Task InitializeAsync() => provider = await FakeProvider.StartAsync();

    public async Task DisposeAsync() => await provider.DisposeAsync();

    [Theory]
    [InlineData("wopr-staff", "operator")]
    [InlineData("wopr-guests;wopr-admins;others", "admin")]
    public async Task Whoever_has_signed_in_there_has_the_greatest_role_of_their_groups(string groups, string role)
    {
        provider.Groups = groups.Split(';');
        await using var host = await StartAsync();

        using var answer = await SignInAsync(host);

        answer.Headers.Location!.ToString().ShouldBe("/operator/incidents");
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("wopr_operator=", StringComparison.Ordinal));
        cookie.ShouldContain("httponly");
        (await WhoAsync(host, cookie.Split(';')[0])).ShouldBe($"operator anna (identity provider) {role}");
    }

    [Fact]
    public async Task Without_a_group_that_has_a_role_nobody_gets_in()
    {
        provider.Groups = ["others"];
        await using var host = await StartAsync();

        using var answer = await SignInAsync(host);

        answer.Headers.Location!.ToString().ShouldBe("/operator/sign-in?problem=role");
        answer.Headers.TryGetValues("Set-Cookie", out var cookies);
        (cookies ?? []).ShouldNotContain(c => c.StartsWith("wopr_operator=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("code", "made-up")]
    [InlineData("state", "made-up")]
    public async Task A_made_up_answer_opens_nothing(string parameter, string value)
    {
        await using var host = await StartAsync();

        using var answer = await SignInAsync(host, callback => new UriBuilder(callback)
        {
            Query = string.Join('&', callback.Query.TrimStart('?').Split('&').Select(p => p.StartsWith(parameter + "=", StringComparison.Ordinal) ? $"{parameter}={value}" : p)),
        }.Uri);

        answer.Headers.Location!.ToString().ShouldBe("/operator/sign-in?problem=provider");
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    [InlineData("HS256")]
    public async Task ID_tokens_are_taken_as_providers_sign_them(string algorithm)
    {
        provider.Algorithm = algorithm;
        await using var host = await StartAsync();

        using var answer = await SignInAsync(host);

        answer.Headers.Location!.ToString().ShouldBe("/operator/incidents");
    }

    [Fact]
    public async Task An_ID_token_that_is_not_for_this_sign_in_opens_nothing()
    {
        await using var host = await StartAsync();
        var past = DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeSeconds();
        var wrongs = new (string What, string Claim, object? Value)[]
        {
            ("another issuer", "iss", "https://elsewhere.example/"), ("another audience", "aud", "others"), ("several audiences", "aud", new[] { "others", FakeProvider.ClientId }),
            ("expired", "exp", past), ("no end", "exp", null), ("of the future", "iat", past + 3600), ("another sign-in", "nonce", "made-up"), ("no sign-in", "nonce", null), ("somebody else", "sub", "2"),
        };
        foreach (var (what, claim, value) in wrongs)
        {
            provider.Claims = claims => claims[claim] = value;
            using var answer = await SignInAsync(host);
            answer.Headers.Location!.ToString().ShouldBe("/operator/sign-in?problem=provider", what);
        }
        provider.Claims = _ => { };
        provider.Algorithm = "none";
        using (var answer = await SignInAsync(host)) answer.Headers.Location!.ToString().ShouldBe("/operator/sign-in?problem=provider", "unsigned");
        provider.Algorithm = "RS256";
        foreach (var tamper in new Func<string, string?>[] { _ => null, _ => "nonsense", token => token[..^8] + "AAAAAAAA", token => "." + token })
        {
            provider.Token = tamper;
            using var answer = await SignInAsync(host);
            answer.Headers.Location!.ToString().ShouldBe("/operator/sign-in?problem=provider");
        }
    }

    [Fact]
    public async Task An_answer_that_another_browser_brings_opens_nothing()
    {
        await using var host = await StartAsync();

        using var answer = await SignInAsync(host, withCookies: false);

        answer.Headers.Location!.ToString().ShouldBe("/operator/sign-in?problem=provider");
    }

    [Fact]
    public async Task A_provider_of_another_name_is_not_followed()
    {
        provider.SaysIssuer = "https://elsewhere.example/";
        await using var host = await StartAsync();

        using var begun = await host.Client.GetAsync("/begin");

        begun.Headers.Location!.ToString().ShouldBe("/operator/sign-in?problem=provider");
    }

    [Theory]
    [InlineData("127.0.0.0/8", "wopr-staff|others", "operator bea (proxy) operator")]
    [InlineData("127.0.0.0/8", "others", null)]
    [InlineData("192.0.2.0/24", "wopr-admins", null)]
    public async Task A_proxys_word_counts_from_its_own_network_only(string network, string groups, string? who)
    {
        await using var host = await StartAsync(("WOPR_FORWARD_AUTH_PROXIES", network));

        (await WhoAsync(host, null, ("X-Authentik-Username", "bea"), ("X-Authentik-Groups", groups), ("X-Forwarded-For", "127.0.0.1"))).ShouldBe(who);
    }

    [Theory]
    [InlineData("same-origin", HttpStatusCode.OK)]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    public async Task What_a_browser_sends_along_by_itself_counts_on_our_own_pages_only(string site, HttpStatusCode status)
    {
        await using var host = await StartAsync(("WOPR_FORWARD_AUTH_PROXIES", "127.0.0.0/8"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/act");
        foreach (var (name, value) in new[] { ("X-Authentik-Username", "bea"), ("X-Authentik-Groups", "wopr-staff"), ("Sec-Fetch-Site", site) }) request.Headers.Add(name, value);

        using var response = await host.Client.SendAsync(request);

        response.StatusCode.ShouldBe(status);
    }

    private async Task<TestHost> StartAsync(params (string, string)[] more)
    {
        var settings = TestSettings.Make(
        [
            ("WOPR_OIDC_ISSUER", provider.Issuer), ("WOPR_OIDC_CLIENT_ID", FakeProvider.ClientId), ("WOPR_OIDC_CLIENT_SECRET", FakeProvider.ClientSecret),
            ("WOPR_OPERATOR_GROUPS", Groups), .. more,
        ]);
        return await TestHost.StartAsync(
            builder => builder.Services.AddSupport(ErrorCatalogue.Load).AddSingleton(settings).AddSingleton<ISignInDesk, FakeSignIn>().AddSingleton<ProviderDiscovery>()
                .AddOperatorSchemes(settings).AddDataProtection().UseEphemeralDataProtectionProvider(),
            app =>
            {
                app.UseProxies(settings);
                app.UseRouting();
                app.UseAuthentication();
                app.UseAuthorization();
                var doors = app.MapGroup("").RequireAuthorization(OperatorKeys.Policy);
                doors.MapGet("/api/who", (HttpContext context) => $"{Actor.Of(context.User)} {OperatorRoles.Of(context.User)!.Value.Word()}");
                doors.MapPost("/api/act", () => "done");
                app.MapGet("/begin", () => Results.Challenge(new() { RedirectUri = "/operator/incidents" }, [SchemeNames.Provider]));
            });
    }

    /// <summary>Goes the whole way as a browser does; the answer of our own callback.</summary>
    private static async Task<HttpResponseMessage> SignInAsync(TestHost host, Func<Uri, Uri>? tamper = null, bool withCookies = true)
    {
        using var begun = await host.Client.GetAsync("/begin");
        begun.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using var there = await host.Client.GetAsync(begun.Headers.Location);
        var callback = there.Headers.Location!;
        callback.AbsolutePath.ShouldBe(IdentityProvider.CallbackPath);
        using var request = new HttpRequestMessage(HttpMethod.Get, tamper?.Invoke(callback) ?? callback);
        if (withCookies) request.Headers.Add("Cookie", string.Join("; ", begun.Headers.GetValues("Set-Cookie").Select(c => c.Split(';')[0])));
        var answer = await host.Client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return answer;
    }

    private static async Task<string?> WhoAsync(TestHost host, string? cookie, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/who");
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var response = await host.Client.SendAsync(request);
        if (response.StatusCode == HttpStatusCode.OK) return await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        return null;
    }
}
