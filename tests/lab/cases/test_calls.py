"""Calls that must work: our daemon with itself and with xl2tpd, in both roles."""

import re

import pytest

import wire
from lablib import Bulk, kernel_sessions, kernel_tunnels, routed, wait_for, wakeups
from peers import (OUR_LNS_PPP, USER, XL2TPD_LNS_PPP, L2tpd, Xl2tpd, lac_conf, lns_conf,
                   ppp_address, wait_ppp)

WAKEUPS_OF_TIMERS = 40
OPTIONAL = (str, type(None))
SESSION_FIELDS = {
    "id": int, "peer_id": int, "tunnel": int, "link": str, "role": str, "call": str, "state": str,
    "datapath": str, "ifname": str, "local_ip": str, "peer_ip": str, "user": OPTIONAL,
    "calling": OPTIONAL, "called": OPTIONAL, "send_seq": bool, "recv_seq": bool,
    "lns_mode": bool, "length": bool,
    "rx_packets": int, "rx_bytes": int, "tx_packets": int, "tx_bytes": int, "errors": int,
    "uptime_s": (int, float)}
TUNNEL_FIELDS = {
    "id": int, "peer_id": int, "local": str, "peer": str, "state": str, "link": str,
    "hostname": str, "peer_hostname": str, "peer_vendor": OPTIONAL, "authenticated": bool,
    "sessions": int, "rtt_ms": (int, float, type(None)), "retransmits": int,
    "uptime_s": (int, float)}


def check_fields(entry: dict, fields: dict) -> None:
    missing = sorted(set(fields) - set(entry))
    assert not missing, f"not in {sorted(entry)}: {missing}"
    wrong = [f"{name} = {entry[name]!r}" for name, kind in fields.items()
             if not isinstance(entry[name], kind)
             or (isinstance(entry[name], bool) and kind is not bool)]
    assert not wrong, f"wrong types: {wrong}"


def check_wire(pcap, *ours: str) -> None:
    """The wire is the judge: nothing of ours wrong, no PPP frame lost, nothing said twice."""
    wire.tshark_check(pcap, *ours)
    assert not wire.lost_ppp(pcap)
    assert not wire.needless_control(pcap)


def check_numbers(pcap, *senders: str) -> None:
    """dataseq: LCP, CHAP, IPCP and IP of a sender are one row of numbers (RFC 2661 5.4)."""
    for sender in senders:
        data = [p for p in wire.packets(pcap) if not p.control and p.src == sender]
        assert all(p.flags & wire.FLAG_S for p in data)
        assert len(data) > 10 and [p.ns for p in data] == list(range(len(data)))


def close_and_check(net, lac: L2tpd, *, lns: L2tpd | None = None, link: str = "office") -> None:
    """A close is complete when l2tpctl returns on our side, and soon after on the other."""
    closed = lac.ctl("close", link)
    assert closed.rc == 0, closed.err
    lac.wait_idle()
    if lns:
        lns.wait_idle()
    wait_for(lambda: not net.lac.calls_left() and not net.lns.calls_left(), what="both hosts idle")


