#!/usr/bin/python3
"""The measurements themselves; runs as root where the kernel has L2TP and PPP. See README.md.

Started by tests/bench/run. Progress goes to stdout, the figures as one line of JSON after RESULT.
"""

import argparse
import json
import os
import re
import selectors
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lab" / "cases"))
sys.path.insert(0, str(HERE))
import wire  # noqa: E402
from lablib import RESULTS, Host, Net, direct, wait_for  # noqa: E402
from peers import CONTROL, L2tpd  # noqa: E402
from peers_quiet import lns_ppp_address, start_lac, start_lns  # noqa: E402

KINDS = ("l2tpd", "xl2tpd")
OPEN_DEADLINE = 300
PPP_CODES = {1: "Configure-Request", 2: "Configure-Ack", 3: "Configure-Nak", 4: "Configure-Reject",
             5: "Terminate-Request", 6: "Terminate-Ack", 7: "Code-Reject", 8: "Protocol-Reject",
             9: "Echo-Request", 10: "Echo-Reply"}
CHAP_CODES = {1: "Challenge", 2: "Response", 3: "Success", 4: "Failure"}


def say(text: str) -> None:
    print(f"bench: {time.monotonic() - STARTED:4.0f} s  {text}", flush=True)


STARTED = time.monotonic()


# --- processor time and memory of the LNS: a control group of its own ---

class Group:
    """A cgroup. Programs started inside "with group:" are in it, and all their children."""

    top = Path("/run/l2tpd-bench-cgroup")

    def __init__(self, name: str):
        if not self.top.is_dir():
            self.top.mkdir()
            subprocess.run(["mount", "-t", "cgroup2", "cgroup2", str(self.top)], check=True)
            try:
                (self.top / "cgroup.subtree_control").write_text("+memory")
            except OSError as e:
                say(f"no memory figures of cgroups here: {e}")
        self.home = Path("/proc/self/cgroup").read_text().strip().rpartition("::")[2].lstrip("/")
        self.path = self.top / f"l2tpd-bench-{os.getpid()}-{name}"
        self.path.mkdir()

    def __enter__(self) -> "Group":
        (self.path / "cgroup.procs").write_text("0")
        return self

    def __exit__(self, *exc) -> None:
        (self.top / self.home / "cgroup.procs").write_text("0")

    def pids(self) -> list[int]:
        return [int(p) for p in (self.path / "cgroup.procs").read_text().split()]

    def _table(self, name: str) -> dict[str, int]:
        lines = (line.split() for line in (self.path / name).read_text().splitlines())
        return {words[0]: int(words[1]) for words in lines}

    def cpu(self, daemon: int) -> dict[str, float]:
        """Milliseconds so far: all of the group, and the parts of it."""
        stat = self._table("cpu.stat")
        parts = {pid: cpu_ms(pid) for pid in self.pids()}
        own = parts.pop(daemon, 0.0)
        return {"all": stat["usage_usec"] / 1e3, "user": stat["user_usec"] / 1e3,
                "system": stat["system_usec"] / 1e3, "daemon": own,
                "pppd": sum(parts.values())}

    def memory(self, daemon: int) -> dict[str, float]:
        """KiB: charged to the group, and proportional set size of the processes."""
        parts = {pid: pss_kib(pid) for pid in self.pids()}
        found = {"pss daemon": parts.pop(daemon, 0), "pss pppd": sum(parts.values())}
        if (self.path / "memory.current").exists():
            stat = self._table("memory.stat")
            found |= {"charged": int((self.path / "memory.current").read_text()) / 1024,
                      "anonymous": stat["anon"] / 1024,
                      "kernel": stat.get("kernel", 0) / 1024}
        return found

    def remove(self) -> None:
        wait_for(lambda: not self.pids(), what="the group of the LNS is empty")
        self.path.rmdir()


def cpu_ms(pid: int) -> float:
    """Of all threads of a process that still runs."""
    try:
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in Path(f"/proc/{pid}/task").iterdir()) / 1e6
    except OSError:
        return 0.0


def pss_kib(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1))


def difference(after: dict[str, float], before: dict[str, float], parts: float) -> dict[str, float]:
    return {k: (after[k] - before[k]) / parts for k in after}


# --- load: many links opened at once ---

