using System.Text.Json;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Cloudflare;

public sealed class CloudflareDnsTests
{
    private const string Zones = "GET /client/v4/zones?name=example.com";
    private const string Batch = "POST /client/v4/zones/z1/dns_records/batch";
    private static readonly DnsRecordData A = new("A", "b.example.com", "192.0.2.7", 60, false, "wopr job 1");

    [Fact]
    public async Task Apex_and_wildcard_are_one_call_the_zone_is_asked_once_and_unknown_types_pass()
    {
        await using var bench = await ReadyAsync();
        const string List = "GET /client/v4/zones/z1/dns_records?name.endswith=b.example.com&page=1&per_page=100";
        bench.On(List, Records("""
                {"id":"r1","type":"A","name":"b.example.com","content":"192.0.2.7","ttl":1,"proxied":false,"comment":"wopr job 1","settings":{},"tags":["new"]},
                {"id":"r2","type":"HTTPS","name":"*.b.example.com","data":{"priority":1},"ttl":300.0},
                {"id":"r3","type":"A","name":"xb.example.com","content":"192.0.2.9","ttl":60}
                """))
            .On(List, Records(""));

        var records = (await bench.Dns.ListRecordsAsync(["b.example.com", "*.b.example.com"], CancellationToken.None)).Value();
        await bench.Dns.ListRecordsAsync(["b.example.com", "*.b.example.com"], CancellationToken.None);

        records.ShouldBe(
        [
            new DnsRecord("r1", "A", "b.example.com", "192.0.2.7", 1, false, "wopr job 1"),
            new DnsRecord("r2", "HTTPS", "*.b.example.com", "", 300, false, null),
        ]);
        bench.Server.Done();
    }

    [Fact]
    public async Task Many_hosts_are_found_in_the_whole_zone_unless_it_has_more_pages_than_there_are_hosts()
    {
        await using var bench = await ReadyAsync();
        const string Zone = "GET /client/v4/zones/z1/dns_records?order=name&page={0}&per_page=5000";
        const string One = "GET /client/v4/zones/z1/dns_records?name.exact={0}.example.com&page=1&per_page=100";
        static Answer Page(string records, int pages) => new(200, $$$"""{"success":true,"result":[{{{records}}}],"result_info":{"count":1,"total_pages":{{{pages}}}}}""");
        const string B = """{"id":"r1","type":"A","name":"b.example.com","content":"192.0.2.7"}""";
        const string Stranger = """{"id":"r2","type":"A","name":"x.example.com","content":"192.0.2.8"}""";
        bench.On(string.Format(null, Zone, 1), Page(Stranger, 2)).On(string.Format(null, Zone, 2), Page(B, 2))
            .On(string.Format(null, Zone, 1), Page(Stranger, 3)).On(string.Format(null, Zone, 2), Page(B, 3))
            .On(string.Format(null, One, "a"), Page("", 1)).On(string.Format(null, One, "b"), Page(B, 1))
            .On(string.Format(null, One, "a"), Page("", 1)).On(string.Format(null, One, "b"), Page(B, 1));

        // It had two pages, then three: that is seen once and remembered.
        for (var look = 0; look < 3; look++)
            (await bench.Dns.ListRecordsAsync(["a.example.com", "b.example.com"], CancellationToken.None)).Value().Select(r => r.Id).ShouldBe(["r1"]);
        bench.Server.Done();
    }

    [Fact]
    public async Task Comments_are_compared_exactly()
    {
        await using var bench = await ReadyAsync();
        bench.On("GET /client/v4/zones/z1/dns_records?comment.exact=wopr job 1&page=1&per_page=100", Records("""
            {"id":"r1","type":"A","name":"b.example.com","content":"a","comment":"wopr job 1"},{"id":"r2","type":"A","name":"b.example.com","content":"b","comment":"WOPR job 1"}
            """));
        (await bench.Dns.ListRecordsByCommentAsync("wopr job 1", CancellationToken.None)).Value().Select(r => r.Id).ShouldBe(["r1"]);
        bench.Server.Done();
    }

    [Fact]
    public async Task Pages_are_read_until_an_empty_one_where_no_count_is_given()
    {
        await using var bench = await ReadyAsync();
        const string List = "GET /client/v4/zones/z1/dns_records?comment.exact=c&page={0}&per_page=100";
        bench.On(string.Format(null, List, 1), new Answer(200, """{"success":true,"errors":[],"result":[{"id":"r1","type":"A","name":"a","content":"1","comment":"c"}]}"""))
            .On(string.Format(null, List, 2), new Answer(200, """{"success":true,"errors":[],"result":[{"id":"r2","type":"A","name":"b","content":"1","comment":"c"}]}"""))
            .On(string.Format(null, List, 3), new Answer(200, """{"success":true,"errors":[],"result":[]}"""));
        (await bench.Dns.ListRecordsByCommentAsync("c", CancellationToken.None)).Value().Count.ShouldBe(2);
        bench.Server.Done();
    }

