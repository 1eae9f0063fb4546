using System.Net;
using Hangfire;
using Hangfire.Dashboard;
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

    public static void MapDashboard(this WebApplication app, string runsPath)
    {
        app.MapGet(runsPath + "/{kind}/{subject:guid}", RunsAsync).RequireAuthorization(OperatorKeys.Policy).ExcludeFromDescription();
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal), hangfire => hangfire.Use(AuditAsync));
        app.MapHangfireDashboard(Path, new DashboardOptions
        {
            // Who may is decided by the policy below, as everywhere; Hangfire's own rule would let everybody on this machine in.
            Authorization = [],
            IsReadOnlyFunc = context => !context.GetHttpContext().User.May(OperatorRole.Operator),
            DashboardTitle = "WOPR: Hangfire",
            AppPath = "/operator",
            DisplayStorageConnectionString = false,
            StatsPollingInterval = 5000,
        }).RequireAuthorization(OperatorKeys.Policy);
    }

    /// <summary>From a Hangfire job to the timeline of the beacon that it drove.</summary>
    public static IGlobalConfiguration UseRunLinks(this IGlobalConfiguration hangfire) => hangfire.UseJobDetailsRenderer(0, page =>
        page.JobDetails.Job?.Args is [_, string kind, Guid subject, ..] && kind == JobStore.WorkKind
            ? new NonEscapedString($"<p><a href=\"/operator/jobs/{WebUtility.HtmlEncode(subject.ToString())}\">The job's timeline in WOPR</a></p>")
            : new NonEscapedString(""));

    /// <summary>From a work item to the newest of its runs.</summary>
    private static async Task<IResult> RunsAsync(string kind, Guid subject, WorkHandOut handOut, CancellationToken cancellation) =>
        await handOut.NameOfAsync(new(kind, subject), cancellation) is { } name
            ? Results.Redirect($"{Path}/jobs/details/{Uri.EscapeDataString(name)}")
            : Results.Redirect($"{Path}/jobs/succeeded");

    /// <summary>Written down before it is done: the dashboard does not say how an act ended. Its own polling for figures is no act.</summary>
    private static async Task AuditAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (HttpMethods.IsPost(request.Method) && context.User.May(OperatorRole.Operator) && request.Path != $"{Path}/stats")
            await context.RequestServices.GetRequiredService<AuditLog>().AppendAsync(
                new AuditEntry(Actor.Of(context.User), "hangfire", null, AuditEntry.NoReason, AuditOutcome.Begun, Detail: request.Path.Value), context.RequestAborted);
        await next(context);
    }
}
