using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Wopr.Templating.Functions;
using Wopr.Tests.Support;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Wopr.Templating.Tests.Functions;

/// <summary>What is quoted is read back by the real readers, to the letter.</summary>
public sealed class QuotingTests
{
    private static readonly string[] _nasty =
    [
        "", " ", "yes", "null", "~", "1e3", "0x1", "- a", "a: b", "#c", "&a", "*a", "!t", "%d", "@x", "`id`", "$(id)", "${HOME}", "$HOME",
        "'", "''", "\"", "\\", "\\n", "\\'", "'\"'\"'", "{{ name }}", "}}", "{{{{", "}}}}}", "{%{", "</script>", "<!--", "]]>", "--", "-n", "!!", "\t",
        "é", "日本", "😀", "\u2028", "\u0085", "\u00A0", "\uFEFF", "\u007F", "\u001b[0m", "a b", " a ", "a;b|c&d>e<f", "*", "?", "[a]", "~root", "\\u0041",
    ];

    /// <summary>A fixed seed: the same strings on every machine, and a failure that comes back.</summary>
    private static IEnumerable<string> Samples(bool lineEnds)
    {
        var random = new Random(20250101);
        var letters = "abc 019'\"\\`$!{}%#&|;<>()[]*?~\t-:,./@=éß日\u2028\u0085\u0007\u001f";
        letters += lineEnds ? "\n\r\0" : "";
        var made = Enumerable.Range(0, 2000).Select(_ =>
        {
            var text = new StringBuilder();
            for (var length = random.Next(0, 30); length > 0; length--)
                text.Append(random.Next(20) == 0 ? "😀" : letters[random.Next(letters.Length)].ToString());
            return text.ToString();
        });
        return _nasty.Concat(made).Concat(lineEnds ? ["\n", "a\nb\n", "\r\n", "\0"] : []);
    }

    [Fact]
    public void A_json_reader_takes_back_every_string()
    {
        foreach (var sample in Samples(lineEnds: true))
        {
            var json = Quoted(Quoting.Json(sample));

            JsonSerializer.Deserialize<string>(json).ShouldBe(sample);
            ShouldBePlain(json);
            json[1..^1].IndexOfAny(['"', '\'', '<', '>', '&', '$', '`', '{', '}']).ShouldBe(-1, json);
        }
    }

    [Fact]
    public void A_yaml_reader_takes_back_every_string()
    {
        foreach (var sample in Samples(lineEnds: true))
        {
            var yaml = Quoted(Quoting.Yaml(sample));

            ReadYaml($"key: {yaml}\nnext: 1\n").ShouldBe(sample);
            ReadYaml($"key: [{yaml}, x]\n").ShouldBe(sample);
            ShouldBePlain(yaml);
        }
    }

    [ToolFact("bash")]
    public void A_shell_takes_back_every_string() => ShellTakesBackEveryString("bash");

    [ToolFact("dash")]
    public void A_plain_shell_takes_back_every_string() => ShellTakesBackEveryString("dash");

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\r")]
    [InlineData("a\0b")]
    public void A_shell_word_has_no_line_end_and_no_NUL(string text)
    {
        Quoting.Shell(text).IsSuccess(out _, out var problem).ShouldBeFalse();
        problem.ShouldBe("a shell word holds no NUL and no line end here");
    }

    [Fact]
    public void Half_a_letter_is_refused_everywhere()
    {
        foreach (var text in new[] { "\ud83d", "\ude00", "a\ud83d!", "\ude00\ud83d" })
        {
            Quoting.Json(text).IsSuccess(out _, out _).ShouldBeFalse();
            Quoting.Yaml(text).IsSuccess(out _, out _).ShouldBeFalse();
            Quoting.Shell(text).IsSuccess(out _, out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void Json_holds_lists_and_objects_whose_names_are_in_order()
    {
        var value = new Dictionary<string, object?> { ["b"] = new object?[] { 1, 2.5, 3.10m, true, null }, ["a"] = new { InnerName = new { X = "{{" } } };

        var json = Quoted(Quoting.Json(value));

        json.ShouldBe("{ \"a\": { \"inner_name\": { \"x\": \"\\u007b\\u007b\" } }, \"b\": [1, 2.5, 3.10, true, null] }");
        JsonDocument.Parse(json).RootElement.GetProperty("b")[2].GetDecimal().ShouldBe(3.10m);
    }

    [Theory]
    [InlineData(1e300)]
    [InlineData(1e-9)]
    public void Yaml_refuses_a_number_that_some_readers_take_for_a_string(double number) =>
        Quoting.Yaml(number).IsSuccess(out _, out _).ShouldBeFalse();

    [Fact]
    public void Yaml_and_shell_quote_one_value()
    {
        Quoting.Yaml(new[] { 1 }).IsSuccess(out _, out _).ShouldBeFalse();
        Quoting.Shell(new[] { 1 }).IsSuccess(out _, out _).ShouldBeFalse();
        Quoting.Json(Guid.Empty).IsSuccess(out _, out _).ShouldBeFalse();
    }

    private static string Quoted(QuotingOutcome outcome) => outcome.IsSuccess(out var quoted, out var problem) ? quoted : throw new InvalidOperationException(problem);

    private static void ShouldBePlain(string quoted)
    {
        quoted.All(letter => letter is >= ' ' and <= '~').ShouldBeTrue(quoted);
        quoted.ShouldNotContain("{{");
        quoted.ShouldNotContain("}}");
    }

    /// <summary>The first value that stands in double quotes.</summary>
    private static string ReadYaml(string yaml)
    {
        var parser = new YamlDotNet.Core.Parser(new StringReader(yaml));
        while (parser.MoveNext())
        {
            if (parser.Current is Scalar { Style: ScalarStyle.DoubleQuoted } scalar)
                return scalar.Value;
        }

        throw new InvalidOperationException("no scalar in double quotes");
    }

    private static void ShellTakesBackEveryString(string shell)
    {
        var samples = Samples(lineEnds: false).ToList();
        var words = samples.Select(sample => Quoted(Quoting.Shell(sample))).ToList();
        words.ShouldAllBe(word => !word.Contains("{{") && !word.Contains("}}"));

        var script = string.Concat(words.Select(word => $"printf '%s\\0' {word}\n"));

        Run(shell, script).ShouldBe(string.Concat(samples.Select(sample => sample + '\0')));
    }

    private static string Run(string shell, string script)
    {
        var start = new ProcessStartInfo(Tool.Find(shell)!, ["-s"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(script);
        process.StandardInput.Close();
        process.WaitForExit(TimeSpan.FromSeconds(60)).ShouldBeTrue();
        process.ExitCode.ShouldBe(0);
        return output.GetAwaiter().GetResult();
    }
}
