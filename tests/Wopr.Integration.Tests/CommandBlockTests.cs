using System.Text.Json;
using System.Text.RegularExpressions;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests;

/// <summary>Every command block of TROUBLESHOOTING.md that is meant for the service's machine, as it stands, against a sandbox with a finished job.</summary>
public sealed partial class CommandBlockTests
{
    /// <summary>What needs more than a sandbox: the suite itself, and an identity provider.</summary>
    private static readonly string[] NotHere = ["deploy/test", "WOPR_OIDC_ISSUER"];

    // Each block in a shell of its own that knows the document's names. grep says 1 when nothing is found, which is an answer.
    private const string Runner = """
        set -o pipefail
        . ./preamble >/dev/null
        for block in block-*; do
          (. "./$block") >out 2>err </dev/null
          status=$?
          [ "$status" -eq 1 ] && grep -q grep "$block" && status=0
          if [ "$status" -ne 0 ] || [ -s err ]; then printf 'FAILED %s status %s\n' "$block" "$status"; cat "$block" err; tail -n 5 out; fi
        done
        """;

    [ToolFact("bash", "curl", "jq", "psql")]
    public async Task Every_block_for_the_service_works_as_it_stands()
    {
        var blocks = Block().Matches(await File.ReadAllTextAsync(Repository.PathOf("TROUBLESHOOTING.md"))).Select(m => m.Groups["text"].Value).ToList();
        var preamble = blocks.FindAll(b => b.Contains("hetzner()", StringComparison.Ordinal) || b.Contains("database()", StringComparison.Ordinal) || b.StartsWith("operator_to()", StringComparison.Ordinal));
        preamble.Count.ShouldBe(3);
        blocks.RemoveAll(b => NotHere.Any(b.Contains));
        blocks.Count.ShouldBeGreaterThan(85);

        await using var stack = await WoprStack.StartAsync();
        var job = await stack.OrderAsync("quinn");
        await stack.UntilAsync(job, "completed");
        var folder = Directory.CreateTempSubdirectory("wopr-blocks-");
        try
        {
            await LayOutAsync(folder.FullName, stack, preamble, blocks);
            var run = ToolRun.Of("bash", ["-c", $"cd '{folder.FullName}' && {Runner}"], environment: new Dictionary<string, string>
            {
                ["WOPR"] = stack.Http.BaseAddress!.ToString().TrimEnd('/'),
                ["WOPR_DATABASE"] = stack.ConnectionString,
                ["WOPR_OPERATOR_KEY"] = WoprStack.OperatorKey,
                ["JOB_ID"] = job,
            }, limit: TimeSpan.FromMinutes(3));
            run.Output.ShouldBeEmpty();
            run.ExitCode.ShouldBe(0);
        }
        finally
        {
            folder.Delete(recursive: true);
            File.Delete($"/tmp/wopr-{job}.tar.gz");
        }
    }

    /// <summary>The folder as deploy/up leaves it in the sandbox.</summary>
    private static async Task LayOutAsync(string folder, WoprStack stack, List<string> preamble, List<string> blocks)
    {
        Directory.CreateDirectory(Path.Combine(folder, ".wopr", "log"));
        Directory.CreateDirectory(Path.Combine(folder, ".wopr", "mail"));
        Directory.CreateSymbolicLink(Path.Combine(folder, "migrations"), Repository.PathOf("migrations"));
        var endpoints = new { service = stack.Http.BaseAddress, hetzner = $"{stack.HetznerUrl}v1", cloudflare = $"{stack.CloudflareUrl}client/v4", pid = Environment.ProcessId };
        await File.WriteAllTextAsync(Path.Combine(folder, ".wopr", "endpoints.json"), JsonSerializer.Serialize(endpoints));
        await File.WriteAllTextAsync(Path.Combine(folder, ".wopr", "log", "service.log"), stack.Service!.Output);
        await File.WriteAllTextAsync(Path.Combine(folder, "preamble"), string.Concat(preamble));
        foreach (var (number, block) in blocks.Index()) await File.WriteAllTextAsync(Path.Combine(folder, $"block-{number:000}"), block);
    }

    [GeneratedRegex(@"^```bash service\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}
