using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Wopr.CloudInit;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.CloudInit;

/// <summary>Text from outside is refused, or it reaches the beacon's files as exactly the text that it was.</summary>
public sealed class HostileInputTests
{
    public static TheoryData<string> Emails =>
    [
        "o'neil@example.org",
        "\"quoted\"@example.org",
        "$(reboot)@example.org",
        "`reboot`@example.org",
        "${HOME}@example.org",
        "a;reboot;#@example.org",
        "a&&reboot|tee@example.org",
        "a\\@example.org",
        "{{job_id}}@example.org",
        "{%x%}@example.org",
        "a:b@example.org",
        "#a@example.org",
        "!!binary@example.org",
        "'';reboot;''@example.org",
        "<script>@example.org",
        "%s%n@example.org",
        "a@b\r\nruncmd:",
        "a@example.org\n  - path: /etc/passwd",
        "a b@example.org",
        "a\t@example.org",
        "a\0@example.org",
        "jörg@example.org",
        "a@exämple.org",
        "a\u2028@example.org",
        "\ud83d\ude00@example.org",
        "",
        "nobody",
        new string('a', 10_000) + "@example.org",
    ];

    [ToolTheory("bash")]
    [MemberData(nameof(Emails))]
    public void An_email_is_refused_or_arrives_unchanged(string email)
    {
        var outcome = Beacons.Render(Beacons.Alice() with { AdminEmail = email });
        if (!outcome.IsSuccess)
        {
            outcome.Code!.Value.Value.ShouldBe("CLOUDINIT-004");
            outcome.Reason.ShouldNotBeNullOrEmpty();
            return;
        }

        var files = UserDataTests.Files(outcome.UserData.Text);
        files.Count.ShouldBe(4);
        using var json = JsonDocument.Parse(files["/etc/wopr/bootstrap.json"].Content);
        json.RootElement.GetProperty("admin_email").GetString().ShouldBe(email);
        var run = ToolRun.Of("bash", ["-c", "set -euo pipefail; eval \"$(cat)\"; printf %s \"$WOPR_ADMIN_EMAIL\""], files["/etc/wopr/bootstrap.env"].Content);
        run.ShouldSucceed();
        run.Output.ShouldBe(email);
    }

    /// <summary>Of what YAML, JSON, shells and templates find special, in any order and up to 10 kB.</summary>
    [ToolFact("bash")]
    public void Whatever_is_typed_is_refused_or_arrives_unchanged()
    {
        string[] pieces = ["b", "c.d", "+1", "_", "b", "c.d", "+1", "_", "'", "\"", "\\", "\n", "\r\n", "\t", "\0", "`id`", "$(id)", "${HOME}", "{{ job_id }}", "{% x %}", ": ", "- ", "#", "!!python/object", "&a", "*a", "|", ">", "%", "@", "é", "\u2028", "\ufeff", "😀", "END", "a", new string('x', 10_000)];
        var typed = from count in Gen.Choose(0, 6) from head in Gen.Elements(pieces).ListOf(count) select string.Concat(head) + "@example.org";
        var (alice, accepted, script, refused) = (Beacons.Alice(), new List<string>(), new StringBuilder(), 0);
        Prop.ForAll(typed.ToArbitrary(), email =>
        {
            var outcome = Beacons.Render(alice with { AdminEmail = email });
            if (!outcome.IsSuccess)
            {
                refused++;
                return outcome.Code!.Value.Value == "CLOUDINIT-004" && (email.Length < 20 || !outcome.Reason!.Contains(email, StringComparison.Ordinal));
            }

            var files = UserDataTests.Files(outcome.UserData.Text);
            accepted.Add(email);
            script.Append(files["/etc/wopr/bootstrap.env"].Content).Append("printf '%s\\n' \"$WOPR_ADMIN_EMAIL\"\n");
            using var json = JsonDocument.Parse(files["/etc/wopr/bootstrap.json"].Content);
            return files.Count == 4 && json.RootElement.GetProperty("admin_email").GetString() == email && json.RootElement.EnumerateObject().Count() == 12;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(20261121, 3), FSharpOption<int>.None))));

        refused.ShouldBeGreaterThan(50);
        accepted.Count.ShouldBeGreaterThan(20, "the property says little when hardly anything is accepted");
        // bash reads all of them at once: it takes longer to start than to read.
        var run = ToolRun.Of("bash", ["-euo", "pipefail", "-s"], script.ToString());
        run.ShouldSucceed();
        run.Output.ShouldBe(string.Concat(accepted.Select(email => email + "\n")));
    }

    [Theory]
    [InlineData("o'neil@example.org")]
    [InlineData("$(reboot)@example.org")]
    public void What_an_address_may_hold_is_not_refused(string email) =>
        Beacons.Render(Beacons.Alice() with { AdminEmail = email }).IsSuccess.ShouldBeTrue();

    [Theory]
    [InlineData("a@example.org\nx: y")]
    [InlineData("jörg@example.org")]
    [InlineData("a b@example.org")]
    public void What_could_break_a_line_is_refused(string email) =>
        Beacons.Render(Beacons.Alice() with { AdminEmail = email }).IsSuccess.ShouldBeFalse();

    public static TheoryData<string, string> Wrong => new()
    {
        { "host", "the beacon's host name is not one" },
        { "name", "the beacon's name is not the first label of its host name" },
        { "token", "the callback token has unexpected characters or is too short" },
        { "callback", "the callback address is not an absolute http or https URL" },
        { "hash", "the installer's hash is not a SHA-256" },
        { "bundle", "the bundle is not one lower-case word" },
        { "modules", "there are no modules" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_plan_is_refused_and_the_value_not_quoted(string part, string reason)
    {
        var alice = Beacons.Alice();
        var plan = part switch
        {
            "host" => alice with { Beacon = "alice.example.org\n  - reboot" },
            "name" => alice with { BeaconName = "bob" },
            "token" => alice with { CallbackToken = "secret\"\nurl = \"http://elsewhere" },
            "callback" => alice with { CallbackUrl = new Uri("file:///etc/passwd") },
            "hash" => alice with { InstallerSha256 = "latest" },
            "bundle" => alice with { Bundle = "starter; reboot" },
            _ => alice with { Modules = [] },
        };
        var outcome = Beacons.Render(plan);
        outcome.IsSuccess.ShouldBeFalse();
        outcome.Reason.ShouldBe(reason);
    }
}
