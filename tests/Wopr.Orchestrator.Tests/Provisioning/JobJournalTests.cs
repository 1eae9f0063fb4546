using Dapper;
using Wopr.Mail;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>What steps write: all of it or nothing, and nothing once the lease is somebody else's.</summary>
public sealed class JobJournalTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly LadderRung Rung = new("cx23", "fsn1", 349);
    private static OutgoingMail Mail => new(Guid.NewGuid(), "received", "anna@example.com", new("s", "t", "h"));
    private static long lastId;

    public static TheoryData<string> Writes => ["plan", "climb down", "intend", "identify", "await", "records", "gone", "document", "mail"];

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Nothing_is_written_once_the_lease_is_somebody_elses(string write)
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.ProvisioningVps);
        var journal = await LeaseAsync(job);
        await LeaseAsync(job);
        var before = await StandAsync(job);

        await Should.ThrowAsync<LeaseLostException>(() => WriteAsync(journal, job, write));

        (await StandAsync(job)).ShouldBe(before);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task With_the_lease_it_is_written(string write)
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.ProvisioningVps);
        var before = await StandAsync(job);

        await WriteAsync(await LeaseAsync(job), job, write);

        (await StandAsync(job)).ShouldNotBe(before);
    }

    [Fact]
    public async Task What_differs_from_the_wish_is_told_once_for_each_that_differs()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.PaymentReceived);
        var journal = await LeaseAsync(job);
        await journal.PlanAsync(["postgresql"], "abc", [Rung], null, Mail, None);
        await journal.ClimbDownAsync(1, "it is in another city", "sold out", None);
        await journal.ClimbDownAsync(2, "it is in another city", "sold out", None);
        await journal.ClimbDownAsync(3, "it is smaller", "sold out", None);

        (await JobRows.AskAsync<string>(database.Source, "SELECT string_agg(data->>'message', ', ' ORDER BY seq) FROM events WHERE job_id = @id AND kind = 'substitution'", job))
            .ShouldBe("it is in another city, it is smaller");
        (await JobRows.AskAsync<int>(database.Source, "SELECT ladder_position FROM jobs WHERE id = @id", job)).ShouldBe(3);
    }

    [Theory]
    [InlineData(ActionStatus.Running, true)]
    [InlineData(ActionStatus.Success, false)]
    public async Task The_poller_is_woken_for_actions_that_run(ActionStatus status, bool woken)
    {
        var project = ProjectName.Parse($"p{status}".ToLowerInvariant());
        var job = await JobRows.InsertAsync(database.Source, JobState.WaitingForVps);
        var id = NextId();
        await (await LeaseAsync(job)).AwaitActionsAsync(project, [Action(id, status), Action(id, status)], TimeSpan.FromSeconds(8), None);

        (await JobRows.AskAsync<int>(database.Source, "SELECT count(*)::int FROM provider_actions WHERE job_id = @id", job)).ShouldBe(1, "one that is named twice is one");
        var poller = ActionPoller.KeyOf(project);
        await using var connection = await database.Source.OpenConnectionAsync();
        (await connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT FROM work_items WHERE kind = @Kind AND subject = @Subject AND wake_at > now())", new { poller.Kind, poller.Subject }))
            .ShouldBe(woken);
    }

    [Fact]
    public async Task Of_records_with_one_name_the_last_is_the_jobs()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.ConfiguringDns);
        var journal = await LeaseAsync(job);
        await journal.IdentifyRecordsAsync([Record("r1", "192.0.2.1"), Record("r2", "192.0.2.2")], None);
        await journal.IdentifyRecordsAsync([Record("r3", "192.0.2.3")], None);

        var known = (await journal.ResourcesAsync(None)).Where(r => r.Kind == ResourceKind.DnsRecord).ToList();
        known.ShouldHaveSingleItem().ProviderId.ShouldBe("r3");
    }

    private static Task WriteAsync(JobJournal journal, JobId job, string write) => write switch
    {
        "plan" => journal.PlanAsync(["postgresql", "keycloak"], "abc", [Rung], "it is smaller", Mail, None),
        "climb down" => journal.ClimbDownAsync(7, null, "sold out", None),
        "intend" => journal.IntendServerAsync(ProjectName.Main, "other.beacons.example", Rung, job.Value.ToByteArray(), TimeSpan.FromHours(1), None),
        "identify" => journal.IdentifyServerAsync(ProjectName.Main, Server, [], TimeSpan.FromSeconds(8), None),
        "await" => journal.AwaitActionsAsync(null, [Action(NextId(), ActionStatus.Running)], TimeSpan.FromSeconds(8), None),
        "records" => journal.IdentifyRecordsAsync([Record("r1", "192.0.2.1")], None),
        "gone" => journal.GoneAsync(ResourceKind.Server, None),
        "document" => journal.StoreDocumentAsync("setup", "how to", None),
        "mail" => journal.PostMailAsync(Mail, None),
        _ => throw new ArgumentOutOfRangeException(nameof(write)),
    };

    // Actions of all tests are in one table.
    private static long NextId() => Interlocked.Increment(ref lastId);

    private static CloudServer Server => new(
        42, "b.beacons.example", ServerStatus.Running, "running", "cx23", "fsn1", "192.0.2.1", null, new Dictionary<string, string>(), DateTimeOffset.UnixEpoch, true);

    private static CloudAction Action(long id, ActionStatus status) => new(id, "create_server", status, 0, null);

    private static DnsRecord Record(string id, string content) => new(id, "A", "b.beacons.example", content, 60, false, "ours");

    /// <summary>Everything that there is of the job, in one text.</summary>
    private Task<string> StandAsync(JobId job) => JobRows.AskAsync<string>(database.Source, """
        SELECT concat_ws('; ',
            (SELECT (j.modules, j.ladder, j.ladder_position, j.substitution, j.server_attempts, j.event_seq)::text FROM jobs j WHERE id = @id),
            (SELECT string_agg((kind, name, provider_id, data, gone_at, intended_at)::text, ' ' ORDER BY id) FROM resources WHERE job_id = @id),
            (SELECT count(*) FROM events WHERE job_id = @id), (SELECT count(*) FROM provider_actions WHERE job_id = @id),
            (SELECT count(*) FROM documents WHERE job_id = @id), (SELECT count(*) FROM callback_tokens WHERE job_id = @id),
            (SELECT string_agg(w.subject::text, ' ') FROM outbox o JOIN work_items w ON w.subject = o.id AND w.kind = 'mail' WHERE o.job_id = @id))
        """, job);

    /// <summary>What whoever has just leased the job writes with; whoever had it before has lost it.</summary>
    private async Task<JobJournal> LeaseAsync(JobId job)
    {
        var fence = await JobRows.AskAsync<long>(
            database.Source, "UPDATE work_items SET fence = fence + 1, lease_until = now() + interval '1 minute', lease_owner = 'test' WHERE subject = @id RETURNING fence", job);
        return new JobJournal(database.Source, new WorkLease(JobStore.WorkOf(job), fence, 1, 0), job);
    }
}
