using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Crashes;

/// <summary>What became of one order: its events in a form that can be compared, and how long the service took after its restart.</summary>
public sealed record Life(Guid Job, IReadOnlyList<string> Timeline, bool Died, TimeSpan Recovery);

/// <summary>Leads one order after another through a stack whose service dies where it is told to.</summary>
public sealed class CrashBench : IAsyncDisposable
{
    private readonly WoprStack stack;
    private readonly NpgsqlDataSource database;
    private int orders;

    private CrashBench(WoprStack running, DeathRow deaths)
    {
        stack = running;
        Deaths = deaths;
        database = NpgsqlDataSource.Create(running.ConnectionString + ";Gss Encryption Mode=Disable");
    }

    public DeathRow Deaths { get; }

    public static async Task<CrashBench> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("wopr-crossings-").FullName;
        return new CrashBench(await WoprStack.StartAsync(environment: new Dictionary<string, string>
        {
            ["WOPR_SANDBOX_CROSSINGS"] = folder,
            ["WOPR_RETENTION_MINUTES"] = "0",
        }), new DeathRow(folder));
    }

    /// <summary>A service that remembers nothing.</summary>
    public Task RestartAsync() => stack.RestartServiceAsync();

    public async Task<Life> LiveAsync(Scenario scenario, Death? death)
    {
        var name = $"{scenario.Name}-{++orders}";
        await stack.Sandbox.BehaveAsync();
        await ForgetStockAsync();
        if (scenario.Rules is not null) await stack.Sandbox.MisbehaveAsync([.. JsonSerializer.Deserialize<JsonElement[]>(scenario.Rules)!.Cast<object>()]);
        if (death is not null) Deaths.Arm(death);
        var clock = Stopwatch.StartNew();
        var (died, restarted) = (false, TimeSpan.Zero);
        Guid? job = null;
        await Patience.UntilAsync(
            async () =>
            {
                if (stack.Service!.HasExited)
                {
                    died = true;
                    await stack.RestartServiceAsync();
                    restarted = clock.Elapsed;
                }
                job ??= await OrderAsync(name);
                return job is { } known && await LookAsync(known, scenario);
            },
            () => $"{scenario.Name}, {death}: job {job} hangs\n{stack.Service?.Output}");
        var id = job!.Value;
        return new Life(id, await TimelineAsync(id), died, clock.Elapsed - restarted);
    }

    /// <summary>What was sold out for the last order is on sale again: each is to find out for itself.</summary>
    private async Task ForgetStockAsync()
    {
        await using var connection = await database.OpenConnectionAsync();
        await connection.ExecuteAsync("DELETE FROM stock_marks");
    }

    /// <summary>
    /// Two drivers at once: the first is held at the crossing, loses its lease to a second that drives the job to its end,
    /// cancelled on request, and only then goes on.
    /// </summary>
    public async Task<Life> OvertakeAsync(Death where, bool cancel)
    {
        var name = $"overtaken-{++orders}";
        var refusals = Refusals;
        Deaths.Hold(where);
        var job = await OrderAsync(name) ?? throw new InvalidOperationException("no answer");
        await UntilAsync(() => Task.FromResult(Deaths.IsHeld), $"nobody comes by {where}");
        await using (var connection = await database.OpenConnectionAsync())
            await connection.ExecuteAsync("""
                SELECT FROM work_items WHERE kind = 'provision' AND subject = @job FOR UPDATE;
                UPDATE jobs SET cancel_requested_at = now() WHERE id = @job AND @cancel;
                UPDATE work_items SET lease_until = NULL, lease_owner = NULL, wake_at = now() WHERE kind = 'provision' AND subject = @job;
                NOTIFY wopr_work
                """, new { job, cancel });
        await UntilAsync(() => LookAsync(job, Scenario.Plain), $"{where}: {job} hangs");
        Deaths.Release();
        await UntilAsync(() => Task.FromResult(Refusals > refusals), $"{where}: the first driver's late write was not refused");
        return new Life(job, await TimelineAsync(job), false, TimeSpan.Zero);
    }

    /// <summary>Everything that the promises say of one order, against the emulators' books.</summary>
    public async Task CheckAsync(Scenario scenario, Life life, IReadOnlyList<string> undisturbed)
    {
        var expected = scenario.EndsWell ? 1 : 0;
        (await stack.Sandbox.ServersOfAsync(life.Job)).Count.ShouldBe(expected, "servers");
        (await stack.Sandbox.RecordsOfAsync(life.Job)).Count.ShouldBe(4 * expected, "records");
        MailsTo(AddressOf(life)).ShouldBe(expected, "welcome mails");
        life.Timeline.Order(StringComparer.Ordinal).ShouldBe(undisturbed.Order(StringComparer.Ordinal), "timeline");
        await using var connection = await database.OpenConnectionAsync();
        (await connection.QuerySingleAsync<string>("SELECT state FROM jobs WHERE id = @Job", new { life.Job })).ShouldBe(scenario.End);
        (await connection.QueryAsync<int>("SELECT seq FROM events WHERE job_id = @Job ORDER BY seq", new { life.Job })).ShouldBe(Enumerable.Range(1, life.Timeline.Count), "numbers");
        (await connection.QuerySingleAsync<int>("SELECT count(*) FROM callback_tokens WHERE job_id = @Job AND revoked_at IS NULL", new { life.Job })).ShouldBe(0, "live tokens");
        (await connection.QuerySingleAsync<int>("SELECT count(*) FROM outbox WHERE job_id = @Job AND kind = 'welcome'", new { life.Job })).ShouldBe(expected, "outbox");
    }

    /// <summary>Nothing at the providers that no completed job has.</summary>
    public async Task CheckNothingElseIsThereAsync()
    {
        await using var connection = await database.OpenConnectionAsync();
        var jobs = (await connection.QueryAsync<Guid>("SELECT id FROM jobs WHERE state = 'completed'")).Select(id => id.ToString()).ToList();
        (await stack.Sandbox.ServersAsync()).Select(s => s.GetProperty("labels").GetProperty("wopr-job").GetString()).ShouldBe(jobs, ignoreOrder: true);
        (await stack.Sandbox.PrimaryIpsAsync()).Count.ShouldBe(2 * jobs.Count);
        (await stack.Sandbox.OurRecordsAsync()).Count.ShouldBe(4 * jobs.Count);
    }

    private int Refusals => stack.Service!.Output.Split("lease lost").Length;

    private Task UntilAsync(Func<Task<bool>> condition, string otherwise) => Patience.UntilAsync(condition, () => $"{otherwise}\n{stack.Service!.Output}");

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        await stack.DisposeAsync();
    }

    /// <summary>Orders, and orders again after a lost answer with the same key, as a browser does.</summary>
    private async Task<Guid?> OrderAsync(string name)
    {
        try
        {
            using var response = await stack.PostOrderAsync(Orders.Starter(name, $"{name}@example.com"), $"key-of-{name}");
            var body = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode ? JsonSerializer.Deserialize<JsonElement>(body).GetProperty("job_id").GetGuid() : throw new InvalidOperationException(body);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>True when nothing is left to be done about the order. Cancels it when the scenario says so.</summary>
    private async Task<bool> LookAsync(Guid job, Scenario scenario)
    {
        await using var connection = await database.OpenConnectionAsync();
        if (scenario.CancelIn is not null)
            await connection.ExecuteAsync("""
                SELECT FROM work_items WHERE kind = 'provision' AND subject = @job FOR UPDATE;
                WITH cancelled AS (UPDATE jobs SET cancel_requested_at = now() WHERE id = @job AND state = @CancelIn AND cancel_requested_at IS NULL RETURNING id)
                UPDATE work_items SET signals = signals + 1, wake_at = CASE WHEN lease_until IS NULL THEN now() ELSE wake_at END
                WHERE kind = 'provision' AND subject IN (SELECT id FROM cancelled);
                NOTIFY wopr_work
                """, new { job, scenario.CancelIn });
        return await connection.QuerySingleAsync<bool>("""
            SELECT ended_at IS NOT NULL AND NOT EXISTS (SELECT FROM outbox WHERE job_id = @job AND sent_at IS NULL)
                AND NOT EXISTS (SELECT FROM work_items WHERE subject = @job OR subject IN (SELECT id FROM outbox WHERE job_id = @job))
            FROM jobs WHERE id = @job
            """, new { job });
    }

    private async Task<IReadOnlyList<string>> TimelineAsync(Guid job)
    {
        await using var connection = await database.OpenConnectionAsync();
        var rows = await connection.QueryAsync<(string Kind, string Data)>("SELECT kind, data::text FROM events WHERE job_id = @job ORDER BY seq", new { job });
        return [.. rows.Select(row => Comparable(row.Kind, JsonSerializer.Deserialize<JsonElement>(row.Data)))];
    }

    // In which state a callback finds the job is a matter of luck; all else must be the same, whatever died.
    private static string Comparable(string kind, JsonElement data) =>
        string.Join(' ', data.EnumerateObject().Where(p => p.Name != "state" || kind is not ("stage" or "module")).Select(p => $"{p.Name}={p.Value}").Prepend(kind));

    private int MailsTo(string address)
    {
        var folder = Path.Combine(stack.DataFolder, "mail");
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*-welcome-*.eml").Count(file => File.ReadAllText(file).Contains(address, StringComparison.Ordinal)) : 0;
    }

    private string AddressOf(Life life)
    {
        using var connection = database.OpenConnection();
        return connection.QuerySingle<string>("SELECT o.email FROM jobs j JOIN orders o ON o.id = j.order_id WHERE j.id = @Job", new { life.Job });
    }
}