def command_all(lac: L2tpd, method: str, key: str, names: list[str], window: int) -> list[str]:
    """One command for each link over the control socket, so many at a time. Returns failures.

    Not l2tpctl: starting a program costs more than opening a link.
    """
    waiting, failures = list(names), []
    path = str(lac.host.path(CONTROL))
    end = time.monotonic() + OPEN_DEADLINE
    with selectors.DefaultSelector() as sel:
        while waiting or sel.get_map():
            while waiting and len(sel.get_map()) < window:
                name = waiting.pop(0)
                sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                sock.connect(path)
                call = {"method": f"org.l2tpd.{method}", "parameters": {key: name}}
                sock.sendall(json.dumps(call).encode() + b"\0")
                sel.register(sock, selectors.EVENT_READ, [name, b""])
            for entry, _ in sel.select(1):
                data = entry.fileobj.recv(65536)
                entry.data[1] += data
                if data and not data.endswith(b"\0"):
                    continue
                sel.unregister(entry.fileobj)
                entry.fileobj.close()
                answer = json.loads(entry.data[1].rstrip(b"\0") or b'{"error": "no answer"}')
                if "error" in answer:
                    failures.append(f"{entry.data[0]}: {answer}")
            if time.monotonic() > end:
                late = [e.data[0] for e in sel.get_map().values()]
                return failures + [f"{name}: not within {OPEN_DEADLINE} s"
                                   for name in late + waiting]
    return failures


def ppp_count(host: Host) -> int:
    """PPP interfaces that have their addresses."""
    return host.run("ip", "-o", "-4", "addr", "show", "type", "ppp").stdout.count("peer")


def load(kind: str, shape: str, args: argparse.Namespace) -> dict:
    """All sessions up at once, and down again."""
    with Bench(kind) as bench:
        links = {f"l{n}": (f"hostname = {'lac' if shape == 'one tunnel' else f'lac{n}'}",)
                 for n in range(args.sessions)}
        lns = bench.lns()
        lac = bench.lac("l2tpd", links)
        group, names = bench.group, list(links)
        # what a daemon does once only is no part of the cost of a session
        if command_all(lac, "Open", "link", names[:1], 1):
            raise RuntimeError(f"no call to {kind}: {lac.link(names[0])}")
        command_all(lac, "Close", "target", names[:1], 1)
        bench.wait_idle()

        cpu, memory, start = group.cpu(lns.pid), group.memory(lns.pid), time.monotonic()
        failures = command_all(lac, "Open", "link", names, args.parallel)
        took = time.monotonic() - start
        up = args.sessions - len(failures)
        for failure in failures:
            say(f"{kind}: {failure}")
        if not up:
            raise RuntimeError(f"no call to {kind} came up")
        wait_for(lambda: ppp_count(bench.net.lns) >= up, what="all sessions are up on the LNS")
        cpu_up, memory_up = group.cpu(lns.pid), group.memory(lns.pid)
        opened = difference(cpu_up, cpu, up)
        # what is in no living process: scripts, xl2tpd's forks
        opened["ended"] = opened["all"] - opened["daemon"] - opened["pppd"]

        start_down = time.monotonic()
        command_all(lac, "Close", "target", names, args.parallel)
        closed = time.monotonic() - start_down
        bench.wait_idle()
        cpu_down = group.cpu(lns.pid)
        return {"sessions_per_s": up / took, "failed": len(failures), "open_s": took,
                "close_s": closed, "cpu_ms": opened,
                "cpu_close_ms": (cpu_down["all"] - cpu_up["all"]) / up,
                "memory_kib": difference(memory_up, memory, up)}


# --- one call at a time, watched on the wire ---

def ping_reply(frame: bytes) -> str | None:
    """An ICMP echo inside PPP inside L2TP."""
    at = frame.find(b"\xff\x03\x00\x21\x45")
    if at < 0 or len(frame) < at + 32 or frame[at + 4 + 9] != 1:
        return None
    return {0: "echo reply", 8: "echo request"}.get(frame[at + 4 + 20])


