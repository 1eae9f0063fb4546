using Wopr.Provisioning.Ports;

namespace Wopr.Hetzner;

public sealed partial class HetznerCloud
{
    public async Task<ProviderResult<IReadOnlyList<CloudPrimaryIp>>> ListPrimaryIpsAsync(CancellationToken cancellation)
    {
        var answer = await ListAsync<PrimaryIpsBody, PrimaryIpDto>("primary_ips.list", "primary_ips", "", HetznerJson.Default.PrimaryIpsBody, p => p.Id, cancellation);
        return answer.IsSuccess(out var addresses, out var failure) ? addresses.Select(HetznerMapping.PrimaryIp).ToArray() : failure;
    }

    public Task<ProviderResult<bool>> DeletePrimaryIpAsync(long id, CancellationToken cancellation) =>
        DeleteAsync("primary_ips.delete", $"primary_ips/{id}", cancellation);

    public async Task<ProviderResult<IReadOnlyList<CloudVolume>>> ListVolumesAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation)
    {
        var answer = await ListAsync<VolumesBody, VolumeDto>("volumes.list", "volumes", labels, HetznerJson.Default.VolumesBody, v => v.Id, cancellation);
        return answer.IsSuccess(out var volumes, out var failure) ? volumes.Select(HetznerMapping.Volume).ToArray() : failure;
    }

    public Task<ProviderResult<bool>> DeleteVolumeAsync(long id, CancellationToken cancellation) =>
        DeleteAsync("volumes.delete", $"volumes/{id}", cancellation);
}
