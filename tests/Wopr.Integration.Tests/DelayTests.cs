using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests;

/// <summary>A beacon that should be ready by now and is not: its customer hears of it, once.</summary>
public sealed class DelayTests
{
    [Fact]
    public async Task A_late_job_is_told_of_once_and_a_ready_one_never()
    {
        await using var stack = await WoprStack.StartAsync();
        await stack.UntilAsync(await stack.OrderAsync("ready"), "completed");
        await stack.Sandbox.MisbehaveAsync(new { kind = "no_boot" });
        var late = await stack.OrderAsync("late");
        await stack.UntilAsync(late, "waiting_for_vps", "deploying_wopr");
        stack.Service!.Kill();
        await using var connection = new NpgsqlConnection(stack.ConnectionString + ";Gss Encryption Mode=Disable");
        await connection.ExecuteAsync("UPDATE orders SET paid_at = paid_at - interval '31 minutes'");

        // The notices come round at every start, and then once a minute.
        for (var round = 0; round < 2; round++)
        {
            await connection.ExecuteAsync("UPDATE work_items SET wake_at = now() WHERE kind = 'delay_notices'");
            await stack.RestartServiceAsync();
            await UntilAsync(connection, "SELECT wake_at > now() AND lease_until IS NULL FROM work_items WHERE kind = 'delay_notices'");
        }

        (await connection.QueryAsync<Guid>("SELECT job_id FROM outbox WHERE kind = 'delayed'")).ShouldBe([Guid.Parse(late)]);
    }

    private static Task UntilAsync(NpgsqlConnection connection, string condition) =>
        Patience.UntilAsync(() => connection.ExecuteScalarAsync<bool>(condition)!, () => condition);
}
