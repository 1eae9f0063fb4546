using System.Globalization;
using Wopr.Operators;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Support.Diagnosis;

/// <summary>
/// What this service and the providers know of one job, as lines that can be quoted and as evidence. A provider that does
/// not answer within <see cref="Patience"/> is named among what could not be looked at.
/// </summary>
public sealed class JobEvidence(JobDossiers dossiers, IClouds clouds, IDnsProvider dns, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongBoot = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongSilence = TimeSpan.FromMinutes(10);

    /// <summary>Null when there is no such job.</summary>
    public async Task<JobPicture?> GatherAsync(JobId id, CancellationToken cancellation)
    {
        if (await dossiers.FindAsync(id, withEmail: false, cancellation) is not { } dossier) return null;
        var picture = new JobPicture(dossier);
        Timeline(picture);
        Own(picture);
        var state = JobStates.Parse(dossier.Job.State);
        var server = dossier.Resources.FirstOrDefault(r => r.Kind == "server" && r.GoneAt is null);
        if (server is not null)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Patience);
            try
            {
                await ServerAsync(picture, state, server, limit.Token);
                await RecordsAsync(picture, state, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                picture.NotLookedAt.Add($"a provider gave no answer within {Patience.TotalSeconds:0} seconds");
            }
        }
        return picture;
    }

    private static void Timeline(JobPicture picture)
    {
        foreach (var entry in picture.Dossier.Timeline.TakeLast(300))
        {
            var words = new[] { entry.Kind, entry.State, entry.Stage, entry.Module, entry.Code, entry.Message }.OfType<string>();
            picture.Add("timeline", $"{entry.At.UtcDateTime.ToString("u", CultureInfo.InvariantCulture)} {string.Join(' ', words)}");
        }
    }

    /// <summary>The job's row, its actions, tokens, mails, incidents and work item.</summary>
    private void Own(JobPicture picture)
    {
        var (job, state) = (picture.Dossier.Job, JobStates.Parse(picture.Dossier.Job.State));
        var now = time.GetUtcNow();
        var line = picture.Add("job", $"state {job.State} since {Ago(now - job.StateEnteredAt)}, stage {job.Stage ?? "none"}, progress {job.Progress}, last callback {(job.LastCallbackAt is { } at ? Ago(now - at) + " ago" : "never")}");
        if (ErrorCode.TryParse(job.ErrorCode, out var code)) picture.Speaks(code, picture.Add("job", $"failed in {job.FailedState} with {code}: {job.ErrorDetail}"), "the job failed with this code", 0.96);
        foreach (var action in picture.Dossier.Actions.Where(a => a.Status == "error"))
            picture.Speaks(ErrorCodes.ActionFailed, picture.Add("provider", $"action {action.Id} {action.Command} ended in error: {action.Error}"), "a provider action of the job failed", 0.85);
        foreach (var incident in picture.Dossier.Incidents.Where(i => i.ClosedAt is null))
            if (ErrorCode.TryParse(incident.Code, out var open)) picture.Speaks(open, picture.Add("incident", $"open incident {incident.Code}: {incident.Summary}"), "an incident of this code is open", 0.9);
        foreach (var mail in picture.Dossier.Mails.Where(m => m.SentAt is null && m.Attempts > 0))
            picture.Speaks(ErrorCodes.MailNotDelivered, picture.Add("mail", $"mail {mail.Kind} tried {mail.Attempts} times: {mail.LastError}"), "a mail of the job waits", 0.85);
        if (picture.Dossier.Work is { QuarantinedAt: not null } work)
            picture.Speaks(ErrorCodes.StepFailedUnexpectedly, picture.Add("job", $"its work is set aside: {work.LastError}"), "the job's work was set aside", 0.8);
        if (state == JobState.DeployingWopr)
        {
            var silent = now - (job.LastCallbackAt ?? job.StateEnteredAt);
            if (silent >= LongSilence) picture.Speaks(ErrorCodes.BeaconSilent, line, $"nothing from the beacon for {Ago(silent)}", 0.7);
            else picture.Against.Add(new RuledOut(ErrorCodes.BeaconSilent, $"The beacon may be silent for a while; its last word is {Ago(silent)} old.", line));
            if (picture.Dossier.Tokens.Count > 0 && !picture.Dossier.Tokens.Any(t => t.Live))
                picture.Speaks(ErrorCodes.CallbackTokenInvalid, picture.Add("job", "no live callback token"), "the job has no live token", 0.8);
        }
    }

    private async Task ServerAsync(JobPicture picture, JobState state, ResourceFacts known, CancellationToken cancellation)
    {
        if (!(await clouds.Of(picture.Dossier.ProjectName).FindServerAsync(known.Name, cancellation)).IsSuccess(out var server, out var failure))
        {
            picture.NotLookedAt.Add($"the server at Hetzner ({failure.Code}: {ProviderOutcome.Describe(failure)})");
            picture.Speaks(failure.Code, picture.Add("provider", ProviderOutcome.Describe(failure)), "the provider refused to be asked just now", 0.75);
            return;
        }
        var expected = state is JobState.ConfiguringDns or JobState.WaitingForVps or JobState.DeployingWopr or JobState.Verifying or JobState.GeneratingDocs or JobState.SendingWelcome or JobState.Completed;
        if (server is null)
        {
            var line = picture.Add("provider", $"no server named {known.Name}");
            if (expected && known.ProviderId is not null) picture.Speaks(ErrorCodes.ServerVanished, line, "the provider does not list the job's server", 0.95);
            return;
        }
        picture.ServerIpv4 = server.Ipv4;
        var seen = picture.Add("provider", $"server {server.Id} {server.ServerType} {server.Location}: status {server.StatusText}{(server.Locked ? ", locked" : "")}");
        if (server.Status == ServerStatus.Running)
            picture.Against.Add(new RuledOut(ErrorCodes.ServerNotRunning, "The provider says that the server runs.", seen));
        else if (state is JobState.WaitingForVps or JobState.DeployingWopr && time.GetUtcNow() - picture.Dossier.Job.StateEnteredAt >= LongBoot)
            picture.Speaks(ErrorCodes.ServerNotRunning, seen, "the server does not run", 0.8);
        if (expected) picture.Against.Add(new RuledOut(ErrorCodes.ServerVanished, "The provider lists the server.", seen));
    }

    private async Task RecordsAsync(JobPicture picture, JobState state, CancellationToken cancellation)
    {
        if (state < JobState.ConfiguringDns || state == JobState.Failed && picture.Dossier.Job.FailedState is not ("configuring_dns" or "verifying")) return;
        if (!(await dns.ListRecordsAsync([picture.Dossier.Job.Fqdn], cancellation)).IsSuccess(out var records, out var failure))
        {
            picture.NotLookedAt.Add($"the records at Cloudflare ({failure.Code}: {ProviderOutcome.Describe(failure)})");
            picture.Speaks(failure.Code, picture.Add("dns", ProviderOutcome.Describe(failure)), "the provider refused to be asked just now", 0.75);
            return;
        }
        var comment = Job.DnsCommentOf(new JobId(picture.Dossier.Job.Id));
        foreach (var foreign in records.Where(r => r.Type is "A" or "AAAA" or "CNAME" && r.Comment != comment).Take(3))
            picture.Speaks(ErrorCodes.ForeignRecord, picture.Add("dns", $"{foreign.Type} record of {foreign.Name} without the job's comment"), "a record of the beacon's name is not the job's", 0.85);
        if (state <= JobState.ConfiguringDns || picture.ServerIpv4 is null) return;
        var matches = records.Any(r => r.Type == "A" && r.Comment == comment && r.Content == picture.ServerIpv4);
        var line = picture.Add("dns", matches ? "the A record leads to the server" : "no A record of the job leads to the server");
        if (!matches) picture.Speaks(ErrorCodes.BeaconUnreachable, line, "the beacon's name does not lead to its server", 0.7);
    }

    private static string Ago(TimeSpan span) => span < TimeSpan.FromMinutes(2) ? $"{span.TotalSeconds:0} s" : span < TimeSpan.FromHours(3) ? $"{span.TotalMinutes:0} min" : $"{span.TotalHours:0} h";
}

/// <summary>A job as diagnosis sees it.</summary>
public sealed class JobPicture(JobDossier dossier)
{
    private readonly List<LogLine> lines = [];

    public JobDossier Dossier { get; } = dossier;

    /// <summary>Cleaned and masked, for quoting; the further text of the timeline and of errors is matched like a log.</summary>
    public LogText Text => LogText.Of(lines);

    public List<(ErrorCode Code, Evidence Evidence)> Facts { get; } = [];

    public List<RuledOut> Against { get; } = [];

    public List<string> NotLookedAt { get; } = [];

    internal string? ServerIpv4 { get; set; }

    internal LogLine Add(string source, string text)
    {
        var line = new LogLine(source, lines.Count(l => l.Source == source) + 1, Masking.Apply(text));
        lines.Add(line);
        return line;
    }

    internal void Speaks(ErrorCode code, LogLine line, string because, double weight) =>
        Facts.Add((code, new Evidence(line, EvidenceKind.Fact, because, weight)));
}
