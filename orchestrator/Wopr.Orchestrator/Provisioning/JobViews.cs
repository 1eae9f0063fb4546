using Dapper;
using Npgsql;
using Wopr.Web;

namespace Wopr.Provisioning;

/// <summary>Jobs as the pages show them: the status that the API gives, and the operators' list.</summary>
public sealed class JobViews(NpgsqlDataSource database, JobStatusReader reader) : IJobViews
{
    public async Task<JobView?> FindAsync(JobId id, CancellationToken cancellation)
    {
        if (await reader.FindAsync(id, cancellation) is not { } status) return null;
        return new JobView(
            id,
            status.State,
            status.Stage,
            status.Progress,
            status.Module,
            new(status.Beacon.Name, status.Beacon.Fqdn, status.Beacon.Address, status.Beacon.Url),
            status.Bundle,
            status.Tier,
            status.CreatedAt,
            status.UpdatedAt,
            TimeSpan.FromSeconds(status.ElapsedSeconds),
            status.Estimate,
            status.IsOver,
            status.Substitution?.Message,
            status.Error is { } e ? new(e.Code, e.Title, e.WhatHappened, e.WhatWeDo, e.WhatYouCanDo) : null,
            [.. status.Modules.Select(m => new ModuleView(m.Id, m.Name, m.State))],
            [.. status.Apps.Select(a => new AppView(a.Id, a.Name, a.Summary, a.Url))],
            [.. status.Timeline.Select(t => new TimelineView(t.Seq, t.At, t.Kind, t.State, t.Stage, t.Module, t.Progress, t.Message, t.Code))])
        {
            Refund = status.Refund is { } refund ? new(refund.State, refund.Cents, refund.Currency) : null,
        };
    }

    public async Task<IReadOnlyList<JobRow>> ListAsync(int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("""
            SELECT j.id, j.fqdn, o.bundle, o.tier, j.state, j.stage, j.progress, j.error_code, j.created_at, j.updated_at
            FROM jobs j JOIN orders o ON o.id = j.order_id ORDER BY j.created_at DESC LIMIT @limit
            """, new { limit }, cancellationToken: cancellation));
        return [.. rows.Select(r => new JobRow(new JobId(r.Id), r.Fqdn, r.Bundle, r.Tier, r.State, r.Stage, r.Progress, r.ErrorCode, r.CreatedAt, r.UpdatedAt))];
    }

    private sealed class Row
    {
        public Guid Id { get; init; }
        public string Fqdn { get; init; } = "";
        public string Bundle { get; init; } = "";
        public short Tier { get; init; }
        public string State { get; init; } = "";
        public string? Stage { get; init; }
        public int Progress { get; init; }
        public string? ErrorCode { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset UpdatedAt { get; init; }
    }
}
