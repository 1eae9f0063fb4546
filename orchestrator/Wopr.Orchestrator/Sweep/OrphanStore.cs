using System.Globalization;
using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Sweep;

/// <summary>What sweeps found, and what the database says of the jobs concerned.</summary>
public sealed class OrphanStore(NpgsqlDataSource database)
{
    // How long what is gone stays listed.
    private static readonly TimeSpan Memory = TimeSpan.FromDays(90);

    public async Task<OrphanFinder> FinderAsync(IEnumerable<JobId> named, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<(Guid Id, string State, string? ServerId)>(new CommandDefinition("""
            SELECT j.id, j.state, r.provider_id FROM jobs j
            LEFT JOIN resources r ON r.job_id = j.id AND r.kind = 'server' AND r.gone_at IS NULL WHERE j.id = ANY (@ids)
            """, new { ids = named.Select(j => j.Value).Distinct().ToArray() }, cancellationToken: cancellation));
        return new OrphanFinder(rows
            .Select(r => new JobFacts(new JobId(r.Id), JobStates.Parse(r.State), long.TryParse(r.ServerId, NumberStyles.None, CultureInfo.InvariantCulture, out var server) ? server : null))
            .DistinctBy(j => j.Id).ToDictionary(j => j.Id));
    }

    /// <summary>Servers that live jobs count on, identified before this look began. A failed job is asked about when it is resumed.</summary>
    public async Task<IReadOnlyList<OwnServer>> OwnServersAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<OwnServer>(new CommandDefinition("""
            SELECT j.id AS job_id, j.fqdn, coalesce(j.project, 'main') AS project, o.bundle, r.provider_id::bigint AS server_id, r.identified_at,
                   (j.ladder->j.ladder_position->>'monthly_cents')::int AS monthly_cents
            FROM resources r JOIN jobs j ON j.id = r.job_id JOIN orders o ON o.id = j.order_id
            WHERE r.kind = 'server' AND r.gone_at IS NULL AND r.provider_id IS NOT NULL
              AND j.state IN ('configuring_dns', 'waiting_for_vps', 'deploying_wopr', 'verifying', 'generating_docs', 'sending_welcome', 'completed')
            """, cancellationToken: cancellation))];
    }

    /// <summary>The same with the database's clock.</summary>
    public async Task<(IReadOnlyList<OwnServer> Servers, DateTimeOffset Now)> OwnServersNowAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var now = await connection.ExecuteScalarAsync<DateTimeOffset>(new CommandDefinition("SELECT now()", cancellationToken: cancellation));
        return (await OwnServersAsync(cancellation), now);
    }

    /// <summary>Notes what stands and what is gone, of the kinds that could be looked at.</summary>
    /// <param name="project">Null for the zone.</param>
    public Task NoteAsync(ProjectName? project, IReadOnlyCollection<OrphanKind> kinds, IReadOnlyCollection<Orphan> standing, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            foreach (var orphan in standing.OrderBy(o => (o.Kind, o.Id)))
                await connection.ExecuteAsync("""
                    INSERT INTO orphans (kind, project, provider_id, name, job_id, why, created_at, monthly_cents, removable)
                    VALUES (@kind, @project, @Id, @Name, @job, @Why, @Created, @MonthlyCents, @Removable)
                    ON CONFLICT (kind, provider_id) WHERE gone_at IS NULL DO UPDATE SET
                        name = excluded.name, job_id = excluded.job_id, why = excluded.why, project = excluded.project, last_seen_at = now(), removable = excluded.removable,
                        created_at = coalesce(excluded.created_at, orphans.created_at), monthly_cents = coalesce(excluded.monthly_cents, orphans.monthly_cents)
                    """, new { kind = orphan.Kind.Word(), project = project?.Value, orphan.Id, orphan.Name, job = orphan.Job?.Value, orphan.Why, orphan.Created, orphan.MonthlyCents, orphan.Removable }, transaction);
            await connection.ExecuteAsync("""
                UPDATE orphans SET gone_at = now() WHERE gone_at IS NULL AND project IS NOT DISTINCT FROM @project AND kind = ANY (@kinds) AND NOT kind || ' ' || provider_id = ANY (@here);
                DELETE FROM orphans WHERE gone_at < now() - @Memory;
                DELETE FROM sweeps WHERE at < now() - @Memory
                """, new { project = project?.Value, kinds = kinds.Select(k => k.Word()).ToArray(), here = standing.Select(o => $"{o.Kind.Word()} {o.Id}").ToArray(), Memory }, transaction);
        }, cancellation);

    /// <summary>What may be removed now: seen for at least the grace period, by the database's clock.</summary>
    public async Task<IReadOnlyList<OrphanRow>> DueAsync(ProjectName? project, TimeSpan grace, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<OrphanRow>(new CommandDefinition(
            $"{Select} WHERE gone_at IS NULL AND removable AND kind <> 'lost_server' AND first_seen_at <= now() - @grace AND project IS NOT DISTINCT FROM @project ORDER BY id", new { grace, project = project?.Value }, cancellationToken: cancellation))];
    }

    public async Task RemovedAsync(OrphanRow orphan, string? error, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("""
            UPDATE orphans SET removed_at = CASE WHEN @error::text IS NULL THEN now() ELSE removed_at END, last_error = @error WHERE id = @Id
            """, new { orphan.Id, error }, cancellationToken: cancellation));
    }

    public async Task FinishAsync(int found, int removed, IReadOnlyList<string> problems, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("INSERT INTO sweeps (found, removed, problems) VALUES (@found, @removed, @problems)",
            new { found, removed, problems = problems.ToArray() }, cancellationToken: cancellation));
    }

    /// <summary>Longest seen first; with <paramref name="gone"/> those of the last 90 days that are gone too.</summary>
    public async Task<(IReadOnlyList<OrphanRow> Orphans, LastSweep? Last)> ListAsync(bool gone, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<OrphanRow>(new CommandDefinition(
            $"{Select} WHERE gone_at IS NULL OR @gone ORDER BY gone_at DESC NULLS FIRST, id LIMIT @limit", new { gone, limit }, cancellationToken: cancellation));
        var last = await connection.QuerySingleOrDefaultAsync<LastSweep?>(new CommandDefinition(
            "SELECT at, problems FROM sweeps ORDER BY id DESC LIMIT 1", cancellationToken: cancellation));
        return ([.. rows], last);
    }

    private const string Select = """
        SELECT id, kind, project, provider_id, name, job_id, why, created_at, monthly_cents, removable, first_seen_at, last_seen_at, removed_at, last_error, gone_at,
               extract(epoch FROM coalesce(gone_at, now()) - coalesce(created_at, first_seen_at))::bigint AS age_seconds
        FROM orphans
        """;
}

