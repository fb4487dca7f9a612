"""A call under a flood of junk: it is not harmed, and junk costs neither memory, files nor log."""

import json
import re
import struct
import time
from pathlib import Path

import pytest

import wire
from lablib import BUILD, IN_VM, LONG, Host, fd_count, memory, wait_for, with_stranger
from peers import OUR_LNS_PPP, L2tpd, lac_conf, lns_conf

JUNK = str(BUILD / "tests/lab/junk")
DATAGRAMS = 1_000_000 if LONG else 50_000
SEED = 2661
# KiB. A daemon's table of tunnel ids comes to 512 in the end, when half-open tunnels have had ids
# from all over it, and the tunnels themselves, up to the limits, to as much again and more.
MEMORY_BOUND = 2048
# Lines of the log: some, and ten a minute that tell of peers that never finish a tunnel.
LOG_BOUND, LOG_BOUND_MINUTE = 30, 11

# Requests of peers that will never answer, from ports of their own so that they can be counted.
QUIET_PORT, QUIET = 20000, 8

# Octets of IP. Answers are all that comes, ICMP too.
COUNT_OCTETS = f"""
table ip lab {{
	counter sent {{ }}
	counter got {{ }}
	counter quiet_sent {{ }}
	counter quiet_got {{ }}
	chain output {{
		type filter hook output priority 0
		meta l4proto udp counter name sent
		udp sport {QUIET_PORT}-{QUIET_PORT + 999} counter name quiet_sent
	}}
	chain input {{
		type filter hook input priority 0
		counter name got
		udp dport {QUIET_PORT}-{QUIET_PORT + 999} counter name quiet_got
	}}
}}
"""


def octets(host: Host) -> dict[str, int]:
    found = json.loads(host.run("nft", "-j", "list", "counters").stdout)["nftables"]
    return {e["counter"]["name"]: e["counter"]["bytes"] for e in found if "counter" in e}


def write_samples(pcap: Path) -> Path:
    """What a real call looks like, as junk wants it: every control message and some data."""
    seen = wire.packets(pcap)
    raws = [p.raw for p in seen if p.control] + [p.raw for p in seen if not p.control][:20]
    path = pcap.with_name("samples")
    path.write_bytes(b"".join(struct.pack("!H", len(raw)) + raw for raw in raws[:64]))
    return path


