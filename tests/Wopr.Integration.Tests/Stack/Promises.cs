using System.Text.Json;
using System.Text.RegularExpressions;
using Dapper;
using Npgsql;

namespace Wopr.Integration.Tests.Stack;

/// <summary>The promises of the design as invariants: WOPR's database against the emulated providers' books.</summary>
public static partial class Promises
{
    /// <summary>What must hold at every moment, whatever is going on. The providers are asked first: what they have, some job must know.</summary>
    public static async Task HoldNowAsync(WoprStack stack)
    {
        var servers = (await stack.Sandbox.ServersAsync()).Select(JobOf).ToList();
        var records = (await stack.Sandbox.OurRecordsAsync()).Select(r => (r.GetProperty("comment").GetString(), r.GetProperty("type").GetString(), r.GetProperty("name").GetString())).ToList();
        await using var connection = await OpenAsync(stack);
        // One that is being replaced is deleted before the next is asked for, so there are never two.
        servers.ShouldBeUnique();
        records.ShouldBeUnique();
        var known = (await connection.QueryAsync<Guid>("SELECT job_id FROM resources WHERE kind = 'server'")).Select(id => id.ToString()).ToHashSet(StringComparer.Ordinal);
        servers.ShouldAllBe(job => known.Contains(job));
        await TimelinesAsync(connection);
    }

    /// <summary>What must hold when every job has come to its end. Returns how many jobs ended in which state.</summary>
    public static async Task HoldAtTheEndAsync(WoprStack stack)
    {
        await using var connection = await OpenAsync(stack);
        (await connection.QueryAsync<string>("""
            SELECT concat_ws(' | ', j.id, j.state, 'wakes in ' || (w.wake_at - now()), 'leased for ' || (w.lease_until - now()), 'attempts ' || w.attempt, 'quarantined ' || w.quarantined_at, w.last_error,
                (SELECT string_agg(coalesce(e.data->>'message', e.kind), ' > ' ORDER BY e.seq) FROM events e WHERE e.job_id = j.id AND e.seq > (SELECT max(seq) - 6 FROM events l WHERE l.job_id = j.id)),
                (SELECT string_agg(r.kind || ' ' || r.name, ', ') FROM resources r WHERE r.job_id = j.id))
            FROM jobs j LEFT JOIN work_items w ON w.subject = j.id AND w.kind = 'provision' WHERE j.ended_at IS NULL
            """)).ShouldBeEmpty("jobs without an end");
        (await connection.QueryAsync<string>("SELECT id || ' ' || state FROM jobs WHERE state = 'rolled_back' AND error_code IS NULL AND decommission_requested_at IS NULL"))
            .ShouldBeEmpty("failures without a code");
        (await connection.QueryAsync<string>("SELECT beacon_name FROM jobs WHERE name_held GROUP BY beacon_name HAVING count(*) > 1")).ShouldBeEmpty("one name, two jobs");
        var ready = (await connection.QueryAsync<Guid>("SELECT id FROM jobs WHERE state = 'completed'")).Select(id => id.ToString()).ToList();
        (await stack.Sandbox.ServersAsync()).Select(JobOf).ShouldBe(ready, ignoreOrder: true, "one server for each beacon, and none else");
        (await stack.Sandbox.PrimaryIpsAsync()).Count.ShouldBe(2 * ready.Count, "addresses");
        var records = (await stack.Sandbox.OurRecordsAsync()).Select(r => r.GetProperty("comment").GetString()!["wopr job=".Length..]).ToList();
        records.ShouldBe(ready.SelectMany(job => Enumerable.Repeat(job, 4)), ignoreOrder: true, "four records for each beacon, and none else");
        (await stack.Sandbox.RecordsAsync()).ShouldContain(r => r.GetProperty("type").GetString() == "HTTPS", "a foreign record was touched");
        (await connection.QuerySingleAsync<int>("SELECT count(*) FROM callback_tokens t JOIN jobs j ON j.id = t.job_id WHERE t.revoked_at IS NULL")).ShouldBe(0, "tokens that outlive their job");
        (await connection.QueryAsync<string>("""
            SELECT j.id || ' ' || j.state FROM jobs j LEFT JOIN outbox o ON o.job_id = j.id AND o.kind = 'welcome' AND o.sent_at IS NOT NULL
            GROUP BY j.id HAVING count(o.id) <> CASE WHEN j.state = 'completed' THEN 1 ELSE count(o.id) END
            """)).ShouldBeEmpty("one welcome for each beacon");
        MailsPerJob(stack).ShouldAllBe(count => count == 1, "welcomed twice");
        (await connection.QueryAsync<string>("SELECT kind || ' ' || subject FROM work_items WHERE quarantined_at IS NOT NULL")).ShouldBeEmpty("quarantined");
        await TimelinesAsync(connection);
        (await connection.QueryAsync<Guid>("SELECT job_id FROM events WHERE kind = 'completed' GROUP BY job_id HAVING count(*) <> 1")).ShouldBeEmpty("ended twice");
        (await connection.QueryAsync<string>("""
            SELECT job_id || ' ' || (data->>'state') FROM events WHERE kind = 'state' AND data->>'state' IN ('completed', 'rolling_back', 'cancelled', 'rolled_back')
            GROUP BY job_id, data->>'state' HAVING count(*) <> 1
            """)).ShouldBeEmpty("the same end twice");
    }

    private static async Task TimelinesAsync(NpgsqlConnection connection)
    {
        (await connection.QueryAsync<Guid>("SELECT job_id FROM events GROUP BY job_id HAVING count(*) <> max(seq) OR min(seq) <> 1")).ShouldBeEmpty("timelines with gaps");
        (await connection.QueryAsync<string>("""
            SELECT job_id || ' ' || seq FROM (
                SELECT job_id, seq, (data->>'progress')::int AS progress, max((data->>'progress')::int) OVER (PARTITION BY job_id ORDER BY seq) AS most
                FROM events WHERE data ? 'progress') p
            WHERE progress < most
            """)).ShouldBeEmpty("progress went backwards");
    }

    /// <summary>How many welcome mails name each beacon.</summary>
    private static IEnumerable<int> MailsPerJob(WoprStack stack)
    {
        var folder = Path.Combine(stack.DataFolder, "mail");
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*-welcome-*.eml").Select(file => Beacon().Match(File.ReadAllText(file)).Value).CountBy(name => name).Select(name => name.Value) : [];
    }

    [GeneratedRegex(@"[a-z0-9-]+\.beacons\.localhost")]
    private static partial Regex Beacon();

    private static string JobOf(JsonElement server) => server.GetProperty("labels").GetProperty("wopr-job").GetString()!;

    public static async Task<NpgsqlConnection> OpenAsync(WoprStack stack)
    {
        var connection = new NpgsqlConnection(stack.ConnectionString + ";Gss Encryption Mode=Disable;Pooling=false;Application Name=test");
        await connection.OpenAsync();
        return connection;
    }
}
