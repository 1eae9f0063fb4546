using Dapper;
using Wopr.Incidents;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Provisioning.Projects;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Provisioning.Projects;

/// <summary>What the database says of the projects, and how jobs are placed by it.</summary>
public sealed class ProjectBookTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly ProjectName North = ProjectName.Parse("north");
    private static readonly HashSet<ProjectName> Nothing = [];

    private ProjectBook Book { get; } = new(database.Source, new Several(Open("main", 5), Open("north", 3)));

    public Task InitializeAsync() => ExecuteAsync("TRUNCATE orders, jobs, work_items, full_projects, provider_budgets, incidents CASCADE");

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Servers_waiting_orders_calls_limits_and_troubles_are_told_for_each_project()
    {
        await ServerAsync(await JobAsync("north", "completed"));
        await ServerAsync(await JobAsync("north", "provisioning_vps"), identified: false);
        await ServerAsync(await JobAsync(project: null, "completed"));
        await ServerAsync(await JobAsync("north", "rolled_back", over: true), gone: true);
        await JobAsync("north", "provisioning_vps");
        await JobAsync("north", "failed");
        await ExecuteAsync("""
            INSERT INTO provider_budgets (key, capacity, calls_left, refill_per_second, refilled_at, blocked_until) VALUES
            ('hetzner:main', 3600, 100, 0.001, now(), now() + interval '1 minute'), ('hetzner:north', 3600, 100, 0.001, now(), NULL)
            """);
        await Book.FullAsync(North, None);
        await new IncidentStore(database.Source).RaiseAsync(new Trouble(IncidentCause.Provider("hetzner"), ErrorCodes.HetznerUnavailable, Severity.Critical, Job: null, "away"), None);

        var (main, north) = (await Book.ReadAsync(None)) is [var first, var second] ? (first, second) : throw new InvalidOperationException();
        (main.Project.Name.Value, main.Servers, main.Waiting, main.CallsLeft, main.Full, main.Troubled).ShouldBe(("main", 1, 0, 0d, false, true), "a job without a project that has a server is in main");
        (north.Project.Name.Value, north.Servers, north.Waiting, north.Full, north.Troubled).ShouldBe(("north", 2, 1, true, false));
        north.CallsLeft.ShouldBeInRange(100, 101);
    }

    /// <summary>However many are placed at once, nobody gets a place that is another's.</summary>
    [Fact]
    public async Task Orders_that_are_placed_at_the_same_moment_never_exceed_a_limit()
    {
        var jobs = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => JobAsync(project: null, "provisioning_vps")));
        var placed = await Task.WhenAll(jobs.Select(async job => await (await JournalAsync(job)).PlaceAsync(Book, Nothing, None)));
        placed.Count(p => p == ProjectName.Main).ShouldBe(5);
        placed.Count(p => p == North).ShouldBe(3);
        placed.Count(p => p is null).ShouldBe(4);
        var written = await Task.WhenAll(jobs.Select(async job => (await new JobStore(database.Source, database.Queue).FindAsync(job, None))!.Project));
        written.ShouldBe(placed);
    }

    [Fact]
    public async Task A_job_goes_on_to_the_next_project_and_whoever_lost_it_places_it_nowhere()
    {
        var job = await JobAsync("main", "provisioning_vps");
        var journal = await JournalAsync(job);
        (await journal.PlaceAsync(Book, new HashSet<ProjectName> { ProjectName.Main }, None)).ShouldBe(North);
        await JournalAsync(job);
        await Should.ThrowAsync<LeaseLostException>(() => journal.PlaceAsync(Book, new HashSet<ProjectName> { North }, None));
        (await new JobStore(database.Source, database.Queue).FindAsync(job, None))!.Project.ShouldBe(North);
    }

    [Fact]
    public void With_one_open_project_without_a_limit_there_is_nothing_to_choose()
    {
        Of(Open("north", null)).IsSingle(out var only).ShouldBeTrue();
        only.ShouldBe(North);
        Of(Open("north", 9)).IsSingle(out _).ShouldBeFalse();
        Of(Open("north", null) with { Closed = true }).IsSingle(out _).ShouldBeFalse();
        Of(Open("main", null), Open("north", null)).IsSingle(out _).ShouldBeFalse();
    }

    private ProjectBook Of(params CloudProject[] projects) => new(database.Source, new Several(projects));

    private static CloudProject Open(string name, int? most) => new(ProjectName.Parse(name), most, Closed: false, $"hetzner:{name}");

    /// <summary>What whoever has just leased the job writes with; whoever had it before has lost it.</summary>
    private async Task<JobJournal> JournalAsync(JobId job)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        var fence = await connection.ExecuteScalarAsync<long>(
            "UPDATE work_items SET fence = fence + 1, lease_until = now() + interval '1 minute', lease_owner = 'test' WHERE subject = @Value RETURNING fence", new { job.Value });
        return new JobJournal(database.Source, new WorkLease(JobStore.WorkOf(job), fence, 1, 0), job);
    }

    private async Task<JobId> JobAsync(string? project, string state, bool over = false)
    {
        var id = Guid.NewGuid();
        await ExecuteAsync("""
            INSERT INTO orders (id, source, fingerprint, bundle, tier, beacon_name, email, price_cents, currency) VALUES (@id, 'operator', '', 'starter', 1, 'b', 'a@example.com', 0, 'EUR');
            INSERT INTO jobs (id, order_id, state, beacon_name, fqdn, name_held, project, ended_at) VALUES (@id, @id, @state, 'b', 'b.example.com', false, @project, CASE WHEN @over THEN now() END);
            INSERT INTO work_items (kind, subject, wake_at) VALUES ('provision', @id, 'infinity')
            """, new { id, state, project, over });
        return new JobId(id);
    }

    private Task ServerAsync(JobId job, bool identified = true, bool gone = false) => ExecuteAsync("""
        INSERT INTO resources (job_id, kind, name, provider_id, gone_at) VALUES (@Value, 'server', 'b', CASE WHEN @identified THEN '1' END, CASE WHEN @gone THEN now() END)
        """, new { job.Value, identified, gone });

    private async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, parameters);
    }

    private sealed class Several(params CloudProject[] projects) : IClouds
    {
        public IReadOnlyList<CloudProject> Projects => projects;

        public ICloud Of(ProjectName? name) => throw new InvalidOperationException("nobody asks the provider");
    }
}
