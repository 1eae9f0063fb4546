namespace Wopr.Platform.Http;

/// <summary>Tells the watch how each call ended after all its attempts. What is wrong is read from the same closed table as everywhere.</summary>
internal sealed class WatchHandler(ProviderProfile profile, IProviderWatch watch) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            await LookAsync(ProviderCall.Of(request), response, cancellationToken);
            return response;
        }
        catch (NoAnswerException e)
        {
            watch.Troubled(profile.Name, profile.Errors.Unavailable, e.Message);
            throw;
        }
        catch (BudgetExhaustedException e)
        {
            watch.Troubled(profile.Name, profile.Errors.RateLimited, e.Message);
            throw;
        }
    }

    private async Task LookAsync(ProviderCall call, HttpResponseMessage response, CancellationToken cancellation)
    {
        if (!response.IsSuccessStatusCode)
        {
            // In memory already: an attempt ends when its whole answer is there.
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            var verdict = profile.Errors.Read(call.Operation, (int)response.StatusCode, body);
            var code = verdict.Row.Code;
            if (code == profile.Errors.Unavailable || code == profile.Errors.RateLimited || code == profile.Errors.TokenRefused)
            {
                watch.Troubled(profile.Name, code, $"{call.Operation}: {(int)response.StatusCode} {verdict.ProviderCode}");
                return;
            }
        }
        watch.Answered(profile.Name);
    }
}
