namespace Wopr.Platform;

/// <summary>The folders that travel with the service: migrations, templates, installer modules, TROUBLESHOOTING.md.</summary>
public static class House
{
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "house");
    public static string Migrations { get; } = Path.Combine(Root, "migrations");
    public static string Templates { get; } = Path.Combine(Root, "templates");
    public static string InstallerModules { get; } = Path.Combine(Root, "installer-modules");
}
