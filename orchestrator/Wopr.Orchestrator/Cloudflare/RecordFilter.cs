namespace Wopr.Cloudflare;

/// <summary>Which queries find all records of a set of names, one for each host.</summary>
internal static class RecordFilter
{
    /// <summary>
    /// A host together with its wildcard is fetched by its ending in one call; the caller keeps the exact names. The zone
    /// itself is asked for exactly, because its ending would fetch everything.
    /// </summary>
    public static IReadOnlyList<string> For(IReadOnlyCollection<string> names, string zone) =>
    [
        .. from name in names
           group name by Host(name).ToLowerInvariant() into host
           from filter in host.Count() > 1 && host.Key != zone ? [$"name.endswith={Uri.EscapeDataString(host.Key)}"] : host.Select(Exact)
           select filter,
    ];

    private static string Host(string name) => name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;

    private static string Exact(string name) => $"name.exact={Uri.EscapeDataString(name)}";
}
