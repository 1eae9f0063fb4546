using System.Net.Http.Headers;

namespace Wopr.Platform.Http;

/// <summary>Adds the bearer token, and takes it off again before anybody further out sees the request.</summary>
internal sealed class AuthenticationHandler(ApiToken token) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            request.Headers.Authorization = null;
        }
    }
}
