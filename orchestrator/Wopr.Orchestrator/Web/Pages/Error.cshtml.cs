using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Wopr.Platform;
using Wopr.Support;

namespace Wopr.Web.Pages;

/// <summary>What is said when an address or a request leads nowhere: a page to browsers, a problem to programs.</summary>
public sealed class ErrorModel(ErrorCatalogue catalogue) : PageModel
{
    public int Status { get; private set; }

    public ErrorEntry Entry { get; private set; } = null!;

    /// <summary>Runs for every method: the page answers in place of whatever was asked.</summary>
    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var refusal = HttpContext.Features.Get<IExceptionHandlerPathFeature>()?.Error is { } error ? Refusal.Of(error) : Refusal.Of(AskedStatus(), Response);
        Status = Response.StatusCode = refusal.Status;
        Entry = catalogue[refusal.Code];
        if (!Request.GetTypedHeaders().Accept.Any(a => a.MediaType == "text/html"))
        {
            await refusal.ToResult().ExecuteAsync(HttpContext);
            context.Result = new Microsoft.AspNetCore.Mvc.EmptyResult();
            return;
        }

        await next();
    }

    private int AskedStatus() =>
        int.TryParse(RouteData.Values["status"] as string, out var status) && status is >= 400 and <= 599 ? status : StatusCodes.Status404NotFound;
}
