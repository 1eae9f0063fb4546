using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using Wopr.Platform;

namespace Wopr.Mail;

/// <summary>Turns an outbox row into an Internet message.</summary>
internal static class Messages
{
    public static MailMessage Of(OutboxMail mail, string from)
    {
        var message = new MailMessage(from, mail.Recipient, mail.Subject, mail.Text) { BodyEncoding = Encoding.UTF8, SubjectEncoding = Encoding.UTF8 };
        message.Headers.Add("Message-ID", $"<{mail.Id:N}@{from[(from.IndexOf('@', StringComparison.Ordinal) + 1)..]}>");
        message.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(mail.Html, Encoding.UTF8, MediaTypeNames.Text.Html));
        return message;
    }
}

/// <summary>Without a mail server, messages become <c>.eml</c> files: nothing is lost, and a newcomer can read them.</summary>
public sealed class FolderPostOffice(Settings settings) : IPostOffice
{
    public string Folder { get; } = Path.Combine(settings.DataFolder, "mail");

    public async Task<string?> DeliverAsync(OutboxMail mail, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(Folder);
            var path = Path.Combine(Folder, $"{mail.CreatedAt:yyyyMMdd-HHmmss}-{mail.Kind}-{mail.Id:N}.eml");
            var temporary = path + ".part";
            await File.WriteAllTextAsync(temporary, Eml(mail), cancellation);
            // The same message again replaces itself: one mail, however often it is delivered.
            File.Move(temporary, path, overwrite: true);
            return null;
        }
        catch (IOException error)
        {
            return error.Message;
        }
        catch (UnauthorizedAccessException error)
        {
            return error.Message;
        }
    }

    private string Eml(OutboxMail mail)
    {
        var boundary = $"wopr-{mail.Id:N}";
        return $"""
            From: {settings.MailFrom}
            To: {mail.Recipient}
            Subject: =?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(mail.Subject))}?=
            Date: {mail.CreatedAt:R}
            Message-ID: <{mail.Id:N}@{settings.MailFrom[(settings.MailFrom.IndexOf('@', StringComparison.Ordinal) + 1)..]}>
            MIME-Version: 1.0
            Content-Type: multipart/alternative; boundary="{boundary}"

            --{boundary}
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            {mail.Text}
            --{boundary}
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: 8bit

            {mail.Html}
            --{boundary}--

            """;
    }
}

/// <summary>Hands messages to the configured SMTP server: <c>smtp://user:password@host:port</c>, or <c>smtps://</c> for STARTTLS.</summary>
public sealed class SmtpPostOffice(Settings settings) : IPostOffice
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task<string?> DeliverAsync(OutboxMail mail, CancellationToken cancellation)
    {
        var url = settings.Smtp ?? throw new InvalidOperationException("no SMTP server is configured");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        using var message = Messages.Of(mail, settings.MailFrom);
        using var client = new SmtpClient(url.Host, url.IsDefaultPort ? 587 : url.Port) { EnableSsl = url.Scheme == "smtps" };
        if (url.UserInfo.Split(':', 2) is [var user, var password])
            client.Credentials = new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
        try
        {
            await client.SendMailAsync(message, limit.Token);
            return null;
        }
        catch (SmtpException error)
        {
            return $"{error.StatusCode}: {error.Message}";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "the mail server did not answer in time";
        }
    }
}
