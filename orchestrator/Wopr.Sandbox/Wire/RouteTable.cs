namespace Wopr.Sandbox.Wire;

public delegate Answer Handler(Call call);

/// <summary>The paths a provider knows. Braces match one segment; <c>{id}</c> and <c>{action_id}</c> only match digits when the table says so.</summary>
public sealed class RouteTable(bool numericIds)
{
    private readonly List<Route> routes = [];

    public void Map(string method, string template, Handler handler) => routes.Add(new(method, template, template.Split('/'), handler));

    /// <summary>The best route for the path, and its handler for the method if it has one. Null when the path is unknown.</summary>
    public Match? Find(string method, string path)
    {
        var segments = path.Split('/');
        var candidates = routes.Where(route => Fits(route.Segments, segments)).ToList();
        if (candidates.Count == 0)
        {
            return null;
        }

        // Literal segments win over braces: /servers/actions is not the server called "actions".
        var template = candidates.MaxBy(route => route.Segments.Count(segment => !IsBrace(segment)))!.Template;
        var route = candidates.Find(route => route.Template == template && route.Method == method);
        var values = template.Split('/').Zip(segments)
            .Where(pair => IsBrace(pair.First))
            .ToDictionary(pair => pair.First[1..^1], pair => Uri.UnescapeDataString(pair.Second), StringComparer.Ordinal);
        return new Match(template, route?.Handler, values);
    }

    private bool Fits(string[] template, string[] path) =>
        template.Length == path.Length
        && template.Zip(path).All(pair => IsBrace(pair.First) ? IsValue(pair.Second) : pair.First == pair.Second);

    private bool IsValue(string segment) =>
        segment.Length > 0 && (!numericIds || (segment.Length <= 18 && segment.All(char.IsAsciiDigit)));

    private static bool IsBrace(string segment) => segment.Length > 0 && segment[0] == '{';

    public sealed record Match(string Template, Handler? Handler, IReadOnlyDictionary<string, string> Values);

    private sealed record Route(string Method, string Template, string[] Segments, Handler Handler);
}
