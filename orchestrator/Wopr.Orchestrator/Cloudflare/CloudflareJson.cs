using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wopr.Cloudflare;

/// <summary>The wire, as far as WOPR reads and writes it. Unknown fields and record types are let pass.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorsBody))]
[JsonSerializable(typeof(Envelope<IReadOnlyList<ZoneDto>>))]
[JsonSerializable(typeof(Envelope<IReadOnlyList<RecordDto>>))]
[JsonSerializable(typeof(Envelope<RecordDto>))]
[JsonSerializable(typeof(Envelope<BatchResultDto>))]
[JsonSerializable(typeof(Envelope<TokenDto>))]
[JsonSerializable(typeof(Envelope<JsonElement>))]
[JsonSerializable(typeof(BatchBody))]
[JsonSerializable(typeof(RecordBody))]
[JsonSerializable(typeof(PurgeBody))]
internal sealed partial class CloudflareJson : JsonSerializerContext;

internal sealed record ErrorsBody(IReadOnlyList<ErrorDto>? Errors);

internal sealed record ErrorDto(int Code, string? Message);

internal sealed record Envelope<T>(bool Success, T? Result, ResultInfoDto? ResultInfo);

internal sealed record ResultInfoDto(double? PerPage, double? TotalPages);

internal sealed record ZoneDto(string Id, string Name);

internal sealed record TokenDto(string? Status);

/// <summary>Some record types have no content but structured data.</summary>
internal sealed record RecordDto(string Id, string Type, string Name, string? Content, double? Ttl, bool? Proxied, string? Comment);

internal sealed record RecordBody(string? Id, string Type, string Name, string Content, int Ttl, bool Proxied, string Comment);

internal sealed record DeleteBody(string Id);

internal sealed record BatchBody(IReadOnlyList<DeleteBody>? Deletes, IReadOnlyList<RecordBody>? Patches, IReadOnlyList<RecordBody>? Posts);

internal sealed record BatchResultDto(IReadOnlyList<RecordDto>? Patches, IReadOnlyList<RecordDto>? Posts);

internal sealed record PurgeBody(IReadOnlyList<string> Hosts);
