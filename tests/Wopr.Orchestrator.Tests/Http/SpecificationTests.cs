using Wopr.Cloudflare;
using Wopr.Hetzner;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Http;

/// <summary>The wire types against the providers' own documents: a misspelt field would silently read as nothing.</summary>
public sealed class SpecificationTests
{
    [SharedFact("specs/hetzner/cloud.spec.trimmed.json")]
    public void Hetzners_document_has_every_field_that_is_read_or_written()
    {
        using var spec = new Specification(Path.Combine(Repository.Shared, "specs/hetzner/cloud.spec.trimmed.json"));
        var json = HetznerJson.Default;
        IReadOnlyList<string>[] unknown =
        [
            spec.UnknownInAnswer("/servers", "get", json.ServersBody),
            spec.UnknownInAnswer("/servers/{id}", "get", json.ServerBody),
            spec.UnknownInRequest("/servers", "post", json.CreateServerBody),
            spec.UnknownInAnswer("/servers", "post", json.CreatedServerBody),
            spec.UnknownInAnswer("/servers/{id}", "delete", json.ActionBody),
            spec.UnknownInAnswer("/actions", "get", json.ActionsBody),
            spec.UnknownInAnswer("/primary_ips", "get", json.PrimaryIpsBody),
            spec.UnknownInAnswer("/server_types", "get", json.ServerTypesBody),
            spec.UnknownInAnswer("/locations", "get", json.LocationsBody),
            spec.UnknownInAnswer("/images", "get", json.ImagesBody),
            spec.UnknownInAnswer("/ssh_keys", "get", json.SshKeysBody),
            spec.UnknownInRequest("/ssh_keys", "post", json.CreateSshKeyBody),
            spec.UnknownInAnswer("/ssh_keys", "post", json.SshKeyBody),
            spec.UnknownInAnswer("/firewalls", "get", json.FirewallsBody),
            spec.UnknownInRequest("/firewalls", "post", json.CreateFirewallBody),
            spec.UnknownInAnswer("/firewalls", "post", json.CreatedFirewallBody),
            spec.UnknownInRequest("/firewalls/{id}/actions/apply_to_resources", "post", json.ApplyFirewallBody),
            spec.UnknownInRequest("/firewalls/{id}/actions/set_rules", "post", json.SetRulesBody),
            spec.UnknownInAnswer("/firewalls/{id}/actions/set_rules", "post", json.ActionsBody),
            spec.UnknownInAnswer("/volumes", "get", json.VolumesBody),
            spec.UnknownInAnswer("/pricing", "get", json.PricingBody),
            spec.UnknownParameters("/actions", "id"),
            spec.UnknownParameters("/servers", "name", "label_selector", "page", "per_page"),
            spec.UnknownParameters("/images", "name", "architecture", "type", "status", "page", "per_page"),
            spec.UnknownParameters("/firewalls", "name", "label_selector"),
            spec.UnknownParameters("/volumes", "label_selector"),
        ];
        unknown.SelectMany(u => u).ShouldBeEmpty();
    }

    [SharedFact("specs/cloudflare/openapi.json")]
    public void Cloudflares_document_has_every_field_that_is_read_or_written()
    {
        using var spec = new Specification(Path.Combine(Repository.Shared, "specs/cloudflare/openapi.json"));
        var json = CloudflareJson.Default;
        const string Records = "/zones/{zone_id}/dns_records";
        IReadOnlyList<string>[] unknown =
        [
            spec.UnknownInAnswer("/zones", "get", json.EnvelopeIReadOnlyListZoneDto),
            spec.UnknownInAnswer(Records, "get", json.EnvelopeIReadOnlyListRecordDto),
            spec.UnknownInRequest(Records + "/batch", "post", json.BatchBody),
            spec.UnknownInRequest(Records + "/{dns_record_id}", "patch", json.RecordBody),
            spec.UnknownInAnswer(Records + "/batch", "post", json.EnvelopeBatchResultDto),
            spec.UnknownInAnswer("/user/tokens/verify", "get", json.EnvelopeTokenDto),
            spec.UnknownInRequest("/zones/{zone_id}/purge_cache", "post", json.PurgeBody),
            spec.UnknownParameters("/zones", "name"),
            spec.UnknownParameters(Records, "name.exact", "name.endswith", "comment.exact", "order", "page", "per_page"),
        ];

        // One envelope serves all answers, and the document spells a patch of a batch out as no more than its id: the rest
        // is the record's own fields, which the single patch is held to. The id of a new record is left out when null.
        unknown.SelectMany(u => u).Except(Undocumented).ShouldBeEmpty();
    }

    private static readonly string[] Undocumented =
    [
        "Envelope`1.result_info", "Envelope`1.result_info.total_pages", "RecordBody.id",
        .. new[] { "type", "name", "content", "ttl", "proxied", "comment" }.Select(f => $"BatchBody.patches.{f}"),
    ];

    /// <summary>The check itself can fail.</summary>
    [SharedFact("specs/hetzner/cloud.spec.trimmed.json")]
    public void A_type_of_another_answer_is_noticed()
    {
        using var spec = new Specification(Path.Combine(Repository.Shared, "specs/hetzner/cloud.spec.trimmed.json"));
        spec.UnknownInAnswer("/firewalls", "get", HetznerJson.Default.ServersBody).ShouldBe(["ServersBody.servers"]);
        spec.UnknownInRequest("/firewalls", "post", HetznerJson.Default.CreateServerBody).ShouldContain("CreateServerBody.user_data");
        spec.UnknownParameters("/servers", "nmae").ShouldBe(["nmae"]);
    }
}