    [Fact]
    public async Task A_batch_is_one_transaction_with_only_what_it_needs()
    {
        await using var bench = await ReadyAsync();
        bench.On(Batch, new Answer(200, """{"success":true,"result":{"deletes":[{"id":"old","type":"A","name":"x"}],"patches":[{"id":"r1","type":"A","name":"b.example.com","content":"192.0.2.7","ttl":60}],"puts":[],"posts":[{"id":"r2","type":"AAAA","name":"b.example.com","content":"2001:db8::1","ttl":60}]}}"""))
            .On(Batch, new Answer(200, """{"success":true,"result":{"posts":[{"id":"r3","type":"A","name":"b.example.com","content":"192.0.2.7"}]}}"""));

        var written = (await bench.Dns.ApplyAsync(new DnsChanges(["old"], [("r1", A)], [A with { Type = "AAAA", Content = "2001:db8::1" }]), CancellationToken.None)).Value();
        await bench.Dns.ApplyAsync(new DnsChanges([], [], [A]), CancellationToken.None);

        written.Select(r => r.Id).ShouldBe(["r1", "r2"]);
        bench.Server.Received[1].Body.ShouldBe("""{"deletes":[{"id":"old"}],"patches":[{"id":"r1","type":"A","name":"b.example.com","content":"192.0.2.7","ttl":60,"proxied":false,"comment":"wopr job 1"}],"posts":[{"type":"AAAA","name":"b.example.com","content":"2001:db8::1","ttl":60,"proxied":false,"comment":"wopr job 1"}]}""");
        JsonDocument.Parse(bench.Server.Received[2].Body).RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(["posts"]);
        bench.Server.Done();
    }

    [Fact]
    public async Task Nothing_to_change_costs_no_call_and_too_much_is_not_sent()
    {
        await using var bench = await ProviderBench.StartAsync();
        (await bench.Dns.ApplyAsync(new DnsChanges([], [], []), CancellationToken.None)).Value().ShouldBeEmpty();
        var tooMuch = new DnsChanges([], [], [.. Enumerable.Repeat(A, 201)]);
        (await bench.Dns.ApplyAsync(tooMuch, CancellationToken.None)).Refusal().Code.ShouldBe(ErrorCodes.CloudflareRequestRefused);
        bench.Server.Done();
    }

    public static TheoryData<string, string> LostBatches => new() { { "lost", "CF-006" }, { "html", "CF-006" }, { "unreadable", "CF-006" }, { "identical", "CF-002" }, { "clash", "CF-003" }, { "stale", "CF-007" } };

    [Theory, MemberData(nameof(LostBatches))]
    public async Task A_batch_is_never_sent_twice_after_it_may_have_acted(string how, string meaning)
    {
        await using var bench = await ReadyAsync();
        bench.On(Batch, how switch
        {
            "lost" => Answer.Lost(),
            "html" => Answer.Html(502),
            "unreadable" => Answer.Html(200),
            "identical" => Refusal(400, 81058),
            "clash" => Refusal(400, 81053),
            _ => Refusal(404, 81044),
        });

        var failure = (await bench.Dns.ApplyAsync(new DnsChanges([], [], [A]), CancellationToken.None)).Refusal();

        (failure.Code.Value, failure.Retry).ShouldBe((meaning, Retry.LookFirst));
        bench.Server.Done();
    }

    [Fact]
    public async Task A_success_that_says_no_is_a_refusal()
    {
        await using var bench = await ReadyAsync();
        bench.On(Batch, Refusal(200, 81058));
        (await bench.Dns.ApplyAsync(new DnsChanges([], [], [A]), CancellationToken.None)).Refusal().ProviderCode.ShouldBe("81058");
    }

    [Fact]
    public async Task A_429_without_Retry_After_is_tried_again_and_with_a_long_one_is_left_to_the_caller()
    {
        await using var bench = await ReadyAsync();
        bench.On(Batch, Refusal(429, 10429)).On(Batch, Refusal(429, 971, ("Retry-After", "300")));
        var failure = (await bench.Dns.ApplyAsync(new DnsChanges([], [], [A]), CancellationToken.None)).Refusal();
        (failure.Code, failure.Retry, failure.RetryAfter).ShouldBe((ErrorCodes.CloudflareRateLimited, Retry.Later, TimeSpan.FromMinutes(5)));
        bench.Server.Done();
    }

