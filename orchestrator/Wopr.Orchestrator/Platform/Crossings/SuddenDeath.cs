using System.Diagnostics;
using System.Globalization;

namespace Wopr.Platform.Crossings;

/// <summary>
/// Lets tests kill this very process at one exact crossing: a real SIGKILL, after which nothing can be said or saved.
/// It is steered by files in its folder, so that a service that is started again needs no other environment:
/// <c>seen</c>, when it exists, gets a line for each crossing; <c>die</c> names the crossing to die at as
/// <c>place|kind|operation|side|nth|times|subject</c>, where <c>*</c> is any operation or subject. With <c>hold</c> for
/// times, the flow of control stands still instead until the file <c>held</c>, which then appears, is removed. Only the
/// sandbox has it.
/// </summary>
public sealed class SuddenDeath(string folder)
{
    private readonly Lock gate = new();
    private readonly string seen = Path.Combine(folder, "seen");
    private readonly string die = Path.Combine(folder, "die");
    private readonly string held = Path.Combine(folder, "held");
    private string armedFor = "";
    private int met;

    public void Meet(Crossing crossing)
    {
        lock (gate)
        {
            if (File.Exists(seen)) File.AppendAllText(seen, crossing + "\n");
            if (!IsMeant(crossing, out var times)) return;
            if (times != "hold") Die(int.Parse(times, CultureInfo.InvariantCulture) - 1);
            File.WriteAllText(held, "");
            File.Delete(die);
        }
        StandStill();
    }

    /// <summary>Only this flow, as if its thread slept; the rest of the process goes on.</summary>
    private void StandStill()
    {
        var released = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(folder, Path.GetFileName(held));
        watcher.Deleted += (_, _) => released.TrySetResult();
        watcher.EnableRaisingEvents = true;
        // What was removed before the watch began is told by nobody.
        if (File.Exists(held)) released.Task.Wait();
    }

    private bool IsMeant(Crossing crossing, out string times)
    {
        times = "";
        if (!File.Exists(die)) return false;
        var text = File.ReadAllText(die).Trim();
        if (text.Split('|') is not [var place, var kind, var operation, var side, var nth, var count, var subject]) return false;
        if (operation == "*") operation = crossing.Operation;
        if ($"{place} {kind} {operation} {side}" != crossing.ToString() || (subject != "*" && subject != crossing.Subject.ToString())) return false;
        met = text == armedFor ? met + 1 : 1;
        armedFor = text;
        times = count;
        return met >= int.Parse(nth, CultureInfo.InvariantCulture);
    }

    private void Die(int timesLeft)
    {
        var parts = armedFor.Split('|');
        if (timesLeft <= 0) File.Delete(die);
        else File.WriteAllText(die, string.Join('|', [.. parts[..5], timesLeft.ToString(CultureInfo.InvariantCulture), parts[6]]));
        using var self = Process.GetCurrentProcess();
        self.Kill();
        // The signal is on its way; nothing more is done here.
        new TaskCompletionSource().Task.Wait();
    }
}
