using Wopr.Payments;
using Wopr.Platform;

namespace Wopr.Checkout;

/// <summary>One desk for every order, whether it comes from a page, the API or an operator: read, checked, placed.</summary>
public sealed class OrderDesk(OrderParser parser, OrderIntake intake, Checkouts checkouts, Locations locations, Availability availability, Settings settings)
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
        // With the real clouds no customer gets anything unpaid; operators never pay.
        var hosted = source == OrderSource.Checkout && (form.Payment == OrderParser.Hosted || !settings.Sandbox);
        var outcome = hosted
            ? await checkouts.OpenAsync(order, idempotencyKey, obstacle, cancellation)
            : await intake.PlaceAsync(order, source, paid: true, idempotencyKey, cancellation, obstacle);
        return (outcome switch
        {
            IntakeOutcome.Accepted { Repeated: false } accepted => accepted with { Substitution = placeable.Substitution },
            IntakeOutcome.ToPay toPay => toPay with { Substitution = placeable.Substitution },
            _ => outcome,
        }, []);
    }
}
