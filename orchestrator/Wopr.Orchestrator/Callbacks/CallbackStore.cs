using System.Security.Cryptography;
using Dapper;
using Npgsql;
using Wopr.Beacons;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Callbacks;

/// <summary>Takes a beacon's reports into the job's row: plain ones with others in one commit, others in a transaction each.</summary>
public sealed class CallbackStore(NpgsqlDataSource database, IIdSource ids, TimeProvider time) : IDisposable
{
    // A beacon gone mad must not take every connection that this node has: its callbacks queue here for a few of them.
    private readonly SemaphoreSlim places = new(8);

    private readonly CallbackCommitter committer = new(database);

    private readonly RecentTokens recent = new(time);

    public void Dispose()
    {
        committer.Dispose();
        places.Dispose();
    }

    /// <summary>Per job and ten seconds, over all nodes.</summary>
    public const int MostPerWindow = 200;

    // 256 random bits.
    private const int TokenBytes = 32;

    internal static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Whether this token may speak for this job, before its body is looked at.</summary>
    public Task<CallbackOutcome> CheckAsync(JobId job, string token, CancellationToken cancellation)
    {
        var hash = HashOf(token);
        return recent.Has(job, hash) ? Task.FromResult(CallbackOutcome.Accepted) : InTurnAsync(() => LookAsync(job, hash, cancellation), cancellation);
    }

    private async Task<CallbackOutcome> LookAsync(JobId job, byte[] hash, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<TokenRow?>(new CommandDefinition("""
            SELECT t.hash, t.revoked_at IS NOT NULL AS revoked, t.expires_at <= now() AS expired, j.state,
                   j.callback_window_at > now() - @Window AND j.callback_window_count >= @MostPerWindow AS too_many
            FROM callback_tokens t JOIN jobs j ON j.id = t.job_id WHERE t.hash = @hash AND t.job_id = @job
            """, new { hash, job = job.Value, Window, MostPerWindow }, cancellationToken: cancellation));
        if (row is null || !CryptographicOperations.FixedTimeEquals(row.Hash, hash)) return CallbackOutcome.TokenInvalid;
        if (JobStates.Parse(row.State).RefusesCallbacks()) return CallbackOutcome.JobOver;
        if (row.Revoked || row.Expired) return CallbackOutcome.TokenInvalid;
        return row.TooMany ? CallbackOutcome.TooMany : CallbackOutcome.Accepted;
    }

    /// <summary>Takes the report. Repeats change nothing; progress never goes backwards; the waiting step is woken when it has something to do.</summary>
    public async Task<CallbackOutcome> TakeAsync(JobId job, string token, CallbackReport report, CancellationToken cancellation)
    {
        var hash = HashOf(token);
        var outcome = CallbackCommitter.IsPlain(report) && await committer.TakeAsync(job, hash, report)
            ? CallbackOutcome.Accepted
            : await InTurnAsync(() => LookAndWriteAsync(job, hash, report, cancellation), cancellation);
        // One that calls too often, or for a job that is over, is told so before its body is read.
        if (outcome == CallbackOutcome.Accepted) recent.Remember(job, hash);
        else recent.Forget(job);
        return outcome;
    }

    // Of many that were let in at once, those that are too many need not wait for the job's row to be told so.
    private async Task<CallbackOutcome> LookAndWriteAsync(JobId job, byte[] hash, CallbackReport report, CancellationToken cancellation) =>
        await LookAsync(job, hash, cancellation) is var seen and not CallbackOutcome.Accepted ? seen : await WriteAsync(job, hash, report, cancellation);

