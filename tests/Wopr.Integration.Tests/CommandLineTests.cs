using System.Net;
using System.Text.Json;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests;

/// <summary>The command line as its users run it: a process of its own against a real service.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public async Task An_order_is_placed_followed_found_and_taken_down()
    {
        await using var stack = await WoprStack.StartAsync();

        var ordered = Wopr(stack, "provision", "--name", "typed", "--email", "typed@example.com", "--json");
        ordered.ExitCode.ShouldBe(0, ordered.Output);
        var lines = ordered.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        var job = lines[0].GetProperty("job_id").GetString()!;
        lines[^1].GetProperty("state").GetString().ShouldBe("completed");
        Wopr(stack, "provision", "--name", "typed", "--email", "other@example.com").ShouldEnd(2, "ORDER-");

        Wopr(stack, "watch", job).ShouldEnd(0, "Your beacon is ready", "Nextcloud");
        Wopr(stack, "status", "typed").ShouldEnd(0, "typed.beacons.localhost  completed  100%");
        Wopr(stack, "list", "--state", "completed", "--query", "typ").ShouldEnd(0, job, "starter/1");
        Wopr(stack, "doctor").ShouldEnd(0, "well   service", "incidents: none is open");

        Wopr(stack, "cancel", "typed", "--reason", "too late").ShouldEnd(2, "JOB-007");
        Wopr(stack, "decommission", "typed", "--reason", "contract ended", "--wait").ShouldEnd(0, "decommission: ", "ended as rolled_back");
        Wopr(stack, "status", "typed").ExitCode.ShouldBe(1);
        (await stack.Sandbox.ServersAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failed_job_is_found_out_about_and_taken_up_again()
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_RETENTION_MINUTES"] = "60" });
        await stack.Sandbox.MisbehaveAsync(new { provider = "hetzner", kind = "out_of_stock" });

        var ordered = Wopr(stack, "provision", "--name", "unlucky", "--email", "unlucky@example.com");
        ordered.ShouldEnd(1, "The job ended as failed: HETZ-005");
        Wopr(stack, "doctor").ShouldEnd(1, "WRONG  incidents: HETZ-005");
        Wopr(stack, "support", "lookup", "hetz-005").ShouldEnd(0, "HETZ-005", "Cause", "Solution");
        Wopr(stack, "support", "lookup", "resource_unavailable").ShouldEnd(0, "HETZ-005");
        Wopr(stack, "support", "diagnose", "unlucky").ShouldEnd(0, "HETZ-005", "  next: ");
        foreach (var (text, code) in new[] { ("/tmp/wopr_bootstrap.sh: line 8: $'\\r': command not found", "INSTALLER-001"), ("{\"detail\": \"Invalid callback token for this job\"}", "CALLBACK-002"), ("ERROR: trigger \"trigger_orders_updated_at\" for relation \"orders\" already exists", "DB-001") })
            Wopr(stack, "support", "diagnose", "--text", text).ShouldEnd(0, code);
        Wopr(stack, "support", "diagnose", "--text", "it rains and the cat is wet").ShouldEnd(1, "unknown: no code fits");
        Wopr(stack, "support", "diagnose", "--log", "/nonexistent").ShouldEnd(2, "cannot be read");
        Wopr(stack, "support", "proposals").ShouldEnd(0, "none");
        Wopr(stack, "support", "approve", Guid.Empty.ToString(), "--reason", "it is right").ExitCode.ShouldBe(2);

        await stack.Sandbox.BehaveAsync();
        Wopr(stack, "resume", "unlucky", "--reason", "stock is back", "--wait").ShouldEnd(0, "resume: ", "Your beacon is ready");
        Wopr(stack, "doctor", "--json").ShouldEnd(0, "\"what\": \"incidents\"");
    }

    [Fact]
    public async Task What_cannot_be_carried_out_says_why_with_status_2()
    {
        await using var stack = await WoprStack.StartAsync(boot: "none");
        // One line each, with a code.
        Refused(stack, "JOB-005", "'launch' is no command or option here. 'wopr --help' tells more.", "launch");
        Refused(stack, "JOB-005", "'--reason' is required. 'wopr cancel --help'", "cancel", "someone");
        Refused(stack, "JOB-005", "'some' is not the id of a proposal", "support", "approve", "some", "--reason", "why");
        Refused(stack, "JOB-005", "'many' is not a number", "list", "--limit", "many");
        Refused(stack, "JOB-005", "Name a job", "support", "diagnose");
        Refused(stack, "JOB-003", "no job begins with 'nobody'", "cancel", "nobody", "--reason", "why");
        Refused(stack, "CONFIG-001", "WOPR_SERVICE 'nowhere'", ["list"], new() { ["WOPR_SERVICE"] = "nowhere" });
        Refused(stack, "AUTH-002", "set WOPR_OPERATOR_KEY", ["list"], new() { ["WOPR_OPERATOR_KEY"] = "" });
        Refused(stack, "AUTH-002", "does not know this operator's key", "list", "--operator-key", "guessed");
        Refused(stack, "SERVICE-002", "cannot be reached", "list", "--service", "http://127.0.0.1:1");
        Wopr(stack, "status", "nobody").ShouldEnd(2, "no job begins with 'nobody'");
        Wopr(stack, "status", "nobody", "--json").ShouldEnd(2, "\"detail\": \"no job begins with 'nobody'\"");
        Wopr(stack, "provision", "--name", "a", "--email", "nowhere", "--json").ShouldEnd(2, "\"code\": \"ORDER-");
        Wopr(stack, "list", "--state", "happy").ShouldEnd(2, "state is one of");
        Wopr(stack, "list", "--service", "nowhere").ShouldEnd(2, "is not an address");
        Wopr(stack, "cancel", "--json").ShouldEnd(2, "\"code\": \"JOB-005\"");
        Wopr(stack, "support", "lookup", "qqqzzz").ShouldEnd(1, "nothing fits");
        Wopr(stack, "support", "lookup", "NONE-999").ShouldEnd(2, "There is no error code of this name");

        Wopr(stack, "list").ShouldEnd(0, "no jobs");
        Wopr(stack, "config", "check").ShouldEnd(0, "the configuration is well");
        Wopr(stack, ["config", "check"], new Dictionary<string, string> { ["WOPR_SWEEP"] = "perhaps" }).ShouldEnd(1, "CONFIG-001 WOPR_SWEEP 'perhaps'");
        Wopr(stack, "[suggest:6]", "wopr s").ShouldEnd(0, "status", "support");
        foreach (var shell in new[] { "bash", "zsh" }) Wopr(stack, "completion", shell).ShouldEnd(0, "_wopr()");
        (await stack.Http.GetAsync("/api/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void Every_command_has_an_example_and_help_tells_no_secret()
    {
        string[] commands = ["provision", "status", "watch", "list", "cancel", "resume", "decommission", "doctor", "config check", "completion",
            "support lookup", "support diagnose", "support proposals", "support approve", "support reject"];
        foreach (var command in commands)
        {
            var help = Wopr([.. command.Split(' '), "--help"], new() { ["WOPR_OPERATOR_KEY"] = WoprStack.OperatorKey });
            help.ShouldEnd(0, "Example");
            help.Output.ShouldNotContain(WoprStack.OperatorKey);
        }
    }

    private static void Refused(WoprStack stack, string code, string words, params string[] arguments) => Refused(stack, code, words, arguments, []);

    private static void Refused(WoprStack stack, string code, string words, string[] arguments, Dictionary<string, string> environment)
    {
        var run = Wopr(stack, arguments, environment);
        run.ShouldEnd(2, $"wopr: {code} ", words);
        run.Output.Trim().ShouldNotContain('\n');
        File.ReadAllText(Path.Combine(Repository.Root, "TROUBLESHOOTING.md")).ShouldContain($"### {code}: ");
    }

    private static ToolRun Wopr(WoprStack stack, params string[] arguments) => Wopr(stack, arguments, []);

    private static ToolRun Wopr(WoprStack stack, string[] arguments, Dictionary<string, string> environment)
    {
        environment.TryAdd("WOPR_SERVICE", stack.Http.BaseAddress!.ToString());
        environment.TryAdd("WOPR_OPERATOR_KEY", WoprStack.OperatorKey);
        return Wopr(arguments, environment);
    }

    private static ToolRun Wopr(string[] arguments, Dictionary<string, string> environment) =>
        ToolRun.Of("dotnet", [Path.Combine(Repository.Root, "orchestrator", "Wopr.Cli", "bin", "Release", "net10.0", "wopr.dll"), .. arguments], environment: environment, limit: TimeSpan.FromMinutes(3));
}

internal static class ToolRunExpectations
{
    public static void ShouldEnd(this ToolRun run, int status, params string[] words)
    {
        run.ExitCode.ShouldBe(status, run.Output);
        foreach (var word in words) run.Output.ShouldContain(word);
    }
}
