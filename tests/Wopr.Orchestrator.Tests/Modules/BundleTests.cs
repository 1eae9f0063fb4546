using System.Text.Json;
using Wopr.Checkout;
using Wopr.Modules;
using Wopr.Provisioning;
using Wopr.Support;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>What is sold, put together as a beacon would be.</summary>
public sealed class BundleTests
{
    /// <summary>They cannot be delivered yet; README.md says why as well.</summary>
    private static readonly string[] Withheld = ["defcon-one", "mailcow", "reactor", "standardnotes", "support-client"];

    private static readonly Catalogue Shop = Catalogue.Load();
    private static readonly ModuleCatalogue Modules = TestModules.RealCatalogue();

    public static TheoryData<string> Bundles => [.. Shop.Bundles.Select(b => b.Id)];

    [Fact]
    public void Every_module_of_every_bundle_is_there_and_what_is_withheld_is_not_sold()
    {
        Shop.Bundles.Count.ShouldBe(26);
        Shop.Bundles.SelectMany(b => b.Modules).ShouldAllBe(id => Modules.Contains(id));
        Modules.Modules.Where(m => m.Withheld is not null).Select(m => m.Id.Value).ShouldBe(Withheld);
        Shop.Bundles.Count(b => Modules.CanDeliver(b.Modules)).ShouldBe(19);
        Shop.Bundles.ShouldAllBe(b => Modules.CanDeliver(b.Modules) != b.Modules.Any(Withheld.Contains));
    }

    [Fact]
    public void Whoever_orders_what_is_withheld_is_told_why()
    {
        var (order, problems) = new OrderParser(Shop, Modules).Parse(new OrderForm { Bundle = "therapist", Tier = 1, BeaconName = "alice", Email = "alice@example.org" }, ["fsn1"]);
        order.ShouldBeNull();
        problems.ShouldHaveSingleItem().ShouldBe(new OrderProblem(
            "bundle", ErrorCodes.BundleNotReady, "Therapist/Coach is not ready to be sold yet. Standard Notes: Its makers publish no released versions of its server."));
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

    /// <summary>What the provider sells, as the emulator's copy of its catalogue has it. Enterprise needs cores of its own.</summary>
    [Theory]
    [MemberData(nameof(Bundles))]
    public void A_server_that_is_sold_has_the_memory_it_needs(string bundle)
    {
        using var catalogue = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("orchestrator", "Wopr.Sandbox", "Hetzner", "catalogue.json")));
        var largest = catalogue.RootElement.GetProperty("server_types").EnumerateArray()
            .Where(t => t.GetProperty("architecture").GetString() == "x86" && (t.GetProperty("cpu_type").GetString() == "shared" || bundle == "enterprise") && t.GetProperty("memory").GetDecimal() <= 64)
            .Max(t => t.GetProperty("memory").GetDecimal());
        foreach (var tier in Shop.StorageTiers)
            Placement.NeededGb(Plan(bundle), tier).ShouldBeInRange(tier.MemoryGb, largest);
    }

    [ToolTheory("bash", "caddy")]
    [MemberData(nameof(Bundles))]
    public void The_real_caddy_accepts_its_caddyfile(string bundle)
    {
        var folder = Directory.CreateTempSubdirectory("wopr-caddy-").FullName;
        try
        {
            // Caddy opens its logs while it validates.
            var caddyfile = Path.Combine(folder, "Caddyfile");
            File.WriteAllText(caddyfile, LaidOutBeacon.Of(bundle).Read("etc/wopr/Caddyfile").Replace("/var/log/caddy/", $"{folder}/", StringComparison.Ordinal));
            ToolRun.Of("caddy", ["validate", "--adapter", "caddyfile", "--config", caddyfile]).ShouldSucceed();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IReadOnlyList<Module> Plan(string bundle) => Modules.Plan(Shop.FindBundle(bundle)!.Modules).Modules!;
}
