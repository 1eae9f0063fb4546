using System.Diagnostics.CodeAnalysis;
using Wopr.Checkout;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Templating;
using Wopr.Verification;

namespace Wopr.Mail;

/// <summary>What customers get in writing, rendered from templates/mail and templates/runbook.</summary>
public sealed class CustomerTexts(TemplateEngine templates, Catalogue catalogue, JobStatusReader status, BeaconAddresses addresses, Settings settings)
{
    public RenderedText Render(string template, Job job)
    {
        var outcome = templates.Render(template, new
        {
            job.BeaconName,
            BeaconUrl = addresses.Of(job.Fqdn).ToString(),
            BundleName = catalogue.FindBundle(job.Bundle)?.Name ?? job.Bundle,
            job.Tier,
            Apps = status.AppsOf(job.Modules, job.Fqdn).Select(a => new { a.Name, a.Url, a.Summary }).ToList(),
            AdminEmail = job.Email,
            SupportUrl = new Uri(settings.PublicUrl, "/support").ToString(),
            job.Substitution,
        });
        return outcome.IsSuccess(out var text, out var errors) ? new RenderedText(text, null) : new RenderedText(null, string.Join("; ", errors));
    }
}

/// <summary>A text, or why there is none.</summary>
public sealed record RenderedText(string? Text, string? Why)
{
    public bool IsSuccess([NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? why)
    {
        text = Text;
        why = Why;
        return text is not null;
    }
}
