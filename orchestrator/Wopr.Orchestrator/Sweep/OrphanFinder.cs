using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Sweep;

/// <summary>What the database says of a job that something at a provider names.</summary>
/// <param name="ServerId">The server that the job knows to be its own; null before it is identified.</param>
public sealed record JobFacts(JobId Id, JobState State, long? ServerId);

/// <summary>
/// Tells what belongs to no live job. Only what carries our label or comment is looked at; a job that may be creating
/// something at this moment is live, so what it makes is never an orphan.
/// </summary>
public sealed class OrphanFinder(IReadOnlyDictionary<JobId, JobFacts> jobs)
{
    /// <summary>More servers of jobs that this database does not know, and more than it does know: then it is the database that is wrong.</summary>
    public const int MostUnknown = 10;

    public IReadOnlyList<Orphan> Find(Inventory inventory)
    {
        List<Orphan> found =
        [
            .. (inventory.Servers ?? []).Select(Judge).OfType<Orphan>(),
            .. (inventory.PrimaryIps ?? []).Where(a => a.AssignedTo is null).Select(Judge).OfType<Orphan>(),
            .. (inventory.Volumes ?? []).Select(Judge).OfType<Orphan>(),
            .. (inventory.Firewalls ?? []).Where(f => f.Name != ServerPrerequisites.FirewallName).Select(Judge).OfType<Orphan>(),
            .. (inventory.Records ?? []).Select(Judge).OfType<Orphan>(),
        ];
        found = [.. found.Select(o => o with { Project = inventory.Project })];
        return LooksLikeTheWrongDatabase(inventory) ? [.. found.Select(o => o.Job is { } job && !jobs.ContainsKey(job) ? o with { Removable = false } : o)] : found;
    }

    public Orphan? Judge(CloudServer server)
    {
        if (server.Status == ServerStatus.Deleting) return null;
        var job = JobOf(server.Labels);
        var why = Why(job) ?? (jobs[job!.Value].ServerId is { } own && own != server.Id ? $"its job's server is {own}" : null);
        return why is null ? null : new Orphan(OrphanKind.Server, $"{server.Id}", server.Name, job, why, server.Created, MonthlyCents: null);
    }

    public Orphan? Judge(DnsRecord record)
    {
        if (JobOf(record) is not { } job || Why(job) is not { } why) return null;
        return new Orphan(OrphanKind.DnsRecord, record.Id, $"{record.Type} {record.Name}", job, why, Created: null, MonthlyCents: 0);
    }

    private Orphan? Judge(CloudPrimaryIp address) => Marked(OrphanKind.PrimaryIp, address.Id, address.Address, address.Labels, address.Created);

    /// <summary>A volume that hangs on a server holds somebody's data as long as the server runs.</summary>
    private Orphan? Judge(CloudVolume volume) =>
        Marked(OrphanKind.Volume, volume.Id, volume.Name, volume.Labels, volume.Created) is { } orphan ? orphan with { Removable = volume.Server is null } : null;

    /// <summary>WOPR makes one firewall for all beacons; another with our label was made by hand.</summary>
    private Orphan? Judge(CloudFirewall firewall) => Marked(OrphanKind.Firewall, firewall.Id, firewall.Name, firewall.Labels, created: null) is { } orphan ? orphan with { MonthlyCents = 0 } : null;

    private Orphan? Marked(OrphanKind kind, long id, string name, IReadOnlyDictionary<string, string> labels, DateTimeOffset? created)
    {
        var job = JobOf(labels);
        return Why(job) is { } why ? new Orphan(kind, $"{id}", name, job, why, created, MonthlyCents: null) : null;
    }

    /// <summary>Null when the job is live.</summary>
    private string? Why(JobId? job) => job switch
    {
        null => "it carries our label, but that of no job",
        { } id when !jobs.TryGetValue(id, out _) => "this database does not know its job",
        // A completed job is a beacon that lives; one that rolls back still removes by itself.
        { } id when jobs[id].State.IsGone() => $"its job is {jobs[id].State.Word()}",
        _ => null,
    };

    private bool LooksLikeTheWrongDatabase(Inventory inventory)
    {
        var unknown = (inventory.Servers ?? []).Count(s => JobOf(s.Labels) is { } job && !jobs.ContainsKey(job));
        return unknown > MostUnknown && unknown > (inventory.Servers?.Count ?? 0) - unknown;
    }

    public static JobId? JobOf(IReadOnlyDictionary<string, string> labels) =>
        JobId.TryParse(labels.GetValueOrDefault(ServerLabels.Job), out var job) ? job : null;

    /// <summary>Null when the comment only begins like ours.</summary>
    public static JobId? JobOf(DnsRecord record) =>
        record.Comment is { } comment && comment.StartsWith(Job.DnsCommentStart, StringComparison.Ordinal) && JobId.TryParse(comment[Job.DnsCommentStart.Length..], out var job) ? job : null;
}
