using System.Globalization;

namespace Wopr.Integration.Tests.Stack;

/// <summary>What a number of orders placed at once cost in provider calls, by the emulators' own count; everything shared is counted in.</summary>
public sealed record CallFigures(int Orders, IReadOnlyList<CallCount> Calls)
{
    /// <summary>Places the orders at once and counts until each job is in the given state.</summary>
    public static async Task<CallFigures> MeasureAsync(WoprStack stack, int orders, string until = "completed")
    {
        var before = await stack.Sandbox.CallsAsync();
        var jobs = await Task.WhenAll(Enumerable.Range(0, orders).Select(i => stack.OrderAsync($"many-{i}")));
        // One after the other: many pollers would measure the status page.
        foreach (var job in jobs) (await stack.UntilAsync(job, until, "failed", "rolled_back")).GetProperty("state").GetString().ShouldBe(until);
        var counts = (await stack.Sandbox.CallsAsync())
            .Select(c => c with { Count = c.Count - before.Where(b => b with { Count = c.Count } == c).Sum(b => b.Count) })
            .Where(c => c.Count > 0);
        return new CallFigures(orders, [.. counts]);
    }

    public double PerOrder(string provider) => Calls.Where(c => c.Provider == provider).Sum(c => c.Count) / (double)Orders;

    /// <summary>A line for each call, the most frequent first, and the two figures.</summary>
    public override string ToString() => string.Join('\n',
    [
        .. Calls.OrderBy(c => c.Provider, StringComparer.Ordinal).ThenByDescending(c => c.Count)
            .Select(c => string.Create(CultureInfo.InvariantCulture, $"  {c.Count,5}  {c.Provider,-10} {c.Method,-6} {c.Path} {c.Status}")),
        string.Create(CultureInfo.InvariantCulture, $"  per provisioning, over {Orders}: hetzner {PerOrder("hetzner"):0.00}, cloudflare {PerOrder("cloudflare"):0.00}"),
    ]);
}

/// <param name="Path">The route, with <c>{id}</c> for ids.</param>
/// <param name="Status">0 when the connection was dropped.</param>
public sealed record CallCount(string Provider, string Method, string Path, int Status, long Count);
