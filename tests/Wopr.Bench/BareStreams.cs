using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wopr.Bench;

/// <summary>
/// What it takes to tell many readers anything at all: keeps every connection, and writes each line of its input to all of
/// them in one loop. It neither reads what they ask for nor waits for any of them.
/// </summary>
internal static class BareStreams
{
    private static readonly byte[] Head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nretry: 3000\n\n"u8.ToArray();

    public static async Task<int> RunAsync(string port)
    {
        var readers = new List<Socket>();
        using var listener = new TcpListener(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));
        listener.Start(backlog: 4096);
        Console.WriteLine("listening");
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var reader = await listener.AcceptSocketAsync();
                reader.NoDelay = true;
                lock (readers) readers.Add(reader);
                reader.Send(Head);
            }
        });
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var bytes = Encoding.UTF8.GetBytes($"data: {line}\n\n");
            lock (readers) foreach (var reader in readers) reader.Send(bytes);
        }
        return 0;
    }
}
