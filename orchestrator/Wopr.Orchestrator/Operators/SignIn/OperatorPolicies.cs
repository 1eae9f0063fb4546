using Microsoft.AspNetCore.Authorization;
using Wopr.Web;

namespace Wopr.Operators.SignIn;

/// <summary>The role that a request needs. By default reading is for viewers, and everything else for operators.</summary>
/// <param name="Least">Null: by the request's method.</param>
public sealed record RoleRequirement(OperatorRole? Least = null) : IAuthorizationRequirement
{
    public OperatorRole For(string method) => Least ?? (HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? OperatorRole.Viewer : OperatorRole.Operator);
}

/// <summary>Holds requests to their role, and what a browser sends along by itself to requests of our own pages.</summary>
public sealed class RoleHandler : AuthorizationHandler<RoleRequirement>
{
    /// <summary>Who may sign in, and what cannot be undone.</summary>
    public const string AdminPolicy = "admin";

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleRequirement requirement)
    {
        if (context.Resource is HttpContext { Request: var request }
            && context.User.May(requirement.For(request.Method))
            && (!OperatorIdentity.IsAmbient(context.User) || SameOrigin.IsFine(request)))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
