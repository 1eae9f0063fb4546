namespace Wopr.Integration.Tests.Crashes;

/// <summary>A way that an order can take. Together they come by every crossing of every step.</summary>
/// <param name="Rules">The providers' misbehaviour while it runs, as JSON.</param>
/// <param name="CancelIn">The state in which the order is cancelled, if it is.</param>
public sealed record Scenario(string Name, string End, string? Rules = null, string? CancelIn = null)
{
    public bool EndsWell => End == "completed";

    public static readonly Scenario Plain = new("plain", "completed");

    public static readonly Scenario Cancelled = new("cancelled", "cancelled", """[{"kind":"no_boot"}]""", CancelIn: "deploying_wopr");

    public static readonly IReadOnlyList<Scenario> All =
    [
        Plain,
        Cancelled,
        new("adopted", "completed", """[{"provider":"hetzner","method":"POST","path":"/servers","kind":"lost","times":1}]"""),
        new("replaced", "completed", """[{"provider":"hetzner","kind":"action_fails","command":"create_server","times":1}]"""),
        new("climbed", "completed", """[{"provider":"hetzner","kind":"out_of_stock","location":"fsn1"}]"""),
        new("sold-out", "rolled_back", """[{"provider":"hetzner","kind":"out_of_stock"}]"""),
    ];
}
