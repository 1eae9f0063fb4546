using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Troubles;

/// <summary>How one order ended. Without a job it was refused at the checkout.</summary>
public sealed record End(string? Job, bool Completed, string? Code, string? Detail);

/// <summary>Places many orders at once and follows all of them to their ends.</summary>
public sealed class Campaign(WoprStack stack)
{
    private const int AtOnce = 20;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    public async Task<IReadOnlyList<End>> RunAsync(string name, int orders)
    {
        var refused = new ConcurrentBag<End>();
        var jobs = new ConcurrentBag<string>();
        await Parallel.ForAsync(0, orders, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            // Every other customer wishes for the same place.
            using var response = await stack.PostOrderAsync(Orders.Starter($"{name}-{i}", location: i % 2 == 0 ? "fsn1" : null));
            var body = await WoprStack.JsonOf(response);
            if (response.StatusCode == HttpStatusCode.Accepted) jobs.Add(body.GetProperty("job_id").GetString()!);
            else refused.Add(new End(null, false, body.GetProperty("code").GetString(), body.ToString()));
        });
        return [.. refused, .. await EndsAsync(jobs, TimeSpan.FromSeconds(180 + (2 * orders)))];
    }

    /// <summary>One server, two addresses and four records for each completed job, and nothing of ours besides.</summary>
    public async Task NothingIsDoubledOrLeftAsync(IReadOnlyList<End> ends)
    {
        var completed = ends.Where(e => e.Completed).Select(e => e.Job!).ToList();
        var servers = await stack.Sandbox.ServersAsync();
        var ours = servers.Where(s => s.GetProperty("labels").TryGetProperty("wopr-job", out _)).ToList();
        ours.Select(s => s.GetProperty("labels").GetProperty("wopr-job").GetString()!).ShouldBe(completed, ignoreOrder: true);
        (await stack.Sandbox.OurRecordsAsync()).Select(r => r.GetProperty("comment").GetString()!).ShouldBe(
            completed.SelectMany(job => Enumerable.Repeat($"wopr job={job}", 4)), ignoreOrder: true);
        (servers.Count - ours.Count).ShouldBe(Strangers.Servers + ends.Count(e => e.Code == "HETZ-004"), "a foreign server came or went");

        // Addresses are given up a moment after their server.
        var known = servers.Select(s => s.GetProperty("id").GetInt64()).ToHashSet();
        var left = await Eventually.EmptyAsync(async () => (await stack.Sandbox.PrimaryIpsAsync())
            .Where(ip => ip.GetProperty("assignee_id") is not { ValueKind: JsonValueKind.Number } id || !known.Contains(id.GetInt64())));
        left.ShouldBeEmpty("addresses are left");

        await using var connection = new NpgsqlConnection(stack.ConnectionString);
        var tokens = await connection.ExecuteScalarAsync<int>("SELECT count(*)::int FROM callback_tokens t JOIN jobs j ON j.id = t.job_id WHERE j.ended_at IS NOT NULL AND t.revoked_at IS NULL");
        tokens.ShouldBe(0, "tokens of ended jobs are still good");
    }

    public string LogTail() => string.Join('\n', stack.Service!.Output.Split('\n').TakeLast(30));

    private async Task<IReadOnlyList<End>> EndsAsync(IReadOnlyCollection<string> jobs, TimeSpan patience)
    {
        var rows = new List<Row>();
        var ended = await Patience.ComesAsync(async () => (rows = await JobsAsync()).TrueForAll(r => r.Ended), patience, BetweenLooks);
        if (!ended)
            throw new TimeoutException($"{rows.Count(r => !r.Ended)} jobs hang, such as {rows.Find(r => !r.Ended)}\n{string.Join('\n', (await stack.Sandbox.CallsAsync()).OrderByDescending(c => c.Count).Take(20))}\n{LogTail()}");
        rows.Select(r => r.Id.ToString()).ShouldBe(jobs, ignoreOrder: true, "one job for each order that was accepted");
        return [.. rows.Select(r => new End(r.Id.ToString(), r.State == "completed", r.ErrorCode, r.ErrorDetail))];
    }

    private async Task<List<Row>> JobsAsync()
    {
        await using var connection = new NpgsqlConnection(stack.ConnectionString);
        return [.. await connection.QueryAsync<Row>("""
            SELECT id AS "Id", state AS "State", error_code AS "ErrorCode", error_detail AS "ErrorDetail", ended_at IS NOT NULL AS "Ended" FROM jobs
            """)];
    }

    private sealed record Row(Guid Id, string State, string? ErrorCode, string? ErrorDetail, bool Ended);
}

/// <summary>For what another process finishes in its own time.</summary>
public static class Eventually
{
    /// <summary>Looks until nothing is there, thirty seconds at most; what is there then.</summary>
    public static Task<IReadOnlyList<T>> EmptyAsync<T>(Func<Task<IEnumerable<T>>> look) => UntilAsync(look, count => count == 0);

    /// <summary>Looks until something is there, thirty seconds at most; what is there then.</summary>
    public static Task<IReadOnlyList<T>> SomeAsync<T>(Func<Task<IEnumerable<T>>> look) => UntilAsync(look, count => count > 0);

    private static async Task<IReadOnlyList<T>> UntilAsync<T>(Func<Task<IEnumerable<T>>> look, Func<int, bool> enough)
    {
        List<T> there = [];
        await Patience.ComesAsync(async () => enough((there = [.. await look()]).Count), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100));
        return there;
    }
}
