using System.Text.RegularExpressions;
using Wopr.Modules;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>The promises that every module keeps, whatever it is. A new folder is a new case.</summary>
public sealed partial class EveryModuleTests
{
    private static readonly ModuleCatalogue Catalogue = TestModules.RealCatalogue();

    public static TheoryData<string> Ids => [.. Catalogue.Modules.Select(m => m.Id.Value)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Its_containers_stay_within_bounds(string id)
    {
        var limits = 0;
        foreach (var (file, text) in Units(id))
        {
            text.ShouldContain("\nRestart=always\n", customMessage: file);
            text.ShouldContain("\nLogDriver=journald\n", customMessage: file);
            text.ShouldContain("\nWantedBy=multi-user.target\n", customMessage: file);
            text.ShouldNotContain("--privileged", customMessage: file);
            text.ShouldNotContain("AutoUpdate", customMessage: file);
            var limit = Memory().Match(text);
            limit.Success.ShouldBeTrue($"{file} has no limit for its memory");
            limits += int.Parse(limit.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        }

        limits.ShouldBeGreaterThanOrEqualTo(Find(id).MemoryMb, "its containers may use less than the manifest says it needs");
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_of_its_secrets_is_used(string id)
    {
        var texts = string.Concat(Directory.EnumerateFiles(Path.Combine(TestModules.RealFolder, id), "*", SearchOption.AllDirectories).Select(File.ReadAllText))
            + string.Concat(Units(id).Select(u => u.Text));
        foreach (var secret in Find(id).Secrets)
            Regex.Count(texts, $@"\b{secret}\b").ShouldBeGreaterThan(1, secret);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Its_ports_are_published_by_one_of_its_containers(string id)
    {
        var published = Units(id).SelectMany(u => Published().Matches(u.Text)).Select(m => m.Groups[1].Value);
        if (id != "caddy") published.ShouldBe(Find(id).Ports.Select(p => p.ToString()));
    }

    /// <summary>PODMAN-002: whatever another container asks of it comes over the network, which has names.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void It_is_in_the_one_network_and_nothing_of_it_is_bound_to_loopback(string id)
    {
        foreach (var (file, text) in Units(id))
        {
            text.ShouldContain("\nNetwork=wopr.network\n", customMessage: file);
            LoopbackPort().IsMatch(text).ShouldBeFalse(file);
        }

        File.ReadAllText(Path.Combine(TestModules.RealFolder, "runner", "units", "wopr.network")).ShouldNotContain("DisableDNS");
    }

    /// <summary>PODMAN-003: nothing looks for a database or a cache on its own loopback.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void It_reaches_databases_by_the_names_of_their_containers(string id)
    {
        var containers = Catalogue.Modules.SelectMany(m => m.Units).ToHashSet(StringComparer.Ordinal);
        var manifest = File.ReadAllText(Path.Combine(TestModules.RealFolder, id, "module.yaml"));
        foreach (Match setting in DatabaseHost().Matches(manifest)) containers.ShouldContain(setting.Groups[1].Value, setting.Value);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Its_route_leads_to_its_own_containers(string id)
    {
        var route = Route(id);
        var containers = Find(id).Units;
        foreach (Match upstream in Upstream().Matches(route)) containers.ShouldContain(upstream.Groups[1].Value);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Nobody_gets_in_without_a_sign_in_unless_its_manifest_says_so(string id)
    {
        var route = Route(id);
        if (Find(id).SignIn?.Mode is SignInMode.ForwardAuth or SignInMode.Header)
        {
            // Public paths first; the catch-all comes last, and asks.
            var last = route.LastIndexOf("\nhandle {\n", StringComparison.Ordinal);
            last.ShouldBeGreaterThan(0);
            route[last..].ShouldStartWith("\nhandle {\n\timport signed_in\n");
            route.IndexOf("@public", StringComparison.Ordinal).ShouldBeLessThan(last);
        }

        if (!route.Contains("import signed_in", StringComparison.Ordinal)) return;
        var callback = route.IndexOf("handle /outpost.goauthentik.io/* {\n\timport sign_in_callback\n}", StringComparison.Ordinal);
        callback.ShouldBeGreaterThanOrEqualTo(0);
        callback.ShouldBeLessThan(route.IndexOf("import signed_in", StringComparison.Ordinal));
    }

    [Fact]
    public void No_two_modules_bring_a_unit_of_the_same_name()
    {
        Directory.EnumerateFiles(TestModules.RealFolder, "wopr-*", SearchOption.AllDirectories)
            .Where(path => Path.GetExtension(path) is ".container" or ".volume")
            .GroupBy(path => Path.GetFileName(path)).Where(same => same.Count() > 1).ShouldBeEmpty();
    }

    private static Module Find(string id) => Catalogue.TryFind(id, out var module) ? module : throw new InvalidOperationException(id);

    private static IEnumerable<(string File, string Text)> Units(string id) =>
        Directory.EnumerateFiles(Path.Combine(TestModules.RealFolder, id), "*.container").Select(path => (Path.GetFileName(path), File.ReadAllText(path)));

    private static string Route(string id)
    {
        var path = Path.Combine(TestModules.RealFolder, id, "route.caddy");
        return File.Exists(path) ? "\n" + File.ReadAllText(path) : "";
    }

    [GeneratedRegex(@"--memory=(\d+)m")]
    private static partial Regex Memory();

    [GeneratedRegex(@"^PublishPort=\d+:(\d+/\w+)$", RegexOptions.Multiline)]
    private static partial Regex Published();

    [GeneratedRegex(@"^PublishPort=(127\.|\[?::1|localhost)", RegexOptions.Multiline)]
    private static partial Regex LoopbackPort();

    // DB_HOST: name, and scheme://user:password@name:port of a database's URL.
    [GeneratedRegex(@"^ +\w*(?:DB|DATABASE|POSTGRES|POSTGRESQL|REDIS|MYSQL|MARIADB)\w*(?:HOST|HOSTNAME|URL): ['""]?(?:\w+://(?:[^@\s]*@)?)?([a-z0-9.-]+)(?=[:/'""\s]|$)", RegexOptions.Multiline)]
    private static partial Regex DatabaseHost();

    [GeneratedRegex(@"reverse_proxy (?:@\w+ )?(?:\w+://)?([a-z0-9-]+):\d+")]
    private static partial Regex Upstream();
}
