using Wopr.Tests.Support;

namespace Wopr.Templating.Tests.Support;

public sealed class ToolFactTests
{
    [Fact]
    public void A_missing_tool_is_named_in_the_reason()
    {
        var fact = new ToolFactAttribute("sh", "no-such-tool-here");

        fact.Skip.ShouldBe("not installed on this machine: no-such-tool-here");
    }

    [Fact]
    public void Nothing_is_skipped_where_every_tool_is_there() => new ToolTheoryAttribute("sh").Skip.ShouldBeNull();

    [Fact]
    public void A_tool_may_be_given_by_its_path()
    {
        Tool.Find("/bin/sh").ShouldBe("/bin/sh");
        Tool.Find("/etc/passwd").ShouldBeNull();
    }

    [Fact]
    public void The_repository_is_found() => File.Exists(Repository.PathOf("Wopr.sln")).ShouldBeTrue();

    [Fact]
    public void A_missing_shared_file_is_named_in_the_reason() =>
        new SharedFactAttribute("no/such/file").Skip.ShouldBe("../shared/no/such/file is not beside this repository");
}
