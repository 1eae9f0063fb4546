using System.Globalization;
using Wopr.Operators;
using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>Status and live stream of a job, for whoever holds its id.</summary>
public static class JobEndpoints
{
    // Proxies close a silent connection after a minute or less.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private const int Batch = 200;

    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        app.MapCachePurge();
        foreach (var route in JobRoutes.All)
        {
            var group = app.MapGroup(route.Path + "/{id}").AllowAnonymous().WithTags("Provisioning");
            group.MapGet("/status", StatusAsync).Named(route.Name("jobStatus"), "Where a job stands").Answers(JobExamples.Status).Refuses(404, ErrorCodes.NotFound);
            group.MapGet("/stream", StreamAsync).Named(route.Name("jobStream"), "A job's events as they happen (server-sent events; Last-Event-ID resumes)")
                .AnswersRaw(200, "text/event-stream").AnswersRaw(204).Refuses(404, ErrorCodes.NotFound);
        }
    }

    private static async Task<IResult> StatusAsync(string id, HttpResponse response, JobStatusReader reader, CancellationToken cancellation)
    {
        response.Headers.CacheControl = "no-store";
        return JobId.TryParse(id, out var job) && await reader.FindAsync(job, cancellation) is { } status ? Results.Ok(status) : NoSuchJob();
    }

    private static async Task<IResult> StreamAsync(string id, HttpContext context, JobStatusReader reader, JobEvents events, EventHub hub, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job) || await reader.FindAsync(job, cancellation) is not { } status) return NoSuchJob();
        var after = int.TryParse(context.Request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : 0;
        // A browser that has seen the end reconnects for ever unless it is told that there is nothing more.
        if (status.IsOver && after >= status.Timeline.Count) return Results.NoContent();

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        using var subscription = hub.Subscribe(job.Value);
        await context.Response.WriteAsync("retry: 2000\n\n", cancellation);
        while (!cancellation.IsCancellationRequested)
        {
            var news = await events.ListAsync(job, after, Batch, cancellation);
            foreach (var entry in news)
            {
                after = entry.Seq;
                await context.Response.WriteAsync($"id: {entry.Seq}\nevent: {entry.Kind}\ndata: {Json.Write(JobStatusReader.Entry(entry))}\n\n", cancellation);
                if (entry.Kind == EventKind.Ended && status.IsOver && after >= status.Timeline.Count) break;
            }
            await context.Response.Body.FlushAsync(cancellation);
            if (news.Count == Batch) continue;
            if (news.Any(e => e.Kind == EventKind.Ended)) break;
            if (!await subscription.WaitAsync(Heartbeat, cancellation)) await context.Response.WriteAsync(": still here\n\n", cancellation);
        }
        return Results.Empty;
    }

    private static IResult NoSuchJob() => Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no job with this id.");
}
