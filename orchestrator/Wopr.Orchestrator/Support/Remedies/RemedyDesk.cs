using Wopr.Audit;
using Wopr.Operators;
using Wopr.Provisioning;

namespace Wopr.Support.Remedies;

/// <param name="Code">The error code that it is to put right; it decides with the remedy who must be asked.</param>
public sealed record RemedyWish(string Remedy, JobId? Job, ErrorCode? Code, Actor Who, bool IsHuman, string Reason)
{
    public const int LongestReason = 500;
}

/// <summary>What came of a wish.</summary>
public abstract record RemedyOutcome
{
    /// <summary>The dry run: what would happen, and whether a human must be asked.</summary>
    public sealed record Looked(IRemedy Remedy, RemedyTier Tier, RemedyLook Look) : RemedyOutcome;

    /// <summary>Proposed, or carried out; its status says which.</summary>
    public sealed record Taken(RemedyRun Run, string? Secret = null) : RemedyOutcome
    {
        /// <summary>A secret is never printed by accident.</summary>
        public override string ToString() => $"{Run.Remedy}: {Run.Status}";
    }

    public sealed record Refused(int Status, ErrorCode Code, string Detail) : RemedyOutcome;
}

/// <summary>
/// Decides who may let which remedy run, and lets it. What a support key asks for runs by itself only when the remedy is
/// harmless, or when this service's own record of the job (never a log that somebody sent) holds a code whose entry calls
/// for just this remedy without a human. All else becomes a proposal; what only a human may do is refused.
/// </summary>
public sealed partial class RemedyDesk(IEnumerable<IRemedy> remedies, ErrorCatalogue catalogue, JobDossiers dossiers, RemedyRuns runs, AuditLog audit, ILogger<RemedyDesk> logger)
{
    private readonly Dictionary<string, IRemedy> remedies = remedies.ToDictionary(r => r.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<IRemedy> All => remedies.Values;

    public async Task<RemedyOutcome> LookAsync(RemedyWish wish, CancellationToken cancellation)
    {
        var (remedy, one, refused) = await ReadAsync(wish, cancellation);
        if (refused is not null) return refused;
        return new RemedyOutcome.Looked(remedy!, TierOf(remedy!, wish, one!), await remedy!.LookAsync(one!, cancellation));
    }

    /// <summary>Carries the wish out where no human must be asked, and proposes it otherwise.</summary>
    public Task<RemedyOutcome> RunAsync(RemedyWish wish, CancellationToken cancellation) => TakeAsync(wish, onlyPropose: false, cancellation);

    /// <summary>Asks a human in any case.</summary>
    public Task<RemedyOutcome> ProposeAsync(RemedyWish wish, CancellationToken cancellation) => TakeAsync(wish, onlyPropose: true, cancellation);

    private async Task<RemedyOutcome> TakeAsync(RemedyWish wish, bool onlyPropose, CancellationToken cancellation)
    {
        var (remedy, one, refused) = await ReadAsync(wish, cancellation);
        if (refused is not null) return await RefuseAsync(wish, refused, cancellation);
        var tier = TierOf(remedy!, wish, one!);
        if (tier == RemedyTier.Human && !wish.IsHuman)
            return await RefuseAsync(wish, new RemedyOutcome.Refused(StatusCodes.Status403Forbidden, ErrorCodes.RemedyRefused, $"{remedy!.Name} is for a human to do: open a ticket."), cancellation);
        switch (await remedy!.LookAsync(one!, cancellation))
        {
            case RemedyLook.Cannot cannot:
                return await RefuseAsync(wish, new RemedyOutcome.Refused(StatusCodes.Status409Conflict, ErrorCodes.RemedyRefused, cannot.Code is { } why ? $"{why}: {cannot.Why}" : cannot.Why), cancellation);
            case RemedyLook.Nothing nothing:
                await audit.AppendAsync(new AuditEntry(wish.Who, "run-remedy", wish.Job, wish.Reason, AuditOutcome.Already, wish.Code, $"{remedy.Name}: {nothing.Why}"), cancellation);
                return new RemedyOutcome.Taken(new RemedyRun { Remedy = remedy.Name, JobId = wish.Job?.Value, Status = RunStatus.Already, Detail = nothing.Why, AskedBy = wish.Who.Name, AskedKind = wish.Who.Kind, Reason = wish.Reason });
        }
        var proposed = onlyPropose || (!wish.IsHuman && tier != RemedyTier.Automatic);
        switch (await runs.BeginAsync(remedy.Name, remedy.IsForAll ? null : wish.Job, wish.Code, proposed ? RunStatus.Proposed : RunStatus.Running, !proposed && !wish.IsHuman, wish.Who, wish.Reason, cancellation))
        {
            case BeginOutcome.LimitReached limit:
                return await RefuseAsync(wish, new RemedyOutcome.Refused(StatusCodes.Status429TooManyRequests, ErrorCodes.RemedyLimitReached, limit.Detail), cancellation);
            case BeginOutcome.Open open:
                return new RemedyOutcome.Taken(open.Run);
            case BeginOutcome.Begun begun:
                return proposed ? new RemedyOutcome.Taken(begun.Run) : await CarryOutAsync(remedy, begun.Run, one!);
            default:
                throw new InvalidOperationException("an outcome that nobody knows");
        }
    }

    /// <summary>A human says yes or no to a proposal. Null when there is no such proposal, or it was decided already.</summary>
    public async Task<RemedyOutcome?> DecideAsync(Guid id, bool approve, Actor who, string reason, CancellationToken cancellation)
    {
        if (await runs.DecideAsync(id, approve, who, reason, cancellation) is not { } run) return null;
        if (!approve) return new RemedyOutcome.Taken(run);
        var job = run.JobId is { } jobId ? await dossiers.FindAsync(new JobId(jobId), withEmail: false, cancellation) : null;
        return await CarryOutAsync(remedies[run.Remedy], run, new RemedyCase(job, who, $"{run.Reason} (approved: {reason})"));
    }

    private async Task<RemedyOutcome> CarryOutAsync(IRemedy remedy, RemedyRun run, RemedyCase one)
    {
        // Whoever asked may go away; what has begun is brought to its end.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        RemedyResult result;
        try
        {
            result = await remedy.ApplyAsync(one, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            result = new RemedyResult(RunStatus.WithoutEffect, "It was not finished within five minutes.");
        }
        var ended = await runs.EndAsync(run, result, one.Who, CancellationToken.None);
        Ended(logger, run.JobId, remedy.Name, result.Status);
        return new RemedyOutcome.Taken(ended, one.Who.Kind == ActorKind.Operator ? result.Secret : null);
    }

    private async Task<(IRemedy? Remedy, RemedyCase? Case, RemedyOutcome.Refused? Refused)> ReadAsync(RemedyWish wish, CancellationToken cancellation)
    {
        (IRemedy?, RemedyCase?, RemedyOutcome.Refused?) No(int status, ErrorCode code, string detail) => (null, null, new RemedyOutcome.Refused(status, code, detail));
        if (!remedies.TryGetValue(wish.Remedy, out var remedy))
            return No(StatusCodes.Status404NotFound, ErrorCodes.NotFound, $"There is no remedy of this name; there are {string.Join(", ", remedies.Keys.Order(StringComparer.Ordinal))}. What else an entry names is for a human: open a ticket.");
        if (remedy.IsForAll) return (remedy, new RemedyCase(null, wish.Who, wish.Reason), null);
        if (wish.Job is not { } job || await dossiers.FindAsync(job, withEmail: false, cancellation) is not { } dossier)
            return No(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no job with this id; this remedy needs one.");
        return (remedy, new RemedyCase(dossier, wish.Who, wish.Reason), null);
    }

    /// <summary>The strictest of what the remedy, the entry of the code, and the job's own record say.</summary>
    private RemedyTier TierOf(IRemedy remedy, RemedyWish wish, RemedyCase one)
    {
        if (remedy.IsDestructive) return RemedyTier.Human;
        if (remedy.IsHarmless || remedy.Tier != RemedyTier.Automatic) return remedy.Tier;
        var known = one.Job is null ? [] : one.Job.Incidents.Where(i => i.ClosedAt is null).Select(i => i.Code).Append(one.Job.Job.ErrorCode).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return wish.Code is { } code && known.Contains(code.Value) && catalogue.Find(code)?.Remedy is { Tier: RemedyTier.Automatic } named && named.Name == remedy.Name
            ? RemedyTier.Automatic
            : RemedyTier.Approval;
    }

    private async Task<RemedyOutcome> RefuseAsync(RemedyWish wish, RemedyOutcome.Refused refused, CancellationToken cancellation)
    {
        await audit.AppendAsync(new AuditEntry(wish.Who, "run-remedy", wish.Job, wish.Reason, AuditOutcome.Refused, refused.Code, $"{wish.Remedy}: {refused.Detail}"), cancellation);
        return refused;
    }

    [LoggerMessage(2090, LogLevel.Information, "job {Job}: remedy {Remedy}: {Status}")]
    private static partial void Ended(ILogger logger, Guid? job, string remedy, string status);
}
