using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wopr.Integration.Tests.Stack;
using Wopr.Platform;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests;

/// <summary>
/// An update finds jobs in flight, in rows of the version before it: they are finished by the new one. The rows are made by
/// taking from those of today what a former schema had no place for.
/// </summary>
public sealed class FormerVersionTests
{
    [Theory]
    [InlineData("0001_core.sql")]
    [InlineData("0060_agents.sql")]
    public async Task Jobs_that_a_former_version_began_are_finished(string newest)
    {
        await using var stack = await WoprStack.StartAsync(pace: "0.3");
        var ready = await stack.OrderAsync("ready");
        await stack.UntilAsync(ready, "completed");
        var flying = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => stack.OrderAsync($"flying-{i}")));
        await stack.UntilAsync(flying[0], "waiting_for_vps", "deploying_wopr");
        stack.Service!.Kill();

        await using var former = await TestDatabase.CreateAsync();
        await MigrateAsync(former.ConnectionString, newest);
        await CopyAsync(stack.ConnectionString, former.ConnectionString);
        await stack.RestartServiceAsync(former.ConnectionString);

        foreach (var job in flying) (await stack.UntilAsync(job, "completed", "failed")).GetProperty("state").GetString().ShouldBe("completed");
        (await stack.StatusAsync(ready)).GetProperty("state").GetString().ShouldBe("completed");
        (await stack.Sandbox.ServersAsync()).Select(s => s.GetProperty("labels").GetProperty("wopr-job").GetString()).ShouldBe([ready, .. flying], ignoreOrder: true);
    }

    private static async Task MigrateAsync(string connectionString, string newest)
    {
        var folder = Directory.CreateTempSubdirectory("wopr-former-");
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("migrations"), "*.sql").Where(f => string.CompareOrdinal(Path.GetFileName(f), newest) <= 0))
            File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
        await using var source = Database.Open(connectionString);
        (await new Migrator(source, NullLogger<Migrator>.Instance).ApplyAsync(folder.FullName, CancellationToken.None))[^1].ShouldBe(newest);
        folder.Delete(recursive: true);
    }

    /// <summary>Every row, with the columns that both have.</summary>
    private static async Task CopyAsync(string from, string to)
    {
        await using var source = new NpgsqlConnection(from + ";Gss Encryption Mode=Disable");
        await using var target = new NpgsqlConnection(to + ";Gss Encryption Mode=Disable");
        await source.OpenAsync();
        await target.OpenAsync();
        // References between rows are in whatever order the tables come.
        await target.ExecuteAsync("SET session_replication_role = replica");
        var known = (await ColumnsAsync(source)).ToHashSet();
        foreach (var table in (await ColumnsAsync(target)).Where(known.Contains).GroupBy(c => c.Table, c => c.Name, StringComparer.Ordinal))
        {
            var columns = string.Join(", ", table);
            await target.ExecuteAsync($"DELETE FROM {table.Key}");
            using var rows = await source.BeginTextExportAsync($"COPY {table.Key} ({columns}) TO STDOUT");
            await using var copy = await target.BeginTextImportAsync($"COPY {table.Key} ({columns}) FROM STDIN");
            await copy.WriteAsync(await rows.ReadToEndAsync());
        }
    }

    private static Task<IEnumerable<(string Table, string Name)>> ColumnsAsync(NpgsqlConnection connection) => connection.QueryAsync<(string, string)>("""
        SELECT c.table_name, quote_ident(c.column_name) FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name <> 'schema_migrations' AND c.is_generated = 'NEVER'
        ORDER BY c.table_name, c.ordinal_position
        """);
}
