using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Actions;

/// <summary>
/// Something that takes time. Its state is a function of the clock alone, so it goes on across restarts: it waits until
/// <paramref name="Begins"/>, progresses until <paramref name="Finishes"/>, and then is what it was meant to become.
/// </summary>
/// <param name="Error">What it ends in when it is not to succeed; decided when it is started.</param>
public sealed record CloudAction(
    long Id,
    string Project,
    string Command,
    DateTimeOffset Started,
    DateTimeOffset Begins,
    DateTimeOffset Finishes,
    IReadOnlyList<ResourceRef> Resources,
    ActionError? Error)
{
    public string StatusAt(DateTimeOffset now) => now < Finishes ? "running" : Error is null ? "success" : "error";

    public int ProgressAt(DateTimeOffset now) =>
        now >= Finishes ? 100 : now <= Begins ? 0 : (int)(100 * ((now - Begins) / (Finishes - Begins)));

    public object View(DateTimeOffset now) => new
    {
        id = Id,
        command = Command,
        status = StatusAt(now),
        progress = ProgressAt(now),
        started = WireJson.Seconds(Started),
        finished = now < Finishes ? null : WireJson.Seconds(Finishes),
        resources = Resources.Select(resource => new { id = resource.Id, type = resource.Type }),
        error = now < Finishes || Error is null ? null : new { code = Error.Code, message = Error.Message },
    };
}

/// <param name="Type"><c>server</c>, <c>firewall</c>, <c>primary_ip</c>, <c>volume</c>, <c>image</c>.</param>
public sealed record ResourceRef(string Type, long Id);

public sealed record ActionError(string Code, string Message);
