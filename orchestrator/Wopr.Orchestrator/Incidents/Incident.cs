using System.Text.Json;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Incidents;

/// <summary>
/// What is wrong, as a name: trouble that has one remedy has one cause, however many jobs or checks meet it.
/// <c>job:ID</c>, <c>provider:hetzner</c>, <c>orphan:server:main:42</c>.
/// </summary>
public readonly record struct IncidentCause(string Text)
{
    public static IncidentCause Job(JobId job) => new($"job:{job}");

    /// <param name="provider"><c>hetzner</c> (of another project <c>hetzner:NAME</c>) or <c>cloudflare</c>.</param>
    public static IncidentCause Provider(string provider) => new($"provider:{provider}");

    public static IncidentCause Work(WorkKey key) => new($"work:{key.Kind}:{key.Subject}");

    public override string ToString() => Text;
}

/// <summary>Warning: nobody waits for it yet. Critical: a customer waits, or a beacon or all jobs are affected.</summary>
public enum Severity { Warning, Critical }

/// <summary>Something that was just seen to be wrong.</summary>
/// <param name="Job">Null when it is about no job, or about more than one.</param>
/// <param name="Summary">One sentence for operators, without secrets and personal data.</param>
/// <param name="Detail">The evidence; becomes JSON.</param>
public sealed record Trouble(IncidentCause Cause, ErrorCode Code, Severity Severity, JobId? Job, string Summary, object? Detail = null);

/// <summary>One problem: open until its cause is gone.</summary>
/// <param name="Count">How often it was seen while open.</param>
public sealed record Incident(
    long Id,
    string Cause,
    string Code,
    Severity Severity,
    Guid? JobId,
    string Summary,
    JsonElement Detail,
    int Count,
    DateTimeOffset FirstAt,
    DateTimeOffset LastAt,
    DateTimeOffset? ClosedAt,
    string? ClosedWhy);

/// <summary>Which incidents a list shows; a null lets all pass.</summary>
/// <param name="Open">True for open ones, false for closed ones.</param>
/// <param name="Before">Only ids below this: the next page.</param>
public sealed record IncidentFilter(bool? Open = true, JobId? Job = null, string? Code = null, string? CausePrefix = null, long? Before = null, int Limit = 100);
