using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Audit;
using Wopr.Incidents;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Provisioning;
using Wopr.Orchestrator.Tests.Support.Remedies;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;
using Wopr.Support.Diagnosis;
using Wopr.Support.Keys;
using Wopr.Support.Mcp;
using Wopr.Support.Remedies;
using Wopr.Support.Tickets;

namespace Wopr.Orchestrator.Tests.Support.Mcp;

/// <summary>The support tier's addresses on a real web server, with remedies that only count.</summary>
internal sealed class McpHost(TestHost host, MigratedDatabase database) : IAsyncDisposable
{
    public const string PublicUrl = "https://wopr.example.com";

    public Counted Harmless { get; } = new("purge-cache", isHarmless: true);

    public Counted Approved { get; } = new("reboot-server");

    public Counted Destructive { get; } = new("recreate-server", RemedyTier.Human, isDestructive: true);

    public HttpClient Client => host.Client;

    public static async Task<McpHost> StartAsync(MigratedDatabase database)
    {
        McpHost? made = null;
        var host = await TestHost.StartAsync(
            builder =>
            {
                var services = builder.Services;
                services.AddSingleton(database.Source).AddSingleton(CloudStub.Create().Stub.Clouds).AddSingleton<IDnsProvider>(new NoDns()).AddSingleton(TimeProvider.System).AddSingleton(TestSettings.Make(("WOPR_PUBLIC_URL", PublicUrl)));
                services.AddSingleton<JobDossiers>().AddSingleton<JobEvents>().AddSingleton<IncidentStore>().AddSingleton<AuditLog>().AddSingleton<IIdSource, RandomIdSource>();
                services.AddSupport(ErrorCatalogue.Load).AddDiagnosis().AddSupportKeys().AddMcp().AddSingleton<RemedyRuns>().AddSingleton<RemedyDesk>().AddSingleton<Tickets>();
                services.AddSingleton<IRemedy>(_ => made!.Harmless).AddSingleton<IRemedy>(_ => made!.Approved).AddSingleton<IRemedy>(_ => made!.Destructive);
                services.AddOperatorSchemes(TestSettings.Make());
                services.Configure<JsonOptions>(json => Json.Configure(json.SerializerOptions));
            },
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.MapDiagnosis();
                app.MapMcp();
            });
        return made = new McpHost(host, database);
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();

    public async Task<string> KeyAsync(params SupportScope[] scopes) =>
        (await new SupportKeys(database.Source, new RandomIdSource()).MakeAsync(Guid.NewGuid().ToString(), scopes, SupportKeys.MostPerMinute, Actor.System, default))!;

    public Task<JobId> JobAsync(JobState state = JobState.DeployingWopr) => JobRows.InsertAsync(database.Source, state);

    public async Task<HttpResponseMessage> SendAsync(string? key, HttpContent content, Action<HttpRequestHeaders>? with = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = content };
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        with?.Invoke(request.Headers);
        return await host.Client.SendAsync(request);
    }

    /// <summary>A tool's answer: its text, and whether it is a refusal.</summary>
    public async Task<(bool IsError, string Text, JsonElement Answer)> CallAsync(string key, string tool, object arguments)
    {
        using var response = await SendAsync(key, JsonOf(new { jsonrpc = "2.0", id = 1, method = "tools/call", @params = new { name = tool, arguments } }));
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        var message = JsonSerializer.Deserialize<JsonElement>(text.Split('\n').Single(l => l.StartsWith("data:", StringComparison.Ordinal))["data:".Length..]);
        message.TryGetProperty("result", out var result).ShouldBeTrue(text);
        return (result.TryGetProperty("isError", out var error) && error.GetBoolean(), result.GetProperty("content")[0].GetProperty("text").GetString()!, result.TryGetProperty("structuredContent", out var answer) ? answer : default);
    }

    public static StringContent JsonOf(object value) => new(JsonSerializer.Serialize(value), Encoding.UTF8, "application/json");

    /// <summary>Small on the wire, and huge when it is unpacked.</summary>
    public static ByteArrayContent Bomb(int characters)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize)) gzip.Write(Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + new string('x', characters) + "\"}"));
        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private sealed class NoDns : IDnsProvider
    {
        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsAsync(IReadOnlyCollection<string> names, CancellationToken cancellation) => Task.FromResult(ProviderResult<IReadOnlyList<DnsRecord>>.Success([]));

        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ApplyAsync(DnsChanges changes, CancellationToken cancellation) => throw new InvalidOperationException();

        public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsByCommentAsync(string comment, CancellationToken cancellation) => throw new InvalidOperationException();

        public Task<ProviderResult<bool>> PurgeCacheAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellation) => throw new InvalidOperationException();
    }
}
