using System.Text.Json;
using Wopr.Incidents;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Sweep;

/// <summary>What may be left behind. <see cref="LostServer"/> is the other way round: a live job's server that is gone.</summary>
public enum OrphanKind { Server, PrimaryIp, Volume, Firewall, DnsRecord, LostServer }

/// <summary>Something at a provider that carries our mark and belongs to no live job, as one look found it.</summary>
/// <param name="Job">As its label or comment says; the job may be unknown here.</param>
/// <param name="Created">At the provider, where it tells.</param>
/// <param name="MonthlyCents">Gross, in the catalogue's currency; null when not known.</param>
/// <param name="Removable">False when only a human may decide.</param>
public sealed record Orphan(OrphanKind Kind, string Id, string Name, JobId? Job, string Why, DateTimeOffset? Created, int? MonthlyCents, bool Removable = true)
{
    /// <summary>Where it is; null for a record of the zone.</summary>
    public ProjectName? Project { get; init; }

    public Trouble ToTrouble() => Kind == OrphanKind.LostServer
        ? new(new($"{Kind.CausePrefix(Project)}{Id}"), ErrorCodes.ServerVanished, Severity.Critical, Job, $"server {Id} of {Name} is gone at the provider", Evidence)
        : new(new($"{Kind.CausePrefix(Project)}{Id}"), Kind == OrphanKind.DnsRecord ? ErrorCodes.OrphanRecord : ErrorCodes.OrphanFound, Severity.Warning,
            Job: null, $"{Kind.Word().Replace('_', ' ')} {Id} ({Name}): {Why}", Evidence);

    private object Evidence => new { kind = Kind.Word(), project = Project?.Value, id = Id, name = Name, job_id = Job?.Value, why = Why, created_at = Created, monthly_cents = MonthlyCents, removable = Removable };
}

public static class OrphanKinds
{
    private static readonly Dictionary<string, OrphanKind> ByWord = Enum.GetValues<OrphanKind>().ToDictionary(Word, StringComparer.Ordinal);

    /// <summary>The word used in the database and in the API: <c>primary_ip</c>.</summary>
    public static string Word(this OrphanKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    public static OrphanKind Parse(string word) => ByWord[word];

    public static string CausePrefix(this OrphanKind kind, ProjectName? project) => $"orphan:{kind.Word()}:{(project is null ? "" : $"{project}:")}";
}
