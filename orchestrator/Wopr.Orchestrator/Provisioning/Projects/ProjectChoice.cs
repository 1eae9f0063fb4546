using Wopr.Provisioning.Ports;

namespace Wopr.Provisioning.Projects;

/// <summary>What is known of one project at the moment of a choice.</summary>
/// <param name="Servers">Of ours that are there, or were asked for.</param>
/// <param name="Waiting">Orders that are placed there and have not asked for their server yet.</param>
/// <param name="CallsLeft">Calls that the token has now; 0 while it is blocked.</param>
/// <param name="Full">It lately answered that its limit is reached.</param>
/// <param name="Troubled">An incident about it is open: it is away, or its token is refused.</param>
public sealed record ProjectStanding(CloudProject Project, int Servers = 0, int Waiting = 0, double CallsLeft = ProjectStanding.AllCalls, bool Full = false, bool Troubled = false)
{
    /// <summary>The provider's hourly limit for one project, for a token that has not been used yet.</summary>
    public const double AllCalls = 3600;

    /// <summary>Servers there at the end of what is under way.</summary>
    public int Load => Servers + Waiting;

    /// <summary>How many more servers it takes; as good as endless where no limit is configured.</summary>
    public int Room => Project.MostServers is { } most ? most - Load : int.MaxValue;
}

/// <summary>
/// Which project an order goes to. Never a closed one, and never one at its configured limit. Of the others: one that is well
/// before one in trouble, one that is not known to be full before one that is, one with calls for one more order before one
/// without, then the one with the most room, then the one with the fewest servers, then by name.
/// </summary>
public static class ProjectChoice
{
    /// <summary>Calls that one order needs at most (<c>CallFiguresTests</c>; usually 1.1 to 1.5).</summary>
    public const int CallsOfAnOrder = 2;

    /// <summary>The best, or null when none takes the order.</summary>
    /// <param name="without">Those that refused this order a moment ago.</param>
    public static ProjectName? Best(IEnumerable<ProjectStanding> all, IReadOnlySet<ProjectName> without) => all
        .Where(p => !p.Project.Closed && p.Room > 0 && !without.Contains(p.Project.Name))
        .OrderBy(p => p.Troubled)
        .ThenBy(p => p.Full)
        .ThenBy(p => p.CallsLeft < (p.Waiting + 1) * CallsOfAnOrder)
        .ThenByDescending(p => p.Room)
        .ThenBy(p => p.Load)
        .ThenBy(p => p.Project.Name.Value, StringComparer.Ordinal)
        .FirstOrDefault()?.Project.Name;
}
