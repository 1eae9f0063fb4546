using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;
using Xunit.Abstractions;

namespace Wopr.Integration.Tests.Lab;

/// <summary>
/// The main job with nothing stood in for but the clouds: the rendered user-data boot a real Debian, whose cloud-init
/// installs Podman and runs PostgreSQL, Redis and Caddy as containers. Applications that Debian does not hold answer HTTP.
/// </summary>
public sealed partial class LabTests(ITestOutputHelper output)
{
    [LabFact]
    public async Task A_starter_order_becomes_a_beacon_of_real_containers_that_a_second_run_leaves_alone()
    {
        await using var stack = await LabServer.StackAsync();
        var server = new LabServer(stack);
        var job = await stack.OrderAsync("alice");
        var status = await stack.UntilAsync(job, "completed", "failed");

        status.GetProperty("state").GetString().ShouldBe("completed", $"{status}\n{server.Logs()}");
        var report = server.Report(status);
        output.WriteLine(report);
        if (Environment.GetEnvironmentVariable("WOPR_LAB_REPORT") is { Length: > 0 } file) await File.WriteAllTextAsync(file, report);
        foreach (var phase in new[] { "packages", "download", "pulls" }) report.ShouldMatch($@"(?m)^{phase} +\d+\.\d +\d+$", phase);
        var modules = status.GetProperty("modules").EnumerateArray().Select(m => $"  {m.GetProperty("id").GetString()}");
        foreach (var phase in modules.Concat(["boot", "verification", "total, completed"])) report.ShouldMatch($@"(?m)^{phase} +\d+\.\d", phase);
        foreach (var real in new[] { "postgres", "redis", "caddy" }) report.ShouldContain($"real docker.io/library/{real}:");
        report.ShouldContain("stand-in ghcr.io/goauthentik/server:");
        status.GetProperty("modules").EnumerateArray().ShouldAllBe(m => m.GetProperty("state").GetString() == "ready");

        await AnswersThroughTheGateAsync(stack, status);
        await IsHeardOfAsync(stack, job, server);
        LabNetwork.IsAsPromised(server);
        TheDocumentsCommandsWork(server);
        await AModuleIsRemovedAndKeepsItsDataAsync(stack, job, server);
        ASecondRunChangesNothing(server);
        WhatIsBrokenIsRepaired(server);
        WhatIsWithheldStartsAsWell(server);
    }

    [LabFact]
    public async Task A_module_that_dies_fails_the_job_with_its_name_its_code_and_its_last_words()
    {
        await using var stack = await LabServer.StackAsync(broken: "module:authentik");
        var server = new LabServer(stack);
        var job = await stack.OrderAsync("bob");
        var status = await stack.UntilAsync(job, "completed", "failed");

        status.GetProperty("state").GetString().ShouldBe("failed", server.Logs());
        status.GetProperty("error").GetProperty("code").GetString().ShouldBe("MODULE-004", server.Logs());
        status.GetProperty("modules").EnumerateArray().Single(m => m.GetProperty("state").GetString() == "failed").GetProperty("id").GetString().ShouldBe("authentik");
        var words = await LastWordsAsync(stack, job);
        words.ShouldContain("authentik: cannot open its settings: broken on request");
        words.Count(c => c == '\n').ShouldBeLessThanOrEqualTo(51);
    }

