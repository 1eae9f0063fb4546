using System.IO.Compression;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Retention;

namespace Wopr.Orchestrator.Tests.Retention;

/// <summary>What is old leaves the database, but not before it stands in a file; what is young or alive stays.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private readonly MigratedDatabase database = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("wopr-retention-");

    public Task InitializeAsync() => database.InitializeAsync();

    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Old_rows_are_archived_and_taken_away_and_young_ones_stay()
    {
        var old = await JobRows.InsertAsync(database.Source, JobState.RolledBack);
        var young = await JobRows.InsertAsync(database.Source, JobState.RolledBack);
        var alive = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);
        await ExecuteAsync("""
            UPDATE jobs SET ended_at = now() - interval '401 days' WHERE id = @old;
            UPDATE jobs SET created_at = now() - interval '900 days' WHERE id = @alive;
            INSERT INTO audit_log (at, actor_kind, actor, action, job_id, reason, outcome)
            VALUES (now() - interval '1100 days', 'operator', 'anna', 'cancel', @old, 'long ago', 'done'), (now(), 'operator', 'anna', 'cancel', @young, 'just now', 'done');
            INSERT INTO outbox (id, job_id, kind, recipient, subject, text, html, created_at, sent_at)
            VALUES (gen_random_uuid(), @old, 'welcome', 'anna@example.com', 's', 'secret words', 'h', now() - interval '91 days', now() - interval '91 days'),
                   (gen_random_uuid(), @young, 'welcome', 'bert@example.com', 's', 't', 'h', now() - interval '91 days', NULL);
            UPDATE callback_tokens SET expires_at = now() - interval '31 days' WHERE job_id = @old;
            INSERT INTO incidents (cause, code, severity, summary, first_at, closed_at, closed_why)
            VALUES ('work:old', 'JOB-001', 'warning', 'closed long ago', now() - interval '500 days', now() - interval '401 days', 'gone'),
                   ('work:young', 'JOB-001', 'warning', 'closed just now', now() - interval '500 days', now(), 'gone'),
                   ('work:open', 'JOB-001', 'warning', 'never closed', now() - interval '500 days', NULL, NULL);
            INSERT INTO provider_actions (id, job_id, command, status, poll_at, updated_at)
            VALUES (1, @old, 'delete_server', 'success', now(), now() - interval '91 days'), (2, @young, 'delete_server', 'success', now(), now()),
                   (3, @alive, 'create_server', 'success', now(), now() - interval '91 days'), (4, @old, 'delete_server', 'running', now(), now() - interval '91 days');
            INSERT INTO remedy_runs (id, at, remedy, job_id, status, asked_kind, asked_by, reason, ended_at)
            VALUES (gen_random_uuid(), now() - interval '500 days', 'purge-cache', @old, 'done', 'support', 'night', 'a remedy of long ago', now() - interval '401 days'),
                   (gen_random_uuid(), now() - interval '500 days', 'reboot-server', @young, 'proposed', 'support', 'night', 'never decided', NULL),
                   (gen_random_uuid(), now(), 'resume-job', @young, 'done', 'support', 'night', 'a remedy of today', now());
            INSERT INTO tickets (cause, severity, job_id, summary, opened_by, respond_by, closed_at)
            VALUES ('a', 'P1', @old, 'a ticket of long ago', 'night', now(), now() - interval '401 days'), ('b', 'P1', @old, 'never closed', 'night', now() - interval '500 days', NULL),
                   ('c', 'P1', @young, 'closed today', 'night', now(), now());
            INSERT INTO idempotency_keys (scope, key, fingerprint, job_id, created_at) VALUES ('c', 'old', '', @old, now() - interval '31 days'), ('c', 'young', '', @young, now())
            """, new { old = old.Value, young = young.Value, alive = alive.Value });

        await RunAsync();

        (await CountAsync("events")).ShouldBe(2);
        (await CountAsync("audit_log")).ShouldBe(1);
        (await CountAsync("outbox")).ShouldBe(1);
        (await CountAsync("callback_tokens")).ShouldBe(2);
        (await CountAsync("idempotency_keys")).ShouldBe(1);
        (await CountAsync("jobs")).ShouldBe(3);
        (await CountAsync("incidents")).ShouldBe(2);
        (await CountAsync("provider_actions")).ShouldBe(3, "what a live job decides by and what is not over stay");
        (await CountAsync("remedy_runs")).ShouldBe(2, "what is young, and what waits for somebody, stay");
        (await CountAsync("tickets")).ShouldBe(2);
        Archived("remedies").ShouldContain("a remedy of long ago");
        Archived("tickets").ShouldContain("a ticket of long ago");
        Archived("incidents").ShouldContain("closed long ago");
        Archived("provider_actions").ShouldContain("delete_server");
        Archived("events").ShouldContain(old.ToString());
        Archived("audit").ShouldContain("long ago");
        var mails = Archived("mails");
        mails.ShouldContain("welcome");
        mails.ShouldNotContain("anna@example.com");
        mails.ShouldNotContain("secret words");

        var files = folder.GetFiles("*", SearchOption.AllDirectories).Length;
        await RunAsync();
        folder.GetFiles("*", SearchOption.AllDirectories).Length.ShouldBe(files);
    }

    [Fact]
    public async Task What_cannot_be_archived_stays()
    {
        var old = await JobRows.InsertAsync(database.Source, JobState.RolledBack);
        await ExecuteAsync("UPDATE jobs SET ended_at = now() - interval '401 days' WHERE id = @old", new { old = old.Value });
        // A file where the folder should be.
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "archive"), "");

        await Should.ThrowAsync<IOException>(RunAsync);

        (await CountAsync("events")).ShouldBe(1);
    }

    private async Task RunAsync()
    {
        var settings = TestSettings.Make() with { DataFolder = folder.FullName };
        var work = new RetentionWork(database.Source, database.Queue, new Archive(settings), NullLogger<RetentionWork>.Instance);
        await work.EnsureAsync(CancellationToken.None);
        await using var connection = await database.Source.OpenConnectionAsync();
        var fence = await connection.ExecuteScalarAsync<long>("UPDATE work_items SET lease_until = now() + interval '1 minute', fence = fence + 1 WHERE kind = 'retention' RETURNING fence");
        await work.HandleAsync(new WorkLease(work.Key, fence, 1, 0), CancellationToken.None);
    }

    private string Archived(string name) => string.Concat(folder.GetFiles($"archive/{name}-*.jsonl.gz").Select(file =>
    {
        using var reader = new StreamReader(new GZipStream(file.OpenRead(), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }));

    private async Task ExecuteAsync(string sql, object parameters)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, parameters);
    }

    private async Task<int> CountAsync(string table)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>($"SELECT count(*)::int FROM {table}");
    }
}
