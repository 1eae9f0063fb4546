using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
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
        Status = int.TryParse(RouteData.Values["status"] as string, out var status) && status is >= 400 and <= 599 ? status : StatusCodes.Status404NotFound;
        Entry = catalogue[CodeOf(Status)];
        Response.StatusCode = Status;
        if (!IsForPeople())
        {
            await Problems.Result(Status, Entry.Code, Entry.Customer.WhatHappened).ExecuteAsync(HttpContext);
            context.Result = new Microsoft.AspNetCore.Mvc.EmptyResult();
            return;
        }

        await next();
    }

    private bool IsForPeople()
    {
        var original = HttpContext.Features.Get<IStatusCodeReExecuteFeature>()?.OriginalPath
            ?? HttpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? "/";
        return !original.StartsWith("/api/", StringComparison.OrdinalIgnoreCase)
            && Request.GetTypedHeaders().Accept.Any(a => a.MediaType == "text/html");
    }

    private static ErrorCode CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => ErrorCodes.OperatorKeyRefused,
        StatusCodes.Status403Forbidden => ErrorCodes.RoleTooSmall,
        StatusCodes.Status404NotFound or StatusCodes.Status410Gone => ErrorCodes.NotFound,
        StatusCodes.Status429TooManyRequests => ErrorCodes.TooManyRequests,
        >= 500 => ErrorCodes.RequestFailedUnexpectedly,
        _ => ErrorCodes.RequestNotUnderstood,
    };
}