    private static async Task AnswersThroughTheGateAsync(WoprStack stack, JsonElement status)
    {
        using var client = new HttpClient();
        foreach (var url in status.GetProperty("apps").EnumerateArray().Select(app => app.GetProperty("url")).Append(status.GetProperty("beacon").GetProperty("url")))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, stack.Gate);
            request.Headers.Host = new Uri(url.GetString()!).Authority;
            using var answer = await client.SendAsync(request);
            answer.IsSuccessStatusCode.ShouldBeTrue($"{url}: {answer.StatusCode}");
        }
    }

    /// <summary>The real timer starts the real agent; and a backup is one of real containers.</summary>
    private static async Task IsHeardOfAsync(WoprStack stack, string job, LabServer server)
    {
        async Task<JsonElement> HeartbeatAsync() => (await stack.OperatorAsync($"/api/operator/beacons/{job}")).GetProperty("heartbeat");
        await stack.UntilAsync(async () => (await HeartbeatAsync()).ValueKind == JsonValueKind.Object, "the beacon's timer has sent a heartbeat");
        var heartbeat = await HeartbeatAsync();
        heartbeat.GetProperty("units").EnumerateArray().ShouldAllBe(u => u.GetProperty("state").GetString() == "active", heartbeat.ToString());
        heartbeat.GetProperty("certificates").GetArrayLength().ShouldBeGreaterThan(0, heartbeat.ToString());
        heartbeat.GetProperty("plan").GetProperty("state").GetString().ShouldBe("applied");

        server.Run("systemctl start wopr-backup.service || { cat /var/lib/wopr/agent/backup; exit 1; }; test -s /var/backups/wopr/*/vikunja/database").ShouldSucceed();
    }

    /// <summary>
    /// Every command block of TROUBLESHOOTING.md that is meant for a beacon, as it stands. That nothing is found (grep says 1)
    /// is an answer; that a command, an option, a unit or a file is not there is none.
    /// </summary>
    private static void TheDocumentsCommandsWork(LabServer server)
    {
        var document = File.ReadAllText(Repository.PathOf("TROUBLESHOOTING.md"));
        var blocks = BeaconBlock().Matches(document).Select(m => m.Groups["text"].Value).Distinct(StringComparer.Ordinal).Where(b => !NotInTheLab.Any(b.Contains)).ToList();
        blocks.Count.ShouldBeGreaterThan(35);
        var script = new StringBuilder("mkdir -p /root/blocks && cd /root/blocks && rm -f block-*\n");
        foreach (var (number, block) in blocks.Index()) script.Append(CultureInfo.InvariantCulture, $"cat >block-{number:00} <<'END-OF-BLOCK'\n{block}END-OF-BLOCK\n");
        script.Append("""
            for block in block-*; do
              status=0
              bash -o pipefail "$block" >out 2>err </dev/null || status=$?
              if [ "$status" -eq 1 ] && grep -q grep "$block"; then status=0; fi
              if [ "$status" -ne 0 ] || grep -qE 'command not found|unrecognized option|invalid option|could not be found|no such object|no such container' err; then printf 'FAILED %s status %s\n' "$block" "$status"; cat "$block" err; tail -n 5 out; fi
            done
            """);
        var run = server.Run(script.ToString());
        run.Output.ShouldBeEmpty();
        run.ShouldSucceed();
    }

    /// <summary>What the lab's stand-ins do not have: Authentik itself, and the tools of the published image of Caddy.</summary>
    private static readonly string[] NotInTheLab = ["ak create_recovery_key", "wopr-caddy nc ", "wopr-caddy wget ", "wopr-caddy getent "];

    [GeneratedRegex(@"^```bash beacon\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex BeaconBlock();

    /// <summary>By a plan that the agent fetches and systemd's own service carries out.</summary>
    private static async Task AModuleIsRemovedAndKeepsItsDataAsync(WoprStack stack, string job, LabServer server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/operator/beacons/{job}/plan")
        {
            Content = new StringContent("""{"reason":"not used","remove":["vikunja"]}""", Encoding.UTF8, "application/json"),
            Headers = { { "Authorization", $"Bearer {WoprStack.OperatorKey}" } },
        };
        using var response = await stack.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        // The timer's next turn is minutes away.
        server.Run("systemctl start wopr-agent.service").ShouldSucceed();
        await stack.UntilAsync(async () =>
        {
            var plan = (await stack.OperatorAsync($"/api/operator/beacons/{job}")).GetProperty("heartbeat").GetProperty("plan");
            plan.GetProperty("state").GetString().ShouldNotBe("failed", plan.ToString());
            return plan.GetProperty("number").GetInt32() == 2 && plan.GetProperty("state").GetString() == "applied";
        }, "the plan is carried out");
        server.Run("! systemctl cat wopr-vikunja.service && ! podman container exists wopr-vikunja && podman volume exists wopr-vikunja").ShouldSucceed();
        server.Run("podman exec wopr-postgresql psql --username=postgres --no-psqlrc --tuples-only --command='SELECT datname FROM pg_database' | grep -w vikunja").ShouldSucceed();
    }

    private static void ASecondRunChangesNothing(LabServer server)
    {
        var before = Fingerprint(server);
        server.Run("bash /opt/wopr/bootstrap.sh").ShouldSucceed();
        Fingerprint(server).ShouldBe(before);
    }

    private static void WhatIsBrokenIsRepaired(LabServer server)
    {
        server.Run("systemctl stop wopr-redis.service && rm /etc/wopr/Caddyfile").ShouldSucceed();
        server.Run("bash /opt/wopr/bootstrap.sh").ShouldSucceed();
        server.Run("systemctl is-active wopr-redis.service && podman exec wopr-redis redis-cli ping && test -s /etc/wopr/Caddyfile").ShouldSucceed();
        server.Run("podman exec wopr-postgresql psql --username=postgres --no-psqlrc --tuples-only --command='SELECT 1'").ShouldSucceed();
    }

    /// <summary>No bundle that holds them can be ordered, so the plan is changed on the server: the runner takes it from there. As much memory as it takes is made up.</summary>
    private static void WhatIsWithheldStartsAsWell(LabServer server)
    {
        const string withheld = "mariadb ollama reactor defcon-one support-client mailcow standardnotes";
        server.Run($"""
            echo 'MemTotal: 99999999 kB' >/root/meminfo
            sed -i "s/^WOPR_MODULES=.*/WOPR_MODULES='$(. /etc/wopr/plan.env && echo "$WOPR_MODULES") {withheld}'/" /etc/wopr/plan.env
            WOPR_MEMINFO=/root/meminfo bash /opt/wopr/bootstrap.sh || (tail -n 40 /var/log/wopr/install.log; exit 1)
            for module in {withheld}; do systemctl is-active --quiet "wopr-$module.service" || (echo "$module is down"; exit 1); done
            grep -qx 'support-gateway[.].*' <(grep -o '^[^ ]*' /etc/wopr/Caddyfile)
            """).ShouldSucceed();
    }

    /// <summary>Which containers run, since when, and everything that the runner has written; but not that the job is over, which a beacon learns when it reports again.</summary>
    private static string Fingerprint(LabServer server)
    {
        var run = server.Run("""
            podman ps --no-trunc --format '{{.ID}} {{.Names}} {{.StartedAt}}' | sort -k 2
            podman exec wopr-postgresql psql --username=postgres --no-psqlrc --tuples-only --command='SELECT datname, oid FROM pg_database ORDER BY 1'
            find /etc/wopr /etc/containers /var/lib/wopr -type f ! -path '*/seq' ! -path '*/over' ! -path '*.lock' ! -path '*/agent/*' -exec sha256sum {} + | sort -k 2
            """);
        run.ShouldSucceed();
        return run.Output;
    }

    private static async Task<string> LastWordsAsync(WoprStack stack, string job)
    {
        await using var connection = new NpgsqlConnection(stack.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT error_detail FROM jobs WHERE id = $1", connection) { Parameters = { new() { Value = Guid.Parse(job) } } };
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
