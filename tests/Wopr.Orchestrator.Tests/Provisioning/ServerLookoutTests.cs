using Wopr.Orchestrator.Tests.Http;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Orchestrator.Tests.Provisioning;

public sealed class ServerLookoutTests
{
    private static readonly JobId[] Jobs = [.. Enumerable.Range(1, 3).Select(i => new JobId(new Guid(i, 0, 0, new byte[8])))];

    [Fact]
    public async Task One_who_asks_alone_asks_for_the_server_itself()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/servers/1", new Answer(200, $$"""{"server":{{Server(1)}}}"""));
        (await new ServerLookout(bench.Clouds, (_, _) => Task.CompletedTask).FindAsync(ProjectName.Main, Jobs[0], 1, CancellationToken.None)).Value()!.Id.ShouldBe(1);
        bench.Server.Done();
    }

    [Fact]
    public async Task Several_share_one_list_and_only_who_is_missing_in_it_is_asked_for()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On($"GET /v1/servers?label_selector=wopr-job in ({Jobs[0]},{Jobs[1]},{Jobs[2]})&page=1&per_page=50",
                new Answer(200, $$$$"""{"servers":[{{{{Server(1)}}}},{{{{Server(2)}}}}],"meta":{"pagination":{"page":1,"next_page":null}}}"""))
            .On("GET /v1/servers/3", Answer.Refusal(404, "not_found"));
        var window = new TaskCompletionSource();
        var lookout = new ServerLookout(bench.Clouds, (_, _) => window.Task);

        var asked = Jobs.Select((job, i) => lookout.FindAsync(ProjectName.Main, job, i + 1, CancellationToken.None)).ToList();
        window.SetResult();

        (await Task.WhenAll(asked)).Select(a => a.Value()?.Id).ShouldBe([1, 2, null]);
        bench.Server.Done();
    }

    [Fact]
    public async Task A_list_that_fails_is_everybodys_failure()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On($"GET /v1/servers?label_selector=wopr-job in ({Jobs[0]},{Jobs[1]})&page=1&per_page=50", Answer.Refusal(401, "unauthorized"));
        var window = new TaskCompletionSource();
        var lookout = new ServerLookout(bench.Clouds, (_, _) => window.Task);
        var asked = Jobs.Take(2).Select((job, i) => lookout.FindAsync(ProjectName.Main, job, i + 1, CancellationToken.None)).ToList();
        window.SetResult();
        (await Task.WhenAll(asked)).ShouldAllBe(a => a.Refusal().Status == 401);
        bench.Server.Done();
    }

    private static string Server(long id) => $$"""{"id":{{id}},"name":"s{{id}}","status":"running","created":"2026-11-21T12:00:00Z","labels":{},"locked":false}""";
}
