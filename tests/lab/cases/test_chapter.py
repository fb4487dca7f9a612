"""Commands and options of the mpd chapter: each as it shows on the wire and in the kernel."""

import pytest

import wire
from lablib import kernel_sessions, wait_for
from peers import (OUR_LNS_PPP, PASSWORD, USER, L2tpd, Xl2tpd, lac_conf, link_conf, lns_conf,
                   wait_ppp)
from test_calls import check_wire, close_and_check

CALLED, CALLING = 21, 22
# RFC 2661 4.3, 4.4: what an SCCRQ of ours has that may be hidden
HIDEABLE_IN_SCCRQ = {3, 4, 6, 8, 9, 11}
CLIENT = f"\n[ppp client]\nuser = {USER}\npassword = {PASSWORD}\n"


def test_outcall_and_numbers(net):
    """outcall, callednum, callingnum: the LNS places the call, the LAC answers it."""
    capture = wire.Capture(net.lac)
    # the one who has the addresses and the users dials
    lns = L2tpd(net.lns, lns_conf(net.lns.addr).replace("[link lns]", "[link out]").replace(
        "incoming = yes", "originate = yes\noutcall = yes\ncallednum = 5551212\n"
        f"callingnum = 5550000\npeer = {net.lac.addr}"))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr).replace("originate = yes", "incoming = yes"))
    lns.open("out")
    net.lac.ping(OUR_LNS_PPP)
    mine, theirs = lac.session(), lns.session()
    assert (mine["role"], theirs["role"]) == ("lac", "lns")
    assert mine["call"] == theirs["call"] == "outgoing"
    assert (mine["link"], theirs["link"]) == ("office", "out")
    assert theirs["user"] == USER
    # RFC 2661 6.9: an OCRQ tells the number to dial
    assert mine["called"] == theirs["called"] == "5551212"
    # LNS mode as in an incoming call: with dataseq the kernel follows, see call_create()
    assert all(s["session_id"] for s in kernel_sessions(net.lns) + kernel_sessions(net.lac))
    closed = lns.ctl("close", "out")
    assert closed.rc == 0, closed.err
    lac.wait_idle()
    assert lac.stop() == 0 and lns.stop() == 0
    pcap = capture.stop()
    check_wire(pcap, net.lac.addr, net.lns.addr)
    seen = wire.messages(pcap)
    assert seen[:6] == ["SCCRQ", "SCCRP", "SCCCN", "OCRQ", "OCRP", "OCCN"]
    (request,) = [p for p in wire.control(pcap) if p.message == "OCRQ"]
    assert request.src == net.lns.addr and request.avp(CALLED) == b"5551212"


def test_numbers_of_an_incoming_call(net):
    """callingnum and callednum reach the LNS, its users and pppd's scripts."""
    capture = wire.Capture(net.lac)
    seen = "/run/lab-numbers"
    net.lns.write("/etc/ppp/ip-up", "#!/bin/sh\n"
                  'echo "$CALLING_NUMBER|$CALLED_NUMBER|$L2TP_LINK|$L2TP_PEER" > ' + seen + "\n", 0o755)
    net.lns.written.add(seen)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "callingnum = +49 551 1", "callednum = 0800 2"))
    lac.open("office")
    wait_for(lambda: net.lns.path(seen).read_text() == f"+49 551 1|0800 2|lns|{net.lac.addr}\n",
             what="ip-up has seen the numbers")
    for side in (lac.session(), lns.session()):
        assert (side["calling"], side["called"]) == ("+49 551 1", "0800 2")
    close_and_check(net, lac, lns=lns)
    (request,) = [p for p in wire.control(capture.stop()) if p.message == "ICRQ"]
    assert (request.avp(CALLING), request.avp(CALLED)) == (b"+49 551 1", b"0800 2")


