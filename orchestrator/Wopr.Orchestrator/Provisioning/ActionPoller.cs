using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Http;
using Wopr.Platform.Work;
using Wopr.Provisioning.Ports;

namespace Wopr.Provisioning;

/// <summary>
/// One poller for all jobs: asks for many actions in one call, and only for what is overdue. A beacon's callback settles
/// its actions, so that most are never asked for.
/// </summary>
public sealed class ActionPoller(NpgsqlDataSource database, WorkQueue queue, ICloudProvider cloud) : IWorkHandler
{
    public static readonly WorkKey Key = new("poll_actions", Guid.Empty);

    private const int MostAtOnce = 200;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(3);

    /// <summary>An action that goes on is looked at ever less often: after a quarter of its age, so that waiting ten times as long costs few calls more.</summary>
    private const double ShareOfAge = 0.25;

    public string Kind => Key.Kind;

    public async Task HandleAsync(WorkLease lease, CancellationToken cancellation)
    {
        var running = await DueAsync(cancellation);
        var due = running.Select(r => r.Id).ToList();
        using var scope = CallScope.For([.. running.Select(r => r.Job).Distinct()]);
        IReadOnlyList<CloudAction> states = [];
        // Rounds are apart, so that actions that fall due one by one are asked for together.
        var pause = due.Count == MostAtOnce ? TimeSpan.Zero : Again;
        if (due.Count > 0 && !(await cloud.GetActionsAsync(due, cancellation)).IsSuccess(out states!, out var failure))
        {
            states = [];
            pause = failure.RetryAfter is { } after && after > Again ? after : Again;
        }
        // Each in a transaction of its own: the poller's item and a job's are never locked together.
        foreach (var state in states) await RecordAsync(state, cancellation);
        await database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            var next = await connection.ExecuteScalarAsync<double?>(
                "SELECT extract(epoch FROM min(poll_at) - now())::float8 FROM provider_actions WHERE status = 'running'", transaction: transaction);
            var wake = next is { } seconds ? new Wake.After(Max(TimeSpan.FromSeconds(seconds), pause)) : Wake.Signalled;
            // Without running actions the item sleeps; new actions wake it.
            await queue.ReleaseAsync(connection, transaction, lease, wake, lease.Signals);
        }, cancellation);
    }

    private async Task<IReadOnlyList<(long Id, Guid Job)>> DueAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<(long, Guid)>(new CommandDefinition("""
            SELECT id, job_id FROM provider_actions WHERE status = 'running' AND poll_at <= now() ORDER BY poll_at LIMIT @MostAtOnce
            """, new { MostAtOnce }, cancellationToken: cancellation))];
    }

    private Task RecordAsync(CloudAction action, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            var job = await connection.QuerySingleOrDefaultAsync<Guid?>("SELECT job_id FROM provider_actions WHERE id = @Id", new { action.Id }, transaction);
            if (job is not { } id) return;
            if (action.Status != ActionStatus.Running) await WorkQueue.SignalAsync(connection, transaction, JobStore.WorkOf(new JobId(id)));
            await connection.ExecuteAsync("""
                UPDATE provider_actions
                SET status = @status, error = @error, poll_at = now() + greatest(@Again, (now() - created_at) * @ShareOfAge), updated_at = now()
                WHERE id = @Id AND status = 'running'
                """, new { action.Id, status = ActionStates.Word(action.Status), error = action.ErrorCode, Again, ShareOfAge }, transaction);
        }, cancellation);

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
