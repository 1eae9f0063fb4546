using Wopr.Orchestrator.Tests.Http;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>No server is made without a key, nor before the firewall stands.</summary>
public sealed class ServerPrerequisitesTests
{
    private const string PublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEy ours";


    private static readonly CloudFirewall Firewall = new(7, ServerPrerequisites.FirewallName, FirewallRules.For([]), "managed-by=wopr");

    private readonly TestClock clock = new();

    [Fact]
    public async Task The_configured_key_is_found_by_its_name()
    {
        var (cloud, stub) = Cloud(Key(1, "somebody"), Key(2, "wopr"));
        using var needs = new ProjectPrerequisites(cloud, ProjectName.Main, CloudStub.Live(), clock);
        (await needs.GetAsync(default)).IsSuccess(out var found, out _).ShouldBeTrue();
        found!.SshKeyId.ShouldBe(2);
        stub.Calls.ShouldNotContain(nameof(ICloudProvider.CreateSshKeyAsync));
    }

    [Fact]
    public async Task A_missing_key_is_made_from_its_configured_public_half()
    {
        var (cloud, stub) = Cloud(Key(1, "somebody"));
        stub.On<CloudSshKey>(nameof(ICloudProvider.CreateSshKeyAsync), a => new CloudSshKey(9, (string)a[0]!, "", (string)a[1]!));
        using var needs = new ProjectPrerequisites(cloud, ProjectName.Main, CloudStub.Live(("WOPR_SSH_PUBLIC_KEY", PublicKey)), clock);
        (await needs.GetAsync(default)).IsSuccess(out var found, out _).ShouldBeTrue();
        found!.SshKeyId.ShouldBe(9);
    }

    [Fact]
    public async Task The_same_key_under_another_name_is_used_because_the_provider_takes_it_only_once()
    {
        var (cloud, stub) = Cloud(new CloudSshKey(5, "laptop", "", PublicKey.Replace("ours", "anna@laptop", StringComparison.Ordinal)));
        using var needs = new ProjectPrerequisites(cloud, ProjectName.Main, CloudStub.Live(("WOPR_SSH_PUBLIC_KEY", PublicKey)), clock);
        (await needs.GetAsync(default)).IsSuccess(out var found, out _).ShouldBeTrue();
        found!.SshKeyId.ShouldBe(5);
        stub.Calls.ShouldNotContain(nameof(ICloudProvider.CreateSshKeyAsync));
    }

    [Theory]
    [InlineData(new[] { "laptop", "backup" }, "SSH key not found: wopr; the project has: laptop, backup")]
    [InlineData(new string[0], "SSH key not found: wopr; the project has: none")]
    public async Task Without_one_the_names_that_exist_are_said(string[] names, string message)
    {
        var (cloud, _) = Cloud([.. names.Select((n, i) => Key(i, n))]);
        using var needs = new ProjectPrerequisites(cloud, ProjectName.Main, CloudStub.Live(), clock);
        (await needs.GetAsync(default)).IsSuccess(out _, out var failure).ShouldBeFalse();
        (failure!.Code, failure.Retry, failure.Message).ShouldBe((ErrorCodes.SshKeyNotFound, Retry.Never, message));
    }

    [Fact]
    public async Task The_actions_of_a_new_firewall_are_awaited()
    {
        var (cloud, stub) = Cloud(Key(2, "wopr"));
        var status = ActionStatus.Running;
        CloudFirewall? made = null;
        stub.On<CloudFirewall?>(nameof(ICloudProvider.FindFirewallAsync), _ => ProviderResult<CloudFirewall?>.Success(made));
        stub.On<CloudFirewall>(nameof(ICloudProvider.CreateFirewallAsync), _ => (made = Firewall) with { Actions = [Action(status)] });
        stub.On<IReadOnlyList<CloudAction>>(nameof(ICloudProvider.GetActionsAsync), _ => new[] { Action(status) });
        using var needs = new ProjectPrerequisites(cloud, ProjectName.Main, CloudStub.Live(), clock);

        (await needs.GetAsync(default)).IsSuccess(out _, out var busy).ShouldBeFalse();
        busy!.Retry.ShouldBe(Retry.Later);
        clock.Advance(busy.RetryAfter!.Value);
        (await needs.GetAsync(default)).IsSuccess(out _, out _).ShouldBeFalse("it is still running");
        status = ActionStatus.Success;
        clock.Advance(busy.RetryAfter!.Value);
        (await needs.GetAsync(default)).IsSuccess(out var ready, out _).ShouldBeTrue();
        ready!.FirewallId.ShouldBe(7);
        stub.Calls.Count(c => c == nameof(ICloudProvider.CreateFirewallAsync)).ShouldBe(1);
    }

