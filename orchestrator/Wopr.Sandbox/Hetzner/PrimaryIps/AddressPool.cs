using System.Globalization;

namespace Wopr.Sandbox.Hetzner.PrimaryIps;

/// <summary>Addresses that belong to no one: IPv4 of 198.18.0.0/15 (RFC 2544) and IPv6 networks of 2001:db8::/32 (RFC 3849).</summary>
internal static class AddressPool
{
    private const int Size = 1 << 17;

    /// <summary>The n-th address, round and round; .0 and .255 are left out.</summary>
    public static string Ipv4(long n)
    {
        var host = (int)(n % (Size / 256 * 254));
        var (block, last) = (host / 254, (host % 254) + 1);
        return string.Create(CultureInfo.InvariantCulture, $"198.{18 + (block / 256)}.{block % 256}.{last}");
    }

    /// <summary>The n-th /64.</summary>
    public static string Ipv6(long n) => string.Create(CultureInfo.InvariantCulture, $"2001:db8:{((n >> 16) & 0xffff) | 0x1000:x}:{n & 0xffff:x}::/64");
}
