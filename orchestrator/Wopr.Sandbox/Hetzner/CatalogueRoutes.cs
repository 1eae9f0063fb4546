using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner;

/// <summary>What can be bought: /server_types, /locations, /pricing; and the paths that have been closed.</summary>
internal sealed class CatalogueRoutes(Catalogue catalogue, Stock stock)
{
    /// <summary>Kinds of things that this emulator has none of; command lines list them in passing.</summary>
    private static readonly string[] Absent =
        ["networks", "floating_ips", "load_balancers", "load_balancer_types", "certificates", "isos", "placement_groups"];

    public void Map(RouteTable routes)
    {
        routes.Map("GET", "/server_types", call =>
            Listing.Page(call, "server_types", [.. stock.ServerTypes.Where(type => call.Asked("name") is not { } name || type.Name == name)], stock.View));
        routes.Map("GET", "/server_types/{id}", call => stock.ServerTypes.FirstOrDefault(type => type.Id == call.Id()) is { } type
            ? new(200, new { server_type = stock.View(type) })
            : Refusals.NotFound("server type", call.Id()));
        routes.Map("GET", "/locations", call =>
            Listing.Page(call, "locations", [.. catalogue.Locations.Where(location => call.Asked("name") is not { } name || location.Name == name)], location => location.View()));
        routes.Map("GET", "/locations/{id}", call => catalogue.Locations.FirstOrDefault(location => location.Id == call.Id()) is { } location
            ? new(200, new { location = location.View() })
            : Refusals.NotFound("location", call.Id()));
        routes.Map("GET", "/pricing", _ => new(200, new { pricing = Pricing() }));
        routes.Map("GET", "/datacenters", _ => Refusals.Gone("2026-06-02-datacenters-deprecated"));
        routes.Map("GET", "/datacenters/{id}", _ => Refusals.Gone("2026-06-02-datacenters-deprecated"));
        foreach (var kind in Absent)
        {
            routes.Map("GET", $"/{kind}", call => Listing.Page<object>(call, kind, [], row => row));
            routes.Map("GET", $"/{kind}/{{id}}", call => Refusals.NotFound(kind.TrimEnd('s').Replace('_', ' '), call.Id()));
        }
    }

    private object Pricing() => new
    {
        currency = catalogue.Currency,
        vat_rate = catalogue.VatRate,
        primary_ips = new[]
        {
            new { type = "ipv4", prices = catalogue.Locations.Select(location => IpPrice(location, 0.50m)) },
            new { type = "ipv6", prices = catalogue.Locations.Select(location => IpPrice(location, 0m)) },
        },
        floating_ip = new { price_monthly = catalogue.Price(3.00m) },
        floating_ips = new[]
        {
            new { type = "ipv4", prices = catalogue.Locations.Select(location => new { location = location.Name, price_monthly = catalogue.Price(3.00m) }) },
            new { type = "ipv6", prices = catalogue.Locations.Select(location => new { location = location.Name, price_monthly = catalogue.Price(1.00m) }) },
        },
        image = new { price_per_gb_month = catalogue.Price(0.0110m) },
        volume = new { price_per_gb_month = catalogue.Price(0.0440m) },
        server_backup = new { percentage = "20.0000000000" },
        server_types = stock.ServerTypes.Select(type => new { id = type.Id, name = type.Name, prices = type.Prices(catalogue) }),
        load_balancer_types = Array.Empty<object>(),
    };

    private object IpPrice(Location location, decimal monthly) => new
    {
        location = location.Name,
        price_hourly = catalogue.Price(monthly / 624),
        price_monthly = catalogue.Price(monthly),
    };
}
