using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Wopr.Support;
using Wopr.Templating;
using Wopr.Templating.Output;

namespace Wopr.CloudInit;

/// <summary>Renders templates/cloud-init/user-data.yaml. The same plan gives the same bytes.</summary>
public sealed class UserDataRenderer(ITemplateEngine engine)
{
    private const string TemplateName = "cloud-init/user-data.yaml";

    /// <summary>The provider takes 32,768; what comes near that leaves no room for the next module.</summary>
    private static readonly OutputLimits Limits = new() { AsciiOnly = true, MaximumBytes = 24 * 1024 };

    public UserDataOutcome Render(BeaconPlan plan)
    {
        if (plan.Problems().FirstOrDefault() is { } problem) return UserDataOutcome.Refused(problem);
        if (!engine.Render(TemplateName, Model(plan), OutputKind.Yaml, Limits).IsSuccess(out var text, out var errors))
            return UserDataOutcome.Refused(string.Join("; ", errors));
        if (!text.StartsWith("#cloud-config\n", StringComparison.Ordinal)) return UserDataOutcome.Refused("the first line is not #cloud-config");
        return new UserDataOutcome(new UserData(text), null);
    }

    private static Dictionary<string, object?> Model(BeaconPlan plan) => new(StringComparer.Ordinal)
    {
        ["job_id"] = plan.Job.ToString(),
        ["beacon"] = plan.Beacon,
        ["beacon_name"] = plan.BeaconName,
        ["bundle"] = plan.Bundle,
        ["storage_tier"] = plan.StorageTier.ToString(CultureInfo.InvariantCulture),
        ["modules"] = plan.Modules.Select(id => id.Value).ToList(),
        ["admin_email"] = plan.AdminEmail,
        ["callback_url"] = plan.CallbackUrl.AbsoluteUri,
        ["callback_token"] = plan.CallbackToken,
        ["installer_url"] = plan.InstallerUrl.AbsoluteUri,
        ["installer_sha256"] = plan.InstallerSha256,
        ["created_by"] = plan.CreatedBy,
    };
}

/// <summary>What a server is created with: #cloud-config in ASCII with LF. It holds the callback token, so it is never logged.</summary>
public sealed record UserData(string Text)
{
    public override string ToString() => $"user-data of {Text.Length} bytes";
}

/// <summary>User-data that may be sent, or the reason why there is none (<see cref="ErrorCodes.UserDataRefused"/>, CLOUDINIT-004).</summary>
public sealed record UserDataOutcome(UserData? UserData, string? Reason)
{
    [MemberNotNullWhen(true, nameof(UserData))]
    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsSuccess => UserData is not null;

    public ErrorCode? Code => IsSuccess ? null : ErrorCodes.UserDataRefused;

    internal static UserDataOutcome Refused(string reason) => new(null, reason);
}
