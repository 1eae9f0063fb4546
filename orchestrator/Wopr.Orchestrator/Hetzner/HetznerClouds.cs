using System.Collections.Concurrent;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;

namespace Wopr.Hetzner;

/// <summary>All projects, each with a client, a token, a budget and a watch of its own.</summary>
public sealed class HetznerClouds : IClouds
{
    private readonly Dictionary<ProjectName, HetznerCloud> clouds;
    private readonly ConcurrentDictionary<ProjectName, AbsentCloud> absent = new();
    private readonly IProviderWatch watch;

    /// <param name="projects">At least one, each name once.</param>
    public HetznerClouds(IReadOnlyList<HetznerOptions> projects, IHttpClientFactory clients, IProviderWatch watch, TimeProvider time)
    {
        this.watch = watch;
        clouds = projects.ToDictionary(p => p.Project, p => new HetznerCloud(new ProviderTransport(p.Profile, clients, time), p, time));
        Projects =
        [
            .. projects.OrderBy(p => p.Project.Value, StringComparer.Ordinal)
                .Select(p => new CloudProject(p.Project, p.MostServers, p.Closed, p.Profile.Budget.Key)),
        ];
    }

    public IReadOnlyList<CloudProject> Projects { get; }

    public ICloud Of(ProjectName? name)
    {
        name ??= clouds.ContainsKey(ProjectName.Main) ? ProjectName.Main : Projects[0].Name;
        return clouds.TryGetValue(name, out var cloud) ? cloud : absent.GetOrAdd(name, n => new AbsentCloud(n, watch));
    }

    /// <summary>The client of a configured project.</summary>
    internal HetznerCloud Cloud(ProjectName name) => clouds[name];
}
