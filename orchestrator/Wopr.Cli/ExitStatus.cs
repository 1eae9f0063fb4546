namespace Wopr.Cli;

/// <summary>The exit statuses of every command.</summary>
internal static class ExitStatus
{
    public const int Well = 0;
    public const int JobFailed = 1;

    /// <summary>What was looked at is not well, or nothing fits what was asked.</summary>
    public const int NotWell = 1;

    /// <summary>A command that is not understood, a service that refuses or does not answer.</summary>
    public const int NotCarriedOut = 2;

    /// <summary>Ctrl-C, as shells count it. What was followed goes on.</summary>
    public const int Interrupted = 130;
}
