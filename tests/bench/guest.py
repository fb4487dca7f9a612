#!/usr/bin/python3
"""The measurements: runs as root where the kernel has L2TP and PPP. Started by tests/bench/run.

Progress goes to stdout, and the figures of each part as JSON after the word RESULT.
"""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lab" / "cases")]
import programs  # noqa: E402
programs.into_memory()      # before lablib asks where they are
import wire  # noqa: E402
from daemons import lns_ppp_address, start_lac, start_lns  # noqa: E402
from lablib import RESULTS, Host, Net, direct, wait_for  # noqa: E402
from meter import (Group, Pinger, answer, command, command_all, events, one_call,  # noqa: E402
                   per_session, ppp_interfaces, ppp_routes)

KINDS = ("l2tpd", "xl2tpd")
# the data path of an LNS: the kernel, our relay, xl2tpd over a pty
PATHS = ("l2tpd", "relay", "userspace")
STARTED = time.monotonic()
CALL_DEADLINE = 120


def say(text: str) -> None:
    print(f"bench: {time.monotonic() - STARTED:4.0f} s  {text}", flush=True)


def tell(part: str, figures: dict | list) -> None:
    print("RESULT " + json.dumps({part: figures}), flush=True)


class Pair:
    """A LAC and an LNS on one cable. Each has a control group of its own while it runs."""

    def __init__(self, lac_kind: str, lns_kind: str):
        self.kinds = (lac_kind, lns_kind)
        self.net: Net = direct(Net(RESULTS / f"bench-{lac_kind}-{lns_kind}"))
        for host in self.net.hosts.values():
            # As network cards do: the checksums of what is sent are not the processor's work, but
            # every packet is one of its own.
            host.run("ethtool", "-K", "eth0", "tx", "on", "tso", "off", "gso", "off", "gro", "off")
        self.target = lns_ppp_address(lns_kind)
        self.lac = self.lns = self.lac_group = self.lns_group = None

    def __str__(self) -> str:
        return " -> ".join(self.kinds)

    def start(self, links: dict[str, str]) -> "Pair":
        """Fresh daemons."""
        self.lac_group, self.lns_group = Group(), Group()
        with self.lns_group:
            self.lns = start_lns(self.kinds[1], self.net.lns)
        with self.lac_group:
            self.lac = start_lac(self.kinds[0], self.net.lac, self.net.lns.addr, links)
        self.lns.wait_ready()
        self.lac.wait_ready()
        return self

    def stop(self) -> None:
        for daemon in (self.lac, self.lns):
            daemon.kill()
        for thing in reversed(self.net.tracked):
            thing.finish()
        self.net.tracked.clear()
        self.net.lns.path("/run/xl2tpd/control").unlink(missing_ok=True)
        self.net.lac.path("/run/xl2tpd/control").unlink(missing_ok=True)
        self.lac_group.remove()
        self.lns_group.remove()

    def dial(self) -> None:
        """Without waiting for the end of it."""
        if self.kinds[0] == "xl2tpd":
            self.lac.dial()
        else:
            self.pending = command(self.net.lac, "Open", link="office")

    def hang_up(self) -> None:
        if self.kinds[0] == "xl2tpd":
            self.lac.hang_up()
        else:
            answer(self.pending)
            answer(command(self.net.lac, "Close", target="office"))

    def idle(self) -> bool:
        """No call is left, and so no tunnel that the next call could use."""
        for host, group in ((self.net.lac, self.lac_group), (self.net.lns, self.lns_group)):
            if ppp_interfaces(host) or len(group.pids()) > 1:
                return False
        if self.kinds[0] == "xl2tpd":
            return True
        tunnels = answer(command(self.net.lac, "ListTunnels"))["parameters"]["tunnels"]
        return all(t["state"] == "closing" for t in tunnels)

    def wait_idle(self) -> None:
        wait_for(self.idle, CALL_DEADLINE, f"{self} is idle")

    def show_logs(self) -> None:
        for name, text in self.net.logs():
            print(f"--- {self}: {name}\n" + "\n".join(text.splitlines()[-15:]), flush=True)


