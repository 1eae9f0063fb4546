using Wopr.Provisioning.Ports;

namespace Wopr.Provisioning;

/// <summary>
/// The provider's catalogue for those who cannot wait for it: shop and checkout get the last answer at once, while a
/// newer one is fetched behind their backs. Jobs, which can wait, ask the provider itself.
/// </summary>
public sealed class KnownCatalogue(IClouds clouds, TimeProvider time)
{
    /// <summary>How long the first who ask wait when there is no earlier answer to fall back on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private CloudCatalogue? last;

    /// <summary>Null when the provider has never answered and does not within <see cref="Patience"/>.</summary>
    public async Task<CloudCatalogue?> AskAsync(CancellationToken cancellation)
    {
        // Not cancelled with its first caller: whatever comes is kept for the next.
        var asking = RememberAsync();
        if (!asking.IsCompleted && last is null)
        {
            try
            {
                await asking.WaitAsync(Patience, time, cancellation);
            }
            catch (TimeoutException)
            {
                // The answer is still on its way; the caller goes on without.
            }
        }
        return last;
    }

    private async Task RememberAsync()
    {
        if ((await clouds.GetCatalogueAsync(CancellationToken.None)).IsSuccess(out var catalogue, out _)) last = catalogue;
    }
}
