using System.Text.Json;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Books;

/// <summary>
/// The books of one provider: tables in memory, and an append-only journal on disk with one line a transaction.
/// A line is handed to the operating system before the answer leaves, so that killing the process loses nothing that
/// a client was told. Not safe for concurrent use: whoever owns the books holds a lock around each transaction.
/// </summary>
public sealed class Ledger(string? path) : IDisposable
{
    private readonly Dictionary<string, ITable> tables = new(StringComparer.Ordinal);
    private readonly List<PendingChange> pending = [];
    private FileStream? journal;
    private FileStream? claim;

    internal void Register(ITable table) => tables.Add(table.Name, table);

    internal void Stage(ITable table, string key, object? row, Action undo) => pending.Add(new(table, key, row, undo));

    /// <summary>Replays the journal and writes it anew without what is gone. Without a path the books live in memory only.</summary>
    /// <exception cref="IOException">Another process has these books open.</exception>
    /// <exception cref="InvalidDataException">A line other than the last cannot be read.</exception>
    public void Open()
    {
        if (path is null)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        claim = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Replay(path);
        Compact(path);
        journal = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <summary>Makes everything staged since the last call durable, as one line: all of it or nothing.</summary>
    public void Commit()
    {
        if (pending.Count == 0)
        {
            return;
        }

        journal?.Write(Line(pending.Select(change => (change.Table.Name, change.Key, change.Row))));
        pending.Clear();
    }

    /// <summary>Takes everything staged since the last commit back, so that a refusal leaves nothing behind.</summary>
    public void Rollback()
    {
        for (var i = pending.Count - 1; i >= 0; i--)
        {
            pending[i].Undo();
        }

        pending.Clear();
    }

    /// <summary>Empties every table and the journal.</summary>
    public void Clear()
    {
        pending.Clear();
        foreach (var table in tables.Values)
        {
            table.Clear();
        }

        journal?.SetLength(0);
    }

    public void Dispose()
    {
        journal?.Dispose();
        claim?.Dispose();
    }

    private void Replay(string file)
    {
        if (!File.Exists(file))
        {
            return;
        }

        var number = 0;
        foreach (var line in CompleteLines(file))
        {
            number++;
            try
            {
                foreach (var change in JsonSerializer.Deserialize<List<JournalChange>>(line, WireJson.Books)!)
                {
                    tables[change.Table].Replay(change.Key, change.Row);
                }
            }
            catch (Exception problem) when (problem is JsonException or KeyNotFoundException)
            {
                throw new InvalidDataException($"{file}: line {number} of the journal cannot be read: {problem.Message}", problem);
            }
        }
    }

    /// <summary>What stands after the last line feed was being written when the process died: its answer was never sent.</summary>
    private static IEnumerable<string> CompleteLines(string file)
    {
        using var stream = File.OpenRead(file);
        var torn = stream.Length > 0 && stream.Seek(-1, SeekOrigin.End) >= 0 && stream.ReadByte() != '\n';
        stream.Position = 0;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!torn || reader.Peek() >= 0)
            {
                yield return line;
            }
        }
    }

    private void Compact(string file)
    {
        var fresh = file + ".new";
        using (var stream = new FileStream(fresh, FileMode.Create, FileAccess.Write))
        {
            foreach (var table in tables.Values)
            {
                foreach (var (key, row) in table.Rows())
                {
                    stream.Write(Line([(table.Name, key, row)]));
                }
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, file, overwrite: true);
    }

    private static byte[] Line(IEnumerable<(string Table, string Key, object? Row)> changes) =>
        [
            .. JsonSerializer.SerializeToUtf8Bytes(
                changes.Select(change => new { change.Table, change.Key, change.Row }), WireJson.Books),
            (byte)'\n',
        ];

    private sealed record PendingChange(ITable Table, string Key, object? Row, Action Undo);

    private sealed record JournalChange(string Table, string Key, JsonElement? Row);
}