def connect(pairs: list[Pair], calls: int) -> list[dict]:
    """Single calls, each with a tunnel of its own, of one pair after the other."""
    for pair in pairs:
        pair.start({"office": "office"})
    captures = [wire.Capture(pair.net.lac, expr="udp port 1701") for pair in pairs]
    pingers = [Pinger(pair.net.lac, pair.target) for pair in pairs]
    spans: list[list[tuple[float, float]]] = [[] for _ in pairs]
    for n in range(calls + 1):
        say(f"connect: call {n} of {calls} of each pair")
        for pair, pinger, span in zip(pairs, pingers, spans):
            pair.wait_idle()
            start = time.time()
            pair.dial()
            if not pinger.wait(CALL_DEADLINE):
                say(f"{pair}: no call within {CALL_DEADLINE} s")
            time.sleep(0.3)     # for tcpdump
            span.append((start, time.time()))
            pair.hang_up()
    found = []
    for pair, capture, span in zip(pairs, captures, spans):
        pair.wait_idle()
        capture.proc.stop(2)
        seen = list(events(capture.pcap, pair.net.lac.addr))
        timelines = [one_call([e for e in seen if start <= e[0] <= end])
                     for start, end in span[1:]]        # the first warms up
        found.append({"lac": pair.kinds[0], "lns": pair.kinds[1], "calls": timelines})
        pair.stop()
    return found


class Load:
    """One pair's part of the load: links opened and closed some at a time, its costs so far."""

    def __init__(self, pair: Pair, shape: str, sessions: int):
        self.pair = pair
        self.names = [f"l{n}" for n in range(sessions)]
        pair.start({name: f"lac{name if shape == 'tunnels' else ''}" for name in self.names})
        # what a daemon does once only is no part of the cost of a session
        self.command("Open", self.names[:1])
        self.command("Close", self.names[:1])
        pair.wait_idle()
        self.memory = self.group().memory(pair.lns.pid)
        self.up = self.failed = 0

    def group(self) -> Group:
        return self.pair.lns_group

    def command(self, method: str, names: list[str]) -> int:
        """All at once; how many failed."""
        failures = command_all(self.pair.net.lac, method, "link" if method == "Open" else "target",
                               names)
        for failure in failures:
            say(f"{self.pair}: {failure}")
        return len(failures)

    def open(self, names: list[str]) -> dict:
        pair = self.pair
        cpu, lac_cpu = self.group().cpu(pair.lns.pid), pair.lac_group.cpu(pair.lac.pid)
        start = time.monotonic()
        failed = self.command("Open", names)
        took = time.monotonic() - start
        new = len(names) - failed
        self.up += new
        self.failed += failed
        if not new:
            raise RuntimeError(f"{pair}: no call came up")
        wait_for(lambda: ppp_routes(pair.net.lns) >= self.up, CALL_DEADLINE,
                 "all sessions are up on the LNS")
        cost = per_session(self.group().cpu(pair.lns.pid), cpu, new)
        # what no living process has used: forks and scripts
        cost["ended"] = cost["all"] - cost["daemon"] - cost["pppd"]
        lac_cost = per_session(pair.lac_group.cpu(pair.lac.pid), lac_cpu, new)
        return {"sessions_per_s": new / took, "cpu_ms": cost, "lac_cpu_ms": lac_cost,
                "failed": failed}

    def close(self, names: list[str]) -> dict:
        cpu, left = self.group().cpu(self.pair.lns.pid), len(self.group().pids()) - 1 - len(names)
        start = time.monotonic()
        self.command("Close", names)
        wait_for(lambda: len(self.group().pids()) - 1 <= max(0, left), CALL_DEADLINE,
                 "pppds of the LNS have ended")
        took = time.monotonic() - start
        cost = per_session(self.group().cpu(self.pair.lns.pid), cpu, len(names))
        return {"closes_per_s": len(names) / took, "cpu_ms": cost}

    def memory_each(self) -> dict[str, float]:
        return per_session(self.group().memory(self.pair.lns.pid), self.memory, self.up)