class Flood:
    """Junk for the two ends of a live call."""

    def __init__(self, samples: Path, lac: L2tpd, lns: L2tpd):
        self.samples = samples
        self.lac, self.lns = lac, lns
        self.seed = SEED
        self.live = {d: (d.tunnels()[0], d.session()) for d in (lac, lns)}

    def __call__(self, source: Host, daemon: L2tpd, count: int, *args: str) -> None:
        """From a host to the port a daemon uses for the call, at the pace it reads."""
        tunnel, session = self.live[daemon]
        addr, _, port = tunnel["local"].rpartition(":")
        self.seed += 1
        source.run(JUNK, "-w", str(daemon.pid), "-n", str(count), "-s", str(self.seed),
                   "-l", f"{tunnel['id']}/{session['id']}", *args, str(self.samples), addr, port,
                   timeout=1500)

    def all(self, stranger: Host, count: int) -> None:
        """A stranger to both, and each end's own address, but another port, to the other."""
        self(stranger, self.lns, count * 7 // 10)
        self(stranger, self.lac, count // 10)
        self(self.lac.host, self.lns, count // 10)
        self(self.lns.host, self.lac, count // 10)


def call_of(daemon: L2tpd) -> tuple:
    """What stays the same while a call and its tunnel live."""
    s = daemon.session()
    (tunnel,) = [t for t in daemon.tunnels() if t["state"] == "established"]
    return (s["id"], s["peer_id"], s["tunnel"], s["ifname"], s["local_ip"], s["peer_ip"],
            tunnel["id"], tunnel["peer_id"], tunnel["sessions"], daemon.host.pppds())


def answers(ping) -> int:
    return ping.log().count("bytes from")


def lost_in_queues(daemon: L2tpd) -> int:
    """UDP datagrams of a daemon's host that found a receive buffer full."""
    text = Path(f"/proc/{daemon.pid}/net/snmp").read_text()
    names, values = re.findall(r"^Udp: (.*)$", text, re.M)
    return int(dict(zip(names.split(), values.split()))["RcvbufErrors"])


class Before:
    """How the two ends of a call are when what is made once and kept has been made."""

    def __init__(self, *daemons: L2tpd):
        self.daemons = daemons
        self.files = [fd_count(d.pid) for d in daemons]
        self.memory = [memory(d.pid) for d in daemons]
        self.lines = [len(d.log().splitlines()) for d in daemons]
        self.since = time.monotonic()

    def said(self) -> list[list[str]]:
        return [d.log().splitlines()[n:] for d, n in zip(self.daemons, self.lines)]

    def check_memory(self) -> list[dict[str, int]]:
        large = [memory(d.pid) for d in self.daemons]
        for name in ("Rss", "Pss"):
            for s, l in zip(self.memory, large):
                assert l[name] <= s[name] + MEMORY_BOUND, (name, self.memory, large)
        wait_for(lambda: [fd_count(d.pid) for d in self.daemons] == self.files,
                 what=f"open files: {self.files}")
        return large

    def check_log(self) -> None:
        bound = LOG_BOUND + LOG_BOUND_MINUTE * (time.monotonic() - self.since) / 60
        for said in self.said():
            assert len(said) < bound, said[:10]


@pytest.mark.long
@pytest.mark.kernel("6.12")
@pytest.mark.timeout(2000)
def test_junk(make_net):
    """50 000 datagrams of junk, a million with L2TPD_LAB_LONG=1, while a call carries traffic."""
    if IN_VM:
        # one huge page would look like a leak of 2 MiB
        Path("/sys/kernel/mm/transparent_hugepage/enabled").write_text("never")
    net = make_net(with_stranger)
    net.stranger.run("nft", "-f", "-", text_in=COUNT_OCTETS)
    capture = wire.Capture(net.lac)
    # limits that are reached before the memory is measured: what grows after that leaks
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "retransmits = 4"),
                daemon={f"max-{kind}-per-{whose}": "64" for kind in ("half-open", "idle")
                        for whose in ("network", "source")})
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, ppp=("lcp-echo-interval = 5",)))
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP)
    flood = Flood(write_samples(capture.stop()), lac, lns)
    calls = [call_of(d) for d in (lac, lns)]
    monitors = [lac.monitor(), lns.monitor()]
    ping = net.lac.popen("ping", "ping", "-n", "-i", "0.2", OUR_LNS_PPP)

    # first, while there is room for the tunnels of new peers
    flood(net.stranger, lns, QUIET, "-k", "s", "-b", str(QUIET_PORT))
    wait_for(lambda: len(lns.tunnels()) == 1 + QUIET, what="their tunnels are half open")
    flood.all(net.stranger, DATAGRAMS // 10)
    before = Before(lac, lns)
    pings = answers(ping)
    flood.all(net.stranger, DATAGRAMS)
    during = answers(ping) - pings

    # the call is the one it was, and carries traffic
    assert [call_of(d) for d in (lac, lns)] == calls
    assert during > 0
    net.lac.ping(OUR_LNS_PPP)
    ping.stop(deadline=60)
    assert not [e for m in monitors for e in m.events if e["event"].endswith("-down")]
    large = before.check_memory()
    # and the daemon has seen the junk: little of it was lost before it could
    assert lost_in_queues(lns) < DATAGRAMS // 10

    wait_for(lambda: len(lns.tunnels()) == 1, 180, "the tunnels of the junk are given up")
    figures = {"memory before": before.memory, "memory after": large,
               "octets": octets(net.stranger), "log lines": [len(s) for s in before.said()],
               "lost in queues": lost_in_queues(lns), "answers to ping": during}
    (net.results / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")

    # Nobody is flooded by our answers: not by those to junk, and not by what is repeated to peers
    # that never answer.
    count = octets(net.stranger)
    assert 0 < count["got"] <= 5 * count["sent"], count
    assert 0 < count["quiet_got"] <= 5 * count["quiet_sent"], count
    before.check_log()
    assert lac.running() and lns.running()
