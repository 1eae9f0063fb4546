using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Steps;

/// <summary>
/// What every step must stand: whatever happens to its run, and at whatever moment, the same comes of it as if nothing had
/// happened. The moments are not listed anywhere: an undisturbed run comes by them. A step has one subclass for each way
/// that it goes.
/// </summary>
public abstract class StepSuite<TStep>(StepBench bench) : IClassFixture<StepBench>
    where TStep : IStep
{
    /// <summary>Where the job stands when the step's run begins.</summary>
    protected abstract JobState State { get; }

    /// <summary>What the job's beacon has reported by then; a word of <see cref="BeaconStage"/>, or null for nothing.</summary>
    protected virtual string? Stage => "complete";

    /// <summary>How the undisturbed run ends.</summary>
    protected abstract JobState End { get; }

    [Fact]
    public async Task Wherever_its_node_dies_the_repeated_run_comes_to_the_same()
    {
        var undisturbed = await UndisturbedAsync();
        await EachAsync(undisturbed.Moments, async moment =>
        {
            var scene = await ArriveAsync();
            await using var node = scene.StartNode();
            node.Line.At(moment, () => throw new NodeDiedException());
            await ShouldComeToTheSameAsync(scene, node, undisturbed.Effects);
        });
    }

    [Fact]
    public async Task Wherever_it_is_overtaken_the_late_one_changes_nothing_any_more()
    {
        var undisturbed = await UndisturbedAsync();
        await EachAsync(undisturbed.Moments, async moment =>
        {
            var scene = await ArriveAsync();
            await using var late = scene.StartNode();
            var (held, go) = (new TaskCompletionSource(), new TaskCompletionSource());
            late.Line.At(moment, () =>
            {
                held.SetResult();
                return go.Task;
            });
            var driving = LeaveAsync(scene, late);
            await Task.WhenAny(held.Task, driving);
            held.Task.IsCompleted.ShouldBeTrue("the moment was not met");
            await using (var next = scene.StartNode()) await ShouldComeToTheSameAsync(scene, next, undisturbed.Effects);
            go.SetResult();
            await Should.ThrowAsync<LeaseLostException>(driving);
            (await scene.EffectsAsync()).ShouldBe(undisturbed.Effects);
        });
    }

    [Fact]
    public async Task Cancelled_before_it_begins_it_is_not_run_and_cancelled_at_any_moment_nothing_stays()
    {
        var undisturbed = await UndisturbedAsync();
        await EachAsync(undisturbed.Moments.Prepend("before it begins"), async moment =>
        {
            var scene = await ArriveAsync();
            await using var node = scene.StartNode();
            if (moment == "before it begins") await scene.CancelAsync();
            else node.Line.At(moment, scene.CancelAsync);
            // Others than this step are parked, but what is cancelled is really taken down.
            await scene.DriveUntilAsync(scene.IsOverAsync, node, Steps(node, takeDown: true));

            (await scene.StateAsync()).ShouldBe(JobState.Cancelled);
            if (moment == "before it begins" && State != JobState.RollingBack) node.Line.Moments.ShouldNotContain("begin");
            var effects = (await scene.EffectsAsync()).Split('\n');
            effects.ShouldContain("servers 0");
            effects.ShouldContain("all servers 0");
            effects.ShouldContain("addresses 0");
            effects.ShouldAllBe(e => !e.StartsWith("record ", StringComparison.Ordinal));
            effects.Count(e => e == "mail cancelled").ShouldBe(1);
            effects.Count(e => e.StartsWith("event ", StringComparison.Ordinal) && e.Contains(" completed ", StringComparison.Ordinal)).ShouldBe(1);
        });
    }

    [Fact]
    public async Task A_lost_or_refused_answer_changes_nothing_about_the_end()
    {
        var undisturbed = await UndisturbedAsync();
        var mishaps = undisturbed.Operations.SelectMany(operation => new[] { (operation, Lost: true), (operation, Lost: false) });
        await EachAsync(mishaps, async mishap =>
        {
            var scene = await ArriveAsync();
            await using var node = scene.StartNode();
            if (mishap.Lost) node.Line.Lose(mishap.operation);
            else node.Line.Refuse(mishap.operation);
            await ShouldComeToTheSameAsync(scene, node, undisturbed.Effects);
        });
        // The last answer of every step is the database's own, to what it came to.
        var committed = await ArriveAsync();
        await using var first = committed.StartNode();
        await ShouldComeToTheSameAsync(committed, first, undisturbed.Effects);
        await using var second = committed.StartNode();
        if (await committed.LeaseAsync() is { } again) await second.DriveAsync(again, Steps(second));
        second.Line.Moments.ShouldNotContain("begin", "what is committed is not done again");
        (await committed.EffectsAsync()).ShouldBe(undisturbed.Effects);
    }

    /// <summary>Leads the job to where the step begins.</summary>
    private protected virtual Task LeadAsync(StepScene scene) => scene.DriveUntilAsync(State, new ParkedStep(State));

    /// <summary>What must have come of the undisturbed run.</summary>
    private protected virtual void Judge(IReadOnlyList<string> effects)
    {
    }

    private async Task<StepScene> ArriveAsync()
    {
        var scene = await bench.BeginAsync(Stage);
        await LeadAsync(scene);
        (await scene.StateAsync()).ShouldBe(State);
        return scene;
    }

    private async Task<(IReadOnlyList<string> Moments, IReadOnlyList<string> Operations, string Effects)> UndisturbedAsync()
    {
        var scene = await ArriveAsync();
        await using var node = scene.StartNode();
        await LeaveAsync(scene, node);
        (await scene.StateAsync()).ShouldBe(End);
        var effects = await scene.EffectsAsync();
        Judge(effects.Split('\n'));
        return (node.Line.Moments, node.Line.Operations, effects);
    }

    private async Task ShouldComeToTheSameAsync(StepScene scene, StepNode node, string undisturbed)
    {
        await LeaveAsync(scene, node);
        node.Line.Happened.ShouldBeTrue("what was planned did not come to pass");
        (await scene.EffectsAsync()).ShouldBe(undisturbed);
    }

    private Task LeaveAsync(StepScene scene, StepNode node) =>
        scene.DriveUntilAsync(async () => await scene.StateAsync() != State && (!End.IsOver() || await scene.IsOverAsync()), node, Steps(node));

    private static IReadOnlyList<IStep> Steps(StepNode node, bool takeDown = false) =>
        [.. node.Steps.Select(s => s is TStep ? new LinedStep(s, node.Line) : takeDown && s.State == JobState.RollingBack ? s : new ParkedStep(s.State))];

    private static async Task EachAsync<T>(IEnumerable<T> all, Func<T, Task> tryOne)
    {
        var failures = new List<string>();
        foreach (var one in all)
        {
            try
            {
                await tryOne(one);
            }
            catch (Exception error)
            {
                failures.Add($"{one}: {error.Message}");
            }
        }
        failures.ShouldBeEmpty(string.Join('\n', failures));
    }
}
