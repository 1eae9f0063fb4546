using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Wopr.Provisioning.Ports;

/// <summary>
/// What an operator calls one project at the cloud provider: it has a token, a call budget and limits of its own, and its
/// token sees nothing of the others.
/// </summary>
public sealed partial record ProjectName
{
    /// <summary>The project of the one token that is set where there is only one.</summary>
    public static readonly ProjectName Main = new("main");

    private ProjectName(string value) => Value = value;

    /// <summary>1 to 30 lower-case letters, digits and hyphens, a letter first and no hyphen last.</summary>
    public string Value { get; }

    /// <summary>How the provider of this project is named in logs, measurements, failures and incidents: <c>hetzner</c> for <see cref="Main"/>, otherwise <c>hetzner:NAME</c>.</summary>
    public string Provider => this == Main ? "hetzner" : $"hetzner:{Value}";

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ProjectName? name)
    {
        name = text is not null && Shape().IsMatch(text) ? new ProjectName(text) : null;
        return name is not null;
    }

    /// <summary>For what was checked when it was written down.</summary>
    /// <exception cref="FormatException" />
    public static ProjectName Parse(string text) => TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is not the name of a project");

    public override string ToString() => Value;

    [GeneratedRegex("^[a-z]([a-z0-9-]{0,28}[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
