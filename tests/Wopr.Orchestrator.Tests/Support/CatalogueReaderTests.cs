using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Support;

public sealed class CatalogueReaderTests
{
    private const string Good = """
        # Troubleshooting

        ## Orders

        ### ORDER-001: Bundle unknown

        **Symptom.** An order
        is refused.

        **Signatures.**

        - literal `no such bundle`
        - regex `(?i)bundle \S+ unknown`

        **Cause.** A typing mistake.

        **Diagnosis.** Ask:

        ```bash
        ### no heading: but a comment
        **Symptom.** no part either
        ```

        **Solution.** Choose another.

        **Remedy.** `resume-job` (approval): take the job
        up again.

        **Customer.**

        - What happened: It does
          not exist.
        - What we do: Nothing.
        - What you can do: Choose another.

        **Prevention.** The shop offers what exists.
        """;

    [Fact]
    public void An_entry_is_read_with_all_its_parts()
    {
        var entry = CatalogueReader.Read(Good).ShouldHaveSingleItem();

        entry.Code.ShouldBe(new ErrorCode("ORDER-001"));
        entry.Title.ShouldBe("Bundle unknown");
        entry.Area.ShouldBe("Orders");
        entry.Symptom.ShouldBe("An order\nis refused.");
        entry.Signatures.ShouldBe([
            new Signature(SignatureKind.Literal, "no such bundle"),
            new Signature(SignatureKind.Regex, @"(?i)bundle \S+ unknown")]);
        entry.Diagnosis.ShouldContain("### no heading: but a comment");
        entry.Remedy.ShouldBe(new Remedy("resume-job", RemedyTier.Approval, "take the job up again."));
        entry.Customer.WhatHappened.ShouldBe("It does not exist.");
        entry.Customer.WhatYouCanDo.ShouldBe("Choose another.");
        entry.Markdown.ShouldStartWith("### ORDER-001: Bundle unknown\n");
    }

    [Theory]
    [InlineData("**Cause.** A typing mistake.", "", "expected the part Cause, found Diagnosis")]
    [InlineData("**Cause.** A typing mistake.", "**Cause.**", "the part Cause is empty")]
    [InlineData("**Prevention.** The shop offers what exists.", "", "expected the part Prevention, found the end")]
    [InlineData("- literal `no such bundle`", "- no such bundle", "is no signature")]
    [InlineData("(approval)", "(perhaps)", "a remedy is")]
    [InlineData("- What we do: Nothing.", "", "Customer needs the three items")]
    [InlineData("**Solution.** Choose another.", "**Solution.** a\n\n**Reason.** b", "expected the part Remedy, found Reason")]
    public void What_is_incomplete_is_refused_with_its_line(string part, string replacement, string why)
    {
        var document = Good.Replace(part, replacement, StringComparison.Ordinal);

        var error = Should.Throw<InvalidDataException>(() => CatalogueReader.Read(document));

        error.Message.ShouldMatch(@"^TROUBLESHOOTING\.md, line [0-9]+: ");
        error.Message.ShouldContain(why);
    }

    [Fact]
    public void The_line_is_that_of_the_part_that_is_wrong()
    {
        var document = Good.Replace("**Cause.** A typing mistake.", "**Cause.**", StringComparison.Ordinal);
        var line = Array.IndexOf(document.Split('\n'), "**Cause.**") + 1;

        Should.Throw<InvalidDataException>(() => CatalogueReader.Read(document)).Message.ShouldContain($"line {line}:");
    }

    [Fact]
    public void A_pattern_that_is_none_is_refused_with_its_code()
    {
        new ErrorCatalogue(CatalogueReader.Read(Good)).CompilePatterns();
        var wrong = new ErrorCatalogue(CatalogueReader.Read(Good.Replace(@"(?i)bundle \S+ unknown", "(?i)bundle (", StringComparison.Ordinal)));

        Should.Throw<InvalidDataException>(wrong.CompilePatterns).Message.ShouldStartWith("ORDER-001: `(?i)bundle (` is no pattern: ");
    }

    [Fact]
    public void Every_pattern_of_the_document_is_one() => ErrorCatalogue.Load().CompilePatterns();

    [Fact]
    public void A_code_stands_once() =>
        Should.Throw<InvalidDataException>(() => CatalogueReader.Read(Good + "\n\n" + Good)).Message.ShouldContain("a second time");

    [Fact]
    public void A_fence_is_closed() =>
        Should.Throw<InvalidDataException>(() => CatalogueReader.Read(Good + "\n```\n")).Message.ShouldContain("fence");

    [Fact]
    public void A_document_without_entries_is_refused() =>
        Should.Throw<InvalidDataException>(() => CatalogueReader.Read("# Nothing\n")).Message.ShouldContain("no entry");
}
