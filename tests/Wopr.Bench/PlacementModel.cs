using System.Globalization;
using Wopr.Provisioning.Ports;
using Wopr.Provisioning.Projects;

namespace Wopr.Bench;

/// <summary>
/// How many orders some projects take in an hour when there are always more: each order costs
/// <see cref="ProjectChoice.CallsOfAnOrder"/> calls, goes where placement sends it, and waits when no project has calls left.
/// </summary>
internal static class PlacementModel
{
    private const int Hour = 3600;
    private static readonly HashSet<ProjectName> Nothing = [];

    public static int Run()
    {
        Console.WriteLine($"orders an hour at {ProjectChoice.CallsOfAnOrder} calls each, {ProjectStanding.AllCalls} calls an hour and project");
        foreach (var count in new[] { 1, 3, 10 })
        {
            var projects = Enumerable.Range(0, count).Select(i => new ProjectStanding(new CloudProject(ProjectName.Parse($"p{i}"), MostServers: null, Closed: false, $"p{i}"))).ToArray();
            var (first, next) = (HourOf(projects), HourOf(projects));
            var loads = projects.Select(p => p.Servers).ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,3} projects: {first,6} in the first hour, from full budgets; {next,6} in each further; fullest and emptiest project: {loads.Max()} and {loads.Min()} servers"));
        }
        return 0;
    }

    /// <summary>Second by second; what comes back in it is spent in it.</summary>
    private static int HourOf(ProjectStanding[] projects)
    {
        var placed = 0;
        for (var second = 0; second < Hour; second++)
        {
            for (var i = 0; i < projects.Length; i++) projects[i] = projects[i] with { CallsLeft = Math.Min(ProjectStanding.AllCalls, projects[i].CallsLeft + (ProjectStanding.AllCalls / Hour)) };
            while (Next(projects) is { } at)
            {
                projects[at] = projects[at] with { Servers = projects[at].Servers + 1, CallsLeft = projects[at].CallsLeft - ProjectChoice.CallsOfAnOrder };
                placed++;
            }
        }
        return placed;
    }

    private static int? Next(ProjectStanding[] projects)
    {
        var at = Array.FindIndex(projects, p => p.Project.Name == ProjectChoice.Best(projects, Nothing));
        return projects[at].CallsLeft >= ProjectChoice.CallsOfAnOrder ? at : null;
    }
}
