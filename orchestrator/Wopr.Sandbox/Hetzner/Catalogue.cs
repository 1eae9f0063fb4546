using System.Globalization;
using System.Text.Json;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner;

/// <summary>
/// What is sold where: data, read from catalogue.json. Ids, names, sizes and places are the provider's of mid-2026; prices
/// are of the right order only, in EUR a month without tax.
/// </summary>
public sealed record Catalogue(
    string Currency,
    string VatRate,
    IReadOnlyList<Location> Locations,
    IReadOnlyList<SystemImage> Images,
    IReadOnlyList<ServerType> ServerTypes,
    IReadOnlyDictionary<string, long> Vanished)
{
    public static Catalogue Load()
    {
        using var stream = typeof(Catalogue).Assembly.GetManifestResourceStream("catalogue.json")!;
        return JsonSerializer.Deserialize<Catalogue>(stream, WireJson.Books)!;
    }

    /// <summary>By id or name, as requests give it.</summary>
    public ServerType? ServerType(string idOrName) => ServerTypes.FirstOrDefault(type => Is(type.Id, type.Name, idOrName));

    public Location? Location(string idOrName) => Locations.FirstOrDefault(location => Is(location.Id, location.Name, idOrName));

    /// <summary>A type that was sold once.</summary>
    public long? VanishedType(string idOrName) =>
        Vanished.Where(pair => Is(pair.Value, pair.Key, idOrName)).Select(pair => (long?)pair.Value).FirstOrDefault();

    /// <summary>As the provider writes prices: strings with many decimals, with and without tax.</summary>
    public object Price(decimal net, int decimals = 4)
    {
        var gross = net * (1 + (decimal.Parse(VatRate, CultureInfo.InvariantCulture) / 100));
        return new
        {
            net = decimal.Round(net, decimals).ToString("F10", CultureInfo.InvariantCulture),
            gross = decimal.Round(gross, decimals + 2).ToString("F16", CultureInfo.InvariantCulture),
        };
    }

    private static bool Is(long id, string name, string wanted) =>
        name == wanted || id.ToString(CultureInfo.InvariantCulture) == wanted;
}

public sealed record Location(long Id, string Name, string City, string Country, double Latitude, double Longitude, string NetworkZone)
{
    public object View() => new
    {
        id = Id,
        name = Name,
        description = City,
        country = Country,
        city = City,
        latitude = Latitude,
        longitude = Longitude,
        network_zone = NetworkZone,
    };
}

/// <param name="MonthlyNet">Price by location: where it has one, it is sold.</param>
public sealed record ServerType(
    long Id,
    string Name,
    int Cores,
    decimal Memory,
    int Disk,
    string CpuType,
    string Architecture,
    IReadOnlyDictionary<string, decimal> MonthlyNet)
{
    public bool SoldIn(string location) => MonthlyNet.ContainsKey(location);

    /// <summary>Prices of every location, as they stand in a server type and in the price list.</summary>
    public IEnumerable<object> Prices(Catalogue catalogue) => MonthlyNet.Select(pair => new
    {
        location = pair.Key,
        price_hourly = catalogue.Price(pair.Value / 624),
        price_monthly = catalogue.Price(pair.Value),
        included_traffic = IncludedTraffic(catalogue.Location(pair.Key)!),
        price_per_tb_traffic = catalogue.Price(1m),
    });

    /// <param name="unavailableAfter">When set, the type is announced to end then.</param>
    public object View(Catalogue catalogue, DateTimeOffset? unavailableAfter)
    {
        var deprecation = unavailableAfter is { } end
            ? new { unavailable_after = WireJson.Seconds(end), announced = WireJson.Seconds(end.AddMonths(-3)) }
            : null;
        return new
        {
            id = Id,
            name = Name,
            description = Name.ToUpperInvariant(),
            cores = Cores,
            memory = Memory,
            disk = Disk,
            deprecated = deprecation is not null,
            deprecation,
            prices = Prices(catalogue),
            storage_type = "local",
            cpu_type = CpuType,
            category = CpuType == "dedicated" ? "general_purpose" : Name.StartsWith("cpx", StringComparison.Ordinal) ? "regular_purpose" : "cost_optimized",
            architecture = Architecture,
            locations = MonthlyNet.Keys.Select(name => new
            {
                id = catalogue.Location(name)!.Id,
                name,
                deprecation,
                recommended = deprecation is null,
                available = true,
            }),
        };
    }

    /// <summary>In bytes: 20 TiB in Europe, 1 TiB in America, half a TiB in Asia.</summary>
    public static long IncludedTraffic(Location location) => location.NetworkZone switch
    {
        "eu-central" => 20L << 40,
        "ap-southeast" => 1L << 39,
        _ => 1L << 40,
    };
}

public sealed record SystemImage(long Id, string Name, string Description, string OsFlavor, string OsVersion, string Architecture, string Created)
{
    public object View() => new
    {
        id = Id,
        type = "system",
        status = "available",
        name = Name,
        description = Description,
        image_size = (double?)null,
        disk_size = 5,
        created = Created,
        created_from = (object?)null,
        bound_to = (long?)null,
        os_flavor = OsFlavor,
        os_version = OsVersion,
        rapid_deploy = true,
        protection = new { delete = false },
        deprecated = (string?)null,
        deleted = (string?)null,
        labels = new Dictionary<string, string>(StringComparer.Ordinal),
        architecture = Architecture,
    };
}
