using Dapper;
using Wopr.Incidents;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Provisioning;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;
using Wopr.Support.Remedies;

namespace Wopr.Orchestrator.Tests.Support.Remedies;

/// <summary>Remedies from the wish to the check, through the desk: dry run, refused precondition, effect, and harmless when repeated.</summary>
public sealed class RemedyDeskTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private readonly Desk desk = new(database);

    public Task InitializeAsync() => desk.ForgetRunsAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task The_last_mail_goes_out_once_more()
    {
        var all = desk.With(new ResendMail(desk.Verbs));
        var job = await JobRows.InsertAsync(database.Source, JobState.Completed);
        (await all.LookAsync(Desk.ByKey("resend-mail", job), default)).Word().ShouldBe("cannot, automatic");
        (await all.RunAsync(Desk.ByKey("resend-mail", job), default)).Word().ShouldBe("SUPPORT-002", "there is no mail yet");

        await ExecuteAsync("INSERT INTO outbox (id, job_id, kind, recipient, subject, text, html, sent_at) VALUES (gen_random_uuid(), @id, 'welcome', 'anna@example.com', 'Ready', 't', 'h', now())", job);
        (await all.LookAsync(Desk.ByKey("resend-mail", job), default)).Word().ShouldBe("would, automatic");
        (await MailsAsync(job)).ShouldBe(1, "looking changes nothing");
        (await all.RunAsync(Desk.ByKey("resend-mail", job), default)).Word().ShouldBe(RunStatus.Done);
        (await MailsAsync(job)).ShouldBe(2);
        // While that one waits, no third is written.
        (await all.RunAsync(Desk.ByKey("resend-mail", job), default)).Word().ShouldBeOneOf(RunStatus.Done, RunStatus.Already);
        (await MailsAsync(job)).ShouldBe(2);
    }

    [Fact]
    public async Task A_new_token_is_shown_to_the_human_who_approves_and_to_nobody_else()
    {
        var all = desk.With(new ReissueToken(desk.Verbs));
        var over = await JobRows.InsertAsync(database.Source, JobState.Completed);
        (await all.RunAsync(Desk.ByKey("reissue-token", over), default)).Word().ShouldBe("SUPPORT-002");

        var job = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);
        (await all.LookAsync(Desk.ByKey("reissue-token", job), default)).Word().ShouldBe("would, approval");
        var proposed = (await all.RunAsync(Desk.ByKey("reissue-token", job), default)).ShouldBeOfType<RemedyOutcome.Taken>();
        (proposed.Run.Status, proposed.Secret).ShouldBe((RunStatus.Proposed, null));
        (await TokensAsync(job)).ShouldBe(1);

        var approved = (await all.DecideAsync(proposed.Run.Id, true, Desk.Anna, "seen", default)).ShouldBeOfType<RemedyOutcome.Taken>();
        approved.Run.Status.ShouldBe(RunStatus.Done);
        approved.Secret.ShouldNotBeNull().Length.ShouldBe(64);
        (await TokensAsync(job)).ShouldBe(2, "the old one is good for a while");
        var kept = string.Join('\n', (await desk.Runs.ListAsync(job, openOnly: false, 10, default)).Select(r => $"{r.Detail} {r.Reason}"));
        kept.ShouldNotContain(approved.Secret);
    }

    [Fact]
    public async Task What_was_proposed_is_looked_at_again_when_it_is_approved()
    {
        var all = desk.With(new ReissueToken(desk.Verbs));
        var job = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);
        var proposed = (await all.RunAsync(Desk.ByKey("reissue-token", job), default)).ShouldBeOfType<RemedyOutcome.Taken>().Run;
        await ExecuteAsync("UPDATE jobs SET state = 'cancelled', ended_at = now(), name_held = false WHERE id = @id", job);

        var approved = (await all.DecideAsync(proposed.Id, true, Desk.Anna, "seen", default)).ShouldBeOfType<RemedyOutcome.Taken>();

        (approved.Run.Status, approved.Secret).ShouldBe((RunStatus.Refused, null));
    }

    [Fact]
    public async Task A_server_is_built_anew_by_a_human_and_kept_as_a_snapshot_first()
    {
        var repairs = new Snapshots();
        var clouds = CloudStub.Create().Stub.With(repairs).Clouds;
        var all = desk.With(new RecreateServer(desk.Verbs, clouds, new ActionWait(clouds)));
        var running = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);
        (await all.RunAsync(Desk.ByHuman("recreate-server", running), default)).Word().ShouldBe("SUPPORT-002", "the job has not failed");

        var job = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.DeployingWopr, "MODULE-003", "error");
        (await all.RunAsync(Desk.ByKey("recreate-server", job, "MODULE-003"), default)).Word().ShouldBe("SUPPORT-002", "for a human");
        var look = (await all.LookAsync(Desk.ByHuman("recreate-server", job), default)).ShouldBeOfType<RemedyOutcome.Looked>();
        look.Look.ShouldBeOfType<RemedyLook.Would>().Changes[0].ShouldStartWith("a snapshot of server 42");
        repairs.Taken.ShouldBe(0);

        (await all.RunAsync(Desk.ByHuman("recreate-server", job), default)).ShouldBeOfType<RemedyOutcome.Taken>().Run.Detail.ShouldNotBeNull().ShouldStartWith("A snapshot of server 42 was kept.");
        (await JobRows.AskAsync<string>(database.Source, "SELECT state FROM jobs WHERE id = @id", job)).ShouldBe("provisioning_vps");
        (await all.RunAsync(Desk.ByHuman("recreate-server", job), default)).Word().ShouldBe("SUPPORT-002", "it is being built already");
        repairs.Taken.ShouldBe(1);
    }

    [Theory]
    [InlineData("rerun-installer", "CLOUDINIT-002", "would, automatic")]
    [InlineData("rerun-module", "VERIFY-003", "would, automatic")]
    [InlineData("recreate-network", "PODMAN-001", "would, approval")]
    public async Task A_finished_beacon_is_given_its_plan_once_more(string name, string code, string dry)
    {
        var all = desk.With(new RerunInstaller(desk.Plans, desk.Verbs), new RerunModule(desk.Plans, desk.Verbs), new RecreateNetwork(desk.Plans, desk.Verbs));
        var building = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);
        (await all.RunAsync(Desk.ByKey(name, building, code), default)).Word().ShouldBe("SUPPORT-002", "there is no agent yet");
        var job = await JobRows.InsertAsync(database.Source, JobState.Completed);
        (await all.RunAsync(Desk.ByKey(name, job, code), default)).Word().ShouldBe("SUPPORT-002", "it has no agent");
        await ExecuteAsync("INSERT INTO beacon_plans (job_id, number, modules, installer_sha256) VALUES (@id, 1, '{caddy}', 'abc')", job);

        var incidents = new IncidentStore(database.Source);
        var silent = await incidents.RaiseAsync(new(IncidentCause.Job(job), ErrorCodes.HeartbeatMissing, Severity.Critical, job, "silent"), default);
        (await all.RunAsync(Desk.ByKey(name, job, code), default)).ShouldBeOfType<RemedyOutcome.Refused>().Detail.ShouldStartWith("BEACON-001", Case.Sensitive, $"{silent}");
        await ExecuteAsync("UPDATE incidents SET code = @code, summary = 'its record holds the code' WHERE job_id = @id", job, code);

        (await all.LookAsync(Desk.ByKey(name, job, code), default)).Word().ShouldBe(dry);
        (await PlanAsync(job)).ShouldBe(1, "looking changes nothing");
        var outcome = await all.RunAsync(Desk.ByKey(name, job, code), default);
        if (outcome is RemedyOutcome.Taken { Run: { Status: RunStatus.Proposed } run }) outcome = await all.DecideAsync(run.Id, true, Desk.Anna, "seen", default);
        outcome.Word().ShouldBe(RunStatus.Done);
        (await PlanAsync(job)).ShouldBe(2);

        // Until the agent says that it is carried out, there is nothing more to do.
        (await all.LookAsync(Desk.ByKey(name, job, code), default)).Word().ShouldStartWith("nothing");
        (await all.RunAsync(Desk.ByKey(name, job, code), default)).Word().ShouldBe(RunStatus.Already);
        (await PlanAsync(job)).ShouldBe(2);
        await ExecuteAsync("UPDATE beacon_plans SET applied_at = now() WHERE job_id = @id", job);
        (await all.LookAsync(Desk.ByKey(name, job, code), default)).Word().ShouldBe(dry);
    }

    [Fact]
    public async Task A_job_that_failed_before_there_was_an_agent_is_taken_up_again()
    {
        var all = desk.With(new RerunInstaller(desk.Plans, desk.Verbs));
        var job = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.DeployingWopr, "CLOUDINIT-002", "error");
        (await all.LookAsync(Desk.ByKey("rerun-installer", job, "CLOUDINIT-002"), default)).Word().ShouldBe("would, automatic");
        (await all.RunAsync(Desk.ByKey("rerun-installer", job, "CLOUDINIT-002"), default)).Word().ShouldBe(RunStatus.Done);
        (await JobRows.AskAsync<string>(database.Source, "SELECT state FROM jobs WHERE id = @id", job)).ShouldBe("provisioning_vps");
        (await all.RunAsync(Desk.ByKey("rerun-installer", job, "CLOUDINIT-002"), default)).Word().ShouldBe("SUPPORT-002", "it is on its way again");
    }

    private Task<int> MailsAsync(JobId job) => JobRows.AskAsync<int>(database.Source, "SELECT count(*)::int FROM outbox WHERE job_id = @id", job);

    private Task<int> TokensAsync(JobId job) => JobRows.AskAsync<int>(database.Source, "SELECT count(*)::int FROM callback_tokens WHERE job_id = @id AND expires_at > now()", job);

    private Task<int> PlanAsync(JobId job) => JobRows.AskAsync<int>(database.Source, "SELECT max(number) FROM beacon_plans WHERE job_id = @id", job);

    private async Task ExecuteAsync(string sql, JobId job, string? code = null)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, new { id = job.Value, code });
    }

    private sealed class Snapshots : ICloudRepairs
    {
        public int Taken { get; private set; }

        public Task<ProviderResult<CloudAction>> SnapshotServerAsync(long id, string description, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation)
        {
            Taken++;
            return Task.FromResult(ProviderResult<CloudAction>.Success(new CloudAction(7, "create_image", ActionStatus.Success, 100, null)));
        }

        public Task<ProviderResult<CloudAction>> RebootServerAsync(long id, CancellationToken cancellation) => throw new InvalidOperationException();

        public Task<ProviderResult<CloudAction>> PowerOnServerAsync(long id, CancellationToken cancellation) => throw new InvalidOperationException();
    }
}
