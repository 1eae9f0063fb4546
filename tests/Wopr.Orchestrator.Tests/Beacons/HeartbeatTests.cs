using System.Text;
using Wopr.Beacons;
using Wopr.Incidents;
using Wopr.Platform;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Beacons;

/// <summary>What is read from a heartbeat, and what of it needs an operator.</summary>
public sealed class HeartbeatTests
{
    private static readonly JobId Job = new(Guid.Parse("5a2ffde0-6d5c-4a43-9f0d-0b6a0e6a6f11"));

    [Fact]
    public void What_is_written_is_read_again()
    {
        var (heartbeat, problem) = Heartbeat.Parse(SomeHeartbeat.Sound().Bytes());
        problem.ShouldBeNull();
        Json.Write(heartbeat).ShouldBe(Json.Write(SomeHeartbeat.Sound()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"installer_sha256":"\ud800"}""")]
    public void Anything_else_is_refused(string body) => Heartbeat.Parse(Encoding.UTF8.GetBytes(body)).Problem.ShouldNotBeNull();

    [Theory]
    [InlineData("\"free_mb\":50000", "\"free_mb\":90000")]
    [InlineData("\"free_mb\":50000", "\"free_mb\":-1")]
    [InlineData("\"total_mb\":76000", "\"total_mb\":0")]
    [InlineData("\"units\":[", "\"units\":[null,")]
    [InlineData("\"state\":\"applied\"", "\"state\":\"perhaps\"")]
    [InlineData("\"number\":1", "\"number\":\"1\"x")]
    public void What_cannot_be_is_refused(string good, string bad)
    {
        var text = Json.Write(SomeHeartbeat.Sound());
        text.ShouldContain(good);
        Heartbeat.Parse(Encoding.UTF8.GetBytes(text.Replace(good, bad, StringComparison.Ordinal))).Problem.ShouldNotBeNull();
    }

    [Fact]
    public void Control_characters_and_endless_texts_go_no_further()
    {
        var hostile = SomeHeartbeat.Sound() with { FirstBoot = "a\0b\u001b[31m" };
        Heartbeat.Parse(hostile.Bytes()).Heartbeat!.FirstBoot.ShouldBe("ab[31m");
        Heartbeat.Parse((hostile with { FirstBoot = new string('x', 9000) }).Bytes()).Problem.ShouldNotBeNull();
        Heartbeat.Parse((hostile with { Units = [new UnitState("caddy", new string('x', 300), "failed")] }).Bytes()).Problem.ShouldNotBeNull();
    }

    [Fact]
    public void A_sound_beacon_is_no_trouble() => Troubles(SomeHeartbeat.Sound()).ShouldBeEmpty();

    [Theory]
    [InlineData(7601, null)]
    [InlineData(7599, Severity.Warning)]
    [InlineData(1000, Severity.Critical)]
    public void A_disk_is_trouble_below_a_tenth(long free, Severity? severity)
    {
        var troubles = Troubles(SomeHeartbeat.Sound() with { Disk = new Room(76000, free) });
        troubles.SingleOrDefault()?.Severity.ShouldBe(severity!.Value);
        troubles.Select(t => t.Code.Value).ShouldBe(severity is null ? [] : ["BEACON-002"]);
    }

    /// <summary>Also for certificates that live for hours: what counts is the share of their life.</summary>
    [Theory]
    [InlineData(75 * 24, 16 * 24, null)]
    [InlineData(75 * 24, 14 * 24, Severity.Warning)]
    [InlineData(75 * 24, -1, Severity.Critical)]
    [InlineData(9, 3, null)]
    [InlineData(11, 1, Severity.Warning)]
    public void A_certificate_is_trouble_when_its_renewal_is_late(int hoursOld, int hoursLeft, Severity? severity)
    {
        var life = new CertificateLife("git.alice.example", SomeHeartbeat.Now.AddHours(-hoursOld), SomeHeartbeat.Now.AddHours(hoursLeft));
        var troubles = Troubles(SomeHeartbeat.Sound() with { Certificates = [.. SomeHeartbeat.Sound().Certificates, life] });
        troubles.Select(t => (t.Code.Value, t.Severity)).ShouldBe(severity is { } one ? [("BEACON-003", one)] : []);
    }

    [Fact]
    public void A_unit_is_trouble_when_it_stays_down()
    {
        var down = SomeHeartbeat.Sound() with { Units = [new UnitState("vikunja", "wopr-vikunja", "failed")] };
        Troubles(down).ShouldBeEmpty();
        Troubles(down, before: down).ShouldHaveSingleItem().Summary.ShouldBe("alice.example: wopr-vikunja is failed");
        Troubles(SomeHeartbeat.Sound(), before: down).ShouldBeEmpty();
        Troubles(down with { Plan = new PlanProgress(2, PlanState.Applying) }, before: down).ShouldBeEmpty();
    }

    [Fact]
    public void A_plan_that_failed_names_its_code()
    {
        var trouble = Troubles(SomeHeartbeat.Sound() with { Plan = new PlanProgress(2, PlanState.Failed, "MODULE-003", "forgejo", "last words") }).ShouldHaveSingleItem();
        (trouble.Code.Value, trouble.Summary).ShouldBe(("BEACON-005", "alice.example: plan 2 could not be carried out: MODULE-003 forgejo"));
    }

    [Fact]
    public void A_backup_is_trouble_when_it_failed_or_is_two_days_late()
    {
        var sound = SomeHeartbeat.Sound();
        Troubles(sound with { Backup = sound.Backup! with { Ok = false } }).ShouldHaveSingleItem().Code.Value.ShouldBe("BEACON-006");
        Troubles(sound with { Backup = sound.Backup with { At = SomeHeartbeat.Now.AddHours(-51) } }).ShouldHaveSingleItem().Code.Value.ShouldBe("BEACON-006");
        Troubles(sound with { Backup = null }, age: TimeSpan.FromHours(49)).ShouldBeEmpty();
        Troubles(sound with { Backup = null }, age: TimeSpan.FromHours(51)).ShouldHaveSingleItem().Code.Value.ShouldBe("BEACON-006");
    }

    private static IReadOnlyList<Trouble> Troubles(Heartbeat now, Heartbeat? before = null, TimeSpan? age = null) =>
        new HeartbeatTroubles(Job, "alice.example", SomeHeartbeat.Now, SomeHeartbeat.Now - (age ?? TimeSpan.FromDays(40))).Of(now, before);
}
