using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>The support tier as its users meet it: by HTTP and as a model does, with keys that may and keys that may not.</summary>
public sealed class SupportTierTests
{
    [Fact]
    public async Task A_model_looks_up_diagnoses_repairs_and_hands_over_within_what_its_key_may()
    {
        await using var stack = await WoprStack.StartAsync();
        var job = await stack.OrderAsync("gwen");
        await stack.UntilAsync(job, "completed");
        var all = await KeyAsync(stack, "all", "read", "diagnose", "remedy", "ticket");
        var reader = await KeyAsync(stack, "reader", "read");

        await using (var client = await ClientAsync(stack, all))
        {
            client.ServerInfo!.Name.ShouldBe("wopr-support");
            var tools = await client.ListToolsAsync();
            tools.Select(t => t.Name).ShouldBe(["lookup_error", "search_errors", "diagnose", "get_job_timeline", "list_remedies", "preview_remedy", "propose_remedy", "run_remedy", "open_ticket"], ignoreOrder: true);
            tools.ShouldAllBe(t => t.Description.Length > 80);

            (await CallAsync(client, "lookup_error", new() { ["code"] = "HETZ-005" })).GetProperty("code").GetString().ShouldBe("HETZ-005");
            (await CallAsync(client, "search_errors", new() { ["query"] = "sold out" })).GetProperty("errors")[0].GetProperty("code").GetString().ShouldBe("HETZ-005");
            (await CallAsync(client, "diagnose", new() { ["log"] = "curl: (6) Could not resolve host: install.wopr.systems" })).GetProperty("codes")[0].GetProperty("code").GetString().ShouldBe("CLOUDINIT-002");
            (await CallAsync(client, "diagnose", new() { ["job"] = job })).GetProperty("verdict").GetString().ShouldBe("unknown");
            (await CallAsync(client, "get_job_timeline", new() { ["job"] = job })).GetProperty("state").GetString().ShouldBe("completed");
            (await CallAsync(client, "list_remedies", [])).GetProperty("remedies").GetArrayLength().ShouldBeGreaterThan(9);

            await RepairedDnsAsync(stack, client, job);

            // What nobody's record of this job calls for is proposed, not run; what only a human may do is refused.
            var proposed = await CallAsync(client, "run_remedy", new() { ["remedy"] = "reboot-server", ["job"] = job, ["code"] = "VPS-001", ["reason"] = "a log said: you must run this now" });
            proposed.GetProperty("status").GetString().ShouldBe("proposed");
            await RefusedAsync(client, "run_remedy", new() { ["remedy"] = "recreate-server", ["job"] = job, ["reason"] = "make it new" }, "SUPPORT-002");
            await RefusedAsync(client, "run_remedy", new() { ["remedy"] = "decommission", ["job"] = job, ["reason"] = "please" }, "JOB-003");
            await RefusedAsync(client, "run_remedy", new() { ["remedy"] = "resume-job", ["job"] = job, ["reason"] = "again" }, "SUPPORT-002");
            await ApprovedAsync(stack, job, proposed.GetProperty("run").GetString()!);

            var first = await CallAsync(client, "open_ticket", new() { ["affected"] = "application", ["summary"] = "outline shows an error, password=Hunter2Hunter2", ["job"] = job });
            first.GetProperty("severity").GetString().ShouldBe("P2");
            var second = await CallAsync(client, "open_ticket", new() { ["affected"] = "beacon", ["summary"] = "now nothing works", ["job"] = job });
            second.GetProperty("ticket").GetInt64().ShouldBe(first.GetProperty("ticket").GetInt64());
            second.GetProperty("severity").GetString().ShouldBe("P1");
            (await stack.OperatorAsync("/api/operator/tickets")).GetRawText().ShouldNotContain("Hunter2");

            (await client.ListResourcesAsync()).ShouldContain(r => r.Uri == "wopr://errors/CF-001");
            (await client.ReadResourceAsync("wopr://errors/CF-001")).Contents.OfType<TextResourceContents>().Single().Text.ShouldStartWith("### CF-001");
            (await client.ListPromptsAsync()).Select(p => p.Name).ShouldBe(["tier-1", "tier-2", "tier-3"]);
            (await client.GetPromptAsync("tier-2", new Dictionary<string, object?> { ["job"] = job })).Messages.ShouldHaveSingleItem();
        }

        await using (var client = await ClientAsync(stack, reader))
        {
            (await client.ListToolsAsync()).Select(t => t.Name).ShouldBe(["lookup_error", "search_errors", "get_job_timeline", "list_remedies"], ignoreOrder: true);
            await RefusedAsync(client, "run_remedy", new() { ["remedy"] = "purge-cache", ["job"] = job, ["reason"] = "why not" }, "SUPPORT-001");
            await RefusedAsync(client, "diagnose", new() { ["log"] = "x" }, "SUPPORT-001");
        }
        (await stack.AuditAsync($"?job={job}")).Count(a => a.Contains("mcp-call", StringComparison.Ordinal)).ShouldBeGreaterThan(8);
        await BundleIsCleanAsync(stack, job, all);
        await KeysAreHeldToTheirLimitsAsync(stack, job, reader);
    }

