using Wopr.Provisioning.Ports;

namespace Wopr.Sweep;

/// <summary>What things cost a month, gross, in cents. Null where the provider does not tell: a price is never guessed.</summary>
public sealed record Prices(CloudCatalogue Catalogue, CloudPricing Pricing)
{
    public int? Of(CloudServer server)
    {
        var type = Catalogue.ServerTypes.FirstOrDefault(t => t.Name == server.ServerType)?.Locations.FirstOrDefault(l => l.Location == server.Location)?.MonthlyGross;
        return Cents(type is null || server.Ipv4 is null ? type : type + Address("ipv4", server.Location));
    }

    public int? Of(CloudPrimaryIp address) => Cents(Address(address.Type, address.Location));

    public int? Of(CloudVolume volume) => Cents(volume.SizeGb * Pricing.VolumeGbMonthlyGross);

    private decimal? Address(string type, string location) => Pricing.PrimaryIpMonthlyGross.TryGetValue((type, location), out var gross) ? gross : null;

    private static int? Cents(decimal? gross) => gross is { } amount ? (int)Math.Round(amount * 100, MidpointRounding.AwayFromZero) : null;
}
