using System.Text.Json;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Hetzner;

public sealed class HetznerServersTests
{
    private const string Server = """
        {"id":42,"name":"wopr-1","status":"running","created":"2026-11-21T10:00:00+00:00","a_new_field":{"x":[1]},
         "public_net":{"ipv4":{"id":1,"ip":"192.0.2.7","blocked":false},"ipv6":{"id":2,"ip":"2001:db8:1::/64"},"floating_ips":[]},
         "server_type":{"id":1,"name":"cpx22","cores":2},"location":{"id":1,"name":"nbg1"},"labels":{"managed-by":"wopr"},"locked":true}
        """;

    [Fact]
    public async Task A_server_is_read_whatever_else_stands_in_the_answer()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/servers/42", new Answer(200, $$"""{"server":{{Server}}}"""));

        var server = (await bench.Cloud.GetServerAsync(42, CancellationToken.None)).Value()!;

        server.Status.ShouldBe(ServerStatus.Running);
        server.ServerType.ShouldBe("cpx22");
        server.Location.ShouldBe("nbg1");
        server.Ipv4.ShouldBe("192.0.2.7");
        server.Ipv6.ShouldBe("2001:db8:1::1");
        server.Labels["managed-by"].ShouldBe("wopr");
        server.Locked.ShouldBeTrue();
    }

    [Theory]
    [InlineData("\"hibernating\"", "hibernating")]
    [InlineData("\"unknown\"", "unknown")]
    [InlineData("null", "")]
    public async Task A_new_word_for_a_state_is_unknown_and_kept(string word, string text)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/servers/42", new Answer(200, $$"""{"server":{"id":42,"name":"a","status":{{word}},"created":"2026-11-21T10:00:00Z"} }"""));

        var server = (await bench.Cloud.GetServerAsync(42, CancellationToken.None)).Value()!;

        (server.Status, server.StatusText).ShouldBe((ServerStatus.Unknown, text));
        server.Ipv4.ShouldBeNull();
    }

    [Fact]
    public async Task Find_asks_by_name_and_takes_only_that_name()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/servers?name=wopr-1", new Answer(200, $$"""{"servers":[{{Server}}]}"""))
            .On("GET /v1/servers?name=wopr-2", new Answer(200, $$"""{"servers":[{{Server}}]}"""))
            .On("GET /v1/servers?name=wopr-3", new Answer(200, """{"servers":[]}"""))
            .On("GET /v1/servers?name=wopr-4", new Answer(200, "{}"));

        (await bench.Cloud.FindServerAsync("wopr-1", CancellationToken.None)).Value()!.Id.ShouldBe(42);
        (await bench.Cloud.FindServerAsync("wopr-2", CancellationToken.None)).Value().ShouldBeNull();
        (await bench.Cloud.FindServerAsync("wopr-3", CancellationToken.None)).Value().ShouldBeNull();
        (await bench.Cloud.FindServerAsync("wopr-4", CancellationToken.None)).Refusal().Retry.ShouldBe(Retry.Later);
        bench.Server.Done();
    }

    [Fact]
    public async Task A_list_follows_every_page_and_names_each_server_once()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/servers?label_selector=managed-by==wopr,wopr-job==x&page=1&per_page=50", Page(next: 2, 1, 2))
            .On("GET /v1/servers?label_selector=managed-by==wopr,wopr-job==x&page=2&per_page=50", Page(next: 3, 2, 3))
            .On("GET /v1/servers?label_selector=managed-by==wopr,wopr-job==x&page=3&per_page=50", Page(next: null));

        var labels = new Dictionary<string, string> { ["wopr-job"] = "x", ["managed-by"] = "wopr" };
        (await bench.Cloud.ListServersAsync(labels, CancellationToken.None)).Value().Select(s => s.Id).ShouldBe([1, 2, 3]);
        bench.Server.Done();
    }

    [Fact]
    public async Task Servers_of_many_label_values_are_asked_for_fifty_at_a_time()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On($"GET /v1/servers?label_selector=wopr-job in ({string.Join(',', Enumerable.Range(0, 50).Select(i => $"j{i}"))})&page=1&per_page=50", Page(next: null, 1))
            .On("GET /v1/servers?label_selector=wopr-job in (j50)&page=1&per_page=50", Page(next: null, 2));
        (await bench.Cloud.ListServersAsync("wopr-job", [.. Enumerable.Range(0, 51).Select(i => $"j{i}")], CancellationToken.None)).Value().Select(s => s.Id).ShouldBe([1, 2]);
        (await bench.Cloud.ListServersAsync("wopr-job", ["a) , !x"], CancellationToken.None)).Refusal().Code.ShouldBe(ErrorCodes.LabelRefused);
        bench.Server.Done();
    }

    [Fact]
    public async Task A_page_that_fails_fails_the_list()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/servers?page=1&per_page=50", Page(next: 2, 1)).On("GET /v1/servers?page=2&per_page=50", Answer.Refusal(401, "unauthorized"));

        var failure = (await bench.Cloud.ListServersAsync(new Dictionary<string, string>(), CancellationToken.None)).Refusal();
        failure.Code.ShouldBe(ErrorCodes.HetznerTokenRefused);
    }

    [Fact]
    public async Task Create_sends_what_was_asked_and_returns_every_action()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("POST /v1/servers", new Answer(201, $$"""
            {"server":{{Server}},"action":{"id":1,"command":"create_server","status":"running","progress":10,"error":null},
             "next_actions":[{"id":2,"command":"start_server","status":"running","progress":0,"error":null}],"root_password":null}
            """));

        var created = (await bench.Cloud.CreateServerAsync(RetryTests.Request, CancellationToken.None)).Value();

        created.Actions.Select(a => (a.Id, a.Command)).ShouldBe([(1, "create_server"), (2, "start_server")]);
        using var sent = JsonDocument.Parse(bench.Server.Received.Single().Body);
        JsonSerializer.Serialize(sent.RootElement).ShouldBe(
            """{"name":"beacon-1","server_type":"cpx22","location":"nbg1","image":"114690389","ssh_keys":["11"],"labels":{"managed-by":"wopr"},"user_data":"#cloud-config\n","public_net":{"enable_ipv4":true,"enable_ipv6":true},"start_after_create":true}""");
    }

    public static TheoryData<string, ServerRequest> Refused => new()
    {
        { "HETZ-002", RetryTests.Request with { Labels = new Dictionary<string, string> { ["mail"] = "anna@example.com" } } },
        { "HETZ-003", RetryTests.Request with { SshKeyIds = [] } },
        { "HETZ-010", RetryTests.Request with { Name = "under_score" } },
        { "CLOUDINIT-004", RetryTests.Request with { UserData = new string('x', 32769) } },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task What_would_be_refused_is_not_sent(string code, object request)
    {
        await using var bench = await ProviderBench.StartAsync();
        var failure = (await bench.Cloud.CreateServerAsync((ServerRequest)request, CancellationToken.None)).Refusal();
        (failure.Code.Value, failure.Retry, failure.Status).ShouldBe((code, Retry.Never, 0));
        bench.Server.Done();
    }

    [Fact]
    public async Task Delete_hands_back_its_action()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("DELETE /v1/servers/42", Answer.Refusal(423, "locked"))
            .On("DELETE /v1/servers/42", new Answer(200, """{"action":{"id":5,"command":"delete_server","status":"success","progress":100}}"""));

        (await bench.Cloud.DeleteServerAsync(42, CancellationToken.None)).Value()!.Status.ShouldBe(ActionStatus.Success);
        bench.Server.Done();
    }

    [Fact]
    public async Task Gone_is_only_what_the_provider_itself_calls_gone()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("DELETE /v1/servers/42", Answer.Refusal(404, "not_found")).On("GET /v1/servers/42", Answer.Refusal(404, "not_found"))
            .On("DELETE /v1/servers/42", Answer.Html(404)).On("GET /v1/servers/42", Answer.Html(404));

        (await bench.Cloud.DeleteServerAsync(42, CancellationToken.None)).Value().ShouldBeNull();
        (await bench.Cloud.GetServerAsync(42, CancellationToken.None)).Value().ShouldBeNull();
        (await bench.Cloud.DeleteServerAsync(42, CancellationToken.None)).Refusal().Status.ShouldBe(404);
        (await bench.Cloud.GetServerAsync(42, CancellationToken.None)).Refusal().Status.ShouldBe(404);
    }

    private static Answer Page(int? next, params int[] ids)
    {
        var servers = string.Join(',', ids.Select(id => $$"""{"id":{{id}},"name":"s{{id}}","status":"off","created":"2026-11-21T10:00:00Z"}"""));
        return new Answer(200, $$$"""{"servers":[{{{servers}}}],"meta":{"pagination":{"page":1,"per_page":50,"next_page":{{{next?.ToString() ?? "null"}}} } } }""");
    }
}
