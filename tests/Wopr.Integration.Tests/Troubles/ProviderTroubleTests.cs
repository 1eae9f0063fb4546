using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Wopr.Integration.Tests.Stack;
using Wopr.Sandbox.Misbehaviour;
using Xunit.Abstractions;

namespace Wopr.Integration.Tests.Troubles;

/// <summary>
/// Many orders at once while a provider misbehaves in one way: every job ends, completed or with the right code and
/// nothing left; never two servers for one order, never a foreign thing touched. deploy/campaign runs a hundred each.
/// </summary>
public sealed class ProviderTroubleTests(ITestOutputHelper output)
{
    private static readonly int Orders = int.Parse(Environment.GetEnvironmentVariable("WOPR_CAMPAIGN_ORDERS") ?? "8", CultureInfo.InvariantCulture);
    private static readonly string[] Wanted = (Environment.GetEnvironmentVariable("WOPR_CAMPAIGN_KINDS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static TheoryData<string> Troubles => [.. Trouble.All.Select(t => t.Name).Where(n => Wanted.Length == 0 || Wanted.Contains(n))];

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Every_job_ends_and_nothing_is_doubled_left_or_foreign_touched(string name)
    {
        var trouble = Trouble.All.Single(t => t.Name == name);
        var watch = Stopwatch.StartNew();
        await using var stack = await WoprStack.StartAsync(environment: EnvironmentFor(trouble));
        var foreign = await Strangers.MoveInAsync(stack.Sandbox);
        await stack.Sandbox.MisbehaveAsync([.. RulesOf(trouble).Cast<object>()]);
        var started = watch.Elapsed;

        var campaign = new Campaign(stack);
        var ends = await campaign.RunAsync(name, Orders);
        await stack.Sandbox.BehaveAsync();
        output.WriteLine($"campaign {name}: {Summary(ends)}, {(watch.Elapsed - started).TotalSeconds:0.0} s");

        foreach (var end in ends.Where(e => !e.Completed)) trouble.Codes.ShouldContain(end.Code, $"{end}\n{campaign.LogTail()}");
        if (trouble.Hopeless) ends.ShouldAllBe(end => !end.Completed);
        else ends.ShouldContain(end => end.Completed);
        await campaign.NothingIsDoubledOrLeftAsync(ends);
        await foreign.AreUntouchedAsync();
    }

    [Fact]
    public void Every_kind_of_misbehaviour_is_tried() =>
        Trouble.All.SelectMany(RulesOf).Select(r => r.GetProperty("kind").GetString()).Distinct().ShouldBe(Enum.GetValues<Kind>().Select(k => JsonNamingPolicy.SnakeCaseLower.ConvertName(k.ToString())), ignoreOrder: true);

    private static Dictionary<string, string> EnvironmentFor(Trouble trouble)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOPR_RETENTION_MINUTES"] = "0", ["WOPR_LIMIT_WAIT_SECONDS"] = "2" };
        // Few orders are through within seconds; with many, those that are well must not meet the shortened deadlines.
        if (trouble.UntilDeadline) environment["WOPR_DEADLINE_SCALE"] = Orders <= 12 ? "0.01" : "0.05";
        return environment;
    }

    private static IEnumerable<JsonElement> RulesOf(Trouble trouble)
    {
        var json = JsonSerializer.Deserialize<JsonElement>(trouble.Rules);
        return json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : [json];
    }

    private static string Summary(IReadOnlyList<End> ends) =>
        $"{ends.Count} orders: {string.Join(", ", ends.GroupBy(e => e.Completed ? "completed" : e.Job is null ? $"{e.Code} at the checkout" : e.Code!).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}"))}";
}
