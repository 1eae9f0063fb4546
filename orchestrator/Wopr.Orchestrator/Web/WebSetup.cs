using Microsoft.AspNetCore.Mvc;

namespace Wopr.Web;

/// <summary>
/// The pages for people. They need <see cref="SiteInfo"/>, <see cref="IShop"/>, <see cref="IJobViews"/> and
/// <see cref="IOperatorSignIn"/> from the rest of the service.
/// </summary>
public static class WebSetup
{
    public static IServiceCollection AddWeb(this IServiceCollection services)
    {
        services.AddSingleton<Assets>();
        services.AddSingleton<MarkdownPages>();
        services.AddRazorPages(options =>
        {
            options.RootDirectory = "/Web/Pages";
            // Who may is decided by the pages themselves: those for operators derive from OperatorPage.
            options.Conventions.AllowAnonymousToFolder("/");
            options.Conventions.ConfigureFilter(new SameOriginFilter());
            // Forms are held to this site by SameOriginFilter and SameSite cookies, which survive a restart.
            options.Conventions.ConfigureFilter(new IgnoreAntiforgeryTokenAttribute());
        }).AddApplicationPart(typeof(WebSetup).Assembly);
        return services;
    }

    /// <summary>Headers and error pages. Comes first, so that everything after it is covered.</summary>
    public static IApplicationBuilder UseWeb(this IApplicationBuilder app)
    {
        app.Use(next => context => PageHeaders.ApplyAsync(context, next));
        app.UseExceptionHandler("/error/500");
        app.UseStatusCodePagesWithReExecute("/error/{0}");
        return app;
    }

    public static IEndpointRouteBuilder MapWeb(this IEndpointRouteBuilder app)
    {
        Assets.Map(app);
        QrCodes.Map(app);
        app.MapRazorPages();
        return app;
    }
}
