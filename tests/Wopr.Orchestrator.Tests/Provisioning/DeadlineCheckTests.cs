using Wopr.Incidents;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>A wait that nobody ends is an incident; one that ends is none any more.</summary>
public sealed class DeadlineCheckTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly IncidentStore incidents = new(database.Source);

    [Fact]
    public async Task A_job_far_behind_its_deadline_is_raised_once_and_closed_when_it_moves()
    {
        var job = await database.AddJobAsync("late", JobState.ConfiguringDns, deadline: TimeSpan.FromMinutes(-5));
        await database.AddJobAsync("just-now", JobState.ConfiguringDns, deadline: TimeSpan.FromSeconds(-20));
        await Check().LookAsync(None);
        await Check().LookAsync(None);

        var incident = (await OpenAsync("overdue:")).ShouldHaveSingleItem();
        (incident.JobId, incident.Code, incident.Count).ShouldBe((job.Value, "JOB-002", 2));

        await database.MoveJobAsync(job, JobState.WaitingForVps);
        await Check().LookAsync(None);
        (await OpenAsync("overdue:")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Taking_down_has_no_end_but_too_long_a_one_is_an_incident()
    {
        var job = await database.AddJobAsync("sticky", JobState.RollingBack, age: TimeSpan.FromMinutes(31));
        await database.AddJobAsync("quick", JobState.RollingBack, age: TimeSpan.FromMinutes(2));
        await Check().LookAsync(None);

        (await OpenAsync("rollback:")).ShouldHaveSingleItem().JobId.ShouldBe(job.Value);
        await database.MoveJobAsync(job, JobState.RolledBack);
        await Check().LookAsync(None);
        (await OpenAsync("rollback:")).ShouldBeEmpty();
    }

    [Fact]
    public async Task While_a_provider_is_away_its_failed_jobs_have_one_incident_and_afterwards_each_its_own()
    {
        var job = await database.AddJobAsync("unlucky", JobState.Failed, errorCode: "CF-006");
        await incidents.RaiseAsync(new Trouble(IncidentCause.Provider("cloudflare"), ErrorCodes.CloudflareUnavailable, Severity.Critical, Job: null, "away"), None);
        await Check().LookAsync(None);
        (await OpenAsync($"job:{job}")).ShouldBeEmpty();

        await incidents.CloseAsync(IncidentCause.Provider("cloudflare"), "answers again", None);
        await Check().LookAsync(None);
        await Check().LookAsync(None);
        var incident = (await OpenAsync($"job:{job}")).ShouldHaveSingleItem();
        (incident.Code, incident.Count).ShouldBe(("CF-006", 1));

        await database.MoveJobAsync(job, JobState.ConfiguringDns);
        await Check().LookAsync(None);
        (await OpenAsync($"job:{job}")).ShouldBeEmpty();
    }

    private DeadlineCheck Check() => new(database.Source, database.Queue, incidents, new Deadlines(TestSettings.Make()));

    private Task<IReadOnlyList<Incident>> OpenAsync(string prefix) => incidents.ListAsync(new(CausePrefix: prefix), None);
}
