namespace Wopr.Sandbox.Wire;

/// <summary>The one place where ids and passwords come from; tests give it a seed. Safe for concurrent use.</summary>
public sealed class RandomSource(Random random)
{
    private readonly Lock gate = new();

    /// <summary>Lower-case hex of so many bytes.</summary>
    public string Hex(int bytes)
    {
        var buffer = new byte[bytes];
        lock (gate)
        {
            random.NextBytes(buffer);
        }

        return Convert.ToHexStringLower(buffer);
    }

    public string Text(string alphabet, int length)
    {
        lock (gate)
        {
            return new(random.GetItems<char>(alphabet, length));
        }
    }
}
