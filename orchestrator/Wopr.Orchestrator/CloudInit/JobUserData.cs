using Wopr.Installer;
using Wopr.Modules;
using Wopr.Platform;
using Wopr.Provisioning;

namespace Wopr.CloudInit;

/// <summary>The user-data of a job: its plan, its pinned installer, and where it reports.</summary>
public sealed class JobUserData(UserDataRenderer renderer, Settings settings)
{
    private static readonly string Version = $"wopr {typeof(JobUserData).Assembly.GetName().Version?.ToString(3)}";

    /// <param name="token">The callback token; it stands in the user-data and nowhere else.</param>
    public UserDataOutcome Make(Job job, byte[] token)
    {
        if (job.InstallerSha256 is not { } installer) return UserDataOutcome.Refused("no installer is pinned");
        var modules = new List<ModuleId>();
        foreach (var name in job.Modules)
        {
            if (!ModuleId.TryParse(name, out var id)) return UserDataOutcome.Refused($"'{name}' is not a module");
            modules.Add(id);
        }
        return renderer.Render(new BeaconPlan(
            job.Id,
            job.Fqdn,
            job.BeaconName,
            job.Bundle,
            job.Tier,
            modules,
            job.Email,
            new Uri(settings.PublicUrl, $"{JobRoutes.All[0].Path}/{job.Id}/callback"),
            Convert.ToHexStringLower(token),
            new Uri(settings.PublicUrl, InstallerEndpoints.PathOf(installer)),
            installer,
            Version));
    }
}

public static class CloudInitRegistration
{
    public static IServiceCollection AddCloudInit(this IServiceCollection services) =>
        services.AddSingleton<UserDataRenderer>().AddSingleton<JobUserData>();
}
