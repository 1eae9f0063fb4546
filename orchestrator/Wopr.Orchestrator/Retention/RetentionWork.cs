using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;

namespace Wopr.Retention;

/// <summary>Comes round and takes away what is kept no longer, batch by batch; a batch leaves the database only when it stands in the archive.</summary>
public sealed partial class RetentionWork(NpgsqlDataSource database, WorkQueue queue, Archive archive, ILogger<RetentionWork> logger) : RecurringWork(database, queue)
{
    private const int Batch = 1000;

    // A round that has more to do than this goes on a little later, so that others get their turn.
    private const int MostBatches = 50;

    private readonly NpgsqlDataSource database = database;

    public override string Kind => "retention";

    protected override TimeSpan Period => TimeSpan.FromHours(6);

    protected override async Task<TimeSpan> RunAsync(WorkLease lease, CancellationToken cancellation)
    {
        var batches = 0;
        foreach (var rule in RetentionRule.All)
        {
            while (await TakeAsync(lease, rule, Batch, cancellation) > 0)
                if (++batches == MostBatches) return TimeSpan.FromSeconds(10);
        }
        return Period;
    }

    /// <summary>One batch in one transaction. How many rows it was.</summary>
    private async Task<int> TakeAsync(WorkLease lease, RetentionRule rule, int batch, CancellationToken cancellation)
    {
        var count = await database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            // What opens the append-only audit log for this transaction.
            await connection.ExecuteAsync("SET LOCAL wopr.retention = 'on'", transaction: transaction);
            var lines = (await connection.QueryAsync<string>(rule.Sql, new { keep = rule.Keep, batch }, transaction)).AsList();
            if (lines.Count > 0 && rule.Archived) await archive.WriteAsync(rule.Name, lines, cancellation);
            return lines.Count;
        }, cancellation);
        if (count > 0) Taken(logger, count, rule.Name);
        return count;
    }

    [LoggerMessage(2201, LogLevel.Information, "retention: {Count} rows of {Name} are kept no longer")]
    private static partial void Taken(ILogger logger, int count, string name);
}

public static class RetentionRegistration
{
    public static IServiceCollection AddRetention(this IServiceCollection services)
    {
        services.AddSingleton<Archive>();
        services.AddSingleton<RetentionWork>();
        services.AddSingleton<IWorkHandler>(s => s.GetRequiredService<RetentionWork>());
        return services;
    }
}
