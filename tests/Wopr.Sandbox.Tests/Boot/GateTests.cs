using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Wopr.Sandbox.Boot;

namespace Wopr.Sandbox.Tests.Boot;

public sealed class GateTests : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private WebApplication _app = null!;
    private Uri _url = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        Gate.Map(_app, _ => true, new OneMachine(), new OneFace());
        await _app.StartAsync();
        _url = new Uri(_app.Urls.Single());
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    [Fact]
    public async Task The_machine_behind_the_name_answers()
    {
        var answer = await GetAsync("ALICE.beacons.localhost", "/page");
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await answer.Content.ReadAsStringAsync()).ShouldStartWith("7 alice.beacons.localhost /page");
    }

    [Fact]
    public async Task Links_between_the_beacons_names_lead_through_the_gate()
    {
        var text = await (await GetAsync($"alice.beacons.localhost:{_url.Port}", "/")).Content.ReadAsStringAsync();
        text.ShouldContain($"\"http://files.alice.beacons.localhost:{_url.Port}/\"");
        text.ShouldContain("\"https://example.org/alice.beacons.localhost/\"");
    }

    [Theory]
    [InlineData("nobody.beacons.localhost")]
    [InlineData("silent.beacons.localhost")]
    public async Task Where_nothing_listens_the_connection_breaks(string host) =>
        await Should.ThrowAsync<HttpRequestException>(() => GetAsync(host, "/"));

    private Task<HttpResponseMessage> GetAsync(string host, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_url, path));
        request.Headers.Host = host;
        return _client.SendAsync(request);
    }

    private sealed class OneMachine : IInternet
    {
        public Machine? Resolve(string host) =>
            host.StartsWith("nobody", StringComparison.Ordinal) ? null : new Machine(7, "alice", "198.18.0.1", "2001:db8::1", "");
    }

    private sealed class OneFace : IBeaconFace
    {
        public Task<BeaconAnswer?> AnswerAsync(long serverId, string host, string path, CancellationToken cancellation) => Task.FromResult(host.StartsWith("silent", StringComparison.Ordinal)
            ? null
            : new BeaconAnswer(202, "text/html", $"{serverId} {host} {path} <a href=\"https://files.alice.beacons.localhost/\"><a href=\"https://example.org/alice.beacons.localhost/\">"));
    }
}