def load(pairs: list[Pair], shape: str, sessions: int, window: int) -> dict:
    """Many sessions up, and down again; the pairs take turns after every few of them."""
    loads = [Load(pair, shape, sessions) for pair in pairs]
    names = loads[0].names
    portions = [names[n:n + window] for n in range(0, sessions, window)]
    found: dict = {"open": [], "close": [], "memory_kib": {}}
    for portion in portions:
        found["open"].append({each.pair.kinds[1]: each.open(portion) for each in loads})
    for each in loads:
        found["memory_kib"][each.pair.kinds[1]] = each.memory_each()
    for portion in portions:
        found["close"].append({each.pair.kinds[1]: each.close(portion) for each in loads})
    for each in loads:
        each.pair.wait_idle()
        each.pair.stop()
    return found


def iperf(client: Host, target: str, seconds: int, *more: str) -> float:
    """Mbit/s of one TCP connection, as received."""
    done = client.run("iperf3", "-J", "-c", target, "-t", str(seconds), "-O", "1", *more,
                      check=False, timeout=seconds + 60)
    said = json.loads(done.stdout)
    if "error" in said:
        raise RuntimeError(f"iperf3: {said['error']}")
    return said["end"]["sum_received"]["bits_per_second"] / 1e6


def loaded(pair: Pair, seconds: int, *more: str) -> tuple[float, float]:
    """Mbit/s, and ms of processor that the LNS's processes took for a megabyte.

    What the kernel does in interrupts is charged to whoever is interrupted, or to nobody.
    """
    before = pair.lns_group.cpu(pair.lns.pid)["all"]
    speed = iperf(pair.net.lac, pair.target, seconds, *more)
    cost = pair.lns_group.cpu(pair.lns.pid)["all"] - before
    # with the second that iperf3 does not count
    return speed, cost / (speed / 8 * (seconds + 1))


def throughput(pairs: list[Pair], seconds: int, rounds: int) -> list[dict]:
    for pair in pairs:
        pair.start({"office": "office"})
        pair.dial()
        if not Pinger(pair.net.lac, pair.target).wait(CALL_DEADLINE):
            raise RuntimeError(f"{pair}: no call within {CALL_DEADLINE} s")
        # not in the group of the LNS
        server = pair.net.lns.popen("iperf3", "iperf3", "-s", "--forceflush")
        wait_for(lambda s=server: "listening" in s.log(), what="iperf3 listens")
    found = []
    for n in range(rounds):
        say(f"throughput: round {n + 1} of {rounds}")
        for direction, more in (("up", ()), ("down", ("-R",))):
            figures = {"direction": direction}
            figures["veth"] = iperf(pairs[0].net.lac, pairs[0].net.lns.addr, seconds, *more)
            for pair in pairs[::-1] if n % 2 else pairs:
                figures[pair.kinds[1]], figures[f"cost {pair.kinds[1]}"] = loaded(
                    pair, seconds, *more)
            found.append(figures)
    for pair in pairs:
        pair.hang_up()
        pair.wait_idle()
        pair.stop()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("sessions", "rounds", "calls", "parallel", "seconds"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--parts", required=True)
    args = parser.parse_args()
    parts = args.parts.split(",")
    tell("machine", {"kernel": platform.release(), "processors": os.cpu_count()})

    say("two hosts for every pair")
    pairs = [Pair(lac, lns) for lac in KINDS for lns in KINDS]
    try:
        ours = [p for p in pairs if p.kinds[0] == "l2tpd"]
        # Programs come from a slow file system the first time; nothing of this is kept.
        say("warming up")
        load(ours, "tunnels", 2, 2)
        if "connect" in parts:
            tell("connect", connect(pairs, args.calls))
        for shape in ("one tunnel", "tunnels"):
            if shape.split()[-1] not in parts:
                continue
            rounds = []
            for n in range(args.rounds):
                say(f"{args.sessions} sessions, {shape}: round {n + 1} of {args.rounds}")
                rounds.append(load(ours, shape, args.sessions, args.parallel))
            tell(shape, rounds)
        if "throughput" in parts:
            # noisy and short: twice as often as the others
            tell("throughput", throughput(ours, args.seconds, 2 * args.rounds))
        if "relay" in parts:
            more = [Pair("l2tpd", path) for path in PATHS[1:]]
            pairs += more
            tell("relay", throughput([ours[0], *more], args.seconds, 2 * args.rounds))
    except BaseException:
        for pair in pairs:
            pair.show_logs()
        raise
    finally:
        for pair in pairs:
            pair.net.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
