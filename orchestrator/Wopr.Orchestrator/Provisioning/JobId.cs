namespace Wopr.Provisioning;

/// <summary>A provisioning job: an unguessable UUID, and the capability to see the job's status.</summary>
public readonly record struct JobId(Guid Value)
{
    public static bool TryParse(string? text, out JobId id)
    {
        var ok = Guid.TryParseExact(text, "D", out var guid);
        id = new JobId(guid);
        return ok;
    }

    public override string ToString() => Value.ToString("D");
}
