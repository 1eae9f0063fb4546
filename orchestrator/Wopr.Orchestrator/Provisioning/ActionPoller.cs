using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Http;
using Wopr.Platform.Work;
using Wopr.Provisioning.Ports;

namespace Wopr.Provisioning;

/// <summary>
/// One poller for all jobs of a project: asks for many actions in one call, and only for what is overdue. A beacon's callback
/// settles its actions, so that most are never asked for. A project in trouble delays no other's.
/// </summary>
public sealed class ActionPoller(NpgsqlDataSource database, WorkQueue queue, IClouds clouds) : IWorkHandler
{
    private const string PollKind = "poll_actions";

    private const int MostAtOnce = 200;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(3);

    /// <summary>An action that goes on is looked at ever less often: after a quarter of its age, so that waiting ten times as long costs few calls more.</summary>
    private const double ShareOfAge = 0.25;

    // It may be configured again, and then its actions are asked for.
    private static readonly TimeSpan Absence = TimeSpan.FromMinutes(1);

    public string Kind => PollKind;

    /// <summary>The project's work item.</summary>
    public static WorkKey KeyOf(ProjectName project) =>
        new(PollKind, project == ProjectName.Main ? Guid.Empty : new Guid(SHA256.HashData(Encoding.ASCII.GetBytes(project.Value)).AsSpan(0, 16)));

    public async Task HandleAsync(WorkLease lease, CancellationToken cancellation)
    {
        if (clouds.Projects.FirstOrDefault(p => KeyOf(p.Name) == lease.Key) is not { Name: var project })
        {
            await database.InTransactionAsync((connection, transaction) => queue.ReleaseAsync(connection, transaction, lease, new Wake.After(Absence), lease.Signals), cancellation);
            return;
        }
        var running = await DueAsync(project, cancellation);
        var due = running.Select(r => r.Id).ToList();
        using var scope = CallScope.For([.. running.Select(r => r.Job).Distinct()]);
        IReadOnlyList<CloudAction> states = [];
        // Rounds are apart, so that actions that fall due one by one are asked for together.
        var pause = due.Count == MostAtOnce ? TimeSpan.Zero : Again;
        if (due.Count > 0 && !(await clouds.Of(project).GetActionsAsync(due, cancellation)).IsSuccess(out states!, out var failure))
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
                $"SELECT extract(epoch FROM min(poll_at) - now())::float8 FROM {RunningOf}", new { project = project.Value }, transaction);
            var wake = next is { } seconds ? new Wake.After(Max(TimeSpan.FromSeconds(seconds), pause)) : Wake.Signalled;
            // Without running actions the item sleeps; new actions wake it.
            await queue.ReleaseAsync(connection, transaction, lease, wake, lease.Signals);
        }, cancellation);
    }

    // A job without a project is of a version that knew main only.
    private const string RunningOf = "provider_actions a JOIN jobs j ON j.id = a.job_id WHERE a.status = 'running' AND coalesce(j.project, 'main') = @project";

    private async Task<IReadOnlyList<(long Id, Guid Job)>> DueAsync(ProjectName project, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<(long, Guid)>(new CommandDefinition(
            $"SELECT a.id, a.job_id FROM {RunningOf} AND a.poll_at <= now() ORDER BY a.poll_at LIMIT @MostAtOnce", new { MostAtOnce, project = project.Value }, cancellationToken: cancellation))];
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
