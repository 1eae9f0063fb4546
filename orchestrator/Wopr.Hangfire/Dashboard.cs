using System.Globalization;
using System.Net;
using Hangfire;
using Hangfire.Dashboard;
using Microsoft.AspNetCore.Authorization;
using Wopr.Audit;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Platform.Work;
using Wopr.Provisioning;

namespace Wopr.Profiles;

/// <summary>Hangfire's dashboard for operators: viewers look, operators act, and every act stands in the audit log.</summary>
internal static class Dashboard
{
    private const string Path = "/hangfire";
    private const int MostNamed = 50;

    public static void MapDashboard(this WebApplication app, string runsPath)
    {
        app.MapGet(runsPath + "/{kind}/{subject:guid}", RunsAsync).RequireAuthorization(OperatorKeys.Policy).ExcludeFromDescription();
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase), hangfire => hangfire.Use(ActAsync));
        app.MapHangfireDashboard(Path, new DashboardOptions
        {
            // Who may is decided by the policy below, as everywhere; Hangfire's own rule would let everybody on this machine in.
            Authorization = [],
            IsReadOnlyFunc = context => !context.GetHttpContext().User.May(OperatorRole.Operator),
            DashboardTitle = "WOPR: Hangfire",
            AppPath = "/operator",
            DisplayStorageConnectionString = false,
            StatsPollingInterval = 5000,
        }).RequireAuthorization(new AuthorizationPolicyBuilder().AddRequirements(new RoleRequirement(OperatorRole.Viewer)).Build());
    }

    /// <summary>From a Hangfire job to the timeline of the beacon that it drove.</summary>
    public static IGlobalConfiguration UseRunLinks(this IGlobalConfiguration hangfire) => hangfire.UseJobDetailsRenderer(0, page =>
        page.JobDetails.Job?.Args is [_, string kind, Guid subject, ..] && kind == JobStore.WorkKind
            ? new NonEscapedString($"<p><a href=\"/operator/jobs/{WebUtility.HtmlEncode(subject.ToString())}\">The job's timeline in WOPR</a></p>")
            : new NonEscapedString(""));

    /// <summary>From a work item to the newest of its runs.</summary>
    private static async Task<IResult> RunsAsync(string kind, Guid subject, HandedRuns runs, CancellationToken cancellation) =>
        Results.Redirect(await runs.NewestAsync(new(kind, subject), cancellation) is { } run
            ? string.Create(CultureInfo.InvariantCulture, $"{Path}/jobs/details/{run}")
            : $"{Path}/jobs/succeeded");

    /// <summary>Acts are for operators, and written down before they are done: the dashboard does not say how one ended.</summary>
    private static async Task ActAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsAct(context.Request))
        {
            await next(context);
            return;
        }
        if (!context.User.May(OperatorRole.Operator))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        await context.RequestServices.GetRequiredService<AuditLog>().AppendAsync(
            new AuditEntry(Actor.Of(context.User), "hangfire", null, AuditEntry.NoReason, AuditOutcome.Begun, Detail: await DetailAsync(context.Request)), context.RequestAborted);
        await next(context);
    }

    /// <summary>The pages' own polling for figures is a POST, too.</summary>
    private static bool IsAct(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !request.Path.StartsWithSegments($"{Path}/stats", StringComparison.OrdinalIgnoreCase);

    /// <summary>What is done, and to which jobs where many are chosen at once.</summary>
    private static async Task<string> DetailAsync(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        if (!request.HasFormContentType) return path;
        var chosen = (await request.ReadFormAsync(request.HttpContext.RequestAborted))["jobs[]"];
        return chosen.Count == 0 ? path : $"{path}: {string.Join(' ', chosen.Take(MostNamed))}{(chosen.Count > MostNamed ? $" and {chosen.Count - MostNamed} more" : "")}";
    }
}
