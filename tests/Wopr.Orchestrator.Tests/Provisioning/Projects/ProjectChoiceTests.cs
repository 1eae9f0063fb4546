using Wopr.Provisioning.Ports;
using Wopr.Provisioning.Projects;

namespace Wopr.Orchestrator.Tests.Provisioning.Projects;

/// <summary>Which project an order goes to.</summary>
public sealed class ProjectChoiceTests
{
    private static readonly HashSet<ProjectName> Nothing = [];

    [Fact]
    public void The_one_with_the_most_room_and_of_equals_the_first_by_name()
    {
        Best(One("a", most: 10, servers: 4), One("b", most: 10, servers: 3), One("c", most: 10, servers: 3, waiting: 1)).ShouldBe("b");
        Best(One("c", most: 5), One("a", most: 5), One("b", most: 5)).ShouldBe("a");
        Best(One("a", most: 1000), One("b", most: null, servers: 2000)).ShouldBe("b", "where no limit is known there is room");
        Best(One("a", most: null, servers: 9), One("b", most: null, servers: 8, waiting: 2), One("c", most: null, servers: 9)).ShouldBe("a");
    }

    [Fact]
    public void Never_a_closed_one_nor_one_at_its_limit_nor_one_that_has_just_refused()
    {
        Best(One("a", closed: true)).ShouldBeNull();
        Best(One("a", most: 3, servers: 2, waiting: 1), One("b", most: 0)).ShouldBeNull();
        ProjectChoice.Best([One("a"), One("b")], new HashSet<ProjectName> { ProjectName.Parse("a") })!.Value.ShouldBe("b");
        Best().ShouldBeNull();
    }

    [Fact]
    public void Trouble_a_known_limit_and_spent_calls_come_before_room_but_exclude_nothing()
    {
        Best(One("a", most: 50) with { Troubled = true }, One("b", most: 2) with { Full = true }).ShouldBe("b");
        Best(One("a", most: 50) with { Full = true }, One("b", most: 2) with { CallsLeft = 0 }).ShouldBe("b");
        Best(One("a", most: 50, waiting: 2) with { CallsLeft = 5.9 }, One("b", most: 2) with { CallsLeft = 2 }).ShouldBe("b", "the two that wait take four of the calls");
        Best(One("a") with { Troubled = true, Full = true, CallsLeft = 0 }).ShouldBe("a");
    }

    /// <summary>However the facts are: the choice is allowed, does not depend on their order, and none that is allowed is better.</summary>
    [Fact]
    public void Whatever_is_known_the_best_that_is_allowed_is_chosen()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 2000; round++)
        {
            var all = Enumerable.Range(0, random.Next(6)).Select(i => Any(random, $"p{i}")).ToArray();
            var without = all.Where(_ => random.Next(4) == 0).Select(p => p.Project.Name).ToHashSet();
            var allowed = all.Where(p => !p.Project.Closed && !without.Contains(p.Project.Name) && (p.Project.MostServers is null || p.Servers + p.Waiting < p.Project.MostServers)).ToList();

            var best = ProjectChoice.Best(all, without);
            ProjectChoice.Best(all.Reverse(), without).ShouldBe(best);
            if (allowed.Count == 0)
            {
                best.ShouldBeNull();
                continue;
            }
            var chosen = allowed.Single(p => p.Project.Name == best);
            if (allowed.Exists(p => !p.Troubled)) chosen.Troubled.ShouldBeFalse();
            foreach (var other in allowed.Where(o => (o.Troubled, o.Full, Spent(o)) == (chosen.Troubled, chosen.Full, Spent(chosen)))) other.Room.ShouldBeLessThanOrEqualTo(chosen.Room);
        }
    }

    /// <summary>Order after order, until nothing takes one more: every place is used, none twice, and equal projects fill alike.</summary>
    [Fact]
    public void Orders_fill_every_project_to_its_limit_and_not_beyond()
    {
        var random = new Random(8);
        for (var round = 0; round < 50; round++)
        {
            var all = Enumerable.Range(0, 1 + random.Next(4)).Select(i => One($"p{i}", most: random.Next(1, 25))).ToArray();
            var placed = 0;
            while (ProjectChoice.Best(all, Nothing) is { } best)
            {
                var at = Array.FindIndex(all, p => p.Project.Name == best);
                all[at] = all[at] with { Servers = all[at].Servers + 1 };
                placed++;
                var open = all.Where(p => p.Room > 0 && p.Servers > 0).Select(p => p.Room).ToList();
                if (open.Count > 0) (open.Max() - open.Min()).ShouldBeLessThanOrEqualTo(1, "those that have taken any are equally full");
            }
            placed.ShouldBe(all.Sum(p => p.Project.MostServers!.Value));
        }
    }

    private static bool Spent(ProjectStanding p) => p.CallsLeft < (p.Waiting + 1) * ProjectChoice.CallsOfAnOrder;

    private static ProjectStanding Any(Random random, string name) =>
        One(name, random.Next(3) == 0 ? null : random.Next(8), random.Next(6), random.Next(3), random.Next(4) == 0) with
        {
            CallsLeft = random.Next(10),
            Full = random.Next(4) == 0,
            Troubled = random.Next(4) == 0,
        };

    private static ProjectStanding One(string name, int? most = null, int servers = 0, int waiting = 0, bool closed = false) =>
        new(new CloudProject(ProjectName.Parse(name), most, closed, name), servers, waiting);

    private static string? Best(params ProjectStanding[] all) => ProjectChoice.Best(all, Nothing)?.Value;
}
