namespace Wopr.Sandbox.Wire;

/// <summary>Which of the sandbox's listeners a connection came in by.</summary>
public enum Face
{
    Hetzner,
    Cloudflare,
    Gate,
    Payments,
}
