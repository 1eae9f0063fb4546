using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Checkout;
using Wopr.Modules;
using Wopr.Support;
using Wopr.Verification;

namespace Wopr.Provisioning;

/// <summary>What whoever holds the job id may see. Never the e-mail, a token, or an id of a provider or a payment.</summary>
public sealed record JobStatus
{
    public required string JobId { get; init; }
    public required string State { get; init; }
    public required string? Stage { get; init; }
    public required int Progress { get; init; }
    public required string? Module { get; init; }
    public required BeaconStatus Beacon { get; init; }
    public required string Bundle { get; init; }
    public required int Tier { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required DateTimeOffset? EndedAt { get; init; }
    public required int ElapsedSeconds { get; init; }

    /// <summary>How long it still takes as a rule; null when nothing is to be expected or too few runs are known.</summary>
    public required Estimate? Estimate { get; init; }
    public required SubstitutionStatus? Substitution { get; init; }
    public required ErrorStatus? Error { get; init; }

    /// <summary>Until when a failed job can go on; then what was built is removed. Null unless it failed.</summary>
    public required DateTimeOffset? KeptUntil { get; init; }
    public required string? CallbackTokenFingerprint { get; init; }

    /// <summary>Whether the customer's payment goes back; null when it does not, or when no money was paid.</summary>
    public required RefundStatus? Refund { get; init; }

    public required IReadOnlyList<ModuleStatus> Modules { get; init; }
    public required IReadOnlyList<AppStatus> Apps { get; init; }
    public required IReadOnlyList<TimelineEntry> Timeline { get; init; }

    public bool IsOver => EndedAt is not null;
}

/// <param name="State"><c>requested</c>, <c>returned</c> or <c>failed</c>.</param>
public sealed record RefundStatus(string State, int Cents, string Currency);

/// <param name="Address">The IPv4 address once it is known.</param>
/// <param name="Url">Where the customer opens it.</param>
public sealed record BeaconStatus(string Name, string Fqdn, string? Address, string Url);

public sealed record SubstitutionStatus(string Message);

public sealed record ErrorStatus(string Code, string Title, string WhatHappened, string WhatWeDo, string WhatYouCanDo);

/// <param name="State"><c>waiting</c>, <c>installing</c>, <c>ready</c> or <c>failed</c>.</param>
public sealed record ModuleStatus(string Id, string Name, string State);

public sealed record AppStatus(string Id, string Name, string Summary, string Url);

public sealed record TimelineEntry(
    int Seq, DateTimeOffset At, string Kind, string? State, string? Stage, string? Module, int? Progress, string? Message, string? Code);

/// <summary>Puts a job's status together.</summary>
public sealed class JobStatusReader(NpgsqlDataSource database, JobEvents events, ModuleCatalogue modules, ErrorCatalogue errors, BeaconAddresses addresses, Estimates estimates)
{
    // A job has some forty events; a beacon that reports madly is cut off by the limit on callbacks.
    private const int MostEvents = 1000;