    private Task<CallbackOutcome> WriteAsync(JobId job, byte[] hash, CallbackReport report, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            // The work item before the job, as everywhere: two who lock in different orders would wait for each other.
            await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(job));
            // Looked at again: a body may take its time, and many that were let in at once wait here for each other.
            var row = await connection.QuerySingleOrDefaultAsync<JobRow?>("""
                SELECT j.state, j.stage, j.module, j.callback_seq, t.revoked_at IS NOT NULL OR t.expires_at <= now() AS token_over,
                       j.callback_window_at > now() - @Window AND j.callback_window_count >= @MostPerWindow AS too_many
                FROM jobs j JOIN callback_tokens t ON t.job_id = j.id AND t.hash = @hash WHERE j.id = @job FOR UPDATE OF j
                """, new { job = job.Value, hash, Window, MostPerWindow }, transaction);
            if (row is null) return CallbackOutcome.TokenInvalid;
            if (JobStates.Parse(row.State).RefusesCallbacks()) return CallbackOutcome.JobOver;
            if (row.TokenOver) return CallbackOutcome.TokenInvalid;
            if (row.TooMany) return CallbackOutcome.TooMany;
            await connection.ExecuteAsync("""
                UPDATE jobs SET last_callback_at = now(),
                    callback_window_count = CASE WHEN callback_window_at > now() - @Window THEN callback_window_count + 1 ELSE 1 END,
                    callback_window_at = CASE WHEN callback_window_at > now() - @Window THEN callback_window_at ELSE now() END
                WHERE id = @job
                """, new { job = job.Value, Window }, transaction);
            // A repeat, or one that was overtaken: the beacon sends in order, so this is known already.
            if (report.Seq <= row.CallbackSeq) return CallbackOutcome.Accepted;
            await ApplyAsync(connection, transaction, job, row, report, hash);
            return CallbackOutcome.Accepted;
        }, cancellation);

    /// <summary>
    /// Gives the job another token, which lives as long as the present ones would have; those are good for
    /// <paramref name="overlap"/> more, so that the beacon can be told in between. Null when no such job takes callbacks.
    /// </summary>
    public Task<RotatedToken?> RotateAsync(JobId job, TimeSpan overlap, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(job));
            return await RotateAsync(connection, transaction, job, overlap);
        }, cancellation);

    /// <summary>The same in the caller's transaction, which has locked the job's work item.</summary>
    public async Task<RotatedToken?> RotateAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job, TimeSpan overlap)
    {
        var state = await connection.QuerySingleOrDefaultAsync<string?>("SELECT state FROM jobs WHERE id = @job FOR UPDATE", new { job = job.Value }, transaction);
        if (state is null || JobStates.Parse(state).RefusesCallbacks()) return null;
        var token = ids.NewSecret(TokenBytes);
        var hash = SHA256.HashData(token);
        var fingerprint = TokenFingerprint.Of(hash);
        var issued = await connection.ExecuteAsync("""
            WITH live AS (
                UPDATE callback_tokens SET expires_at = least(expires_at, now() + @overlap)
                WHERE job_id = @job AND revoked_at IS NULL AND expires_at > now() RETURNING job_id)
            INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at, rotated)
            SELECT @hash, @job, @fingerprint, (SELECT max(expires_at) FROM callback_tokens WHERE job_id = @job AND revoked_at IS NULL AND expires_at > now()), true
            WHERE EXISTS (SELECT FROM live)
            """, new { job = job.Value, overlap, hash, fingerprint }, transaction);
        if (issued == 0) return null;
        await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message = $"the callback token was replaced by {fingerprint}" });
        return new RotatedToken(Convert.ToHexStringLower(token), fingerprint);
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job, JobRow before, CallbackReport report, byte[] hash)
    {
        var code = report.Stage == BeaconStage.Error && ErrorCode.TryParse(report.Error, out var named) && ErrorCodes.All.Contains(named) ? named.Value : null;
        var was = before.Stage is null ? (BeaconStage?)null : BeaconStages.Parse(before.Stage);
        // A later stage is never left for an earlier one; a runner that is run again after an error may go on.
        var stage = report.Stage == BeaconStage.Error || was is null or BeaconStage.Error || report.Stage > was ? report.Stage : was.Value;
        // Several modules are installed at a time: each says itself when it is ready.
        var finished = report.Stage != BeaconStage.Error && report.Message == CallbackReport.ModuleReady ? report.Module : null;
        var progress = await connection.ExecuteScalarAsync<int>("""
            UPDATE jobs SET callback_seq = @Seq, stage = @stage, progress = greatest(progress, @Progress),
                module = CASE WHEN @error THEN coalesce(@Module, module) ELSE @Module END,
                modules_ready = CASE WHEN @finished IS NULL OR @finished = ANY (modules_ready) THEN modules_ready ELSE modules_ready || @finished END,
                reported_error = @code, error_detail = CASE WHEN @error THEN @Message ELSE error_detail END
            WHERE id = @job RETURNING progress
            """, new { job = job.Value, report.Seq, stage = stage.Word(), report.Progress, report.Module, finished, code, error = report.Stage == BeaconStage.Error, report.Message }, transaction);

        var kind = report.Stage == BeaconStage.Error ? EventKind.Error : report.Module is not null ? EventKind.Module : EventKind.Stage;
        await JobEvents.AppendAsync(connection, transaction, job, kind, new
        {
            state = before.State,
            stage = report.Stage.Word(),
            progress,
            module = report.Module,
            message = report.Stage == BeaconStage.Error ? null : report.Message,
            code,
        });
        // The server runs, or it could not have called: its actions need no asking any more. And the token that speaks
        // is the one that was delivered; others were made for attempts whose servers never came to be. A rotated one is on its way.
        await connection.ExecuteAsync("""
            UPDATE provider_actions SET status = 'success', updated_at = now() WHERE job_id = @job AND status = 'running';
            UPDATE callback_tokens SET revoked_at = now() WHERE job_id = @job AND hash <> @hash AND revoked_at IS NULL AND NOT rotated AND @first
            """, new { job = job.Value, hash, first = was is null }, transaction);
        if (report.Agent is { } agent) await AgentStore.RegisterAsync(connection, transaction, job, agent);
        await WorkQueue.SignalAsync(connection, transaction, JobStore.WorkOf(job));
    }

    private async Task<CallbackOutcome> InTurnAsync(Func<Task<CallbackOutcome>> work, CancellationToken cancellation)
    {
        await places.WaitAsync(cancellation);
        try
        {
            return await work();
        }
        finally
        {
            places.Release();
        }
    }

    private static byte[] HashOf(string token)
    {
        // Tokens are 32 bytes in hexadecimal; anything else hashes to something that no token has.
        try
        {
            return SHA256.HashData(Convert.FromHexString(token));
        }
        catch (FormatException)
        {
            return new byte[SHA256.HashSizeInBytes];
        }
    }

    private sealed record TokenRow(byte[] Hash, bool Revoked, bool Expired, string State, bool TooMany);

    private sealed record JobRow(string State, string? Stage, string? Module, long CallbackSeq, bool TokenOver, bool TooMany);
}

/// <summary>A token that took the place of another. <paramref name="Token"/> is shown to the operator once and stored nowhere.</summary>
public sealed record RotatedToken(string Token, string Fingerprint)
{
    /// <summary>A secret: never printed by accident.</summary>
    public override string ToString() => $"token {Fingerprint}";
}
