using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Dapper;
using Npgsql;
using Wopr.Callbacks;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>A beacon that has gone mad, and strangers who guess, at two nodes of one service.</summary>
public sealed class CallbackAbuseTests(IntakeTests.Quiet quiet) : IClassFixture<IntakeTests.Quiet>
{
    private const int PerSecond = 1000;
    private const int Seconds = 2;

    private readonly WoprStack stack = quiet.Stack;

    [Fact]
    public async Task A_thousand_callbacks_a_second_at_one_job_are_limited_over_both_nodes_and_nobody_else_suffers()
    {
        using var second = await stack.StartNodeAsync();
        var (token, job) = await BeaconAsync("abused");
        var (neighbours, neighbour) = await BeaconAsync("neighbour");
        // The window is held open by the row, so that the count does not depend on how fast this machine is.
        await ExecuteAsync("UPDATE jobs SET callback_window_at = now() + interval '1 hour' WHERE id = @job", job, []);

        using var first = new HttpClient { BaseAddress = stack.Http.BaseAddress };
        using var other = new HttpClient { BaseAddress = second.Http.BaseAddress };
        var flood = FloodAsync([first, other], job, token);
        // Meanwhile another beacon reports, at both nodes, and its customer looks on.
        var seq = 0;
        do
        {
            seq++;
            (await CallAsync(seq % 2 == 0 ? stack.Http : second.Http, neighbour, neighbours, new { stage = "boot", progress = 1, seq })).ShouldBe(HttpStatusCode.Accepted, "another beacon is heard");
            var status = await stack.StatusAsync(neighbour);
            status.GetProperty("timeline").EnumerateArray().Count(e => e.GetProperty("kind").GetString() == "stage").ShouldBe(seq, "and what it reports is told");
        }
        while (!flood.IsCompleted && seq < CallbackStore.MostPerWindow);

        var answers = (await flood).CountBy(status => status).ToDictionary();
        answers.Keys.ShouldBe([HttpStatusCode.Accepted, HttpStatusCode.TooManyRequests], ignoreOrder: true);
        answers[HttpStatusCode.Accepted].ShouldBe(CallbackStore.MostPerWindow);
        answers[HttpStatusCode.TooManyRequests].ShouldBe((Seconds * PerSecond) - CallbackStore.MostPerWindow);

        // Once it has calmed down it is heard again.
        await ExecuteAsync("UPDATE jobs SET callback_window_at = now() - interval '11 seconds' WHERE id = @job", job, []);
        (await CallAsync(second.Http, job, token, new { stage = "packages", progress = 99, seq = 1_000_000 })).ShouldBe(HttpStatusCode.Accepted);
    }

    /// <summary>A thousand every second, whether those before have been answered or not, at all nodes by turns.</summary>
    private static async Task<IReadOnlyList<HttpStatusCode>> FloodAsync(HttpClient[] nodes, string job, byte[] token)
    {
        const int Beats = 50;
        var calls = new List<Task<HttpStatusCode>>();
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(1) / Beats);
        while (calls.Count < Seconds * PerSecond && await beat.WaitForNextTickAsync())
            for (var i = 0; i < PerSecond / Beats; i++)
            {
                var seq = calls.Count + 1;
                calls.Add(CallAsync(nodes[seq % nodes.Length], job, token, new { stage = "boot", progress = seq % 100, seq }));
            }
        return await Task.WhenAll(calls);
    }

    /// <summary>A job that waits for its beacon, and a token that the beacon could have.</summary>
    private async Task<(byte[] Token, string Job)> BeaconAsync(string name)
    {
        var token = RandomNumberGenerator.GetBytes(32);
        var job = await stack.OrderAsync(name);
        await stack.UntilAsync(job, "waiting_for_vps", "deploying_wopr");
        await ExecuteAsync("INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at) VALUES (@hash, @job, 'test', now() + interval '1 hour')", job, SHA256.HashData(token));
        return (token, job);
    }

    private static async Task<HttpStatusCode> CallAsync(HttpClient node, string job, byte[] token, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/provision/{job}/callback") { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Callback-Token", Convert.ToHexStringLower(token));
        using var response = await node.SendAsync(request);
        return response.StatusCode;
    }

    private async Task ExecuteAsync(string sql, string job, byte[] hash)
    {
        await using var connection = new NpgsqlConnection(stack.ConnectionString + ";Gss Encryption Mode=Disable");
        await connection.ExecuteAsync(sql, new { job = Guid.Parse(job), hash });
    }
}
