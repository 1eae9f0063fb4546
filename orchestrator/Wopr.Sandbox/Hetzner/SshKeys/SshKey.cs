using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.SshKeys;

/// <param name="Fingerprint">MD5 of the key's bytes, in hex with colons.</param>
public sealed record SshKey(
    long Id,
    string Project,
    string Name,
    DateTimeOffset Created,
    string PublicKey,
    string Fingerprint,
    IReadOnlyDictionary<string, string> Labels) : IResource
{
    public object View() => new
    {
        id = Id,
        name = Name,
        fingerprint = Fingerprint,
        public_key = PublicKey,
        labels = Labels,
        created = WireJson.Seconds(Created),
    };
}
