using Wopr.Audit;
using Wopr.Incidents;
using Wopr.Operators;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Web;

/// <summary>The operators' desk over made-up jobs; remembers what it was told to do.</summary>
internal sealed class FakeDesk(FakeJobs jobs) : IOperatorDesk
{
    public List<VerbRequest> Requests { get; } = [];

    public List<JobFilter> Filters { get; } = [];

    public VerbOutcome Outcome { get; set; } = new VerbOutcome.Done("It is done.");

    public string? Next { get; set; }

    public List<Incident> Incidents { get; } = [];

    public Task<JobPage> ListAsync(JobFilter filter, CancellationToken cancellation)
    {
        Filters.Add(filter);
        return Task.FromResult(new JobPage(
            [.. jobs.All.Select(j => new JobSummary { JobId = j.Id.Value, Beacon = j.Beacon.Name, Fqdn = j.Beacon.HostName, Bundle = j.Bundle, Tier = (short)j.Tier, State = j.State, Stage = j.Stage, Progress = j.Progress, ErrorCode = j.Error?.Code, CreatedAt = j.CreatedAt, UpdatedAt = j.UpdatedAt })],
            Next));
    }

    public Task<JobDossier?> FindAsync(JobId id, bool withEmail, CancellationToken cancellation) =>
        Task.FromResult(jobs.All.FirstOrDefault(j => j.Id == id) is { } job
            ? new JobDossier(
                new JobFacts { Id = id.Value, State = job.State, BeaconName = job.Beacon.Name, Fqdn = job.Beacon.HostName, ErrorCode = job.Error?.Code, ErrorDetail = job.Error is null ? null : "what was seen", FailedState = job.Error is null ? null : "waiting_for_vps", CreatedAt = job.CreatedAt },
                new OrderFacts { Bundle = job.Bundle, Tier = (short)job.Tier, Source = "checkout" },
                job.State == "failed" ? ["resume", "cancel"] : ["cancel", "rotate-token"],
                new WorkFacts { LeaseOwner = "node:1", Attempt = 1 },
                [new ResourceFacts { Kind = "server", Name = job.Beacon.HostName, ServerType = "cx23", Location = "fsn1" }],
                [new ActionFacts { Id = 7, Command = "create_server", Status = "success" }],
                [new TokenFacts { Fingerprint = "abcdef012345", Live = true }],
                [],
                [.. job.Timeline.Select(t => new TimelineEntry(t.Seq, t.At, t.Kind, t.State, t.Stage, t.Module, t.Progress, t.Message, t.Code))],
                [.. Incidents],
                [.. Requests.AsEnumerable().Reverse().Select(Row)],
                [new TraceFacts { At = FakeJobs.Start.AddSeconds(1), Kind = "call", What = "hetzner servers.create", Outcome = "201", Sent = 2, TookMs = 345, Node = "node/1" }])
            : null);

    public Task<VerbOutcome> DoAsync(VerbRequest request, CancellationToken cancellation)
    {
        Requests.Add(request);
        return Task.FromResult(Outcome);
    }

    public List<(JobId Job, string Reason)> Purges { get; } = [];

    public Task<PurgeOutcome?> PurgeAsync(JobId job, Actor who, string reason, CancellationToken cancellation)
    {
        Purges.Add((job, reason));
        return Task.FromResult<PurgeOutcome?>(new PurgeOutcome(["beacon-1.beacons.example"], null));
    }

    public Task<IReadOnlyList<AuditRow>> AuditAsync(JobId? job, long? before, int limit, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<AuditRow>>([.. Requests.Select(Row)]);

    public Task<IReadOnlyList<Incident>> IncidentsAsync(IncidentFilter filter, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Incident>>([.. Incidents.Where(i => (i.ClosedAt is null) == filter.Open)]);

    private AuditRow Row(VerbRequest request) => new()
    {
        At = FakeJobs.Start,
        ActorKind = request.Who.Kind,
        Actor = request.Who.Name,
        Action = request.Verb.Word(),
        JobId = request.Job.Value,
        Reason = request.Reason,
        Outcome = Outcome is VerbOutcome.Refused ? AuditOutcome.Refused : AuditOutcome.Done,
        Code = Outcome is VerbOutcome.Refused refused ? refused.Code.Value : null,
        Detail = Outcome switch { VerbOutcome.Done done => done.Detail, VerbOutcome.Refused no => no.Detail, _ => null },
    };
}
