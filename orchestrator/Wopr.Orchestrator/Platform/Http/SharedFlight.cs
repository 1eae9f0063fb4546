using Wopr.Provisioning.Ports;

namespace Wopr.Platform.Http;

/// <summary>A value that is kept for a while and fetched by one caller for all who wait. Failures are not kept.</summary>
internal sealed class SharedFlight<T>(TimeSpan keep, TimeProvider time)
{
    private readonly Lock gate = new();
    private Task<ProviderResult<T>>? flight;
    private T? value;
    private DateTimeOffset until = DateTimeOffset.MinValue;

    /// <summary>The flight itself is bounded by the provider's call time-out, so that one caller's cancelling spoils it for nobody.</summary>
    public async Task<ProviderResult<T>> GetAsync(Func<Task<ProviderResult<T>>> fetch, CancellationToken cancellation)
    {
        Task<ProviderResult<T>> mine;
        lock (gate)
        {
            if (time.GetUtcNow() < until) return ProviderResult<T>.Success(value!);
            mine = flight is { IsCompleted: false } ? flight : flight = FlyAsync(fetch);
        }

        return await mine.WaitAsync(cancellation);
    }

    private async Task<ProviderResult<T>> FlyAsync(Func<Task<ProviderResult<T>>> fetch)
    {
        // Not under the lock of whoever comes first.
        await Task.Yield();
        using var scope = CallScope.Detach();
        var result = await fetch();
        if (!result.IsSuccess(out var fresh, out _)) return result;
        lock (gate)
        {
            value = fresh;
            until = time.GetUtcNow() + keep;
        }

        return result;
    }
}
