using System.Security.Claims;

namespace Wopr.Audit;

/// <summary>Who did something: an operator by the name of their key, a support key, or WOPR itself.</summary>
/// <param name="Kind">One of <see cref="ActorKind"/>.</param>
public sealed record Actor(string Kind, string Name)
{
    public static readonly Actor System = new(ActorKind.System, "wopr");

    public static Actor Operator(string keyName) => new(ActorKind.Operator, keyName);

    /// <summary>The actor that a signed-in request speaks for: its role is its kind, its name the key's.</summary>
    public static Actor Of(ClaimsPrincipal user) => new(
        user.FindFirstValue(ClaimTypes.Role) ?? ActorKind.System,
        user.Identity?.Name ?? throw new InvalidOperationException("nobody is signed in"));

    public override string ToString() => $"{Kind} {Name}";
}

public static class ActorKind
{
    public const string Operator = "operator";
    public const string Support = "support";
    public const string System = "system";
}
