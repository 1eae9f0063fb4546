using System.Threading.Channels;

namespace Wopr.Sandbox.Boot;

/// <summary>
/// Stands between the books and the driver: passes on only what changes something, one after the other and outside of any
/// lock, so that a driver that takes its time never holds up the emulator.
/// </summary>
public sealed partial class MachineRoom(ILogger<MachineRoom> log)
{
    private readonly Channel<(string What, long ServerId, Action<IMachineDriver> Do)> orders =
        Channel.CreateUnbounded<(string, long, Action<IMachineDriver>)>(new() { SingleReader = true });

    private readonly Lock gate = new();
    private readonly HashSet<long> running = [];

    public void Start(Machine machine)
    {
        if (Change(() => running.Add(machine.ServerId)))
        {
            orders.Writer.TryWrite(("start", machine.ServerId, driver => driver.Start(machine)));
        }
    }

    public void Stop(long serverId)
    {
        if (Change(() => running.Remove(serverId)))
        {
            orders.Writer.TryWrite(("stop", serverId, driver => driver.Stop(serverId)));
        }
    }

    public void Destroy(long serverId)
    {
        Change(() => running.Remove(serverId));
        orders.Writer.TryWrite(("destroy", serverId, driver => driver.Destroy(serverId)));
    }

    /// <summary>Which servers have power.</summary>
    public IReadOnlyList<long> Running()
    {
        lock (gate)
        {
            return [.. running.Order()];
        }
    }

    /// <summary>Hands the orders to the driver until cancelled.</summary>
    public async Task ServeAsync(IMachineDriver driver, CancellationToken cancellation)
    {
        await foreach (var (what, serverId, order) in orders.Reader.ReadAllAsync(cancellation))
        {
            try
            {
                order(driver);
            }
            catch (Exception problem)
            {
                // One machine that cannot be started must not take the provider down with it.
                DriverFailed(log, what, serverId, problem);
            }
        }
    }

    private bool Change(Func<bool> change)
    {
        lock (gate)
        {
            return change();
        }
    }

    [LoggerMessage(EventId = 8001, Level = LogLevel.Error, Message = "The machine driver failed to {What} server {ServerId}")]
    private static partial void DriverFailed(ILogger log, string what, long serverId, Exception problem);
}
