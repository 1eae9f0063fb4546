using Wopr.Operators.Boards;

namespace Wopr.Web.Pages.Operator;

/// <summary>Mails that wait, and those that were sent.</summary>
public sealed class OutboxModel(OutboxBoard board) : OperatorPage
{
    public IReadOnlyList<OutboxMail> View { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellation) => View = await board.ReadAsync(cancellation);
}
