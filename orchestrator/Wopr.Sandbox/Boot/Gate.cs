using System.Text.RegularExpressions;

namespace Wopr.Sandbox.Boot;

/// <summary>
/// The sandbox's internet as seen from outside: one HTTP port on which every beacon answers under its own host name,
/// as far as its DNS record, its server and its Caddy are there.
/// </summary>
public static class Gate
{
    /// <summary>Takes the requests for which <paramref name="isGate"/> holds; a port of its own, as a rule.</summary>
    public static void Map(IApplicationBuilder app, Func<HttpContext, bool> isGate, IInternet internet, IBeaconFace face) =>
        app.MapWhen(isGate, gate => gate.Run(context => AnswerAsync(context, internet, face)));

    private static async Task AnswerAsync(HttpContext context, IInternet internet, IBeaconFace face)
    {
        var host = context.Request.Host.Host.ToLowerInvariant();
        if (internet.Resolve(host) is not { } machine
            || await face.AnswerAsync(machine.ServerId, host, context.Request.Path.Value ?? "/", context.RequestAborted) is not { } answer)
        {
            // Whoever asks sees a broken connection, as with a server that is off or where nothing listens.
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        if (answer.Location is not null) context.Response.Headers.Location = answer.Location;
        await context.Response.WriteAsync(WithGatePort(answer, context.Request), context.RequestAborted);
    }

    /// <summary>A beacon links to itself by https; here its other names are reached by http at the gate's port.</summary>
    private static string WithGatePort(BeaconAnswer answer, HttpRequest request)
    {
        if (!answer.ContentType.StartsWith("text/html", StringComparison.Ordinal)) return answer.Body;
        var names = $@"https://((?:[a-z0-9-]+\.)*{Regex.Escape(request.Host.Host)})(?=[/""])";
        var port = request.Host.Port is { } number ? $":{number}" : "";
        return Regex.Replace(answer.Body, names, $"http://$1{port}", RegexOptions.None, TimeSpan.FromSeconds(1));
    }
}
