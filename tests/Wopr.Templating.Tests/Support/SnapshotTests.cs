using Wopr.Tests.Support;

namespace Wopr.Templating.Tests.Support;

public sealed class SnapshotTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wopr-snapshot-").FullName;

    private string Source => Path.Combine(_folder, "SomeTests.cs");

    [Fact]
    public void What_is_verified_passes_and_clears_an_old_received_file()
    {
        Write("SomeTests.Renders.case.verified.yaml", "a: 1\n");
        Write("SomeTests.Renders.case.received.yaml", "old");

        Snapshot.Match("a: 1\n", "yaml", "case", Source, "Renders");

        File.Exists(PathOf("SomeTests.Renders.case.received.yaml")).ShouldBeFalse();
    }

    [Fact]
    public void A_difference_fails_names_the_line_and_leaves_the_received_text()
    {
        Write("SomeTests.Renders.verified.txt", "one\ntwo\n");

        var failure = Should.Throw<SnapshotMismatchException>(() => Snapshot.Match("one\nthree\n", sourceFile: Source, testMethod: "Renders"));

        failure.Message.ShouldContain("SomeTests.Renders.verified.txt differs, first in line 2:\n  verified: two\n  received: three\n");
        File.ReadAllText(PathOf("SomeTests.Renders.received.txt")).ShouldBe("one\nthree\n");
    }

    [Theory]
    [InlineData("one\r\n")]
    [InlineData("one")]
    [InlineData("one \n")]
    [InlineData("\uFEFFone\n")]
    public void Not_one_byte_is_forgiven(string almost)
    {
        Write("SomeTests.Renders.verified.txt", "one\n");

        Should.Throw<SnapshotMismatchException>(() => Snapshot.Match(almost, sourceFile: Source, testMethod: "Renders"));
    }

    [Fact]
    public void The_first_run_fails_too()
    {
        var failure = Should.Throw<SnapshotMismatchException>(() => Snapshot.Match("new", sourceFile: Source, testMethod: "Renders"));

        failure.Message.ShouldStartWith("There is no SomeTests.Renders.verified.txt yet.");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string PathOf(string file) => Path.Combine(_folder, file);

    private void Write(string file, string text) => File.WriteAllText(PathOf(file), text);
}
