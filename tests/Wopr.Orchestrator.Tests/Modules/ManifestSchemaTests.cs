using System.Text.Json;
using System.Text.RegularExpressions;
using Wopr.Modules;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>The published schema and the code that reads manifests say the same.</summary>
public sealed class ManifestSchemaTests
{
    private static readonly string Schema = Path.Combine(TestModules.RealFolder, "module.schema.json");

    [Fact]
    public void Schema_and_code_know_the_same_keys()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Schema));
        var root = schema.RootElement.GetProperty("properties");
        Keys(root).ShouldBe(Names(typeof(ManifestDocument)));
        Keys(root.GetProperty("health").GetProperty("properties")).ShouldBe(Names(typeof(ManifestDocument.HealthDocument)));
        Keys(root.GetProperty("sign_in").GetProperty("properties")).ShouldBe(Names(typeof(ManifestDocument.SignInDocument)));
    }

    /// <summary>Python's validator and YAML reader come with cloud-init.</summary>
    [ToolFact("cloud-init", "/usr/bin/python3")]
    public void Every_manifest_keeps_to_the_schema()
    {
        const string script = """
            import glob, json, os, sys
            import jsonschema, yaml
            folder = sys.argv[1]
            schema = json.load(open(os.path.join(folder, 'module.schema.json')))
            paths = sorted(glob.glob(os.path.join(folder, '*', 'module.yaml')))
            wrong = [f'{path}: {error.message}' for path in paths
                     for error in jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(open(path)))]
            print('\n'.join(wrong) if wrong else f'{len(paths)} manifests')
            sys.exit(1 if wrong else 0)
            """;
        var run = ToolRun.Of("/usr/bin/python3", ["-c", script, TestModules.RealFolder]);
        run.ShouldSucceed();
        run.Output.ShouldContain($"{TestModules.RealCatalogue().Modules.Count} manifests");
    }

    private static IEnumerable<string> Keys(JsonElement properties) => properties.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Names(Type document) =>
        document.GetProperties().Select(p => Regex.Replace(p.Name, "(?<=[a-z])(?=[A-Z])", "_").ToLowerInvariant()).Order(StringComparer.Ordinal);
}
