using System.Globalization;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Bench;

/// <summary>Provider calls per provisioning, measured in the emulators, in the cases that differ.</summary>
internal static class Calls
{
    private const double MostAtHetzner = 2;
    private const double MostAtCloudflare = 1;

    private static readonly (string What, string Boot, string Pace, string Until)[] Cases =
    [
        ("everything at once", "callback", "0", "completed"),
        ("a server takes 1.5 s to start", "callback", "1", "completed"),
        ("a server takes 15 s to start, as at the real provider", "callback", "10", "deploying_wopr"),
        ("no beacon ever calls: every action and server is asked for", "none", "10", "deploying_wopr"),
    ];

    /// <summary>0 when every case keeps within the target, 1 when one does not, 2 for a wrong argument.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var orders = 50;
        if (arguments.Length > 1 || (arguments.Length == 1 && (!int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out orders) || orders is < 1 or > 1000)))
        {
            await Console.Error.WriteLineAsync("calls wants a number of orders from 1 to 1000");
            return 2;
        }

        var kept = true;
        foreach (var (what, boot, pace, until) in Cases)
        {
            Console.WriteLine($"{orders} orders at once; {what}");
            await using var stack = await WoprStack.StartAsync(boot, pace);
            var figures = await CallFigures.MeasureAsync(stack, orders, until);
            Console.WriteLine(figures);
            kept &= figures.PerOrder("hetzner") <= MostAtHetzner && figures.PerOrder("cloudflare") <= MostAtCloudflare;
        }

        Console.WriteLine($"target: at most {MostAtHetzner:0} at Hetzner and {MostAtCloudflare:0} at Cloudflare: {(kept ? "kept" : "MISSED")}");
        return kept ? 0 : 1;
    }
}
