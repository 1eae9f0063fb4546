using Wopr.Support;

namespace Wopr.Platform.Http;

/// <summary>Is told how every call to a provider ended. Must be quick and never throw: it stands in every call's way.</summary>
public interface IProviderWatch
{
    /// <summary>The provider gave an answer of its own, whether or not it was the wished one.</summary>
    void Answered(string provider);

    /// <summary>The provider is away, refuses the token, or its call budget is used up.</summary>
    void Troubled(string provider, ErrorCode code, string words);
}

/// <summary>For tools and tests that make a few calls and watch nothing.</summary>
public sealed class NoWatch : IProviderWatch
{
    public void Answered(string provider)
    {
        // Nobody wants to know.
    }

    public void Troubled(string provider, ErrorCode code, string words)
    {
        // The caller sees the failure itself.
    }
}
