namespace Wopr.Provisioning;

/// <summary>A job's endpoints stand under two addresses, which are the same.</summary>
public static class JobRoutes
{
    public static readonly IReadOnlyList<JobRoute> All = [new("/api/provision", ""), new("/api/v1/provisioning", "V1")];
}

/// <param name="Version">What sets its operations' names apart in the API's document.</param>
public sealed record JobRoute(string Path, string Version)
{
    public string Name(string operation) => operation + Version;
}
