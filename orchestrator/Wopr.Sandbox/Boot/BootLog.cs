using Microsoft.Extensions.Logging;

namespace Wopr.Sandbox.Boot;

internal static partial class BootLog
{
    [LoggerMessage(7001, LogLevel.Information, "Machine {ServerId} boots as process {ProcessId}")]
    public static partial void Started(ILogger logger, long serverId, int processId);

    [LoggerMessage(7002, LogLevel.Information, "Machine {ServerId} ended its first boot with status {ExitCode}")]
    public static partial void Ended(ILogger logger, long serverId, int exitCode);

    [LoggerMessage(7003, LogLevel.Warning, "Machine {ServerId} died before it read its user-data: {Reason}")]
    public static partial void NeverRead(ILogger logger, long serverId, string reason);

    [LoggerMessage(7004, LogLevel.Warning, "Machine {ServerId} could not send a callback: {Reason}")]
    public static partial void CallbackFailed(ILogger logger, long serverId, string reason);

    [LoggerMessage(7005, LogLevel.Warning, "Machine {ServerId} sent a callback that was refused: answer {Status}")]
    public static partial void CallbackRefused(ILogger logger, long serverId, int status);

    [LoggerMessage(7006, LogLevel.Warning, "Machine {ServerId} does not answer for {Host}: {Reason}")]
    public static partial void NoAnswer(ILogger logger, long serverId, string host, string reason);
}
