using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Wopr.Cloudflare;
using Wopr.CloudInit;
using Wopr.Hetzner;
using Wopr.Installer;
using Wopr.Platform;
using Wopr.Platform.Http;
using Wopr.Platform.Http.Budget;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;
using Wopr.Templating;
using Wopr.Templating.Loading;
using Wopr.Verification;

namespace Wopr.Integration.Tests.Steps;

/// <summary>The service's parts as the service puts them together, without its processes: a node that has just started and remembers nothing.</summary>
internal sealed class StepNode : IAsyncDisposable
{
    private readonly ServiceProvider services;

    /// <param name="job">Whose beacon answers from outside.</param>
    public StepNode(IServiceCollection parts, JobId job)
    {
        var own = new ServiceCollection().Add(parts);
        own.AddSingleton<IClouds>(s => new LinedClouds(s.GetRequiredService<HetznerClouds>(), Line));
        own.AddSingleton<IDnsProvider>(s => LinedPort.Of<IDnsProvider>(new GatheredDns(s.GetRequiredService<CloudflareDns>(), s.GetRequiredService<Pause>()), Line));
        own.AddHttpClient(BeaconVerifier.ClientName).ConfigurePrimaryHttpMessageHandler(() => new Beacon(Line, job));
        services = own.BuildServiceProvider();
    }

    private static readonly HouseReading TheHouse = new();

    /// <summary>What nodes are made of; only what remembers nothing is made once for all.</summary>
    public static IServiceCollection Parts(Settings settings, NpgsqlDataSource database)
    {
        var parts = new ServiceCollection();
        parts.AddLogging();
        // Nobody waits, and nothing is charged; what is registered first stays.
        parts.AddSingleton<Pause>((_, _) => Task.CompletedTask);
        parts.AddSingleton<IProviderBudget>(new UnlimitedBudget());
        Service.AddServices(parts, settings, TheHouse);
        parts.AddSingleton<ITemplateEngine>(new TemplateEngine(new FolderLoader(House.Templates)));
        parts.AddSingleton(database);
        return parts;
    }

    public Line Line { get; } = new();

    public IReadOnlyList<IStep> Steps => [.. services.GetServices<IStep>()];

    /// <summary>Drives one job with these steps, as the worker does that holds its lease.</summary>
    public Task DriveAsync(WorkLease lease, IEnumerable<IStep> steps) =>
        ActivatorUtilities.CreateInstance<JobDriver>(services, steps).HandleAsync(lease, CancellationToken.None);

    public ValueTask DisposeAsync() => services.DisposeAsync();

    /// <summary>What the job's beacon answers, at whatever name it is asked.</summary>
    private sealed class Beacon(Line line, JobId job) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            line.PassAsync("beacon", () => Task.FromResult(Answer(request)), _ => throw new HttpRequestException("no answer"));

        private HttpResponseMessage Answer(HttpRequestMessage request)
        {
            if (request.RequestUri!.AbsolutePath != BeaconReport.Path) return new HttpResponseMessage(HttpStatusCode.OK);
            var report = new BeaconReport(request.RequestUri.Host, "b", Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(job.ToString()))), "", "starter", []);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(JsonSerializer.Serialize(report)) };
        }
    }
}

/// <summary>The step under test: its beginning and its ends are moments too.</summary>
internal sealed class LinedStep(IStep step, Line line) : IStep
{
    public JobState State => step.State;

    public TimeSpan? Deadline => step.Deadline;

    public ErrorCode MissedDeadline => step.MissedDeadline;

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        await line.MeetAsync("begin");
        var outcome = await step.RunAsync(context, cancellation);
        await line.MeetAsync($"end in {outcome.GetType().Name}");
        return outcome;
    }
}

/// <summary>Stands in for a step that a test does not look at: the job stays in the state, unless another end is given.</summary>
internal sealed class ParkedStep(JobState state, Outcome? end = null) : IStep
{
    public JobState State => state;

    public TimeSpan? Deadline => null;

    public Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation) => Task.FromResult(end ?? Outcome.WaitFor("nothing more"));
}
