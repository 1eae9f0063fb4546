using Wopr.Operators.Boards;

namespace Wopr.Web.Pages.Operator;

/// <summary>What there is to do, who does it, and how many provider calls are left.</summary>
public sealed class QueueModel(QueueBoard board) : OperatorPage
{
    public QueueView View { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellation) => View = await board.ReadAsync(cancellation);
}
