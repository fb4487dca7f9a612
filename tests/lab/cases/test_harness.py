"""The lab tests itself: xl2tpd calls xl2tpd, and the captures are read back."""

import json
import struct
from pathlib import Path

import pytest

import wire
from lablib import Host, kernel_sessions, kernel_tunnels, wait_for
from peers import XL2TPD_LNS_PPP, Xl2tpd, wait_ppp


@pytest.mark.parametrize("auth", ["chap-md5"])
def test_xl2tpd_to_xl2tpd(net, auth):
    capture = wire.Capture(net.lac)
    lns = Xl2tpd(net.lns, "lns", auth=auth)
    lac = Xl2tpd(net.lac, "lac", peer=net.lns.addr)
    lac.dial()
    ppp = wait_ppp(net.lac, remote=XL2TPD_LNS_PPP)
    assert ppp["local"].startswith("10.98.0.")
    net.lac.ping(XL2TPD_LNS_PPP)
    for host in (net.lac, net.lns):
        assert len(kernel_tunnels(host)) == 1
        assert len(kernel_sessions(host)) == 1
        assert len(host.pppds()) == 1
        our_eyes_are_good(host)
        # the check for leftovers must see a call that is up
        assert any("pppd" in text for text in host.leftovers())
        assert any("kernel tunnel" in text for text in host.leftovers())
        assert any("route 10.98.0." in text for text in host.leftovers())
    lac.hang_up()
    wait_for(lambda: not net.lac.calls_left() and not net.lns.calls_left(), what="both hosts idle")
    pcap = capture.stop()

    seen = wire.messages(pcap)
    assert seen[:6] == ["SCCRQ", "SCCRP", "SCCCN", "ICRQ", "ICRP", "ICCN"]
    assert "CDN" in seen or "StopCCN" in seen
    sccrq = wire.control(pcap)[0]
    assert (sccrq.src, sccrq.dst) == (net.lac.addr, net.lns.addr)
    assert sccrq.avp(7) == b"xlac"
    ppp_protocols = {p.ppp.protocol for p in wire.ppp_frames(pcap)}
    assert {"LCP", "CHAP", "IPCP"} <= ppp_protocols
    challenge = next(p for p in wire.ppp_frames(pcap) if p.ppp.protocol == "CHAP")
    assert (challenge.src, challenge.ppp.code) == (net.lns.addr, 1)
    # xl2tpd turns UDP checksums off, which RFC 2661 8.1 forbids as a default: the judge must see it
    assert wire.bad_checksums(pcap, net.lac.addr)
    assert not wire.needless_control(pcap)
    judges_see_faults(pcap, net.lac.addr)
    assert lns.running()


def our_eyes_are_good(host: Host) -> None:
    """What iproute2 says of the kernel's state is what we see."""
    tunnels = json.loads(host.run("ip", "-j", "l2tp", "show", "tunnel").stdout)
    assert [(t["tunnel_id"], t["peer_tunnel"]) for t in tunnels] == [
        (t["tunnel_id"], t["peer_tunnel"]) for t in kernel_tunnels(host)]
    sessions = json.loads(host.run("ip", "-j", "l2tp", "show", "session").stdout)
    assert [(s["tunnel_id"], s["session_id"], s["peer_session_id"])
            for s in sessions if s["session_id"]] == [
        (s["tunnel_id"], s["session_id"], s["peer_session_id"]) for s in kernel_sessions(host)]
    links = {entry["ifname"] for entry in json.loads(host.run("ip", "-j", "link").stdout)}
    assert {name for name, _ in host.kernel.links().values()} == links
    routes = json.loads(host.run("ip", "-j", "-4", "route", "show", "table", "all").stdout)
    routes += [r for r in json.loads(host.run("ip", "-j", "-6", "route", "show").stdout)
               if r["protocol"] != "kernel"]
    assert sorted(r["dst"].replace("default", "0.0.0.0/0").split("/")[0] for r in routes) == sorted(
        text.split("/")[0] for text in host.kernel.routes())


def judges_see_faults(pcap: Path, sender: str) -> None:
    """Put faults into copies of a good capture: each judge must find its own."""
    data = pcap.read_bytes()
    header, frames, at = data[:24], [], 24
    while at < len(data):
        size = 16 + struct.unpack_from("<I", data, at + 8)[0]
        frames.append(data[at:at + size])
        at += size

    def judge(check, changed: list[bytes], *senders: str) -> list[str]:
        copy = pcap.with_name("fault.pcap")
        copy.write_bytes(header + b"".join(changed))
        return check(copy, *senders)

    request = next(p for p in wire.ppp_frames(pcap) if p.ppp.protocol == "LCP" and p.ppp.code == 1)
    again = frames[:request.number] + frames[request.number - 1:]
    assert not judge(wire.lost_ppp, frames)
    assert len(judge(wire.lost_ppp, again)) == 1
    assert len(judge(wire.retransmitted_ppp, again)) == 1

    sccrq = wire.control(pcap)[0].number
    assert len(judge(wire.needless_control, frames[:sccrq] + frames[sccrq - 1:])) == 1

    # an AVP shorter than its own header
    before = judge(wire.tshark_complaints, frames, sender)
    frame = bytearray(frames[sccrq - 1])
    frame[16 + 14 + 20 + 8 + 12 + 1] = 3        # Message Type is 8 octets long, not 3
    bad = frames[:sccrq - 1] + [bytes(frame)] + frames[sccrq:]
    assert len(judge(wire.tshark_complaints, bad, sender)) > len(before)


def test_leftovers_are_found(net):
    """What the end-of-case check reports, and that it forgets it again."""
    net.lac.run("ip", "route", "add", "203.0.113.0/24", "via", net.lns.addr)
    net.lac.path("/run/forgotten.pid").write_text("1\n")
    sleeper = net.lac.popen("sleeper", "sleep", "600")
    wait_for(lambda: "sleep 600" in " ".join(net.lac.processes().values()), what="it has started")
    text = "\n".join(net.lac.leftovers())
    assert "process" in text
    assert "route 203.0.113.0/24" in text
    assert "file /run/forgotten.pid" in text
    assert not net.lns.leftovers()
    net.lac.run("ip", "route", "del", "203.0.113.0/24")
    net.lac.path("/run/forgotten.pid").unlink()
    sleeper.stop()
    assert not net.lac.leftovers()


def test_checksums_and_routing(routed_net):
    """Checksums of plain UDP through the router are good in a capture, IPv4 and IPv6."""
    lac, lns = routed_net.lac, routed_net.lns
    capture = wire.Capture(lns)
    for addr in (lns.addr, lns.addr6):
        lac.ping(addr, 1)
        zlb = r"\xc8\x02\x00\x0c" + r"\0" * 8
        lac.run("bash", "-c", f"printf '{zlb}' >/dev/udp/{addr}/1701")
    pcap = capture.stop()
    seen = wire.packets(pcap)
    assert [(p.src, p.checksum, p.message) for p in seen] == [
        (lac.addr, "good", "ZLB"), (lac.addr6, "good", "ZLB")]
