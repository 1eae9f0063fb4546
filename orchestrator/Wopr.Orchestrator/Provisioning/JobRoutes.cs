namespace Wopr.Provisioning;

/// <summary>A job's endpoints stand under two addresses, which are the same.</summary>
public static class JobRoutes
{
    public static readonly IReadOnlyList<string> Prefixes = ["/api/provision", "/api/v1/provisioning"];
}
