namespace Wopr.Integration.Tests.Crashes;

/// <summary>One exact moment to die at: the nth time that the service comes by. See Platform/Crossings in the service.</summary>
/// <param name="Crossing"><c>place kind operation side</c>, as the service writes it down.</param>
/// <param name="Moment">
/// How much was done for good before: deaths with the same number leave the same behind. An enqueue is done with its commit.
/// </param>
public sealed record Death(string Crossing, int Nth, int Moment = 0)
{
    public string Place => Crossing.Split(' ')[0];

    public string Kind => Crossing.Split(' ')[1];

    public string Operation => Crossing.Split(' ')[2];

    /// <summary>Place, kind and side: what a slice of the matrix has one of each of.</summary>
    public string Sort => string.Join(' ', Crossing.Split(' ') is var parts ? [parts[0], parts[1], parts[3]] : []);

    public override string ToString() => $"{Crossing} #{Nth}";
}

/// <summary>The folder through which a service is told when to die.</summary>
public sealed class DeathRow
{
    private readonly string folder;
    private readonly string die;
    private readonly string seen;

    public DeathRow(string folder)
    {
        Directory.CreateDirectory(folder);
        this.folder = folder;
        die = Path.Combine(folder, "die");
        seen = Path.Combine(folder, "seen");
    }

    public bool IsArmed => File.Exists(die);

    public void Arm(Death death, int times = 1, string subject = "*") => Write(death, $"{times}", subject);

    private void Write(Death death, string times, string subject)
    {
        // Moved into place: a half-written line would be met by the service.
        var line = Path.Combine(folder, "die.part");
        File.WriteAllText(line, $"{death.Crossing.Replace(' ', '|')}|{death.Nth}|{times}|{subject}");
        File.Move(line, die, overwrite: true);
    }

    /// <summary>The next to come by there stands still until <see cref="Release"/>.</summary>
    public void Hold(Death where) => Write(where, "hold", "*");

    public bool IsHeld => File.Exists(Path.Combine(folder, "held"));

    public void Release() => File.Delete(Path.Combine(folder, "held"));

    public void Disarm() => File.Delete(die);

    public void Record() => File.WriteAllText(seen, "");

    /// <summary>Every crossing since <see cref="Record"/>, each as often as it was met, as deaths that can be armed.</summary>
    public IReadOnlyList<Death> Recorded()
    {
        var lines = File.ReadAllLines(seen);
        File.Delete(seen);
        var met = new Dictionary<string, int>(StringComparer.Ordinal);
        var (deaths, moment) = (new List<Death>(), 0);
        foreach (var line in lines)
        {
            met[line] = met.GetValueOrDefault(line) + 1;
            if (line.Split(' ') is [_, "call" or "commit" or "lease", _, "after"]) moment++;
            deaths.Add(new Death(line, met[line], moment));
        }
        return deaths;
    }
}
