using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Mail;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning.Ports;
using Wopr.Provisioning.Projects;

namespace Wopr.Provisioning;

/// <summary>
/// What a step writes while it runs: intent before an outside call, identity after it. Every write is refused once the
/// lease has gone to somebody else.
/// </summary>
public sealed class JobJournal(NpgsqlDataSource database, WorkLease lease, JobId job)
{
    /// <summary>
    /// Asked right before something is taken away that was looked up a moment ago: whoever has driven the job on since then
    /// may have put something new in its place.
    /// </summary>
    /// <exception cref="LeaseLostException" />
    public async Task ConfirmLeaseAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await WorkQueue.ConfirmAsync(connection, lease, cancellation);
    }

    /// <summary>Everything that the job has, or may have, at providers.</summary>
    public async Task<IReadOnlyList<Resource>> ResourcesAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Resource>(new CommandDefinition(ResourcesSql, new { job = job.Value, LongestEffect }, cancellationToken: cancellation));
        return [.. rows];
    }

    private const string ResourcesSql = """
        SELECT kind, name, provider_id, data->>'server_type' AS server_type, data->>'location' AS location, data->>'ipv4' AS ipv4, data->>'ipv6' AS ipv6,
               provider_id IS NULL AND intended_at > now() - @LongestEffect AS may_still_turn_up
        FROM resources WHERE job_id = @job AND gone_at IS NULL ORDER BY id
        """;

    // How long after a request without an answer its effect may come about: the time in which providers answer, and more.
    private static readonly TimeSpan LongestEffect = TimeSpan.FromSeconds(15);

    public async Task<Resource?> ServerAsync(CancellationToken cancellation) =>
        (await ResourcesAsync(cancellation)).FirstOrDefault(r => r.Kind == ResourceKind.Server);

    /// <summary>Chooses the job's project and writes it down, so that it is known before anything is asked for there; null when none takes the order.</summary>
    /// <param name="without">Those that refused it a moment ago, for certain: nothing of it is there.</param>
    public async Task<ProjectName?> PlaceAsync(ProjectBook projects, IReadOnlySet<ProjectName> without, CancellationToken cancellation)
    {
        ProjectName? chosen = null;
        await WriteAsync(async (connection, transaction) =>
        {
            chosen = await projects.ChooseAsync(connection, transaction, without, cancellation);
            if (chosen is not null) await connection.ExecuteAsync("UPDATE jobs SET project = @Value WHERE id = @job", new { chosen.Value, job = job.Value }, transaction);
        }, cancellation);
        return chosen;
    }

    /// <summary>
    /// Before a server is asked for: its name and choice, and the token that it will carry. An earlier token stays good,
    /// because the server of an earlier, unanswered attempt may be the one that turns up.
    /// </summary>
    /// <param name="project">Where it is asked for, so that whoever goes on from here looks there.</param>
    public Task IntendServerAsync(ProjectName project, string name, LadderRung rung, byte[] token, TimeSpan tokenLife, CancellationToken cancellation) =>
        WriteAsync("""
            INSERT INTO resources (job_id, kind, name, data) VALUES (@job, 'server', @name, @data::jsonb)
            ON CONFLICT (job_id, kind, name) WHERE gone_at IS NULL DO UPDATE SET data = excluded.data, intended_at = now();
            UPDATE jobs SET server_attempts = server_attempts + 1, project = @project WHERE id = @job;
            INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at) VALUES (@hash, @job, @fingerprint, now() + @tokenLife)
            """, new
        {
            project = project.Value,
            name,
            data = Json.Write(new { rung.ServerType, rung.Location }),
            hash = SHA256.HashData(token),
            fingerprint = TokenFingerprint.Of(SHA256.HashData(token)),
            tokenLife,
        }, cancellation);

    /// <summary>The request was refused: certainly no server comes of it.</summary>
    public Task ServerRefusedAsync(string name, CancellationToken cancellation) =>
        WriteAsync("""
            UPDATE resources SET intended_at = '-infinity' WHERE job_id = @job AND kind = 'server' AND name = @name AND gone_at IS NULL AND provider_id IS NULL
            """, new { name }, cancellation);

    /// <summary>After the answer: who the server is, and which actions must be awaited.</summary>
    /// <param name="sold">What it was sold as just now; null for one that is adopted.</param>
    public Task IdentifyServerAsync(
        ProjectName project, CloudServer server, IReadOnlyList<CloudAction> actions, TimeSpan firstPoll, CancellationToken cancellation, LadderRung? sold = null) =>
        RecordActionsAsync(project, actions, firstPoll, sold is null ? IdentifySql : IdentifySql + StockMemory.SoldSql + ";\n", new
        {
            sold?.ServerType,
            sold?.Location,
            id = server.Id.ToString(CultureInfo.InvariantCulture),
            server.Name,
            data = Json.Write(new { server.ServerType, server.Location, server.Ipv4, server.Ipv6 }),
        }, new(EventKind.Note, new { message = $"server created in {server.Location}" }), cancellation);

    private static readonly string IdentifySql = $"""
        UPDATE resources SET provider_id = @id, identified_at = now(), data = data || @data::jsonb
        WHERE job_id = @job AND kind = 'server' AND name = @Name AND gone_at IS NULL;
        {JobEvents.AppendSql};

        """;

    public Task AwaitActionsAsync(ProjectName? project, IReadOnlyList<CloudAction> actions, TimeSpan firstPoll, CancellationToken cancellation) =>
        RecordActionsAsync(project, actions, firstPoll, "", null, null, cancellation);

    /// <summary>What is awaited at the provider, and the job's server.</summary>
    public async Task<(IReadOnlyList<ActionState> Actions, Resource? Server)> AwaitedAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var found = await connection.QueryMultipleAsync(new CommandDefinition(
            "SELECT id, command, status, error FROM provider_actions WHERE job_id = @job ORDER BY id;\n" + ResourcesSql, new { job = job.Value, LongestEffect }, cancellationToken: cancellation));
        return ([.. await found.ReadAsync<ActionState>()], (await found.ReadAsync<Resource>()).FirstOrDefault(r => r.Kind == ResourceKind.Server));
    }

    public Task IdentifyRecordsAsync(IReadOnlyList<DnsRecord> records, CancellationToken cancellation)
    {
        // One of a type and name; the last where somebody has made the same again.
        var named = records.GroupBy(r => $"{r.Type} {r.Name}", StringComparer.Ordinal).Select(g => (Name: g.Key, Record: g.Last())).ToList();
        return WriteAsync("""
            INSERT INTO resources (job_id, kind, name, provider_id, identified_at, data)
            SELECT @job, 'dns_record', name, id, now(), data::jsonb FROM unnest(@names, @ids, @data) AS r (name, id, data)
            ON CONFLICT (job_id, kind, name) WHERE gone_at IS NULL DO UPDATE SET provider_id = excluded.provider_id, data = excluded.data, identified_at = now()
            """, new
        {
            names = named.Select(r => r.Name).ToArray(),
            ids = named.Select(r => r.Record.Id).ToArray(),
            data = named.Select(r => Json.Write(new { r.Record.Content })).ToArray(),
        }, cancellation);
    }

    public Task GoneAsync(string kind, CancellationToken cancellation) =>
        WriteAsync("UPDATE resources SET gone_at = now() WHERE job_id = @job AND kind = @kind AND gone_at IS NULL", new { kind }, cancellation);

    /// <summary>The plan of the order: what is installed, from which installer, on which servers if they can be had.</summary>
    /// <param name="mail">That tells the customer that building begins.</param>
    public Task PlanAsync(
        IReadOnlyList<string> modules, string installerSha256, IReadOnlyList<LadderRung> ladder, string? substitution, OutgoingMail mail, CancellationToken cancellation) =>
        ChooseAsync(0, substitution, "what the provider lately refused comes last", PlanSql,
            Together(mail.Values, new { modules = modules.ToArray(), installerSha256, ladder = Json.Write(ladder) }), cancellation, isWork: true);

    private const string PlanSql = $"""
        UPDATE jobs SET modules = @modules, installer_sha256 = @installerSha256, ladder = @ladder::jsonb WHERE id = @job;
        {Outbox.PostSql};

        """;

    /// <summary>The present choice cannot be had: on to another.</summary>
    public Task ClimbDownAsync(int position, string? substitution, string why, CancellationToken cancellation) =>
        ChooseAsync(position, substitution, why, "", null, cancellation);

    /// <summary>The customer is told when the choice is not what was wished for, once for each that differs.</summary>
    private Task ChooseAsync(int position, string? substitution, string why, string before, object? beforeValues, CancellationToken cancellation, bool isWork = false, [CallerMemberName] string what = "") =>
        WriteAsync(before + ChooseSql, Together(beforeValues, new { position, substitution }), cancellation, new(EventKind.Substitution, new { message = substitution, why }), isWork, what);

    private static readonly string ChooseSql = $"""
        {JobEvents.AppendSqlWhere("@substitution IS NOT NULL AND substitution IS DISTINCT FROM @substitution")};
        UPDATE jobs SET ladder_position = @position, substitution = @substitution WHERE id = @job
        """;

    /// <summary>Servers that the job had and that are gone again: each was one try.</summary>
    public async Task<int> ServersGoneAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            "SELECT count(*)::int FROM resources WHERE job_id = @job AND kind = 'server' AND provider_id IS NOT NULL AND gone_at IS NOT NULL",
            new { job = job.Value }, cancellationToken: cancellation));
    }

    /// <summary>The server is gone, and with it the actions that were awaited for it.</summary>
    public Task ServerGoneAsync(string note, CancellationToken cancellation) =>
        WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("""
                DELETE FROM provider_actions WHERE job_id = @job;
                UPDATE resources SET gone_at = now() WHERE job_id = @job AND kind = 'server' AND gone_at IS NULL
                """, new { job = job.Value }, transaction);
            await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message = note });
        }, cancellation);

    /// <summary>Written once as long as the job stays in its state: a step that runs again after a crash does not repeat itself.</summary>
    public Task NoteAsync(string message, CancellationToken cancellation) =>
        WriteAsync((connection, transaction) => NoteOnceAsync(connection, transaction, message), cancellation);

    private async Task NoteOnceAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string message)
    {
        var known = await connection.ExecuteScalarAsync<bool>("""
            SELECT EXISTS (SELECT FROM events e JOIN jobs j ON j.id = e.job_id
                           WHERE e.job_id = @job AND e.kind = @Note AND e.data->>'message' = @message AND e.at >= j.state_entered_at)
            """, new { job = job.Value, EventKind.Note, message }, transaction);
        if (!known) await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message });
    }

    /// <summary>A note about something of the present state that is said once, however often the step runs.</summary>
    public Task NoteOnceAsync(string about, string message, CancellationToken cancellation) =>
        WriteAsync(async (connection, transaction) =>
        {
            var said = await connection.ExecuteScalarAsync<bool>("""
                SELECT EXISTS (SELECT FROM events e JOIN jobs j ON j.id = e.job_id
                               WHERE e.job_id = @job AND e.kind = 'note' AND e.data->>'about' = @about AND e.at >= j.state_entered_at)
                """, new { job = job.Value, about }, transaction);
            if (!said) await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { about, message });
        }, cancellation);

    /// <summary>The old server is gone; the next is the job's first again.</summary>
    public Task ClearedForRebuildAsync(CancellationToken cancellation) =>
        WriteAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("""
                UPDATE resources SET gone_at = now() WHERE job_id = @job AND kind = 'server' AND gone_at IS NULL;
                DELETE FROM provider_actions WHERE job_id = @job;
                UPDATE jobs SET rebuild_requested_at = NULL WHERE id = @job
                """, new { job = job.Value }, transaction);
            await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message = "the old server is gone: nothing of it is left at the provider" });
        }, cancellation);

    public Task StoreDocumentAsync(string kind, string content, CancellationToken cancellation) =>
        WriteAsync("""
            INSERT INTO documents (job_id, kind, content) VALUES (@job, @kind, @content)
            ON CONFLICT (job_id, kind) DO UPDATE SET content = excluded.content
            """, new { kind, content }, cancellation);

    public Task PostMailAsync(OutgoingMail mail, CancellationToken cancellation) =>
        WriteAsync(Outbox.PostSql, mail.Values, cancellation, isWork: true);

    /// <summary>Actions that are running are asked about by their project's poller, however little there was for it to do.</summary>
    private Task RecordActionsAsync(
        ProjectName? project, IReadOnlyList<CloudAction> actions, TimeSpan firstPoll, string before, object? beforeValues, Telling? telling,
        CancellationToken cancellation, [CallerMemberName] string what = "")
    {
        var poller = ActionPoller.KeyOf(project ?? ProjectName.Main);
        var each = actions.DistinctBy(a => a.Id).ToList();
        var values = Together(beforeValues, new
        {
            actions = each.Select(a => a.Id).ToArray(),
            commands = each.Select(a => a.Command).ToArray(),
            statuses = each.Select(a => ActionStates.Word(a.Status)).ToArray(),
            errors = each.Select(a => a.ErrorCode).ToArray(),
            delay = firstPoll,
            workKind = poller.Kind,
            workSubject = poller.Subject,
        });
        return actions.Any(a => a.Status == ActionStatus.Running)
            ? WriteAsync(before + ActionsSql + ";\n" + WorkQueue.EnqueueNoLaterSql, values, cancellation, telling, isWork: true, what)
            : WriteAsync(before + ActionsSql, values, cancellation, telling, what: what);
    }

    private const string ActionsSql = """
        INSERT INTO provider_actions (id, job_id, command, status, error, poll_at)
        SELECT id, @job, command, status, error, now() + @delay FROM unnest(@actions, @commands, @statuses, @errors) AS a (id, command, status, error)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, error = excluded.error, updated_at = now()
        """;

    /// <summary>
    /// Several statements, of which none is written without the lease: one round trip, one commit. They may name <c>@job</c>.
    /// </summary>
    /// <param name="telling">The event that they append, if they do: they name <c>@eventKind</c> and <c>@eventData</c> too.</param>
    /// <param name="isWork">Whether they leave something to do.</param>
    private async Task WriteAsync(
        string sql, object values, CancellationToken cancellation, Telling? telling = null, bool isWork = false, [CallerMemberName] string what = "")
    {
        var all = Together(values, new { job = job.Value, lease.Fence });
        if (telling is not null) all.AddDynamicParams(new { eventKind = telling.Kind, eventData = telling.Data.GetRawText() });
        JobEvents.Place? place;
        try
        {
            place = await database.InOneRoundTripAsync(Guard + sql, all, ReadPlaceAsync, cancellation, what);
        }
        catch (PostgresException refused) when (refused.SqlState == WorkQueue.LeaseLostState)
        {
            throw new LeaseLostException(lease.Key);
        }
        var news = new List<Announcement>(2);
        if (telling is not null && place is not null) news.Add(JobEvents.NewsOf(job, place.Of(telling.Kind, telling.Data)));
        if (isWork) news.Add(WorkQueue.News);
        if (news.Count > 0) Announcements.Of(database).Tell(news);
    }

    private static DynamicParameters Together(object? some, object more)
    {
        var all = new DynamicParameters(some);
        all.AddDynamicParams(more);
        return all;
    }

    private static async Task<JobEvents.Place?> ReadPlaceAsync(SqlMapper.GridReader returned)
    {
        await returned.ReadAsync();
        return returned.IsConsumed ? null : await returned.ReadSingleOrDefaultAsync<JobEvents.Place?>();
    }

    private sealed record Telling(string Kind, JsonElement Data)
    {
        public Telling(string kind, object data) : this(kind, Json.Element(data))
        {
        }
    }

    private static readonly string Guard = WorkQueue.GuardSql($"'{JobStore.WorkKind}'", "@job", "@fence");

    private Task WriteAsync(Func<NpgsqlConnection, NpgsqlTransaction, Task> write, CancellationToken cancellation, [CallerMemberName] string what = "") =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            await write(connection, transaction);
        }, cancellation, what);
}

public static class ResourceKind
{
    public const string Server = "server";
    public const string DnsRecord = "dns_record";
}

/// <summary>A provider resource; without <paramref name="ProviderId"/> only the intent is known.</summary>
/// <param name="MayStillTurnUp">It was asked for a moment ago and no answer is known.</param>
public sealed record Resource(string Kind, string Name, string? ProviderId, string? ServerType, string? Location, string? Ipv4, string? Ipv6, bool MayStillTurnUp)
{
    public long? ServerId => long.TryParse(ProviderId, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}

public sealed record ActionState(long Id, string Command, string Status, string? Error);

public static class ActionStates
{
    public const string Running = "running";
    public const string Success = "success";
    public const string Error = "error";

    public static string Word(ActionStatus status) => status switch
    {
        ActionStatus.Running => Running,
        ActionStatus.Success => Success,
        _ => Error,
    };
}

/// <summary>A few characters of a token's hash, so that support can compare tokens without seeing one.</summary>
public static class TokenFingerprint
{
    public static string Of(byte[] hash) => Convert.ToHexStringLower(hash.AsSpan(0, 6));
}
