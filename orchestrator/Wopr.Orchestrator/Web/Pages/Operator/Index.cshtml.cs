using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Wopr.Operators;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Web.Pages.Operator;

/// <summary>The jobs, newest first, filtered.</summary>
public sealed class IndexModel(IOperatorDesk desk) : OperatorPage
{
    [BindProperty(SupportsGet = true, Name = "q")] public string? Q { get; set; }
    [BindProperty(SupportsGet = true, Name = "state")] public string? State { get; set; }
    [BindProperty(SupportsGet = true, Name = "code")] public string? Code { get; set; }
    [BindProperty(SupportsGet = true, Name = "cursor")] public string? Cursor { get; set; }

    public JobPage Found { get; private set; } = new([], null);

    public string? Problem { get; private set; }

    public bool Filtered => !string.IsNullOrWhiteSpace(Q) || !string.IsNullOrEmpty(State) || !string.IsNullOrWhiteSpace(Code);

    /// <summary>The same list, further on.</summary>
    public string? NextPage => Found.Next is { } next
        ? QueryHelpers.AddQueryString("/operator", new Dictionary<string, string?>(StringComparer.Ordinal) { ["q"] = Q, ["state"] = State, ["code"] = Code, ["cursor"] = next })
        : null;

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        JobState state = default;
        if (!string.IsNullOrEmpty(State) && !JobStates.TryParse(State, out state)) Problem = "There is no such state.";
        var code = string.IsNullOrWhiteSpace(Code) ? null : Code.Trim().ToUpperInvariant();
        if (code is not null && !ErrorCode.TryParse(code, out _)) Problem = "An error code looks like HETZ-005.";
        if (Q is { Length: > JobFilter.LongestText }) Problem = $"At most {JobFilter.LongestText} characters can be looked for.";
        if (Problem is not null) return;
        Found = await desk.ListAsync(
            new JobFilter(string.IsNullOrEmpty(State) ? [] : [state], code, string.IsNullOrWhiteSpace(Q) ? null : Q.Trim(), JobCursor.Parse(Cursor)), cancellation);
    }
}
