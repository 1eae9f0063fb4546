using System.Globalization;
using Wopr.Sandbox.Misbehaviour;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner;

/// <summary>What can be ordered right now: the catalogue, less what scripted misbehaviour has taken off the shelf.</summary>
internal sealed class Stock(Catalogue catalogue, Rulebook rules)
{
    private const string Provider = "hetzner";

    /// <summary>Types still on the list, the deprecated ones among them.</summary>
    public IEnumerable<ServerType> ServerTypes => catalogue.ServerTypes.Where(type => !IsVanished(type));

    /// <summary>The type's wire form; stock shows as available even when an order would be refused, as in life.</summary>
    public object View(ServerType type) =>
        type.View(catalogue, DeprecationOf(type) is null ? null : new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>The type to order, or why it cannot be had at all.</summary>
    public (ServerType? Type, Answer? Refusal) Find(string idOrName)
    {
        var type = catalogue.ServerType(idOrName);
        if ((type is not null && (IsVanished(type) || DeprecationOf(type) is not null)) || catalogue.VanishedType(idOrName) is not null)
        {
            var id = type?.Id ?? catalogue.VanishedType(idOrName);
            return (null, Refusals.Invalid(string.Create(CultureInfo.InvariantCulture, $"server type {id} is deprecated")));
        }

        return type is null ? (null, Refusals.InvalidField("server_type", $"server type '{idOrName}' not found")) : (type, null);
    }

    /// <summary>Null when one more of this type fits into the location.</summary>
    public Answer? Place(ServerType type, Location location) =>
        !type.SoldIn(location.Name) ? Refusals.Invalid("unsupported location for server type")
        : rules.Strike(Kind.LocationDisabled, Provider, fits: rule => Fits(rule, type, location)) is not null ? Refusals.LocationDisabled()
        : rules.Strike(Kind.OutOfStock, Provider, fits: rule => Fits(rule, type, location)) is not null ? Refusals.OutOfStock()
        : null;

    /// <summary>Null while the account may have one more. Counted only when there is a limit: a project may be large.</summary>
    public Answer? Limit(string name, Func<int> present) =>
        rules.Standing(Kind.Limit, Provider).Any(rule => (rule.Name ?? "server_limit") == name && present() >= rule.Limit)
            ? Refusals.LimitExceeded(name)
            : null;

    private bool IsVanished(ServerType type) => rules.Standing(Kind.TypeVanished, Provider).Any(rule => rule.ServerType == type.Name);

    private Rule? DeprecationOf(ServerType type) => rules.Standing(Kind.TypeDeprecated, Provider).FirstOrDefault(rule => rule.ServerType == type.Name);

    private static bool Fits(Rule rule, ServerType type, Location location) =>
        (rule.ServerType is null || rule.ServerType == type.Name) && (rule.Location is null || rule.Location == location.Name);
}
