using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HttpOverrides;
using Wopr.Platform;
using Wopr.Support.Keys;

namespace Wopr.Operators.SignIn;

/// <summary>Who operators are and what they may: keys for programs, sessions for browsers.</summary>
public static class SignInSetup
{
    public static IServiceCollection AddOperatorSignIn(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton<OperatorKeys>();
        services.AddSingleton<OperatorAccounts>();
        services.AddSingleton<SignInLimit>();
        services.AddSingleton<ProviderDiscovery>();
        services.AddSingleton<ISignInDesk, SignInDesk>();
        services.AddSingleton(settings.SignIn);
        services.AddSingleton<IXmlRepository, CookieKeys>();
        services.AddDataProtection().SetApplicationName("wopr");
        services.AddOptions<KeyManagementOptions>().Configure<IXmlRepository>((options, keys) => options.XmlRepository = keys);
        return services.AddOperatorSchemes(settings);
    }

    /// <summary>The same without what needs the database.</summary>
    internal static IServiceCollection AddOperatorSchemes(this IServiceCollection services, Settings settings)
    {
        var schemes = services.AddAuthentication(SchemeNames.Any)
            .AddPolicyScheme(SchemeNames.Any, null, options => options.ForwardDefaultSelector = context =>
                // The page of errors is for anyone, and is made also while the database, which all others ask, is away.
                context.Features.Get<IExceptionHandlerFeature>() is not null ? SchemeNames.Proxy
                : SupportAuthentication.IsShownIn(context.Request) ? SupportAuthentication.SchemeName
                : KeyAuthentication.IsShownIn(context.Request) ? SchemeNames.Key : ForwardAuth.IsShownIn(context.Request) ? SchemeNames.Proxy : SchemeNames.Session)
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(SchemeNames.Key, null)
            .AddScheme<AuthenticationSchemeOptions, ForwardAuth>(SchemeNames.Proxy, null)
            .AddCookie(SchemeNames.Session, options => SessionCookie.Configure(options, settings));
        if (settings.SignIn.Provider is { } account)
            schemes.AddOAuth<OAuthOptions, IdentityProvider>(SchemeNames.Provider, options => IdentityProvider.Configure(options, settings, account));
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "wopr_forms";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = SessionCookie.SecurePolicy(settings);
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddSingleton<IAuthorizationHandler, RoleHandler>();
        services.AddSingleton<IAuthorizationPolicyProvider, LatePolicies>();
        services.AddAuthorizationBuilder()
            .AddPolicy(OperatorKeys.Policy, policy => policy.AddRequirements(new RoleRequirement()))
            .AddPolicy(RoleHandler.AdminPolicy, policy => policy.AddRequirements(new RoleRequirement(OperatorRole.Admin)));
        return services;
    }

    /// <summary>Comes before everything that looks at who is connected.</summary>
    public static IApplicationBuilder UseProxies(this IApplicationBuilder app, Settings settings)
    {
        app.Use(next => context => ForwardAuth.StripAsync(context, settings.SignIn, next));
        // The real service is reached by HTTPS only (WOPR_PUBLIC_URL must be), which ends in front of it.
        if (!settings.Sandbox)
            app.Use(next => context =>
            {
                context.Request.Scheme = Uri.UriSchemeHttps;
                return next(context);
            });
        if (settings.SignIn.Proxies.Count == 0) return app;
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in settings.SignIn.Proxies) options.KnownIPNetworks.Add(network);
        return app.UseForwardedHeaders(options);
    }
}
