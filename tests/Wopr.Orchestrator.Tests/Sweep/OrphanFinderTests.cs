using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Sweep;

namespace Wopr.Orchestrator.Tests.Sweep;

/// <summary>What is an orphan, and what must never be taken for one.</summary>
public sealed class OrphanFinderTests
{
    private static readonly JobId Live = new(Guid.NewGuid());
    private static readonly JobId Over = new(Guid.NewGuid());
    private static readonly JobId Unknown = new(Guid.NewGuid());

    [Theory]
    [InlineData(JobState.Pending)]
    [InlineData(JobState.ProvisioningVps)]
    [InlineData(JobState.Failed)]
    [InlineData(JobState.RollingBack)]
    [InlineData(JobState.Completed)]
    public void What_a_live_job_makes_is_none_even_before_the_job_knows_it(JobState state) =>
        Finder(new JobFacts(Live, state, ServerId: null)).Find(Seen(servers: [Server(1, Live)], records: [Record("a", Live)])).ShouldBeEmpty();

    [Theory]
    [InlineData(JobState.RolledBack)]
    [InlineData(JobState.Cancelled)]
    public void What_a_finished_job_left_is_one(JobState state)
    {
        var found = Finder(new JobFacts(Over, state, ServerId: null)).Find(Seen(
            servers: [Server(1, Over)], addresses: [Address(2, Over)], volumes: [Volume(3, Over, server: null)], records: [Record("4", Over)]));

        found.Select(o => (o.Kind, o.Id)).ShouldBe([(OrphanKind.Server, "1"), (OrphanKind.PrimaryIp, "2"), (OrphanKind.Volume, "3"), (OrphanKind.DnsRecord, "4")]);
        found.ShouldAllBe(o => o.Removable && o.Why.Contains(state.Word()));
    }

    [Fact]
    public void A_second_server_of_a_live_job_is_one_and_its_own_is_not() =>
        Finder(new JobFacts(Live, JobState.Completed, ServerId: 1)).Find(Seen(servers: [Server(1, Live), Server(2, Live)])).ShouldHaveSingleItem().Id.ShouldBe("2");

    [Fact]
    public void Our_label_without_a_job_and_a_job_that_nobody_knows_are_orphans() =>
        Finder().Find(Seen(servers: [Server(1, job: null), Server(2, Unknown)])).Select(o => o.Why)
            .ShouldBe(["it carries our label, but that of no job", "this database does not know its job"]);

    [Fact]
    public void What_goes_away_by_itself_or_is_in_use_is_left_alone()
    {
        var found = Finder(new JobFacts(Over, JobState.RolledBack, ServerId: null)).Find(Seen(
            servers: [Server(1, Over) with { Status = ServerStatus.Deleting }],
            addresses: [Address(2, Over) with { AssignedTo = 1 }],
            volumes: [Volume(3, Over, server: 9)],
            firewalls: [Firewall(4, ServerPrerequisites.FirewallName), Firewall(5, "by-hand")]));

        found.Select(o => (o.Kind, o.Removable)).ShouldBe([(OrphanKind.Volume, false), (OrphanKind.Firewall, true)]);
    }

    [Theory]
    [InlineData("wopr job=")]
    [InlineData("wopr job=not-a-job")]
    [InlineData("Wopr job=3f2504e0-4f89-41d3-9a0c-0305e82c3301")]
    [InlineData(null)]
    public void A_comment_that_only_looks_like_ours_is_foreign(string? comment) =>
        Finder().Find(Seen(records: [Record("1", Unknown) with { Comment = comment }])).ShouldBeEmpty();

    [Fact]
    public void When_most_servers_are_unknown_it_is_the_database_that_is_wrong_and_nothing_unknown_is_removed()
    {
        var servers = Enumerable.Range(1, OrphanFinder.MostUnknown + 1).Select(i => Server(i, new JobId(Guid.NewGuid()))).ToList();
        Finder().Find(Seen(servers: servers)).ShouldAllBe(o => !o.Removable);

        // As many servers that are known say that the database is the right one.
        var known = Enumerable.Range(100, OrphanFinder.MostUnknown + 1).Select(i => Server(i, Live));
        Finder(new JobFacts(Live, JobState.Completed, ServerId: null)).Find(Seen(servers: [.. servers, .. known])).ShouldAllBe(o => o.Removable);
    }

    [Fact]
    public void A_server_costs_its_type_and_its_address()
    {
        var catalogue = new CloudCatalogue([new(1, "cx23", 2, 4, 40, "shared", "x86", [new("fsn1", true, 4.15m)])], []);
        var prices = new Prices(catalogue, new CloudPricing("EUR", 19, 0.052m, new Dictionary<(string, string), decimal> { [("ipv4", "fsn1")] = 0.60m }));

        prices.Of(Server(1, Live)).ShouldBe(475);
        prices.Of(Server(1, Live) with { Ipv4 = null }).ShouldBe(415);
        prices.Of(Server(1, Live) with { ServerType = "gone" }).ShouldBeNull();
        prices.Of(Volume(1, Live, server: null)).ShouldBe(52);
        prices.Of(Address(1, Live)).ShouldBe(60);
    }

    private static OrphanFinder Finder(params JobFacts[] jobs) => new(jobs.ToDictionary(j => j.Id));

    private static Inventory Seen(
        IReadOnlyList<CloudServer>? servers = null, IReadOnlyList<CloudPrimaryIp>? addresses = null, IReadOnlyList<CloudVolume>? volumes = null,
        IReadOnlyList<CloudFirewall>? firewalls = null, IReadOnlyList<DnsRecord>? records = null) =>
        new(ProjectName.Main, servers ?? [], addresses ?? [], volumes ?? [], firewalls ?? [], records ?? [], []);

    private static Dictionary<string, string> Labels(JobId? job)
    {
        var labels = new Dictionary<string, string> { [ServerLabels.ManagedBy] = ServerLabels.Wopr };
        if (job is { } id) labels[ServerLabels.Job] = id.ToString();
        return labels;
    }

    private static CloudServer Server(long id, JobId? job) =>
        new(id, $"s{id}.example", ServerStatus.Running, "running", "cx23", "fsn1", "192.0.2.1", null, Labels(job), DateTimeOffset.UnixEpoch, Locked: false);

    private static CloudPrimaryIp Address(long id, JobId job) => new(id, "192.0.2.2", AssignedTo: null, AutoDelete: true, Labels(job)) { Type = "ipv4", Location = "fsn1" };

    private static CloudVolume Volume(long id, JobId job, long? server) => new(id, $"v{id}", 10, server, "fsn1", Labels(job), DateTimeOffset.UnixEpoch);

    private static CloudFirewall Firewall(long id, string name) => new(id, name, [], null) { Labels = Labels(job: null) };

    private static DnsRecord Record(string id, JobId job) => new(id, "A", "b.example", "192.0.2.1", 60, Proxied: false, Job.DnsCommentOf(job));
}