def events(pcap: Path, lac_addr: str) -> list[tuple[float, str, str]]:
    """When, who, what: everything L2TP in a capture."""
    found = []
    plain = {p.number: p for p in wire.packets(pcap)}
    for number, when, frame in wire._frames(pcap):
        p = plain.get(number)
        if not p:
            continue
        if p.control:
            what = p.message
        elif p.ppp:
            codes = CHAP_CODES if p.ppp.protocol == "CHAP" else PPP_CODES
            what = f"{p.ppp.protocol} {codes.get(p.ppp.code, p.ppp.code)}"
        else:
            what = ping_reply(frame) or "data"
        found.append((when, "lac" if p.src == lac_addr else "lns", what))
    return found


# Ends of the phases of a connect, in order: name, sender ("": any), what, first or last occurrence.
PHASES = (
    ("tunnel", "lac", "SCCCN", "first"),
    ("call", "lac", "ICCN", "first"),
    ("first LCP of the LNS", "lns", "LCP Configure-Request", "first"),
    ("LCP agreed", "", "LCP Configure-Ack", "last"),
    ("login", "lns", "CHAP Success", "last"),
    ("IPCP agreed", "", "IPCP Configure-Ack", "last"),
    ("first reply", "lns", "echo reply", "first"),
)


def one_call(all_events: list, start: float, end: float) -> dict | None:
    """Timeline of the call that was dialled between the two times."""
    seen = [e for e in all_events if start <= e[0] <= end]
    first = next((i for i, e in enumerate(seen) if e[2] == "SCCRQ"), None)
    reply = next((i for i, e in enumerate(seen) if e[2] == "echo reply"), None)
    if first is None or reply is None:
        return None
    zero = seen[first][0]
    line = [(round((when - zero) * 1e3, 1), who, what) for when, who, what in seen[first:reply + 1]]
    reached = {}
    for name, who, what, which in PHASES:
        times = [t for t, w, x in line if x == what and who in ("", w)]
        if times:
            reached[name] = times[0] if which == "first" else times[-1]
    return {"connect_ms": line[-1][0], "reached_ms": reached, "timeline": line}


def connect(lac_kind: str, lns_kind: str, args: argparse.Namespace) -> list[dict]:
    """Several calls one after the other, each with a tunnel of its own."""
    with Bench(lns_kind) as bench:
        bench.lns()
        lac = bench.lac(lac_kind, {"office": ()})
        target = lns_ppp_address(lns_kind)
        # Something to ping before the call is up: these are lost, and PPP's own route is better.
        bench.net.lac.script("ip link add nowhere type dummy; ip link set nowhere up\n"
                             f"ip route add {target}/32 dev nowhere metric 1000 src "
                             f"{bench.net.lac.addr}")
        capture = wire.Capture(bench.net.lac, expr="udp port 1701")
        spans = []
        for _ in range(args.calls + 1):
            ping = bench.net.lac.popen("ping", "ping", "-n", "-q", "-i", "0.01", target)
            start = time.time()
            if lac_kind == "xl2tpd":
                lac.dial()
            else:
                lac.open("office")
            wait_for(lambda: ppp_count(bench.net.lac) and ppp_count(bench.net.lns),
                     what=f"call of {lac_kind} to {lns_kind} is up")
            time.sleep(0.5)
            spans.append((start, time.time()))
            ping.stop(2)
            if lac_kind == "xl2tpd":
                lac.hang_up()
            else:
                lac.ctl("close", "office")
            bench.wait_idle(tunnels=lac_kind == "l2tpd")
        capture.stop()
        seen = events(capture.pcap, bench.net.lac.addr)
        calls = [one_call(seen, *span) for span in spans]
        return [c for c in calls[1:] if c]      # the first warms the daemons up


# --- throughput ---

def iperf(client: Host, target: str, seconds: int, *more: str) -> float:
    """Mbit/s of one TCP connection as received."""
    done = client.run("iperf3", "-J", "-c", target, "-t", str(seconds), *more, check=False,
                      timeout=seconds + 60)
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise RuntimeError(f"iperf3: {answer['error']}")
    return answer["end"]["sum_received"]["bits_per_second"] / 1e6


