"""Calls of links with "length": their data goes through the relay, that of others does not."""

from pathlib import Path

import pytest

import wire
from lablib import (LONG, Bulk, Host, kernel_sessions, kernel_tunnels, open_files, routed, wait_for,
                    wait_no_more_files)
from peers import (OUR_LNS_PPP, PASSWORD, USER, XL2TPD_LNS_PPP, L2tpd, Xl2tpd, lac_conf,
                   link_conf, lns_conf, wait_ppp)
from test_lifecycle import ASAN_BUILD

SANITIZED = {"build": Path(ASAN_BUILD), "env": {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=98"}}
BULK = 1 << 30 if LONG else 1 << 20


def with_length(packets: list[wire.Packet], seq: bool = True) -> None:
    """All of them carry Length, and the right one, and numbers one after the other."""
    assert packets
    for p in packets:
        assert p.told == p.length, f"frame {p.number}: Length {p.told} of {p.length} octets"
        assert (p.ns is not None) == seq, f"frame {p.number}: Ns {p.ns}"
    if seq:
        assert [p.ns for p in packets] == [n & 0xFFFF for n in range(len(packets))]


def without_length(packets: list[wire.Packet]) -> None:
    assert packets
    assert {p.told for p in packets} == {None}


def three_links(peer: str, *more: str) -> str:
    """Links a, b and c share a tunnel; a is relayed."""
    links = [link_conf(name, peer, *more, *(["length = yes"] if name == "a" else []))
             for name in "abc"]
    return "\n".join(links) + f"\n[ppp client]\nuser = {USER}\npassword = {PASSWORD}\n"


def by_link(daemon: L2tpd) -> dict[str, dict]:
    return {s["link"]: s for s in daemon.sessions()}


def steer(host: Host, sessions: dict[str, dict]) -> None:
    """All calls lead to the same address: each source takes its own call."""
    host.script("\n".join(
        f"ip route add {OUR_LNS_PPP} dev {s['ifname']} table {100 + n}\n"
        f"ip rule add from {s['local_ip']} table {100 + n}"
        for n, s in enumerate(sessions.values())))


def close_all(net, lac: L2tpd, lns: L2tpd | None) -> None:
    for link in {s["link"] for s in lac.sessions()}:
        closed = lac.ctl("close", link)
        assert closed.rc == 0, closed.err
    if lns:
        lns.wait_idle()
    wait_for(lambda: not net.lac.calls_left() and not net.lns.calls_left(), what="both hosts idle")


def test_beside_kernel_sessions(net):
    """One tunnel, one relayed call and one of the kernel, both busy; their packets on the wire."""
    capture = wire.Capture(net.lac)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "length = yes"))
    lac = L2tpd(net.lac, three_links(net.lns.addr))
    lac.open_many(["a", "b"])
    mine = by_link(lac)
    assert mine["a"]["tunnel"] == mine["b"]["tunnel"]
    assert [(s["datapath"], s["length"]) for s in (mine["a"], mine["b"])] == [
        ("relay", True), ("kernel", False)]
    assert {(s["datapath"], s["length"]) for s in lns.sessions()} == {("relay", True)}
    # 20 IP, 8 UDP, 6 L2TP, 4 PPP, 4 Ns and Nr, 2 Length; b's is what the peer's end can take
    assert (mine["a"]["mtu"], mine["b"]["mtu"]) == (1456, 1456)
    # the tunnel is the kernel's still, with the other call in it
    in_tunnel = [s for s in kernel_sessions(net.lac) if s["tunnel_id"] == mine["a"]["tunnel"]]
    assert [s["session_id"] for s in in_tunnel] == [mine["b"]["id"]]
    steer(net.lac, mine)
    net.lac.ping(OUR_LNS_PPP, 2, "-I", mine["a"]["local_ip"], "-M", "do", "-s", "1428")

    size = 1 << 20
    bulk = [Bulk(net.lac, mine["a"]["local_ip"], net.lns, OUR_LNS_PPP, size),
            Bulk(net.lns, OUR_LNS_PPP, net.lac, mine["b"]["local_ip"], size)]
    for session in mine.values():
        net.lac.ping(OUR_LNS_PPP, 2, "-I", session["local_ip"])
    for each in bulk:
        each.finish()
    now = by_link(lac)
    for name, key in (("a", "tx_bytes"), ("b", "rx_bytes")):
        assert now[name][key] >= size, now[name]
    assert now["a"]["rx_packets"] > 0 and now["a"]["errors"] == 0
    far = {s["peer_id"]: s for s in lns.sessions()}
    assert far[now["a"]["id"]]["rx_bytes"] >= size
    close_all(net, lac, lns)
    assert lac.stop() == 0 and lns.stop() == 0

    pcap = capture.stop()
    ours, theirs = (wire.data(pcap, host.addr) for host in (net.lac, net.lns))
    with_length([p for p in ours if p.sid == mine["a"]["peer_id"]])
    without_length([p for p in ours if p.sid == mine["b"]["peer_id"]])
    for session in mine.values():
        with_length([p for p in theirs if p.sid == session["id"]])
    # the largest packet just fits, so nothing was fragmented
    assert max(p.length for p in ours + theirs) == 1472
    wire.tshark_check(pcap, net.lac.addr, net.lns.addr)
    assert not wire.lost_ppp(pcap)


