using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Platform.Http;

/// <summary>From a provider's refusal to WOPR's code and reaction. One closed table a provider; message texts decide nothing.</summary>
public interface IErrorTable
{
    /// <summary>The code when no answer came or none that can be read.</summary>
    ErrorCode Unavailable { get; }

    /// <summary>The code when WOPR's own budget of calls is used up.</summary>
    ErrorCode RateLimited { get; }

    /// <summary>The code when the provider does not accept the token.</summary>
    ErrorCode TokenRefused { get; }

    /// <summary>Reads any body, also none or one that is not JSON: then the status alone decides.</summary>
    Verdict Read(string operation, int status, ReadOnlySpan<byte> body);
}

/// <param name="Soon">Worth repeating within the same call, after a short wait.</param>
/// <param name="EffectUnknown">The refusal does not prove that nothing happened.</param>
public sealed record ErrorRow(ErrorCode Code, Retry Retry, bool Soon = false, bool EffectUnknown = false)
{
    /// <summary>What is left of the row's reaction for a request that must not be sent twice.</summary>
    public ErrorRow For(Repeat repeat) =>
        repeat == Repeat.OnlyWhenRefused && EffectUnknown ? this with { Retry = Retry.LookFirst, Soon = false } : this;
}

/// <param name="ProviderCode">The provider's own word or number, empty when the body had none.</param>
/// <param name="Message">The provider's text, for operators only.</param>
public sealed record Verdict(string ProviderCode, string Message, ErrorRow Row);