def throughput(kind: str, args: argparse.Namespace) -> dict[str, float]:
    with Bench(kind) as bench:
        bench.lns()
        lac = bench.lac("l2tpd", {"office": ()})
        lac.open("office")
        target, net = lns_ppp_address(kind), bench.net
        net.lac.ping(target, 1)
        server = net.lns.popen("iperf3", "iperf3", "-s")
        wait_for(lambda: "listening" in server.log(), what="iperf3 listens")
        found = {}
        for name, address, more in (("plain up", net.lns.addr, ()), ("tunnel up", target, ()),
                                    ("tunnel down", target, ("-R",)),
                                    ("plain down", net.lns.addr, ("-R",))):
            found[name] = iperf(net.lac, address, args.seconds, *more)
        server.kill()
        return found


# --- the network and the order of things ---

class Bench:
    """Two hosts on one cable, and an LNS in a control group of its own."""

    count = 0

    def __init__(self, kind: str):
        self.kind = kind
        Bench.count += 1
        self.net: Net = direct(Net(RESULTS / f"bench-{Bench.count}-{kind}"))
        for host in self.net.hosts.values():
            # As network cards do: checksums of packets sent are the cable's work. Every packet is
            # one of its own.
            host.run("ethtool", "-K", "eth0", "tx", "on", "tso", "off", "gso", "off", "gro", "off")
        self.group = Group(f"{Bench.count}-{kind}")
        self.daemon = None

    def lns(self):
        with self.group:
            self.daemon = start_lns(self.kind, self.net.lns)
        self.daemon.wait_ready()
        return self.daemon

    def lac(self, kind: str, links: dict[str, tuple[str, ...]]):
        return start_lac(kind, self.net.lac, self.net.lns.addr, links)

    def wait_idle(self, tunnels: bool = True) -> None:
        """No call is left, nor a tunnel."""
        def idle() -> bool:
            left = [host.script("ip -o link show type ppp; ip l2tp show session"
                                + ("; ip l2tp show tunnel" if tunnels else ""))
                    for host in self.net.hosts.values()]
            return not any(left) and not self.net.lns.pppds() and not self.net.lac.pppds()
        wait_for(idle, 120, "both hosts are idle")

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, kind, *rest) -> None:
        if kind:
            for name, text in self.net.logs():
                say(f"--- {name}")
                print("\n".join(text.splitlines()[-15:]), flush=True)
        for thing in reversed(self.net.tracked):
            thing.finish()
        self.net.close()
        self.group.remove()


def repeat(name: str, rounds: int, variants: tuple, work: Callable) -> list[dict]:
    """Every variant in turn, several times over, so that a machine that drifts favours none."""
    found = []
    for n in range(rounds):
        for variant in variants:
            say(f"{name}, round {n + 1} of {rounds}: {' -> '.join(variant)}")
            found.append({"variant": variant, "figures": work(*variant)})
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("sessions", 30), ("rounds", 2), ("calls", 5), ("parallel", 8),
                        ("seconds", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--only", default="connect,load,tunnels,throughput")
    args = parser.parse_args()
    parts = args.only.split(",")

    shutil.rmtree(RESULTS / "bench", ignore_errors=True)
    # Programs come from a slow file system the first time; nothing of this is kept.
    warm = argparse.Namespace(sessions=2, calls=1, parallel=2, seconds=1)
    for kind in KINDS:
        say(f"warming up: {kind}")
        load(kind, "one tunnel", warm)
    pairs = tuple((lac, lns) for lac in KINDS for lns in KINDS)
    result: dict = {}
    if "connect" in parts:
        connect("xl2tpd", "xl2tpd", warm)
        result["connect"] = repeat("connect", args.rounds, pairs,
                                   lambda lac, lns: connect(lac, lns, args))
    if "load" in parts:
        result["one tunnel"] = repeat(f"{args.sessions} sessions in one tunnel", args.rounds,
                                      tuple((k,) for k in KINDS),
                                      lambda kind: load(kind, "one tunnel", args))
    if "tunnels" in parts:
        result["tunnels"] = repeat(f"{args.sessions} tunnels of one session", args.rounds,
                                   tuple((k,) for k in KINDS),
                                   lambda kind: load(kind, "tunnels", args))
    if "throughput" in parts:
        throughput("xl2tpd", warm)
        result["throughput"] = repeat("throughput", args.rounds, tuple((k,) for k in KINDS),
                                      lambda kind: throughput(kind, args))
    result["kernel"] = os.uname().release
    result["processors"] = os.cpu_count()
    print("RESULT " + json.dumps(result), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
