using Wopr.Audit;
using Wopr.Operators;

namespace Wopr.Web.Pages.Operator;

/// <summary>Who did what, and why.</summary>
public sealed class AuditLogModel(IOperatorDesk desk) : OperatorPage
{
    private const int Most = 100;

    public IReadOnlyList<AuditRow> Found { get; private set; } = [];

    public long? Next => Found.Count == Most ? Found[^1].Id : null;

    public async Task OnGetAsync(long? before, CancellationToken cancellation) => Found = await desk.AuditAsync(null, before, Most, cancellation);
}
