namespace Wopr.Templating.Functions;

/// <summary><c>json</c>, <c>yaml</c> and <c>shell</c>, this project's own.</summary>
internal static class QuotingFunctions
{
    public static IReadOnlyList<Function> All { get; } =
    [
        new("json", 1, 1, call => Result(call, Quoting.Json(call[0]))),
        new("yaml", 1, 1, call => Result(call, Quoting.Yaml(call[0]))),
        new("shell", 1, 1, call => Result(call, Quoting.Shell(call[0]))),
    ];

    private static string Result(Arguments call, QuotingOutcome outcome) =>
        outcome.IsSuccess(out var quoted, out var problem) ? quoted : throw call.Fault(problem);
}
