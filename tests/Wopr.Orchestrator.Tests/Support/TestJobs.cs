using Dapper;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Support;

/// <summary>Jobs put into the database as they stand somewhere on their way.</summary>
internal static class TestJobs
{
    /// <param name="deadline">From now; negative when it has passed.</param>
    /// <param name="age">How long the job has been in its state.</param>
    public static async Task<JobId> AddJobAsync(
        this MigratedDatabase database, string name, JobState state, TimeSpan? deadline = null, TimeSpan? age = null, string? errorCode = null, TimeSpan? created = null)
    {
        var id = Guid.NewGuid();
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("""
            INSERT INTO orders (id, source, fingerprint, bundle, tier, beacon_name, email, price_cents, currency)
            VALUES (@id, 'operator', decode('00', 'hex'), 'starter', 1, @name, 'anna@example.com', 0, 'EUR');
            INSERT INTO jobs (id, order_id, state, state_entered_at, deadline_at, beacon_name, fqdn, name_held, error_code, error_detail, failed_state, ended_at, created_at)
            VALUES (@id, @id, @state, now() - @age, coalesce(now() + @deadline::interval, 'infinity'), @name, @name || '.example', NOT @gone, @errorCode,
                    CASE WHEN @errorCode IS NULL THEN NULL ELSE 'as it was seen' END, CASE WHEN @state = 'failed' THEN 'provisioning_vps' END,
                    CASE WHEN @over THEN now() END, now() - @created)
            """, new
        {
            id,
            name,
            state = state.Word(),
            deadline,
            age = age ?? TimeSpan.Zero,
            created = created ?? TimeSpan.FromHours(1),
            errorCode,
            over = state.IsOver(),
            gone = state.IsGone(),
        });
        return new JobId(id);
    }

    public static async Task MoveJobAsync(this MigratedDatabase database, JobId id, JobState state)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(
            "UPDATE jobs SET state = @state, state_entered_at = now(), deadline_at = 'infinity', ended_at = CASE WHEN @over THEN now() END WHERE id = @id",
            new { id = id.Value, state = state.Word(), over = state.IsOver() });
    }
}
