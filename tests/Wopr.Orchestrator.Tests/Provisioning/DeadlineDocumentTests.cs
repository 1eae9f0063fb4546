using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Provisioning;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>The table in README.md says of every state and every stage how long it may take, and says what the code does.</summary>
public sealed partial class DeadlineDocumentTests
{
    private static readonly string[] Lines = File.ReadAllLines(Repository.PathOf("README.md"));

    public static TheoryData<Type> Steps => [.. typeof(IStep).Assembly.GetTypes().Where(t => t is { IsAbstract: false, IsClass: true } && t.IsAssignableTo(typeof(IStep)))];

    [Theory]
    [MemberData(nameof(Steps))]
    public void Each_state_stands_in_the_table_with_its_deadline(Type type)
    {
        // A step's deadline depends on nothing that it is built with.
        var step = (IStep)RuntimeHelpers.GetUninitializedObject(type);
        var row = Row(step.State);
        if (step.Deadline is { } deadline) Duration(row).ShouldBe(deadline, row);
        else row.ShouldMatch("until|the retention");
    }

    [Fact]
    public void Each_stage_stands_there_with_its_silence()
    {
        var row = Row(JobState.DeployingWopr);
        var deadlines = new Deadlines(TestSettings.Make());
        var others = int.Parse(OthersShape().Match(row).Groups[1].Value, CultureInfo.InvariantCulture);
        row.ShouldContain($"none yet {deadlines.Silence(null).TotalMinutes}");
        foreach (var stage in Enum.GetValues<BeaconStage>())
        {
            var minutes = deadlines.Silence(stage).TotalMinutes;
            var told = Regex.Match(row, $@"\b{stage.Word()} (\d+)");
            (told.Success ? int.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture) : others).ShouldBe((int)minutes, stage.Word());
        }
    }

    [Fact]
    public void In_the_sandbox_all_of_it_can_be_scaled_and_nowhere_else()
    {
        new Deadlines(TestSettings.Make(("WOPR_DEADLINE_SCALE", "0.5"))).Silence(BeaconStage.Packages).ShouldBe(TimeSpan.FromSeconds(150));

        var live = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOPR_DATABASE"] = "Host=nowhere.invalid",
            ["HCLOUD_TOKEN"] = "t",
            ["CLOUDFLARE_API_TOKEN"] = "t",
            ["WOPR_ZONE"] = "example.com",
            ["WOPR_PUBLIC_URL"] = "https://wopr.example.com",
            ["WOPR_DEADLINE_SCALE"] = "0.5",
        };
        new Wopr.Platform.SettingsReader(live.GetValueOrDefault).Read().Problems.ShouldContain(p => p.StartsWith("WOPR_DEADLINE_SCALE", StringComparison.Ordinal));
    }

    private static string Row(JobState state) => Lines.Where(l => l.StartsWith('|') && l.Split('|')[1].Contains($"`{state.Word()}`", StringComparison.Ordinal)).ShouldHaveSingleItem().Split('|')[2];

    private static TimeSpan Duration(string text)
    {
        var match = DurationShape().Match(text);
        match.Success.ShouldBeTrue(text);
        var number = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value == "h" ? TimeSpan.FromHours(number) : TimeSpan.FromMinutes(number);
    }

    [GeneratedRegex(@"^ (\d+) (h|min)\b")]
    private static partial Regex DurationShape();

    [GeneratedRegex(@"others (\d+) min")]
    private static partial Regex OthersShape();
}
