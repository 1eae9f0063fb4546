using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Support;

/// <summary>Every script of deploy/ and .ci/, read as anybody reads it who calls shellcheck without options, with the parts that it sources.</summary>
public sealed class DeployScriptsTests
{
    public static TheoryData<string> Scripts => [.. Names()];

    private static IEnumerable<string> Names() =>
        from folder in new[] { ".ci", "deploy" }
        from path in Directory.EnumerateFiles(Repository.PathOf(folder), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        let first = File.ReadLines(path).FirstOrDefault() ?? ""
        where first.StartsWith("#!", StringComparison.Ordinal) && first.EndsWith("sh", StringComparison.Ordinal)
        select Path.GetRelativePath(Repository.Root, path);

    [ToolTheory("shellcheck")]
    [MemberData(nameof(Scripts))]
    public void Shellcheck_finds_nothing_wrong(string script)
    {
        ToolRun.Of("shellcheck", [Repository.PathOf(script)]).ShouldSucceed();
        ToolRun.Of("shellcheck", ["--check-sourced", Repository.PathOf(script)]).ShouldSucceed();
    }
}
