"""A complete LAC: PPPoE callers and calls of other tunnels, forwarded to LNSs in the kernel."""

import json

import pytest

import wire
from lablib import Bulk, Host, Net, Process, kernel_sessions, wait_for
from peers import (OUR_LNS_PPP, PASSWORD, SECRET, USER, XL2TPD_LNS_PPP, L2tpd, Xl2tpd, lns_conf,
                   ppp_address, wait_ppp)

CPU_TICKS = 5   # of 10 ms, while megabytes go through


def access(net: Net) -> Net:
    """A client on an Ethernet with the LAC, which reaches the LNS by another."""
    for name in ("client", "lac", "lns"):
        net.host(name)
    net.join(net.client, "eth0", [], net.lac, "eth1", [])
    net.join(net.lac, "eth0", ["192.0.2.1/24"], net.lns, "eth0", ["192.0.2.2/24"])
    return net.ready()


def lac_conf(*forward: str, links: tuple[str, ...] = ("192.0.2.2",), more: str = "") -> str:
    text = ["[pppoe access]", "interface = eth1", "ac-name = lab"]
    for number, peer in enumerate(links, 1):
        text += [f"[link lns{number}]", f"peer = {peer}", "originate = yes", f"secret = {SECRET}"]
    text += ["[forward f]", "from = pppoe:access",
             "to = " + " ".join(f"link:lns{n}" for n in range(1, len(links) + 1)), *forward]
    return "\n".join(text) + "\n" + more


class Pppoe(Process):
    """A PPPoE client: pppd with rp-pppoe.so."""

    def __init__(self, host: Host, *more: str, user: str = USER, password: str = PASSWORD,
                 name: str = "pppoe", service: str = ""):
        options = ["plugin rp-pppoe.so", "nic-eth0", f'user "{user}"', f'password "{password}"',
                   "noauth", "nodetach", "noipdefault", "nodefaultroute", "noccp", "debug",
                   "logfd 2", "lcp-echo-interval 30", "ipcp-accept-remote", "mtu 1492", "mru 1492",
                   *more]
        if service:
            options.append(f"rp_pppoe_service {service}")
        host.write(f"/etc/ppp/{name}-options", "\n".join(options) + "\n")
        super().__init__(host, name, ["pppd", "file", f"/etc/ppp/{name}-options"])


def cpu_ticks(pid: int) -> int:
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def end_client(client: Pppoe) -> None:
    client.stop()


def test_pppoe_to_ours(make_net):
    """Login end to end, IPv4 and IPv6, bulk data without the daemon, an orderly end."""
    net = make_net(access)
    capture = wire.Capture(net.lns)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, ppp=("ipv6 = yes",)))
    lac = L2tpd(net.lac, lac_conf())
    client = Pppoe(net.client, "+ipv6")
    ppp = wait_ppp(net.client, remote=OUR_LNS_PPP)
    net.client.ping(OUR_LNS_PPP)
    session = lac.session()
    assert session["datapath"] == "bridge"
    assert session["calling"] == net.client.links()["eth0"]["address"].replace(":", "")
    assert lns.session()["user"] == USER
    assert not net.lac.pppds()
    before = cpu_ticks(lac.pid)
    Bulk(net.client, ppp["local"], net.lns, OUR_LNS_PPP, 8 << 20).finish()
    assert cpu_ticks(lac.pid) - before <= CPU_TICKS
    end_client(client)
    lac.wait_idle()
    lns.wait_idle()
    assert lac.stop() == 0 and lns.stop() == 0
    pcap = capture.stop()
    wire.tshark_check(pcap, net.lac.addr, net.lns.addr)
    assert not wire.lost_ppp(pcap)
