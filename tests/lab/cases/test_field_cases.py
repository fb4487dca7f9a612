"""What people run into in the field (tests/README.md, "Reports from the field"), with real kernels."""

import socket
import time

import pytest

import wire
from lablib import KERNEL, Timeout, wait_for
from peers import OUR_LNS_PPP, L2tpd, lac_conf, link_conf, lns_conf
from rawpeer import RawPeer, u16, u32

PATIENT = ("option = lcp-max-configure 200",)       # as in test_raw.py
CALLS = 20
SILENT = """
table inet lab {
	chain input {
		type filter hook input priority 0
		ip daddr %s drop
	}
}
"""


def answers(host, addr: str) -> bool:
    return host.run("ping", "-n", "-c", "1", "-W", "2", addr, check=False).returncode == 0


def wait_traffic(host, addr: str, what: str) -> None:
    wait_for(lambda: answers(host, addr), 150, what)


def test_name_with_many_addresses(net):
    """A dead AAAA and three A records, silent, refusing (2/4) and good: one open connects."""
    silent, refusing, good = "192.0.2.20", "192.0.2.21", "192.0.2.22"
    net.lns.script("".join(f"ip addr add {a}/24 dev eth0\n" for a in (silent, refusing, good)))
    net.lns.remember()
    net.lns.run("nft", "-f", "-", text_in=SILENT % silent)
    hosts = net.lac.path("/etc/hosts").read_text()
    net.lac.write("/etc/hosts", hosts + "".join(f"{a} office.example\n" for a in (
        "2001:db8::dead", silent, refusing, good)), 0o644)
    # one that cannot start pppd refuses tunnels for want of resources
    refuses = L2tpd(net.lns, lns_conf(refusing), name="refusing", control="/run/l2tpd/refusing",
                    daemon={"pppd": "/nonexistent/pppd"})
    L2tpd(net.lns, lns_conf(good))
    lac = L2tpd(net.lac, lac_conf("office.example", "retransmits = 1"))
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP)
    assert lac.tunnels()[0]["peer"].startswith(good)
    assert refuses.running()


def test_router_is_replaced(routed_net):
    """Another router on the same interface: traffic comes back, and the call was never down."""
    net = routed_net
    L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP)
    before = lac.session()["id"]
    # without it an interface's first address takes its others with it
    net.router.script("echo 1 >/proc/sys/net/ipv4/conf/eth0/promote_secondaries")
    net.router.script("ip addr add 192.0.2.253/24 dev eth0\nip addr del 192.0.2.254/24 dev eth0")
    net.lac.script("ip route replace default via 192.0.2.253 dev eth0\nip neigh flush dev eth0")
    wait_traffic(net.lac, OUR_LNS_PPP, "traffic by way of the new router")
    assert lac.session()["id"] == before
    lac.ctl("close", "office")
    lac.wait_idle()
    net.router.script("ip addr add 192.0.2.254/24 dev eth0\nip addr del 192.0.2.253/24 dev eth0")
    net.lac.script("ip route replace default via 192.0.2.254 dev eth0")


@pytest.mark.long
def test_server_is_renumbered(net):
    """DHCP gives an LNS with 20 calls another address: new calls go there at once, the old end."""
    new = "192.0.2.77"
    lns = L2tpd(net.lns, lns_conf("eth0"))
    names = [f"c{i}" for i in range(CALLS)]
    links = "".join(link_conf(n, net.lns.addr, "hello = 5", "retransmits = 2") for n in names)
    lac = L2tpd(net.lac, links + lac_conf(new))
    lac.open_many(names)
    assert len(lns.sessions()) == CALLS
    net.lns.script(f"ip addr del {net.lns.addr}/24 dev eth0\nip addr add {new}/24 dev eth0")
    lac.open("office")
    # the other ends of the old calls do not know it yet, and have the same address
    ifname = next(s["ifname"] for s in lac.sessions() if s["link"] == "office")
    net.lac.ping(OUR_LNS_PPP, 3, "-I", ifname)
    wait_for(lambda: len(lns.sessions()) == 1, what="the calls of the old address are over")
    assert f"does not have the address {net.lns.addr} any more" in lns.log()
    wait_for(lambda: len(lac.sessions()) == 1, 180, "their other ends, too")
    assert all(lac.link(n)["last_down"]["text"] for n in names)
    lac.ctl("close", "office")
    lac.wait_idle()
    assert lac.stop() == 0 and lns.stop() == 0
    net.lns.script(f"ip addr del {new}/24 dev eth0\nip addr add {net.lns.addr}/24 dev eth0")


