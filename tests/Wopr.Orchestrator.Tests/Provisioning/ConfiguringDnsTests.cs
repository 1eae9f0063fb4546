using Wopr.Provisioning.Ports;
using Wopr.Provisioning.Steps;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>What the step makes of what it finds at its names.</summary>
public sealed class ConfiguringDnsTests
{
    private const string Ours = "wopr job=1";
    private static readonly DnsRecordData[] Wanted =
    [
        Data("A", "b.example.com", "192.0.2.7"), Data("AAAA", "b.example.com", "2001:db8::1"),
        Data("A", "*.b.example.com", "192.0.2.7"), Data("AAAA", "*.b.example.com", "2001:db8::1"),
    ];

    [Fact]
    public void Where_nothing_is_everything_is_created() => Reconcile().Changes.Creates.ShouldBe(Wanted);

    [Fact]
    public void What_is_there_already_is_left_alone()
    {
        var (changes, foreign) = Reconcile([.. Wanted.Select((w, i) => Record($"r{i}", w.Type, w.Name, w.Content, Ours))]);
        (changes.IsEmpty, foreign).ShouldBe((true, null));
    }

    [Fact]
    public void An_identical_record_is_adopted_by_our_comment()
    {
        var (changes, foreign) = Reconcile(Record("r1", "A", "b.example.com", "192.0.2.7", null));
        foreign.ShouldBeNull();
        changes.Updates.ShouldBe([("r1", Wanted[0])]);
        changes.Creates.ShouldBe(Wanted[1..]);
    }

    [Fact]
    public void Our_own_stale_record_is_updated_and_a_second_one_deleted()
    {
        var (changes, foreign) = Reconcile(Record("r1", "A", "b.example.com", "192.0.2.1", Ours), Record("r2", "A", "b.example.com", "192.0.2.2", Ours));
        foreign.ShouldBeNull();
        changes.Updates.ShouldBe([("r1", Wanted[0])]);
        changes.Deletes.ShouldBe(["r2"]);
        changes.Creates.ShouldBe(Wanted[1..]);
    }

    [Theory]
    [InlineData("A", "b.example.com", "198.51.100.1")]
    [InlineData("AAAA", "*.b.example.com", "2001:db8::2")]
    [InlineData("CNAME", "*.b.example.com", "elsewhere.example.net")]
    public void A_foreign_record_stands_in_the_way(string type, string name, string content) =>
        Reconcile(Record("r9", type, name, content, "somebody's")).Foreign!.Id.ShouldBe("r9");

    [Fact]
    public void A_foreign_record_beside_our_own_stands_in_the_way_too() =>
        Reconcile(Record("r1", "A", "b.example.com", "192.0.2.7", Ours), Record("r9", "A", "b.example.com", "198.51.100.1", "wopr job=2")).Foreign!.Id.ShouldBe("r9");

    [Theory]
    [InlineData("TXT")]
    [InlineData("MX")]
    [InlineData("HTTPS")]
    public void What_does_not_say_where_the_beacon_is_may_stay(string type)
    {
        var (changes, foreign) = Reconcile(Record("r9", type, "b.example.com", "x", "somebody's"));
        foreign.ShouldBeNull();
        (changes.Deletes.Count, changes.Updates.Count, changes.Creates.Count).ShouldBe((0, 0, 4));
    }

    private static (DnsChanges Changes, DnsRecord? Foreign) Reconcile(params DnsRecord[] present) => ConfiguringDnsStep.Reconcile(Wanted, present, Ours);

    private static DnsRecordData Data(string type, string name, string content) => new(type, name, content, 60, false, Ours);

    private static DnsRecord Record(string id, string type, string name, string content, string? comment) => new(id, type, name, content, 60, false, comment);
}
