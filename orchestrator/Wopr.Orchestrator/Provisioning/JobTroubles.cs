using Dapper;
using Npgsql;
using Wopr.Incidents;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>Failed jobs as incidents: one for each job, but one for all while it is their provider that is in trouble.</summary>
internal static class JobTroubles
{
    /// <summary>Codes that tell of a provider rather than of a job.</summary>
    private static readonly HashSet<ErrorCode> OfProject =
        [ErrorCodes.HetznerTokenRefused, ErrorCodes.HetznerUnavailable, ErrorCodes.HetznerRateLimited, ErrorCodes.ProjectUnknown];

    private static readonly HashSet<ErrorCode> OfZone =
        [ErrorCodes.CloudflareTokenRefused, ErrorCodes.CloudflareUnavailable, ErrorCodes.CloudflareRateLimited];

    /// <summary>The job has just failed. Part of the transaction that says so.</summary>
    public static async Task RaiseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Job job, ErrorCode code, string detail, object? evidence)
    {
        if (ProviderOf(code, await ProjectAsync(connection, transaction, job.Id)) is { } provider)
        {
            var cause = IncidentCause.Provider(provider);
            if (await IncidentStore.CountAsync(connection, transaction, cause)) return;
            // Passing trouble has been seen by the watch long before it fails a job. A refused or missing token fails the first that meets it.
            if (code == ErrorCodes.HetznerTokenRefused || code == ErrorCodes.CloudflareTokenRefused || code == ErrorCodes.ProjectUnknown)
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

    /// <summary>The provider whose trouble the code tells of, or null.</summary>
    public static string? ProviderOf(ErrorCode code, ProjectName project) =>
        OfProject.Contains(code) ? project.Provider : OfZone.Contains(code) ? "cloudflare" : null;

    // The step that failed may just have chosen it.
    private static async Task<ProjectName> ProjectAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job) =>
        ProjectName.Parse(await connection.QuerySingleAsync<string>("SELECT coalesce(project, 'main') FROM jobs WHERE id = @Value", new { job.Value }, transaction));
}
