using Wopr.Audit;
using Wopr.Incidents;
using Wopr.Provisioning;

namespace Wopr.Operators;

/// <summary>What operators see and do, for the API and the pages alike.</summary>
public interface IOperatorDesk
{
    Task<JobPage> ListAsync(JobFilter filter, CancellationToken cancellation);

    /// <summary>Null when there is no such job.</summary>
    Task<JobDossier?> FindAsync(JobId id, bool withEmail, CancellationToken cancellation);

    Task<VerbOutcome> DoAsync(VerbRequest request, CancellationToken cancellation);

    /// <summary>Null when there is no such job.</summary>
    Task<PurgeOutcome?> PurgeAsync(JobId job, Actor who, string reason, CancellationToken cancellation);

    Task<IReadOnlyList<AuditRow>> AuditAsync(JobId? job, long? before, int limit, CancellationToken cancellation);

    Task<IReadOnlyList<Incident>> IncidentsAsync(IncidentFilter filter, CancellationToken cancellation);
}

public sealed class OperatorDesk(JobList list, JobDossiers dossiers, JobVerbs verbs, PurgeVerb purge, AuditLog audit, IncidentStore incidents) : IOperatorDesk
{
    public Task<JobPage> ListAsync(JobFilter filter, CancellationToken cancellation) => list.ListAsync(filter, cancellation);

    public Task<JobDossier?> FindAsync(JobId id, bool withEmail, CancellationToken cancellation) => dossiers.FindAsync(id, withEmail, cancellation);

    public Task<VerbOutcome> DoAsync(VerbRequest request, CancellationToken cancellation) => verbs.DoAsync(request, cancellation);

    public Task<PurgeOutcome?> PurgeAsync(JobId job, Actor who, string reason, CancellationToken cancellation) => purge.DoAsync(job, who, reason, cancellation);

    public Task<IReadOnlyList<AuditRow>> AuditAsync(JobId? job, long? before, int limit, CancellationToken cancellation) => audit.ListAsync(job, before, limit, cancellation);

    public Task<IReadOnlyList<Incident>> IncidentsAsync(IncidentFilter filter, CancellationToken cancellation) => incidents.ListAsync(filter, cancellation);
}
