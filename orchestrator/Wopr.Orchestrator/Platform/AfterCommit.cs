using System.Runtime.CompilerServices;
using Npgsql;

namespace Wopr.Platform;

/// <summary>What is to be done once a transaction is committed, and not at all when it is not.</summary>
internal static class AfterCommit
{
    // Npgsql uses a connection's transaction object again for its next transaction, so each begins with nothing to do.
    private static readonly ConditionalWeakTable<NpgsqlTransaction, List<Action<NpgsqlDataSource>>> ToDo = [];

    public static void Begin(NpgsqlTransaction transaction) => ToDo.AddOrUpdate(transaction, []);

    /// <summary>False where nobody watches over the transaction's commit.</summary>
    public static bool Do(NpgsqlTransaction? transaction, Action<NpgsqlDataSource> what)
    {
        if (transaction is null || !ToDo.TryGetValue(transaction, out var later)) return false;
        later.Add(what);
        return true;
    }

    public static void Committed(NpgsqlDataSource database, NpgsqlTransaction transaction)
    {
        if (!ToDo.TryGetValue(transaction, out var later)) return;
        ToDo.Remove(transaction);
        foreach (var what in later) what(database);
    }
}
