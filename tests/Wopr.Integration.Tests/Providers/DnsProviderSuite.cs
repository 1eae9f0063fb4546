using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Integration.Tests.Providers;

/// <summary>What every implementation of <see cref="IDnsProvider"/> must do, against a zone that holds only strangers' records at first.</summary>
public abstract class DnsProviderSuite : IAsyncLifetime
{
    private const string Ours = "wopr job=1";
    private const string Theirs = "somebody else's";

    protected abstract IDnsProvider Dns { get; }

    /// <summary>The zone's name.</summary>
    protected abstract string Zone { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    /// <summary>The next batch is carried out, and its answer is lost.</summary>
    protected abstract Task LoseNextBatchAsync();

    [Fact]
    public async Task Where_nothing_is_nothing_is_found_and_types_unknown_to_us_are_let_pass()
    {
        (await Dns.ListRecordsAsync([$"b.{Zone}", $"*.b.{Zone}"], default)).Value().ShouldBeEmpty();
        (await Dns.ListRecordsByCommentAsync(Ours, default)).Value().ShouldBeEmpty();
        (await Dns.ListRecordsAsync([Zone, $"b.{Zone}", $"c.{Zone}"], default)).Value().ShouldContain(r => r.Type == "HTTPS");
        (await Dns.ApplyAsync(new([], [], []), default)).Value().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_written_is_found_by_name_and_by_comment_can_be_changed_and_deleted()
    {
        var written = await CreateAsync(Beacon("b", "192.0.2.7", Ours));
        written.Count.ShouldBe(4);
        await CreateAsync(Beacon("xb", "192.0.2.8", Theirs));
        (await Dns.ListRecordsAsync([$"b.{Zone}", $"*.b.{Zone}"], default)).Value().ShouldBe(written, ignoreOrder: true);
        (await Dns.ListRecordsByCommentAsync(Ours, default)).Value().ShouldBe(written, ignoreOrder: true);

        var apex = written.Single(r => r.Type == "A" && r.Name == $"b.{Zone}");
        var moved = Data("A", "b", "192.0.2.99", Ours);
        (await Dns.ApplyAsync(new([.. written.Where(r => r.Type == "AAAA").Select(r => r.Id)], [(apex.Id, moved)], [Data("AAAA", "b", "2001:db8::9", Ours)]), default)).Value().Count.ShouldBe(2);
        (await Dns.ListRecordsByCommentAsync(Ours, default)).Value().Select(r => (r.Type, r.Content)).ShouldBe(
            [("A", "192.0.2.99"), ("A", "192.0.2.7"), ("AAAA", "2001:db8::9")], ignoreOrder: true);
    }

    [Fact]
    public async Task A_batch_is_done_wholly_or_not_at_all()
    {
        await CreateAsync([Data("CNAME", "taken", "elsewhere.example.net", Theirs)]);
        var refused = (await Dns.ApplyAsync(new([], [], [Data("A", "free", "192.0.2.1", Ours), Data("A", "taken", "192.0.2.1", Ours)]), default)).Refusal();
        (refused.Code, refused.Retry).ShouldBe((ErrorCodes.ForeignRecord, Retry.LookFirst));
        (await Dns.ListRecordsByCommentAsync(Ours, default)).Value().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_identical_record_is_told_apart_from_a_clash_and_a_vanished_one()
    {
        var record = (await CreateAsync([Data("A", "b", "192.0.2.7", Theirs)])).Single();
        var identical = (await Dns.ApplyAsync(new([], [], [Data("A", "b", "192.0.2.7", Ours)]), default)).Refusal();
        (identical.Code, identical.Retry).ShouldBe((ErrorCodes.RecordExists, Retry.LookFirst));
        (await Dns.ApplyAsync(new([record.Id], [], []), default)).Value().ShouldBeEmpty();
        (await Dns.ApplyAsync(new([record.Id], [], []), default)).Refusal().Retry.ShouldBe(Retry.LookFirst);
    }

    [Fact]
    public async Task Deleting_what_carries_our_comment_leaves_everybody_elses()
    {
        await CreateAsync(Beacon("b", "192.0.2.7", Ours));
        await CreateAsync([Data("TXT", "b", "\"theirs\"", Theirs), Data("A", "b", "192.0.2.50", Ours.ToUpperInvariant()), Data("A", "c", "192.0.2.51", Ours + "0")]);
        var ours = (await Dns.ListRecordsByCommentAsync(Ours, default)).Value();
        (await Dns.ApplyAsync(new([.. ours.Select(r => r.Id)], [], []), default)).Value();

        (await Dns.ListRecordsByCommentAsync(Ours, default)).Value().ShouldBeEmpty();
        (await Dns.ListRecordsAsync([$"b.{Zone}", $"*.b.{Zone}", $"c.{Zone}"], default)).Value().Select(r => (r.Type, r.Name)).ShouldBe(
            [("TXT", $"b.{Zone}"), ("A", $"b.{Zone}"), ("A", $"c.{Zone}")], ignoreOrder: true);
    }

    [Fact]
    public async Task Many_hosts_are_found_and_no_others()
    {
        foreach (var some in Enumerable.Range(0, 60).Chunk(40)) await CreateAsync([.. some.SelectMany(i => Beacon($"h{i}", $"192.0.2.{i}", $"wopr job=h{i}"))]);
        var names = Enumerable.Range(0, 30).Select(i => $"h{2 * i}.{Zone}").ToList();
        (await Dns.ListRecordsAsync(names, default)).Value().Select(r => r.Name).Distinct().ShouldBe(names, ignoreOrder: true);
    }

    [Fact]
    public async Task After_a_lost_answer_a_look_shows_what_was_done()
    {
        await LoseNextBatchAsync();
        (await Dns.ApplyAsync(new([], [], Beacon("b", "192.0.2.7", Ours)), default)).Refusal().Retry.ShouldBe(Retry.LookFirst);
        (await Dns.ListRecordsAsync([$"b.{Zone}", $"*.b.{Zone}"], default)).Value().Count.ShouldBe(4);
    }

    [Fact]
    public async Task Twenty_writers_at_once_write_each_their_own()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Dns.ApplyAsync(new([], [], Beacon($"w{i}", $"192.0.2.{i}", $"wopr job=w{i}")), default)));
        for (var i = 0; i < 20; i++) answers[i].Value().Select(r => r.Comment).ShouldBe(Enumerable.Repeat($"wopr job=w{i}", 4));
    }

    [Fact]
    public async Task The_cache_can_be_purged() => (await Dns.PurgeCacheAsync([$"b.{Zone}", $"files.b.{Zone}"], default)).Value().ShouldBeTrue();

    private async Task<IReadOnlyList<DnsRecord>> CreateAsync(IReadOnlyList<DnsRecordData> records) => (await Dns.ApplyAsync(new([], [], records), default)).Value();

    private DnsRecordData[] Beacon(string name, string ipv4, string comment) =>
        [Data("A", name, ipv4, comment), Data("AAAA", name, "2001:db8::7", comment), Data("A", "*." + name, ipv4, comment), Data("AAAA", "*." + name, "2001:db8::7", comment)];

    private DnsRecordData Data(string type, string name, string content, string comment) => new(type, $"{name}.{Zone}", content, 60, false, comment);
}
