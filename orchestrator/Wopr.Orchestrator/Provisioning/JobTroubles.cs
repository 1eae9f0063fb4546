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
        if (Providers.TryGetValue(code, out var provider))
        {
            var cause = IncidentCause.Provider(provider);
            if (await IncidentStore.CountAsync(connection, transaction, cause)) return;
            // Passing trouble has been seen by the watch long before it fails a job. A refused token fails the first that meets it.
            if (code == ErrorCodes.HetznerTokenRefused || code == ErrorCodes.CloudflareTokenRefused)
            {
                await IncidentStore.RaiseAsync(connection, transaction, new Trouble(cause, code, Severity.Critical, Job: null, $"{provider}: {detail}", evidence));
                return;
            }
        }
        await IncidentStore.RaiseAsync(connection, transaction, new Trouble(
            IncidentCause.Job(job.Id), code, Severity.Critical, job.Id, $"{job.Fqdn} failed in {job.State.Word()}: {detail}", evidence));
    }

    public static Task CloseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job, JobState state) =>
        IncidentStore.CloseAsync(connection, transaction, IncidentCause.Job(job), $"the job is {state.Word()}");

    public static string? ProviderOf(ErrorCode code) => Providers.GetValueOrDefault(code);
}
