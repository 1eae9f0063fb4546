using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Servers;

/// <summary>Root passwords for servers without a key. They open nothing.</summary>
internal sealed class Passwords(RandomSource random)
{
    private const string Alphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    public string Next() => random.Text(Alphabet, 20);
}
