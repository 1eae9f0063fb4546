using System.Globalization;
using System.Text.RegularExpressions;

namespace Wopr.Modules;

/// <summary>One application as Podman units with a manifest: what installer-modules/&lt;id&gt;/ holds, checked.</summary>
/// <param name="Image">Registry, repository and a released tag; never a tag that moves.</param>
/// <param name="Requires">Modules that must be healthy before this one starts.</param>
/// <param name="MemoryMb">What it needs in normal use, in MB; a server is chosen by the sum.</param>
/// <param name="Port">What the application listens on inside the container network.</param>
/// <param name="Subdomain">Its label before the beacon's name; <see cref="Apex"/> for the beacon's own address; null when nobody outside can reach it.</param>
/// <param name="Secrets">Names; the values are made on the beacon and never leave it.</param>
/// <param name="Database">The database and role of its own, or null.</param>
/// <param name="DatabaseEngine">The module that holds the database: <c>postgresql</c> or <c>mariadb</c>.</param>
/// <param name="Ports">What its containers publish on the beacon beside Caddy: <c>10000/udp</c>. Only what cannot pass through an HTTP proxy.</param>
/// <param name="SignIn">Null exactly when there is no subdomain.</param>
/// <param name="Environment">In the manifest's order; values may hold ${words} that the runner replaces on the beacon.</param>
/// <param name="Units">systemd units without suffix, in the order in which they start.</param>
/// <param name="Images">Every image that its units name.</param>
/// <param name="Withheld">Why it cannot be delivered yet, as customers read it; null when it can. It is checked and rendered like every other, and no bundle that holds it is sold.</param>
public sealed record Module(
    ModuleId Id,
    string Name,
    string Summary,
    string Category,
    string Image,
    IReadOnlyList<ModuleId> Requires,
    int MemoryMb,
    int Port,
    string? Subdomain,
    ModuleHealth Health,
    IReadOnlyList<string> Secrets,
    string? Database,
    string DatabaseEngine,
    IReadOnlyList<PublishedPort> Ports,
    ModuleSignIn? SignIn,
    IReadOnlyList<KeyValuePair<string, string>> Environment,
    IReadOnlyList<string> Units,
    IReadOnlyList<string> Images,
    string? Withheld = null)
{
    /// <summary>The subdomain of the module that answers at the beacon's own address.</summary>
    public const string Apex = "@";

    /// <summary>Core modules carry the others and come first.</summary>
    public bool IsCore => Category == "core";

    /// <summary>The host name it answers at on the given beacon, or null.</summary>
    public string? HostOn(string beacon) => Subdomain switch
    {
        null => null,
        Apex => beacon,
        var label => $"{label}.{beacon}",
    };
}

/// <summary>How the runner finds out that a module works: by asking a path over HTTP, or by a command in its container.</summary>
/// <param name="Path">Asked at the module's port; null when <paramref name="Command"/> is used.</param>
/// <param name="Status">The answers that mean healthy.</param>
/// <param name="WithinSeconds">From its start until it counts as failed.</param>
public sealed record ModuleHealth(string? Path, IReadOnlyList<int> Status, IReadOnlyList<string> Command, int WithinSeconds);

/// <summary>A port that is open to the world without Caddy before it.</summary>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
public sealed partial record PublishedPort(int Number, string Protocol)
{
    /// <summary>Reads <c>10000/udp</c>; null when the text is no port.</summary>
    public static PublishedPort? Parse(string text)
    {
        var match = Shape().Match(text);
        if (!match.Success) return null;
        var number = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return number is >= 1 and <= 65535 ? new PublishedPort(number, match.Groups[2].Value) : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Protocol}");

    [GeneratedRegex(@"\A([1-9][0-9]{0,4})/(tcp|udp)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}

/// <param name="Reason">For none: why nobody has to sign in with the beacon's account, in one sentence.</param>
/// <param name="RedirectPaths">For OIDC: where the application takes people back after the sign-in.</param>
public sealed record ModuleSignIn(SignInMode Mode, IReadOnlyList<string> RedirectPaths, string? Reason);

public enum SignInMode
{
    /// <summary>The application is public, or guards itself; its manifest says why.</summary>
    None,
    /// <summary>The application speaks OpenID Connect with the beacon's Authentik.</summary>
    Oidc,
    /// <summary>Caddy asks Authentik before it lets anyone through.</summary>
    ForwardAuth,
    /// <summary>As forward_auth, and the application takes the person's name from a header.</summary>
    Header,
}

/// <summary>A module's name: a DNS label in lower case, which is also its folder and part of its container's name.</summary>
public readonly partial record struct ModuleId
{
    private ModuleId(string value) => Value = value;

    public string Value { get; }

    public static bool TryParse(string? text, out ModuleId id)
    {
        var ok = text is not null && Shape().IsMatch(text);
        id = ok ? new ModuleId(text!) : default;
        return ok;
    }

    public override string ToString() => Value;

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
