using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Platform;

public sealed class DatabaseTests : IAsyncLifetime
{
    private TestDatabase database = null!;

    public async Task InitializeAsync() => database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task A_node_that_falls_asleep_in_a_transaction_lets_go_before_its_lease_ends()
    {
        await using var source = Database.Open(database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();

        (await connection.QuerySingleAsync<TimeSpan>("SELECT current_setting('idle_in_transaction_session_timeout')::interval")).ShouldBe(Database.LongestPause);
        Database.LongestPause.ShouldBeLessThan(Settings.UsualLease);
    }

    [Fact]
    public async Task Options_that_were_given_are_kept()
    {
        await using var source = Database.Open(database.ConnectionString + ";Options=-c work_mem=5MB");
        await using var connection = await source.OpenConnectionAsync();

        (await connection.QuerySingleAsync<string>("SHOW work_mem")).ShouldBe("5MB");
        (await connection.QuerySingleAsync<string>("SHOW idle_in_transaction_session_timeout")).ShouldBe("8s");
    }

    [Fact]
    public async Task A_transaction_that_was_ended_so_is_the_databases_trouble_and_not_the_works()
    {
        await using var source = Database.Open(database.ConnectionString);
        await using var watcher = await source.OpenConnectionAsync();
        await using var sleeper = await source.OpenConnectionAsync();
        await using var transaction = await sleeper.BeginTransactionAsync();
        var id = await sleeper.QuerySingleAsync<int>("SELECT pg_backend_pid()", transaction: transaction);
        // The last that it does: a busy machine may take a millisecond between any two statements.
        await sleeper.ExecuteAsync("SET idle_in_transaction_session_timeout = 1", transaction: transaction);
        await Patience.UntilAsync(
            async () => !await watcher.QuerySingleAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = @id)", new { id }), () => "the session goes on");

        var error = await Should.ThrowAsync<NpgsqlException>(() => sleeper.ExecuteAsync("SELECT 1", transaction: transaction));

        Database.IsPassingTrouble(error).ShouldBeTrue(error.ToString());
    }
}
