using System.Globalization;
using System.Net;
using System.Text;

namespace Wopr.Sandbox.Payments;

/// <summary>Where the customer "pays": <c>/pay/SESSION</c>, one page with three buttons.</summary>
internal sealed class PaymentPage(PaymentBooks books, PaymentsApi api, TimeProvider time)
{
    public const string Root = "/pay";

    public async Task RunAsync(HttpContext context)
    {
        var id = context.Request.Path.Value![Root.Length..].Trim('/');
        if (Find(id) is not { } session)
        {
            await WriteAsync(context, 404, "There is nothing to be paid here.", null);
        }
        else if (!HttpMethods.IsPost(context.Request.Method))
        {
            await ShowAsync(context, session, null);
        }
        else
        {
            var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
            await (form["what"].ToString() switch
            {
                "pay" => PayAsync(context, id),
                "fail" => FailAsync(context, session),
                "cancel" => LeaveAsync(context, session.CancelUrl),
                _ => ShowAsync(context, session, "Choose one of the three."),
            });
        }
    }

    private Task PayAsync(HttpContext context, string id)
    {
        Session paid;
        lock (books.Gate)
        {
            var now = time.GetUtcNow();
            paid = books.Sessions.Find(id)!.At(now);
            if (paid.Status == "open")
            {
                paid = paid with { Status = "complete", PaymentStatus = "paid", PaymentIntent = books.NewId("pi_") };
                books.Sessions.Put(paid);
                books.Tell("checkout.session.completed", paid.View(api.Address()), paid, now);
                books.Ledger.Commit();
            }
        }

        return paid.Status == "complete" ? LeaveAsync(context, paid.SuccessUrl) : ShowAsync(context, paid, null);
    }

    private Task FailAsync(HttpContext context, Session session)
    {
        lock (books.Gate)
        {
            var about = new { Id = books.NewId("pi_"), Object = "payment_intent", session.Amount, session.Currency, Metadata = session.PaymentMetadata, Status = "requires_payment_method" };
            books.Tell("payment_intent.payment_failed", about, session, time.GetUtcNow());
            books.Ledger.Commit();
        }

        return ShowAsync(context, session, "The card was declined. Nothing was charged; try again, or go back.");
    }

    private static Task LeaveAsync(HttpContext context, string url)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = url;
        return Task.CompletedTask;
    }

    private static Task ShowAsync(HttpContext context, Session session, string? message)
    {
        var text = session.Status switch
        {
            "open" => message ?? "This is the sandbox: no money moves, whichever button you press.",
            "complete" => "This is paid already.",
            _ => "The time to pay is over. Nothing was charged.",
        };
        return WriteAsync(context, session.Status == "open" ? 200 : 410, text, session.Status == "open" ? session : null);
    }

    private static async Task WriteAsync(HttpContext context, int status, string text, Session? session)
    {
        var what = session is null ? "" : string.Create(CultureInfo.InvariantCulture, $"""
            <p class="sum">{WebUtility.HtmlEncode(session.Product)}: <strong>{session.Amount / 100m:0.00} {WebUtility.HtmlEncode(session.Currency.ToUpperInvariant())}</strong></p>
            <form method="post"><button name="what" value="pay">Pay</button> <button name="what" value="fail">Fail</button> <button name="what" value="cancel">Cancel</button></form>
            """);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($$"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sandbox payment</title><link rel="icon" href="data:,">
            <style>:root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}button{font:inherit;padding:.5rem 1.2rem}</style></head>
            <body><main><h1>Sandbox payment</h1><p>{{WebUtility.HtmlEncode(text)}}</p>{{what}}</main></body></html>
            """), context.RequestAborted);
    }

    private Session? Find(string id)
    {
        lock (books.Gate)
        {
            return books.Sessions.Find(id)?.At(time.GetUtcNow());
        }
    }
}
