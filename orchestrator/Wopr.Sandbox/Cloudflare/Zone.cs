using System.Security.Cryptography;
using System.Text;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>A zone that exists from the start. Its id follows from its name, so that it is the same everywhere.</summary>
public sealed record Zone(string Name)
{
    private static readonly DateTimeOffset Since = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public string Id { get; } = IdOf("zone:" + Name);

    public static string AccountId { get; } = IdOf("account");

    public const string AccountName = "Sandbox";

    public object View() => new
    {
        id = Id,
        name = Name,
        status = "active",
        paused = false,
        type = "full",
        development_mode = 0,
        name_servers = new[] { "ada.ns.cloudflare.com", "bob.ns.cloudflare.com" },
        original_name_servers = Array.Empty<string>(),
        original_registrar = (string?)null,
        original_dnshost = (string?)null,
        created_on = WireJson.Micros(Since),
        modified_on = WireJson.Micros(Since),
        activated_on = WireJson.Micros(Since),
        meta = new
        {
            step = 4,
            custom_certificate_quota = 0,
            page_rule_quota = 3,
            phishing_detected = false,
            cdn_only = false,
            dns_only = false,
            foundation_dns = false,
        },
        owner = new { id = AccountId, name = AccountName, type = "organization" },
        account = new { id = AccountId, name = AccountName },
        permissions = new[] { "#dns_records:edit", "#dns_records:read", "#zone:read", "#cache_purge:edit" },
        plan = new { id = "0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee", name = "Free Website", price = 0, currency = "USD", frequency = "", is_subscribed = false, can_subscribe = false, legacy_id = "free" },
        vanity_name_servers = Array.Empty<string>(),
    };

    /// <summary>32 hex digits that follow from the text.</summary>
    public static string IdOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
}
