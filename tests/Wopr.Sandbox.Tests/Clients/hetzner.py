"""Creates, lists, describes, waits, changes and deletes with the provider's own SDK.

Usage: hetzner.py ENDPOINT TOKEN
"""
import sys

from hcloud import APIException, Client
from hcloud.firewalls.domain import FirewallResource, FirewallResourceLabelSelector, FirewallRule
from hcloud.images.domain import Image
from hcloud.locations.domain import Location
from hcloud.server_types.domain import ServerType

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICBS9fuE8qdfztAgDvynX0Gn8mYNtwl2DpKuUIZKXqXx me"

client = Client(token=sys.argv[2], api_endpoint=sys.argv[1], poll_interval=0.02)


def done(answer):
    """Waits for whatever the call brought about."""
    for action in [getattr(answer, "action", None) or answer] + list(getattr(answer, "next_actions", None) or []):
        action.wait_until_finished()


def refused(call, code):
    try:
        call()
    except APIException as refusal:
        assert refusal.code == code, refusal.code
        return
    raise AssertionError(f"not refused with {code}")


key = client.ssh_keys.create("k", KEY)
assert client.ssh_keys.get_by_name("k").id == key.id
assert client.ssh_keys.get_by_fingerprint(key.fingerprint).id == key.id
refused(lambda: client.ssh_keys.create("l", KEY), "uniqueness_error")

selector = FirewallResource(type="label_selector", label_selector=FirewallResourceLabelSelector(selector="a=b"))
web = FirewallRule(direction="in", protocol="tcp", source_ips=["0.0.0.0/0", "::/0"], port="443")
firewall = client.firewalls.create("fw", rules=[web], resources=[selector]).firewall

created = client.servers.create(
    name="one", server_type=ServerType(name="cx23"), image=Image(name="debian-13"), location=Location(name="fsn1"),
    ssh_keys=[key], labels={"a": "b"}, user_data="#cloud-config\n")
done(created)
server = client.servers.get_by_id(created.server.id)
assert server.status == "running" and server.public_net.ipv4.ip and server.public_net.ipv6.ip
assert [s.name for s in client.servers.get_all(label_selector="a in (b,c)")] == ["one"]
refused(lambda: client.servers.create(name="one", server_type=ServerType(name="cx23"), image=Image(name="debian-13")), "uniqueness_error")

server = server.update(name="uno", labels={"a": "b", "n": ""})
assert client.servers.get_by_name("uno").labels == {"a": "b", "n": ""}
for verb in ("reboot", "reset", "shutdown", "power_on", "enable_rescue", "disable_rescue", "enable_backup", "disable_backup", "reset_password", "request_console"):
    done(getattr(server, verb)())

volume = client.volumes.create(size=10, name="v", server=server, format="ext4", automount=False)
done(volume)
volume = volume.volume
for change in (volume.detach, lambda: volume.attach(server), lambda: volume.resize(20), volume.detach):
    done(change())
assert [(v.name, v.size) for v in client.volumes.get_all()] == [("v", 20)]
volume.delete()

for actions in (firewall.remove_from_resources([selector]), firewall.apply_to_resources([FirewallResource(type="server", server=server)]), firewall.set_rules([web])):
    for action in actions:
        action.wait_until_finished()
assert client.firewalls.get_by_name("fw").applied_to[0].type == "server"

done(server.power_off())
done(server.change_type(ServerType(name="cx33"), upgrade_disk=False))
done(server.rebuild(Image(name="debian-12")))
done(server.change_protection(delete=True, rebuild=True))
refused(server.delete, "protected")
done(server.change_protection(delete=False, rebuild=False))
assert [a.command for a in server.get_actions(sort="id:asc")][:2] == ["create_server", "start_server"]

assert client.server_types.get_by_name("cx23").memory == 4
assert client.locations.get_by_name("hel1").city == "Helsinki"
assert len(client.images.get_all(name="debian-13")) == 2
assert {ip.assignee_id for ip in client.primary_ips.get_all()} == {server.id}
refused(client.datacenters.get_all, "deprecated_api_endpoint")

done(server.delete())
firewall.delete()
key.delete()
for kind in (client.servers, client.primary_ips, client.firewalls, client.ssh_keys, client.volumes, client.isos, client.networks):
    assert kind.get_all() == [], kind
