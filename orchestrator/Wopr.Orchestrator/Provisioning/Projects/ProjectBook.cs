using Dapper;
using Npgsql;
using Wopr.Incidents;
using Wopr.Provisioning.Ports;

namespace Wopr.Provisioning.Projects;

/// <summary>What all nodes know of the projects: what is in them, which are full, and how many calls are left.</summary>
public sealed class ProjectBook(NpgsqlDataSource database, IClouds clouds)
{
    /// <summary>How long a project counts as full after it said so. Trying it again costs one call.</summary>
    public static readonly TimeSpan FullFor = TimeSpan.FromMinutes(5);

    // One node places at a time, so that two never take the last place of a project. Any number that nobody else uses.
    private const long PlacingLock = 0x574f_5052_0008;

    /// <summary>True when there is nothing to choose and nothing to count: today's order goes where the last one went.</summary>
    public bool IsSingle(out ProjectName only)
    {
        only = clouds.Projects[0].Name;
        return clouds.Projects is [{ Closed: false, MostServers: null }];
    }

    public async Task<IReadOnlyList<ProjectStanding>> ReadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await ReadAsync(connection, null, cancellation);
    }

    /// <summary>The best project, with all other placing shut out until the caller's transaction ends; null when none takes the order.</summary>
    public async Task<ProjectName?> ChooseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlySet<ProjectName> without, CancellationToken cancellation)
    {
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(@PlacingLock)", new { PlacingLock }, transaction);
        return ProjectChoice.Best(await ReadAsync(connection, transaction, cancellation), without);
    }

    /// <summary>It said that its limit is reached: orders try others first for a while.</summary>
    public async Task FullAsync(ProjectName project, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO full_projects (project, until) VALUES (@Value, now() + @FullFor) ON CONFLICT (project) DO UPDATE SET until = excluded.until
            """, new { project.Value, FullFor }, cancellationToken: cancellation));
    }

    private async Task<IReadOnlyList<ProjectStanding>> ReadAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellation)
    {
        // A job without a project that asked for a server is of a version that knew main only.
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("""
            WITH servers AS (
                SELECT coalesce(j.project, 'main') AS project, count(*)::int AS number
                FROM resources r JOIN jobs j ON j.id = r.job_id WHERE r.kind = 'server' AND r.gone_at IS NULL GROUP BY 1),
            waiting AS (
                SELECT j.project, count(*)::int AS number FROM jobs j
                WHERE j.ended_at IS NULL AND j.state = 'provisioning_vps' AND j.project IS NOT NULL
                  AND NOT EXISTS (SELECT FROM resources r WHERE r.job_id = j.id AND r.kind = 'server' AND r.gone_at IS NULL) GROUP BY 1)
            SELECT p.name, coalesce(s.number, 0) AS servers, coalesce(w.number, 0) AS waiting,
                   CASE WHEN b.blocked_until > now() THEN 0 ELSE coalesce(least(b.capacity,
                       b.calls_left + b.refill_per_second * greatest(0, extract(epoch FROM now() - b.refilled_at))), @AllCalls) END::float8 AS calls_left,
                   f.until IS NOT NULL AS "full",
                   EXISTS (SELECT FROM incidents i WHERE i.cause = p.cause AND i.closed_at IS NULL) AS troubled
            FROM unnest(@names, @keys, @causes) AS p(name, key, cause)
            LEFT JOIN servers s ON s.project = p.name LEFT JOIN waiting w ON w.project = p.name
            LEFT JOIN provider_budgets b ON b.key = p.key LEFT JOIN full_projects f ON f.project = p.name AND f.until > now()
            """, new
        {
            ProjectStanding.AllCalls,
            names = clouds.Projects.Select(p => p.Name.Value).ToArray(),
            keys = clouds.Projects.Select(p => p.BudgetKey).ToArray(),
            causes = clouds.Projects.Select(p => IncidentCause.Provider(p.Name.Provider).Text).ToArray(),
        }, transaction, cancellationToken: cancellation));
        var known = rows.ToDictionary(r => r.Name, StringComparer.Ordinal);
        return [.. clouds.Projects.Select(p => Standing(p, known[p.Name.Value]))];
    }

    private static ProjectStanding Standing(CloudProject project, Row row) => new(project, row.Servers, row.Waiting, row.CallsLeft, row.Full, row.Troubled);

    private sealed record Row(string Name, int Servers, int Waiting, double CallsLeft, bool Full, bool Troubled);
}
