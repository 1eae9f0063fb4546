using System.Diagnostics;
using System.Globalization;

namespace Wopr.Platform.Crossings;

/// <summary>
/// Lets tests kill this very process at one exact crossing: a real SIGKILL, after which nothing can be said or saved.
/// It is steered by two files in its folder, so that a service that is started again needs no other environment:
/// <c>seen</c>, when it exists, gets a line for each crossing; <c>die</c> names the crossing to die at as
/// <c>place|kind|operation|side|nth|times|subject</c>, where <c>*</c> is any subject. Only the sandbox has it.
/// </summary>
public sealed class SuddenDeath(string folder)
{
    private readonly Lock gate = new();
    private readonly string seen = Path.Combine(folder, "seen");
    private readonly string die = Path.Combine(folder, "die");
    private string armedFor = "";
    private int met;

    public void Meet(Crossing crossing)
    {
        lock (gate)
        {
            if (File.Exists(seen)) File.AppendAllText(seen, crossing + "\n");
            if (!File.Exists(die)) return;
            var text = File.ReadAllText(die).Trim();
            if (text.Split('|') is not [var place, var kind, var operation, var side, var nth, var times, var subject]) return;
            if ($"{place} {kind} {operation} {side}" != crossing.ToString() || (subject != "*" && subject != crossing.Subject.ToString())) return;
            met = text == armedFor ? met + 1 : 1;
            armedFor = text;
            if (met < int.Parse(nth, CultureInfo.InvariantCulture)) return;
            Die(int.Parse(times, CultureInfo.InvariantCulture) - 1, text);
        }
    }

    private void Die(int timesLeft, string text)
    {
        var parts = text.Split('|');
        if (timesLeft <= 0) File.Delete(die);
        else File.WriteAllText(die, string.Join('|', [.. parts[..5], timesLeft.ToString(CultureInfo.InvariantCulture), parts[6]]));
        using var self = Process.GetCurrentProcess();
        self.Kill();
        // The signal is on its way; nothing more is done here.
        Thread.Sleep(Timeout.Infinite);
    }
}
