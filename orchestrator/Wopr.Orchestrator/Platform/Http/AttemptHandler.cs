using System.Net.Sockets;
using Wopr.Platform.Work;

namespace Wopr.Platform.Http;

/// <summary>
/// One attempt: sends the request and reads the whole answer within the attempt's time. Every way of getting none
/// becomes a <see cref="NoAnswerException"/> that says whether the provider may have acted.
/// </summary>
internal sealed class AttemptHandler(ProviderProfile profile, TimeProvider time) : DelegatingHandler
{
    private const long LargestAnswer = 16 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = ProviderCall.Of(request);
        var left = call.Deadline - time.GetUtcNow();
        if (!HeldLease.MayCall) throw new NoAnswerException("the lease may have ended while this node slept", mayHaveHadEffect: false);
        if (left <= TimeSpan.Zero) throw new NoAnswerException("the deadline has passed", mayHaveHadEffect: false);

        using var clock = new CancellationTokenSource(left < profile.AttemptTimeout ? left : profile.AttemptTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
        HttpResponseMessage? response = null;
        try
        {
            call.Attempts++;
            response = await base.SendAsync(request, either.Token);
            await response.Content.LoadIntoBufferAsync(LargestAnswer, either.Token);
            return response;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            response?.Dispose();
            throw new NoAnswerException("no answer in time", mayHaveHadEffect: true, e);
        }
        catch (HttpRequestException e)
        {
            response?.Dispose();
            throw new NoAnswerException($"no answer: {e.HttpRequestError}", mayHaveHadEffect: !NeverSent(e.HttpRequestError), e);
        }
        // HttpClient lets a socket's trouble through bare when the other side hangs up early; that nothing was sent then is not promised.
        catch (Exception e) when (e is IOException or SocketException)
        {
            response?.Dispose();
            throw new NoAnswerException("the answer broke off", mayHaveHadEffect: true, e);
        }
    }

    private static bool NeverSent(HttpRequestError error) => error is
        HttpRequestError.NameResolutionError or
        HttpRequestError.ConnectionError or
        HttpRequestError.SecureConnectionError or
        HttpRequestError.ProxyTunnelError;
}

/// <summary>No answer came. Stays within the chain: <see cref="ProviderTransport"/> turns it into a failure.</summary>
internal sealed class NoAnswerException(string reason, bool mayHaveHadEffect, Exception? inner = null) : Exception(reason, inner)
{
    public bool MayHaveHadEffect => mayHaveHadEffect;
}
