using System.Diagnostics.CodeAnalysis;
using Wopr.Support;

namespace Wopr.Provisioning.Ports;

/// <summary>What an outside call came to: a value, or a refusal that is already classified. Never an exception.</summary>
public readonly record struct ProviderResult<T>
{
    private readonly T? value;

    private ProviderResult(T? value, ProviderFailure? failure)
    {
        this.value = value;
        Failure = failure;
    }

    public ProviderFailure? Failure { get; }

    public static implicit operator ProviderResult<T>(T value) => new(value, null);
    public static implicit operator ProviderResult<T>(ProviderFailure failure) => new(default, failure);

    public static ProviderResult<T> Success(T value) => new(value, null);

    /// <summary>True with the value, or false with the failure.</summary>
    public bool IsSuccess([MaybeNullWhen(false)] out T result, [NotNullWhen(false)] out ProviderFailure? failure)
    {
        result = value;
        failure = Failure;
        return failure is null;
    }
}

/// <summary>
/// One classified refusal. <paramref name="Status"/> is the HTTP status, 0 when no answer came;
/// <paramref name="ProviderCode"/> is the provider's own code; <paramref name="Message"/> is for operators only and
/// decides nothing.
/// </summary>
public sealed record ProviderFailure(
    string Provider,
    int Status,
    string ProviderCode,
    string Message,
    ErrorCode Code,
    Retry Retry,
    TimeSpan? RetryAfter = null);

/// <summary>What a caller may do after a refusal.</summary>
public enum Retry
{
    /// <summary>The same request will be refused again.</summary>
    Never,

    /// <summary>Nothing happened; the same request may succeed later.</summary>
    Later,

    /// <summary>The answer was lost: the effect is unknown. Look first, then decide.</summary>
    LookFirst,

    /// <summary>This choice cannot be had; another type or location may.</summary>
    Alternative,
}
