using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Platform.Http;

/// <summary>Sends one request through the chain and hands back a value or a classified failure, never an exception but cancellation.</summary>
public sealed class ProviderTransport(ProviderProfile profile, IHttpClientFactory clients, TimeProvider time)
{
    private readonly string root = profile.Endpoint.AbsoluteUri.TrimEnd('/');

    public ProviderProfile Profile => profile;

    public Task<ProviderResult<T>> GetAsync<T>(string operation, string path, JsonTypeInfo<T> answer, CancellationToken cancellation)
        where T : class =>
        SendAsync(HttpMethod.Get, operation, path, Repeat.Freely, content: null, answer, cancellation);

    /// <param name="operation">A fixed name for telemetry and for the error table.</param>
    /// <param name="path">Relative to the endpoint, without a leading slash, already escaped.</param>
    public async Task<ProviderResult<T>> SendAsync<T>(
        HttpMethod method, string operation, string path, Repeat repeat, HttpContent? content, JsonTypeInfo<T> answer, CancellationToken cancellation)
        where T : class
    {
        var result = await SendAsync(method, operation, path, repeat, content, cancellation);
        if (!result.IsSuccess(out var reply, out var failure)) return failure;
        return WireJson.TryRead(reply.Body, answer) is { } value ? value : Unreadable(reply.Status, repeat);
    }

    /// <summary>The same for answers whose body does not matter.</summary>
    public async Task<ProviderResult<Reply>> SendAsync(
        HttpMethod method, string operation, string path, Repeat repeat, HttpContent? content, CancellationToken cancellation)
    {
        var call = new ProviderCall(operation, repeat, CallScope.Priority, Deadline());
        using var request = new HttpRequestMessage(method, new Uri($"{root}/{path}")) { Content = content };
        call.AttachTo(request);
        try
        {
            var client = clients.CreateClient(profile.Name);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            var status = (int)response.StatusCode;
            if (response.IsSuccessStatusCode) return new Reply(status, body);
            return Refused(call, status, body, RetryAfter.Of(response, time.GetUtcNow()));
        }
        catch (NoAnswerException e)
        {
            var reaction = repeat == Repeat.OnlyWhenRefused && e.MayHaveHadEffect ? Retry.LookFirst : Retry.Later;
            return new ProviderFailure(profile.Name, 0, "", e.Message, profile.Errors.Unavailable, reaction);
        }
        catch (BudgetExhaustedException e)
        {
            return new ProviderFailure(profile.Name, 0, "", e.Message, profile.Errors.RateLimited, Retry.Later, e.Wait);
        }
    }

    /// <summary>A failure that WOPR itself sees before anything is sent.</summary>
    public ProviderFailure NotSent(ErrorCode code, string why) => new(profile.Name, 0, "", why, code, Retry.Never);

    /// <summary>A failure read from a body that came with a success status.</summary>
    public ProviderFailure Refused(string operation, Repeat repeat, Reply reply)
    {
        var verdict = profile.Errors.Read(operation, reply.Status, reply.Body);
        var row = verdict.Row.For(repeat);
        return new ProviderFailure(profile.Name, reply.Status, verdict.ProviderCode, verdict.Message, row.Code, row.Retry);
    }

    /// <summary>A success whose body is not what the specification promises.</summary>
    public ProviderFailure Unreadable(int status, Repeat repeat) => new(
        profile.Name, status, "", "the answer could not be read", profile.Errors.Unavailable,
        repeat == Repeat.OnlyWhenRefused ? Retry.LookFirst : Retry.Later);

    public static HttpContent Content<T>(T value, JsonTypeInfo<T> type) =>
        new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, type)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private ProviderFailure Refused(ProviderCall call, int status, byte[] body, TimeSpan? retryAfter) =>
        Refused(call.Operation, call.Repeat, new Reply(status, body)) with { RetryAfter = retryAfter };

    private DateTimeOffset Deadline()
    {
        var own = time.GetUtcNow() + profile.CallTimeout;
        return CallScope.Deadline is { } wished && wished < own ? wished : own;
    }
}

/// <summary>A success as it came.</summary>
public sealed record Reply(int Status, byte[] Body);
