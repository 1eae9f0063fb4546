using System.Globalization;

namespace Wopr.Integration.Tests.Simulation;

/// <summary>Misbehaviour of the providers, as rules for the sandbox. None lasts for ever, so that each order can still be finished.</summary>
public static class Trouble
{
    private static readonly string[] Rules =
    [
        """{"kind":"latency","ms":300,"probability":0.5,"times":20""",
        """{"kind":"status","status":503,"probability":0.3,"times":10""",
        """{"kind":"status","status":502,"body":"html","probability":0.3,"times":10""",
        """{"kind":"status","status":429,"provider":"hetzner","probability":0.3,"times":4,"retry_after":1""",
        """{"kind":"reset","probability":0.3,"times":8""",
        """{"kind":"lost","provider":"hetzner","method":"POST","path":"/servers","times":2""",
        """{"kind":"lost","provider":"cloudflare","method":"POST","times":2""",
        """{"kind":"lost","provider":"hetzner","method":"DELETE","times":2""",
        """{"kind":"action_fails","provider":"hetzner","command":"create_server","times":1""",
        """{"kind":"out_of_stock","provider":"hetzner","location":"fsn1","times":3""",
        """{"kind":"out_of_stock","provider":"hetzner","times":12""",
        """{"kind":"locked_delete","provider":"hetzner","times":3""",
        """{"kind":"slow_boot","ms":1500,"times":2""",
    ];

    public static string Draw(Random random) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{{Rules[random.Next(Rules.Length)]}},"seed":{{random.Next(1000)}}}""");
}