@pytest.mark.parametrize("auth", ["chap-md5", "mschapv2", "pap"])
def test_ours_to_ours(net, auth):
    """One call from end to end: fields, kernel objects, ping, orderly end, a clean wire."""
    capture = wire.Capture(net.lac)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "dataseq = yes", require=auth))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "dataseq = yes", ppp=(f"auth = {auth}",)))
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP)

    mine, theirs = lac.session(), lns.session()
    for session in (mine, theirs):
        check_fields(session, SESSION_FIELDS)
        assert session["call"] == "incoming"
        assert session["datapath"] == "kernel"
        assert session["rx_packets"] > 0 and session["tx_packets"] > 0
    assert (mine["role"], theirs["role"]) == ("lac", "lns")
    assert (mine["link"], theirs["link"]) == ("office", "lns")
    assert (mine["id"], mine["peer_id"]) == (theirs["peer_id"], theirs["id"])
    assert theirs["user"] == USER
    assert mine["peer_ip"] == theirs["local_ip"] == OUR_LNS_PPP
    assert mine["local_ip"] == theirs["peer_ip"]
    assert re.fullmatch(r"10\.99\.0\.[1-9][0-9]", mine["local_ip"])
    assert ppp_address(net.lac, remote=OUR_LNS_PPP)["ifname"] == mine["ifname"]
    assert ppp_address(net.lns, local=OUR_LNS_PPP)["ifname"] == theirs["ifname"]

    (tunnel,), (far,) = lac.tunnels(), lns.tunnels()
    for entry in (tunnel, far):
        check_fields(entry, TUNNEL_FIELDS)
        assert entry["state"] == "established"
        assert entry["authenticated"] is True
        assert entry["sessions"] == 1
    assert (tunnel["id"], tunnel["peer_id"]) == (far["peer_id"], far["id"])
    assert tunnel["peer"] == far["local"] == f"{net.lns.addr}:1701"
    assert tunnel["local"] == far["peer"]

    # l2tpctl passes on what the daemon says
    for what, objects in (("sessions", lac.sessions()), ("tunnels", lac.tunnels())):
        shown = lac.json("show", what)
        assert [(e["id"], sorted(e)) for e in shown] == [(e["id"], sorted(e)) for e in objects]

    for host, entry, session in ((net.lac, tunnel, mine), (net.lns, far, theirs)):
        assert [(t["tunnel_id"], t["peer_tunnel"]) for t in kernel_tunnels(host)] == [
            (entry["id"], entry["peer_id"])]
        assert [(s["session_id"], s["peer_session_id"]) for s in kernel_sessions(host)] == [
            (session["id"], session["peer_id"])]
        assert 0 < entry["id"] < 65536 and 0 < session["id"] < 65536

    close_and_check(net, lac, lns=lns)
    assert lac.stop() == 0 and lns.stop() == 0
    pcap = capture.stop()
    check_wire(pcap, net.lac.addr, net.lns.addr)
    check_numbers(pcap, net.lac.addr, net.lns.addr)
    seen = wire.messages(pcap)
    assert seen[:6] == ["SCCRQ", "SCCRP", "SCCCN", "ICRQ", "ICRP", "ICCN"]
    ends = [p for p in wire.control(pcap) if p.message in ("CDN", "StopCCN")]
    assert ends and ends[0].src == net.lac.addr
    assert all(p.result() is not None for p in ends)


def test_kernel_carries_the_data(net):
    """Bulk data grows the kernel's counters and wakes no daemon."""
    size = 8 << 20
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    lac.open("office")
    before = lac.session()
    woken = [wakeups(d.pid) for d in (lac, lns)]
    Bulk(net.lac, before["local_ip"], net.lns, OUR_LNS_PPP, size).finish()
    woken = [wakeups(d.pid) - n for d, n in zip((lac, lns), woken)]

    def counted():
        now, far = lac.session(), lns.session()
        return (now["tx_bytes"] - before["tx_bytes"] >= size and far["rx_bytes"] >= size
                and now["tx_packets"] - before["tx_packets"] >= size // 1500)
    wait_for(counted, what="the counters have grown by what was sent")
    interface = net.lac.links()[lac.session()["ifname"]]["stats64"]
    assert interface["tx"]["bytes"] >= size
    # Of 5600 packets each would wake it, or every few together. A timer or two may.
    assert all(n < WAKEUPS_OF_TIMERS for n in woken), woken


def test_our_lac_to_xl2tpd(net):
    capture = wire.Capture(net.lac)
    Xl2tpd(net.lns, "lns")
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    lac.open("office")
    net.lac.ping(XL2TPD_LNS_PPP)
    session = lac.session()
    assert session["peer_ip"] == XL2TPD_LNS_PPP
    assert session["local_ip"].startswith("10.98.0.")
    (tunnel,) = lac.tunnels()
    assert tunnel["peer_hostname"] == "xlns"
    assert "xelerance" in tunnel["peer_vendor"]
    close_and_check(net, lac)
    assert lac.stop() == 0
    pcap = capture.stop()
    wire.tshark_check(pcap, net.lac.addr)
    # what we send before xl2tpd is ready is lost: only its own requests are judged
    lost = [text for text in wire.lost_ppp(pcap) if f"from {net.lns.addr}" in text]
    assert not lost


def test_xl2tpd_to_our_lns(net):
    capture = wire.Capture(net.lns)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    peer = Xl2tpd(net.lac, "lac", peer=net.lns.addr)
    peer.dial()
    wait_ppp(net.lac, remote=OUR_LNS_PPP)
    net.lac.ping(OUR_LNS_PPP)
    session = lns.session()
    assert (session["role"], session["user"], session["local_ip"]) == ("lns", USER, OUR_LNS_PPP)
    peer.hang_up()
    lns.wait_idle()
    wait_for(lambda: not net.lns.calls_left() and not net.lac.calls_left(), what="both hosts idle")
    last = lns.link("lns")["last_down"]
    assert last["who"], last
    assert lns.stop() == 0
    pcap = capture.stop()
    wire.tshark_check(pcap, net.lns.addr)
    # our session is ready before the peer may talk, so its first LCP packet is answered
    lost = [text for text in wire.lost_ppp(pcap) if f"from {net.lac.addr}" in text]
    assert not lost


def test_ipv6_transport(net):
    capture = wire.Capture(net.lac)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr6))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr6))
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP)
    (tunnel,) = lac.tunnels()
    assert tunnel["peer"] == f"[{net.lns.addr6}]:1701"
    close_and_check(net, lac, lns=lns)
    assert lac.stop() == 0 and lns.stop() == 0
    check_wire(capture.stop(), net.lac.addr6, net.lns.addr6)


