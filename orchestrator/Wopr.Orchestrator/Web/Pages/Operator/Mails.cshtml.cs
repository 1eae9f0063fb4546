using Microsoft.AspNetCore.Mvc;
using Wopr.Checkout;
using Wopr.Mail;
using Wopr.Platform;

namespace Wopr.Web.Pages.Operator;

/// <summary>Every mail that customers get, as they get it, for a job that nobody ordered.</summary>
public sealed class MailsModel(CustomerMails mails, Catalogue catalogue, Settings settings, TimeProvider time) : OperatorPage
{
    // A mail brings its own styles, as mail programs want it; it may do nothing else.
    private const string MailPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox allow-popups";

    public IReadOnlyList<(Occasion Occasion, CustomerMail Mail)> Mails { get; private set; } = [];

    public IActionResult OnGet(string? occasion)
    {
        if (occasion is null)
        {
            Mails = [.. Enum.GetValues<Occasion>().Select(o => (o, Rendered(o)))];
            return Page();
        }
        var known = Enum.GetValues<Occasion>().Where(o => CustomerMails.Word(o) == occasion).ToList();
        if (known is not [var one]) return NotFound();
        Response.Headers.ContentSecurityPolicy = MailPolicy;
        return Content(Rendered(one).Html, "text/html; charset=utf-8");
    }

    private CustomerMail Rendered(Occasion occasion) =>
        mails.Render(SampleJob.For(occasion, catalogue, settings.Zone, time.GetUtcNow()), occasion, out var mail, out var why) ? mail : new CustomerMail("This mail cannot be rendered", why, "");
}
