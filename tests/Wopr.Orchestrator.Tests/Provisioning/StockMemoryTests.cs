using Dapper;
using Npgsql;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Support;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>On a real PostgreSQL: two nodes share what was refused, and the database's clock forgets it.</summary>
public sealed class StockMemoryTests
{
    private static readonly LadderRung Small = new("cx23", "fsn1", 349);

    [Fact]
    public async Task A_refusal_is_known_to_every_node_until_it_expires_or_one_is_sold()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var one = Database.Open(database.ConnectionString);
        await using var two = Database.Open(database.ConnectionString);
        await ExecuteAsync(one, await File.ReadAllTextAsync(Repository.PathOf("migrations", "0020_stock_marks.sql")));
        var clock = new TestClock();
        var (here, there) = (new StockMemory(one, clock), new StockMemory(two, clock));

        await here.RefusedAsync(Small, ErrorCodes.SoldOut, default);
        await there.RefusedAsync(Small, ErrorCodes.ServerTypeNotFound, default);
        (await here.ReadAsync(default)).CodeOf(Small).ShouldBe(ErrorCodes.ServerTypeNotFound);
        (await there.ReadAsync(default)).Has(Small with { Location = "nbg1" }).ShouldBeFalse();

        await using (var connection = await two.OpenConnectionAsync()) await connection.ExecuteAsync(StockMemory.SoldSql, new { Small.ServerType, Small.Location });
        (await here.ReadAsync(default)).All.ShouldNotBeEmpty("it goes by what it has just read");
        clock.Advance(StockMemory.Freshness);
        (await here.ReadAsync(default)).All.ShouldBeEmpty();

        await here.RefusedAsync(Small, ErrorCodes.SoldOut, default);
        (await here.ReadAsync(default)).Has(Small).ShouldBeTrue("its own refusals it knows at once");
        await ExecuteAsync(two, $"UPDATE stock_marks SET until = until - interval '{StockMemory.Life.TotalSeconds} seconds'");
        clock.Advance(StockMemory.Freshness);
        (await there.ReadAsync(default)).All.ShouldBeEmpty();
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
