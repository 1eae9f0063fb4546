namespace Wopr.Operators.SignIn;

/// <summary>Which groups at the identity provider have which role; whoever is in none of them is no operator.</summary>
public sealed class GroupRoles(IReadOnlyDictionary<string, OperatorRole> byGroup)
{
    public static readonly GroupRoles None = new(new Dictionary<string, OperatorRole>());

    public int Count => byGroup.Count;

    /// <summary>The greatest role that one of the groups has, or null.</summary>
    public OperatorRole? Of(IEnumerable<string> groups)
    {
        OperatorRole? greatest = null;
        foreach (var group in groups)
            if (byGroup.TryGetValue(group, out var role) && !(greatest >= role)) greatest = role;
        return greatest;
    }
}
