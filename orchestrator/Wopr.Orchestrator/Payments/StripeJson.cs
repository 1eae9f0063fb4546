using System.Text.Json.Serialization;

namespace Wopr.Payments;

/// <summary>The wire, as far as WOPR reads it. What is sent is form-encoded.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StripeErrorBody))]
[JsonSerializable(typeof(SessionDto))]
[JsonSerializable(typeof(RefundDto))]
[JsonSerializable(typeof(RefundListDto))]
internal sealed partial class StripeJson : JsonSerializerContext;

internal sealed record StripeErrorBody(StripeErrorDto? Error);

internal sealed record StripeErrorDto(string? Type, string? Code, string? Message);

internal sealed record SessionDto(string Id, string? Status, string? PaymentStatus, string? PaymentIntent, long? AmountTotal, string? Currency, string? Url);

internal sealed record RefundDto(string Id, string? Status, IReadOnlyDictionary<string, string>? Metadata);

internal sealed record RefundListDto(IReadOnlyList<RefundDto>? Data);
