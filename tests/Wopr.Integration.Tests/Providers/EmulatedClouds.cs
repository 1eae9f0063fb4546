using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Cloudflare;
using Wopr.Hetzner;
using Wopr.Integration.Tests.Stack;
using Wopr.Platform.Http.Budget;
using Wopr.Sandbox;
using Wopr.Sandbox.Boot;
using Wopr.Sandbox.Wire;

namespace Wopr.Integration.Tests.Providers;

/// <summary>Both emulators in this process, on sockets and books of their own, and the clients as the service registers them.</summary>
internal sealed class EmulatedClouds : IAsyncDisposable
{
    public const string Zone = "beacons.test";
    private const string HetznerToken = "sandbox-hetzner";
    private const string CloudflareToken = "sandbox-cloudflare-token-0000000000000000";

    private readonly DirectoryInfo folder;
    private readonly WebApplication emulators;
    private readonly ServiceProvider clients;

    private EmulatedClouds(WebApplication emulators, DirectoryInfo folder)
    {
        (this.emulators, this.folder) = (emulators, folder);
        var (hetzner, cloudflare) = (SandboxHost.AddressOf(emulators, Face.Hetzner), SandboxHost.AddressOf(emulators, Face.Cloudflare));
        Books = new SandboxBooks(hetzner, cloudflare);
        Addresses = (hetzner, cloudflare);
        var services = new ServiceCollection();
        services.AddSingleton<IProviderBudget>(new UnlimitedBudget());
        services.AddMetrics();
        services.AddLogging();
        services.AddHetzner(new HetznerOptions(new Uri(hetzner, "/v1"), HetznerToken));
        services.AddCloudflare(new CloudflareOptions(new Uri(cloudflare, "/client/v4"), CloudflareToken, Zone));
        clients = services.BuildServiceProvider();
    }

    /// <summary>What the providers themselves have written down.</summary>
    public SandboxBooks Books { get; }

    /// <summary>Of the two emulators, without path.</summary>
    public (Uri Hetzner, Uri Cloudflare) Addresses { get; }

    public T Client<T>()
        where T : notnull => clients.GetRequiredService<T>();

    public static async Task<EmulatedClouds> StartAsync()
    {
        var books = Directory.CreateTempSubdirectory("wopr-clouds-");
        var free = new Uri("http://127.0.0.1:0");
        var settings = new SandboxSettings(books.FullName, free, free, free, Zone, Pace: 0, BootDriver.None, [HetznerToken], CloudflareToken);
        var started = SandboxHost.Build(settings, _ => new NullDriver(), TimeProvider.System, new Random(1));
        await started.StartAsync();
        return new EmulatedClouds(started, books);
    }

    public async ValueTask DisposeAsync()
    {
        Books.Dispose();
        await clients.DisposeAsync();
        await emulators.StopAsync();
        await emulators.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
