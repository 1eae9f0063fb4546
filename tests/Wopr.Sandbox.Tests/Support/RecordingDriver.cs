using System.Collections.Concurrent;
using Wopr.Sandbox.Boot;

namespace Wopr.Sandbox.Tests.Support;

/// <summary>Writes down what the emulator asks of its machines.</summary>
public sealed class RecordingDriver : IMachineDriver
{
    private readonly ConcurrentQueue<string> orders = new();

    public ConcurrentDictionary<long, Machine> Started { get; } = new();

    public IReadOnlyList<string> Orders => [.. orders];

    public void Start(Machine machine)
    {
        Started[machine.ServerId] = machine;
        orders.Enqueue($"start {machine.ServerId}");
    }

    public void Stop(long serverId) => orders.Enqueue($"stop {serverId}");

    public void Destroy(long serverId) => orders.Enqueue($"destroy {serverId}");

    /// <summary>Waits, for at most ten seconds, until the orders are exactly these.</summary>
    public async Task ShouldBecome(params string[] expected)
    {
        for (var i = 0; i < 500 && !orders.SequenceEqual(expected, StringComparer.Ordinal); i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        Orders.ShouldBe(expected);
    }
}
