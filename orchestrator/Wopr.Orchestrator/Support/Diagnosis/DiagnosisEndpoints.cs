using System.Text.Json;
using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Provisioning;
using Wopr.Support.Keys;

namespace Wopr.Support.Diagnosis;

public static class DiagnosisEndpoints
{
    public static IServiceCollection AddDiagnosis(this IServiceCollection services)
    {
        services.AddSingleton<Diagnostician>();
        // For whoever seldom needs it: it learns the whole catalogue first.
        services.AddSingleton(s => new Lazy<Diagnostician>(s.GetRequiredService<Diagnostician>));
        services.AddSingleton<JobEvidence>();
        services.AddSingleton<DiagnosisDesk>();
        return services;
    }

    /// <summary>For support keys with the scope, and operators.</summary>
    public static void MapDiagnosis(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/support/diagnose", DiagnoseAsync).RequireAuthorization(ScopeRequirement.Policy(SupportScope.Diagnose)).WithTags("Support").Takes(new DiagnosisForm(null, "wopr-outline.service: Main process exited", null)).Answers(Example)
            .Refuses(404, ErrorCodes.NotFound).Refuses(413, ErrorCodes.LogTooLarge).Refuses(422, ErrorCodes.RequestNotUnderstood)
            .Named("diagnose", "Names the code behind a job's trouble, a log or a description, with the evidence; unknown when nothing fits");

    private static DiagnosisView Example => new("unknown", null, [], [], ["the log"], [], false, "Collect the beacon's journal.");

    private static async Task<IResult> DiagnoseAsync(HttpContext context, DiagnosisDesk desk, CancellationToken cancellation)
    {
        context.Response.Headers.CacheControl = "no-store";
        DiagnosisForm? form;
        try
        {
            form = context.Request.HasJsonContentType() ? await context.Request.ReadFromJsonAsync<DiagnosisForm>(Json.Options, cancellation) : null;
        }
        catch (JsonException)
        {
            form = null;
        }
        JobId? job = null;
        if (!string.IsNullOrWhiteSpace(form?.Job))
        {
            if (!JobId.TryParse(form.Job.Trim(), out var parsed)) return NoSuchJob();
            job = parsed;
        }
        var log = string.IsNullOrWhiteSpace(form?.Text) ? form?.Log : $"{form.Text}\n{form.Log}";
        if (job is null && string.IsNullOrWhiteSpace(log))
            return Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.RequestNotUnderstood, "Send a JSON object with job (an id), log (lines of a log), text (a description), or several of them.");
        if (log?.Length > LogText.LargestInput)
            return Problems.Result(StatusCodes.Status413PayloadTooLarge, ErrorCodes.LogTooLarge, $"A log may have {LogText.LargestInput} characters; send the part where the trouble begins.");
        return await desk.DiagnoseAsync(job, log, cancellation) is { } diagnosis ? Results.Ok(diagnosis) : NoSuchJob();
    }

    private static IResult NoSuchJob() => Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no job with this id.");
}

/// <param name="Job">The id of a job whose timeline, providers, callbacks and mails are looked at.</param>
/// <param name="Log">Lines of any log.</param>
/// <param name="Text">What somebody says about it.</param>
public sealed record DiagnosisForm(string? Job, string? Log, string? Text);
