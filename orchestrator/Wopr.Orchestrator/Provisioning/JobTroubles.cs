using Npgsql;
using Wopr.Incidents;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>Failed jobs as incidents: one for each job, but one for all while it is their provider that is in trouble.</summary>
internal static class JobTroubles
{
    /// <summary>Codes that tell of a provider rather than of a job.</summary>
    private static readonly Dictionary<ErrorCode, string> Providers = new()
    {
        [ErrorCodes.HetznerTokenRefused] = "hetzner",
        [ErrorCodes.HetznerUnavailable] = "hetzner",
        [ErrorCodes.HetznerRateLimited] = "hetzner",
        [ErrorCodes.CloudflareTokenRefused] = "cloudflare",
        [ErrorCodes.CloudflareUnavailable] = "cloudflare",
        [ErrorCodes.CloudflareRateLimited] = "cloudflare",
    };

    /// <summary>The job has just failed. Part of the transaction that says so.</summary>
    public static async Task RaiseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Job job, ErrorCode code, string detail, object? evidence)
    {
        if (Providers.TryGetValue(code, out var provider)
            && await IncidentStore.CountAsync(connection, transaction, IncidentCause.Provider(provider))) return;
        await IncidentStore.RaiseAsync(connection, transaction, new Trouble(
            IncidentCause.Job(job.Id), code, Severity.Critical, job.Id, $"{job.Fqdn} failed in {job.State.Word()}: {detail}", evidence));
    }

    public static Task CloseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job, JobState state) =>
        IncidentStore.CloseAsync(connection, transaction, IncidentCause.Job(job), $"the job is {state.Word()}");

    public static string? ProviderOf(ErrorCode code) => Providers.GetValueOrDefault(code);
}
