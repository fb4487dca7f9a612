"""What is measured: processor time and memory of a control group, commands, replies, packets."""

import ctypes
import json
import os
import re
import selectors
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import wire
from lablib import Host, wait_for
from peers import CONTROL

CLONE_NEWNET = 0x40000000
COMMAND_DEADLINE = 300
PING_INTERVAL = 0.005


# --- processor time and memory ---

class Group:
    """A cgroup. Programs started inside "with group:" are in it, and all their children."""

    top = Path("/run/l2tpd-bench-cgroup")
    count = 0

    def __init__(self):
        if not self.top.is_dir():
            self.top.mkdir()
            subprocess.run(["mount", "-t", "cgroup2", "cgroup2", str(self.top)], check=True)
            try:
                (self.top / "cgroup.subtree_control").write_text("+memory")
            except OSError as e:
                print(f"bench: cgroups tell nothing about memory here: {e}", flush=True)
        Group.count += 1
        self.home = Path("/proc/self/cgroup").read_text().strip().rpartition("::")[2].lstrip("/")
        self.path = self.top / f"l2tpd-bench-{os.getpid()}-{Group.count}"
        self.path.mkdir()

    def __enter__(self) -> "Group":
        (self.path / "cgroup.procs").write_text("0")
        return self

    def __exit__(self, *exc) -> None:
        (self.top / self.home / "cgroup.procs").write_text("0")

    def pids(self) -> list[int]:
        return [int(p) for p in (self.path / "cgroup.procs").read_text().split()]

    def cpu(self, daemon: int) -> dict[str, float]:
        """Milliseconds so far: all of the group, and the parts of it."""
        stat = self._table("cpu.stat")
        parts = {pid: cpu_ms(pid) for pid in self.pids()}
        own = parts.pop(daemon, 0.0)
        return {"all": stat["usage_usec"] / 1e3, "user": stat["user_usec"] / 1e3,
                "system": stat["system_usec"] / 1e3, "daemon": own, "pppd": sum(parts.values())}

    def memory(self, daemon: int) -> dict[str, float]:
        """KiB: charged to the group, and proportional set size of the processes."""
        parts = {pid: pss_kib(pid) for pid in self.pids()}
        own = parts.pop(daemon, 0)
        found = {"pss": own + sum(parts.values()), "pss daemon": own}
        if (self.path / "memory.current").exists():
            stat = self._table("memory.stat")
            found |= {"charged": int((self.path / "memory.current").read_text()) / 1024,
                      "anonymous": stat["anon"] / 1024, "kernel": stat.get("kernel", 0) / 1024}
        return found

    def _table(self, name: str) -> dict[str, int]:
        lines = (line.split() for line in (self.path / name).read_text().splitlines())
        return {words[0]: int(words[1]) for words in lines}

    def remove(self) -> None:
        wait_for(lambda: not self.pids(), what="a control group is empty")
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


def per_session(after: dict[str, float], before: dict[str, float], n: int) -> dict[str, float]:
    return {k: (after[k] - before[k]) / n for k in after}


# --- looking at a host without starting a program: that would cost more than a call ---

def ppp_routes(host: Host) -> int:
    """PPP interfaces over which there is a way to the peer's address."""
    text = Path(f"/proc/{host.holder.pid}/net/route").read_text()
    return len({line.split()[0] for line in text.splitlines() if line.startswith("ppp")})


def ppp_interfaces(host: Host) -> int:
    return Path(f"/proc/{host.holder.pid}/net/dev").read_text().count(" ppp")


class Pinger:
    """Asks an address for echoes from inside a host until the first comes."""

    def __init__(self, host: Host, target: str):
        self.target = target
        thread = threading.Thread(target=self._open, args=(host,))
        thread.start()      # only this thread moves into the host's network
        thread.join()

    def _open(self, host: Host) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/proc/{host.holder.pid}/ns/net", "rb") as ns:
            if libc.setns(ns.fileno(), CLONE_NEWNET) < 0:
                raise OSError(ctypes.get_errno(), "setns")
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)

    def wait(self, deadline: float) -> bool:
        end = time.monotonic() + deadline
        self.sock.setblocking(False)
        number = 0
        while time.monotonic() < end:
            number += 1
            try:
                self.sock.sendto(_echo_request(os.getpid() & 0xFFFF, number & 0xFFFF),
                                 (self.target, 0))
            except OSError:
                pass        # no way there yet
            pause = time.monotonic() + PING_INTERVAL
            while (left := pause - time.monotonic()) > 0:
                time.sleep(left)
            try:
                while packet := self.sock.recv(2048):
                    if packet[20] == 0 and packet[12:16] == socket.inet_aton(self.target):
                        return True
            except BlockingIOError:
                pass
        return False


