using System.Text.RegularExpressions;
using Dapper;
using Npgsql;
using Wopr.Operators;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Provisioning;
using Wopr.Retention;

namespace Wopr.Orchestrator.Tests.Retention;

/// <summary>A million events of twenty thousand jobs: no query that people or steps wait for reads a whole table.</summary>
public sealed partial class MillionEventsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    [Fact]
    public async Task No_hot_query_reads_a_whole_table()
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await FillAsync(connection);
        var job = await connection.QueryFirstAsync<Guid>("SELECT id FROM jobs LIMIT 1");

        var plans = new List<(string Name, string Plan)> { ("timeline and stream", await PlanAsync(connection, JobEvents.ListSql, new { id = job, after = 0, limit = 200 })) };
        foreach (var (name, filter) in Lists())
        {
            var (sql, parameters) = JobList.Query(filter);
            plans.Add((name, await PlanAsync(connection, sql, parameters)));
        }
        foreach (var rule in RetentionRule.All.Where(r => r.Name != "payments"))
            plans.Add(($"retention of {rule.Name}", await PlanAsync(connection, rule.Sql, new { keep = rule.Keep, batch = 1000 })));

        foreach (var (name, plan) in plans) WholeTable().Matches(plan).Select(m => m.Value).ShouldBeEmpty($"{name}:\n{plan}");
    }

    private static IEnumerable<(string, JobFilter)> Lists()
    {
        yield return ("newest jobs", new JobFilter([]));
        yield return ("next page", new JobFilter([], After: new JobCursor(DateTimeOffset.UnixEpoch.AddYears(80), Guid.Empty)));
        yield return ("one state", new JobFilter([JobState.Failed]));
        yield return ("a code", new JobFilter([], Code: "HETZ-005"));
        yield return ("by name", new JobFilter([], Text: "beacon-123"));
        yield return ("by name or id", new JobFilter([], Text: "abcd1234"));
    }

    private static async Task<string> PlanAsync(NpgsqlConnection connection, string sql, object parameters) =>
        string.Join('\n', await connection.QueryAsync<string>("EXPLAIN " + sql, parameters));

    private static Task<int> FillAsync(NpgsqlConnection connection) => connection.ExecuteAsync("""
        -- Made fast: no waiting for the disk, no looking up of what the rows refer to.
        SET synchronous_commit = off;
        SET session_replication_role = replica;
        CREATE TEMP TABLE made AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, 20000) n;
        INSERT INTO orders (id, source, fingerprint, bundle, tier, beacon_name, email, price_cents, currency)
        SELECT id, 'checkout', '', 'starter', 1, 'beacon-' || n, 'a@example.com', 1, 'USD' FROM made;
        INSERT INTO jobs (id, order_id, state, beacon_name, fqdn, error_code, event_seq, created_at, ended_at)
        SELECT id, id, CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'completed' END, 'beacon-' || n, 'beacon-' || n || '.beacons.example',
               CASE WHEN n % 50 = 0 THEN 'HETZ-005' END, 50, now() - n * interval '20 minutes', CASE WHEN n % 50 > 0 THEN now() - n * interval '20 minutes' END FROM made;
        INSERT INTO events (job_id, seq, kind, data) SELECT id, s, 'note', '{"message":"a line of the timeline"}' FROM made, generate_series(1, 50) s;
        INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at) SELECT uuid_send(id), id, 'f', now() - n * interval '20 minutes' FROM made;
        INSERT INTO audit_log (at, actor_kind, actor, action, job_id, reason, outcome) SELECT now() - n * interval '20 minutes', 'operator', 'a', 'cancel', id, 'r', 'done' FROM made;
        INSERT INTO outbox (id, job_id, kind, recipient, subject, text, html, sent_at) SELECT id, id, 'welcome', 'a', 's', 't', 'h', now() - n * interval '2 minutes' FROM made;
        INSERT INTO incidents (cause, code, severity, summary, closed_at, closed_why) SELECT 'job:' || id, 'HETZ-005', 'critical', 's', now() - n * interval '40 minutes', 'w' FROM made;
        INSERT INTO provider_actions (id, job_id, command, status, poll_at, updated_at) SELECT n, id, 'create_server', 'success', now(), now() - n * interval '10 minutes' FROM made;
        INSERT INTO idempotency_keys (scope, key, fingerprint, job_id, created_at) SELECT 'c', id::text, '', id, now() - n * interval '2 minutes' FROM made;
        ANALYZE
        """, commandTimeout: 120);

    [GeneratedRegex(@"Seq Scan on (events|jobs|orders|callback_tokens|audit_log|outbox|idempotency_keys|incidents|provider_actions)\b.*", RegexOptions.ExplicitCapture)]
    private static partial Regex WholeTable();
}
