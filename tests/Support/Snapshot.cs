using System.Runtime.CompilerServices;
using System.Text;

namespace Wopr.Tests.Support;

/// <summary>
/// Holds what a test rendered against a file beside it, with Verify's conventions:
/// <c>Class.Method[.name].verified.ext</c> is the promise and is committed;
/// <c>….received.ext</c> is written where the text differs, and is not.
/// </summary>
/// <remarks>
/// The comparison is byte for byte: no newline, trailing blank or byte-order mark is forgiven.
/// With <c>WOPR_ACCEPT_SNAPSHOTS=1</c> the received text becomes the verified one; the test
/// still fails once, so that nothing is accepted unseen.
/// </remarks>
public static class Snapshot
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Fails unless <paramref name="actual"/> is the verified text.</summary>
    /// <param name="actual">The text the test made.</param>
    /// <param name="extension">The kind of file, without a dot: it lets editors and checkers help.</param>
    /// <param name="name">Tells the snapshots of one test apart, for example the case of a theory.</param>
    /// <param name="sourceFile">The test's own file; left to the compiler.</param>
    /// <param name="testMethod">The test's own name; left to the compiler.</param>
    public static void Match(
        string actual,
        string extension = "txt",
        string? name = null,
        [CallerFilePath] string sourceFile = "",
        [CallerMemberName] string testMethod = "")
    {
        var stem = Stem(sourceFile, testMethod, name);
        Match(actual, $"{stem}.verified.{extension}", $"{stem}.received.{extension}");
    }

    /// <summary>The same for a file of the project that is made from something else, and committed where it is used.</summary>
    public static void MatchFile(string file, string actual) => Match(actual, file, $"{file}.received");

    private static void Match(string actual, string verified, string received)
    {
        var expected = File.Exists(verified) ? _utf8.GetString(File.ReadAllBytes(verified)) : null;
        if (string.Equals(expected, actual, StringComparison.Ordinal))
        {
            File.Delete(received);
            return;
        }

        var accept = Environment.GetEnvironmentVariable("WOPR_ACCEPT_SNAPSHOTS") == "1";
        File.WriteAllBytes(accept ? verified : received, _utf8.GetBytes(actual));
        if (accept)
            File.Delete(received);

        throw new SnapshotMismatchException(Describe(expected, actual, verified, accept));
    }

    private static string Stem(string sourceFile, string testMethod, string? name)
    {
        var folder = Path.GetDirectoryName(sourceFile);
        if (string.IsNullOrEmpty(folder) || !Directory.Exists(folder))
            throw new InvalidOperationException($"The test's source {sourceFile} is not on this machine, so neither are its snapshots.");

        var parts = new[] { Path.GetFileNameWithoutExtension(sourceFile), testMethod, name };
        return Path.Combine(folder, string.Join('.', parts.Where(part => !string.IsNullOrEmpty(part))));
    }

    private static string Describe(string? expected, string actual, string verified, bool accepted)
    {
        var file = Path.GetFileName(verified);
        var next = accepted
            ? "Accepted: read the file, then run again."
            : "The text stands in the .received. file; if it is right, rename it to .verified., or run once with WOPR_ACCEPT_SNAPSHOTS=1.";
        return expected is null
            ? $"There is no {file} yet. {next}"
            : $"{file} differs, first in line {FirstDifference(expected, actual)}\n{next}";
    }

    private static string FirstDifference(string expected, string actual)
    {
        var before = expected.Split('\n');
        var after = actual.Split('\n');
        var line = 0;
        while (line < before.Length && line < after.Length && before[line] == after[line])
            line++;

        return $"{line + 1}:\n  verified: {Show(before, line)}\n  received: {Show(after, line)}";
    }

    private static string Show(string[] lines, int line) =>
        line >= lines.Length ? "(the text has ended)" : lines[line].Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);
}

/// <summary>A text is not what its snapshot promises.</summary>
public sealed class SnapshotMismatchException(string message) : Exception(message);
