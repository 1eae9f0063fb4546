using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Wopr.Platform;

namespace Wopr.Operators.SignIn;

/// <summary>
/// Sign-in at an OpenID Connect provider such as Authentik: authorization code with PKCE, an ID token that is signed for us and
/// for this very sign-in, then its user-info endpoint, over HTTPS from us to it, says who it is and in which groups. Its endpoints
/// are found in its discovery document when first needed.
/// </summary>
public sealed partial class IdentityProvider(IOptionsMonitor<OAuthOptions> options, ILoggerFactory logger, UrlEncoder encoder, Settings settings, ProviderDiscovery discovery)
    : OAuthHandler<OAuthOptions>(options, logger, encoder)
{
    public const string CallbackPath = "/operator/sign-in/callback";

    private const int LongestName = 100;
    private const string Nonce = "nonce";

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (await FindEndpointsAsync() is { } problem)
        {
            Response.Redirect($"{SignInAnswers.SignInPage}?problem={problem}");
            return;
        }
        await base.HandleChallengeAsync(properties);
    }

    protected override async Task<HandleRequestResult> HandleRemoteAuthenticateAsync() =>
        await FindEndpointsAsync() is { } problem ? HandleRequestResult.Fail(problem) : await base.HandleRemoteAuthenticateAsync();

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri)
    {
        // It comes back to us in the state, which is sealed, and to the provider in the open.
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        properties.Items[Nonce] = nonce;
        return QueryHelpers.AddQueryString(base.BuildChallengeUrl(properties, Ours(redirectUri)), Nonce, nonce);
    }

    protected override Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context) =>
        base.ExchangeCodeAsync(new OAuthCodeExchangeContext(context.Properties, context.Code, Ours(context.RedirectUri)));

    protected override async Task<AuthenticationTicket> CreateTicketAsync(ClaimsIdentity identity, AuthenticationProperties properties, OAuthTokenResponse tokens)
    {
        var subject = await SubjectAsync(properties, tokens);
        using var request = new HttpRequestMessage(HttpMethod.Get, Options.UserInformationEndpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var response = await Backchannel.SendAsync(request, Context.RequestAborted);
        response.EnsureSuccessStatusCode();
        using var user = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Context.RequestAborted));
        if (Text(user.RootElement, "sub") != subject) throw new AuthenticationFailureException(SignInProblem.Provider);
        var name = Text(user.RootElement, "preferred_username") ?? Text(user.RootElement, "sub");
        if (name is not { Length: > 0 and <= LongestName }) throw new AuthenticationFailureException(SignInProblem.Provider);
        var role = settings.SignIn.Groups.Of(Groups(user.RootElement)) ?? throw new AuthenticationFailureException(SignInProblem.Role);
        return new AuthenticationTicket(OperatorIdentity.OfProvider(name, role).ToPrincipal(SchemeNames.Session), properties, Scheme.Name);
    }

    /// <summary>Whom the ID token names. The keys are asked for each time: sign-ins are rare, and providers change their keys.</summary>
    private async Task<string> SubjectAsync(AuthenticationProperties properties, OAuthTokenResponse tokens)
    {
        var account = settings.SignIn.Provider!;
        var endpoints = await discovery.FindAsync(Backchannel, Context.RequestAborted) ?? throw new AuthenticationFailureException(SignInProblem.Provider);
        using var keys = JsonDocument.Parse(await Backchannel.GetStringAsync(new Uri(endpoints.Keys), Context.RequestAborted));
        var wish = new IdTokenWish(endpoints.Issuer, account.ClientId, account.ClientSecret, properties.Items.TryGetValue(Nonce, out var nonce) && nonce is not null ? nonce : throw new AuthenticationFailureException(SignInProblem.Provider));
        properties.Items.Remove(Nonce);
        var outcome = Text(tokens.Response!.RootElement, "id_token") is { } token ? IdToken.Read(token, wish, keys.RootElement, TimeProvider.GetUtcNow()) : new IdTokenOutcome.Refused("there is none");
        if (outcome is IdTokenOutcome.Good good) return good.Subject;
        TokenRefused(Logger, ((IdTokenOutcome.Refused)outcome).Why);
        throw new AuthenticationFailureException(SignInProblem.Provider);
    }

    [LoggerMessage(2806, LogLevel.Warning, "AUTH-005 the identity provider's ID token is not taken: {Why}")]
    private static partial void TokenRefused(ILogger logger, string why);

    private static string? Text(JsonElement user, string name) => user.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<string> Groups(JsonElement user) =>
        user.TryGetProperty("groups", out var groups) && groups.ValueKind == JsonValueKind.Array
            ? groups.EnumerateArray().Where(g => g.ValueKind == JsonValueKind.String).Select(g => g.GetString()!)
            : [];

    /// <summary>The address that the provider knows us by, whatever the request came in on; a sandbox has more than one.</summary>
    private string Ours(string redirectUri) => settings.Sandbox ? redirectUri : new Uri(settings.PublicUrl, CallbackPath).ToString();

    private async Task<string?> FindEndpointsAsync()
    {
        if (await discovery.FindAsync(Backchannel, Context.RequestAborted) is not { } found) return SignInProblem.Provider;
        (Options.AuthorizationEndpoint, Options.TokenEndpoint, Options.UserInformationEndpoint) = (found.Authorization, found.Token, found.UserInfo);
        return null;
    }

    public static void Configure(OAuthOptions options, Settings settings, ProviderAccount account)
    {
        options.SignInScheme = SchemeNames.Session;
        options.CallbackPath = CallbackPath;
        options.ClientId = account.ClientId;
        options.ClientSecret = account.ClientSecret;
        options.UsePkce = true;
        options.SaveTokens = false;
        foreach (var scope in new[] { "openid", "profile" }) options.Scope.Add(scope);
        // Replaced by what the provider's own document says, before they are used.
        options.AuthorizationEndpoint = options.TokenEndpoint = options.UserInformationEndpoint = account.Issuer.ToString();
        options.CorrelationCookie.Name = "wopr_sign_in.";
        options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = SessionCookie.SecurePolicy(settings);
        options.BackchannelTimeout = TimeSpan.FromSeconds(10);
        options.RemoteAuthenticationTimeout = TimeSpan.FromMinutes(10);
        options.Events.OnRemoteFailure = context =>
        {
            var problem = context.Failure?.Message == SignInProblem.Role || context.Failure?.InnerException?.Message == SignInProblem.Role ? SignInProblem.Role : SignInProblem.Provider;
            context.Response.Redirect(QueryHelpers.AddQueryString(SignInAnswers.SignInPage, "problem", problem));
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }
}

/// <summary>Why the provider's answer opened nothing; words in the address of the sign-in page.</summary>
public static class SignInProblem
{
    public const string Provider = "provider";
    public const string Role = "role";
}
