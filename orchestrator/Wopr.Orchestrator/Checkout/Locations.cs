using Wopr.Provisioning.Ports;

namespace Wopr.Checkout;

/// <summary>Where a beacon can be placed. Asked from the provider; the last answer is kept for when it cannot be asked.</summary>
public sealed class Locations(ICloudProvider cloud)
{
    private IReadOnlyList<CloudLocation> last = [];

    public async Task<IReadOnlyList<CloudLocation>> ListAsync(CancellationToken cancellation)
    {
        if ((await cloud.GetCatalogueAsync(cancellation)).IsSuccess(out var catalogue, out _)) last = catalogue.Locations;
        return last;
    }
}
