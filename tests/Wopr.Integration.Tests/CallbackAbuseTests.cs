using System.Diagnostics;
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
    private readonly WoprStack stack = quiet.Stack;

    [Fact]
    public async Task Two_nodes_let_no_more_through_than_one_and_others_are_served_meanwhile()
    {
        using var second = await stack.StartNodeAsync();
        var token = RandomNumberGenerator.GetBytes(32);
        var job = await stack.OrderAsync("abused");
        await stack.UntilAsync(job, "waiting_for_vps", "deploying_wopr");
        await ExecuteAsync("""
            INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at) VALUES (@hash, @job, 'test', now() + interval '1 hour');
            UPDATE jobs SET callback_window_at = now() + interval '1 hour' WHERE id = @job
            """, job, SHA256.HashData(token));

        // The window is held open by the row, so that the count does not depend on how fast this machine is.
        // Patient senders: what is measured is the answers, also where many tests share two cores.
        using var first = new HttpClient { BaseAddress = stack.Http.BaseAddress };
        using var other = new HttpClient { BaseAddress = second.Http.BaseAddress };
        var nodes = new[] { first, other };
        var watch = Stopwatch.StartNew();
        var slowest = TimeSpan.Zero;
        var sending = Task.WhenAll(Enumerable.Range(0, 1000).Select(i => CallAsync(nodes[i % 2], job, token, new { stage = "boot", progress = i % 100, seq = i + 1 })));
        do
        {
            var start = watch.Elapsed;
            (await stack.Http.GetAsync($"/api/provision/{job}/status")).StatusCode.ShouldBe(HttpStatusCode.OK, "a flood of callbacks leaves room for others");
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, (watch.Elapsed - start).Ticks));
        }
        while (!sending.IsCompleted);

        var answers = (await sending).CountBy(status => status).ToDictionary();
        answers[HttpStatusCode.Accepted].ShouldBe(CallbackStore.MostPerWindow);
        answers[HttpStatusCode.TooManyRequests].ShouldBe(1000 - CallbackStore.MostPerWindow);
        slowest.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        Console.WriteLine($"1000 callbacks at one job on two nodes: {watch.Elapsed.TotalSeconds:0.0} s; slowest status meanwhile {slowest.TotalMilliseconds:0} ms");

        // Once it has calmed down it is heard again.
        await ExecuteAsync("UPDATE jobs SET callback_window_at = now() - interval '11 seconds' WHERE id = @job", job, []);
        (await CallAsync(second.Http, job, token, new { stage = "packages", progress = 99, seq = 2000 })).ShouldBe(HttpStatusCode.Accepted);
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
