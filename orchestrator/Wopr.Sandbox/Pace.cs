namespace Wopr.Sandbox;

/// <summary>How long emulated things take. A factor of 10 comes near the real provider; 0 finishes everything at once.</summary>
public sealed record Pace(double Factor)
{
    public TimeSpan CreateServer => TimeSpan.FromSeconds(1.0 * Factor);

    public TimeSpan StartServer => TimeSpan.FromSeconds(0.5 * Factor);

    public TimeSpan DeleteServer => TimeSpan.FromSeconds(0.3 * Factor);

    public TimeSpan Other => TimeSpan.FromSeconds(0.2 * Factor);
}
