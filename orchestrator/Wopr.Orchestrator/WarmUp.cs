using Wopr.Installer;
using Wopr.Support;

namespace Wopr;

/// <summary>
/// What takes its time, and no start needs: all addresses and pages, the installer, and the patterns of the error catalogue. It
/// is done once the service listens, ahead of whoever needs it first. What cannot be made stops the service.
/// </summary>
internal sealed class WarmUp(EndpointDataSource addresses, InstallerShelf installers, ErrorCatalogue errors, TimeProvider time, IHostApplicationLifetime lifetime) : BackgroundService
{
    // Who waited for the service to come up asks now, and is not to wait for this.
    private static readonly TimeSpan FirstAnswers = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var listening = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        await Task.Delay(FirstAnswers, time, stoppingToken);
        _ = addresses.Endpoints;
        _ = installers.Current;
        errors.CompilePatterns();
    }
}
