namespace Wopr.Provisioning.Ports;

/// <summary>One project at the cloud provider, with all that can be done in it.</summary>
public interface ICloud : ICloudProvider, ICloudInventory, ICloudRepairs;

/// <summary>
/// The projects at the cloud provider. A server and all that belongs to it is in one of them, and is seen with that one's
/// token only.
/// </summary>
public interface IClouds
{
    /// <summary>The configured ones in the order of their names; at least one.</summary>
    IReadOnlyList<CloudProject> Projects { get; }

    /// <summary>
    /// The project of this name. One that is not configured any more refuses every call with HETZ-016, and nothing is sent.
    /// </summary>
    /// <param name="name">
    /// Null for a job that is in no project yet, which has nothing anywhere: <see cref="ProjectName.Main"/>, or any where that is not configured.
    /// </param>
    ICloud Of(ProjectName? name);
}

/// <param name="MostServers">How many servers WOPR may have there at once; null for whatever the provider allows.</param>
/// <param name="Closed">Nothing new is placed there; what is there stays, and is served.</param>
/// <param name="BudgetKey">The key of the token's row of calls; never the token.</param>
public sealed record CloudProject(ProjectName Name, int? MostServers, bool Closed, string BudgetKey);

public static class CloudsExtensions
{
    /// <summary>What is sold is the same in all projects: the first that answers says it.</summary>
    public static async Task<ProviderResult<CloudCatalogue>> GetCatalogueAsync(this IClouds clouds, CancellationToken cancellation)
    {
        ProviderFailure? last = null;
        foreach (var project in clouds.Projects)
            if ((await clouds.Of(project.Name).GetCatalogueAsync(cancellation)).IsSuccess(out var catalogue, out last)) return catalogue;
        return last!;
    }
}
