using Dapper;
using Npgsql;
using Wopr.Provisioning.Projects;

namespace Wopr.Operators.Boards;

/// <summary>What there is to do, who does it, and how many provider calls are left.</summary>
public sealed class QueueBoard(NpgsqlDataSource database, ProjectBook projects)
{
    private const int MostItems = 100;

    public async Task<QueueView> ReadAsync(CancellationToken cancellation)
    {
        var standings = await projects.ReadAsync(cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition("""
            SELECT kind, count(*) FILTER (WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at <= now())::int AS due,
                   count(*) FILTER (WHERE lease_until IS NOT NULL)::int AS leased,
                   count(*) FILTER (WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at > now())::int AS asleep,
                   count(*) FILTER (WHERE quarantined_at IS NOT NULL)::int AS quarantined,
                   extract(epoch FROM now() - min(wake_at) FILTER (WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at <= now()))::float8 AS oldest_seconds
            FROM work_items GROUP BY kind ORDER BY kind;
            SELECT w.kind, w.subject, j.fqdn, lease_owner, lease_until, attempt, deaths, quarantined_at, last_error
            FROM work_items w LEFT JOIN jobs j ON j.id = w.subject AND w.kind = 'provision'
            WHERE lease_until IS NOT NULL OR quarantined_at IS NOT NULL OR attempt > 1
            ORDER BY quarantined_at NULLS LAST, attempt DESC, lease_until LIMIT @MostItems;
            SELECT n.name, version, started_at, seen_at, seen_at > now() - interval '30 seconds' AS alive,
                   (SELECT count(*)::int FROM work_items WHERE lease_owner = n.name) AS leases
            FROM nodes n ORDER BY seen_at DESC;
            SELECT key, capacity, least(capacity, calls_left + refill_per_second * greatest(0, extract(epoch FROM now() - refilled_at)))::float8 AS calls_left,
                   refill_per_second * 3600 AS refill_per_hour, CASE WHEN blocked_until > now() THEN blocked_until END AS blocked_until
            FROM provider_budgets ORDER BY key
            """, new { MostItems }, cancellationToken: cancellation));
        return new QueueView(
            (await rows.ReadAsync<QueueKind>()).AsList(), (await rows.ReadAsync<QueueItem>()).AsList(), (await rows.ReadAsync<NodeFacts>()).AsList(), (await rows.ReadAsync<BudgetFacts>()).AsList(),
            [.. standings.Select(ProjectFacts.Of)]);
    }
}

/// <param name="Items">What is being driven, has trouble, or is set aside.</param>
/// <param name="Budgets">One for each provider token, shared by all nodes.</param>
public sealed record QueueView(IReadOnlyList<QueueKind> Kinds, IReadOnlyList<QueueItem> Items, IReadOnlyList<NodeFacts> Nodes, IReadOnlyList<BudgetFacts> Budgets,
    IReadOnlyList<ProjectFacts> Projects);

public sealed class QueueKind
{
    public string Kind { get; init; } = "";
    public int Due { get; init; }
    public int Leased { get; init; }
    public int Asleep { get; init; }
    public int Quarantined { get; init; }

    /// <summary>How long the oldest that is due has waited; null when none is due.</summary>
    public double? OldestSeconds { get; init; }
}

public sealed class QueueItem
{
    public string Kind { get; init; } = "";
    public Guid Subject { get; init; }

    /// <summary>Null when it is about no job.</summary>
    public string? Fqdn { get; init; }
    public string? LeaseOwner { get; init; }
    public DateTimeOffset? LeaseUntil { get; init; }
    public int Attempt { get; init; }
    public int Deaths { get; init; }
    public DateTimeOffset? QuarantinedAt { get; init; }
    public string? LastError { get; init; }
}

public sealed class NodeFacts
{
    public string Name { get; init; } = "";
    public string Version { get; init; } = "";
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset SeenAt { get; init; }

    /// <summary>Seen within 30 seconds.</summary>
    public bool Alive { get; init; }
    public int Leases { get; init; }
}

/// <summary>One project at Hetzner, and whether it takes orders.</summary>
/// <param name="State"><c>open</c>, or what stands against it: <c>closed</c>, <c>no_room</c> by the configured limit, <c>full</c> by what it lately said, <c>in_trouble</c>.</param>
/// <param name="Servers">Of ours that are there, or were asked for.</param>
/// <param name="Waiting">Orders that are placed there and have not asked for their server yet.</param>
/// <param name="MostServers">Null: no limit is configured.</param>
public sealed record ProjectFacts(string Name, string State, int Servers, int Waiting, int? MostServers, double CallsLeft)
{
    internal static ProjectFacts Of(ProjectStanding standing) => new(
        standing.Project.Name.Value, StateOf(standing), standing.Servers, standing.Waiting, standing.Project.MostServers, standing.CallsLeft);

    private static string StateOf(ProjectStanding standing) => standing switch
    {
        { Project.Closed: true } => "closed",
        { Room: <= 0 } => "no_room",
        { Troubled: true } => "in_trouble",
        { Full: true } => "full",
        _ => "open",
    };
}

public sealed class BudgetFacts
{
    /// <summary>Provider and the token's fingerprint.</summary>
    public string Key { get; init; } = "";
    public double Capacity { get; init; }

    /// <summary>Less what nodes have taken in advance and not spent yet: at most 20 each.</summary>
    public double CallsLeft { get; init; }
    public double RefillPerHour { get; init; }
    public DateTimeOffset? BlockedUntil { get; init; }
}