def request_until_answered(peer: RawPeer, addr: str) -> wire.Packet:
    """SCCRQ, and the same again as RFC 2661 5.8 has it, until SCCRP or StopCCN comes. What else
    comes is of a tunnel that this device does not know: no answer."""
    peer.peer = (addr, 1701)
    sock = peer.socks[-1]
    for _ in range(60):
        peer.ns = 0
        peer.introduce("SCCRQ")
        sock.settimeout(1)
        end = time.monotonic() + 1
        while time.monotonic() < end:
            try:
                packet = wire.parse(sock.recvfrom(65535)[0])
            except socket.timeout:
                break
            if packet.control and packet.message in ("SCCRP", "StopCCN"):
                peer.nr = 1
                peer.peer_tid = peer._assigned(packet, 9)
                return packet
    raise Timeout("no answer to SCCRQ")


def request_beside(other: RawPeer, living: RawPeer, addr: str) -> wire.Packet:
    """The same from the port of a tunnel that lives, and answers Hello meanwhile."""
    other.peer = (addr, 1701)
    sock = living.socks[-1]
    for _ in range(60):
        other.ns = 0
        other.introduce("SCCRQ")
        sock.settimeout(1)
        end = time.monotonic() + 1
        while time.monotonic() < end:
            try:
                packet = wire.parse(sock.recvfrom(65535)[0])
            except socket.timeout:
                break
            if packet.control and packet.tid == other.TID:
                return packet
            if packet.control and packet.message == "HELLO":
                living.nr = packet.ns + 1
                living._send_control(b"")
    raise Timeout("no answer to SCCRQ")


def place_call(peer: RawPeer) -> None:
    peer.send("SCCCN")
    peer.send("ICRQ", u16(14, peer.SID), u32(15, 1))
    peer.expect("ICRP")
    peer.send("ICCN", u32(24, 1000000), u32(19, 1), sid=peer.peer_sid)
    peer.expect_ppp(1)


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_device_reboots(net, family):
    """The same SCCRQ again, with port and ids as before: the old tunnel makes room for the new.

    And another tunnel from the port of one that lives: both carry data, or the second is refused,
    where the kernel cannot tell their data apart.
    """
    ours, addr = (net.lns.addr, net.lac.addr) if family == "ipv4" else (net.lns.addr6, net.lac.addr6)
    lns = L2tpd(net.lns, lns_conf(ours, "dataseq = no", secret="", ppp=PATIENT))
    device = RawPeer(net.lac, addr=addr)
    request_until_answered(device, ours)
    place_call(device)
    device.finish()
    again = RawPeer(net.lac, addr=addr)
    assert request_until_answered(again, ours).message == "SCCRP"
    place_call(again)
    wait_for(lambda: len(lns.sessions()) == 1, what="the call of before is over")

    other = RawPeer(net.lac, sock=again.socks[-1])
    other.TID = 1234
    first = request_beside(other, again, ours)
    if KERNEL == "6.1":
        assert first.message == "StopCCN" and first.result()[:2] == (2, 4), first.result()
        assert "another tunnel from" in lns.log()
    else:
        assert first.message == "SCCRP"
    again.ask(1)
    again.stop()
    lns.wait_idle()
    wait_for(lambda: not net.lns.calls_left(), what="nothing is left of the calls")


@pytest.mark.long
def test_peer_is_killed_and_restarted(net):
    """With defaults, and traffic: the call is there again without anybody's doing."""
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "autostart = yes"))
    wait_traffic(net.lac, OUR_LNS_PPP, "traffic")
    lns.kill()
    again = L2tpd(net.lns, lns_conf(net.lns.addr))
    wait_for(lambda: answers(net.lac, OUR_LNS_PPP) and again.sessions(), 180, "traffic again")
    assert lac.link("office")["last_down"]["text"]
