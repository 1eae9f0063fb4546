using System.Text.RegularExpressions;
using Wopr.Support;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Support;

/// <summary>Holds TROUBLESHOOTING.md and the code together.</summary>
public sealed partial class CatalogueTests
{
    private static readonly ErrorCatalogue Catalogue = ErrorCatalogue.Load();

    [Fact]
    public void Every_constant_has_an_entry() =>
        ErrorCodes.All.Where(code => Catalogue.Find(code) is null).ShouldBeEmpty();

    [Fact]
    public void Every_entry_has_a_constant() =>
        Catalogue.Entries.Select(e => e.Code).Except(ErrorCodes.All).ShouldBeEmpty();

    [Fact]
    public void Every_constant_stands_for_a_code_of_its_own() => ErrorCodes.All.ShouldBeUnique();

    [Fact]
    public void Contents_lists_every_entry()
    {
        var document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "house", "TROUBLESHOOTING.md"));
        var listed = ContentsItem().Matches(document).Select(m => m.Groups["text"].Value);

        listed.ShouldBe(Catalogue.Entries.Select(e => $"{e.Code}: {e.Title}"));
    }

    [Fact]
    public void Customers_are_spoken_to_in_whole_sentences_without_codes_or_commands()
    {
        foreach (var entry in Catalogue.Entries)
        {
            foreach (var text in new[] { entry.Customer.WhatHappened, entry.Customer.WhatWeDo, entry.Customer.WhatYouCanDo })
            {
                text.ShouldMatch(@"^[A-Z].*[.!?]$", entry.Code.Value);
                text.ShouldNotMatch(@"[`{}<>]|[A-Z]{2,}-[0-9]{3}|\bnull\b", entry.Code.Value);
            }
        }
    }

    [Fact]
    public void Every_code_that_an_entry_names_exists()
    {
        foreach (var entry in Catalogue.Entries)
        {
            foreach (Match named in NamedCode().Matches(entry.Markdown))
            {
                Catalogue.TryFind(named.Value, out _).ShouldBeTrue($"{entry.Code} names {named.Value}");
            }
        }
    }

    /// <summary>Messages as they were met in the field, each of which leads to its code.</summary>
    [Theory]
    [InlineData("Error: Server type not found: cx22", "HETZ-001")]
    [InlineData("Error: invalid input in field 'labels'", "HETZ-002")]
    [InlineData("Error: SSH key not found: nodez3r0-wopr", "HETZ-003")]
    [InlineData("Error: Timeout waiting for VPS", "VPS-001")]
    [InlineData("Callback URL returns 404 (Authentik error page)", "CALLBACK-001")]
    [InlineData("{\"detail\": \"Invalid callback token for this job\"}", "CALLBACK-002")]
    [InlineData("No callbacks received", "CALLBACK-003")]
    [InlineData("Failed to load resource: 404", "CADDY-001")]
    [InlineData("/_app/immutable/chunks/B1nN3Xyz.js", "CADDY-001")]
    [InlineData("/setup/job-id returns 404", "CADDY-002")]
    [InlineData("API calls return Authentik login page HTML.", "CADDY-003")]
    [InlineData("curl -sf -X POST \"$URL\"               -H \"Content-Type: application/json\"", "CLOUDINIT-001")]
    [InlineData("curl: (6) Could not resolve host: install.wopr.systems", "CLOUDINIT-002")]
    [InlineData("cat: /etc/wopr/bootstrap.json: No such file or directory", "CLOUDINIT-003")]
    [InlineData("ERROR: trigger \"trigger_orders_updated_at\" for relation \"orders\" already exists", "DB-001")]
    [InlineData("asyncpg.exceptions.TooManyConnectionsError", "DB-002")]
    [InlineData("CF-Cache-Status: HIT", "CF-001")]
    [InlineData("Error creating DNS record: Record already exists", "CF-002")]
    [InlineData("Public endpoints (webhooks, health checks) require login.", "AUTH-001")]
    [InlineData("/tmp/wopr_bootstrap.sh: line 8: $'\\r': command not found", "INSTALLER-001")]
    [InlineData("/tmp/wopr_bootstrap.sh: line 9: set: pipefail: invalid option name", "INSTALLER-001")]
    [InlineData("Installer fails with \"script not found\"", "INSTALLER-002")]
    [InlineData("[ERROR] PostgreSQL must be running before Authentik", "INSTALLER-003")]
    [InlineData("[ERROR] Failed to deploy infrastructure module: authentik", "INSTALLER-003")]
    [InlineData("PostgreSQL connection failed, retrying... ([Errno -2] Name or service not known)", "PODMAN-001")]
    [InlineData("Connection refused to 172.20.0.1:5432", "PODMAN-002")]
    [InlineData("connection to server at \"127.0.0.1\", port 5432 failed: Connection refused", "PODMAN-003")]
    public void A_line_of_a_log_leads_to_its_code_and_to_no_other(string line, string code)
    {
        Catalogue.Entries.Where(e => e.Signatures.Any(s => s.Matches(line))).Select(e => e.Code.Value).ShouldBe([code]);
        Catalogue.Search(line)[0].Code.Value.ShouldBe(code);
    }

    [Theory]
    [InlineData("everything is fine")]
    [InlineData("GET /api/health 200 OK in 3 ms")]
    [InlineData("")]
    public void A_harmless_line_leads_nowhere(string line) =>
        Catalogue.Entries.Where(e => e.Signatures.Any(s => s.Matches(line))).ShouldBeEmpty();

    [ToolFact("bash", "shellcheck")]
    public void Every_command_block_is_good_shell()
    {
        var document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "house", "TROUBLESHOOTING.md"));
        var blocks = CommandBlock().Matches(document).Cast<Match>().ToList();
        blocks.Count.ShouldBeGreaterThan(60);
        var folder = Directory.CreateTempSubdirectory("wopr-blocks-");
        try
        {
            foreach (var (number, block) in blocks.Index()) File.WriteAllText(Path.Combine(folder.FullName, $"{number:000}.sh"), block.Groups["text"].Value);
            var files = folder.GetFiles().Select(f => f.FullName).ToList();
            ToolRun.Of("bash", ["-c", "status=0; for block; do bash -n \"$block\" || status=1; done; exit $status", "blocks", .. files]).ShouldSucceed();
            // What the document defines once is used by every block: names that one block alone does not explain are no fault.
            ToolRun.Of("shellcheck", ["--shell=bash", "--severity=warning", "--exclude=SC2034,SC2154", .. files]).ShouldSucceed();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"^  - \[(?<text>[^\]]+)\]\(#[^)]+\)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex ContentsItem();

    [GeneratedRegex(@"\b(HETZ|VPS|CALLBACK|CADDY|CLOUDINIT|DB|CF|AUTH|INSTALLER|MODULE|PODMAN|VERIFY|ORDER|PAY|MAIL|CONFIG|JOB|SERVICE|SUPPORT)-[0-9]{3}\b")]
    private static partial Regex NamedCode();

    [GeneratedRegex(@"^```bash (service|beacon)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex CommandBlock();
}
