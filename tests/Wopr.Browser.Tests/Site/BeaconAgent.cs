using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Browser.Tests.Site;

/// <summary>A finished beacon's agent, as far as the service sees it.</summary>
public sealed class BeaconAgent
{
    private static readonly string[] Modules = ["caddy", "authentik", "nextcloud", "vikunja"];

    private readonly WoprStack stack;
    private readonly string job;
    private readonly byte[] token = RandomNumberGenerator.GetBytes(32);

    private BeaconAgent(WoprStack stack, string job) => (this.stack, this.job) = (stack, job);

    public static async Task<BeaconAgent> RegisterAsync(WoprStack stack, string job)
    {
        var agent = new BeaconAgent(stack, job);
        await using var connection = new NpgsqlConnection(stack.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("INSERT INTO beacon_agents (job_id, token_hash) VALUES ($1, $2)", connection);
        command.Parameters.AddWithValue(Guid.Parse(job));
        command.Parameters.AddWithValue(SHA256.HashData(agent.token));
        await command.ExecuteNonQueryAsync();
        return agent;
    }

    /// <summary>The key of a browser that waits, or null.</summary>
    public async Task<string?> BeatAsync()
    {
        var now = DateTimeOffset.UtcNow;
        var answer = await SendAsync("heartbeat", new
        {
            installer_sha256 = new string('a', 64),
            plan = new { number = 1, state = "applied" },
            units = Modules.Select(m => new { module = m, unit = $"wopr-{m}", state = "active" }),
            disk = new { total_mb = 76_000, free_mb = 51_000 },
            memory = new { total_mb = 7_800, free_mb = 3_100 },
            certificates = new[] { new { host = "files.beacons.localhost", not_before = now.AddDays(-20), not_after = now.AddDays(70) } },
            backup = new { at = now.AddHours(-9), ok = true, kept = 7 },
            first_boot = "cloud-init: done",
            uptime_seconds = 93_000,
        });
        return JsonSerializer.Deserialize<JsonElement>(answer).GetProperty("sign_in_key").GetString();
    }

    /// <summary>Seals a link for the browser that waits, and brings it.</summary>
    public async Task HandOverAsync(string link)
    {
        var key = (await BeatAsync()).ShouldNotBeNull();
        using var browser = RSA.Create();
        browser.ImportSubjectPublicKeyInfo(Convert.FromBase64String(key), out _);
        await SendAsync("sign-in", new { key, @sealed = Convert.ToBase64String(browser.Encrypt(Encoding.UTF8.GetBytes(link), RSAEncryptionPadding.OaepSHA256)) });
    }

    private async Task<string> SendAsync(string what, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/beacons/{job}/{what}") { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Beacon-Token", Convert.ToHexStringLower(token));
        using var response = await stack.Http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(answer);
        return answer;
    }
}
