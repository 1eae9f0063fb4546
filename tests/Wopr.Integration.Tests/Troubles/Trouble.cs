namespace Wopr.Integration.Tests.Troubles;

/// <summary>One way in which providers misbehave, and how orders may end under it.</summary>
/// <param name="Rules">For the emulators, as JSON: one rule or a list.</param>
/// <param name="Codes">What jobs may fail with, or orders be refused with, instead of being completed; empty: all are completed.</param>
public sealed record Trouble(string Name, string Rules, params string[] Codes)
{
    /// <summary>No order can be met: none may be completed.</summary>
    public bool Hopeless { get; private init; }

    /// <summary>It ends with a deadline: those of the service are scaled down.</summary>
    public bool UntilDeadline { get; private init; }

    /// <summary>Every kind of rule that the emulators know; a test holds this list against theirs.</summary>
    public static IReadOnlyList<Trouble> All { get; } =
    [
        new("latency", """{"kind":"latency","ms":150,"probability":0.5,"seed":1}"""),
        new("too-many-calls", """{"kind":"status","status":429,"times":6}"""),
        new("too-many-calls-says-when", """{"kind":"status","status":429,"retry_after":1,"times":12}"""),
        new("busy", """{"kind":"status","status":503,"probability":0.2,"seed":2}"""),
        new("server-error", """{"kind":"status","status":500,"probability":0.1,"seed":5}"""),
        new("html", """{"kind":"status","status":502,"body":"html","probability":0.2,"seed":3}"""),
        new("html-as-success", """{"kind":"status","status":200,"body":"html","probability":0.1,"seed":6}"""),
        new("conflict", """{"provider":"hetzner","kind":"status","status":409,"code":"conflict","probability":0.2,"seed":7}"""),
        new("reset", """{"kind":"reset","probability":0.1,"seed":4}"""),
        new("lost", """{"kind":"lost","probability":0.1,"seed":8}"""),
        new("lost-create", """{"provider":"hetzner","method":"POST","path":"/servers","kind":"lost","times":6}"""),
        new("lost-create-that-fails", """[{"provider":"hetzner","method":"POST","path":"/servers","kind":"lost","times":3},{"provider":"hetzner","kind":"action_fails","command":"start_server","times":3}]"""),
        new("lost-batch", """{"provider":"cloudflare","method":"POST","kind":"lost","times":4}"""),
        new("failed-create", """{"provider":"hetzner","kind":"action_fails","command":"create_server","times":3}"""),
        new("failed-start", """{"provider":"hetzner","kind":"action_fails","command":"start_server","times":3}"""),
        new("failed-actions", """{"provider":"hetzner","kind":"action_fails","probability":0.2,"seed":9}""", "HETZ-008"),
        new("failed-always", """{"provider":"hetzner","kind":"action_fails","command":"create_server"}""", "HETZ-008") { Hopeless = true },
        new("one-place-sold-out", """{"provider":"hetzner","kind":"out_of_stock","location":"fsn1"}"""),
        new("one-type-sold-out", """{"provider":"hetzner","kind":"out_of_stock","server_type":"cx33"}"""),
        new("all-sold-out", """{"provider":"hetzner","kind":"out_of_stock"}""", "HETZ-005") { Hopeless = true },
        new("location-disabled", """{"provider":"hetzner","kind":"location_disabled","location":"fsn1"}"""),
        new("type-deprecated", """{"provider":"hetzner","kind":"type_deprecated","server_type":"cx33"}"""),
        new("type-vanished", """{"provider":"hetzner","kind":"type_vanished","server_type":"cx33"}"""),
        new("locked-delete", """[{"kind":"locked_delete","times":20},{"provider":"hetzner","kind":"action_fails","command":"create_server","times":6}]""", "HETZ-008"),
        new("account-full", """{"provider":"hetzner","kind":"limit","limit":0}""", "HETZ-006") { Hopeless = true },
        new("account-nearly-full", """{"provider":"hetzner","kind":"limit","limit":5}""", "HETZ-006"),
        new("no-addresses-left", """{"provider":"hetzner","kind":"limit","name":"primary_ip_limit","limit":0}""", "HETZ-006") { Hopeless = true },
        new("few-calls-hetzner", """{"provider":"hetzner","kind":"rate_limit","limit":10,"seconds":5}"""),
        new("few-calls-cloudflare", """{"provider":"cloudflare","kind":"rate_limit","limit":10,"seconds":5}"""),
        new("clashing-server", """{"provider":"hetzner","kind":"clash","times":3}""", "HETZ-004"),
        new("clashing-record", """{"provider":"cloudflare","kind":"clash","type":"CNAME","content":"elsewhere.example.com","times":3}""", "CF-003"),
        // An address that appears between the look and the write stands beside ours, unrefused: the look afterwards finds it.
        new("clashing-address", """{"provider":"cloudflare","kind":"clash","times":3}""", "CF-003"),
        new("slow-boot", """{"provider":"hetzner","kind":"slow_boot","ms":1500,"times":4}"""),
        new("never-running", """{"provider":"hetzner","kind":"never_running","times":3}""", "VPS-001") { UntilDeadline = true },
        new("no-boot", """{"provider":"hetzner","kind":"no_boot","times":3}""", "CALLBACK-003") { UntilDeadline = true },
    ];

    public override string ToString() => Name;
}
