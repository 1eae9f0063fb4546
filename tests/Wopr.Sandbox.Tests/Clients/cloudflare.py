"""Creates, lists, describes, changes, purges and deletes with the provider's own Python library.

Usage: cloudflare.py ENDPOINT TOKEN ZONE
"""
import sys

import CloudFlare

endpoint, token, zone_name = sys.argv[1:]
cf = CloudFlare.CloudFlare(token=token, base_url=endpoint)
name = "sdk." + zone_name


def refused(call, code):
    try:
        call()
    except CloudFlare.exceptions.CloudFlareAPIError as refusal:
        assert int(refusal) == code, int(refusal)
        return
    raise AssertionError(f"not refused with {code}")


assert cf.user.tokens.verify.get()["status"] == "active"
zone = cf.zones.get(params={"name": zone_name, "per_page": 1})[0]["id"]
assert cf.zones.get(zone)["name"] == zone_name

record = cf.zones.dns_records.post(zone, data={"type": "A", "name": name, "content": "192.0.2.1", "comment": "ours"})
assert [r["id"] for r in cf.zones.dns_records.get(zone, params={"name": name})] == [record["id"]]
assert [r["id"] for r in cf.zones.dns_records.get(zone, params={"comment.exact": "ours"})] == [record["id"]]
refused(lambda: cf.zones.dns_records.post(zone, data={"type": "A", "name": name, "content": "192.0.2.1"}), 81058)
refused(lambda: cf.zones.dns_records.post(zone, data={"type": "CNAME", "name": name, "content": "a.example.net"}), 81053)
assert cf.zones.dns_records.patch(zone, record["id"], data={"content": "192.0.2.2"})["content"] == "192.0.2.2"
assert cf.zones.dns_records.put(zone, record["id"], data={"type": "A", "name": name, "content": "192.0.2.3"})["content"] == "192.0.2.3"
assert cf.zones.dns_records.get(zone, record["id"])["content"] == "192.0.2.3"
assert cf.zones.purge_cache.post(zone, data={"hosts": [name]})["id"] == zone
assert cf.zones.dns_records.delete(zone, record["id"])["id"] == record["id"]
refused(lambda: cf.zones.dns_records.get(zone, record["id"]), 81044)
