using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Payments;

/// <summary>/refunds: all of a payment goes back, once.</summary>
internal sealed class RefundRoutes(PaymentBooks books)
{
    public void Map(RouteTable routes)
    {
        routes.Map("GET", "/refunds", call => new Answer(200, new
        {
            @object = "list",
            has_more = false,
            data = books.Refunds.All.Where(refund => call.Asked("payment_intent") is not { } payment || refund.PaymentIntent == payment).Select(refund => refund.View()),
        }));
        routes.Map("POST", "/refunds", Create);
    }

    private Answer Create(Call call)
    {
        if (call.IdempotencyKey is { } key && books.Keys.Find(key) is { } used)
        {
            return new Answer(200, books.Refunds.Find(used.Id)!.View());
        }

        var payment = call.Body["payment_intent"]?.GetValue<string>() ?? "";
        if (books.PaidBy(payment) is not { } session)
        {
            return PaymentsApi.Refuse(404, "invalid_request_error", "resource_missing", $"No such payment_intent: '{payment}'");
        }

        if (books.Refunds.All.Any(refund => refund.PaymentIntent == payment))
        {
            return PaymentsApi.Refuse(400, "invalid_request_error", "charge_already_refunded", "Charge has already been refunded.");
        }

        var made = new Refund(books.NewId("re_"), payment, session.Amount, session.Currency, call.Now.ToUnixTimeSeconds(), SessionRoutes.Marks(call, "metadata"));
        books.Refunds.Put(made);
        if (call.IdempotencyKey is { } fresh)
        {
            books.Keys.Put(new UsedKey(fresh, made.Id));
        }

        books.Tell("refund.created", made.View(), session, call.Now);
        books.Tell("charge.refunded", session.Charge(made.Amount), session, call.Now);
        return new Answer(200, made.View());
    }
}
