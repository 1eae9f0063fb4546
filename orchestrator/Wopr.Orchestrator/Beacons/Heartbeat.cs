using System.Text.Json;
using System.Text.Json.Serialization;
using Wopr.Platform;

namespace Wopr.Beacons;

/// <summary>What a beacon's agent says every few minutes.</summary>
/// <param name="InstallerSha256">The version of runner and modules that is at work.</param>
/// <param name="Units">The systemd units of every module.</param>
/// <param name="Certificates">Those that Caddy shows, one for each host name that has one.</param>
/// <param name="Backup">The last one; null before the first.</param>
/// <param name="FirstBoot">cloud-init's own result, as long as the beacon remembers it.</param>
public sealed record Heartbeat(
    string InstallerSha256,
    PlanProgress Plan,
    IReadOnlyList<UnitState> Units,
    Room Disk,
    Room Memory,
    IReadOnlyList<CertificateLife> Certificates,
    BackupResult? Backup,
    string? FirstBoot,
    long UptimeSeconds)
{
    // A beacon of 50 modules has some 80 units.
    private const int MostEntries = 500;
    private const int LongestName = 255;
    private const int LongestText = 8192;

    private static readonly JsonSerializerOptions Strict = new(Json.Options) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 8 };

    /// <summary>The heartbeat, or what is not understood about the body.</summary>
    public static (Heartbeat? Heartbeat, string? Problem) Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (JsonSerializer.Deserialize<Heartbeat>(body.Span, Strict) is not { } heartbeat) return (null, "the body is null");
            return heartbeat.Problem() is { } problem ? (null, problem) : (heartbeat.Clean(), null);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second is what half a character in an escape comes to. A message of the parser would quote the body.
            return (null, "the body is not a heartbeat in JSON");
        }
    }

    private string? Problem()
    {
        // JSON's null gets past the types inside lists.
        if (Units.Any(u => u is null) || Certificates.Any(c => c is null)) return "units and certificates have no empty entries";
        if (Units.Count > MostEntries || Certificates.Count > MostEntries) return $"units and certificates have at most {MostEntries} entries";
        if (Disk.IsNonsense || Memory.IsNonsense) return "disk and memory have total_mb above 0, and free_mb from 0 to that";
        if (Certificates.Any(c => c.NotAfter <= c.NotBefore)) return "a certificate's not_after is after its not_before";
        if (Names().Any(name => name is { Length: > LongestName })) return $"a name has at most {LongestName} characters";
        return new[] { Plan.Message, Backup?.Message, FirstBoot }.Any(text => text is { Length: > LongestText }) ? $"a text has at most {LongestText} characters" : null;
    }

    private IEnumerable<string?> Names() =>
        Units.SelectMany(u => new[] { u.Module, u.Unit, u.State }).Concat(Certificates.Select(c => c.Host)).Concat([InstallerSha256, Plan.Code, Plan.Module]);

    /// <summary>PostgreSQL stores no NUL; other control characters would only confuse whoever reads.</summary>
    private Heartbeat Clean() => this with
    {
        InstallerSha256 = Clean(InstallerSha256)!,
        Plan = Plan with { Code = Clean(Plan.Code), Module = Clean(Plan.Module), Message = Clean(Plan.Message) },
        Units = [.. Units.Select(u => new UnitState(Clean(u.Module)!, Clean(u.Unit)!, Clean(u.State)!))],
        Certificates = [.. Certificates.Select(c => c with { Host = Clean(c.Host)! })],
        Backup = Backup is null ? null : Backup with { Message = Clean(Backup.Message) },
        FirstBoot = Clean(FirstBoot),
    };

    private static string? Clean(string? text) => text is null ? null : string.Concat(text.Where(c => !char.IsControl(c) || c is '\n' or '\t'));
}

/// <param name="Number">Null when the agent has fetched none yet.</param>
/// <param name="Code">With <see cref="PlanState.Failed"/>: why.</param>
/// <param name="Message">The last log lines of what failed; for operators.</param>
public sealed record PlanProgress(int? Number, PlanState State, string? Code = null, string? Module = null, string? Message = null);

public enum PlanState { Applied, Applying, Failed }

/// <param name="State">systemd's word: <c>active</c>, <c>failed</c>, <c>activating</c>, …</param>
public sealed record UnitState(string Module, string Unit, string State)
{
    [JsonIgnore]
    public bool Runs => State == "active";
}

/// <summary>In MB.</summary>
public sealed record Room(long TotalMb, long FreeMb)
{
    [JsonIgnore]
    public bool IsNonsense => TotalMb <= 0 || FreeMb < 0 || FreeMb > TotalMb;

    /// <summary>In per cent.</summary>
    [JsonIgnore]
    public long FreePercent => FreeMb * 100 / TotalMb;
}

public sealed record CertificateLife(string Host, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <param name="Kept">How many days there are to go back to.</param>
public sealed record BackupResult(DateTimeOffset At, bool Ok, int Kept, string? Message = null);
