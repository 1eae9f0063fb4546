namespace Wopr.Web;

/// <summary>
/// Finds all addresses and pages once the service listens, ahead of whoever asks for the first. An address that cannot be
/// mapped stops the service.
/// </summary>
internal sealed class AddressesAhead(EndpointDataSource addresses, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var listening = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        _ = addresses.Endpoints;
    }
}
