using System.Globalization;
using System.Text;

namespace Wopr.Modules;

/// <summary>
/// A manifest in the words of the runner, so that a beacon needs nothing but bash to read it: manifest.env is sourced,
/// environment.env holds the lines of the containers' environment.
/// </summary>
internal static class CompiledManifest
{
    public static string Manifest(Module module)
    {
        var text = new StringBuilder();
        void One(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name}={Quote(value)}\n");
        void Many(string name, IEnumerable<string> values) => text.Append(CultureInfo.InvariantCulture, $"{name}=({string.Join(' ', values.Select(Quote))})\n");

        text.Append("# Made from module.yaml.\n");
        One("module_name", module.Name);
        One("module_summary", module.Summary);
        One("module_core", module.IsCore ? "1" : "0");
        One("module_memory_mb", module.MemoryMb.ToString(CultureInfo.InvariantCulture));
        One("module_port", module.Port.ToString(CultureInfo.InvariantCulture));
        One("module_subdomain", module.Subdomain ?? "");
        One("module_database", module.Database ?? "");
        One("module_database_engine", module.DatabaseEngine);
        One("module_sign_in", module.SignIn?.Mode switch { SignInMode.Oidc => "oidc", SignInMode.ForwardAuth => "forward_auth", SignInMode.Header => "header", _ => "none" });
        One("module_health_path", module.Health.Path ?? "");
        One("module_health_within", module.Health.WithinSeconds.ToString(CultureInfo.InvariantCulture));
        Many("module_health_status", module.Health.Status.Select(status => status.ToString(CultureInfo.InvariantCulture)));
        Many("module_health_command", module.Health.Command);
        Many("module_requires", module.Requires.Select(id => id.Value));
        Many("module_units", module.Units);
        Many("module_images", module.Images);
        Many("module_secrets", module.Secrets);
        Many("module_redirect_paths", module.SignIn?.RedirectPaths ?? []);
        return text.ToString();
    }

    public static string Environment(Module module) =>
        string.Concat(module.Environment.Select(entry => $"{entry.Key}={entry.Value}\n"));

    private static string Quote(string value) => $"'{value.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
