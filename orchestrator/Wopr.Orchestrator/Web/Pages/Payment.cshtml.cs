using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Wopr.Provisioning;

namespace Wopr.Web.Pages;

/// <summary>Between the payment provider's page and the setup page: where a customer lands after paying, or after not paying.</summary>
public sealed class PaymentModel(IPaymentViews payments) : PageModel
{
    private bool done;

    public PaymentView Payment { get; private set; } = null!;

    /// <summary>The customer is through, and the confirmation is on its way: the page looks again by itself.</summary>
    public bool Waits => Payment.State == "open" && done;

    public bool CanPay => Payment is { State: "open", Page: not null } && !done;

    public string Headline => Payment.State switch
    {
        "open" when done => "Waiting for the confirmation of your payment",
        "open" when CanPay => "Not paid yet",
        "returned" => "Your payment goes back to you",
        _ => "The time to pay is over",
    };

    public string Explanation => Payment.State switch
    {
        "open" when done => "This usually takes a few seconds; a bank transfer takes days. Do not pay a second time. You can close this page and come back: it goes on by itself.",
        "open" when CanPay => $"Nothing was charged. The name is kept for you for another {Wording.Duration(Payment.Left)}.",
        "returned" => "Nothing is built for this payment. It can take a few days until your bank shows it.",
        _ => "Nothing was charged, and the name is free again.",
    };

    public async Task<IActionResult> OnGetAsync(string id, string? done, CancellationToken cancellation)
    {
        Response.Headers["X-Robots-Tag"] = "noindex";
        this.done = done is not null;
        if (!JobId.TryParse(id, out var checkout) || await payments.FindAsync(checkout, this.done, cancellation) is not { } view) return NotFound();
        if (view.State == "paid") return Redirect($"/setup/{view.Id}");
        Payment = view;
        return Page();
    }
}
