using System.Text;
using Wopr.Sandbox.Boot;

namespace Wopr.Sandbox.Tests.Boot;

public sealed class CloudConfigTests
{
    [Fact]
    public void Files_have_their_content_mode_and_encoding()
    {
        var config = Parse("""
            #cloud-config
            write_files:
              - path: /a
                permissions: '0600'
                content: |
                  one
                  two
              - path: /b
                encoding: b64
                content: aGVsbG8=
              - path: /c
                append: true
                content: "x"
            """);
        config.Files.Select(f => (f.Path, Encoding.UTF8.GetString(f.Content), f.Mode, f.Append)).ShouldBe(
            [("/a", "one\ntwo\n", 0b110_000_000, false), ("/b", "hello", 0b110_100_100, false), ("/c", "x", 0b110_100_100, true)]);
    }

    [Fact]
    public void Commands_are_lists_or_lines_for_the_shell() =>
        Parse("#cloud-config\nruncmd:\n  - [bash, /x, 'a b']\n  - echo hi | cat\n").Commands.ShouldBe([["bash", "/x", "a b"], ["sh", "-c", "echo hi | cat"]]);

    [Theory]
    [InlineData("")]
    [InlineData("#!/bin/sh\nreboot\n")]
    [InlineData("#cloud-config\n")]
    [InlineData("#cloud-config\npackages: [curl]\n")]
    public void User_data_without_files_and_commands_does_nothing(string userData)
    {
        Parse(userData).Files.ShouldBeEmpty();
        Parse(userData).Commands.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("#cloud-config\nwrite_files: [{path: relative}]\n", "absolute path")]
    [InlineData("#cloud-config\nwrite_files: [{path: /a, encoding: rot13}]\n", "rot13")]
    [InlineData("#cloud-config\nruncmd: [{a: b}]\n", "neither a list nor a string")]
    [InlineData("#cloud-config\nruncmd: [unclosed\n", "")]
    public void What_cannot_be_read_is_told(string userData, string reason)
    {
        CloudConfig.TryParse(userData, out _, out var told).ShouldBeFalse();
        told.ShouldNotBeNull().ShouldContain(reason);
    }

    private static CloudConfig Parse(string userData)
    {
        CloudConfig.TryParse(userData, out var config, out var reason).ShouldBeTrue(reason);
        return config!;
    }
}
