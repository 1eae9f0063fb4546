using Wopr.Platform;

namespace Wopr.Provisioning;

/// <summary>How long everything may take; README.md has the table. The sandbox may scale all of it, so that tests need not wait.</summary>
public sealed class Deadlines(Settings settings)
{
    // From "running" to the first word: boot, network, and cloud-init's first stages.
    private static readonly TimeSpan FirstWord = TimeSpan.FromMinutes(10);

    /// <summary>How long a job may stay in the step's state; null for ever.</summary>
    public TimeSpan? Of(IStep step) => step.Deadline * settings.DeadlineScale;

    /// <summary>How long a beacon may say nothing after this stage, or before its first word.</summary>
    public TimeSpan Silence(BeaconStage? stage) => (stage?.LongestSilence() ?? FirstWord) * settings.DeadlineScale;

    /// <summary>Taking down goes on until nothing is left; beyond this it is an incident.</summary>
    public TimeSpan RollingBack => TimeSpan.FromMinutes(30) * settings.DeadlineScale;

    /// <summary>A mail that nobody takes for so long is an incident.</summary>
    public TimeSpan Mail => TimeSpan.FromMinutes(15) * settings.DeadlineScale;

    /// <summary>How far a job may be behind its deadline before nobody seems to drive it.</summary>
    public TimeSpan Overdue => TimeSpan.FromMinutes(2) * settings.DeadlineScale;
}
