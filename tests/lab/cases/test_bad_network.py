"""Calls over a line that loses almost every third datagram and takes 200 ms for the rest."""

import re

import pytest

import wire
from lablib import LONG, Host, Net, kernel_tunnels, wait_for
from peers import (OUR_LNS_PPP, XL2TPD_LNS_PPP, L2tpd, Xl2tpd, lac_conf, link_conf, lns_conf,
                   wait_ppp)

# In each direction: half of all requests get no answer, and an answer takes 0.4 s.
LINE = "delay 200ms loss 30%"
HOLD = 300 if LONG else 20      # seconds of traffic

# RFC 2661 5.8 recommends 5 retransmissions: 1 message in 60 would end the tunnel here.
# No sequence numbers: when one of those is lost, Linux holds the next packet back until another
# comes, and where no reorder-timeout is set, as by xl2tpd, discards four that are good.
TUNNEL = ("retransmits = 20", "setup-timeout = 240", "hello = 2", "dataseq = no")
# A tunnel of a peer whose ICRQ gets lost is not to be closed as one without calls.
LNS_TUNNEL = (*TUNNEL, "linger = 120")
LAC_TUNNEL = (*TUNNEL, "linger = 1")

# pppd's own limits are for lines that lose little. What it says again every 3 s it may say 60
# times, what it is told again it may refuse 60 times, and 25 lost echoes in a row are a dead line.
# PAP: pppd as a client of CHAP neither repeats its Response nor goes on without the Success.
PPP = ("lcp-max-configure 60", "lcp-max-failure 60", "ipcp-max-configure 60",
       "ipcp-max-failure 60", "pap-max-authreq 60", "pap-timeout 180")
if not LONG:    # pppd waits 3 s before it says something again: most of the time calls take to come up
    PPP += ("lcp-restart 1", "ipcp-restart 1", "pap-restart 1")
OURS = ("auth = pap", "lcp-echo-interval = 4", "lcp-echo-failure = 25", *(f"option = {line}" for line in PPP))
THEIRS = ("lcp-echo-interval 4", "lcp-echo-failure 25", *PPP)
# xl2tpd doubles its wait without end, unless told not to.
XL2TPD = ("max retries = 20", "cap backoff = 4")


def star(net: Net) -> Net:
    """Two clients and two servers, each on a line of its own to a router."""
    hosts = [net.host(name) for name in ("lac", "lns", "xlac", "xlns")]
    router = net.host("router")
    router.script("echo 1 >/proc/sys/net/ipv4/ip_forward")
    for n, host in enumerate(hosts):
        net.join(host, "eth0", [f"198.51.{n}.1/24"], router, f"eth{n}", [f"198.51.{n}.254/24"])
        host.run("ip", "route", "add", "default", "via", f"198.51.{n}.254")
        # both directions: what leaves the router for this host; what it sends gets the other's
        router.run("tc", "qdisc", "add", "dev", f"eth{n}", "root", "netem", *LINE.split())
    return net.ready()


def wait_answer(host: Host, addr: str) -> None:
    """Only now both sides have IPCP up: a lost Configure-Ack takes it down once more."""
    wait_for(lambda: host.run("ping", "-n", "-c", "5", "-i", "0.2", "-W", "5", addr,
                              check=False).returncode == 0, 200, f"an answer of {addr}")


def traffic(host: Host, addr: str):
    """Packets in so small a distance that they last for the time the call has to hold."""
    return host.popen(f"ping-{addr}", "ping", "-n", "-q", "-i", "0.1", "-s", "700",
                      "-c", str(HOLD * 10), addr)


def received(ping) -> int:
    assert ping.proc.wait(HOLD * 10 + 120) == 0, ping.log()
    sent, got = re.search(r"(\d+) packets transmitted, (\d+) received", ping.log()).groups()
    assert int(got) < int(sent), "the line lost nothing"
    return int(got)


def story(daemon: L2tpd) -> list[tuple]:
    return sorted((s["link"], s["id"], s["peer_id"], s["tunnel"], s["ifname"], s["state"])
                  for s in daemon.sessions())


def check_wire(captures: list[wire.Capture], *hosts: Host) -> None:
    """Hellos and repetitions were there, so the line was what it should be."""
    for capture, host in zip(captures, hosts):
        said = [p for p in wire.control(capture.stop()) if p.src == host.addr]
        assert "HELLO" in [p.message for p in said]
        keys = [(p.dst, p.tid, p.ns) for p in said]
        assert len(set(keys)) < len(keys), "nothing was said twice"


@pytest.mark.long
@pytest.mark.kernel("6.1")
@pytest.mark.timeout(1800)
def test_calls_live_on_a_bad_line(make_net):
    """Ours to ours, ours to xl2tpd, xl2tpd to ours, all at once: up, traffic, down."""
    net = make_net(star)
    captures = [wire.Capture(net.lac), wire.Capture(net.lns)]
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, *LNS_TUNNEL, require="pap", ppp=OURS))
    xlns = Xl2tpd(net.xlns, "lns", auth="pap", common=XL2TPD, ppp=THEIRS)
    conf = (link_conf("far", net.xlns.addr, *LAC_TUNNEL) +
            lac_conf(net.lns.addr, *LAC_TUNNEL, ppp=OURS))
    lac = L2tpd(net.lac, conf)
    xlac = Xl2tpd(net.xlac, "lac", peer=net.lns.addr, common=XL2TPD, ppp=THEIRS)
    xlac.dial()
    lac.open_many(["office", "far"])
    wait_ppp(net.xlac, remote=OUR_LNS_PPP, deadline=300)
    calls = [(net.lac, OUR_LNS_PPP), (net.lac, XL2TPD_LNS_PPP), (net.xlac, OUR_LNS_PPP)]
    for host, addr in calls:
        wait_answer(host, addr)

    before = [story(lac), story(lns)]
    monitors = [lac.monitor(), lns.monitor()]
    pings = [traffic(host, addr) for host, addr in calls]
    # of ten times as many, half should get through
    assert all(received(ping) > HOLD for ping in pings)
    assert [story(lac), story(lns)] == before
    ended = [e for m in monitors for e in m.events if e["event"].endswith("-down")]
    assert not ended

    check_wire(captures, net.lac, net.lns)

    # ours as LAC ends two, ours as LNS the third; each knows the end whatever gets lost
    (tunnel,) = [t["id"] for t in lns.tunnels() if t["peer"].startswith(net.xlac.addr + ":")]
    (third,) = [s["id"] for s in lns.sessions() if s["tunnel"] == tunnel]
    orders = [(lac, "office"), (lac, "far"), (lns, str(third))]
    closing = [d.host.popen(f"close-{name}", *d._ctl_command(("close", name)))
               for d, name in orders]
    for command in closing:
        assert command.proc.wait(300) == 0, command.log()
    for daemon in (lac, lns):
        daemon.wait_idle(200)
    # xl2tpd never closes a tunnel by itself
    wait_for(lambda: not kernel_tunnels(net.lac) and len(kernel_tunnels(net.lns)) == 1, 200,
             "the tunnels of our LAC are closed")
    wait_for(lambda: not [left for host in (net.lac, net.lns, net.xlac, net.xlns)
                          for left in host.calls_left()], 200, "all hosts idle")
    assert lac.stop() == 0 and lns.stop() == 0
