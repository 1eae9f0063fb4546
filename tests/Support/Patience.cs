using System.Diagnostics;

namespace Wopr.Tests.Support;

/// <summary>
/// Waits for another process, which can tell a test nothing: looks often, and never longer than it takes. The limit is for
/// what hangs, so it is generous, and no clock that can be set decides it.
/// </summary>
public static class Patience
{
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <param name="otherwise">What is told when it never comes to that.</param>
    /// <param name="longest">Two minutes unless told.</param>
    /// <param name="between">How long it is between two looks; 20 milliseconds unless told.</param>
    /// <exception cref="TimeoutException">It never came to that.</exception>
    public static async Task UntilAsync(Func<Task<bool>> met, Func<string> otherwise, TimeSpan? longest = null, TimeSpan? between = null)
    {
        if (!await ComesAsync(met, longest ?? Usual, between)) throw new TimeoutException(otherwise());
    }

    public static Task UntilAsync(Func<bool> met, Func<string> otherwise, TimeSpan? longest = null, TimeSpan? between = null) =>
        UntilAsync(() => Task.FromResult(met()), otherwise, longest, between);

    /// <summary>Whether it comes to that; looks once more when the time is up.</summary>
    public static async Task<bool> ComesAsync(Func<Task<bool>> met, TimeSpan longest, TimeSpan? between = null)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var last = waited.Elapsed > longest;
            if (await met()) return true;
            if (last) return false;
            await Task.Delay(between ?? BetweenLooks);
        }
    }
}
