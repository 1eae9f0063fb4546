using System.Net;
using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests.Faults;

/// <summary>The database goes away in the middle of everything, comes back, or has no connection left: jobs wait and go on.</summary>
public sealed class DatabaseFaultTests
{
    private const int Orders = 10;

    [Fact]
    public async Task Connections_that_are_cut_again_and_again_cost_no_job()
    {
        await using var stack = await WoprStack.StartAsync(pace: "0.3");
        var jobs = await OrderAsync(stack);
        await using var connection = await Promises.OpenAsync(stack);
        for (var cut = 0; cut < 12; cut++)
        {
            await connection.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            // The rhythm of the cuts is the test's subject.
            await Task.Delay(250);
        }
        await AllCompleteAsync(stack, jobs);
        (await connection.QuerySingleAsync<int>("SELECT count(*) FROM events WHERE kind = 'error'")).ShouldBe(0, "trouble of the database was taken for trouble of a job");
    }

    [Fact]
    public async Task A_database_that_crashes_and_recovers_costs_no_job()
    {
        using var cluster = new PrivateCluster();
        await cluster.StartAsync();
        await using var stack = await WoprStack.StartAsync(pace: "0.3", connectionString: cluster.ConnectionString);
        var jobs = await OrderAsync(stack);
        for (var crash = 0; crash < 2; crash++)
        {
            await cluster.CrashAndStartAsync();
            await AnsweredAsync(stack);
        }
        await AllCompleteAsync(stack, jobs);
    }

    [Fact]
    public async Task A_full_pool_is_said_with_its_code_and_passes()
    {
        await using var stack = await WoprStack.StartAsync(connectionSuffix: ";Maximum Pool Size=4;Timeout=1");
        var job = await stack.OrderAsync("before");
        await stack.UntilAsync(job, "completed");
        await using (var connection = await Promises.OpenAsync(stack))
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await connection.ExecuteAsync("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE", transaction: transaction);
            // Whoever has a connection waits for the lock; everybody else finds none.
            var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => AskAsync(stack, job, transaction)));
            answers.Count(a => a.Contains("DB-002", StringComparison.Ordinal)).ShouldBeGreaterThan(0, string.Join('\n', answers));
        }
        await AnsweredAsync(stack);
        await AllCompleteAsync(stack, [job, await stack.OrderAsync("after")]);
    }

    private static async Task<string> AskAsync(WoprStack stack, string job, NpgsqlTransaction held)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(6));
            using var response = await stack.Http.GetAsync($"/api/provision/{job}/status", limit.Token);
            return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(limit.Token)}";
        }
        catch (OperationCanceledException)
        {
            held.Connection.ShouldNotBeNull();
            return "waits for the lock";
        }
    }

    private static Task<string[]> OrderAsync(WoprStack stack) => Task.WhenAll(Enumerable.Range(0, Orders).Select(i => stack.OrderAsync($"fault-{i}")));

    private static async Task AllCompleteAsync(WoprStack stack, IReadOnlyList<string> jobs)
    {
        foreach (var job in jobs) (await UntilEndAsync(stack, job)).ShouldBe("completed");
        await using var connection = await Promises.OpenAsync(stack);
        await stack.UntilAsync(
            () => connection.QuerySingleAsync<bool>("SELECT NOT EXISTS (SELECT FROM jobs WHERE ended_at IS NULL) AND NOT EXISTS (SELECT FROM outbox WHERE sent_at IS NULL)"), "every job is over and every mail sent");
        await Promises.HoldAtTheEndAsync(stack);
    }

    /// <summary>The API may still refuse for a moment, which is what a customer's page would wait out too.</summary>
    private static async Task<string?> UntilEndAsync(WoprStack stack, string job)
    {
        string? state = null;
        await stack.UntilAsync(
            async () =>
            {
                using var response = await stack.Http.GetAsync($"/api/provision/{job}/status");
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return false;
                state = (await WoprStack.JsonOf(response)).GetProperty("state").GetString();
                return state is "completed" or "failed" or "rolled_back";
            },
            $"job {job} has an end");
        return state;
    }

    private static Task AnsweredAsync(WoprStack stack) => stack.UntilAsync(
        async () =>
        {
            using var response = await stack.Http.GetAsync("/api/health");
            return response.IsSuccessStatusCode;
        },
        "the service finds its database again");
}
