using Wopr.Modules;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>A folder of modules made for one test, and the real one.</summary>
internal sealed class TestModules : IDisposable
{
    public static string RealFolder => Path.Combine(Repository.Root, "installer-modules");

    public string Folder { get; } = Directory.CreateTempSubdirectory("wopr-modules-").FullName;

    public static ModuleCatalogue RealCatalogue()
    {
        var outcome = ModuleCatalogue.Load(RealFolder);
        outcome.Errors.ShouldBeEmpty();
        return outcome.Catalogue!;
    }

    /// <summary>The core that every plan needs, and nothing else.</summary>
    public static TestModules WithCore()
    {
        var modules = new TestModules();
        modules.Add("postgresql", category: "core");
        modules.Add("redis", category: "core");
        modules.Add("caddy", category: "core");
        modules.Add("authentik", ["postgresql", "redis"], category: "core");
        return modules;
    }

    public void Add(string id, string[]? requires = null, string category = "productivity", string more = "")
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, id)).FullName;
        File.WriteAllText(Path.Combine(folder, "module.yaml"), $"""
            id: {id}
            name: {id}
            summary: A module for a test
            category: {category}
            image: docker.io/library/{id}:1.2.3
            requires: [{string.Join(", ", requires ?? [])}]
            memory_mb: 64
            port: 80
            health:
              path: /
            {more}
            """);
        File.WriteAllText(Path.Combine(folder, $"wopr-{id}.container"), $"""
            [Container]
            ContainerName=wopr-{id}
            Image=docker.io/library/{id}:1.2.3
            Network=wopr.network
            EnvironmentFile=/etc/wopr/modules/{id}.env
            """);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
