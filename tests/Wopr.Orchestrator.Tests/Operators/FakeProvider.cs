using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Wopr.Orchestrator.Tests.Support;

namespace Wopr.Orchestrator.Tests.Operators;

/// <summary>A small OpenID Connect provider on loopback, as strict about codes, PKCE and secrets as a real one.</summary>
internal sealed class FakeProvider : IAsyncDisposable
{
    public const string ClientId = "wopr";
    public const string ClientSecret = "secret of the tests";

    private readonly ConcurrentDictionary<string, (string Challenge, string RedirectUri)> codes = new();
    private readonly ConcurrentDictionary<string, byte> tokens = new();
    private TestHost host = null!;

    /// <summary>Whoever signs in.</summary>
    public string User { get; set; } = "anna";

    public string[] Groups { get; set; } = ["wopr-staff"];

    /// <summary>Null: its true name.</summary>
    public string? SaysIssuer { get; set; }

    public string Issuer => new Uri(host.Client.BaseAddress!, "/application/o/wopr/").ToString();

    public static async Task<FakeProvider> StartAsync()
    {
        var provider = new FakeProvider();
        provider.host = await TestHost.StartAsync(_ => { }, provider.Map);
        return provider;
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();

    private void Map(WebApplication app)
    {
        app.MapGet("/application/o/wopr/.well-known/openid-configuration", (HttpRequest request) =>
        {
            var root = $"{request.Scheme}://{request.Host}";
            return Results.Json(new { issuer = SaysIssuer ?? Issuer, authorization_endpoint = $"{root}/authorize/", token_endpoint = $"{root}/token/", userinfo_endpoint = $"{root}/userinfo/" });
        });
        app.MapGet("/authorize/", (HttpRequest request) =>
        {
            var query = request.Query;
            if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256" || !query["scope"].ToString().Contains("openid", StringComparison.Ordinal))
                return Results.BadRequest();
            var code = Guid.NewGuid().ToString("N");
            codes[code] = (query["code_challenge"]!, query["redirect_uri"]!);
            return Results.Redirect(QueryHelpers.AddQueryString(query["redirect_uri"]!, new Dictionary<string, string?> { ["code"] = code, ["state"] = query["state"] }));
        });
        app.MapPost("/token/", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            if (form["client_id"] != ClientId || form["client_secret"] != ClientSecret || form["grant_type"] != "authorization_code") return Results.Unauthorized();
            // Good once, for whoever began, and for the same address.
            if (!codes.TryRemove(form["code"].ToString(), out var begun) || begun.RedirectUri != form["redirect_uri"]) return Results.BadRequest();
            if (WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != begun.Challenge) return Results.BadRequest();
            var token = Guid.NewGuid().ToString("N");
            tokens[token] = 0;
            return Results.Json(new { access_token = token, token_type = "Bearer", expires_in = 300 });
        });
        app.MapGet("/userinfo/", (HttpRequest request) =>
            request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token] && tokens.ContainsKey(token)
                ? Results.Json(new { sub = "1", preferred_username = User, groups = Groups })
                : Results.Unauthorized());
    }
}