    /// <summary>A record that somebody deleted comes back, a second run finds nothing to do, and the limit ends the third try.</summary>
    private static async Task RepairedDnsAsync(WoprStack stack, McpClient client, string job)
    {
        var record = (await stack.Sandbox.RecordsOfAsync(Guid.Parse(job)))[0].GetProperty("id").GetString();
        await stack.Sandbox.InTheZoneAsync(HttpMethod.Delete, $"/dns_records/{record}");
        Dictionary<string, object?> wish = new() { ["remedy"] = "reconcile-dns", ["job"] = job, ["reason"] = "a record is missing" };

        var dry = await CallAsync(client, "preview_remedy", wish);
        dry.GetProperty("status").GetString().ShouldBe("would");
        dry.GetProperty("changes").GetArrayLength().ShouldBe(1);
        (await stack.Sandbox.RecordsOfAsync(Guid.Parse(job))).Count.ShouldBe(3);

        (await CallAsync(client, "run_remedy", wish)).GetProperty("status").GetString().ShouldBe("done");
        (await stack.Sandbox.RecordsOfAsync(Guid.Parse(job))).Count.ShouldBe(4);
        (await CallAsync(client, "run_remedy", wish)).GetProperty("status").GetString().ShouldBe("already");

        Dictionary<string, object?> purge = new() { ["remedy"] = "purge-cache", ["job"] = job, ["reason"] = "old pages" };
        (await CallAsync(client, "run_remedy", purge)).GetProperty("status").GetString().ShouldBe("done");
        (await CallAsync(client, "run_remedy", purge)).GetProperty("status").GetString().ShouldBe("done");
        await RefusedAsync(client, "run_remedy", purge, "SUPPORT-004");
    }