    [Fact]
    public async Task One_record_is_changed_and_deleted()
    {
        await using var bench = await ReadyAsync();
        const string Record = "/client/v4/zones/z1/dns_records/r1";
        bench.On($"PATCH {Record}", new Answer(200, """{"success":true,"result":{"id":"r1","type":"A","name":"b.example.com","content":"192.0.2.7","ttl":60}}"""))
            .On($"PATCH {Record}", Refusal(404, 81044))
            .On($"DELETE {Record}", Answer.Lost()).On($"DELETE {Record}", Refusal(404, 81044))
            .On($"DELETE {Record}", new Answer(200, """{"success":true,"result":{"id":"r1"}}""")).On($"DELETE {Record}", Answer.Html(404));

        (await bench.Dns.UpdateRecordAsync("r1", A, CancellationToken.None)).Value().Ttl.ShouldBe(60);
        (await bench.Dns.UpdateRecordAsync("r1", A, CancellationToken.None)).Refusal().Retry.ShouldBe(Retry.LookFirst);
        (await bench.Dns.DeleteRecordAsync("r1", CancellationToken.None)).Value().ShouldBeFalse();
        (await bench.Dns.DeleteRecordAsync("r1", CancellationToken.None)).Value().ShouldBeTrue();
        (await bench.Dns.DeleteRecordAsync("r1", CancellationToken.None)).Refusal().Status.ShouldBe(404);
        bench.Server.Done();
    }

    [Fact]
    public async Task The_cache_is_emptied_thirty_hosts_at_a_time()
    {
        await using var bench = await ReadyAsync();
        const string Purge = "POST /client/v4/zones/z1/purge_cache";
        bench.On(Purge, new Answer(200, """{"success":true,"result":{"id":"x"}}""")).On(Purge, new Answer(200, """{"success":true,"result":{"id":"y"}}"""));
        (await bench.Dns.PurgeCacheAsync([.. Enumerable.Range(0, 31).Select(i => $"b{i}.example.com")], CancellationToken.None)).Value().ShouldBeTrue();
        bench.Server.Received[2].Body.ShouldBe("""{"hosts":["b30.example.com"]}""");
        bench.Server.Done();
    }

    [Theory]
    [InlineData("active", null)]
    [InlineData("disabled", "CF-004")]
    public async Task Access_is_an_active_token_and_a_visible_zone(string status, string? meaning)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /client/v4/user/tokens/verify", new Answer(200, $$$"""{"success":true,"result":{"id":"t","status":"{{{status}}}"}}"""));
        if (meaning is null) bench.On(Zones, Zone());
        (await bench.Dns.CheckAccessAsync(CancellationToken.None)).Failure?.Code.Value.ShouldBe(meaning);
        bench.Server.Done();
    }

    [Fact]
    public async Task A_zone_that_the_token_does_not_see_has_its_code_and_is_asked_for_again()
    {
        await using var bench = await ProviderBench.StartAsync();
        var none = new Answer(200, """{"success":true,"result":[{"id":"z2","name":"other.example.com"}]}""");
        bench.On(Zones, none).On(Zones, Zone()).On(Batch, new Answer(200, """{"success":true,"result":{}}"""));
        var changes = new DnsChanges(["r1"], [], []);
        (await bench.Dns.ApplyAsync(changes, CancellationToken.None)).Refusal().Code.ShouldBe(ErrorCodes.ZoneNotFound);
        (await bench.Dns.ApplyAsync(changes, CancellationToken.None)).Value().ShouldBeEmpty();
        bench.Server.Done();
    }

    private static async Task<ProviderBench> ReadyAsync() => (await ProviderBench.StartAsync()).On(Zones, Zone());

    private static Answer Zone() => new(200, """{"success":true,"errors":[],"result":[{"id":"z1","name":"example.com","status":"active"}],"result_info":{"page":1,"per_page":20,"total_pages":1}}""");

    private static Answer Records(string records) => new(200, $$$"""{"success":true,"errors":[],"result":[{{{records}}}],"result_info":{"page":1,"per_page":100,"count":1,"total_pages":1}}""");

    private static Answer Refusal(int status, int code, params (string, string)[] headers) =>
        new(status, $$"""{"success":false,"errors":[{"code":{{code}},"message":"text"}],"messages":[],"result":null}""", headers);
}
