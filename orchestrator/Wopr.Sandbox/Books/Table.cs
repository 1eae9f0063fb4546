using System.Globalization;
using System.Text.Json;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Books;

internal interface ITable
{
    string Name { get; }

    void Replay(string key, JsonElement? row);

    IEnumerable<(string Key, object Row)> Rows();

    void Clear();
}

/// <summary>One kind of entity, in the order of its keys. Each change costs the same however many rows there are.</summary>
public sealed class Table<TKey, T> : ITable
    where TKey : notnull, IParsable<TKey>
    where T : class
{
    private readonly SortedDictionary<TKey, T> rows = typeof(TKey) == typeof(string)
        ? new((IComparer<TKey>)StringComparer.Ordinal)
        : [];

    private readonly List<IFollower> followers = [];
    private readonly Ledger ledger;
    private readonly Func<T, TKey> keyOf;

    public Table(Ledger ledger, string name, Func<T, TKey> keyOf)
    {
        (this.ledger, Name, this.keyOf) = (ledger, name, keyOf);
        ledger.Register(this);
    }

    private interface IFollower
    {
        void Change(T? before, T? after);

        void Clear();
    }

    public string Name { get; }

    public int Count => rows.Count;

    public IEnumerable<T> All => rows.Values;

    public T? Find(TKey key) => rows.GetValueOrDefault(key);

    public void Put(T row)
    {
        var key = keyOf(row);
        var before = Find(key);
        Set(key, row);
        ledger.Stage(this, Text(key), row, () => Set(key, before));
    }

    public void Remove(TKey key)
    {
        if (Find(key) is { } before)
        {
            Set(key, null);
            ledger.Stage(this, Text(key), null, () => Set(key, before));
        }
    }

    /// <summary>A look-up by something other than the key that is kept in step with every change. To be asked for before the books open.</summary>
    public Lookup<TIndex> Index<TIndex>(Func<T, IEnumerable<TIndex>> indexed)
        where TIndex : notnull
    {
        var index = new Lookup<TIndex>(this, indexed);
        followers.Add(index);
        return index;
    }

    void ITable.Replay(string key, JsonElement? row) =>
        Set(TKey.Parse(key, CultureInfo.InvariantCulture), row is { ValueKind: not JsonValueKind.Null } value ? value.Deserialize<T>(WireJson.Books) : null);

    IEnumerable<(string Key, object Row)> ITable.Rows() => rows.Select(pair => (Text(pair.Key), (object)pair.Value));

    void ITable.Clear()
    {
        rows.Clear();
        followers.ForEach(follower => follower.Clear());
    }

    private void Set(TKey key, T? row)
    {
        var before = Find(key);
        if (row is null)
        {
            rows.Remove(key);
        }
        else
        {
            rows[key] = row;
        }

        foreach (var follower in followers)
        {
            follower.Change(before, row);
        }
    }

    private static string Text(TKey key) => Convert.ToString(key, CultureInfo.InvariantCulture)!;

    public sealed class Lookup<TIndex> : IFollower
        where TIndex : notnull
    {
        private readonly Dictionary<TIndex, SortedSet<TKey>> keys = [];
        private readonly Table<TKey, T> table;
        private readonly Func<T, IEnumerable<TIndex>> indexed;

        internal Lookup(Table<TKey, T> table, Func<T, IEnumerable<TIndex>> indexed) => (this.table, this.indexed) = (table, indexed);

        public IEnumerable<T> this[TIndex value] =>
            keys.TryGetValue(value, out var found) ? found.Select(key => table.rows[key]) : [];

        void IFollower.Change(T? before, T? after)
        {
            foreach (var value in before is null ? [] : indexed(before))
            {
                if (keys.TryGetValue(value, out var set) && set.Remove(table.keyOf(before!)) && set.Count == 0)
                {
                    keys.Remove(value);
                }
            }

            foreach (var value in after is null ? [] : indexed(after))
            {
                (keys.TryGetValue(value, out var set) ? set : keys[value] = []).Add(table.keyOf(after!));
            }
        }

        void IFollower.Clear() => keys.Clear();
    }
}
