namespace Wopr.Checkout;

/// <summary>One desk for every order, whether it comes from a page, the API or an operator: read, checked, placed.</summary>
public sealed class OrderDesk(OrderParser parser, OrderIntake intake, Locations locations)
{
    /// <summary>The outcome, or null with everything that is wrong with the form.</summary>
    public async Task<(IntakeOutcome? Outcome, IReadOnlyList<OrderProblem> Problems)> PlaceAsync(
        OrderForm form, OrderSource source, string? idempotencyKey, CancellationToken cancellation)
    {
        var known = (await locations.ListAsync(cancellation))?.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        var (order, problems) = parser.Parse(form, known);
        return order is null
            ? (null, problems)
            : (await intake.PlaceAsync(order, source, paid: true, idempotencyKey, externalId: null, cancellation), []);
    }
}