@pytest.mark.kernel("6.12")
def test_hidden(net):
    """hidden: everything that can be hidden is, in every message; the call is as any other."""
    capture = wire.Capture(net.lac)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "hidden = yes", "callednum = 0800 2"))
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP)
    assert lns.session()["called"] == "0800 2"
    close_and_check(net, lac, lns=lns)
    pcap = capture.stop()
    mine = {p.message: p for p in wire.control(pcap) if p.src == net.lac.addr}
    assert mine["SCCRQ"].hidden == HIDEABLE_IN_SCCRQ
    assert {9} < mine["SCCRQ"].hidden and 14 in mine["ICRQ"].hidden and 21 in mine["ICRQ"].hidden
    assert 24 in mine["ICCN"].hidden
    theirs = [p for p in wire.control(pcap) if p.src == net.lns.addr]
    assert not any(p.hidden for p in theirs), "the LNS was not told to hide"
    assert b"0800 2" not in pcap.read_bytes()


@pytest.mark.kernel("6.1")
def test_server_with_three_addresses(net):
    """Each client is answered from the address it called, and from its port."""
    capture = wire.Capture(net.lac)
    addrs = [net.lns.addr, "192.0.2.10", "192.0.2.11"]
    for addr in addrs[1:]:
        net.lns.run("ip", "addr", "add", f"{addr}/24", "dev", "eth0")
    lns = L2tpd(net.lns, lns_conf(net.lns.addr).replace(f"self = {net.lns.addr}\n", ""))
    lac = L2tpd(net.lac, "".join(link_conf(f"to{i}", addr) for i, addr in enumerate(addrs)) + CLIENT)
    for i, _ in enumerate(addrs):
        lac.open(f"to{i}")
    assert sorted(t["local"] for t in lns.tunnels()) == sorted(f"{a}:1701" for a in addrs)
    net.lac.ping(OUR_LNS_PPP)
    for i, _ in enumerate(addrs):
        assert lac.ctl("close", f"to{i}").rc == 0
    lns.wait_idle()
    assert lac.stop() == 0 and lns.stop() == 0
    pcap = capture.stop()
    wire.tshark_check(pcap, net.lac.addr, *addrs)
    asked = {(p.dst, p.sport) for p in wire.packets(pcap) if p.src == net.lac.addr}
    answered = {(p.src, p.dport) for p in wire.packets(pcap) if p.dst == net.lac.addr}
    assert answered == asked and {a for a, _ in asked} == set(addrs)
    for addr in addrs[1:]:
        net.lns.run("ip", "addr", "del", f"{addr}/24", "dev", "eth0")


@pytest.mark.kernel("6.1")
def test_other_ports_on_both_sides(net):
    """self and peer with a port: neither side uses 1701."""
    capture = wire.Capture(net.lac)
    lns = L2tpd(net.lns, lns_conf(f"{net.lns.addr} 2701", f"peer = {net.lac.addr} 3701"))
    lac = L2tpd(net.lac, lac_conf(f"{net.lns.addr} 2701", f"self = {net.lac.addr} 3701"))
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP)
    (tunnel,) = lns.tunnels()
    assert (tunnel["local"], tunnel["peer"]) == (f"{net.lns.addr}:2701", f"{net.lac.addr}:3701")
    close_and_check(net, lac, lns=lns)
    pcap = capture.stop()
    assert not wire.packets(pcap), "something used port 1701"
    assert {(p.sport, p.dport) for p in wire.packets(pcap, 2701)} == {(3701, 2701), (2701, 3701)}


