namespace Wopr.Cloudflare;

/// <summary>Which queries find all records of a set of names, in as few calls as possible.</summary>
internal static class RecordFilter
{
    /// <summary>
    /// Names below one host, such as a beacon's apex and its wildcard, are fetched by their common ending in one call;
    /// the caller keeps the exact ones. Names that share no more than the zone are asked for one by one, because their
    /// common ending would fetch the whole zone.
    /// </summary>
    public static IReadOnlyList<string> For(IReadOnlyCollection<string> names, string zone)
    {
        if (names.Count == 0) return [];
        if (names.Count > 1 && CommonEnding(names) is { } ending && ending.Length > zone.Length) return [$"name.endswith={Uri.EscapeDataString(ending)}"];
        return [.. names.Select(n => $"name.exact={Uri.EscapeDataString(n)}")];
    }

    /// <summary>The longest common ending in whole labels: of <c>b.example.com</c> and <c>*.b.example.com</c> the first.</summary>
    private static string? CommonEnding(IReadOnlyCollection<string> names)
    {
        var reversed = names.Select(n => n.Split('.').Reverse().ToArray()).ToArray();
        var shared = reversed[0]
            .TakeWhile((label, i) => reversed.All(r => i < r.Length && string.Equals(r[i], label, StringComparison.OrdinalIgnoreCase)))
            .Reverse().ToArray();
        return shared.Length == 0 ? null : string.Join('.', shared);
    }
}
