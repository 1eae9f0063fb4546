using System.Net;
using System.Net.Sockets;

namespace Wopr.Tests.Support;

/// <summary>
/// Ports for processes that a test starts, and may start again at the same one. They lie below those that the system gives to
/// outgoing connections (on Linux from 32768), or such a one could have it by the time it is used; and none is given twice
/// before all others were.
/// </summary>
public static class FreePorts
{
    private const int First = 20_000;
    private const int Count = 12_000;

    // Test processes that run beside each other begin at different places.
    private static int next = Environment.ProcessId * 101 % Count;

    /// <exception cref="InvalidOperationException">None is free.</exception>
    public static int Take()
    {
        for (var i = 0; i < Count; i++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref next) % Count);
            if (IsFree(port)) return port;
        }
        throw new InvalidOperationException("no port is free");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
