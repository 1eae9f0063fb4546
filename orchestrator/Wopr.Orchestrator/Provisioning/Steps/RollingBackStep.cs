using Wopr.Mail;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>
/// Takes everything down that carries this job's mark, waits until it is gone, and proves it by listing. Names go first,
/// so that nobody is sent to an address that is about to belong to somebody else.
/// </summary>
public sealed partial class RollingBackStep(ICloudProvider cloud, IDnsProvider dns, CustomerMails mails, ILogger<RollingBackStep> logger) : IStep
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public JobState State => JobState.RollingBack;

    /// <summary>Giving up would leave something behind, so there is no deadline; the sweep reports what takes too long.</summary>
    public TimeSpan? Deadline => null;

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        var job = context.Job;
        if (!(await RemoveRecordsAsync(job, cancellation)).IsSuccess(out var recordsLeft, out var failure)) return TryAgain(failure);
        if (!(await RemoveServersAsync(context, cancellation)).IsSuccess(out var serversLeft, out failure)) return TryAgain(failure);
        if (recordsLeft + serversLeft > 0) return Outcome.WaitUntil(Pause, $"{recordsLeft} records and {serversLeft} servers or addresses are still there");

        await context.Journal.GoneAsync(ResourceKind.DnsRecord, cancellation);
        await context.Journal.GoneAsync(ResourceKind.Server, cancellation);
        await context.Journal.NoteAsync("everything has been removed: no server, address or DNS record of this job is left at the providers", cancellation);
        var (end, occasion) = job switch
        {
            { DecommissionRequested: true, ErrorCode: null, CancelRequested: false } => (JobState.RolledBack, Occasion.Decommissioned),
            { CancelRequested: true } => (JobState.Cancelled, Occasion.Cancelled),
            _ => (JobState.RolledBack, Occasion.Removed),
        };
        if (await mails.PostAsync(context, occasion, cancellation) is { } why) NoMail(logger, job.Id.Value, why);
        return Outcome.Next(end);
    }

    /// <summary>How many records were still there when looked for.</summary>
    private async Task<ProviderResult<int>> RemoveRecordsAsync(Job job, CancellationToken cancellation)
    {
        if (!(await dns.ListRecordsByCommentAsync(job.DnsComment, cancellation)).IsSuccess(out var records, out var failure)) return failure;
        if (records.Count == 0) return 0;
        if (!(await dns.ApplyAsync(new([.. records.Select(r => r.Id)], [], []), cancellation)).IsSuccess(out _, out failure)) return failure;
        return records.Count;
    }

    /// <summary>How many servers, or addresses that once were theirs, were still there when looked for.</summary>
    private async Task<ProviderResult<int>> RemoveServersAsync(StepContext context, CancellationToken cancellation)
    {
        if (!(await cloud.ListServersAsync(ServerLabels.OfJob(context.Job.Id), cancellation)).IsSuccess(out var servers, out var failure)) return failure;
        foreach (var server in servers.Where(s => s.Status != ServerStatus.Deleting && !s.Locked))
            if (!(await cloud.DeleteServerAsync(server.Id, cancellation)).IsSuccess(out _, out failure) && failure.Code != ErrorCodes.ResourceLocked)
                return failure;
        if (servers.Count > 0) return servers.Count;

        // Addresses go with their server, but later; one that does not is removed here.
        var known = (await context.Journal.ResourcesAsync(cancellation)).Where(r => r.Kind == ResourceKind.Server).ToList();
        if (known.All(r => r.Ipv4 is null && r.Ipv6 is null)) return 0;
        if (!(await cloud.ListPrimaryIpsAsync(cancellation)).IsSuccess(out var addresses, out failure)) return failure;
        var left = addresses.Where(a => known.Any(r => Belongs(a, r))).ToList();
        foreach (var address in left.Where(a => a.AssignedTo is null && !a.AutoDelete))
            if (!(await cloud.DeletePrimaryIpAsync(address.Id, cancellation)).IsSuccess(out _, out failure)) return failure;
        return left.Count;
    }

    /// <summary>An address without a server is ours only while it waits for its own deletion, or by our label; anybody may have kept one.</summary>
    private static bool Belongs(CloudPrimaryIp address, Resource server) => address.AssignedTo is { } id
        ? id == server.ServerId
        : address.Address == server.Ipv4 && (address.AutoDelete || address.Labels.GetValueOrDefault(ServerLabels.ManagedBy) == ServerLabels.Wopr);

    private static Outcome TryAgain(ProviderFailure failure) =>
        Outcome.WaitUntil(failure.RetryAfter ?? TimeSpan.FromSeconds(failure.Retry == Retry.Never ? 60 : 5), ProviderOutcome.Describe(failure));

    [LoggerMessage(2022, LogLevel.Error, "nothing is left of job {Job}, and its customer gets no mail: {Why}")]
    private static partial void NoMail(ILogger logger, Guid job, string why);
}
