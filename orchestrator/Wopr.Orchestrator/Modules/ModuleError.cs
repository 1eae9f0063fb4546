using Wopr.Support;

namespace Wopr.Modules;

/// <summary>Something wrong with the modules or with a plan made of them.</summary>
/// <param name="Where">A module or a file below installer-modules/.</param>
public sealed record ModuleError(string Where, string Reason)
{
    /// <summary>Always <see cref="ErrorCodes.ManifestInvalid"/> (MODULE-001).</summary>
    public ErrorCode Code => ErrorCodes.ManifestInvalid;

    public override string ToString() => $"{Code} {Where}: {Reason}";
}
