using System.Threading.Channels;
using Dapper;
using Npgsql;
using Wopr.Platform.Work;

namespace Wopr.Platform.Trace;

/// <summary>
/// Writes what was tried in batches, beside the work: at most one statement each half second. While the database is away
/// what is noted waits, and beyond <see cref="MostWaiting"/> the oldest is forgotten.
/// </summary>
public sealed partial class JobTrace(NpgsqlDataSource database, WorkQueueOptions node, TimeProvider time, ILogger<JobTrace> logger) : BackgroundService, IJobTrace
{
    public const int MostWaiting = 10_000;

    private const int Batch = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // The closest look at the database's clock so far, and ours at the same moment. One that took less than this is close enough.
    private static readonly TimeSpan Close = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(10);
    private TimeSpan closest = TimeSpan.MaxValue;
    private long looked;
    private DateTimeOffset clock;

    private readonly Channel<(TraceEntry Entry, long Ended)> waiting =
        Channel.CreateBounded<(TraceEntry, long)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public void Note(TraceEntry entry) => waiting.Writer.TryWrite((entry, time.GetTimestamp()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested && await MoreAsync(stoppingToken))
        {
            await WriteAsync(CancellationToken.None);
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What is left at the stop is written once, for the database may be away.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (await WriteAsync(cancellationToken))
        {
            // The next batch.
        }
    }

    private async Task<bool> MoreAsync(CancellationToken stopping)
    {
        try
        {
            return await waiting.Reader.WaitToReadAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>One batch; false when there is none, or it cannot be written now.</summary>
    private async Task<bool> WriteAsync(CancellationToken cancellation)
    {
        var batch = new List<(TraceEntry Entry, long Ended)>();
        while (batch.Count < Batch && waiting.Reader.TryRead(out var next)) batch.Add(next);
        if (batch.Count == 0) return false;
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            var began = await BeganAsync(connection, batch, cancellation);
            await connection.ExecuteAsync(new CommandDefinition("""
                INSERT INTO job_trace (job_id, at, kind, what, outcome, sent, took_ms, node)
                SELECT job, at, kind, what, outcome, sent, took, @Node
                FROM unnest(@jobs, @began, @kinds, @whats, @outcomes, @sents, @tooks) AS t (job, at, kind, what, outcome, sent, took)
                """, new
            {
                node.Node,
                jobs = batch.Select(b => b.Entry.Job).ToArray(),
                began,
                kinds = batch.Select(b => b.Entry.Kind).ToArray(),
                whats = batch.Select(b => b.Entry.What).ToArray(),
                outcomes = batch.Select(b => b.Entry.Outcome).ToArray(),
                sents = batch.Select(b => b.Entry.Sent).ToArray(),
                tooks = batch.Select(b => (int)Math.Min(int.MaxValue, b.Entry.Took.TotalMilliseconds)).ToArray(),
            }, cancellationToken: cancellation));
            return true;
        }
        catch (NpgsqlException error)
        {
            NotWritten(logger, batch.Count, error);
            foreach (var entry in batch) waiting.Writer.TryWrite(entry);
            return false;
        }
    }

    /// <summary>When each began, by the database's clock, as exactly as it answers: between the two looks at our own.</summary>
    private async Task<DateTime[]> BeganAsync(NpgsqlConnection connection, List<(TraceEntry Entry, long Ended)> batch, CancellationToken cancellation)
    {
        if (closest < Close && time.GetElapsedTime(looked) < Stale) return Began();
        var before = time.GetTimestamp();
        var there = await connection.ExecuteScalarAsync<DateTimeOffset>(new CommandDefinition("SELECT clock_timestamp()", cancellationToken: cancellation));
        var took = time.GetElapsedTime(before);
        if (took < closest || time.GetElapsedTime(looked) > Stale) (closest, looked, clock) = (took, before, there - (took / 2));
        return Began();

        DateTime[] Began() => [.. batch.Select(b => (clock + time.GetElapsedTime(looked, b.Ended) - b.Entry.Took).UtcDateTime)];
    }

    [LoggerMessage(2804, LogLevel.Warning, "the record of {Count} runs and calls cannot be written yet")]
    private static partial void NotWritten(ILogger logger, int count, Exception error);
}

public static class TraceRegistration
{
    public static IServiceCollection AddTrace(this IServiceCollection services)
    {
        services.AddSingleton<JobTrace>();
        services.AddSingleton<IJobTrace>(s => s.GetRequiredService<JobTrace>());
        services.AddHostedService(s => s.GetRequiredService<JobTrace>());
        services.AddHostedService<NodeBeat>();
        return services;
    }
}