    [Fact]
    public async Task One_of_many_jobs_asks_how_far_the_firewall_is()
    {
        var (cloud, stub) = Cloud(Key(2, "wopr"));
        stub.On<CloudFirewall?>(nameof(ICloudProvider.FindFirewallAsync), _ => ProviderResult<CloudFirewall?>.Success(null));
        stub.On<CloudFirewall>(nameof(ICloudProvider.CreateFirewallAsync), _ => Firewall with { Actions = [Action(ActionStatus.Running)] });
        stub.On<IReadOnlyList<CloudAction>>(nameof(ICloudProvider.GetActionsAsync), _ => new[] { Action(ActionStatus.Running) });
        using var needs = new ProjectPrerequisites(cloud, ProjectName.Main, CloudStub.Live(), clock);

        var first = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => needs.GetAsync(default)));
        clock.Advance(TimeSpan.FromSeconds(0.2));
        (await needs.GetAsync(default)).IsSuccess(out _, out var busy).ShouldBeFalse();
        busy!.RetryAfter.ShouldBe(TimeSpan.FromSeconds(0.3), "all come back when it is worth asking");
        clock.Advance(busy.RetryAfter!.Value);
        var second = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => needs.GetAsync(default)));

        first.Concat(second).ShouldAllBe(r => r.Failure != null);
        stub.Calls.Count(c => c == nameof(ICloudProvider.GetActionsAsync)).ShouldBe(1);
        stub.Calls.Count(c => c == nameof(ICloudProvider.ListSshKeysAsync)).ShouldBe(1);
    }

    [Fact]
    public async Task A_firewall_whose_action_failed_is_not_taken_for_good()
    {
        var (cloud, stub) = Cloud(Key(2, "wopr"));
        CloudFirewall? made = null;
        stub.On<CloudFirewall?>(nameof(ICloudProvider.FindFirewallAsync), _ => ProviderResult<CloudFirewall?>.Success(made));
        stub.On<CloudFirewall>(nameof(ICloudProvider.CreateFirewallAsync), _ => (made = Firewall) with { Actions = [Action(ActionStatus.Error)] });
        stub.On<IReadOnlyList<CloudAction>>(nameof(ICloudProvider.SetFirewallRulesAsync), _ => new[] { Action(ActionStatus.Success) });
        using var needs = new ProjectPrerequisites(cloud, ProjectName.Main, CloudStub.Live(), clock);

        (await needs.GetAsync(default)).IsSuccess(out _, out var failed).ShouldBeFalse();
        (failed!.Code, failed.Retry).ShouldBe((ErrorCodes.ActionFailed, Retry.Later));
        (await needs.GetAsync(default)).IsSuccess(out _, out _).ShouldBeTrue();
        stub.Calls.ShouldContain(nameof(ICloudProvider.SetFirewallRulesAsync));
    }

    private static (ICloud Cloud, CloudStub Stub) Cloud(params CloudSshKey[] keys)
    {
        var (cloud, stub) = CloudStub.Create();
        stub.On<long?>(nameof(ICloudProvider.FindImageAsync), _ => (long?)42L);
        stub.On<IReadOnlyList<CloudSshKey>>(nameof(ICloudProvider.ListSshKeysAsync), _ => keys);
        stub.On<CloudFirewall?>(nameof(ICloudProvider.FindFirewallAsync), _ => ProviderResult<CloudFirewall?>.Success(Firewall));
        return (cloud, stub);
    }

    private static CloudSshKey Key(long id, string name) => new(id, name, "", "ssh-ed25519 AAAA" + id);

    private static CloudAction Action(ActionStatus status) => new(1, "apply_firewall", status, 0, status == ActionStatus.Error ? "action_failed" : null);
}
