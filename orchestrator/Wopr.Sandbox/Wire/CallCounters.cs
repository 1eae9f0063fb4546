namespace Wopr.Sandbox.Wire;

/// <summary>How often each call was made since the start or the last reset, whatever it was answered.</summary>
public sealed class CallCounters
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<(string Provider, string Template, string Method, int Status), long> counts = [];

    /// <summary>Status 0 stands for a connection that was dropped on purpose.</summary>
    public void Count(string provider, string method, string template, int status)
    {
        lock (gate)
        {
            var key = (provider, template, method, status);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
    }

    public IReadOnlyList<CallCount> All()
    {
        lock (gate)
        {
            return [.. counts.Select(pair => new CallCount(pair.Key.Provider, pair.Key.Method, pair.Key.Template, pair.Key.Status, pair.Value))];
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            counts.Clear();
        }
    }
}

public sealed record CallCount(string Provider, string Method, string Path, int Status, long Count);
