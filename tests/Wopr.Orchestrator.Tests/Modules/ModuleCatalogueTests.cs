using Wopr.Modules;

namespace Wopr.Orchestrator.Tests.Modules;

public sealed class ModuleCatalogueTests
{
    private static readonly string[] Starter = ["nextcloud", "collabora", "outline", "vikunja", "vaultwarden", "uptime-kuma"];

    [Theory]
    [InlineData("nextcloud", 80, "files", SignInMode.Oidc)]
    [InlineData("collabora", 9980, "office", SignInMode.None)]
    [InlineData("outline", 3000, "wiki", SignInMode.Oidc)]
    [InlineData("vikunja", 3456, "tasks", SignInMode.Oidc)]
    [InlineData("vaultwarden", 80, "vault", SignInMode.None)]
    [InlineData("uptime-kuma", 3001, "status", SignInMode.ForwardAuth)]
    [InlineData("authentik", 9000, "auth", SignInMode.None)]
    public void Applications_listen_where_their_makers_say(string id, int port, string subdomain, SignInMode mode)
    {
        TestModules.RealCatalogue().TryFind(id, out var module).ShouldBeTrue();
        module!.Port.ShouldBe(port);
        module.HostOn("alice.example.org").ShouldBe($"{subdomain}.alice.example.org");
        module.SignIn!.Mode.ShouldBe(mode);
    }

    [Fact]
    public void The_core_comes_first_in_its_fixed_order()
    {
        Plan(TestModules.RealCatalogue(), Starter).ShouldBe(["postgresql", "redis", "caddy", "authentik", .. Starter]);
    }

    [Fact]
    public void What_a_module_requires_comes_with_it_and_before_it()
    {
        Plan(TestModules.RealCatalogue(), "collabora").ShouldBe(["postgresql", "redis", "caddy", "authentik", "nextcloud", "collabora"]);
    }

    [Fact]
    public void The_same_wish_gives_the_same_plan_and_nothing_comes_twice()
    {
        var catalogue = TestModules.RealCatalogue();
        Plan(catalogue, "vaultwarden", "collabora", "nextcloud", "redis", "vaultwarden")
            .ShouldBe(["postgresql", "redis", "caddy", "authentik", "vaultwarden", "nextcloud", "collabora"]);
    }

    [Fact]
    public void An_unknown_module_is_an_error()
    {
        var outcome = TestModules.RealCatalogue().Plan(["nextcloud", "nosuch"]);
        outcome.IsSuccess.ShouldBeFalse();
        outcome.Error!.ToString().ShouldBe("MODULE-001 nosuch: there is no such module");
    }

    [Fact]
    public void A_cycle_is_an_error_that_names_its_way()
    {
        using var modules = TestModules.WithCore();
        modules.Add("a", ["b"]);
        modules.Add("b", ["c"]);
        modules.Add("c", ["a"]);
        Errors(modules).ShouldBe(["MODULE-001 a: requires itself: a -> b -> c -> a"]);
    }

    [Fact]
    public void A_missing_dependency_is_an_error()
    {
        using var modules = TestModules.WithCore();
        modules.Add("a", ["nosuch"]);
        Errors(modules).ShouldBe(["MODULE-001 nosuch: 'a' requires it, and there is no such module"]);
    }

    [Fact]
    public void A_missing_core_module_is_an_error()
    {
        using var modules = new TestModules();
        modules.Add("a");
        Errors(modules).ShouldBe(["MODULE-001 postgresql: there is no such module"]);
    }

    [Fact]
    public void Two_modules_cannot_share_a_subdomain()
    {
        using var modules = TestModules.WithCore();
        foreach (var id in new[] { "a", "b" })
        {
            modules.Add(id, more: "subdomain: same\nsign_in:\n  mode: none\n  reason: A test");
            File.WriteAllText(Path.Combine(modules.Folder, id, "route.caddy"), $"reverse_proxy wopr-{id}:80\n");
        }

        Errors(modules).ShouldBe(["MODULE-001 b: the subdomain 'same' is a's"]);
    }

