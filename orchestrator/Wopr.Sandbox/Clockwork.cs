using Wopr.Sandbox.Boot;
using Wopr.Sandbox.Cloudflare;
using Wopr.Sandbox.Hetzner;
using Wopr.Sandbox.Payments;

namespace Wopr.Sandbox;

/// <summary>Opens the books before the first call, keeps the emulated world going, and closes the books at the end.</summary>
internal sealed class Clockwork(HetznerBooks hetznerBooks, CloudflareBooks cloudflareBooks, PaymentBooks paymentBooks, HetznerCloud hetzner, MachineRoom machines, IMachineDriver driver, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        cloudflareBooks.Open(time.GetUtcNow());
        hetznerBooks.Open(time.GetUtcNow());
        paymentBooks.Ledger.Open();
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        hetznerBooks.Ledger.Dispose();
        cloudflareBooks.Ledger.Dispose();
        paymentBooks.Ledger.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(machines.ServeAsync(driver, stoppingToken), BeatAsync(stoppingToken));

    private async Task BeatAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Beat);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            hetzner.Tick(time.GetUtcNow());
        }
    }
}
