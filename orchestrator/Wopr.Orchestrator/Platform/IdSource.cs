using System.Security.Cryptography;

namespace Wopr.Platform;

/// <summary>Where ids and secrets come from, so that tests can say which.</summary>
public interface IIdSource
{
    /// <summary>An unguessable UUID.</summary>
    Guid NewId();

    /// <summary>Bytes fit for a secret.</summary>
    byte[] NewSecret(int length);
}

public sealed class RandomIdSource : IIdSource
{
    public Guid NewId() => Guid.NewGuid();

    public byte[] NewSecret(int length) => RandomNumberGenerator.GetBytes(length);
}
