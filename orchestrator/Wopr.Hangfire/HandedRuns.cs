using Dapper;
using Npgsql;
using Wopr.Platform.Work;

namespace Wopr.Profiles;

/// <summary>Which of Hangfire's jobs drove a work item, as long as Hangfire keeps them: a day.</summary>
internal sealed class HandedRuns(NpgsqlDataSource database)
{
    /// <summary>The newest; null when none is kept.</summary>
    public async Task<long?> NewestAsync(WorkKey key, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Arguments are kept as JSON texts in a list: title, kind, subject.
        return await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT id FROM hangfire.job WHERE arguments::jsonb ->> 2 = @subject AND arguments::jsonb ->> 1 = @kind ORDER BY id DESC LIMIT 1",
            new { subject = $"\"{key.Subject}\"", kind = $"\"{key.Kind}\"" }, cancellationToken: cancellation));
    }
}
