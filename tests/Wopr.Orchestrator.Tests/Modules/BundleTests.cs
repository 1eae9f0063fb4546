using System.Text.Json;
using Wopr.Checkout;
using Wopr.Modules;
using Wopr.Provisioning;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>What is sold, put together as a beacon would be.</summary>
public sealed class BundleTests
{
    /// <summary>Not there yet, and README.md says why.</summary>
    private static readonly string[] Awaited = ["defcon-one", "mailcow", "reactor", "standardnotes", "support-client"];

    private static readonly Catalogue Shop = Catalogue.Load();
    private static readonly ModuleCatalogue Modules = TestModules.RealCatalogue();

    public static TheoryData<string> Bundles => [.. Shop.Bundles.Select(b => b.Id)];

    [Fact]
    public void No_module_is_missing_but_those_that_are_awaited()
    {
        Shop.Bundles.SelectMany(b => b.Modules).Where(id => !Modules.Contains(id)).Distinct().Order(StringComparer.Ordinal).ShouldBe(Awaited);
        Shop.Bundles.Count.ShouldBe(26);
        Shop.Bundles.Count(b => b.Modules.All(Modules.Contains)).ShouldBe(19);
    }

    [Theory]
    [MemberData(nameof(Bundles))]
    public void Its_plan_begins_with_the_core_and_nothing_clashes(string bundle)
    {
        var plan = Plan(bundle);
        plan.Take(4).Select(m => m.Id.Value).ShouldBe(ModuleCatalogue.CoreOrder);
        for (var i = 0; i < plan.Count; i++) plan.Take(i).Select(m => m.Id).ShouldBeSubsetOf(plan.Select(m => m.Id));
        foreach (var module in plan)
            module.Requires.ShouldAllBe(r => plan.TakeWhile(m => m.Id != module.Id).Any(m => m.Id == r), module.Id.Value);

        var hosts = plan.Select(m => m.HostOn(LaidOutBeacon.Host)).OfType<string>().ToList();
        hosts.ShouldBe(hosts.Distinct());
        string[] caddys = ["80/tcp", "443/tcp", "443/udp"];
        var ports = plan.SelectMany(m => m.Ports).Select(p => p.ToString()).Concat(caddys).ToList();
        ports.ShouldBe(ports.Distinct());
        var units = plan.SelectMany(m => m.Units).ToList();
        units.ShouldBe(units.Distinct());
    }

    [Fact]
    public void The_firewall_lets_the_web_through_and_nothing_else_whatever_modules_publish()
    {
        FirewallRules.For([]).Select(r => $"{r.Port}/{r.Protocol}").Order(StringComparer.Ordinal)
            .ShouldBe(["443/tcp", "443/udp", "80/tcp"]);
    }

    /// <summary>The types with shared cores that the provider sells, as the emulator's copy of its catalogue has them.</summary>
    [Theory]
    [MemberData(nameof(Bundles))]
    public void A_server_that_is_sold_has_the_memory_it_needs(string bundle)
    {
        if (Shop.FindBundle(bundle)!.Modules.Any(id => !Modules.Contains(id))) return;
        using var catalogue = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("orchestrator", "Wopr.Sandbox", "Hetzner", "catalogue.json")));
        var largest = catalogue.RootElement.GetProperty("server_types").EnumerateArray()
            .Where(t => t.GetProperty("architecture").GetString() == "x86" && t.GetProperty("cpu_type").GetString() == "shared")
            .Max(t => t.GetProperty("memory").GetDecimal());
        foreach (var tier in Shop.StorageTiers)
            Placement.NeededGb(Plan(bundle), tier).ShouldBeInRange(tier.MemoryGb, largest);
    }

    [ToolTheory("bash", "caddy")]
    [MemberData(nameof(Bundles))]
    public void The_real_caddy_accepts_its_caddyfile(string bundle)
    {
        using var beacon = new LaidOutBeacon(bundle, LaidOutBeacon.Bundles[bundle]);
        // Caddy opens its logs while it validates.
        var caddyfile = beacon.PathOf("etc/wopr/Caddyfile");
        File.WriteAllText(caddyfile, File.ReadAllText(caddyfile).Replace("/var/log/caddy/", beacon.PathOf("log/"), StringComparison.Ordinal));
        ToolRun.Of("caddy", ["validate", "--adapter", "caddyfile", "--config", caddyfile]).ShouldSucceed();
    }

    private static IReadOnlyList<Module> Plan(string bundle) => Modules.Plan(LaidOutBeacon.Bundles[bundle]).Modules!;
}