    [Theory]
    [InlineData("colour: blue", "colour")]
    [InlineData("health:\n  colour: blue", "line 11: Duplicate key health")]
    [InlineData("port: 81", "line 11: Duplicate key port")]
    [InlineData("database_engine:", "line 11: '' is not a text")]
    [InlineData("secrets: a", "'a' is not a list")]
    [InlineData("secrets: [[a]]", "is not a text")]
    [InlineData("environment: [A]", "is not a mapping of keys to values")]
    [InlineData("sign_in:\n  colour: blue", "'colour' is not a key that is known here")]
    [InlineData("---\nid: a", "it is more than one document")]
    [InlineData("secrets: [UPPER]", "secrets 'UPPER' is not a name")]
    [InlineData("database: a", "database needs the secret 'a_database'")]
    [InlineData("subdomain: files", "sign_in is said exactly when there is a subdomain")]
    [InlineData("environment:\n  A: ${secret:nobodys}", "${secret:nobodys} means nothing")]
    [InlineData("environment:\n  A: ${nonsense}", "${nonsense} means nothing")]
    [InlineData("environment:\n  A: \"x\\ny\"", "'A' has more than one line")]
    [InlineData("environment:\n  A-B: x", "'A-B' is not a variable's name")]
    [InlineData("withheld: later", "withheld is not a sentence that customers can read")]
    public void A_wrong_manifest_is_refused_with_its_reason(string more, string reason)
    {
        using var modules = TestModules.WithCore();
        modules.Add("a", more: more);
        Errors(modules).ShouldContain(e => e.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("postgres:latest")]
    [InlineData("docker.io/library/postgres:latest")]
    [InlineData("docker.io/library/postgres:16")]
    [InlineData("docker.io/library/postgres")]
    [InlineData("docker.io/library/postgres:stable")]
    public void A_tag_that_moves_is_refused(string image)
    {
        using var modules = TestModules.WithCore();
        modules.Add("a");
        Replace(modules, "a/module.yaml", "docker.io/library/a:1.2.3", image);
        Errors(modules).ShouldContain(e => e.Contains("image must name a registry, a repository and a released tag", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_a_module_that_is_withheld_may_have_an_image_that_does_not_exist()
    {
        using var modules = TestModules.WithCore();
        modules.Add("a", more: "withheld: It is not published yet.");
        foreach (var file in new[] { "a/module.yaml", "a/wopr-a.container" }) Replace(modules, file, "docker.io/library/a:1.2.3", "registry.invalid/a:0.0.0");
        Errors(modules).ShouldBeEmpty();
        Replace(modules, "a/module.yaml", "withheld: It is not published yet.", "");
        Errors(modules).ShouldHaveSingleItem().ShouldContain("image does not exist, and the module is not withheld");
    }

    [Fact]
    public void What_needs_a_withheld_module_is_withheld_with_it()
    {
        using var modules = TestModules.WithCore();
        modules.Add("a", more: "withheld: It is not published yet.");
        modules.Add("b", ["a"]);
        modules.Add("c");
        var catalogue = ModuleCatalogue.Load(modules.Folder).Catalogue!;
        catalogue.Lacking(["c", "b"]).ShouldBe([new Lack("a", "a", "It is not published yet.")]);
        catalogue.Lacking(["nosuch"]).ShouldHaveSingleItem().Id.ShouldBe("nosuch");
        catalogue.CanDeliver(["c"]).ShouldBeTrue();
        Plan(catalogue, "b").ShouldContain("a");
    }

    [Theory]
    [InlineData("ContainerName=wopr-a", "ContainerName=other", "ContainerName is not wopr-a")]
    [InlineData("Network=wopr.network", "Network=host", "Network is not wopr.network")]
    [InlineData("Network=wopr.network", "Network=wopr.network\nPublishPort=8080:80", "publishes 8080:80; only Caddy does")]
    [InlineData(":1.2.3", ":1.2.4", "Image is not the manifest's")]
    [InlineData("Network=wopr.network", "Network=wopr.network\nVolume=lost.volume:/data", "the volume 'lost.volume' has no unit here")]
    public void A_unit_that_breaks_the_rules_is_refused(string from, string to, string reason)
    {
        using var modules = TestModules.WithCore();
        modules.Add("a");
        Replace(modules, "a/wopr-a.container", from, to);
        Errors(modules).ShouldHaveSingleItem().ShouldContain(reason);
    }

    private static void Replace(TestModules modules, string file, string from, string to)
    {
        var path = Path.Combine(modules.Folder, file);
        var text = File.ReadAllText(path);
        text.ShouldContain(from);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Errors(TestModules modules) => ModuleCatalogue.Load(modules.Folder).Errors.Select(e => e.ToString());

    private static IEnumerable<string> Plan(ModuleCatalogue catalogue, params string[] apps)
    {
        var outcome = catalogue.Plan(apps);
        outcome.Error.ShouldBeNull();
        return outcome.Modules!.Select(m => m.Id.Value);
    }
}
