using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Hetzner;

/// <summary>
/// A project that jobs still name and that is not configured any more. Every call is refused and nothing is sent; the watch
/// is told, so that one incident stands until the project answers again.
/// </summary>
internal sealed class AbsentCloud(ProjectName project, IProviderWatch watch) : ICloud
{
    public Task<ProviderResult<CloudServer?>> FindServerAsync(string name, CancellationToken cancellation) => Refuse<CloudServer?>();

    public Task<ProviderResult<CloudServer?>> GetServerAsync(long id, CancellationToken cancellation) => Refuse<CloudServer?>();

    public Task<ProviderResult<IReadOnlyList<CloudServer>>> ListServersAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) => Refuse<IReadOnlyList<CloudServer>>();

    public Task<ProviderResult<IReadOnlyList<CloudServer>>> ListServersAsync(string label, IReadOnlyCollection<string> values, CancellationToken cancellation) => Refuse<IReadOnlyList<CloudServer>>();

    public Task<ProviderResult<CreatedServer>> CreateServerAsync(ServerRequest request, CancellationToken cancellation) => Refuse<CreatedServer>();

    public Task<ProviderResult<CloudAction?>> DeleteServerAsync(long id, CancellationToken cancellation) => Refuse<CloudAction?>();

    public Task<ProviderResult<IReadOnlyList<CloudAction>>> GetActionsAsync(IReadOnlyCollection<long> ids, CancellationToken cancellation) => Refuse<IReadOnlyList<CloudAction>>();

    public Task<ProviderResult<IReadOnlyList<CloudPrimaryIp>>> ListPrimaryIpsAsync(CancellationToken cancellation) => Refuse<IReadOnlyList<CloudPrimaryIp>>();

    public Task<ProviderResult<bool>> DeletePrimaryIpAsync(long id, CancellationToken cancellation) => Refuse<bool>();

    public Task<ProviderResult<CloudCatalogue>> GetCatalogueAsync(CancellationToken cancellation) => Refuse<CloudCatalogue>();

    public Task<ProviderResult<long?>> FindImageAsync(string name, string architecture, CancellationToken cancellation) => Refuse<long?>();

    public Task<ProviderResult<IReadOnlyList<CloudSshKey>>> ListSshKeysAsync(CancellationToken cancellation) => Refuse<IReadOnlyList<CloudSshKey>>();

    public Task<ProviderResult<CloudSshKey>> CreateSshKeyAsync(string name, string publicKey, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) => Refuse<CloudSshKey>();

    public Task<ProviderResult<CloudFirewall?>> FindFirewallAsync(string name, CancellationToken cancellation) => Refuse<CloudFirewall?>();

    public Task<ProviderResult<CloudFirewall>> CreateFirewallAsync(FirewallRequest request, CancellationToken cancellation) => Refuse<CloudFirewall>();

    public Task<ProviderResult<IReadOnlyList<CloudAction>>> SetFirewallRulesAsync(long id, IReadOnlyList<FirewallRule> rules, CancellationToken cancellation) => Refuse<IReadOnlyList<CloudAction>>();

    public Task<ProviderResult<IReadOnlyList<CloudAction>>> ApplyFirewallAsync(long id, string selector, CancellationToken cancellation) => Refuse<IReadOnlyList<CloudAction>>();

    public Task<ProviderResult<CloudServer>> SetServerLabelsAsync(long id, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) => Refuse<CloudServer>();

    public Task<ProviderResult<IReadOnlyList<CloudVolume>>> ListVolumesAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) => Refuse<IReadOnlyList<CloudVolume>>();

    public Task<ProviderResult<bool>> DeleteVolumeAsync(long id, CancellationToken cancellation) => Refuse<bool>();

    public Task<ProviderResult<IReadOnlyList<CloudFirewall>>> ListFirewallsAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) => Refuse<IReadOnlyList<CloudFirewall>>();

    public Task<ProviderResult<bool>> DeleteFirewallAsync(long id, CancellationToken cancellation) => Refuse<bool>();

    public Task<ProviderResult<bool>> DeleteSshKeyAsync(long id, CancellationToken cancellation) => Refuse<bool>();

    public Task<ProviderResult<IReadOnlyList<CloudAction>>> ListServerActionsAsync(long id, CancellationToken cancellation) => Refuse<IReadOnlyList<CloudAction>>();

    public Task<ProviderResult<CloudPricing>> GetPricingAsync(CancellationToken cancellation) => Refuse<CloudPricing>();

    public Task<ProviderResult<CloudAction>> RebootServerAsync(long id, CancellationToken cancellation) => Refuse<CloudAction>();

    public Task<ProviderResult<CloudAction>> PowerOnServerAsync(long id, CancellationToken cancellation) => Refuse<CloudAction>();

    public Task<ProviderResult<CloudAction>> SnapshotServerAsync(long id, string description, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) => Refuse<CloudAction>();

    private Task<ProviderResult<T>> Refuse<T>()
    {
        var words = $"the project '{project}' is not configured: its token is missing here";
        watch.Troubled(project.Provider, ErrorCodes.ProjectUnknown, words);
        return Task.FromResult<ProviderResult<T>>(new ProviderFailure(project.Provider, 0, "", words, ErrorCodes.ProjectUnknown, Retry.Never));
    }
}
