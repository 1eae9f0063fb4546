using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wopr.Hetzner;

/// <summary>The wire, as far as WOPR reads and writes it. Unknown fields are ignored; words stay text until they are mapped.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ServersBody))]
[JsonSerializable(typeof(ServerBody))]
[JsonSerializable(typeof(CreateServerBody))]
[JsonSerializable(typeof(CreatedServerBody))]
[JsonSerializable(typeof(ActionBody))]
[JsonSerializable(typeof(CreateImageBody))]
[JsonSerializable(typeof(ActionsBody))]
[JsonSerializable(typeof(PrimaryIpsBody))]
[JsonSerializable(typeof(ServerTypesBody))]
[JsonSerializable(typeof(LocationsBody))]
[JsonSerializable(typeof(ImagesBody))]
[JsonSerializable(typeof(SshKeysBody))]
[JsonSerializable(typeof(SshKeyBody))]
[JsonSerializable(typeof(CreateSshKeyBody))]
[JsonSerializable(typeof(FirewallsBody))]
[JsonSerializable(typeof(CreateFirewallBody))]
[JsonSerializable(typeof(CreatedFirewallBody))]
[JsonSerializable(typeof(SetRulesBody))]
[JsonSerializable(typeof(ApplyFirewallBody))]
[JsonSerializable(typeof(LabelsBody))]
[JsonSerializable(typeof(VolumesBody))]
[JsonSerializable(typeof(PricingBody))]
internal sealed partial class HetznerJson : JsonSerializerContext;

internal sealed record ErrorBody(ErrorDto? Error);

internal sealed record ErrorDto(string? Code, string? Message, JsonElement Details);

/// <summary>One page of anything.</summary>
internal interface IPage<out T>
{
    IReadOnlyList<T>? Items { get; }

    MetaDto? Meta { get; }
}

internal sealed record MetaDto(PaginationDto? Pagination);

internal sealed record PaginationDto(int Page, int? NextPage);

internal sealed record ServersBody([property: JsonPropertyName("servers")] IReadOnlyList<ServerDto>? Items, MetaDto? Meta) : IPage<ServerDto>;

internal sealed record ServerBody(ServerDto? Server);

internal sealed record ServerDto(
    long Id, string Name, string? Status, DateTimeOffset Created, PublicNetDto? PublicNet, NamedDto? ServerType, NamedDto? Location,
    Dictionary<string, string>? Labels, bool Locked);

internal sealed record PublicNetDto(IpDto? Ipv4, IpDto? Ipv6);

internal sealed record IpDto(string? Ip);

internal sealed record NamedDto(string? Name);

internal sealed record CreateServerBody(
    string Name, string ServerType, string Location, string Image, IReadOnlyList<string> SshKeys,
    IReadOnlyDictionary<string, string> Labels, string UserData, PublicNetRequestDto PublicNet, bool StartAfterCreate);

internal sealed record PublicNetRequestDto(bool EnableIpv4, bool EnableIpv6);

internal sealed record CreatedServerBody(ServerDto? Server, ActionDto? Action, IReadOnlyList<ActionDto>? NextActions);

internal sealed record ActionBody(ActionDto? Action);

/// <summary>Its answer holds the image too; its action is what is awaited.</summary>
internal sealed record CreateImageBody(string Type, string Description, IReadOnlyDictionary<string, string> Labels);

internal sealed record ActionsBody(IReadOnlyList<ActionDto>? Actions);

internal sealed record ActionDto(long Id, string? Command, string? Status, double? Progress, ActionErrorDto? Error, DateTimeOffset? Started = null, DateTimeOffset? Finished = null);

internal sealed record ActionErrorDto(string? Code, string? Message);

internal sealed record PrimaryIpsBody([property: JsonPropertyName("primary_ips")] IReadOnlyList<PrimaryIpDto>? Items, MetaDto? Meta) : IPage<PrimaryIpDto>;

internal sealed record PrimaryIpDto(long Id, string Ip, long? AssigneeId, bool AutoDelete, Dictionary<string, string>? Labels,
    string? Type = null, NamedDto? Location = null, DateTimeOffset? Created = null);

internal sealed record ServerTypesBody([property: JsonPropertyName("server_types")] IReadOnlyList<ServerTypeDto>? Items, MetaDto? Meta) : IPage<ServerTypeDto>;

