namespace Wopr.Provisioning;

/// <summary>The labels of every provider resource of ours: only ids and words of our own, never customer text (HETZ-002 cannot happen).</summary>
public static class ServerLabels
{
    public const string ManagedBy = "managed-by";
    public const string Wopr = "wopr";
    public const string Job = "wopr-job";
    public const string Bundle = "wopr-bundle";

    public static IReadOnlyDictionary<string, string> For(Job job) => For(job.Id, job.Bundle);

    /// <param name="bundle">An id of our own catalogue.</param>
    public static IReadOnlyDictionary<string, string> For(JobId job, string bundle) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [ManagedBy] = Wopr,
        [Job] = job.ToString(),
        [Bundle] = bundle,
    };

    public static IReadOnlyDictionary<string, string> OfJob(JobId job) => new Dictionary<string, string>(StringComparer.Ordinal) { [Job] = job.ToString() };

    public static bool IsOurs(IReadOnlyDictionary<string, string> labels, JobId job) =>
        labels.TryGetValue(Job, out var value) && value == job.ToString();
}
