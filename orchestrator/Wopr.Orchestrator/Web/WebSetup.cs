using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Controllers;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Platform;

namespace Wopr.Web;

/// <summary>
/// The pages for people. They need <see cref="SiteInfo"/>, <see cref="IShop"/>, <see cref="IJobViews"/> and the operators'
/// sign-in from the rest of the service.
/// </summary>
public static class WebSetup
{
    private const string Console = "/Operator/";

    public static IServiceCollection AddWeb(this IServiceCollection services)
    {
        services.AddSingleton<Assets>();
        services.AddSingleton<MarkdownPages>();
        services.AddRazorPages(options =>
        {
            options.RootDirectory = "/Web/Pages";
            options.Conventions.ConfigureFilter(new SameOriginFilter());
            // Open to anybody but for the console; forms of those who are not signed in need no token beside their origin.
            options.Conventions.AddFolderApplicationModelConvention("/", page =>
            {
                if (page.ViewEnginePath.StartsWith(Console, StringComparison.Ordinal)) return;
                page.EndpointMetadata.Add(new AllowAnonymousAttribute());
                page.Filters.Add(new IgnoreAntiforgeryTokenAttribute());
            });
            options.Conventions.AuthorizeFolder("/Operator", OperatorKeys.Policy);
            options.Conventions.AuthorizePage("/Operator/Access", RoleHandler.AdminPolicy);
            options.Conventions.AllowAnonymousToPage("/Operator/SignIn");
        })
            .AddApplicationPart(typeof(WebSetup).Assembly)
            // There are none, and looking for them through all types takes its time at every start.
            .ConfigureApplicationPartManager(parts => parts.FeatureProviders.Remove(parts.FeatureProviders.OfType<ControllerFeatureProvider>().Single()));
        return services;
    }

    /// <summary>Headers, and what goes wrong: a problem below /api, a page elsewhere. Comes first, so that everything after it is covered.</summary>
    public static IApplicationBuilder UseWeb(this IApplicationBuilder app)
    {
        app.Use(next => context => PageHeaders.ApplyAsync(context, next));
        app.UseWhen(ApiRefusals.IsApi, api => api.UseExceptionHandler().UseMiddleware<ApiRefusals>());
        return app.UseWhen(context => !ApiRefusals.IsApi(context), pages =>
        {
            // In a scope of its own, where what failed is not asked again: who is signed in, for one.
            pages.UseExceptionHandler(new ExceptionHandlerOptions
            {
                ExceptionHandlingPath = "/error/500",
                StatusCodeSelector = error => Refusal.Of(error).Status,
                CreateScopeForErrors = true,
                // It stands in the log already, with its code, unless not even the page could be made.
                SuppressDiagnosticsCallback = told => told.ExceptionHandledBy != ExceptionHandledType.Unhandled,
            });
            pages.UseStatusCodePagesWithReExecute("/error/{0}");
        });
    }

    public static IEndpointRouteBuilder MapWeb(this IEndpointRouteBuilder app)
    {
        Assets.Map(app);
        QrCodes.Map(app);
        app.DataSources.Add(new LaterEndpoints(app, own => own.MapRazorPages()));
        return app;
    }
}
