using Wopr.Cloudflare;
using Wopr.Provisioning.Ports;

namespace Wopr.Integration.Tests.Providers;

public sealed class HetznerCloudTests : CloudProviderSuite
{
    private EmulatedClouds clouds = null!;

    protected override ICloudProvider Cloud => clouds.Client<IClouds>().Of(ProjectName.Main);

    public override async Task InitializeAsync() => clouds = await EmulatedClouds.StartAsync();

    public override Task DisposeAsync() => clouds.DisposeAsync().AsTask();

    protected override Task LoseNextCreateAsync() => clouds.Books.MisbehaveAsync(new { provider = "hetzner", method = "POST", path = "/servers", kind = "lost", times = 1 });

    protected override Task SellOutAsync(string location) => clouds.Books.MisbehaveAsync(new { provider = "hetzner", kind = "out_of_stock", location });

    protected override Task FailActionsAsync() => clouds.Books.MisbehaveAsync(new { provider = "hetzner", kind = "action_fails", command = "create_server" });
}

/// <summary>The zone's own client.</summary>
public sealed class CloudflareDnsTests : EmulatedZoneTests
{
    protected override IDnsProvider Dns => Clouds.Client<CloudflareDns>();
}

/// <summary>The same behind what gathers the calls of many jobs, as the service has it.</summary>
public sealed class GatheredDnsTests : EmulatedZoneTests
{
    protected override IDnsProvider Dns => Clouds.Client<IDnsProvider>();
}

public abstract class EmulatedZoneTests : DnsProviderSuite
{
    private EmulatedClouds? clouds;

    internal EmulatedClouds Clouds => clouds!;

    protected override string Zone => EmulatedClouds.Zone;

    public override async Task InitializeAsync() => clouds = await EmulatedClouds.StartAsync();

    public override Task DisposeAsync() => Clouds.DisposeAsync().AsTask();

    protected override Task LoseNextBatchAsync() => Clouds.Books.MisbehaveAsync(new { provider = "cloudflare", method = "POST", kind = "lost", times = 1 });
}
