using System.Text;
using System.Text.RegularExpressions;
using Wopr.Modules;
using Wopr.Provisioning;

namespace Wopr.CloudInit;

/// <summary>Everything that one beacon's user-data is made of.</summary>
/// <param name="Beacon">The beacon's whole host name in lower case: <c>alice.example.org</c>.</param>
/// <param name="BeaconName">Its first label.</param>
/// <param name="Modules">In the order of their installation: <see cref="ModuleCatalogue.Plan"/>'s.</param>
/// <param name="StorageTier">1, 2 or 3.</param>
/// <param name="CallbackToken">The one place where the token stands in the clear; it is printed by nothing.</param>
/// <param name="InstallerUrl">Ends in the hash below, so that a beacon gets the version it was made for.</param>
/// <param name="InstallerSha256">64 lower-case hexadecimal digits.</param>
/// <param name="CreatedBy">The version of WOPR that made it, for those who look later.</param>
public sealed partial record BeaconPlan(
    JobId Job,
    string Beacon,
    string BeaconName,
    string Bundle,
    int StorageTier,
    IReadOnlyList<ModuleId> Modules,
    string AdminEmail,
    Uri CallbackUrl,
    string CallbackToken,
    Uri InstallerUrl,
    string InstallerSha256,
    string CreatedBy)
{
    /// <summary>What is not fit to be written to a beacon; the value itself is never quoted.</summary>
    internal IEnumerable<string> Problems()
    {
        if (!HostName().IsMatch(Beacon) || Beacon.Length > 253) yield return "the beacon's host name is not one";
        if (!Beacon.StartsWith($"{BeaconName}.", StringComparison.Ordinal)) yield return "the beacon's name is not the first label of its host name";
        if (!Word().IsMatch(Bundle)) yield return "the bundle is not one lower-case word";
        if (StorageTier is < 1 or > 9) yield return "the storage tier is not a digit";
        if (Modules.Count == 0 || Modules.Any(id => id.Value is null)) yield return "there are no modules";
        if (!Email().IsMatch(AdminEmail) || AdminEmail.Length > 254) yield return "the e-mail address has characters outside printable ASCII, or is none";
        if (!IsWeb(CallbackUrl)) yield return "the callback address is not an absolute http or https URL";
        if (!IsWeb(InstallerUrl)) yield return "the installer's address is not an absolute http or https URL";
        if (!Token().IsMatch(CallbackToken)) yield return "the callback token has unexpected characters or is too short";
        if (!Sha256().IsMatch(InstallerSha256)) yield return "the installer's hash is not a SHA-256";
        if (!Printable().IsMatch(CreatedBy)) yield return "the version has characters outside printable ASCII";
    }

    private static bool IsWeb(Uri url) => url is { IsAbsoluteUri: true, UserInfo: "", Fragment: "" } && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);

    /// <summary>Keeps the token and the e-mail address out of whatever prints the plan.</summary>
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Job = {Job}, Beacon = {Beacon}, Bundle = {Bundle}");
        return true;
    }

    [GeneratedRegex(@"\A([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex HostName();

    [GeneratedRegex(@"\A[a-z][a-z0-9_-]{0,62}\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[!-~]+@[!-~]+\z")]
    private static partial Regex Email();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{32,128}\z")]
    private static partial Regex Token();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Sha256();

    [GeneratedRegex(@"\A[ -~]{0,100}\z")]
    private static partial Regex Printable();
}
