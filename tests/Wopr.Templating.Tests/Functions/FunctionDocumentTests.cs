using System.Text.RegularExpressions;
using Wopr.Templating.Functions;
using Wopr.Tests.Support;

namespace Wopr.Templating.Tests.Functions;

public sealed partial class FunctionDocumentTests
{
    [Fact]
    public void The_document_lists_every_function_and_no_other()
    {
        var document = File.ReadAllText(Repository.PathOf("orchestrator", "Wopr.Templating", "README.md"));

        var listed = FunctionRow().Matches(document.Split("## Functions")[1]).Select(match => match.Groups[1].Value);

        listed.Order(StringComparer.Ordinal).ShouldBe(FunctionTable.Names);
    }

    [GeneratedRegex("^\\| `([a-z_.]+)[^`]*` \\|", RegexOptions.Multiline)]
    private static partial Regex FunctionRow();
}
