using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Wopr.CloudInit;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Support.Diagnosis;
using Wopr.Support.Remedies;

namespace Wopr.Support.Tickets;

/// <summary>
/// Everything about one job that a human needs who was not there, as a tarball without secrets and personal data: what
/// WOPR knows, what the providers say, the rendered user-data with its tokens cut out, the diagnosis, and the beacon's last words.
/// </summary>
public sealed class Bundles(JobEvidence jobs, DiagnosisDesk desk, JobStore store, JobUserData userData)
{
    private static readonly JsonSerializerOptions Readable = new(Json.Options) { WriteIndented = true };

    /// <summary>Null when there is no such job.</summary>
    public async Task<IReadOnlyList<BundleFile>?> CollectAsync(JobId id, CancellationToken cancellation)
    {
        if (await jobs.GatherAsync(id, cancellation) is not { } picture || await store.FindAsync(id, cancellation) is not { } job) return null;
        var lines = picture.Text.Lines;
        string Of(params string[] sources) => string.Join('\n', lines.Where(l => sources.Contains(l.Source)).Select(l => $"{l.Source} {l.Number}: {l.Text}")) + "\n";
        var diagnosis = await desk.DiagnoseAsync(id, null, cancellation);
        return
        [
            new("diagnosis.json", JsonSerializer.Serialize(diagnosis, Readable)),
            new("job.json", Masking.Apply(JsonSerializer.Serialize(picture.Dossier, Readable))),
            new("log.txt", Masking.Apply(picture.Dossier.Job.ErrorDetail ?? "no log lines came with a failure") + "\n"),
            new("provider.txt", Of("provider", "dns") + string.Join('\n', picture.NotLookedAt.Select(n => $"not looked at: {n}"))),
            new("timeline.txt", Of("timeline")),
            new("user-data.yaml", Masking.Apply(Render(job))),
        ];
    }

    /// <summary>A gzipped tarball of the files, in the folder <c>wopr-JOB</c>.</summary>
    public static byte[] Pack(JobId id, IReadOnlyList<BundleFile> files)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var file in files)
            {
                using var content = new MemoryStream(Encoding.UTF8.GetBytes(file.Text));
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"wopr-{id}/{file.Name}") { DataStream = content, ModificationTime = DateTimeOffset.UnixEpoch });
            }
        }
        return bytes.ToArray();
    }

    /// <summary>Rendered anew with no token in the token's place, for the true one is stored nowhere.</summary>
    private string Render(Job job) =>
        userData.Make(job with { Email = "masked@example.invalid" }, new byte[32]) is { UserData.Text: { } text } ? text.Replace(new string('0', 64), "[masked:token]", StringComparison.Ordinal) : "no user-data was rendered for this job yet\n";
}

/// <summary>One file of a bundle, sanitised.</summary>
public sealed record BundleFile(string Name, string Text);

/// <summary>Collects the bundle of a job and says what it holds; it is fetched at <c>/api/support/jobs/ID/bundle.tar.gz</c>.</summary>
public sealed class CollectBundle(Bundles bundles) : IRemedy
{
    public string Name => "collect-bundle";
    public string Summary => "Collects what a human needs to look at a job, without secrets and personal data.";
    public string Preconditions => "The job exists.";
    public RemedyTier Tier => RemedyTier.Automatic;
    public bool IsHarmless => true;

    public Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation) => Task.FromResult<RemedyLook>(new RemedyLook.Would(["a sanitised bundle is collected; nothing is changed"]));

    public async Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation) =>
        await bundles.CollectAsync(one.JobId, cancellation) is { } files
            ? new RemedyResult(RunStatus.Done, $"{string.Join(", ", files.Select(f => f.Name))} at /api/support/jobs/{one.JobId}/bundle.tar.gz")
            : new RemedyResult(RunStatus.Refused, "There is no job with this id.");
}
