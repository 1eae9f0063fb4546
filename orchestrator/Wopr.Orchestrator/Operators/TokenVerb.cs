using Npgsql;
using Wopr.Callbacks;
using Wopr.Provisioning;

namespace Wopr.Operators;

/// <summary>Gives a beacon's reports another token; the present one stays good until the beacon can have been told.</summary>
public sealed class TokenVerb(CallbackStore callbacks)
{
    /// <summary>How long the old token is still accepted.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(15);

    internal async Task<VerbOutcome> DoAsync(VerbSubject job, NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        await callbacks.RotateAsync(connection, transaction, job.JobId, Overlap) is { } token
            ? new VerbOutcome.Done($"The token with the fingerprint {token.Fingerprint} replaces the present one, which is good for another {Overlap.TotalMinutes:0} minutes.", token.Token)
            : VerbOutcome.DoesNotApply($"The job is {job.State.Word()} and has no live token.");
}
