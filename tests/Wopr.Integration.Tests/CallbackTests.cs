using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Callbacks;
using Wopr.Integration.Tests.Stack;
using Wopr.Platform;
using Wopr.Provisioning;

namespace Wopr.Integration.Tests;

/// <summary>The beacon's contract: what is taken, what is refused, and that nothing goes backwards.</summary>
public sealed class CallbackTests(IntakeTests.Quiet quiet) : IClassFixture<IntakeTests.Quiet>
{
    private const string Token = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    private readonly WoprStack stack = quiet.Stack;

    [Fact]
    public async Task A_callback_is_taken_under_both_addresses_and_repeats_change_nothing()
    {
        var job = await JobWithTokenAsync("calls-one", Token);
        (await CallAsync(job, new { stage = "boot", progress = 2, seq = 1 })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await CallAsync(job, new { stage = "packages", progress = 10, seq = 2 }, prefix: "/api/v1/provisioning")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var before = (await stack.StatusAsync(job)).GetProperty("timeline").EnumerateArray().Count(e => e.GetProperty("stage").ValueKind == JsonValueKind.String);
        (await CallAsync(job, new { stage = "packages", progress = 10, seq = 2 })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await CallAsync(job, new { stage = "boot", progress = 1, seq = 1 })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await CallAsync(job, new { stage = "boot", progress = 1, seq = 3 })).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var status = await stack.StatusAsync(job);
        status.GetProperty("progress").GetInt32().ShouldBe(10);
        status.GetProperty("stage").GetString().ShouldBe("packages");
        status.GetProperty("timeline").EnumerateArray().Count(e => e.GetProperty("stage").ValueKind == JsonValueKind.String).ShouldBe(before + 1);
    }

    [Fact]
    public async Task Without_the_jobs_own_token_nothing_is_taken_and_nothing_is_told()
    {
        var mine = await JobWithTokenAsync("calls-two", Hex(1));
        var other = await JobWithTokenAsync("calls-three", Hex(2));
        (await CallAsync(mine, Boot, token: null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var (job, token) in new[] { (mine, Hex(2)), (other, Hex(1)), (mine, "zz"), (mine, ""), (Guid.NewGuid().ToString(), Hex(1)), ("nonsense", Hex(1)) })
        {
            var response = await CallAsync(job, Boot, token.Length == 0 ? "x" : token);
            response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await WoprStack.JsonOf(response)).GetProperty("detail").GetString().ShouldBe("Invalid callback token for this job");
        }
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"stage":"flying","progress":1,"seq":1}""")]
    [InlineData("""{"stage":"boot","progress":101,"seq":1}""")]
    [InlineData("""{"stage":"boot","progress":"1","seq":1}""")]
    [InlineData("""{"stage":"boot","progress":1}""")]
    [InlineData("""{"stage":"\ud800","progress":1,"seq":1}""")]
    [InlineData("""{"stage":"boot","progress":1,"seq":1,"module":7}""")]
    public async Task What_is_not_understood_is_refused(string body)
    {
        var job = await JobWithTokenAsync($"calls-{Math.Abs(body.GetHashCode(StringComparison.Ordinal) % 1000000)}", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body))));
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var response = await SendAsync(job, content, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body))), "/api/provision");
        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_body_of_more_than_64_KiB_is_refused()
    {
        var job = await JobWithTokenAsync("calls-large", Hex(3));
        (await CallAsync(job, new { stage = "boot", progress = 1, seq = 1, message = new string('x', 70_000) }, Hex(3))).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_job_that_is_over_says_so_to_its_own_token()
    {
        var job = await JobWithTokenAsync("calls-over", Hex(4));
        await ExecuteAsync("UPDATE jobs SET state = 'cancelled', ended_at = now() WHERE id = @job; UPDATE callback_tokens SET revoked_at = now() WHERE job_id = @job", new { job = Guid.Parse(job) });
        (await CallAsync(job, Boot, Hex(4))).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Too_many_callbacks_are_put_off()
    {
        var job = await JobWithTokenAsync("calls-many", Hex(5));
        await ExecuteAsync("UPDATE jobs SET callback_window_at = now() + interval '5 seconds', callback_window_count = 1000 WHERE id = @job", new { job = Guid.Parse(job) });
        var response = await CallAsync(job, Boot, Hex(5));
        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_rotated_token_is_good_for_its_overlap_and_no_longer()
    {
        var job = await JobWithTokenAsync("calls-rotated", Hex(7));
        var rotated = await RotateAsync(job, TimeSpan.FromMinutes(5));
        rotated.ShouldNotBeNull();
        // The old one speaks first: that must not take the new one for a leftover.
        (await CallAsync(job, Boot, Hex(7))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await CallAsync(job, new { stage = "packages", progress = 10, seq = 2 }, rotated.Token)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        // The overlap ends; the database's clock is what counts, so it is the row that is moved.
        await ExecuteAsync("UPDATE callback_tokens SET expires_at = expires_at - interval '5 minutes' WHERE job_id = @job AND NOT rotated", new { job = Guid.Parse(job) });
        (await CallAsync(job, new { stage = "packages", progress = 11, seq = 3 }, Hex(7))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await CallAsync(job, new { stage = "packages", progress = 11, seq = 3 }, rotated.Token)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await stack.StatusAsync(job)).GetProperty("callback_token_fingerprint").GetString().ShouldBe(rotated.Fingerprint);
    }

    [Fact]
    public async Task An_expired_token_is_refused_and_cannot_be_rotated()
    {
        var job = await JobWithTokenAsync("calls-expired", Hex(8));
        await ExecuteAsync("UPDATE callback_tokens SET expires_at = now() WHERE job_id = @job", new { job = Guid.Parse(job) });
        (await CallAsync(job, Boot, Hex(8))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await RotateAsync(job, TimeSpan.FromMinutes(5))).ShouldBeNull();
        (await RotateAsync(Guid.NewGuid().ToString(), TimeSpan.FromMinutes(5))).ShouldBeNull();
    }

    [Fact]
    public async Task An_unknown_job_and_a_wrong_token_get_the_same_answer_to_the_byte()
    {
        var job = await JobWithTokenAsync("calls-same", Hex(9));
        var wrong = await AnswerAsync(job);
        foreach (var other in new[] { Guid.NewGuid().ToString(), Guid.Empty.ToString(), "nonsense" }) (await AnswerAsync(other)).ShouldBe(wrong);

        async Task<string> AnswerAsync(string id)
        {
            using var response = await CallAsync(id, Boot, Hex(10));
            var headers = response.Headers.Concat(response.Content.Headers).Where(h => h.Key != "Date").Select(h => $"{h.Key}: {string.Join(',', h.Value)}");
            return $"{(int)response.StatusCode}\n{string.Join('\n', headers)}\n{await response.Content.ReadAsStringAsync()}";
        }
    }

    [Fact]
    public async Task A_megabyte_is_not_read_to_its_end()
    {
        var job = await JobWithTokenAsync("calls-megabyte", Hex(11));
        foreach (var chunked in new[] { false, true })
        {
            using var content = new ByteArrayContent(new byte[1_000_000]);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/provision/{job}/callback") { Content = content };
            request.Headers.Add("X-Callback-Token", Hex(11));
            request.Headers.TransferEncodingChunked = chunked;
            (await stack.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        }
    }

    [Fact]
    public async Task The_stream_tells_everything_in_order_and_resumes_where_it_was_left()
    {
        var job = await JobWithTokenAsync("calls-stream", Hex(6));
        await CallAsync(job, Boot, Hex(6));
        var first = await EventsAsync(job, after: 0, count: 3);
        first.ShouldBe([1, 2, 3]);
        (await EventsAsync(job, after: 2, count: 1)).ShouldBe([3]);
    }

    private static object Boot => new { stage = "boot", progress = 2, seq = 1 };

    private static string Hex(byte number) => Convert.ToHexStringLower(Enumerable.Repeat(number, 32).ToArray());

    private async Task<string> JobWithTokenAsync(string name, string token)
    {
        var job = await stack.OrderAsync(name);
        await stack.UntilAsync(job, "waiting_for_vps", "deploying_wopr");
        await ExecuteAsync("INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at) VALUES (@hash, @job, 'test', now() + interval '1 hour')",
            new { hash = SHA256.HashData(Convert.FromHexString(token)), job = Guid.Parse(job) });
        return job;
    }

    private async Task<RotatedToken?> RotateAsync(string job, TimeSpan overlap)
    {
        await using var database = Database.Open(stack.ConnectionString);
        return await new CallbackStore(database, new RandomIdSource(), TimeProvider.System).RotateAsync(new JobId(Guid.Parse(job)), overlap, CancellationToken.None);
    }

    private async Task ExecuteAsync(string sql, object parameters)
    {
        await using var connection = new NpgsqlConnection(stack.ConnectionString + ";Gss Encryption Mode=Disable");
        await connection.ExecuteAsync(sql, parameters);
    }

    private Task<HttpResponseMessage> CallAsync(string job, object body, string? token = Token, string prefix = "/api/provision") =>
        SendAsync(job, JsonContent.Create(body), token, prefix);

    private Task<HttpResponseMessage> SendAsync(string job, HttpContent content, string? token, string prefix)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{prefix}/{job}/callback") { Content = content };
        if (token is not null) request.Headers.Add("X-Callback-Token", token);
        return stack.Http.SendAsync(request);
    }

    private async Task<List<int>> EventsAsync(string job, int after, int count)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/provision/{job}/stream");
        if (after > 0) request.Headers.Add("Last-Event-ID", $"{after}");
        using var response = await stack.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var seqs = new List<int>();
        while (seqs.Count < count && await reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)) is { } line)
            if (line.StartsWith("id: ", StringComparison.Ordinal)) seqs.Add(int.Parse(line[4..], System.Globalization.CultureInfo.InvariantCulture));
        return seqs;
    }
}
