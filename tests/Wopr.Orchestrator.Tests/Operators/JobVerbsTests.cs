using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Audit;
using Wopr.Callbacks;
using Wopr.Incidents;
using Wopr.Operators;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Operators;

/// <summary>Every verb in every state: done, done already, or refused with a code; and always on record.</summary>
public sealed class JobVerbsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Actor Anna = Actor.Operator("anna");

    private readonly JobVerbs verbs = new(
        database.Source, new ResumeVerb(Enum.GetValues<JobState>().Select(s => new NamedStep(s)), new Deadlines(TestSettings.Make())), new MailVerb(new RandomIdSource()),
        new TokenVerb(new CallbackStore(database.Source, new RandomIdSource(), TimeProvider.System)), NullLogger<JobVerbs>.Instance);

    [Theory]
    [InlineData(JobState.Pending, "done", "refused", "refused")]
    [InlineData(JobState.PaymentReceived, "done", "refused", "refused")]
    [InlineData(JobState.ProvisioningVps, "done", "refused", "refused")]
    [InlineData(JobState.ConfiguringDns, "done", "refused", "refused")]
    [InlineData(JobState.WaitingForVps, "done", "refused", "refused")]
    [InlineData(JobState.DeployingWopr, "done", "refused", "refused")]
    [InlineData(JobState.Verifying, "done", "refused", "refused")]
    [InlineData(JobState.GeneratingDocs, "done", "refused", "refused")]
    [InlineData(JobState.SendingWelcome, "done", "refused", "refused")]
    [InlineData(JobState.Completed, "refused", "refused", "done")]
    [InlineData(JobState.Failed, "done", "done", "done")]
    [InlineData(JobState.RollingBack, "already", "refused", "already")]
    [InlineData(JobState.RolledBack, "already", "refused", "already")]
    [InlineData(JobState.Cancelled, "already", "refused", "already")]
    public async Task Each_state_has_its_answer(JobState state, string cancel, string resume, string decommission)
    {
        foreach (var (verb, expected) in new[] { (Verb.Cancel, cancel), (Verb.Resume, resume), (Verb.Decommission, decommission) })
        {
            var job = await JobRows.InsertAsync(database.Source, state, state == JobState.Failed ? JobState.Verifying : null);

            var outcome = await DoAsync(verb, job);

            Word(outcome).ShouldBe(expected, $"{verb} of {state}");
            if (outcome is VerbOutcome.Refused refused) (refused.Status, refused.Code).ShouldBe((409, ErrorCodes.VerbDoesNotApply));
            var entry = (await new AuditLog(database.Source).ListAsync(job, null, 10, None)).ShouldHaveSingleItem();
            (entry.Actor, entry.Action, entry.Reason, entry.Outcome).ShouldBe(("anna", verb.Word(), "because", expected));
            (await IsDueAsync(job)).ShouldBe(expected == "done");
        }
    }

    [Theory]
    [InlineData(JobState.Pending, "done")]
    [InlineData(JobState.WaitingForVps, "done")]
    [InlineData(JobState.SendingWelcome, "done")]
    [InlineData(JobState.Failed, "refused")]
    [InlineData(JobState.Completed, "refused")]
    [InlineData(JobState.RollingBack, "refused")]
    public async Task A_step_is_run_again_while_the_job_is_on_its_way(JobState state, string expected)
    {
        var job = await JobRows.InsertAsync(database.Source, state, state == JobState.Failed ? JobState.Verifying : null);

        Word(await DoAsync(Verb.RetryStep, job)).ShouldBe(expected);

        (await IsDueAsync(job)).ShouldBe(expected == "done");
    }

    [Fact]
    public async Task A_step_that_was_set_aside_is_let_out_to_be_run_again()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.WaitingForVps);
        await JobRows.AskAsync<int>(database.Source, "UPDATE work_items SET quarantined_at = now(), attempt = 4 WHERE subject = @id RETURNING 1", job);

        Word(await DoAsync(Verb.RetryStep, job)).ShouldBe("done");

        (await JobRows.AskAsync<bool>(database.Source, "SELECT quarantined_at IS NULL AND attempt = 1 AND wake_at <= now() FROM work_items WHERE subject = @id", job)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(Verb.Cancel, JobState.DeployingWopr)]
    [InlineData(Verb.Decommission, JobState.Completed)]
    [InlineData(Verb.Resume, JobState.Failed)]
    public async Task A_repeated_verb_changes_nothing(Verb verb, JobState state)
    {
        var job = await JobRows.InsertAsync(database.Source, state, state == JobState.Failed ? JobState.Verifying : null);
        (await DoAsync(verb, job)).ShouldBeOfType<VerbOutcome.Done>();
        var events = await EventsAsync(job);

        (await DoAsync(verb, job)).ShouldBeOfType<VerbOutcome.Already>();

        (await EventsAsync(job)).ShouldBe(events);
    }

    [Fact]
    public async Task Two_operators_at_once_do_it_once()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => DoAsync(Verb.Cancel, job)));

        outcomes.Count(o => o is VerbOutcome.Done).ShouldBe(1);
        outcomes.Count(o => o is VerbOutcome.Already).ShouldBe(7);
    }

    [Theory]
    [InlineData(JobState.Failed, Verb.Cancel, Verb.Resume, "refused")]
    [InlineData(JobState.Failed, Verb.Decommission, Verb.Resume, "refused")]
    [InlineData(JobState.Failed, Verb.Resume, Verb.Cancel, "done")]
    [InlineData(JobState.Failed, Verb.Cancel, Verb.Decommission, "already")]
    [InlineData(JobState.Completed, Verb.Decommission, Verb.Cancel, "refused")]
    public async Task One_verb_after_another_is_defined(JobState state, Verb first, Verb second, string expected)
    {
        var job = await JobRows.InsertAsync(database.Source, state, state == JobState.Failed ? JobState.Verifying : null);
        (await DoAsync(first, job)).ShouldBeOfType<VerbOutcome.Done>();

        Word(await DoAsync(second, job)).ShouldBe(expected);
    }

    [Fact]
    public async Task A_job_that_does_not_exist_is_404() =>
        (await DoAsync(Verb.Cancel, new JobId(Guid.NewGuid()))).ShouldBeOfType<VerbOutcome.Refused>().Status.ShouldBe(404);

    [Fact]
    public async Task A_resumed_job_goes_back_to_the_step_that_failed_and_its_beacon_still_gets_through()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.DeployingWopr, "CALLBACK-003", "app_modules");
        await new IncidentStore(database.Source).RaiseAsync(new(IncidentCause.Job(job), ErrorCodes.BeaconSilent, Severity.Critical, job, "silent"), None);

        (await DoAsync(Verb.Resume, job)).ShouldBeOfType<VerbOutcome.Done>();

        var row = await RowAsync(job);
        (row.State, row.ErrorCode, row.FailedState, row.Stage, row.CallbackSeq, row.LadderPosition).ShouldBe(("deploying_wopr", null, null, "app_modules", 9L, 2));
        row.Left!.Value.ShouldBeInRange(3500, 3601);
        (row.TokenLives, row.TokenLeft).ShouldBe((true, 6));
        (await new IncidentStore(database.Source).ListAsync(new IncidentFilter(Open: true, Job: job), None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task When_the_beacon_gave_up_itself_a_new_server_is_built()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.DeployingWopr, "MODULE-003", "error");

        (await DoAsync(Verb.Resume, job)).ShouldBeOfType<VerbOutcome.Done>();

        await ShouldBeRebuiltAsync(job);
    }

    [Fact]
    public async Task An_operator_can_have_a_new_server_built_or_keep_the_old_one()
    {
        var built = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.Verifying, "VERIFY-001", "complete");
        (await DoAsync(Verb.Resume, built, JobState.ProvisioningVps)).ShouldBeOfType<VerbOutcome.Done>();
        await ShouldBeRebuiltAsync(built);

        var kept = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.DeployingWopr, "MODULE-003", "error");
        (await DoAsync(Verb.Resume, kept, JobState.DeployingWopr)).ShouldBeOfType<VerbOutcome.Done>();
        var row = await RowAsync(kept);
        (row.State, row.Stage, row.CallbackSeq, row.TokenLives).ShouldBe(("deploying_wopr", null, 9L, true));
    }

    [Theory]
    [InlineData("HETZ-005", 0, null)]
    [InlineData("HETZ-001", 0, null)]
    [InlineData("HETZ-006", 2, "it runs on a larger server")]
    public async Task Where_nothing_could_be_had_another_try_begins_with_what_is_on_sale_then(string code, int position, string? substitution)
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.ProvisioningVps, code);

        (await DoAsync(Verb.Resume, job)).ShouldBeOfType<VerbOutcome.Done>();

        var row = await RowAsync(job);
        (row.State, row.LadderPosition, row.Substitution, row.Rebuild).ShouldBe(("provisioning_vps", position, substitution, false));
    }

    [Theory]
    [InlineData(JobState.SendingWelcome)]
    [InlineData(JobState.PaymentReceived)]
    [InlineData(JobState.Completed)]
    public async Task It_is_resumed_from_nowhere_else(JobState from)
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.Verifying, "VERIFY-001");

        (await DoAsync(Verb.Resume, job, from)).ShouldBeOfType<VerbOutcome.Refused>().Code.ShouldBe(ErrorCodes.VerbDoesNotApply);

        (await RowAsync(job)).State.ShouldBe("failed");
    }

    [Fact]
    public async Task A_driver_that_decided_on_an_older_reading_comes_too_late()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.Verifying, "VERIFY-001");
        var store = new JobStore(database.Source, database.Queue);
        var lease = await LeaseAsync(job);
        var reading = (await store.FindAsync(job, None))!;
        await DoAsync(Verb.Resume, job);

        await Should.ThrowAsync<LeaseLostException>(() => store.MoveAsync(lease, reading, JobState.RollingBack, null, None));

        (await RowAsync(job)).State.ShouldBe("verifying");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_that_is_cancelled_in_the_last_moment_neither_moves_on_nor_fails(bool fails)
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.SendingWelcome);
        var store = new JobStore(database.Source, database.Queue);
        var lease = await LeaseAsync(job);
        var reading = (await store.FindAsync(job, None))!;
        (await DoAsync(Verb.Cancel, job)).ShouldBeOfType<VerbOutcome.Done>();

        if (fails) await store.FailAsync(lease, reading, ErrorCodes.StepFailedUnexpectedly, "too late", null, TimeSpan.FromHours(2), None);
        else await store.MoveAsync(lease, reading, JobState.Completed, null, None);

        var row = await RowAsync(job);
        (row.State, row.ErrorCode).ShouldBe(("sending_welcome", null));
        (await store.WhichGoDownAsync([job], None)).ShouldBe([job]);
    }

    [Fact]
    public async Task A_beacon_that_is_decommissioned_while_its_completion_is_written_does_not_get_away()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.SendingWelcome);
        var store = new JobStore(database.Source, database.Queue);
        var lease = await LeaseAsync(job);
        await store.MoveAsync(lease, (await store.FindAsync(job, None))!, JobState.Completed, null, None);
        var reading = (await store.FindAsync(job, None))!;
        (await DoAsync(Verb.Decommission, job)).ShouldBeOfType<VerbOutcome.Done>();

        await store.FinishAsync(lease, reading, None);

        (await IsDueAsync(job)).ShouldBeTrue();
        (await JobRows.AskAsync<bool>(database.Source, "SELECT ended_at IS NULL FROM jobs WHERE id = @id", job)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(JobState.RolledBack)]
    [InlineData(JobState.Cancelled)]
    public async Task A_job_of_which_nothing_is_left_gives_its_name_away_before_it_is_finished(JobState gone)
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.RollingBack, name: $"given-{gone.Word().Replace('_', '-')}");
        var store = new JobStore(database.Source, database.Queue);

        await store.MoveAsync(await LeaseAsync(job), (await store.FindAsync(job, None))!, gone, null, None);

        (await JobRows.AskAsync<bool>(database.Source, "SELECT name_held OR ended_at IS NOT NULL FROM jobs WHERE id = @id", job)).ShouldBeFalse();
        await JobRows.InsertAsync(database.Source, JobState.Pending, name: $"given-{gone.Word().Replace('_', '-')}");
    }

    [Fact]
    public async Task The_last_mail_is_sent_again_as_one_of_its_own_and_only_once_at_a_time()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.Completed);
        (await DoAsync(Verb.ResendMail, job)).ShouldBeOfType<VerbOutcome.Refused>().Code.ShouldBe(ErrorCodes.VerbDoesNotApply);
        await database.Source.InTransactionAsync((connection, transaction) => connection.ExecuteAsync("""
            INSERT INTO outbox (id, job_id, kind, recipient, subject, text, html, sent_at) VALUES (gen_random_uuid(), @id, 'welcome', 'anna@example.com', 'Ready', 't', 'h', now())
            """, new { id = job.Value }, transaction), None);

        (await DoAsync(Verb.ResendMail, job)).ShouldBeOfType<VerbOutcome.Done>();
        (await DoAsync(Verb.ResendMail, job)).ShouldBeOfType<VerbOutcome.Already>();

        (await JobRows.AskAsync<int>(database.Source, "SELECT count(*)::int FROM outbox o JOIN work_items w ON w.kind = 'mail' AND w.subject = o.id WHERE o.job_id = @id AND o.kind = 'welcome.2' AND o.subject = 'Ready'", job)).ShouldBe(1);
    }

    [Fact]
    public async Task A_rotated_token_is_handed_out_once_and_stands_nowhere()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);

        var done = (await DoAsync(Verb.RotateToken, job)).ShouldBeOfType<VerbOutcome.Done>();

        done.Token!.Length.ShouldBe(64);
        done.Detail.ShouldNotContain(done.Token);
        (await JobRows.AskAsync<int>(database.Source, "SELECT count(*)::int FROM callback_tokens WHERE job_id = @id AND revoked_at IS NULL AND expires_at > now()", job)).ShouldBe(2);
        (await DoAsync(Verb.RotateToken, await JobRows.InsertAsync(database.Source, JobState.Completed))).ShouldBeOfType<VerbOutcome.Refused>().Code.ShouldBe(ErrorCodes.VerbDoesNotApply);
    }

    private Task<VerbOutcome> DoAsync(Verb verb, JobId job, JobState? from = null) => verbs.DoAsync(new VerbRequest(verb, job, Anna, "because", from), None);

    private async Task ShouldBeRebuiltAsync(JobId job)
    {
        var row = await RowAsync(job);
        (row.State, row.Stage, row.CallbackSeq, row.LadderPosition, row.Substitution, row.Rebuild, row.TokenLives).ShouldBe(("provisioning_vps", null, 0L, 0, null, true, false));
        row.ModulesReady.ShouldBeEmpty();
        row.Progress.ShouldBe(40);
    }

    private async Task<WorkLease> LeaseAsync(JobId job)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        var fence = await connection.ExecuteScalarAsync<long>("""
            UPDATE work_items SET lease_until = now() + interval '1 minute', lease_owner = 'test', fence = fence + 1, attempt = 1 WHERE subject = @id RETURNING fence
            """, new { id = job.Value });
        return new WorkLease(JobStore.WorkOf(job), fence, 1, 0);
    }

    private async Task<bool> IsDueAsync(JobId job)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT FROM work_items WHERE kind = 'provision' AND subject = @id AND wake_at <= now())", new { id = job.Value });
    }

    private Task<int> EventsAsync(JobId job) => JobRows.AskAsync<int>(database.Source, "SELECT event_seq FROM jobs WHERE id = @id", job);

    private Task<Row> RowAsync(JobId job) => JobRows.AskAsync<Row>(database.Source, """
        SELECT j.state, error_code, failed_state, stage, callback_seq, ladder_position, substitution, modules_ready, progress,
               CASE WHEN deadline_at < 'infinity' THEN extract(epoch FROM deadline_at - now())::int END AS left,
               rebuild_requested_at IS NOT NULL AS rebuild,
               t.revoked_at IS NULL AND t.expires_at > now() AS token_lives, round(extract(epoch FROM t.expires_at - now()) / 3600)::int AS token_left
        FROM jobs j JOIN callback_tokens t ON t.job_id = j.id WHERE j.id = @id
        """, job);

    private static string Word(VerbOutcome outcome) => outcome switch
    {
        VerbOutcome.Done => "done",
        VerbOutcome.Already => "already",
        _ => "refused",
    };

    private sealed class Row
    {
        public string State { get; init; } = "";
        public string? ErrorCode { get; init; }
        public string? FailedState { get; init; }
        public string? Stage { get; init; }
        public long CallbackSeq { get; init; }
        public int LadderPosition { get; init; }
        public string? Substitution { get; init; }
        public string[] ModulesReady { get; init; } = [];
        public int Progress { get; init; }
        public int? Left { get; init; }
        public bool Rebuild { get; init; }
        public bool TokenLives { get; init; }
        public int TokenLeft { get; init; }
    }

    /// <summary>A step of which only the state and the deadline are looked at.</summary>
    internal sealed class NamedStep(JobState state) : IStep
    {
        public JobState State => state;

        public TimeSpan? Deadline => TimeSpan.FromHours(1);

        public Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation) => throw new NotSupportedException("it is never run");
    }
}
