namespace Wopr.Checkout;

/// <summary>One desk for every order, whether it comes from a page, the API or an operator: read, checked, placed.</summary>
public sealed class OrderDesk(OrderParser parser, OrderIntake intake, Locations locations, Availability availability)
{
    /// <summary>The outcome, or null with everything that is wrong with the form.</summary>
    public async Task<(IntakeOutcome? Outcome, IReadOnlyList<OrderProblem> Problems)> PlaceAsync(
        OrderForm form, OrderSource source, string? idempotencyKey, CancellationToken cancellation)
    {
        var known = (await locations.ListAsync(cancellation))?.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        var (order, problems) = parser.Parse(form, known);
        if (order is null) return (null, problems);

        var placeable = await availability.OfAsync(order.Bundle, order.Tier, order.Location, cancellation);
        // Operators may try all the same: nobody has paid, and stock may be back.
        var obstacle = source != OrderSource.Operator && placeable.Refusal is { } code
            ? new IntakeOutcome.Refused(StatusCodes.Status409Conflict, code, placeable.Detail)
            : null;
        var outcome = await intake.PlaceAsync(order, source, paid: true, idempotencyKey, externalId: null, cancellation, obstacle);
        return (outcome is IntakeOutcome.Accepted { Repeated: false } accepted ? accepted with { Substitution = placeable.Substitution } : outcome, []);
    }
}
