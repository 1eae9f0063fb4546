using Wopr.Provisioning.Ports;
using Wopr.Support;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Providers;

/// <summary>What every implementation of <see cref="ICloudProvider"/> must do, against a project that is empty at the start of each test.</summary>
public abstract class CloudProviderSuite : IAsyncLifetime
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICBS9fuE8qdfztAgDvynX0Gn8mYNtwl2DpKuUIZKXqXx me";

    protected abstract ICloudProvider Cloud { get; }

    public abstract Task InitializeAsync();

    public abstract Task DisposeAsync();

    /// <summary>The next create is carried out, and its answer is lost.</summary>
    protected abstract Task LoseNextCreateAsync();

    /// <summary>A create in this place is refused for want of stock, although the catalogue says otherwise.</summary>
    protected abstract Task SellOutAsync(string location);

    /// <summary>The next actions end in an error.</summary>
    protected abstract Task FailActionsAsync();

    [Fact]
    public async Task What_is_not_there_is_nothing_and_no_failure()
    {
        (await Cloud.FindServerAsync("nobody.example.com", default)).Value().ShouldBeNull();
        (await Cloud.GetServerAsync(42, default)).Value().ShouldBeNull();
        (await Cloud.DeleteServerAsync(42, default)).Value().ShouldBeNull();
        (await Cloud.DeletePrimaryIpAsync(42, default)).Value().ShouldBeFalse();
        (await Cloud.ListServersAsync(Labels("none"), default)).Value().ShouldBeEmpty();
        (await Cloud.ListServersAsync("job", [], default)).Value().ShouldBeEmpty();
        (await Cloud.FindFirewallAsync("none", default)).Value().ShouldBeNull();
        (await Cloud.FindImageAsync("no-such-image", "x86", default)).Value().ShouldBeNull();
        (await Cloud.ListSshKeysAsync(default)).Value().ShouldBeEmpty();
        (await Cloud.GetActionsAsync([], default)).Value().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_created_server_has_its_addresses_at_once_and_is_found_in_every_way()
    {
        var created = (await Cloud.CreateServerAsync(await OrderAsync("a.example.com", "j1"), default)).Value();
        created.Server.Ipv4.ShouldNotBeNullOrEmpty();
        created.Server.Ipv6.ShouldNotBeNull().ShouldEndWith("::1");
        created.Actions.Select(a => a.Command).ShouldBe(["create_server", "start_server"]);
        (await Cloud.CreateServerAsync(await OrderAsync("b.example.com", "j2"), default)).Value();

        foreach (var found in new[]
        {
            (await Cloud.FindServerAsync("a.example.com", default)).Value()!,
            (await Cloud.GetServerAsync(created.Server.Id, default)).Value()!,
            (await Cloud.ListServersAsync(Labels("j1"), default)).Value().ShouldHaveSingleItem(),
            (await Cloud.ListServersAsync("job", ["j1", "j3"], default)).Value().ShouldHaveSingleItem(),
        })
        {
            (found.Id, found.Name, found.Ipv4).ShouldBe((created.Server.Id, "a.example.com", created.Server.Ipv4));
            found.Labels.ShouldBe(Labels("j1"), ignoreOrder: true);
        }

        (await Cloud.ListServersAsync("job", ["j1", "j2"], default)).Value().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Its_actions_end_and_it_runs()
    {
        var created = (await Cloud.CreateServerAsync(await OrderAsync("a.example.com", "j1"), default)).Value();
        (await EndedAsync(created.Actions)).ShouldAllBe(a => a.Status == ActionStatus.Success);
        (await Cloud.GetServerAsync(created.Server.Id, default)).Value()!.Status.ShouldBe(ServerStatus.Running);
    }

    [Fact]
    public async Task An_action_that_fails_says_why_and_one_that_nobody_knows_has_failed()
    {
        await FailActionsAsync();
        var created = (await Cloud.CreateServerAsync(await OrderAsync("a.example.com", "j1"), default)).Value();
        var ended = await EndedAsync(created.Actions);
        ended.ShouldContain(a => a.Status == ActionStatus.Error && a.ErrorCode != null);
        var unknown = (await Cloud.GetActionsAsync([created.Actions[0].Id, 999_999_999], default)).Value();
        unknown.Single(a => a.Id == 999_999_999).Status.ShouldBe(ActionStatus.Error);
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        (await Cloud.CreateServerAsync(await OrderAsync("a.example.com", "j1"), default)).Value();
        var refused = (await Cloud.CreateServerAsync(await OrderAsync("a.example.com", "j2"), default)).Refusal();
        (refused.Code, refused.Retry).ShouldBe((ErrorCodes.ServerNameTaken, Retry.LookFirst));
        (await Cloud.ListServersAsync(Labels("j2"), default)).Value().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lost_answer_says_look_first_and_the_server_is_found()
    {
        var order = await OrderAsync("a.example.com", "j1");
        await LoseNextCreateAsync();
        (await Cloud.CreateServerAsync(order, default)).Refusal().Retry.ShouldBe(Retry.LookFirst);
        (await Cloud.FindServerAsync("a.example.com", default)).Value()!.Labels["job"].ShouldBe("j1");
    }

    [Fact]
    public async Task What_would_be_refused_or_must_not_be_is_never_created()
    {
        var order = await OrderAsync("a.example.com", "j1");
        (await Cloud.CreateServerAsync(order with { SshKeyIds = [] }, default)).Refusal().Code.ShouldBe(ErrorCodes.SshKeyNotFound);
        (await Cloud.CreateServerAsync(order with { Labels = Labels("anna@example.com") }, default)).Refusal().Code.ShouldBe(ErrorCodes.LabelRefused);
        (await Cloud.CreateServerAsync(order with { UserData = new string('x', 32769) }, default)).Refusal().Code.ShouldBe(ErrorCodes.UserDataRefused);
        (await Cloud.FindServerAsync("a.example.com", default)).Value().ShouldBeNull();
    }

    [Fact]
    public async Task Want_of_stock_points_to_an_alternative()
    {
        var order = await OrderAsync("a.example.com", "j1");
        await SellOutAsync(order.Location);
        var refused = (await Cloud.CreateServerAsync(order, default)).Refusal();
        (refused.Code, refused.Retry).ShouldBe((ErrorCodes.SoldOut, Retry.Alternative));
    }

    [Fact]
    public async Task Lists_go_over_all_pages()
    {
        var order = await OrderAsync("a", "many");
        for (var i = 0; i < 53; i++) (await Cloud.CreateServerAsync(order with { Name = $"s{i}.example.com" }, default)).Value();
        (await Cloud.ListServersAsync(Labels("many"), default)).Value().Select(s => s.Name).Distinct().Count().ShouldBe(53);
        (await Cloud.ListPrimaryIpsAsync(default)).Value().Count.ShouldBe(106);
    }

    [Fact]
    public async Task A_deleted_server_takes_its_addresses_along()
    {
        var created = (await Cloud.CreateServerAsync(await OrderAsync("a.example.com", "j1"), default)).Value();
        await EndedAsync(created.Actions);
        (await Cloud.DeleteServerAsync(created.Server.Id, default)).Value().ShouldNotBeNull();
        await Patience.UntilAsync(async () =>
            (await Cloud.ListServersAsync(Labels("j1"), default)).Value().Count == 0 && (await Cloud.ListPrimaryIpsAsync(default)).Value().Count == 0, () => "the server stays");
        (await Cloud.GetServerAsync(created.Server.Id, default)).Value().ShouldBeNull();
    }

    [Fact]
    public async Task The_catalogue_says_what_is_sold_where_and_for_how_much()
    {
        var catalogue = (await Cloud.GetCatalogueAsync(default)).Value();
        catalogue.Locations.ShouldAllBe(l => l.Name.Length > 0 && l.NetworkZone.Length > 0);
        var names = catalogue.Locations.Select(l => l.Name).ToHashSet();
        catalogue.ServerTypes.ShouldNotBeEmpty();
        catalogue.ServerTypes.ShouldAllBe(t => t.Cores > 0 && t.MemoryGb > 0 && t.Locations.All(o => o.MonthlyGross > 0 && names.Contains(o.Location)));
        (await Cloud.FindImageAsync("debian-13", "x86", default)).Value().ShouldNotBe((await Cloud.FindImageAsync("debian-13", "arm", default)).Value());
    }

    [Fact]
    public async Task Keys_and_firewalls_are_made_found_and_changed()
    {
        var key = (await Cloud.CreateSshKeyAsync("k", Key, Labels("x"), default)).Value();
        (await Cloud.ListSshKeysAsync(default)).Value().ShouldHaveSingleItem().ShouldBe(key);

        FirewallRule web = new("tcp", "443", ["0.0.0.0/0", "::/0"], "web"), ssh = new("tcp", "22", ["192.0.2.0/24"], "ssh");
        var firewall = (await Cloud.CreateFirewallAsync(new("fw", [web], "job=j1", Labels("x")), default)).Value();
        (await Cloud.SetFirewallRulesAsync(firewall.Id, [web, ssh], default)).Value().ShouldNotBeEmpty();
        var found = (await Cloud.FindFirewallAsync("fw", default)).Value()!;
        (found.Id, found.Selector).ShouldBe((firewall.Id, "job=j1"));
        found.Rules.Select(r => r.Port).ShouldBe(["443", "22"]);
    }

    /// <summary>An order that can be carried out, in the first place where the cheapest type is sold.</summary>
    private async Task<ServerRequest> OrderAsync(string name, string job)
    {
        var keys = (await Cloud.ListSshKeysAsync(default)).Value();
        var key = keys.Count > 0 ? keys[0] : (await Cloud.CreateSshKeyAsync("k", Key, Labels("x"), default)).Value();
        var type = (await Cloud.GetCatalogueAsync(default)).Value().ServerTypes
            .Where(t => t.Architecture == "x86" && t.Locations.Any(o => o.Available))
            .MinBy(t => t.Locations.Min(o => o.MonthlyGross))!;
        var image = (await Cloud.FindImageAsync("debian-13", "x86", default)).Value()!.Value;
        return new ServerRequest(name, type.Name, type.Locations.First(o => o.Available).Location, image, [key.Id], Labels(job), "#cloud-config\n");
    }

    private async Task<IReadOnlyList<CloudAction>> EndedAsync(IReadOnlyList<CloudAction> actions)
    {
        IReadOnlyList<CloudAction> states = actions;
        await Patience.UntilAsync(async () => (states = (await Cloud.GetActionsAsync([.. actions.Select(a => a.Id)], default)).Value()).All(a => a.Status != ActionStatus.Running), () => "the actions go on for ever");
        return states;
    }


    private static Dictionary<string, string> Labels(string job) => new(StringComparer.Ordinal) { ["managed-by"] = "suite", ["job"] = job };
}

internal static class ProviderResults
{
    public static T Value<T>(this ProviderResult<T> result)
    {
        result.Failure.ShouldBeNull();
        result.IsSuccess(out var value, out _);
        return value!;
    }

    public static ProviderFailure Refusal<T>(this ProviderResult<T> result) => result.Failure.ShouldNotBeNull();
}
