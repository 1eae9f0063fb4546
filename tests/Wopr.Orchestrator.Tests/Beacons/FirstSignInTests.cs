using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Audit;
using Wopr.Beacons;
using Wopr.Checkout;
using Wopr.Installer;
using Wopr.Modules;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Orchestrator.Tests.Modules;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Beacons;

/// <summary>How a beacon's first account comes to its customer, between a browser and an agent, on a real database.</summary>
public sealed class FirstSignInTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private const string Link = "/recovery/use-token/once-and-for-half-an-hour/";
    private static readonly ModuleCatalogue Modules = TestModules.RealCatalogue();
    private static readonly Actor Anna = Actor.Operator("anna");

    private readonly RSA browser = RSA.Create(2048);
    private readonly string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    private TestHost host = null!;
    private JobId job;

    private FirstSignIns SignIns => new(database.Source);

    public async Task InitializeAsync()
    {
        host = await TestHost.StartAsync(
            builder => builder.Services.AddSingleton(database.Source).AddSingleton<AgentStore>().AddSingleton<FirstSignIns>()
                .AddSingleton(new PlanStore(database.Source, Catalogue.Load(), Modules, new InstallerShelf(database.Source, new(() => InstallerTarball.Build(TestModules.RealFolder, Modules))))),
            app =>
            {
                app.MapAgents();
                app.MapFirstSignIn();
            });
        job = await database.AddJobAsync($"hand-{Guid.NewGuid():N}"[..20], JobState.Completed);
        var hash = AgentTokenHash.Parse(Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(token))))!;
        await database.Source.InTransactionAsync((connection, transaction) => AgentStore.RegisterAsync(connection, transaction, job, hash), default);
    }

    public async Task DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task The_link_comes_to_the_browser_that_asked_and_to_no_other()
    {
        (await BeatAsync()).ShouldBeNull();
        (await AskAsync(KeyOf(browser))).ShouldBe(HttpStatusCode.Accepted);
        (await LookAsync()).ShouldBe(("waiting", null));
        var key = await BeatAsync();
        key.ShouldBe(KeyOf(browser));
        (await BringAsync(key!)).ShouldBe(HttpStatusCode.NoContent);
        // The beacon is not asked for a second one.
        (await BeatAsync()).ShouldBeNull();

        var (state, sealedLink) = await LookAsync();
        state.ShouldBe("made");
        Encoding.UTF8.GetString(browser.Decrypt(Convert.FromBase64String(sealedLink!), RSAEncryptionPadding.OaepSHA256)).ShouldBe(Link);
        // A page that is reloaded finds it again; another browser comes too late.
        (await LookAsync()).Sealed.ShouldBe(sealedLink);
        using var other = RSA.Create(2048);
        (await AskAsync(KeyOf(other))).ShouldBe(HttpStatusCode.Conflict);
        (await NotesAsync()).ShouldBe(["the link for the first sign-in was given to the browser that asked for it"]);
    }

    [Fact]
    public async Task Who_asks_last_gets_it_as_long_as_it_was_not_given()
    {
        using var first = RSA.Create(2048);
        await AskAsync(KeyOf(first));
        (await AskAsync(KeyOf(browser))).ShouldBe(HttpStatusCode.Accepted);
        (await BringAsync(KeyOf(first))).ShouldBe(HttpStatusCode.Conflict);
        (await BeatAsync()).ShouldBe(KeyOf(browser));
    }

    [Fact]
    public async Task What_was_given_ends_and_only_an_operator_opens_it_again()
    {
        await AskAsync(KeyOf(browser));
        await BringAsync(KeyOf(browser));
        await LookAsync();
        await ExecuteAsync("UPDATE first_sign_ins SET sealed_at = now() - interval '31 minutes' WHERE job_id = @job");
        (await LookAsync()).ShouldBe(("given", null));
        (await AskAsync(KeyOf(browser))).ShouldBe(HttpStatusCode.Conflict);
        await BeatAsync();
        (await OneAsync<bool>("SELECT sealed IS NULL FROM first_sign_ins WHERE job_id = @job")).ShouldBeTrue();

        (await SignIns.OpenAsync(job, Anna, "she wrote from the order's address", default)).ShouldBeTrue();
        (await LookAsync()).ShouldBe(("open", null));
        (await AskAsync(KeyOf(browser))).ShouldBe(HttpStatusCode.Accepted);
        (await OneAsync<string>("SELECT action || ': ' || reason FROM audit_log WHERE job_id = @job")).ShouldBe("open-first-sign-in: she wrote from the order's address");
    }

    [Theory]
    [InlineData("UPDATE jobs SET ended_at = now() - interval '15 days' WHERE id = @job")]
    [InlineData("UPDATE jobs SET decommission_requested_at = now() WHERE id = @job")]
    [InlineData("UPDATE jobs SET state = 'verifying' WHERE id = @job")]
    [InlineData("DELETE FROM beacon_agents WHERE job_id = @job")]
    public async Task Nothing_is_to_be_asked_for_too_late_too_early_or_without_an_agent(string change)
    {
        await ExecuteAsync(change);
        (await LookAsync()).ShouldBe(("closed", null));
        (await AskAsync(KeyOf(browser))).ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_browser_that_gave_up_costs_the_beacon_nothing()
    {
        await AskAsync(KeyOf(browser));
        await ExecuteAsync("UPDATE first_sign_ins SET asked_at = now() - interval '31 minutes' WHERE job_id = @job");
        (await BeatAsync()).ShouldBeNull();
        (await LookAsync()).State.ShouldBe("open");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64")]
    [InlineData("AAAA")]
    public async Task Only_a_key_is_a_key(string key)
    {
        (await AskAsync(key)).ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await BringAsync(key)).ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Another_site_asks_for_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/setup/{job}/first-sign-in") { Content = JsonContent.Create(new { key = KeyOf(browser) }) };
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var answer = await host.Client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await LookAsync()).State.ShouldBe("open");
    }

    private static string KeyOf(RSA rsa) => Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());

    private async Task<HttpStatusCode> AskAsync(string key)
    {
        using var answer = await host.Client.PostAsJsonAsync($"/setup/{job}/first-sign-in", new { key });
        return answer.StatusCode;
    }

    private async Task<(string? State, string? Sealed)> LookAsync()
    {
        var view = await host.Client.GetFromJsonAsync<JsonElement>($"/setup/{job}/first-sign-in");
        return (view.GetProperty("state").GetString(), view.GetProperty("sealed").GetString());
    }

    /// <summary>The key that waits, as the beacon hears of it.</summary>
    private async Task<string?> BeatAsync()
    {
        using var answer = await SendAsync("heartbeat", new ByteArrayContent(SomeHeartbeat.Sound(DateTimeOffset.UtcNow).Bytes().ToArray()));
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("sign_in_key").GetString();
    }

    private async Task<HttpStatusCode> BringAsync(string key)
    {
        var sealedLink = Convert.ToBase64String(browser.Encrypt(Encoding.UTF8.GetBytes(Link), RSAEncryptionPadding.OaepSHA256));
        using var answer = await SendAsync("sign-in", JsonContent.Create(new Dictionary<string, string> { ["key"] = key, ["sealed"] = sealedLink }));
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(string what, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/beacons/{job}/{what}") { Content = content };
        request.Headers.Add(AgentEndpoints.TokenHeader, token);
        return await host.Client.SendAsync(request);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, new { job = job.Value });
    }

    private async Task<T?> OneAsync<T>(string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql, new { job = job.Value });
    }

    private async Task<IReadOnlyList<string>> NotesAsync()
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>("SELECT data->>'message' FROM events WHERE job_id = @job AND kind = 'note'", new { job = job.Value })];
    }
}
