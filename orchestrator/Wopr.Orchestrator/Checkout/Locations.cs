using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Checkout;

/// <summary>Where a beacon can be placed, as far as it is known.</summary>
public sealed class Locations(KnownCatalogue known)
{
    /// <summary>Null while the provider has not answered once since this node started: then no wish is refused here.</summary>
    public async Task<IReadOnlyList<CloudLocation>?> ListAsync(CancellationToken cancellation) => (await known.AskAsync(cancellation))?.Locations;
}
