using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
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

    private readonly ConcurrentDictionary<string, (string Challenge, string RedirectUri, string Nonce)> codes = new();
    private readonly RSA rsa = RSA.Create(2048);
    private readonly ECDsa curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ConcurrentDictionary<string, byte> tokens = new();
    private TestHost host = null!;

    /// <summary>Whoever signs in.</summary>
    public string User { get; set; } = "anna";

    public string[] Groups { get; set; } = ["wopr-staff"];

    /// <summary>How its ID tokens are signed.</summary>
    public string Algorithm { get; set; } = "RS256";

    /// <summary>Changes what its ID tokens say.</summary>
    public Action<Dictionary<string, object?>> Claims { get; set; } = _ => { };

    /// <summary>Changes a signed ID token; null: it gives none.</summary>
    public Func<string, string?> Token { get; set; } = token => token;

    /// <summary>Null: its true name.</summary>
    public string? SaysIssuer { get; set; }

    public string Issuer => new Uri(host.Client.BaseAddress!, "/application/o/wopr/").ToString();

    public static async Task<FakeProvider> StartAsync()
    {
        var provider = new FakeProvider();
        provider.host = await TestHost.StartAsync(_ => { }, provider.Map);
        return provider;
    }

    public ValueTask DisposeAsync()
    {
        rsa.Dispose();
        curve.Dispose();
        return host.DisposeAsync();
    }

    private string Signed(string nonce)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object?> { ["iss"] = Issuer, ["sub"] = "1", ["aud"] = ClientId, ["exp"] = now + 300, ["iat"] = now, ["nonce"] = nonce };
        Claims(claims);
        var said = $"{Part(new { alg = Algorithm, typ = "JWT", kid = Algorithm })}.{Part(claims)}";
        var bytes = Encoding.ASCII.GetBytes(said);
        return $"{said}.{Base64Url.EncodeToString(Algorithm switch
        {
            "RS256" => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "ES256" => curve.SignData(bytes, HashAlgorithmName.SHA256),
            "HS256" => HMACSHA256.HashData(Encoding.UTF8.GetBytes(ClientSecret), bytes),
            _ => [],
        })}";
    }

    private static string Part(object content) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content));

    private void Map(WebApplication app)
    {
        app.MapGet("/application/o/wopr/.well-known/openid-configuration", (HttpRequest request) =>
        {
            var root = $"{request.Scheme}://{request.Host}";
            return Results.Json(new { issuer = SaysIssuer ?? Issuer, authorization_endpoint = $"{root}/authorize/", token_endpoint = $"{root}/token/", userinfo_endpoint = $"{root}/userinfo/", jwks_uri = $"{root}/jwks/" });
        });
        app.MapGet("/jwks/", () =>
        {
            var (known, point) = (rsa.ExportParameters(false), curve.ExportParameters(false).Q);
            return Results.Json(new
            {
                keys = new object[]
                {
                    new { kty = "RSA", use = "sig", kid = "RS256", n = Base64Url.EncodeToString(known.Modulus), e = Base64Url.EncodeToString(known.Exponent) },
                    new { kty = "EC", use = "sig", kid = "ES256", crv = "P-256", x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) },
                },
            });
        });
        app.MapGet("/authorize/", (HttpRequest request) =>
        {
            var query = request.Query;
            if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256" || !query["scope"].ToString().Contains("openid", StringComparison.Ordinal))
                return Results.BadRequest();
            var code = Guid.NewGuid().ToString("N");
            codes[code] = (query["code_challenge"]!, query["redirect_uri"]!, query["nonce"]!);
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
            return Results.Json(new { access_token = token, token_type = "Bearer", expires_in = 300, id_token = Token(Signed(begun.Nonce)) });
        });
        app.MapGet("/userinfo/", (HttpRequest request) =>
            request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token] && tokens.ContainsKey(token)
                ? Results.Json(new { sub = "1", preferred_username = User, groups = Groups })
                : Results.Unauthorized());
    }
}
