"""What no other implementation at hand does: a scripted peer on a plain socket."""

import wire
from lablib import kernel_tunnels, wait_for
from peers import L2tpd, lac_conf, lns_conf
from rawpeer import RawPeer, avp, lcp_request
from wire import FLAG_L, FLAG_P, FLAG_S

# A scripted peer never finishes LCP: pppd must not be out of tries before the case is over.
PATIENT = ("option = lcp-max-configure 200",)
SEQUENCING_REQUIRED = 39


def numbers(data: list[wire.Packet]) -> list[int]:
    """Ns of the data packets that have one."""
    return [p.ns for p in data if p.ns is not None]


def open_in_background(lac: L2tpd) -> None:
    lac.host.popen("open", *lac._ctl_command(("open", "office")))


def peer_stops(peer: RawPeer, daemon: L2tpd) -> None:
    peer.stop()
    daemon.wait_idle()
    wait_for(lambda: not daemon.host.calls_left(), what="nothing is left of the call")


def test_our_lac_follows(net):
    """Answered from another port, it goes there; told nothing, it numbers data as its LNS does.

    RFC 2661 8.1: SCCRP comes from another port than SCCRQ went to. 5.4: the LNS decides about
    sequence numbers at any time, and numbering goes on where it was.
    """
    port = 40001
    capture = wire.Capture(net.lac)
    peer = RawPeer(net.lns)
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "dataseq = no", secret="", ppp=PATIENT))
    open_in_background(lac)
    peer.expect("SCCRQ")
    peer.move(port)
    peer.introduce("SCCRP")
    peer.expect("SCCCN")
    peer.answer_call()
    request = peer.expect_ppp(1)
    assert (request.tid, request.sid) == (peer.TID, peer.SID)
    assert not request.flags & FLAG_S

    for ident, flags in enumerate((0, FLAG_S, FLAG_S, 0, 0, FLAG_S, FLAG_S, 0, FLAG_S), 1):
        assert peer.ask(ident, flags=flags).flags & FLAG_S == flags, f"request {ident}"
    # pppd's own requests between the answers take numbers too
    assert numbers(peer.data) == list(range(len(numbers(peer.data))))

    (tunnel,), (session,) = lac.tunnels(), lac.sessions()
    assert tunnel["state"] == session["state"] == "established"
    assert tunnel["peer"] == f"{net.lns.addr}:{port}"
    assert [t["tunnel_id"] for t in kernel_tunnels(net.lac)] == [tunnel["id"]]
    peer_stops(peer, lac)
    assert lac.stop() == 0
    ours = [p for p in wire.packets(capture.stop(), 1701, port) if p.src == net.lac.addr]
    assert {p.message for p in ours if p.dport == 1701} == {"SCCRQ"}
    there = {p.message for p in ours if p.dport == port}
    assert {"SCCCN", "ICRQ", "ICCN", "ZLB", ""} <= there
    assert len({p.sport for p in ours}) == 1


def test_our_lns_takes_every_form(net):
    """All that RFC 2661 3.1 allows around a PPP frame reaches pppd; Sequencing Required is obeyed.

    Two LACs: one sends data in all forms; the other wants sequence numbers (4.4.6), of an LNS that
    would use none by itself.
    """
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "dataseq = no", secret="", ppp=PATIENT))
    plain, numbered = RawPeer(net.lac), RawPeer(net.lac, 1702)
    plain.call(net.lns.addr)
    numbered.call(net.lns.addr, avp(SEQUENCING_REQUIRED, b""))
    plain.expect_ppp(1)
    numbered.expect_ppp(1)

    # Linux does not cut at Length: LCP's own length does. A packet below 14 octets never reaches a
    # kernel session; without FF03 an LCP packet without data is one, so the requests have options.
    bare = b""
    for ident, form in enumerate((
            {}, {"flags": FLAG_L}, {"flags": FLAG_L, "after": b"\0" * 7}, {"flags": FLAG_P},
            {"offset": b""}, {"offset": b"pad"}, {"offset": b"\xff" * 64}, {"address": bare},
            {"flags": FLAG_L, "address": bare}, {"offset": b"pad", "address": bare},
            {"flags": FLAG_L | FLAG_P, "offset": b"pads"},
            {"flags": FLAG_L | FLAG_P | FLAG_S, "offset": b"", "address": bare},
            {"flags": FLAG_L | FLAG_P | FLAG_S, "offset": b"pad", "after": b"\0"}), 1):
        try:
            plain.ask(ident, **form)
        except AssertionError as e:
            raise AssertionError(f"no answer to {form}") from e

    numbered.ask(1, flags=FLAG_S)
    numbered.send_data(lcp_request(2))          # without a number: discarded
    for ident in range(3, 15):
        # Nr of data means nothing (RFC 2661 5.4)
        numbered.ask(ident, flags=FLAG_S, nr=ident * 4000)
    assert all(p.flags & FLAG_S and p.nr == 0 for p in numbered.data)
    assert numbers(numbered.data) == list(range(len(numbered.data)))
    assert 2 not in [p.ppp.ident for p in numbered.data if p.ppp.code == 2]
    seq = [(s["send_seq"], s["recv_seq"]) for s in lns.sessions()]
    assert sorted(seq) == [(False, False), (True, True)]
    for peer in (plain, numbered):
        peer.stop()
    lns.wait_idle()
    wait_for(lambda: not net.lns.calls_left(), what="nothing is left of the calls")
