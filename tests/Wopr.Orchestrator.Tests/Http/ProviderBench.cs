using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Wopr.Cloudflare;
using Wopr.Hetzner;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform.Http;
using Wopr.Platform.Http.Budget;
using Wopr.Provisioning.Ports;

namespace Wopr.Orchestrator.Tests.Http;

/// <summary>Both clients as the service registers them, in front of a scripted provider. Waiting costs no time: it moves the clock.</summary>
internal sealed class ProviderBench : IAsyncDisposable
{
    public const string Token = "s3cr3t-token-of-the-project";

    private readonly ServiceProvider services;

    private ProviderBench(ScriptedServer server, Uri? hetzner, IProviderBudget? budget, int gone)
    {
        Server = server;
        var collection = new ServiceCollection();
        collection.AddSingleton<TimeProvider>(Clock);
        collection.AddSingleton(new Random(42));
        collection.AddSingleton<Pause>(Rest);
        collection.AddSingleton(budget ?? new UnlimitedBudget());
        collection.AddMetrics();
        collection.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(Logs));
        collection.AddHetzner(new HetznerOptions(hetzner ?? new Uri(server.Address, "/v1"), Token));
        collection.AddCloudflare(new CloudflareOptions(new Uri(server.Address, "/client/v4"), Token, "example.com"));
        if (gone > 0) collection.ConfigureAll<HttpClientFactoryOptions>(options => options.HttpMessageHandlerBuilderActions.Add(chain => chain.PrimaryHandler = new GoneConnections(chain.PrimaryHandler, gone)));
        services = collection.BuildServiceProvider();
    }

    public ScriptedServer Server { get; }

    public TestClock Clock { get; } = new();

    public List<TimeSpan> Pauses { get; } = [];

    public CapturedLogs Logs { get; } = new();

    public HetznerCloud Cloud => services.GetRequiredService<HetznerClouds>().Cloud(ProjectName.Main);

    public IClouds Clouds => services.GetRequiredService<IClouds>();

    public CloudflareDns Dns => services.GetRequiredService<CloudflareDns>();

    public IServiceProvider Services => services;

    /// <param name="gone">How many connections are gone again before they are used.</param>
    public static async Task<ProviderBench> StartAsync(Uri? hetzner = null, IProviderBudget? budget = null, int gone = 0) =>
        new(await ScriptedServer.StartAsync(), hetzner, budget, gone);

    public ProviderBench On(string request, Answer answer)
    {
        Server.On(request, answer);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Server.DisposeAsync();
    }

    private Task Rest(TimeSpan time, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Pauses.Add(time);
        Clock.Advance(time);
        return Task.CompletedTask;
    }
}

internal static class ProviderResults
{
    public static T Value<T>(this ProviderResult<T> result)
    {
        result.Failure.ShouldBeNull();
        result.IsSuccess(out var value, out _);
        return value!;
    }

    public static ProviderFailure Refusal<T>(this ProviderResult<T> result)
    {
        result.Failure.ShouldNotBeNull();
        return result.Failure;
    }
}
