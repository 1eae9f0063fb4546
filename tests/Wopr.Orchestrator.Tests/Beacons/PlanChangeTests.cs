using Wopr.Beacons;
using Wopr.Checkout;
using Wopr.Modules;
using Wopr.Orchestrator.Tests.Modules;

namespace Wopr.Orchestrator.Tests.Beacons;

/// <summary>The rules for changing what is on a beacon, with the real modules.</summary>
public sealed class PlanChangeTests
{
    private static readonly ModuleCatalogue Modules = TestModules.RealCatalogue();
    private static readonly string[] Starter = [.. Modules.Plan(["nextcloud", "collabora", "outline", "vikunja", "vaultwarden", "uptime-kuma"]).Modules!.Select(m => m.Id.Value)];

    [Fact]
    public void What_is_added_comes_with_what_it_requires_and_after_it()
    {
        var modules = Change(add: ["grafana"]);
        modules[..Starter.Length].ShouldBe(Starter);
        modules[Starter.Length..].ShouldBe(["prometheus", "grafana"]);
    }

    [Fact]
    public void What_is_removed_goes_and_the_rest_keeps_its_order() => Change(remove: ["outline"]).ShouldBe(Starter.Except(["outline"]));

    [Fact]
    public void An_update_changes_no_module() => Change(update: true).ShouldBe(Starter);

    [Theory]
    [InlineData(null, null, "Say what to add")]
    [InlineData("solitaire", null, "no module 'solitaire'")]
    [InlineData(null, "forgejo", "has no module 'forgejo'")]
    [InlineData(null, "caddy", "belongs to the core")]
    [InlineData("outline", "outline", "both added and removed")]
    [InlineData("saleor,immich,peertube,plane,mattermost", null, "GB of memory and the server has 8 GB")]
    public void What_breaks_a_rule_is_refused_with_the_reason(string? add, string? remove, string reason)
    {
        var (modules, why) = Apply(Starter, new PlanForm("because", add?.Split(','), remove?.Split(',')));
        modules.ShouldBeNull();
        why.ShouldNotBeNull().ShouldContain(reason);
    }

    [Fact]
    public void What_another_module_needs_is_refused_until_both_go()
    {
        var beacon = Change(add: ["grafana"]);
        Apply(beacon, new PlanForm("because", Remove: ["prometheus"])).Reason.ShouldBe("'prometheus' is needed by grafana.");
        Apply(beacon, new PlanForm("because", Remove: ["prometheus", "grafana"])).Modules!.Select(m => m.Id.Value).ShouldBe(Starter);
    }

    [Fact]
    public void A_module_that_the_newest_installer_has_not_must_go_too()
    {
        string[] old = [.. Starter, "yesterday"];
        Apply(old, new PlanForm("because", Update: true)).Reason.ShouldNotBeNull().ShouldContain("'yesterday' is not in the newest installer");
        Apply(old, new PlanForm("because", Remove: ["yesterday"])).Modules!.Select(m => m.Id.Value).ShouldBe(Starter);
    }

    private static string[] Change(string[]? add = null, string[]? remove = null, bool update = false)
    {
        var (modules, reason) = Apply(Starter, new PlanForm("because", add, remove, update));
        reason.ShouldBeNull();
        return [.. modules!.Select(m => m.Id.Value)];
    }

    private static (IReadOnlyList<Module>? Modules, string? Reason) Apply(IReadOnlyList<string> present, PlanForm form) =>
        new PlanChange(Modules, Catalogue.Load().FindTier(1)!, MemoryGb: 8).Apply(present, form);
}
