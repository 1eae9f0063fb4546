using System.Globalization;
using Wopr.Operators;
using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>Status and live stream of a job, for whoever holds its id.</summary>
public static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        foreach (var route in JobRoutes.All)
        {
            // Nobody is signed in on the way, so that a stream keeps nothing of it for as long as it lives.
            var group = app.MapGroup(route.Path + "/{id}").AllowAnonymous().WithTags("Provisioning");
            group.ShortCircuit();
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

    private static async Task<IResult> StreamAsync(string id, HttpContext context, LiveEvents live, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job)) return NoSuchJob();
        var after = int.TryParse(context.Request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : 0;
        using var stream = await live.OpenAsync(job, after, cancellation);
        if (stream is null) return NoSuchJob();
        // A browser that has seen the end reconnects for ever unless it is told that there is nothing more.
        if (stream.IsPast) return Results.NoContent();

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        await stream.SendAsync(context.Response.BodyWriter, cancellation);
        return Results.Empty;
    }

    private static IResult NoSuchJob() => Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no job with this id.");
}
