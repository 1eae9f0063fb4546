using System.Data;
using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using Wopr.Platform.Crossings;

namespace Wopr.Platform;

/// <summary>The one way to PostgreSQL. Time-outs are set here so that nothing can wait for ever.</summary>
public static class Database
{
    /// <summary>Connections per node; a caller that finds none free within ten seconds gets DB-002.</summary>
    public const int PoolSize = 40;

    /// <summary>
    /// How long a transaction may wait for its own client before PostgreSQL ends it: less than a lease, so that a node which
    /// falls asleep between two statements does not keep the rows that others are to take over.
    /// </summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);

    static Database()
    {
        SqlMapper.AddTypeHandler(new InstantHandler());
        DefaultTypeMap.MatchNamesWithUnderscores = true;
    }

    public static NpgsqlDataSource Open(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            GssEncryptionMode = GssEncryptionMode.Disable,
            ApplicationName = "wopr",
            CommandTimeout = 30,
            KeepAlive = 30,
            // Nobody changes a session's settings, so nothing must be put back; and what is asked often is parsed and planned once.
            NoResetOnClose = true,
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 5,
        };
        builder.Options = $"{builder.Options} -c idle_in_transaction_session_timeout={LongestPause.TotalMilliseconds:0}".TrimStart();
        if (!connectionString.Contains(";Timeout", StringComparison.OrdinalIgnoreCase)) builder.Timeout = 10;
        if (!connectionString.Contains("Maximum Pool Size", StringComparison.OrdinalIgnoreCase)) builder.MaxPoolSize = PoolSize;
        // With the types that WOPR uses: for all that Npgsql knows some three hundred methods would be compiled at each start.
        return new NpgsqlSlimDataSourceBuilder(builder.ConnectionString).EnableTransportSecurity().EnableIntegratedSecurity().EnableArrays().Build();
    }

    /// <summary>Runs the work in one transaction; an exception rolls it back. <paramref name="what"/> names the commit.</summary>
    public static async Task<T> InTransactionAsync<T>(
        this NpgsqlDataSource source, Func<NpgsqlConnection, NpgsqlTransaction, Task<T>> work, CancellationToken cancellation, [CallerMemberName] string what = "")
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        AfterCommit.Begin(transaction);
        var result = await work(connection, transaction);
        CrossingPoints.Before(CrossingPoints.Commit, what);
        await transaction.CommitAsync(cancellation);
        CrossingPoints.After(CrossingPoints.Commit, what);
        AfterCommit.Committed(source, transaction);
        return result;
    }

    /// <summary>One statement that is a transaction of its own: one round trip, one commit. <paramref name="what"/> names it.</summary>
    public static async Task<IReadOnlyList<T>> InOneStatementAsync<T>(
        this NpgsqlDataSource source, string sql, object parameters, CancellationToken cancellation, [CallerMemberName] string what = "")
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        CrossingPoints.Before(CrossingPoints.Commit, what);
        var rows = await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        CrossingPoints.After(CrossingPoints.Commit, what);
        return [.. rows];
    }

    /// <summary>
    /// Statements in one text, divided by semicolons: one round trip, and one commit for all of them. <paramref name="what"/>
    /// names it. <paramref name="read"/> reads all that they return: what follows may have failed until then.
    /// </summary>
    public static async Task<T> InOneRoundTripAsync<T>(
        this NpgsqlDataSource source, string sql, object parameters, Func<SqlMapper.GridReader, Task<T>> read, CancellationToken cancellation, [CallerMemberName] string what = "")
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        CrossingPoints.Before(CrossingPoints.Commit, what);
        T result;
        await using (var returned = await connection.QueryMultipleAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellation)))
            result = await read(returned);
        CrossingPoints.After(CrossingPoints.Commit, what);
        return result;
    }

    public static Task InTransactionAsync(
        this NpgsqlDataSource source, Func<NpgsqlConnection, NpgsqlTransaction, Task> work, CancellationToken cancellation, [CallerMemberName] string what = "") =>
        source.InTransactionAsync(async (connection, transaction) =>
        {
            await work(connection, transaction);
            return true;
        }, cancellation, what);

    /// <summary>True when no connection was free: all of this node's are in use, or all of the server's (DB-002).</summary>
    public static bool IsFull(NpgsqlException error) =>
        error is PostgresException { SqlState: "53300" } || error.Message.Contains("connection pool has been exhausted", StringComparison.Ordinal);

    /// <summary>
    /// True when the database, and not the work, is what went wrong: a lost connection, a restart, a full pool, a
    /// deadlock. The same work may well succeed in a moment.
    /// </summary>
    public static bool IsPassingTrouble(Exception error) => error switch
    {
        PostgresException refused => refused.IsTransient || refused.SqlState.AsSpan(0, 2) is "08" or "40" or "53" or "57" || refused.SqlState == "25P03",
        NpgsqlException lost => lost.IsTransient,
        _ => false,
    };

    // Npgsql reads timestamptz as UTC DateTime; the code speaks DateTimeOffset only.
    private sealed class InstantHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => value switch
        {
            DateTimeOffset instant => instant,
            DateTime utc => new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)),
            _ => throw new DataException($"not an instant: {value.GetType()}"),
        };

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
        {
            if (parameter is NpgsqlParameter npgsql) npgsql.NpgsqlDbType = NpgsqlDbType.TimestampTz;
            parameter.Value = value.UtcDateTime;
        }
    }
}
