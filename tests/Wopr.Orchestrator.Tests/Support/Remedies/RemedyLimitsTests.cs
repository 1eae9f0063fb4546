using Wopr.Audit;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Provisioning;
using Wopr.Support;
using Wopr.Support.Remedies;

namespace Wopr.Orchestrator.Tests.Support.Remedies;

/// <summary>Attempts to make the desk run what it may not.</summary>
public sealed class RemedyLimitsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private readonly Desk desk = new(database);

    [Fact]
    public async Task However_many_ask_at_once_three_run_for_a_job_within_an_hour()
    {
        await desk.ForgetRunsAsync();
        var job = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);
        var remedies = Enumerable.Range(0, 12).Select(i => new Counted($"harmless-{i}", isHarmless: true)).ToArray();
        var all = desk.With(remedies);

        var outcomes = await Task.WhenAll(remedies.Select(r => all.RunAsync(Desk.ByKey(r.Name, job), default)));

        outcomes.GroupBy(o => o.Word(), StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal)
            .ShouldBe(new Dictionary<string, int>(StringComparer.Ordinal) { [RunStatus.Done] = 3, ["SUPPORT-004"] = 9 }, ignoreOrder: true);
        remedies.Sum(r => r.Ran).ShouldBe(3);
        // A human is not counted, and takes nothing from the others.
        (await all.RunAsync(Desk.ByHuman("harmless-11", job), default)).Word().ShouldBe(RunStatus.Done);
    }

    [Fact]
    public async Task Twenty_run_within_an_hour_for_all_jobs_together()
    {
        await desk.ForgetRunsAsync();
        var remedy = new Counted("harmless", isHarmless: true);
        var all = desk.With(remedy);
        var outcomes = new List<string>();
        for (var i = 0; i < 22; i++) outcomes.Add((await all.RunAsync(Desk.ByKey("harmless", await JobRows.InsertAsync(database.Source, JobState.DeployingWopr)), default)).Word());

        outcomes.Take(20).ShouldAllBe(o => o == RunStatus.Done);
        outcomes.Skip(20).ShouldAllBe(o => o == "SUPPORT-004");
        remedy.Ran.ShouldBe(20);
    }

    [Fact]
    public async Task A_code_opens_only_the_job_whose_own_record_holds_it()
    {
        await desk.ForgetRunsAsync();
        var (code, name) = ErrorCatalogue.Load().Entries.Where(e => e.Remedy is { Tier: RemedyTier.Automatic }).Select(e => (e.Code.Value, e.Remedy!.Name)).First();
        var (remedy, other) = (new Counted(name), new Counted("something-else"));
        var all = desk.With(remedy, other);
        var failed = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.DeployingWopr, code);
        var stranger = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.DeployingWopr, "MODULE-001");

        (await all.RunAsync(Desk.ByKey(name, stranger, code), default)).Word().ShouldBe(RunStatus.Proposed, "another job's code");
        (await all.RunAsync(Desk.ByKey("something-else", failed, code), default)).Word().ShouldBe(RunStatus.Proposed, "another code's remedy");
        (await all.RunAsync(Desk.ByKey(name, new JobId(Guid.NewGuid()), code), default)).Word().ShouldBe("JOB-003", "no job");
        (await all.RunAsync(Desk.ByKey(name, null, code), default)).Word().ShouldBe("JOB-003", "no id");
        remedy.Ran.ShouldBe(0);
        (await all.LookAsync(Desk.ByKey(name, failed, code), default)).Word().ShouldBe("would, automatic");
        (await all.RunAsync(Desk.ByKey(name, failed, code), default)).Word().ShouldBe(RunStatus.Done);
        (remedy.Ran, other.Ran).ShouldBe((1, 0));
    }

    [Fact]
    public async Task What_may_lose_data_is_neither_run_nor_proposed_without_a_human()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.DeployingWopr, "MODULE-003");
        var (destructive, human) = (new Counted("destructive", isHarmless: true, isDestructive: true), new Counted("by-hand", RemedyTier.Human));
        var all = desk.With(destructive, human);
        foreach (var name in (string[])["destructive", "by-hand"])
        {
            (await all.RunAsync(Desk.ByKey(name, job, "MODULE-003"), default)).Word().ShouldBe("SUPPORT-002", name);
            (await all.ProposeAsync(Desk.ByKey(name, job, "MODULE-003"), default)).Word().ShouldBe("SUPPORT-002", name);
        }
        (destructive.Ran, human.Ran).ShouldBe((0, 0));
        (await desk.Runs.ListAsync(job, openOnly: false, 10, default)).ShouldBeEmpty();
        (await new AuditLog(database.Source).ListAsync(job, null, 10, default)).Count(a => a.Outcome == AuditOutcome.Refused).ShouldBe(4);
        (await all.RunAsync(Desk.ByHuman("destructive", job), default)).Word().ShouldBe(RunStatus.Done);
    }

    [Fact]
    public async Task An_approval_counts_once_however_often_it_is_sent()
    {
        await desk.ForgetRunsAsync();
        var job = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);
        var remedy = new Counted("reboot", RemedyTier.Approval);
        var all = desk.With(remedy);
        var run = (await all.RunAsync(Desk.ByKey("reboot", job), default)).ShouldBeOfType<RemedyOutcome.Taken>().Run;
        run.Status.ShouldBe(RunStatus.Proposed);
        (await all.ProposeAsync(Desk.ByKey("reboot", job), default)).ShouldBeOfType<RemedyOutcome.Taken>().Run.Id.ShouldBe(run.Id, "the same wish is one proposal");

        var decisions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => all.DecideAsync(run.Id, i % 2 == 0, Desk.Anna, "seen", default)));

        decisions.Count(d => d is not null).ShouldBe(1);
        remedy.Ran.ShouldBeLessThanOrEqualTo(1);
        var ran = remedy.Ran;
        (await all.DecideAsync(run.Id, true, Desk.Anna, "again", default)).ShouldBeNull();
        (await all.DecideAsync(Guid.NewGuid(), true, Desk.Anna, "guessed", default)).ShouldBeNull();
        remedy.Ran.ShouldBe(ran);
    }

    [Fact]
    public async Task Who_only_proposes_runs_nothing_however_harmless_it_is()
    {
        await desk.ForgetRunsAsync();
        var job = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);
        var remedy = new Counted("harmless", isHarmless: true);
        var all = desk.With(remedy);
        var run = (await all.ProposeAsync(Desk.ByKey("harmless", job), default)).ShouldBeOfType<RemedyOutcome.Taken>().Run;
        (run.Status, remedy.Ran).ShouldBe((RunStatus.Proposed, 0));
        (await all.DecideAsync(run.Id, false, Desk.Anna, "not now", default)).Word().ShouldBe(RunStatus.Rejected);
        remedy.Ran.ShouldBe(0);
    }
}
