using Microsoft.AspNetCore.Mvc;
using Wopr.Operators;
using Wopr.Operators.SignIn;

namespace Wopr.Web.Pages.Operator;

/// <summary>Who may sign in: local accounts, and keys for programs. For admins only.</summary>
public sealed class AccessModel(OperatorAccounts accounts, OperatorKeys keys) : OperatorPage
{
    private const int LongestName = 40;

    public IReadOnlyList<OperatorAccount> Accounts { get; private set; } = [];

    public IReadOnlyList<KnownKey> Keys { get; private set; } = [];

    public string? Problem { get; private set; }

    public string? Done { get; private set; }

    /// <summary>A new key, in this one answer only.</summary>
    public string? NewKey { get; private set; }

    public Task OnGetAsync(CancellationToken cancellation) => LoadAsync(cancellation);

    public async Task<IActionResult> OnPostAccountAsync(
        [FromForm] string? name, [FromForm] string? password, [FromForm] string? role, [FromForm] string? reason, CancellationToken cancellation)
    {
        if (!Readable(role, reason, out var known)) return await ShowAsync(cancellation);
        Problem = await accounts.PutAsync(name?.Trim(), password, known, Operator, reason!.Trim(), cancellation);
        if (Problem is null) Done = $"{name!.Trim()} may sign in as {known.Word()}.";
        return await ShowAsync(cancellation);
    }

    public async Task<IActionResult> OnPostDisableAsync([FromForm] string? name, [FromForm] string? reason, CancellationToken cancellation)
    {
        if (!Readable(OperatorRole.Viewer.Word(), reason, out _)) return await ShowAsync(cancellation);
        Problem = await accounts.DisableAsync(name, Operator, reason!.Trim(), cancellation);
        if (Problem is null) Done = $"{name} signs in no more, and is signed out.";
        return await ShowAsync(cancellation);
    }

    public async Task<IActionResult> OnPostKeyAsync([FromForm] string? name, [FromForm] string? role, [FromForm] string? reason, CancellationToken cancellation)
    {
        if (!Readable(role, reason, out var known)) return await ShowAsync(cancellation);
        name = name?.Trim();
        if (name is not { Length: > 0 and <= LongestName } || OperatorKeys.IsReserved(name)) Problem = $"A key's name has 1 to {LongestName} characters and is not WOPR's own.";
        else NewKey = await keys.MakeAsync(name, known, Operator, reason!.Trim(), cancellation);
        return await ShowAsync(cancellation);
    }

    public async Task<IActionResult> OnPostRevokeAsync([FromForm] string? fingerprint, [FromForm] string? reason, CancellationToken cancellation)
    {
        if (!Readable(OperatorRole.Viewer.Word(), reason, out _)) return await ShowAsync(cancellation);
        if (await keys.RevokeAsync(fingerprint ?? "", Operator, reason!.Trim(), cancellation)) Done = "The key is dead.";
        else Problem = "There is no such live key here.";
        return await ShowAsync(cancellation);
    }

    private bool Readable(string? role, string? reason, out OperatorRole known)
    {
        if (!OperatorRoles.TryParse(role, out known)) Problem = "A role is viewer, operator or admin.";
        else if (reason?.Trim() is not { Length: > 0 and <= VerbRequest.LongestReason }) Problem = $"Say why, in 1 to {VerbRequest.LongestReason} characters.";
        return Problem is null;
    }

    private async Task<IActionResult> ShowAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (Problem is not null) Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Page();
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        Accounts = await accounts.ListAsync(cancellation);
        Keys = await keys.ListAsync(cancellation);
    }
}
