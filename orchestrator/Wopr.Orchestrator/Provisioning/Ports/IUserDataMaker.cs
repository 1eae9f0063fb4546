using System.Diagnostics.CodeAnalysis;

namespace Wopr.Provisioning.Ports;

/// <summary>Makes what a new server runs at its first boot. The same job and token give the same bytes.</summary>
public interface IUserDataMaker
{
    /// <param name="token">The callback token; it stands in the user-data and nowhere else.</param>
    UserDataOutcome Make(Job job, byte[] token);
}

/// <summary>The user-data, or why it is not fit to be sent (CLOUDINIT-004).</summary>
public readonly record struct UserDataOutcome(string? Text, string? Refusal)
{
    public bool IsSuccess([NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? refusal)
    {
        text = Text;
        refusal = Text is null ? Refusal ?? "nothing was rendered" : null;
        return text is not null;
    }
}
