using Microsoft.Extensions.DependencyInjection;
using Wopr.Hetzner;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Platform.Http;
using Wopr.Platform.Http.Budget;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Hetzner;

/// <summary>Several projects: each call goes with its own token, and one that is not configured is never asked.</summary>
public sealed class HetznerCloudsTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly ProjectName North = ProjectName.Parse("north");

    [Fact]
    public async Task Each_project_has_its_own_token_budget_and_name()
    {
        await using var server = await ScriptedServer.StartAsync();
        var watch = new Watched();
        await using var services = Services(server, watch);
        var clouds = services.GetRequiredService<IClouds>();
        server.On("GET /v1/servers/1", Answer.Refusal(404, "not_found")).On("GET /v1/servers/2", Answer.Refusal(401, "unauthorized"));

        (await clouds.Of(ProjectName.Main).GetServerAsync(1, None)).Value().ShouldBeNull();
        (await clouds.Of(North).GetServerAsync(2, None)).Refusal().Provider.ShouldBe("hetzner:north");

        server.Received.Select(r => r.Authorization).ShouldBe(["Bearer token-of-main", "Bearer token-of-north"]);
        watch.Troubles.ShouldBe([("hetzner:north", ErrorCodes.HetznerTokenRefused)]);
        clouds.Projects.Select(p => p.Name.Value).ShouldBe(["main", "north"]);
        clouds.Projects.Select(p => p.BudgetKey).Distinct().Count().ShouldBe(2);
        services.GetServices<IProviderAccess>().Select(a => a.Provider).ShouldBe(["hetzner:north", "hetzner"], ignoreOrder: true);
    }

    [Fact]
    public async Task One_that_is_not_configured_refuses_everything_sends_nothing_and_tells_the_watch()
    {
        await using var server = await ScriptedServer.StartAsync();
        var watch = new Watched();
        await using var services = Services(server, watch);
        var gone = services.GetRequiredService<IClouds>().Of(ProjectName.Parse("gone"));

        var failure = (await gone.DeleteServerAsync(1, None)).Refusal();
        (failure.Code, failure.Retry, failure.Provider).ShouldBe((ErrorCodes.ProjectUnknown, Retry.Never, "hetzner:gone"));
        (await gone.FindServerAsync("name", None)).Refusal().Message.ShouldContain("'gone' is not configured");
        server.Received.ShouldBeEmpty();
        watch.Troubles.ShouldBe([("hetzner:gone", ErrorCodes.ProjectUnknown), ("hetzner:gone", ErrorCodes.ProjectUnknown)]);
    }

    [Fact]
    public async Task The_catalogue_is_any_projects_who_answers()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var services = Services(server, new Watched());
        server.On("GET /v1/server_types?page=1&per_page=50", Answer.Refusal(401, "unauthorized"))
            .On("GET /v1/server_types?page=1&per_page=50", new Answer(200, """{"server_types":[]}"""))
            .On("GET /v1/locations?page=1&per_page=50", new Answer(200, """{"locations":[]}"""));
        (await services.GetRequiredService<IClouds>().GetCatalogueAsync(None)).Value().ServerTypes.ShouldBeEmpty();
        server.Done();
    }

    private static ServiceProvider Services(ScriptedServer server, IProviderWatch watch)
    {
        var endpoint = new Uri(server.Address, "/v1");
        var services = new ServiceCollection();
        services.AddSingleton<IProviderBudget>(new UnlimitedBudget());
        services.AddSingleton(watch);
        services.AddMetrics();
        services.AddLogging();
        services.AddHetzner(new HetznerOptions(endpoint, "token-of-north") { Project = North }, new HetznerOptions(endpoint, "token-of-main"));
        return services.BuildServiceProvider();
    }

    private sealed class Watched : IProviderWatch
    {
        public List<(string Provider, ErrorCode Code)> Troubles { get; } = [];

        public void Answered(string provider)
        {
            // Only troubles are looked at.
        }

        public void Troubled(string provider, ErrorCode code, string words) => Troubles.Add((provider, code));
    }
}
