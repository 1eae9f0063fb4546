using System.Reflection;
using Dapper;
using Npgsql;
using Wopr.Platform.Work;

namespace Wopr.Platform.Trace;

/// <summary>Says that this node runs, for operators to see. Nothing is decided by it: leases do that.</summary>
public sealed partial class NodeBeat(NpgsqlDataSource database, WorkQueueOptions node, TimeProvider time, ILogger<NodeBeat> logger) : BackgroundService
{
    /// <summary>How often a node says so.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private static readonly string Version = Short(typeof(NodeBeat).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do await BeatAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops; it is seen no more.
        }
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await connection.ExecuteAsync(new CommandDefinition("""
                INSERT INTO nodes (name, version) VALUES (@Node, @Version) ON CONFLICT (name) DO UPDATE SET seen_at = now();
                DELETE FROM nodes WHERE seen_at < now() - @Memory
                """, new { node.Node, Version, Memory }, cancellationToken: cancellation));
        }
        catch (NpgsqlException error)
        {
            NotSaid(logger, error.Message);
        }
    }

    [LoggerMessage(2805, LogLevel.Debug, "the node could not say that it runs: {Why}")]
    private static partial void NotSaid(ILogger logger, string why);

    /// <summary>Of the commit that it was built from, as much as one reads.</summary>
    private static string Short(string version) => version.IndexOf('+', StringComparison.Ordinal) is >= 0 and var at && version.Length > at + 8 ? version[..(at + 8)] : version;
}
