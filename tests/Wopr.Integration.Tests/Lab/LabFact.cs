using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Lab;

/// <summary>A fact that boots a real Debian: skipped, with the reason, where this machine cannot or has not prepared it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LabFactAttribute : FactAttribute
{
    public LabFactAttribute() => Skip = Reason.Value;

    private static readonly Lazy<string?> Reason = new(() =>
    {
        var check = ToolRun.Of(LabServer.Command, ["check", "--prepared"]);
        return check.ExitCode == 0 ? null : check.Output.Trim();
    });
}
