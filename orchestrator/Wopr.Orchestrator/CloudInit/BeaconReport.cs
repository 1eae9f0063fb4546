using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Wopr.Provisioning;

namespace Wopr.CloudInit;

/// <summary>
/// What a beacon says of itself at <see cref="Path"/>. It shows the SHA-256 of its job's id instead of the id, because
/// whoever holds the id can read the job's status.
/// </summary>
/// <param name="Modules">Those that are up.</param>
public sealed record BeaconReport(
    [property: JsonPropertyName("beacon")] string Beacon,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("job_sha256")] string JobSha256,
    [property: JsonPropertyName("installer_sha256")] string InstallerSha256,
    [property: JsonPropertyName("bundle")] string Bundle,
    [property: JsonPropertyName("modules")] IReadOnlyList<string> Modules)
{
    public const string Path = "/.well-known/wopr/beacon.json";

    private static readonly JsonSerializerOptions Strict = new() { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>False for anything else than a beacon's report.</summary>
    public static bool TryParse(string json, [NotNullWhen(true)] out BeaconReport? report)
    {
        try
        {
            report = JsonSerializer.Deserialize<BeaconReport>(json, Strict);
        }
        catch (JsonException)
        {
            report = null;
        }

        return report is not null;
    }

    /// <summary>Whether the beacon that answered is the one that this job made.</summary>
    public bool IsOf(JobId job) => JobSha256 == Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(job.ToString())));
}
