using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Wopr.Audit;
using Wopr.Operators.SignIn;

namespace Wopr.Web.Pages.Operator;

/// <summary>A page of the console. Its folder is closed to everybody but operators, by role (<see cref="WebSetup"/>).</summary>
public abstract class OperatorPage : PageModel
{
    /// <summary>Who is looking.</summary>
    public Actor Operator => Actor.Of(User);

    public bool May(OperatorRole least) => User.May(least);

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context) => Response.Headers["X-Robots-Tag"] = "noindex";
}
