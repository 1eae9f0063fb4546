using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Wopr.Web;

/// <summary>Refuses forms that another site sends.</summary>
internal sealed class SameOriginFilter : IResourceFilter
{
    public void OnResourceExecuting(ResourceExecutingContext context)
    {
        var request = context.HttpContext.Request;
        // An error page may be the answer to any method; it changes nothing.
        if (SameOrigin.IsFine(request) || request.Path.StartsWithSegments("/error", StringComparison.OrdinalIgnoreCase)) return;
        context.Result = new StatusCodeResult(StatusCodes.Status403Forbidden);
    }

    public void OnResourceExecuted(ResourceExecutedContext context)
    {
    }
}