    public async Task<JobStatus?> FindAsync(JobId id, CancellationToken cancellation)
    {
        Row? row;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
            row = await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition("""
                SELECT j.state, j.stage, j.progress, j.module, j.modules, j.modules_ready, j.beacon_name, j.fqdn, o.bundle, o.tier, j.created_at, j.updated_at, j.ended_at,
                       extract(epoch FROM coalesce(j.ended_at, now()) - j.created_at)::int AS elapsed_seconds,
                       extract(epoch FROM now() - j.state_entered_at)::float8 AS in_state_seconds, j.substitution, j.error_code,
                       CASE WHEN j.state = 'failed' THEN nullif(j.deadline_at, 'infinity') END AS kept_until,
                       (SELECT r.data->>'ipv4' FROM resources r WHERE r.job_id = j.id AND r.kind = 'server' AND r.gone_at IS NULL AND r.provider_id IS NOT NULL LIMIT 1) AS ipv4,
                       (SELECT t.fingerprint FROM callback_tokens t WHERE t.job_id = j.id ORDER BY t.revoked_at DESC NULLS FIRST, t.issued_at DESC LIMIT 1) AS fingerprint,
                       f.state AS refund, coalesce(f.cents, 0) AS refund_cents, coalesce(f.currency, '') AS refund_currency
                FROM jobs j JOIN orders o ON o.id = j.order_id LEFT JOIN refunds f ON f.id = j.id WHERE j.id = @id
                """, new { id = id.Value }, cancellationToken: cancellation));
        if (row is null) return null;
        var timeline = (await events.ListAsync(id, 0, MostEvents, cancellation)).Select(Entry).ToList();
        var begun = timeline.Where(entry => entry.Kind == "module").Select(entry => entry.Module).ToHashSet();
        return new JobStatus
        {
            JobId = id.ToString(),
            State = row.State,
            Stage = row.Stage,
            Progress = row.Progress,
            Module = row.Module,
            Beacon = new(row.BeaconName, row.Fqdn, row.Ipv4, addresses.Of(row.Fqdn).ToString()),
            Bundle = row.Bundle,
            Tier = row.Tier,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
            EndedAt = row.EndedAt,
            ElapsedSeconds = row.ElapsedSeconds,
            Estimate = await estimates.ForAsync(row.Bundle, JobStates.Parse(row.State), TimeSpan.FromSeconds(row.InStateSeconds), cancellation),
            Substitution = row.Substitution is null ? null : new(row.Substitution),
            Error = ErrorOf(row.ErrorCode),
            KeptUntil = row.KeptUntil,
            CallbackTokenFingerprint = row.Fingerprint,
            Refund = row.Refund is null ? null : new(row.Refund, row.RefundCents, row.RefundCurrency),
            Modules = [.. row.Modules.Select(m => new ModuleStatus(m, NameOf(m), ModuleState(m, row, begun)))],
            Apps = [.. AppsOf(row.Modules, row.Fqdn)],
            Timeline = timeline,
        };
    }

    public static TimelineEntry Entry(JobEvent entry) => new(
        entry.Seq, entry.At, entry.Kind, Text(entry.Data, "state"), Text(entry.Data, "stage"), Text(entry.Data, "module"),
        entry.Data.TryGetProperty("progress", out var progress) && progress.ValueKind == JsonValueKind.Number ? progress.GetInt32() : null,
        Text(entry.Data, "message"), Text(entry.Data, "code"));

    /// <summary>The applications that people open, at their addresses.</summary>
    public IEnumerable<AppStatus> AppsOf(IEnumerable<string> ids, string fqdn)
    {
        foreach (var id in ids)
            if (modules.TryFind(id, out var module) && !module.IsCore && module.HostOn(fqdn) is { } host)
                yield return new AppStatus(id, module.Name, module.Summary, addresses.Of(host).ToString());
    }

    private ErrorStatus? ErrorOf(string? text)
    {
        if (!ErrorCode.TryParse(text, out var code)) return null;
        var entry = errors[code];
        return new ErrorStatus(code.Value, entry.Title, entry.Customer.WhatHappened, entry.Customer.WhatWeDo, entry.Customer.WhatYouCanDo);
    }

    private string NameOf(string id) => modules.TryFind(id, out var module) ? module.Name : id;

    private static string ModuleState(string id, Row row, HashSet<string?> begun)
    {
        var over = row.Stage is "complete" or "health_ready" || JobStates.Parse(row.State) is JobState.Verifying or JobState.GeneratingDocs or JobState.SendingWelcome or JobState.Completed;
        if (over || row.ModulesReady.Contains(id)) return "ready";
        if (row.Stage == "error") return id == row.Module ? "failed" : "waiting";
        return begun.Contains(id) ? "installing" : "waiting";
    }

    private static string? Text(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed class Row
    {
        public string State { get; init; } = "";
        public string? Stage { get; init; }
        public int Progress { get; init; }
        public string? Module { get; init; }
        public string[] Modules { get; init; } = [];
        public string[] ModulesReady { get; init; } = [];
        public string BeaconName { get; init; } = "";
        public string Fqdn { get; init; } = "";
        public string Bundle { get; init; } = "";
        public short Tier { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset UpdatedAt { get; init; }
        public DateTimeOffset? EndedAt { get; init; }
        public int ElapsedSeconds { get; init; }
        public double InStateSeconds { get; init; }
        public string? Substitution { get; init; }
        public string? ErrorCode { get; init; }
        public DateTimeOffset? KeptUntil { get; init; }
        public string? Ipv4 { get; init; }
        public string? Fingerprint { get; init; }
        public string? Refund { get; init; }
        public int RefundCents { get; init; }
        public string RefundCurrency { get; init; } = "";
    }
}
