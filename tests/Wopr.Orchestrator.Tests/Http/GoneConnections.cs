using System.Net.Sockets;

namespace Wopr.Orchestrator.Tests.Http;

/// <summary>
/// The first connections are accepted and gone again before they are used: HttpClient then throws what the socket says, where it
/// wraps every other trouble. Seen when a service died just as it was called.
/// </summary>
internal sealed class GoneConnections(HttpMessageHandler inner, int gone) : DelegatingHandler(inner)
{
    private int left = gone;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Interlocked.Decrement(ref left) >= 0 ? throw new SocketException((int)SocketError.NotConnected) : base.SendAsync(request, cancellationToken);
}
