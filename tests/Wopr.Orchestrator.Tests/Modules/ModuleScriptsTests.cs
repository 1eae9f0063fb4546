using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>Every script that a beacon runs, under the eyes of shellcheck at its default severity.</summary>
public sealed class ModuleScriptsTests
{
    public static TheoryData<string> Scripts => [.. Names()];

    private static IEnumerable<string> Names() =>
        from path in Directory.EnumerateFiles(TestModules.RealFolder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        where File.ReadLines(path).FirstOrDefault() == "#!/bin/bash"
        select Path.GetRelativePath(TestModules.RealFolder, path);

    /// <summary>install.sh is read together with the parts that it sources.</summary>
    [ToolTheory("shellcheck")]
    [MemberData(nameof(Scripts))]
    public void Shellcheck_finds_nothing_wrong(string script) =>
        ToolRun.Of("shellcheck", ["--external-sources", "--check-sourced", Path.Combine(TestModules.RealFolder, script)]).ShouldSucceed();

    [Fact]
    public void The_runner_and_every_hook_are_among_them()
    {
        var scripts = Names().ToList();
        scripts.ShouldContain("runner/install.sh");
        foreach (var hook in new[] { "before-start", "after-start", "check", "backup", "restore" })
        {
            foreach (var path in Directory.EnumerateFiles(TestModules.RealFolder, hook, SearchOption.AllDirectories))
                scripts.ShouldContain(Path.GetRelativePath(TestModules.RealFolder, path));
        }
    }

    [Fact]
    public void Every_script_stops_at_its_first_error()
    {
        foreach (var script in Names())
            File.ReadAllText(Path.Combine(TestModules.RealFolder, script)).ShouldMatch("(?m)^set -E?euo pipefail$", script);
    }
}
