using System.Runtime.CompilerServices;
using Wopr.Support;
using Wopr.Support.Remedies;

namespace Wopr.Orchestrator.Tests.Support;

/// <summary>What TROUBLESHOOTING.md promises of a remedy is never laxer than what the remedy asks for.</summary>
public sealed class RemedyTierTests
{
    // Only their names and tiers are looked at, which need nothing of what they work with.
    private static readonly Dictionary<string, RemedyTier> Built = typeof(IRemedy).Assembly.GetTypes()
        .Where(type => type.IsAssignableTo(typeof(IRemedy)) && type is { IsAbstract: false })
        .Select(type => (IRemedy)RuntimeHelpers.GetUninitializedObject(type))
        .ToDictionary(remedy => remedy.Name, remedy => remedy.Tier, StringComparer.Ordinal);

    /// <summary>What an entry calls automatic, or to be approved, is there to be run; what only a human can do may have any name.</summary>
    [Fact]
    public void Every_remedy_that_may_be_run_is_built() =>
        ErrorCatalogue.Load().Entries
            .Where(entry => entry.Remedy is { Tier: not RemedyTier.Human } remedy && !Built.ContainsKey(remedy.Name))
            .Select(entry => $"{entry.Code} {entry.Remedy!.Name}")
            .ShouldBeEmpty();

    [Fact]
    public void No_entry_lets_a_remedy_run_with_less_than_it_wants()
    {
        Built.Count.ShouldBeGreaterThan(10);
        ErrorCatalogue.Load().Entries
            .Where(entry => entry.Remedy is { } remedy && Built.TryGetValue(remedy.Name, out var least) && remedy.Tier < least)
            .Select(entry => $"{entry.Code} {entry.Remedy!.Name} ({entry.Remedy.Tier}, wants {Built[entry.Remedy.Name]})")
            .ShouldBeEmpty();
    }
}
