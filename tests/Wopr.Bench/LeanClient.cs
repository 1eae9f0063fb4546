using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Wopr.Bench;

/// <summary>
/// A client on a connection of its own that does no more than it must: it shares the machine with the service, and what it
/// takes the service does not have. One request at a time.
/// </summary>
internal sealed class LeanClient : IDisposable
{
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] answer = new byte[16 * 1024];

    public static async Task<LeanClient> ConnectAsync(Uri service)
    {
        var client = new LeanClient();
        await client.socket.ConnectAsync(service.Host, service.Port);
        return client;
    }

    /// <summary>The status of the answer, once all of it is there.</summary>
    /// <exception cref="InvalidDataException">The answer is longer than 16 KiB, or no whole one.</exception>
    public async Task<int> PostJsonAsync(string path, string header, string body)
    {
        var request = Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: bench\r\n{header}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await socket.SendAsync(request);
        for (var length = 0; ;)
        {
            var read = await socket.ReceiveAsync(answer.AsMemory(length));
            if (read == 0) throw new InvalidDataException("the answer is too long, or breaks off");
            length += read;
            if (IsWhole(answer.AsSpan(0, length))) return int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Asks for an answer that does not end, and hands out its lines as they come, until it is told to stop or the answer ends.</summary>
    /// <exception cref="InvalidDataException">A line is longer than 16 KiB.</exception>
    public async Task ReadLinesAsync(string path, LineReader saw, CancellationToken over)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n"), over);
        for (var kept = 0; ;)
        {
            if (kept == answer.Length) throw new InvalidDataException("a line is too long");
            var read = await socket.ReceiveAsync(answer.AsMemory(kept), over);
            if (read == 0) return;
            var text = answer.AsSpan(0, kept + read);
            for (int end; (end = text.IndexOf((byte)'\n')) >= 0; text = text[(end + 1)..]) saw(text[..end]);
            kept = text.Length;
            text.CopyTo(answer);
        }
    }

    public void Dispose() => socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> text)
    {
        var head = text.IndexOf("\r\n\r\n"u8);
        if (head < 0) return false;
        var length = text[..head].IndexOf("\r\nContent-Length: "u8);
        if (length < 0) return text.EndsWith("\r\n0\r\n\r\n"u8);
        var digits = text[(length + "\r\nContent-Length: ".Length)..head];
        if (digits.IndexOf((byte)'\r') is var end and >= 0) digits = digits[..end];
        return text.Length == head + 4 + int.Parse(digits, CultureInfo.InvariantCulture);
    }
}

/// <summary>One line, without its end.</summary>
internal delegate void LineReader(ReadOnlySpan<byte> line);