@pytest.mark.kernel("6.1")
def test_to_xl2tpd(net):
    capture = wire.Capture(net.lac)
    Xl2tpd(net.lns, "lns")
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "length = yes"))
    lac.open("office")
    net.lac.ping(XL2TPD_LNS_PPP)
    session = lac.session()
    assert (session["datapath"], session["length"]) == ("relay", True)
    close_all(net, lac, None)
    assert lac.stop() == 0
    pcap = capture.stop()
    # as LAC we number if the LNS does, which is the kernel that xl2tpd uses
    with_length(wire.data(pcap, net.lac.addr), session["send_seq"])
    wire.tshark_check(pcap, net.lac.addr)
    assert not [text for text in wire.lost_ppp(pcap) if f"from {net.lns.addr}" in text]


@pytest.mark.kernel("6.12")
def test_from_xl2tpd(net):
    capture = wire.Capture(net.lns)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "length = yes", "dataseq = no"))
    peer = Xl2tpd(net.lac, "lac", peer=net.lns.addr)
    peer.dial()
    wait_ppp(net.lac, remote=OUR_LNS_PPP)
    net.lac.ping(OUR_LNS_PPP)
    session = lns.session()
    assert (session["datapath"], session["length"], session["errors"]) == ("relay", True, 0)
    peer.hang_up()
    lns.wait_idle()
    wait_for(lambda: not net.lns.calls_left() and not net.lac.calls_left(), what="both hosts idle")
    assert lns.stop() == 0
    pcap = capture.stop()
    with_length(wire.data(pcap, net.lns.addr), seq=False)
    wire.tshark_check(pcap, net.lns.addr)
    # the relay is ready before the peer may talk, so its first LCP packet is answered
    assert not [text for text in wire.lost_ppp(pcap) if f"from {net.lac.addr}" in text]


@pytest.mark.kernel("6.1")
@pytest.mark.timeout(2400)
def test_reordering_and_bulk(make_net):
    """Three calls of one tunnel on a line that swaps packets: all of them work, bulk comes through."""
    net = make_net(routed, netem="delay 20ms reorder 2%")
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "length = yes"))
    lac = L2tpd(net.lac, three_links(net.lns.addr))
    lac.open_many(["a", "b", "c"])
    mine = by_link(lac)
    assert len({s["tunnel"] for s in mine.values()}) == 1
    assert [mine[link]["datapath"] for link in "abc"] == ["relay", "kernel", "kernel"]
    steer(net.lac, mine)
    bulk = Bulk(net.lac, mine["a"]["local_ip"], net.lns, OUR_LNS_PPP, BULK)
    for link in "bc":
        net.lac.run("ping", "-n", "-c", "5", "-i", "0.2", "-W", "5", "-I", mine[link]["local_ip"],
                    OUR_LNS_PPP)
    bulk.finish(1800)

    def swapped() -> bool:
        """A packet overtakes only those that wait: how often depends on the machine."""
        far = {s["peer_id"]: s for s in lns.sessions()}[mine["a"]["id"]]
        if far["rx_oos_packets"] > 0 and far["rx_seq_discards"] > 0:
            return True
        Bulk(net.lac, mine["a"]["local_ip"], net.lns, OUR_LNS_PPP, 1 << 18).finish()
        return False
    wait_for(swapped, 600, "packets of the relayed call were swapped")
    close_all(net, lac, lns)


@pytest.mark.long
@pytest.mark.kernel("6.12")
def test_leaks_nothing(net):
    """Calls of both kinds come and go; a change of the configuration counts for the next call.

    With a build with sanitizers at hand, in that: lab run --asan-build DIR.
    """
    conf = lac_conf(net.lns.addr, "length = yes", "linger = 1")
    how = SANITIZED if ASAN_BUILD else {}
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "length = yes"), **how)
    lac = L2tpd(net.lac, conf, **how)

    def no_tunnels() -> bool:
        return not any(kernel_tunnels(host) for host in (net.lac, net.lns))

    def call() -> str:
        lac.open("office")
        net.lac.ping(OUR_LNS_PPP, 1)
        datapath = lac.session()["datapath"]
        assert lac.ctl("close", "office").rc == 0
        lns.wait_idle()
        wait_for(no_tunnels, what="no kernel tunnel is left, the relay's neither")
        return datapath

    call()      # the relay's thread is made once
    before = [open_files(d.pid) for d in (lac, lns)]
    assert call() == "relay"
    net.lac.write(lac.conf, net.lac.path(lac.conf).read_text().replace("length = yes",
                                                                      "length = no"))
    assert lac.ctl("reload").rc == 0
    assert call() == "kernel"
    wait_no_more_files([lac, lns], before)


def test_restart_after_kill_and_ipv6(net):
    """kill -9 takes the loopback tunnels along; the next start works, this time over IPv6."""
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "length = yes"))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "length = yes"))
    lac.open("office")
    assert len(kernel_tunnels(net.lac)) == 2
    lns.kill()
    lac.kill()
    wait_for(lambda: not [left for h in (net.lac, net.lns) for left in h.calls_left()
                          if ": route " not in left], what="both hosts idle")
    wait_for(lambda: not kernel_tunnels(net.lac) and not kernel_tunnels(net.lns),
             what="no kernel tunnel is left")
    capture = wire.Capture(net.lac)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr6), name="l2tpd-again")
    lac = L2tpd(net.lac, lac_conf(net.lns.addr6, "length = yes"), name="l2tpd-again")
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP, 2, "-M", "do", "-s", "1408")
    # an IPv6 header is 20 octets longer
    assert (lac.session()["datapath"], lac.session()["mtu"]) == ("relay", 1436)
    assert lns.session()["datapath"] == "kernel"
    # SIGTERM during the call ends it in order
    assert lac.stop() == 0 and lns.stop() == 0
    pcap = capture.stop()
    with_length(wire.data(pcap, net.lac.addr6))
    without_length(wire.data(pcap, net.lns.addr6))
    wire.tshark_check(pcap, net.lac.addr6, net.lns.addr6)
