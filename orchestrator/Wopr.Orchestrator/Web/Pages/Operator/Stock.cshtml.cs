using Wopr.Operators.Boards;

namespace Wopr.Web.Pages.Operator;

/// <summary>What is sold, and on what it can be put.</summary>
public sealed class StockModel(StockBoard board) : OperatorPage
{
    public StockView View { get; private set; } = null!;

    public async Task OnGetAsync(CancellationToken cancellation) => View = await board.ReadAsync(cancellation);
}
