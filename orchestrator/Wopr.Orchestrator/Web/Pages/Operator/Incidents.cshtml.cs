using Wopr.Incidents;
using Wopr.Operators;

namespace Wopr.Web.Pages.Operator;

/// <summary>What is wrong now, or was.</summary>
public sealed class IncidentsModel(IOperatorDesk desk) : OperatorPage
{
    private const int Most = 100;

    public bool Closed { get; private set; }

    public IReadOnlyList<Incident> Found { get; private set; } = [];

    public long? Next => Found.Count == Most ? Found[^1].Id : null;

    public async Task OnGetAsync(bool closed, long? before, CancellationToken cancellation)
    {
        Closed = closed;
        Found = await desk.IncidentsAsync(new IncidentFilter(Open: !closed, Before: before, Limit: Most), cancellation);
    }
}
