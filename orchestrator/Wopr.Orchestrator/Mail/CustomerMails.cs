using Wopr.Platform;
using Wopr.Provisioning;

namespace Wopr.Mail;

/// <summary>The occasions on which a customer is written to. The word is the template's name in templates/mail.</summary>
public enum Occasion
{
    /// <summary>The order is paid for, and building begins.</summary>
    Received,

    /// <summary>The beacon has been reached from outside.</summary>
    Welcome,

    /// <summary>It takes much longer than it should, and nothing has failed.</summary>
    Delayed,

    /// <summary>The job has failed, and what it has is kept for a while.</summary>
    Failed,

    /// <summary>Cancelled, and nothing is left.</summary>
    Cancelled,

    /// <summary>Failed for good, and nothing is left.</summary>
    Removed,

    /// <summary>A finished beacon was taken down, and nothing is left.</summary>
    Decommissioned,
}

/// <summary>
/// Puts a mail for its customer into the outbox, in the language of templates/mail, once per job and occasion. Delivery is
/// tried on its own and holds nobody up.
/// </summary>
public sealed class CustomerMails(CustomerTexts texts, IIdSource ids)
{
    /// <summary>Null, or why there is no mail: a template that cannot be rendered.</summary>
    public async Task<string?> PostAsync(StepContext context, Occasion occasion, CancellationToken cancellation)
    {
        if (!Write(context.Job, occasion, out var mail, out var why)) return why;
        await context.Journal.PostMailAsync(mail, cancellation);
        return null;
    }

    /// <summary>A mail to be posted; false with the reason when a template cannot be rendered.</summary>
    public bool Write(Job job, Occasion occasion, out OutgoingMail mail, out string why)
    {
        mail = null!;
        if (!Render(job, occasion, out var text, out why)) return false;
        mail = new(ids.NewId(), KindOf(job, occasion), job.Email, text);
        return true;
    }

    /// <summary>The mail as a customer would get it for this job; false with the reason when a template cannot be rendered.</summary>
    public bool Render(Job job, Occasion occasion, out CustomerMail mail, out string why)
    {
        mail = null!;
        why = "";
        if (!texts.Render($"mail/{Word(occasion)}.subject.txt", job).IsSuccess(out var subject, out why!)
            || !texts.Render($"mail/{Word(occasion)}.txt", job).IsSuccess(out var text, out why!)
            || !texts.Render($"mail/{Word(occasion)}.html", job).IsSuccess(out var html, out why!))
            return false;
        mail = new(subject.Trim(), text, html);
        return true;
    }

    /// <summary>A job that is resumed and fails for another reason is worth another mail; the same reason again is not.</summary>
    private static string KindOf(Job job, Occasion occasion) => occasion == Occasion.Failed ? $"failed-{job.ErrorCode}" : Word(occasion);

    public static string Word(Occasion occasion) => occasion switch
    {
        Occasion.Received => "received",
        Occasion.Welcome => "welcome",
        Occasion.Delayed => "delayed",
        Occasion.Failed => "failed",
        Occasion.Cancelled => "cancelled",
        Occasion.Removed => "removed",
        Occasion.Decommissioned => "decommissioned",
        _ => throw new ArgumentOutOfRangeException(nameof(occasion)),
    };
}

/// <param name="Kind">What it is about: a job has one mail of a kind.</param>
public sealed record OutgoingMail(Guid Id, string Kind, string Recipient, CustomerMail Text)
{
    /// <summary>What <see cref="Outbox.PostSql"/> names, but for the job.</summary>
    public object Values => new { Id, Kind, Recipient, Text.Subject, Text.Text, Text.Html };
}

/// <param name="Subject">One line.</param>
public sealed record CustomerMail(string Subject, string Text, string Html);