internal sealed record ServerTypeDto(
    long Id, string Name, double Cores, decimal Memory, double Disk, string? CpuType, string? Architecture,
    DeprecationDto? Deprecation, IReadOnlyList<TypePriceDto>? Prices, IReadOnlyList<TypeLocationDto>? Locations);

internal sealed record TypePriceDto(string Location, MoneyDto? PriceMonthly);

internal sealed record MoneyDto(string? Net, string? Gross);

internal sealed record TypeLocationDto(string Name, DeprecationDto? Deprecation, bool Available);

internal sealed record DeprecationDto(DateTimeOffset? UnavailableAfter);

internal sealed record LocationsBody([property: JsonPropertyName("locations")] IReadOnlyList<LocationDto>? Items, MetaDto? Meta) : IPage<LocationDto>;

internal sealed record LocationDto(string Name, string? City, string? Country, string? NetworkZone);

internal sealed record ImagesBody([property: JsonPropertyName("images")] IReadOnlyList<ImageDto>? Items, MetaDto? Meta) : IPage<ImageDto>;

internal sealed record ImageDto(long Id, string? Name, string? Type, string? Status, string? Architecture, DateTimeOffset Created, DateTimeOffset? Deprecated);

internal sealed record SshKeysBody([property: JsonPropertyName("ssh_keys")] IReadOnlyList<SshKeyDto>? Items, MetaDto? Meta) : IPage<SshKeyDto>;

internal sealed record SshKeyBody(SshKeyDto? SshKey);

internal sealed record SshKeyDto(long Id, string Name, string? Fingerprint, string? PublicKey);

internal sealed record CreateSshKeyBody(string Name, string PublicKey, IReadOnlyDictionary<string, string> Labels);

internal sealed record FirewallsBody([property: JsonPropertyName("firewalls")] IReadOnlyList<FirewallDto>? Items, MetaDto? Meta) : IPage<FirewallDto>;

internal sealed record FirewallDto(long Id, string Name, IReadOnlyList<RuleDto>? Rules, IReadOnlyList<AppliedDto>? AppliedTo, Dictionary<string, string>? Labels);

internal sealed record RuleDto(string? Direction, string? Protocol, string? Port, IReadOnlyList<string>? SourceIps, IReadOnlyList<string>? DestinationIps, string? Description);

internal sealed record AppliedDto(string? Type, SelectorDto? LabelSelector, IdDto? Server, IReadOnlyList<AppliedResourceDto>? AppliedToResources);

/// <summary>What a firewall is to be applied to: the wish, where <see cref="AppliedDto"/> is the answer.</summary>
internal sealed record ApplyToDto(string Type, SelectorDto LabelSelector);

internal sealed record AppliedResourceDto(IdDto? Server);

internal sealed record IdDto(long Id);

internal sealed record SelectorDto(string? Selector);

internal sealed record CreateFirewallBody(string Name, IReadOnlyList<RuleDto> Rules, IReadOnlyList<ApplyToDto> ApplyTo, IReadOnlyDictionary<string, string> Labels);

internal sealed record CreatedFirewallBody(FirewallDto? Firewall, IReadOnlyList<ActionDto>? Actions);

internal sealed record SetRulesBody(IReadOnlyList<RuleDto> Rules);

internal sealed record ApplyFirewallBody(IReadOnlyList<ApplyToDto> ApplyTo);

internal sealed record LabelsBody(IReadOnlyDictionary<string, string> Labels);

internal sealed record VolumesBody([property: JsonPropertyName("volumes")] IReadOnlyList<VolumeDto>? Items, MetaDto? Meta) : IPage<VolumeDto>;

internal sealed record VolumeDto(long Id, string Name, double Size, long? Server, NamedDto? Location, Dictionary<string, string>? Labels, DateTimeOffset Created);

internal sealed record PricingBody(PricingDto? Pricing);

internal sealed record PricingDto(string? Currency, string? VatRate, VolumePriceDto? Volume, IReadOnlyList<IpPricesDto>? PrimaryIps);

internal sealed record VolumePriceDto(MoneyDto? PricePerGbMonth);

internal sealed record IpPricesDto(string Type, IReadOnlyList<TypePriceDto>? Prices);
