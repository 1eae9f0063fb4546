using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Wopr.Bench;

/// <summary>What the processes cost that this one has started and that have ended: .NET itself knows it of living ones only.</summary>
internal static class Children
{
    private const int OfChildren = -1;
    private const double MicrosecondsPerMillisecond = 1000;

    /// <summary>User and system time of all of them, in milliseconds (<c>getrusage(2)</c>).</summary>
    public static double Cpu()
    {
        var usage = new long[18];
        if (Usage(OfChildren, usage) != 0) throw new Win32Exception();
        // Two times of two longs each: seconds and microseconds.
        return ((usage[0] + usage[2]) * 1000) + ((usage[1] + usage[3]) / MicrosecondsPerMillisecond);
    }

    [DllImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Usage(int who, [Out] long[] usage);
}
