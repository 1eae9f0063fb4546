namespace Wopr.Sandbox.Boot;

/// <summary>What a machine shows to those who come to its address. The other side of an <see cref="IMachineDriver"/>.</summary>
public interface IBeaconFace
{
    /// <summary>The machine's answer to one request, or null when nothing listens there.</summary>
    /// <param name="host">In lower case, without a port.</param>
    Task<BeaconAnswer?> AnswerAsync(long serverId, string host, string path, CancellationToken cancellation);
}

/// <param name="Location">Where a redirect leads.</param>
public sealed record BeaconAnswer(int Status, string ContentType, string Body, string? Location = null)
{
    public static BeaconAnswer Page(int status, string title, string text) => new(status, "text/html; charset=utf-8", $"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title}</title>
        <style>:root {"{"} color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif; {"}"} body {"{"} max-width: 40rem; margin: 15vh auto; padding: 0 1.25rem; {"}"}</style>
        <h1>{title}</h1>
        <p>{text}</p>
        </html>

        """);
}
