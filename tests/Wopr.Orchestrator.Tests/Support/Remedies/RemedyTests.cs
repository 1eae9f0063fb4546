using Wopr.Audit;
using Wopr.Incidents;
using Wopr.Operators;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Provisioning;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;
using Wopr.Support.Remedies;

namespace Wopr.Orchestrator.Tests.Support.Remedies;

/// <summary>Remedies against providers that do what they are told, that only say so, and that refuse.</summary>
public sealed class RemedyTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly Actor Anna = new(ActorKind.Operator, "anna");

    private readonly (ICloud Cloud, CloudStub Stub) cloud = CloudStub.Create();
    private readonly Zone zone = new();
    private readonly Repairs repairs = new();
    private ServerStatus status = ServerStatus.Running;
    private bool locked;

    [Fact]
    public async Task Records_are_put_right_once_and_a_second_run_has_nothing_to_do()
    {
        var one = await CaseAsync(JobState.Completed);
        var remedy = Dns();
        (await remedy.LookAsync(one, default)).ShouldBeOfType<RemedyLook.Would>().Changes.ShouldNotBeEmpty();
        zone.Records.ShouldBeEmpty("looking changes nothing");
        (await remedy.ApplyAsync(one, default)).Status.ShouldBe(RunStatus.Done);
        zone.Records.ShouldNotBeEmpty();
        (await remedy.ApplyAsync(one, default)).Status.ShouldBe(RunStatus.Already);
        (await remedy.LookAsync(one, default)).ShouldBeOfType<RemedyLook.Nothing>();
    }

    [Fact]
    public async Task What_is_without_effect_is_told_and_not_called_done()
    {
        zone.IsDeaf = true;
        var result = await Dns().ApplyAsync(await CaseAsync(JobState.Completed), default);
        (result.Status, result.Detail.Contains("a second look does not find them so", StringComparison.Ordinal)).ShouldBe((RunStatus.WithoutEffect, true), result.Detail);

        status = ServerStatus.Off;
        repairs.IsDeaf = true;
        (await Reboot().ApplyAsync(await CaseAsync(JobState.DeployingWopr), default)).Status.ShouldBe(RunStatus.WithoutEffect);

        repairs.Outcome = ActionStatus.Error;
        (await Reboot().ApplyAsync(await CaseAsync(JobState.DeployingWopr), default)).ShouldSatisfyAllConditions(
            r => r.Status.ShouldBe(RunStatus.WithoutEffect), r => r.Detail.ShouldContain("ended in error"));
    }

    [Theory]
    [InlineData(JobState.ProvisioningVps)]
    [InlineData(JobState.RollingBack)]
    [InlineData(JobState.Cancelled)]
    public async Task Records_of_a_job_that_sees_to_them_itself_are_left_alone(JobState state)
    {
        var one = await CaseAsync(state);
        (await Dns().LookAsync(one, default)).ShouldBeOfType<RemedyLook.Cannot>();
        (await Dns().ApplyAsync(one, default)).Status.ShouldBe(RunStatus.Refused);
        zone.Records.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_strangers_record_is_not_touched()
    {
        var one = await CaseAsync(JobState.Completed);
        zone.Records.Add(new DnsRecord("1", "A", one.Job!.Job.Fqdn, "198.51.100.9", 60, false, "somebody else's"));
        (await Dns().LookAsync(one, default)).ShouldBeOfType<RemedyLook.Cannot>().Code.ShouldBe(ErrorCodes.ForeignRecord);
        (await Dns().ApplyAsync(one, default)).Status.ShouldBe(RunStatus.Refused);
        zone.Records.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_server_is_switched_on_when_it_is_off_and_restarted_when_it_runs()
    {
        var one = await CaseAsync(JobState.DeployingWopr);
        status = ServerStatus.Off;
        (await Reboot().ApplyAsync(one, default)).Status.ShouldBe(RunStatus.Done);
        (await Reboot().ApplyAsync(one, default)).Status.ShouldBe(RunStatus.Done);
        repairs.Calls.ShouldBe(["power on 42", "reboot 42"]);
    }

    [Fact]
    public async Task A_server_that_is_locked_or_about_to_change_is_left_alone()
    {
        locked = true;
        (await Reboot().LookAsync(await CaseAsync(JobState.DeployingWopr), default)).ShouldBeOfType<RemedyLook.Cannot>().Code.ShouldBe(ErrorCodes.ResourceLocked);
        (locked, status) = (false, ServerStatus.Migrating);
        (await Reboot().ApplyAsync(await CaseAsync(JobState.DeployingWopr), default)).Status.ShouldBe(RunStatus.Refused);
        (await Reboot().ApplyAsync(await CaseAsync(JobState.RolledBack), default)).Status.ShouldBe(RunStatus.Refused);
        repairs.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_key_is_uploaded_once_and_only_when_its_public_half_is_known()
    {
        var keys = new List<CloudSshKey>();
        cloud.Stub.On<IReadOnlyList<CloudSshKey>>("ListSshKeysAsync", _ => keys).On<CloudSshKey>("CreateSshKeyAsync", call =>
        {
            keys.Add(new CloudSshKey(1, (string)call[0]!, "f", (string)call[1]!));
            return keys[0];
        });
        var all = new RemedyCase(null, Anna, "HETZ-003");
        (await new UploadSshKey(cloud.Stub.Clouds, CloudStub.Live()).ApplyAsync(all, default)).Status.ShouldBe(RunStatus.Refused);
        var remedy = new UploadSshKey(cloud.Stub.Clouds, CloudStub.Live(("WOPR_SSH_PUBLIC_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== ops")));
        (await remedy.LookAsync(all, default)).ShouldBeOfType<RemedyLook.Would>();
        keys.ShouldBeEmpty();
        (await remedy.ApplyAsync(all, default)).Status.ShouldBe(RunStatus.Done);
        (await remedy.ApplyAsync(all, default)).Status.ShouldBe(RunStatus.Already);
        keys.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Nothing_is_destroyed_when_no_copy_could_be_kept()
    {
        repairs.Outcome = ActionStatus.Error;
        var one = await CaseAsync(JobState.Failed);
        var remedy = new RecreateServer(null!, cloud.Stub.With(repairs).Clouds, new ActionWait(cloud.Stub.Clouds));
        remedy.IsDestructive.ShouldBeTrue();
        // Without verbs it could do no more than it may: the copy comes first.
        var result = await remedy.ApplyAsync(one, default);
        (result.Status, result.Detail.StartsWith("No snapshot, so nothing was removed", StringComparison.Ordinal)).ShouldBe((RunStatus.Refused, true), result.Detail);
        repairs.Calls.ShouldBe(["snapshot 42"]);
    }

    [Fact]
    public async Task What_only_a_beacon_can_do_says_so_while_there_is_no_agent()
    {
        var building = await CaseAsync(JobState.DeployingWopr);
        foreach (var remedy in (IRemedy[])[new RerunInstaller(null!, null!), new RerunModule(null!, null!), new RecreateNetwork(null!, null!)])
            (await remedy.LookAsync(building, default)).ShouldBeOfType<RemedyLook.Cannot>(remedy.Name).Why.ShouldNotBeEmpty();
    }

    private ReconcileDns Dns() => new(new JobStore(database.Source, database.Queue), Servers(), zone);

    private RebootServer Reboot()
    {
        repairs.Done = () => status = ServerStatus.Running;
        return new RebootServer(Servers(), new ActionWait(cloud.Stub.Clouds));
    }

    private IClouds Servers()
    {
        cloud.Stub.On<CloudServer?>("GetServerAsync", _ => new CloudServer(42, "s", status, status.ToString(), "cpx22", "fsn1", "198.51.100.7", "2001:db8::/64", new Dictionary<string, string>(), DateTimeOffset.UnixEpoch, locked));
        return cloud.Stub.With(repairs).Clouds;
    }

    private async Task<RemedyCase> CaseAsync(JobState state)
    {
        var job = await JobRows.InsertAsync(database.Source, state, state == JobState.Failed ? JobState.DeployingWopr : null, state == JobState.Failed ? "MODULE-003" : null);
        var dossiers = new JobDossiers(database.Source, new JobEvents(database.Source), new IncidentStore(database.Source), new AuditLog(database.Source));
        return new RemedyCase(await dossiers.FindAsync(job, withEmail: false, default), Anna, "a test");
    }

    /// <summary>A zone that does what it is told, or only says so.</summary>
    private sealed class Zone : IDnsProvider
    {
        public List<DnsRecord> Records { get; } = [];

        public bool IsDeaf { get; set; }

        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsAsync(IReadOnlyCollection<string> names, CancellationToken cancellation) =>
            Task.FromResult(ProviderResult<IReadOnlyList<DnsRecord>>.Success([.. Records.Where(r => names.Contains(r.Name))]));

        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ApplyAsync(DnsChanges changes, CancellationToken cancellation)
        {
            if (!IsDeaf) Records.AddRange(changes.Creates.Select((c, i) => new DnsRecord($"{Records.Count + i}", c.Type, c.Name, c.Content, c.Ttl, c.Proxied, c.Comment)));
            return Task.FromResult(ProviderResult<IReadOnlyList<DnsRecord>>.Success([.. Records]));
        }

        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsByCommentAsync(string comment, CancellationToken cancellation) => throw new InvalidOperationException();

        public Task<ProviderResult<bool>> PurgeCacheAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellation) => throw new InvalidOperationException();
    }

    private sealed class Repairs : ICloudRepairs
    {
        public List<string> Calls { get; } = [];

        public ActionStatus Outcome { get; set; } = ActionStatus.Success;

        public bool IsDeaf { get; set; }

        public Action Done { get; set; } = () => { };

        public Task<ProviderResult<CloudAction>> RebootServerAsync(long id, CancellationToken cancellation) => Do($"reboot {id}");

        public Task<ProviderResult<CloudAction>> PowerOnServerAsync(long id, CancellationToken cancellation) => Do($"power on {id}");

        public Task<ProviderResult<CloudAction>> SnapshotServerAsync(long id, string description, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) => Do($"snapshot {id}");

        private Task<ProviderResult<CloudAction>> Do(string call)
        {
            Calls.Add(call);
            if (!IsDeaf) Done();
            return Task.FromResult(ProviderResult<CloudAction>.Success(new CloudAction(7, call.Split(' ')[0], Outcome, 100, Outcome == ActionStatus.Error ? "action_failed" : null)));
        }
    }
}
