using Dapper;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Crashes;

/// <summary>A step that kills the whole process, at every attempt: its job is set aside after three, and the others go on.</summary>
public sealed class PoisonedJobTests
{
    private const int Others = 5;

    [Fact]
    public async Task A_job_that_kills_its_node_fails_after_three_attempts_and_the_others_are_finished()
    {
        var (stack, deaths) = await StartAsync();
        await using var running = stack;
        // The beacon starts late, so that there is time to poison what comes after.
        await stack.Sandbox.MisbehaveAsync(new { kind = "slow_boot", ms = 1500, times = 1 });
        var poisoned = await stack.OrderAsync("poisoned");
        deaths.Arm(new Death("verifying call * before", 1), times: 10, subject: poisoned);
        var others = await Task.WhenAll(Enumerable.Range(0, Others).Select(i => stack.OrderAsync($"healthy-{i}")));
        var died = await KeepUpAsync(stack, "SELECT count(*) FROM jobs WHERE state IN ('completed', 'failed') AND id = ANY (@jobs)", [poisoned, .. others]);

        died.ShouldBe(3);
        var status = await stack.StatusAsync(poisoned);
        status.GetProperty("state").GetString().ShouldBe("failed");
        status.GetProperty("error").GetProperty("code").GetString().ShouldBe("JOB-001");
        foreach (var job in others) (await stack.UntilAsync(job, "completed", "failed")).GetProperty("state").GetString().ShouldBe("completed");
    }

    [Fact]
    public async Task Poison_on_the_way_down_is_quarantined_with_an_incident_and_goes_on_when_it_is_released()
    {
        var (stack, deaths) = await StartAsync();
        await using var running = stack;
        await stack.Sandbox.MisbehaveAsync(new { kind = "no_boot", times = 1 });
        var poisoned = await stack.OrderAsync("poisoned");
        await stack.UntilAsync(poisoned, "deploying_wopr");
        deaths.Arm(new Death("rolling_back call * before", 1), times: 10, subject: poisoned);
        await using var connection = await Promises.OpenAsync(stack);
        await connection.ExecuteAsync("""
            SELECT FROM work_items WHERE kind = 'provision' AND subject = @job FOR UPDATE;
            UPDATE jobs SET cancel_requested_at = now() WHERE id = @job;
            UPDATE work_items SET signals = signals + 1, wake_at = now() WHERE subject = @job;
            NOTIFY wopr_work
            """, new { job = Guid.Parse(poisoned) });
        var died = await KeepUpAsync(stack, "SELECT count(*) FROM work_items WHERE quarantined_at IS NOT NULL AND subject = ANY (@jobs)", [poisoned]);

        died.ShouldBe(3);
        (await connection.QuerySingleAsync<(string Code, int Count)>("SELECT code, count FROM incidents WHERE cause = 'work:provision:' || @poisoned AND closed_at IS NULL", new { poisoned })).ShouldBe(("JOB-001", 1));
        await stack.RestartServiceAsync();
        var healthy = await stack.OrderAsync("healthy");
        (await stack.UntilAsync(healthy, "completed", "failed")).GetProperty("state").GetString().ShouldBe("completed");

        deaths.Disarm();
        var item = (await stack.OperatorAsync("/api/operator/quarantine")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        (item.GetProperty("job_id").GetString(), item.GetProperty("deaths").GetInt32()).ShouldBe((poisoned, 3));
        await stack.ReleaseAsync("provision", poisoned);
        await stack.UntilAsync(poisoned, "cancelled");
        await stack.UntilAsync(async () => (await stack.IncidentsAsync()).Count == 0, "driven in good order it is no incident any more");
        (await stack.AuditAsync($"?job={poisoned}")).ShouldBe(["release-work done"]);
        (await stack.Sandbox.ServersOfAsync(Guid.Parse(poisoned))).ShouldBeEmpty();
    }

    private static async Task<(WoprStack Stack, DeathRow Deaths)> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("wopr-crossings-").FullName;
        var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_SANDBOX_CROSSINGS"] = folder });
        return (stack, new DeathRow(folder));
    }

    /// <summary>Starts the service again whenever it dies, as its supervisor does, until the query counts all. Returns how often it died.</summary>
    private static async Task<int> KeepUpAsync(WoprStack stack, string query, IReadOnlyList<string> jobs)
    {
        await using var connection = await Promises.OpenAsync(stack);
        var ids = jobs.Select(Guid.Parse).ToArray();
        var died = 0;
        await Patience.UntilAsync(
            async () =>
            {
                if (!stack.Service!.HasExited) return await connection.QuerySingleAsync<int>(query, new { jobs = ids }) == ids.Length;
                died++;
                stack.LaunchService();
                return false;
            },
            () => stack.Service!.Output, TimeSpan.FromMinutes(4));
        return died;
    }
}