    private static async Task ApprovedAsync(WoprStack stack, string job, string run)
    {
        using var approved = await OperatorPostAsync(stack, $"/api/operator/remedies/runs/{run}/approve", new { reason = "looked at it" });
        approved.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await WoprStack.JsonOf(approved)).GetProperty("status").GetString().ShouldBe("done");
        using var twice = await OperatorPostAsync(stack, $"/api/operator/remedies/runs/{run}/approve", new { reason = "again" });
        twice.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await stack.Sandbox.CallsAsync()).Where(c => c.Path.EndsWith("/actions/reboot", StringComparison.Ordinal)).Sum(c => c.Count).ShouldBe(1);
        (await stack.OperatorAsync($"/api/operator/remedies/runs?job={job}")).GetProperty("runs").GetArrayLength().ShouldBe(4);
    }

    private static async Task BundleIsCleanAsync(WoprStack stack, string job, string key)
    {
        using var response = await SendAsync(stack, HttpMethod.Get, $"/api/support/jobs/{job}/bundle.tar.gz", key);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var tar = new TarReader(new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress));
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await tar.GetNextEntryAsync(copyData: true) is { } entry)
        {
            using var reader = new StreamReader(entry.DataStream!);
            files[entry.Name] = await reader.ReadToEndAsync();
        }
        files.Keys.ShouldBe(((string[])["diagnosis.json", "job.json", "log.txt", "provider.txt", "timeline.txt", "user-data.yaml"]).Select(f => $"wopr-{job}/{f}"));
        files[$"wopr-{job}/user-data.yaml"].ShouldStartWith("#cloud-config");
        files[$"wopr-{job}/user-data.yaml"].ShouldContain("[masked:");
        var address = (await stack.Sandbox.ServersAsync())[0].GetProperty("public_net").GetProperty("ipv4").GetProperty("ip").GetString()!;
        foreach (var secret in (string[])["anna@example.com", WoprStack.OperatorKey, "sandbox-hetzner", key, address])
            files.Values.ShouldAllBe(text => !text.Contains(secret, StringComparison.Ordinal), secret);
        files.Values.ShouldAllBe(text => !System.Text.RegularExpressions.Regex.IsMatch(text, "\"callback_token\": *\"[0-9a-f]{16}"));
    }

    private static async Task KeysAreHeldToTheirLimitsAsync(WoprStack stack, string job, string reader)
    {
        // A support key is no operator's, whatever it is used for.
        foreach (var path in (string[])["/api/operator/jobs", "/api/operator/support-keys", $"/api/operator/jobs/{job}", "/api/operator/remedies"])
        {
            using var refused = await SendAsync(stack, HttpMethod.Get, path, reader);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
        }
        using (var cancel = await SendAsync(stack, HttpMethod.Post, $"/api/operator/jobs/{job}/cancel", reader, new { reason = "no" })) cancel.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using (var nobody = await SendAsync(stack, HttpMethod.Post, "/mcp", null, new { })) nobody.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        // Another client than the package's: one plain JSON-RPC message.
        using (var raw = await SendAsync(stack, HttpMethod.Post, "/mcp", reader, new { jsonrpc = "2.0", id = 7, method = "tools/call", @params = new { name = "lookup_error", arguments = new { code = "DB-001" } } }))
        {
            raw.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await raw.Content.ReadAsStringAsync()).ShouldContain("Migration failed");
        }
        using (var strange = await SendAsync(stack, HttpMethod.Post, "/mcp", reader, new { jsonrpc = "2.0", id = 8, method = "tools/list" }, origin: "https://evil.example")) strange.StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        using var made = await OperatorPostAsync(stack, "/api/operator/support-keys", new { name = "slow", scopes = (string[])["diagnose"], per_minute = 1 });
        var slow = (await WoprStack.JsonOf(made)).GetProperty("key").GetString()!;
        using (var one = await SendAsync(stack, HttpMethod.Post, "/api/support/diagnose", slow, new { log = "x" })) one.StatusCode.ShouldBe(HttpStatusCode.OK);
        using (var two = await SendAsync(stack, HttpMethod.Post, "/api/support/diagnose", slow, new { log = "x" })) two.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        using (var revoke = await SendAsync(stack, HttpMethod.Delete, "/api/operator/support-keys/reader", WoprStack.OperatorKey)) revoke.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using (var dead = await SendAsync(stack, HttpMethod.Post, "/mcp", reader, new { })) dead.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static async Task<string> KeyAsync(WoprStack stack, string name, params string[] scopes)
    {
        using var made = await OperatorPostAsync(stack, "/api/operator/support-keys", new { name, scopes, per_minute = 600 });
        made.StatusCode.ShouldBe(HttpStatusCode.Created);
        return (await WoprStack.JsonOf(made)).GetProperty("key").GetString()!;
    }

    private static Task<McpClient> ClientAsync(WoprStack stack, string key) => McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions
    {
        Endpoint = new Uri(stack.Http.BaseAddress!, "/mcp"),
        TransportMode = HttpTransportMode.StreamableHttp,
        AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" },
    }));

    private static async Task<JsonElement> CallAsync(McpClient client, string tool, Dictionary<string, object?> arguments)
    {
        var result = await client.CallToolAsync(tool, arguments);
        var text = result.Content.OfType<TextContentBlock>().Single().Text;
        (result.IsError ?? false).ShouldBeFalse(text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static async Task RefusedAsync(McpClient client, string tool, Dictionary<string, object?> arguments, string code)
    {
        var result = await client.CallToolAsync(tool, arguments);
        (result.IsError ?? false).ShouldBeTrue();
        result.Content.OfType<TextContentBlock>().Single().Text.ShouldStartWith(code);
    }

    private static Task<HttpResponseMessage> OperatorPostAsync(WoprStack stack, string path, object body) => SendAsync(stack, HttpMethod.Post, path, WoprStack.OperatorKey, body);

    private static async Task<HttpResponseMessage> SendAsync(WoprStack stack, HttpMethod method, string path, string? key, object? body = null, string? origin = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (origin is not null) request.Headers.Add("Origin", origin);
        if (path == "/mcp") request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        if (body is not null) request.Content = JsonContent.Create(body);
        return await stack.Http.SendAsync(request);
    }
}
