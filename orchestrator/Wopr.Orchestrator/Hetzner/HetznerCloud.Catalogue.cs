using System.Collections.Concurrent;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;

namespace Wopr.Hetzner;

public sealed partial class HetznerCloud
{
    private readonly SharedFlight<CloudCatalogue> catalogue;
    private readonly ConcurrentDictionary<(string Name, string Architecture), (long Id, DateTimeOffset Until)> images = new();

    /// <summary>Two calls, then served from memory: one fetch for however many ask at once.</summary>
    public Task<ProviderResult<CloudCatalogue>> GetCatalogueAsync(CancellationToken cancellation) =>
        catalogue.GetAsync(FetchCatalogueAsync, cancellation);

    public async Task<ProviderResult<long?>> FindImageAsync(string name, string architecture, CancellationToken cancellation)
    {
        if (images.TryGetValue((name, architecture), out var kept) && time.GetUtcNow() < kept.Until) return (long?)kept.Id;

        var query = $"{Query("name", name)}&{Query("architecture", architecture)}&type=system&status=available";
        var answer = await ListAsync<ImagesBody, ImageDto>("images.find", "images", query, HetznerJson.Default.ImagesBody, i => i.Id, cancellation);
        if (!answer.IsSuccess(out var found, out var failure)) return failure;
        var newest = found
            .Where(i => i.Name == name && i.Architecture == architecture && i.Status == "available" && i.Deprecated is null)
            .OrderByDescending(i => i.Created).ThenByDescending(i => i.Id)
            .FirstOrDefault();
        if (newest is null) return ProviderResult<long?>.Success(null);
        images[(name, architecture)] = (newest.Id, time.GetUtcNow() + options.KeepImages);
        return (long?)newest.Id;
    }

    public async Task<ProviderResult<CloudPricing>> GetPricingAsync(CancellationToken cancellation)
    {
        var answer = await transport.GetAsync("pricing.get", "pricing", HetznerJson.Default.PricingBody, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return failure;
        if (body.Pricing is not { Currency: { } currency } pricing
            || HetznerMapping.Money(pricing.VatRate) is not { } vat
            || HetznerMapping.Money(pricing.Volume?.PricePerGbMonth?.Gross) is not { } volume)
            return transport.Unreadable(200, Repeat.Freely);

        var addresses = new Dictionary<(string, string), decimal>();
        foreach (var type in pricing.PrimaryIps ?? [])
        {
            foreach (var price in type.Prices ?? [])
            {
                if (HetznerMapping.Money(price.PriceMonthly?.Gross) is { } gross) addresses[(type.Type, price.Location)] = gross;
            }
        }

        return new CloudPricing(currency, vat, volume, addresses);
    }

    private async Task<ProviderResult<CloudCatalogue>> FetchCatalogueAsync()
    {
        var types = await ListAsync<ServerTypesBody, ServerTypeDto>("server_types.list", "server_types", "", HetznerJson.Default.ServerTypesBody, t => t.Id, CancellationToken.None);
        if (!types.IsSuccess(out var typeList, out var failure)) return failure;
        var locations = await ListAsync<LocationsBody, LocationDto>("locations.list", "locations", "", HetznerJson.Default.LocationsBody, l => l.Name, CancellationToken.None);
        if (!locations.IsSuccess(out var locationList, out failure)) return failure;
        return new CloudCatalogue(
            [.. typeList.Select(ServerType)],
            [.. locationList.Select(l => new CloudLocation(l.Name, l.City ?? "", l.Country ?? "", l.NetworkZone ?? ""))]);
    }

    private CloudServerType ServerType(ServerTypeDto type) => new(
        type.Id, type.Name, (int)type.Cores, type.Memory, (int)type.Disk, type.CpuType ?? "", type.Architecture ?? "", [.. Offers(type)]);

    /// <summary>Where the type is sold today. A location without a price is left out: WOPR sells nothing whose cost it does not know.</summary>
    private IEnumerable<CloudOffer> Offers(ServerTypeDto type) =>
        from location in type.Locations ?? []
        where !IsPast(type.Deprecation) && !IsPast(location.Deprecation)
        let price = HetznerMapping.Money(type.Prices?.FirstOrDefault(p => p.Location == location.Name)?.PriceMonthly?.Gross)
        where price is not null
        select new CloudOffer(location.Name, location.Available, price.Value);

    private bool IsPast(DeprecationDto? deprecation) => deprecation?.UnavailableAfter is { } end && end <= time.GetUtcNow();
}