def test_behind_nat_on_a_bad_line(make_net):
    """Loss and delay are what retransmission is for; the LNS sees the router's address."""
    net = make_net(routed, nat=True, netem="delay 40ms 20ms loss 5%")
    # PAP: pppd's client of CHAP is stuck when the one Success is lost
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, require="pap"))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, ppp=("auth = pap",)))
    lac.open("office")
    # a lost Configure-Ack makes pppd take IPCP down once more, for a restart timer of 3 s
    wait_for(lambda: net.lac.run("ping", "-n", "-c", "5", "-i", "0.2", "-W", "5", OUR_LNS_PPP,
                                 check=False).returncode == 0, 90, "an answer to ping")
    (far,) = lns.tunnels()
    assert far["peer"].startswith("198.51.100.254:")
    close_and_check(net, lac, lns=lns)


def test_default_route(routed_net):
    """defaultroute = yes: all traffic but the tunnel's own takes the call, and it is undone."""
    net = routed_net
    outside = "via 192.0.2.254 dev eth0"
    assert outside in net.lac.run("ip", "route", "get", net.lns.addr).stdout
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, ppp=("defaultroute = yes",)))
    lac.open("office")
    ifname = lac.session()["ifname"]
    assert f"dev {ifname}" in net.lac.run("ip", "route", "get", "203.0.113.1").stdout
    assert outside in net.lac.run("ip", "route", "get", net.lns.addr).stdout
    net.lac.ping(OUR_LNS_PPP)
    close_and_check(net, lac, lns=lns)
    assert outside in net.lac.run("ip", "route", "get", "203.0.113.1").stdout
    # that every old route is back and every new one gone is checked for each case at its end


def test_peer_address_inside_and_outside(routed_net):
    """An LNS that uses its public address inside the tunnel too must not swallow the tunnel."""
    net = routed_net
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, address=net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    lac.open("office")
    session = lac.session()
    assert session["peer_ip"] == net.lns.addr
    assert "dev eth0" in net.lac.run("ip", "route", "get", net.lns.addr).stdout
    # a far network through the call
    net.lns.run("ip", "addr", "add", "10.55.0.1/32", "dev", "lo")
    net.lac.run("ip", "route", "add", "10.55.0.1/32", "dev", session["ifname"])
    net.lac.ping("10.55.0.1", 5)
    after = lac.session()
    # a tunnel inside itself sends without end
    assert after["tx_packets"] - session["tx_packets"] < 100, (session, after)
    net.lns.run("ip", "addr", "del", "10.55.0.1/32", "dev", "lo")
    close_and_check(net, lac, lns=lns)


def test_two_calls_and_redial(net):
    """A link can be opened again after a close, and two links reach the same LNS at once."""
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    conf = lac_conf(net.lns.addr) + lac_conf(net.lns.addr, name="second").split("[ppp client]")[0]
    lac = L2tpd(net.lac, conf)
    for _ in range(2):
        lac.open("office")
        lac.open("second")
        assert sorted(s["link"] for s in lac.sessions()) == ["office", "second"]
        assert len({s["peer_ip"] for s in lns.sessions()}) == 2, "the pool gave one address twice"
        for link in ("office", "second"):
            assert lac.ctl("close", link).rc == 0
        lns.wait_idle()


def test_monitor_tells_the_story(net):
    """monitor --json: one object a line, from the opening to the reason of the end."""
    L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    monitor = lac.monitor()
    lac.open("office")
    session = lac.session()
    lac.ctl("close", "office")
    down = wait_for(lambda: [e for e in monitor.events if e.get("session") == session["id"]
                             and "result" in e], what="an event with the reason of the end")[-1]
    assert all("time" in e and "event" in e for e in monitor.events)
    assert down["link"] == "office"
    assert {"who", "result", "error", "text", "ppp_exit"} <= set(down)
