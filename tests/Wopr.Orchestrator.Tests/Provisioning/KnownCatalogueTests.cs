using Wopr.Orchestrator.Tests.Http;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Provisioning;

public sealed class KnownCatalogueTests
{
    private static readonly CloudCatalogue First = new([], [new("fsn1", "Falkenstein", "DE", "eu")]);
    private static readonly CloudCatalogue Second = new([], []);

    private readonly TestClock clock = new();

    [Fact]
    public async Task The_first_who_ask_wait_a_second_at_most()
    {
        var (_, stub) = CloudStub.Create();
        var never = new TaskCompletionSource<ProviderResult<CloudCatalogue>>();
        stub.OnLater(nameof(ICloudProvider.GetCatalogueAsync), () => never.Task);
        var asking = new KnownCatalogue(stub.Clouds, clock).AskAsync(default);
        asking.IsCompleted.ShouldBeFalse();
        clock.Advance(KnownCatalogue.Patience);
        (await asking).ShouldBeNull();
    }

    [Fact]
    public async Task While_the_provider_is_slow_or_refuses_the_last_answer_is_served_at_once_and_the_next_one_replaces_it()
    {
        var (_, stub) = CloudStub.Create();
        stub.On<CloudCatalogue>(nameof(ICloudProvider.GetCatalogueAsync), _ => First);
        var known = new KnownCatalogue(stub.Clouds, clock);
        (await known.AskAsync(default)).ShouldBe(First);

        stub.On<CloudCatalogue>(nameof(ICloudProvider.GetCatalogueAsync), _ =>
            new ProviderFailure("hetzner", 429, "rate_limit_exceeded", "", ErrorCodes.HetznerRateLimited, Retry.Later));
        (await known.AskAsync(default)).ShouldBe(First);

        var slow = new TaskCompletionSource<ProviderResult<CloudCatalogue>>();
        stub.OnLater(nameof(ICloudProvider.GetCatalogueAsync), () => slow.Task);
        var asking = known.AskAsync(default);
        asking.IsCompleted.ShouldBeTrue("nobody waits for a provider when there is an answer");
        (await asking).ShouldBe(First);

        slow.SetResult(Second);
        (await known.AskAsync(default)).ShouldBe(Second);
    }
}