def _echo_request(ident: int, number: int) -> bytes:
    total = 0x0800 + ident + number
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!BBHHH", 8, 0, ~total & 0xFFFF, ident, number)


# --- l2tpd's control socket: many commands at a time ---

def command(host: Host, method: str, **parameters) -> socket.socket:
    """A command on its way; its answer can be read from the socket."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(str(host.path(CONTROL)))
    call = {"method": f"org.l2tpd.{method}", "parameters": parameters}
    sock.sendall(json.dumps(call).encode() + b"\0")
    return sock


def answer(sock: socket.socket) -> dict:
    data = b""
    with sock:
        while not data.endswith(b"\0"):
            more = sock.recv(65536)
            if not more:
                return {"error": "no answer"}
            data += more
    return json.loads(data[:-1])


def command_all(host: Host, method: str, key: str, names: list[str]) -> list[str]:
    """One command for each name, all at once. Returns failures."""
    failures = []
    end = time.monotonic() + COMMAND_DEADLINE
    with selectors.DefaultSelector() as sel:
        for name in names:
            sel.register(command(host, method, **{key: name}), selectors.EVENT_READ, name)
        while sel.get_map():
            for entry, _ in sel.select(1):
                sel.unregister(entry.fileobj)
                said = answer(entry.fileobj)
                if "error" in said:
                    failures.append(f"{entry.data}: {said}")
            if time.monotonic() > end:
                return failures + [f"{entry.data}: not within {COMMAND_DEADLINE} s"
                                   for entry in sel.get_map().values()]
    return failures


# --- the wire ---

PPP_CODES = {1: "Configure-Request", 2: "Configure-Ack", 3: "Configure-Nak", 4: "Configure-Reject",
             5: "Terminate-Request", 6: "Terminate-Ack", 7: "Code-Reject", 8: "Protocol-Reject",
             9: "Echo-Request", 10: "Echo-Reply"}
CHAP_CODES = {1: "Challenge", 2: "Response", 3: "Success", 4: "Failure"}
# How far a call has come: name, sender ("": any), what, its first or last occurrence.
STAGES = (("tunnel up", "lac", "SCCCN", 0), ("call accepted", "lac", "ICCN", 0),
          ("LAC's pppd speaks", "lac", "LCP Configure-Request", 0),
          ("LNS's pppd speaks", "lns", "LCP Configure-Request", 0),
          ("LCP agreed", "", "LCP Configure-Ack", -1), ("logged in", "lns", "CHAP Success", -1),
          ("IPCP agreed", "", "IPCP Configure-Ack", -1),
          ("first ping reply", "lns", "echo reply", 0))


def _echo(frame: bytes) -> str | None:
    """An ICMP echo inside PPP inside L2TP."""
    at = frame.find(b"\xff\x03\x00\x21\x45")
    if at < 0 or len(frame) < at + 32 or frame[at + 4 + 9] != socket.IPPROTO_ICMP:
        return None
    return {0: "echo reply", 8: "echo request"}.get(frame[at + 4 + 20])


def events(pcap: Path, lac_addr: str) -> Iterator[tuple[float, str, str]]:
    """When, who, what: everything of L2TP in a capture."""
    known = {p.number: p for p in wire.packets(pcap)}
    for number, when, frame in wire._frames(pcap):
        p = known.get(number)
        if not p:
            continue
        if p.control:
            what = p.message
        elif p.ppp:
            codes = CHAP_CODES if p.ppp.protocol == "CHAP" else PPP_CODES
            what = f"{p.ppp.protocol} {codes.get(p.ppp.code, p.ppp.code)}"
        else:
            what = _echo(frame) or "data"
        yield when, "lac" if p.src == lac_addr else "lns", what


def one_call(seen: list[tuple[float, str, str]]) -> dict | None:
    """From the first SCCRQ to the first echo reply, in ms."""
    first = next((i for i, e in enumerate(seen) if e[2] == "SCCRQ"), None)
    last = next((i for i, e in enumerate(seen) if e[2] == "echo reply"), None)
    if first is None or last is None:
        return None
    zero = seen[first][0]
    line = [(round((when - zero) * 1e3, 1), who, what)
            for when, who, what in seen[first:last + 1]]
    asked = [(t, w) for t, w, x in line if x == "LCP Configure-Request"]
    # pppd's timer is 3 s
    repeated = any(w == w2 and 2500 < t2 - t < 4000 for t, w in asked for t2, w2 in asked)
    stages = {}
    for name, who, what, which in STAGES:
        times = [t for t, w, x in line if x == what and who in ("", w)]
        if times:
            stages[name] = times[which]
    return {"connect_ms": line[-1][0], "stages_ms": stages, "lcp_repeated": int(repeated),
            "timeline": line}