/// <summary>A server that a live job counts on.</summary>
public sealed class OwnServer
{
    public Guid JobId { get; init; }
    public string Fqdn { get; init; } = "";
    public string Project { get; init; } = "main";
    public string Bundle { get; init; } = "";
    public long ServerId { get; init; }
    public DateTimeOffset? IdentifiedAt { get; init; }
    public int? MonthlyCents { get; init; }
}

/// <summary>An orphan as it is listed. <see cref="AgeSeconds"/> counts from its creation, where the provider tells, else from when it was first seen.</summary>
public sealed class OrphanRow
{
    public long Id { get; init; }
    public string Kind { get; init; } = "";

    /// <summary>Null for a record of the zone.</summary>
    public string? Project { get; init; }
    public string ProviderId { get; init; } = "";
    public string Name { get; init; } = "";
    public Guid? JobId { get; init; }
    public string Why { get; init; } = "";
    public long AgeSeconds { get; init; }
    public int? MonthlyCents { get; init; }
    public bool Removable { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset FirstSeenAt { get; init; }
    public DateTimeOffset LastSeenAt { get; init; }
    public DateTimeOffset? RemovedAt { get; init; }
    public string? LastError { get; init; }
    public DateTimeOffset? GoneAt { get; init; }
}

public sealed class LastSweep
{
    public DateTimeOffset At { get; init; }
    public string[] Problems { get; init; } = [];
}
