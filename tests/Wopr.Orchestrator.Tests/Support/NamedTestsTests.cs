using System.Text.RegularExpressions;
using Wopr.Support;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Support;

/// <summary>What TROUBLESHOOTING.md says of tests is so: every entry names one, and each that is named exists.</summary>
public sealed partial class NamedTestsTests
{
    private static readonly ErrorCatalogue Catalogue = ErrorCatalogue.Load();
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "house", "TROUBLESHOOTING.md"));

    /// <summary>The codes with which it began.</summary>
    private static readonly string[] FirstList =
    [
        "HETZ-001", "HETZ-002", "HETZ-003", "VPS-001", "CALLBACK-001", "CALLBACK-002", "CALLBACK-003", "CADDY-001", "CADDY-002", "CADDY-003", "CLOUDINIT-001", "CLOUDINIT-002",
        "CLOUDINIT-003", "DB-001", "DB-002", "CF-001", "CF-002", "AUTH-001", "INSTALLER-001", "INSTALLER-002", "INSTALLER-003", "PODMAN-001", "PODMAN-002", "PODMAN-003",
    ];

    [Fact]
    public void Every_entry_says_which_test_shows_its_prevention() =>
        Catalogue.Entries.Where(e => !NamedTest().IsMatch(e.Prevention)).Select(e => e.Code).ShouldBeEmpty();

    [Fact]
    public void Every_code_of_the_first_list_has_its_row()
    {
        FirstList.Length.ShouldBe(24);
        Rows().Select(r => r.Groups["code"].Value).Distinct().ShouldBe(FirstList);
        Rows().ShouldAllBe(r => Fate().IsMatch(r.Groups["fate"].Value));
    }

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var files = Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories).ToLookup(Path.GetFileNameWithoutExtension, StringComparer.Ordinal);
        var named = NamedTest().Matches(Document).Select(m => (Folder: m.Groups["folder"].Value, Class: m.Groups["class"].Value, Method: m.Groups["method"].Value)).Distinct().ToList();
        named.Count.ShouldBeGreaterThan(90);
        named.Where(n => !files[n.Class].Any(f => IsIn(f, n.Folder) && Has(f, n.Method))).ShouldBeEmpty();
        // A name that two files share would leave open which one is meant.
        named.Where(n => files[n.Class].Count(f => IsIn(f, n.Folder) && Has(f, n.Method)) > 1).ShouldBeEmpty();
    }

    private static IReadOnlyList<Match> Rows() => [.. Row().Matches(Document).Cast<Match>()];

    private static bool IsIn(string file, string folder) => folder.Length == 0 || Path.GetFileName(Path.GetDirectoryName(file)) == folder;

    /// <summary>A method whose own paragraph marks it as a test.</summary>
    private static bool Has(string file, string method)
    {
        var text = File.ReadAllText(file);
        var at = Regex.Match(text, $@"^ +public (override |virtual |async )*\w+ {method}\(", RegexOptions.Multiline);
        return at.Success && Regex.IsMatch(text[Math.Max(0, text.LastIndexOf("\n\n", at.Index, StringComparison.Ordinal))..at.Index], @"\[\w*(Fact|Theory)\b");
    }

    [GeneratedRegex(@"`(?:(?<folder>[A-Z]\w+)/)?(?<class>[A-Z]\w+)\.(?<method>[A-Z]\w*_\w+)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"^\| (?<code>[A-Z]+-[0-9]{3}) \| [^|]+ \| (?<fate>[^|]+) \| `[\w/.]+` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("^(prevented|repaired|named)\\b")]
    private static partial Regex Fate();
}