@pytest.mark.kernel("6.12")
def test_secrets_by_host_name(net):
    """Peers at one address are told apart by their names, each with its own secret."""
    range_ = "peer = 192.0.2.0/24"
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, range_, "peer-hostname = alice", secret="for alice")
                + link_conf("others", "192.0.2.0/24", "incoming = yes", "peer-hostname = b*",
                            f"self = {net.lns.addr}", secret="for b", ppp="server").replace(
                                "originate = yes\n", ""))
    lac = L2tpd(net.lac, link_conf("a", net.lns.addr, "hostname = Alice", secret="for alice")
                + link_conf("b", net.lns.addr, "hostname = bob", secret="for b")
                + link_conf("b2", net.lns.addr, "hostname = bob", secret="for b")
                + link_conf("thief", net.lns.addr, "hostname = alice", secret="for b")
                + link_conf("nobody", net.lns.addr, "hostname = carol", secret="for b") + CLIENT)
    lac.open("a")
    lac.open("b")
    lac.open("b2")
    # links with another secret do not share a tunnel, those with the same do
    assert len(lac.tunnels()) == 2
    tunnel = {s["link"]: s["tunnel"] for s in lac.sessions()}
    assert tunnel["b"] == tunnel["b2"] != tunnel["a"]
    assert sorted(s["link"] for s in lns.sessions()) == ["lns", "others", "others"]
    assert {t["peer_hostname"]: t["link"] for t in lns.tunnels()} == {"Alice": "lns",
                                                                      "bob": "others"}
    for wrong in ("thief", "nobody"):
        line = lac.ctl("open", wrong).error_line()
        assert ("secrets differ" if wrong == "thief" else "StopCCN 4/") in line, line
    assert "peer-hostname" in lns.log(), "the refusal says what was looked for"
    for link in ("a", "b", "b2"):
        assert lac.ctl("close", link).rc == 0
    lns.wait_idle()


def _sequenced(pcap, src: str, after: int) -> list[bool]:
    """Whether each data packet of src after that frame has a number."""
    return [p.ns is not None for p in wire.packets(pcap)
            if not p.control and p.src == src and p.number > after]


def test_dataseq_of_a_running_call(net):
    """dataseq: numbers in both directions as the LNS decides, and it may decide anew at any time."""
    capture = wire.Capture(net.lac)
    conf = lns_conf(net.lns.addr, "dataseq = yes")
    lns = L2tpd(net.lns, conf)
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "dataseq = no"))
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP, 5)
    ours = lac.session()["local_ip"]

    def numbered(wanted: bool) -> bool:
        # the LAC follows what it sees of the LNS
        net.lns.ping(ours, 2)
        return all(s["send_seq"] is wanted for s in (lac.session(), lns.session()))

    wait_for(lambda: numbered(True), 150, "both ends number their packets")
    before = lac.session()
    marks = []
    for wanted in ("disable", "enable"):
        r = lns.ctl("link", "lns", "set", "l2tp", wanted, "dataseq")
        assert r.rc == 0, r.err
        wait_for(lambda w=wanted: numbered(w == "enable"), 150, f"{wanted} dataseq is in force")
        # what is on its way now was sent before
        net.lac.ping(OUR_LNS_PPP, 5)
        marks.append(len(list(wire._frames(capture.pcap))))
        net.lac.ping(OUR_LNS_PPP, 5)
    after = lac.session()
    assert after["rx_seq_discards"] == before["rx_seq_discards"] == 0
    assert after["ifname"] == before["ifname"], "the call went on"
    close_and_check(net, lac, lns=lns)
    pcap = capture.stop()
    for src in (net.lac.addr, net.lns.addr):
        last = _sequenced(pcap, src, marks[1])
        assert last[:5] == [True] * 5, last
        off = _sequenced(pcap, src, marks[0])
        assert off[:5] == [False] * 5, off


@pytest.mark.kernel("6.12")
def test_numbers_with_xl2tpd(net):
    """dataseq: xl2tpd takes our numbers and, as a LAC, follows; we take its."""
    capture = wire.Capture(net.lac)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "dataseq = yes"))
    xl2tpd = Xl2tpd(net.lac, "lac", peer=net.lns.addr)
    xl2tpd.dial()
    ppp = wait_ppp(net.lac, remote=OUR_LNS_PPP)

    def numbered() -> bool:
        seen = len(list(wire._frames(capture.pcap)))
        net.lns.ping(ppp["local"], 3)
        data = [p for p in wire.packets(capture.pcap) if not p.control and p.number > seen]
        return {p.src for p in data if p.ns is not None} == {net.lac.addr, net.lns.addr} and all(
            p.ns is not None for p in data)
    wait_for(numbered, 150, "both ends number their packets")
    assert lns.session()["rx_seq_discards"] == 0
    xl2tpd.hang_up()
    lns.wait_idle()
    wire.tshark_check(capture.stop(), net.lns.addr)
