using System.Diagnostics.CodeAnalysis;
using Wopr.Checkout;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Support;
using Wopr.Templating;
using Wopr.Verification;

namespace Wopr.Mail;

/// <summary>What customers get in writing, rendered from templates/mail and templates/runbook.</summary>
public sealed class CustomerTexts(ITemplateEngine templates, Catalogue catalogue, JobStatusReader status, ErrorCatalogue errors, BeaconAddresses addresses, Settings settings)
{
    public RenderedText Render(string template, Job job)
    {
        var outcome = templates.Render(template, new
        {
            job.BeaconName,
            BeaconUrl = addresses.Of(job.Fqdn).ToString(),
            BundleName = catalogue.FindBundle(job.Bundle)?.Name ?? job.Bundle,
            Size = catalogue.FindTier(job.Tier) is { } tier ? $"{tier.StorageGb} GB" : $"tier {job.Tier}",
            Apps = status.AppsOf(job.Modules, job.Fqdn).Select(a => new { a.Name, a.Url, a.Summary }).ToList(),
            AdminEmail = job.Email,
            SupportUrl = new Uri(settings.PublicUrl, "/support").ToString(),
            SetupUrl = new Uri(settings.PublicUrl, $"/setup/{job.Id}").ToString(),
            job.Substitution,
            Problem = job.ErrorCode is { } code ? ProblemOf(code) : null,
        });
        return outcome.IsSuccess(out var text, out var problems) ? new RenderedText(text, null) : new RenderedText(null, string.Join("; ", problems));
    }

    private object ProblemOf(ErrorCode code)
    {
        var entry = errors[code];
        return new { Code = code.Value, entry.Title, entry.Customer.WhatHappened, entry.Customer.WhatWeDo, entry.Customer.WhatYouCanDo };
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
