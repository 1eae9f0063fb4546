namespace Wopr.Provisioning.Ports;

/// <summary>What repairs need beyond <see cref="ICloudProvider"/>.</summary>
public interface ICloudRepairs
{
    /// <summary>Asks the server's system to restart itself.</summary>
    Task<ProviderResult<CloudAction>> RebootServerAsync(long id, CancellationToken cancellation);

    Task<ProviderResult<CloudAction>> PowerOnServerAsync(long id, CancellationToken cancellation);

    /// <summary>Keeps a copy of the server's disk; it stays until somebody deletes it, and costs by its size.</summary>
    Task<ProviderResult<CloudAction>> SnapshotServerAsync(long id, string description, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation);
}
