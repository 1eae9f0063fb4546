using System.CommandLine;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary>Which job is meant: by its id, or, for operators, by how the id or the beacon's name begins.</summary>
internal static class JobArgument
{
    public static Argument<string> Create() => new("job") { Description = "The job's id; with an operator's key also how the id or the beacon's name begins" };

    /// <summary>The id, or why it is not clear.</summary>
    public static async Task<(string? Id, Refusal? Refusal)> FindAsync(WoprApi api, string text, CancellationToken cancellation)
    {
        if (Guid.TryParse(text, out _) || !api.IsOperator) return (text, null);
        var answer = await api.JobsAsync(q: text, limit: 50, cancellation: cancellation);
        if (answer.Value is not { } page) return (null, answer.Refusal);
        var exact = page.Jobs.Where(j => j.Beacon == text).ToList();
        return (exact.Count > 0 ? exact : [.. page.Jobs]) switch
        {
            [var only] => (only.JobId.ToString(), null),
            [] => (null, Refusals.NoSuchJob($"no job begins with '{text}'")),
            var several => (null, Refusals.NotUnderstood($"'{text}' may be {string.Join(", ", several.Take(10).Select(j => $"{j.JobId} ({j.Beacon}, {j.State})"))}")),
        };
    }
}
