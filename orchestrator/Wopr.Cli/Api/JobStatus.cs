namespace Wopr.Cli.Api;

internal sealed partial record JobStatus
{
    public bool IsReady => State == "completed";

    public bool HasFailed => State is "failed" or "rolling_back" or "rolled_back" or "cancelled";
}
