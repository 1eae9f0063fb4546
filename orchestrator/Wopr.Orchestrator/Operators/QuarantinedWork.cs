using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Operators.SignIn;
using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Operators;

/// <summary>Work that was set aside because it killed its process or always threw (JOB-001), until an operator lets it out or its next try goes well.</summary>
public sealed partial class QuarantinedWork(NpgsqlDataSource database, ILogger<QuarantinedWork> logger)
{
    /// <summary>The most that <see cref="ListAsync"/> hands out.</summary>
    public const int LongestList = 500;

    /// <summary>Longest set aside first.</summary>
    public async Task<IReadOnlyList<QuarantinedItem>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<QuarantinedItem>(new CommandDefinition("""
            SELECT kind, subject, CASE WHEN kind = @WorkKind THEN subject END AS job_id, deaths, last_error, quarantined_at
            FROM work_items WHERE quarantined_at IS NOT NULL ORDER BY quarantined_at, kind, subject LIMIT @LongestList
            """, new { JobStore.WorkKind, LongestList }, cancellationToken: cancellation))];
    }

    /// <summary>
    /// The item is due at once. Its incident stays open until it has been driven in good order; if it ends without an
    /// outcome twice more, it is set aside again.
    /// </summary>
    public async Task<VerbOutcome> ReleaseAsync(WorkKey key, Actor who, string reason, CancellationToken cancellation)
    {
        var outcome = await database.InTransactionAsync<VerbOutcome>(async (connection, transaction) =>
        {
            await WorkQueue.LockAsync(connection, transaction, key);
            var released = await WorkSteering.ReleaseAsync(connection, transaction, key);
            if (!released && !await connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT FROM work_items WHERE kind = @Kind AND subject = @Subject)", key, transaction))
                return new VerbOutcome.Refused(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no such work.");
            JobId? job = key.Kind == JobStore.WorkKind ? new JobId(key.Subject) : null;
            var what = $"{key.Kind} {key.Subject}";
            await AuditLog.AppendAsync(connection, transaction, new(who, "release-work", job, reason, released ? AuditOutcome.Done : AuditOutcome.Already, Detail: what));
            return released ? new VerbOutcome.Done($"{what} is driven again.") : new VerbOutcome.Already($"{what} is not set aside.");
        }, cancellation);
        Released(logger, key.Kind, key.Subject, who.Name, outcome.GetType().Name);
        return outcome;
    }

    [LoggerMessage(2102, LogLevel.Information, "work {Kind} {Subject}: release by {Who}: {Outcome}")]
    private static partial void Released(ILogger logger, string kind, Guid subject, string who, string outcome);
}

public sealed class QuarantinedItem
{
    public string Kind { get; init; } = "";
    public Guid Subject { get; init; }

    /// <summary>The job that it drives; null for work of another kind.</summary>
    public Guid? JobId { get; init; }

    /// <summary>How many of its holders died.</summary>
    public int Deaths { get; init; }

    /// <summary>What the last holder that did not die ended in.</summary>
    public string? LastError { get; init; }
    public DateTimeOffset QuarantinedAt { get; init; }
}

public static class QuarantineEndpoints
{
    internal static void MapQuarantine(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/operator/quarantine").RequireAuthorization(OperatorKeys.Policy).WithTags("Operators");
        group.MapGet("", async (QuarantinedWork work, CancellationToken cancellation) => Results.Ok(new QuarantineList(await work.ListAsync(cancellation))))
            .Named("quarantine", "Work that was set aside after three attempts without an outcome (JOB-001)").Answers(new QuarantineList([]));
        group.MapPost("/{kind}/{subject:guid}/release", ReleaseAsync)
            .Named("releaseWork", "Lets it out of quarantine, so that it is driven again").Takes(new VerbForm("the cause is mended"))
            .Answers(new VerbAnswer("release", AuditOutcome.Done, "it is driven again", null), 202, 200).Refuses(404, ErrorCodes.NotFound).Refuses(422, ErrorCodes.RequestNotUnderstood);
    }

    private static async Task<IResult> ReleaseAsync(string kind, Guid subject, HttpContext context, QuarantinedWork work, CancellationToken cancellation)
    {
        var (reason, problem) = OperatorEndpoints.ReasonOf(await OperatorEndpoints.ReadFormAsync(context, cancellation));
        if (reason is null) return Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.RequestNotUnderstood, problem!);
        return OperatorEndpoints.Answer("release", await work.ReleaseAsync(new WorkKey(kind, subject), Actor.Of(context.User), reason, cancellation));
    }
}

public sealed record QuarantineList(IReadOnlyList<QuarantinedItem> Items);
