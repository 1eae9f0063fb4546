using System.Globalization;
using Wopr.Provisioning.Ports;

namespace Wopr.Platform;

/// <summary>The part about the projects at Hetzner.</summary>
public sealed partial class SettingsReader
{
    private const int MostServers = 100_000;

    /// <summary>
    /// <c>PREFIX_TOKEN</c> is the token of the project "main"; <c>PREFIX_PROJECTS</c> names others, each with its
    /// <c>PREFIX_TOKEN_NAME</c>; <c>PREFIX_MOST_SERVERS</c> and <c>PREFIX_CLOSED</c> are about any of them.
    /// </summary>
    /// <param name="otherwise">The token of a project that has none of its own; without it a token must be set.</param>
    private List<HetznerProject> Projects(string prefix, Func<ProjectName, string>? otherwise = null)
    {
        var names = Names($"{prefix}_PROJECTS");
        if (names.Count != names.Distinct().Count()) problems.Add($"{prefix}_PROJECTS names a project twice");
        if (names.Contains(ProjectName.Main)) problems.Add($"{prefix}_PROJECTS names 'main', which is the project of {prefix}_TOKEN");
        names.Remove(ProjectName.Main);

        var projects = new List<HetznerProject>();
        // Without any other project, that its token is missing is said elsewhere.
        if ((Text($"{prefix}_TOKEN") ?? otherwise?.Invoke(ProjectName.Main)) is { } main) projects.Add(new(ProjectName.Main, main));
        foreach (var name in names.Distinct())
        {
            var variable = $"{prefix}_TOKEN_{name.Value.ToUpperInvariant().Replace('-', '_')}";
            if ((Text(variable) ?? otherwise?.Invoke(name)) is { } token) projects.Add(new(name, token));
            else problems.Add($"{variable} is missing: {prefix}_PROJECTS names the project '{name}'");
        }
        if (projects.Count == 0 && Text($"{prefix}_PROJECTS") is not null) problems.Add($"{prefix}_PROJECTS names no project with a token, and {prefix}_TOKEN is missing");
        foreach (var same in projects.GroupBy(p => p.Token, StringComparer.Ordinal).Where(g => g.Count() > 1))
            problems.Add($"the projects {string.Join(" and ", same.Select(p => p.Name))} have the same token: each project needs one of its own");

        var limits = Limits($"{prefix}_MOST_SERVERS", projects);
        var closed = Names($"{prefix}_CLOSED");
        foreach (var name in closed.Where(c => projects.TrueForAll(p => p.Name != c))) problems.Add($"{prefix}_CLOSED: there is no project '{name}'");
        return [.. projects.Select(p => p with { MostServers = limits.TryGetValue(p.Name, out var most) ? most : null, Closed = closed.Contains(p.Name) })];
    }

    private Dictionary<ProjectName, int> Limits(string variable, List<HetznerProject> projects)
    {
        var limits = new Dictionary<ProjectName, int>();
        foreach (var entry in List(variable))
        {
            if (entry.Split('=', 2, StringSplitOptions.TrimEntries) is not [var text, var number] || !ProjectName.TryParse(text, out var name)
                || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var most) || most > MostServers)
                problems.Add($"{variable}: '{entry}' is not PROJECT=NUMBER, such as main=100");
            else if (projects.TrueForAll(p => p.Name != name)) problems.Add($"{variable}: there is no project '{name}'");
            else if (!limits.TryAdd(name, most)) problems.Add($"{variable} names '{name}' twice");
        }
        return limits;
    }

    private List<ProjectName> Names(string variable)
    {
        var names = new List<ProjectName>();
        foreach (var text in List(variable))
        {
            if (ProjectName.TryParse(text, out var name)) names.Add(name);
            else problems.Add($"{variable}: '{text}' is not the name of a project: lower-case letters, digits and hyphens, a letter first");
        }
        return names;
    }

    /// <summary>The token that the sandbox takes where none is set.</summary>
    private static string SandboxToken(ProjectName name) => name == ProjectName.Main ? "sandbox-hetzner" : $"sandbox-hetzner-{name}";
}
