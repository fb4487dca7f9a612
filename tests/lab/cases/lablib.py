"""Test hosts: a network namespace each, joined by veth, with private /run and /etc."""

import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlink import ARPHRD_PPP, Netlink

BUILD = Path(os.environ.get("L2TPD_BUILD", "build")).absolute()
RESULTS = Path(os.environ.get("LAB_RESULTS", "/tmp/lab-results"))
KERNEL = os.environ.get("LAB_KERNEL", "host")
IN_VM = bool(os.environ.get("LAB_VM"))
LONG = bool(os.environ.get("L2TPD_LAB_LONG"))       # cases whose size matters at their full size

# Seconds in which something of a bulk transfer must move.
BULK_PATIENCE = 120

# One static busybox enters namespaces: under emulation a dynamic program costs
# 0.1 s to start, and a case starts a hundred.
BUSYBOX = "/bin/busybox"

# Two pppds of one kernel would share pid files, secrets and options below /run and /etc, so each
# host has its own. Debian's ip-up scripts are left out: they are not under test and cost half of
# a call's time under emulation.
HOST_SETUP = """
set -e
B=/bin/busybox
$B mount -t sysfs sysfs /sys
$B mount -t tmpfs -o mode=755 tmpfs /run
$B mkdir -p /run/lock /run/.etc/upper /run/.etc/work
$B mount -t overlay -o lowerdir=/etc,upperdir=/run/.etc/upper,workdir=/run/.etc/work overlay /etc
$B rm -rf /etc/ppp/*-up /etc/ppp/*-down /etc/ppp/*.d /etc/l2tpd
$B mkdir -p /etc/l2tpd /run/l2tpd /run/xl2tpd
# no waiting for duplicate IPv6 addresses
echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
$B ip link set lo up
echo ready
exec $B sleep 2147483647
"""

# pppd keeps this database for its whole machine; xl2tpd leaves its FIFO and pid file when killed.
KEPT_FILES = ("/run/pppd2.tdb", "/run/xl2tpd", "/run/.etc", "/etc/ppp/resolv.conf")


LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000

NAT_RULES = """
table ip nat {
	chain post {
		type nat hook postrouting priority srcnat
		oifname "eth1" masquerade
	}
}
"""


class Timeout(AssertionError):
    """wait_for gave up."""


def wait_for(fn: Callable[[], Any], deadline: float = 90, what: str = "") -> Any:
    """The first true value of fn. An exception of the last try is shown when time is up."""
    end = time.monotonic() + deadline
    pause = 0.05
    while True:
        error: Exception | None = None
        try:
            value = fn()
            if value:
                return value
        except (AssertionError, OSError, subprocess.SubprocessError, ValueError) as e:
            error = e
        if time.monotonic() > end:
            name = what or getattr(fn, "__name__", "condition")
            raise Timeout(f"not within {deadline:.0f} s: {name}") from error
        time.sleep(pause)
        pause = min(1, pause * 1.5)     # asking has its price: the guest may be slow because of us


class Process:
    """A program in the foreground on a host, its output in a log file of the results."""

    def __init__(self, host: "Host", name: str, cmd: list[str], env: dict[str, str] | None = None):
        self.host = host
        self.name = name
        self.log_path = host.net.results / f"{host.name}-{name}.log"
        host.net.track(self)
        with open(self.log_path, "ab") as log:
            self.proc = subprocess.Popen(host.enter(cmd), stdin=subprocess.DEVNULL, stdout=log,
                                         stderr=log, env={**os.environ, **(env or {})})
        # nsenter becomes the program: same process
        self.pid = self.proc.pid

    def running(self) -> bool:
        return self.proc.poll() is None

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def stop(self, sig: int = signal.SIGTERM, deadline: float = 60) -> int:
        """End it and return its exit code; a program that does not end fails the test."""
        if self.running():
            self.proc.send_signal(sig)
        try:
            return self.proc.wait(deadline)
        except subprocess.TimeoutExpired:
            where = self.where()
            self.proc.kill()
            self.proc.wait()
            raise Timeout(f"{self.name} on {self.host.name} did not end within {deadline:.0f} s "
                          f"after signal {sig}; its threads:\n{where}") from None

    def where(self) -> str:
        """What each of its threads waits for, as the kernel tells it."""
        said = []
        for task in sorted(Path(f"/proc/{self.pid}/task").glob("*")):
            for name in ("comm", "wchan", "syscall", "stack"):
                try:
                    said.append(f"{task.name} {name}: {(task / name).read_text().strip()}")
                except OSError as e:
                    said.append(f"{task.name} {name}: {e}")
        return "\n".join(said)

    def kill(self) -> None:
        """kill -9."""
        if self.running():
            self.proc.kill()
        self.proc.wait()

    def finish(self) -> list[str]:
        """End it when the test is over; what was wrong with that."""
        if not self.running():
            return []
        try:
            self.stop()
        except Timeout as e:
            return [str(e)]
        return []


def _waits(pid: int) -> bool:
    """The third file of a ready-made pppd is a Unix socket, that of a call's is of PPPoX."""
    try:
        name = os.readlink(f"/proc/{pid}/fd/3")
        unix = Path(f"/proc/{pid}/net/unix").read_text()
    except OSError:
        return False
    return name.startswith("socket:[") and re.search(rf"\b{name[8:-1]}\b", unix) is not None


class Host:
    """A machine of the test network: run() and popen() work inside, path() looks in."""

    def __init__(self, net: "Net", name: str):
        self.net = net
        self.name = name
        self.addr = self.addr6 = ""
        self.written: set[str] = set()
        self.holder = subprocess.Popen(
            [BUSYBOX, "unshare", "-n", "-m", "--propagation", "private", BUSYBOX, "sh", "-c",
             HOST_SETUP], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline().strip() != "ready":
            raise RuntimeError(f"host {name}: cannot be set up, exit {self.holder.wait()}")
        self.netns = os.stat(f"/proc/{self.holder.pid}/ns/net").st_ino
        self.baseline: dict[str, set[str]] = {"route": set(), "file": set()}
        self.kernel = Netlink(lambda protocol: self._socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                                            protocol))

    def enter(self, cmd: Iterable[str]) -> list[str]:
        program, *args = map(str, cmd)
        # with its path, else busybox would run its own ip, ping or sh
        return [BUSYBOX, "nsenter", "-t", str(self.holder.pid), "-n", "-m", "--",
                shutil.which(program) or program, *args]

    def script(self, text: str) -> str:
        """Run shell lines; the first that fails ends it."""
        return self.run("sh", "-ec", text).stdout

    def run(self, *cmd: str, check: bool = True, timeout: float = 120,
            text_in: str | None = None) -> subprocess.CompletedProcess:
        done = subprocess.run(self.enter(cmd), text=True, input=text_in, timeout=timeout,
                              stdin=None if text_in is not None else subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if check and done.returncode:
            raise AssertionError(f"{self.name}: {' '.join(map(str, cmd))}: exit {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done

    def popen(self, name: str, *cmd: str) -> Process:
        return Process(self, name, [str(c) for c in cmd])

    def socket(self, port: int = 0, addr: str = "",
               kind: socket.SocketKind = socket.SOCK_DGRAM) -> socket.socket:
        """A socket of this process in the network of this host, UDP on its own IPv4 address, or
        addr."""
        made = self._socket(socket.AF_INET6 if ":" in addr else socket.AF_INET, kind, 0)
        made.bind((addr or self.addr, port))
        return made

    def _socket(self, family: int, kind: int, protocol: int) -> "socket.socket":
        ours = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        theirs = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter_network(theirs)
            try:
                return socket.socket(family, kind | socket.SOCK_CLOEXEC, protocol)
            finally:
                _enter_network(ours)
        finally:
            os.close(ours)
            os.close(theirs)

    def path(self, path: str) -> Path:
        return Path(f"/proc/{self.holder.pid}/root{path}")

    def write(self, path: str, text: str, mode: int = 0o600) -> None:
        file = self.path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        self.written.add(path)

    def ping(self, addr: str, count: int = 3, *args: str) -> None:
        self.run("ping", "-n", "-c", str(count), "-i", "0.2", "-W", "20", *args, addr)

    def processes(self) -> dict[int, str]:
        """Command lines of what runs in this host's network namespace, but for its holder."""
        found = {}
        for entry in os.scandir("/proc"):
            if not entry.name.isdigit() or int(entry.name) == self.holder.pid:
                continue
            try:
                if os.stat(f"/proc/{entry.name}/ns/net").st_ino != self.netns:
                    continue
                cmdline = Path(f"/proc/{entry.name}/cmdline").read_bytes()
                state, name = _state(entry.name)
            except OSError:
                continue
            if state != "Z":    # without a command line it is just about to exec
                found[int(entry.name)] = cmdline.replace(b"\0", b" ").decode().strip() or name
        return found

    def _all_pppds(self) -> dict[int, str]:
        return {pid: cmd for pid, cmd in self.processes().items()
                if os.path.basename(cmd.split(" ")[0]) == "pppd"}

    def pppds(self) -> dict[int, str]:
        """Those that have a call: not the ready-made ones, whose third file is where orders come from."""
        return {pid: cmd for pid, cmd in self._all_pppds().items() if not _waits(pid)}

    def kill_pppds(self) -> None:
        """kill -9 all of them. The pid files they cannot remove are forgiven."""
        for pid in self._all_pppds():
            os.kill(pid, signal.SIGKILL)
        self.forgive_pid_files()

    def forgive_pid_files(self) -> None:
        """Those of pppds that were killed, which they cannot remove."""
        self.written |= {f for f in self.files() if f.startswith("/run/ppp") and f.endswith(".pid")}

    def links(self) -> dict[str, dict]:
        return {e["ifname"]: e for e in json.loads(self.run("ip", "-s", "-j", "link").stdout)}

    def state(self) -> "State":
        links = self.kernel.links().values()
        return State(self.kernel.l2tp_tunnels(), _real(self.kernel.l2tp_sessions()),
                     [name for name, kind in links if kind == ARPHRD_PPP], self.kernel.routes())

    def files(self) -> set[str]:
        top = str(self.path("/"))
        found = set()
        for where in ("run", "etc/ppp", "etc/l2tpd"):
            for folder, _, names in os.walk(os.path.join(top, where)):
                inside = "/" + os.path.relpath(folder, top)
                found |= {f"{inside}/{n}" for n in names if not inside.startswith(KEPT_FILES)}
        return {f for f in found if not f.startswith(KEPT_FILES)} - self.written

    def remember(self) -> None:
        """This is how the host is to be again at the end."""
        self.baseline = {"route": self.kernel.routes(), "file": self.files()}

    def leftovers(self) -> list[str]:
        """What a call or a daemon left behind here."""
        left = [f"process {pid} {cmd}" for pid, cmd in self.processes().items()]
        now = self.state()
        left += [f"kernel tunnel {t['tunnel_id']}" for t in now.tunnels]
        left += [f"lost route {r}" for r in sorted(self.baseline["route"] - now.routes)]
        left += [f"file {f}" for f in sorted(self.files() - self.baseline["file"])]
        return [f"{self.name}: {text}" for text in left] + self._call_left(now)

    def calls_left(self) -> list[str]:
        """What a call left behind while the daemons still run."""
        return self._call_left(self.state()) + [f"{self.name}: pppd {pid}" for pid in self.pppds()]

    def _call_left(self, now: "State") -> list[str]:
        left = [f"kernel session {s['session_id']}" for s in now.sessions]
        left += [f"interface {name}" for name in now.ppp_links]
        left += [f"route {r}" for r in sorted(now.routes - self.baseline["route"])]
        return [f"{self.name}: {text}" for text in left]

    def close(self) -> None:
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.kernel.close()
        self.holder.kill()
        self.holder.wait()


def _state(pid: str) -> tuple[str, str]:
    """Of a process: its state's letter and its name."""
    head, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    return rest.split()[0], head.partition("(")[2]


def _enter_network(fd: int) -> None:
    if LIBC.setns(fd, CLONE_NEWNET) < 0:
        raise OSError(ctypes.get_errno(), "setns")


@dataclass
class State:
    """A host's network at one moment."""
    tunnels: list[dict]
    sessions: list[dict]
    ppp_links: list[str]
    routes: set[str]


def _real(sessions: list[dict]) -> list[dict]:
    """Without session 0, which xl2tpd uses to keep its tunnel and which carries no call."""
    return [s for s in sessions if s["session_id"]]


def kernel_tunnels(host: Host) -> list[dict]:
    return host.state().tunnels


def kernel_sessions(host: Host) -> list[dict]:
    return host.state().sessions


class Net:
    """The test network of one case and everything that runs in it."""

    def __init__(self, results: Path):
        self.results = results
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir(parents=True)
        self.hosts: dict[str, Host] = {}
        self.tracked: list[Any] = []

    def __getattr__(self, name: str) -> Host:
        try:
            return self.__dict__["hosts"][name]
        except KeyError:
            raise AttributeError(name) from None

    def track(self, thing: Any) -> None:
        """Have thing.finish() called at the end; it returns complaints."""
        self.tracked.append(thing)

    def host(self, name: str) -> Host:
        self.hosts[name] = Host(self, name)
        return self.hosts[name]

    def join(self, a: Host, adev: str, aaddrs: list[str], b: Host, bdev: str,
             baddrs: list[str]) -> None:
        """A cable between two hosts. The first address of each kind becomes the host's own."""
        subprocess.run(["ip", "link", "add", adev, "netns", str(a.holder.pid), "type", "veth",
                        "peer", "name", bdev, "netns", str(b.holder.pid)], check=True)
        for host, dev, addrs in ((a, adev, aaddrs), (b, bdev, baddrs)):
            batch = f"link set {dev} up\n"
            for addr in addrs:
                batch += f"addr add {addr} dev {dev}" + (" nodad\n" if ":" in addr else "\n")
                plain = addr.split("/")[0]
                if ":" in addr:
                    host.addr6 = host.addr6 or plain
                else:
                    host.addr = host.addr or plain
            # veth leaves checksums to hardware it has not got: a capture would show them as wrong
            host.script(f"ethtool -K {dev} tx off tso off gso off gro off >/dev/null\n"
                        f"echo '{batch}' | ip -batch -")

    def ready(self) -> "Net":
        for host in self.hosts.values():
            host.remember()
        return self

    def finish(self) -> list[str]:
        """Stop everything in reverse order; complaints about ends and leftovers."""
        bad: list[str] = []
        for thing in reversed(self.tracked):
            bad += thing.finish()
        for host in self.hosts.values():
            try:
                # kernels before 6.12 remove sessions some time after the last close
                wait_for(lambda h=host: not h.leftovers(), deadline=60)
            except Timeout:
                bad += host.leftovers()
        return bad

    def close(self) -> None:
        for host in self.hosts.values():
            host.close()
        self.hosts.clear()

    def logs(self) -> list[tuple[str, str]]:
        return [(p.name, p.read_text(errors="replace")) for p in sorted(self.results.glob("*.log"))]


def direct(net: Net) -> Net:
    """lac and lns on one cable."""
    lac, lns = net.host("lac"), net.host("lns")
    net.join(lac, "eth0", ["192.0.2.1/24", "2001:db8::1/64"],
             lns, "eth0", ["192.0.2.2/24", "2001:db8::2/64"])
    return net.ready()


def with_stranger(net: Net) -> Net:
    """lac and lns on one cable, and a third that reaches both by cables of its own."""
    lac, lns = net.host("lac"), net.host("lns")
    net.join(lac, "eth0", ["192.0.2.1/24"], lns, "eth0", ["192.0.2.2/24"])
    stranger = net.host("stranger")
    net.join(stranger, "eth0", ["198.51.100.1/24"], lns, "eth1", ["198.51.100.2/24"])
    net.join(stranger, "eth1", ["203.0.113.1/24"], lac, "eth1", ["203.0.113.2/24"])
    stranger.script(f"ip route add {lns.addr} via 198.51.100.2\n"
                    f"ip route add {lac.addr} via 203.0.113.2")
    return net.ready()


def routed(net: Net, nat: bool = False, netem: str = "") -> Net:
    """lac and lns with a router between, which may hide lac's address or be a bad line."""
    lac, router, lns = net.host("lac"), net.host("router"), net.host("lns")
    net.join(lac, "eth0", ["192.0.2.1/24", "2001:db8:1::1/64"],
             router, "eth0", ["192.0.2.254/24", "2001:db8:1::fe/64"])
    net.join(router, "eth1", ["198.51.100.254/24", "2001:db8:2::fe/64"],
             lns, "eth0", ["198.51.100.1/24", "2001:db8:2::1/64"])
    router.script("echo 1 >/proc/sys/net/ipv4/ip_forward\n"
                  "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
    lac.script("ip route add default via 192.0.2.254 dev eth0\n"
               "ip -6 route add default via 2001:db8:1::fe dev eth0")
    if not nat:
        lns.script("ip route add default via 198.51.100.254 dev eth0\n"
                   "ip -6 route add default via 2001:db8:2::fe dev eth0")
    else:
        router.run("nft", "-f", "-", text_in=NAT_RULES)
    if netem:
        for dev in ("eth0", "eth1"):
            router.run("tc", "qdisc", "add", "dev", dev, "root", "netem", *netem.split())
    return net.ready()


class Bulk:
    """So many octets over TCP, while other things happen. Names of a kind: a sends to b."""

    def __init__(self, a: Host, a_addr: str, b: Host, b_addr: str, size: int):
        """b listens and a calls."""
        self.size = size
        self.got = 0
        self.error: BaseException | None = None
        self.listener = b.socket(0, b_addr, socket.SOCK_STREAM)
        self.listener.listen()
        self.caller = a.socket(0, a_addr, socket.SOCK_STREAM)
        self.threads = [threading.Thread(target=self._guard, args=(work,), daemon=True)
                        for work in (self._send, self._receive)]
        for thread in self.threads:
            thread.start()

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as e:      # told by finish(), in the thread of the case
            self.error = e

    def _send(self) -> None:
        with self.caller:
            self.caller.settimeout(BULK_PATIENCE)
            self.caller.connect(self.listener.getsockname())
            block = bytes(65536)
            for at in range(0, self.size, len(block)):
                self.caller.sendall(block[:self.size - at])
            self.caller.shutdown(socket.SHUT_WR)
            self.caller.recv(1)         # until all of it has been read

    def _receive(self) -> None:
        with self.listener:
            self.listener.settimeout(BULK_PATIENCE)
            conn, _ = self.listener.accept()
            with conn:
                conn.settimeout(BULK_PATIENCE)
                while data := conn.recv(65536):
                    self.got += len(data)

    def running(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def finish(self, deadline: float = 240) -> None:
        """All of it has arrived."""
        wait_for(lambda: self.error or not self.running(), deadline, "the bulk has arrived")
        if self.error:
            raise AssertionError(f"bulk: {self.got} of {self.size} octets") from self.error
        assert self.got == self.size, f"{self.got} of {self.size} octets arrived"


def wakeups(pid: int) -> int:
    """How often all threads of a process have waited for something."""
    found = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        found += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status.read_text(), re.M)[1])
    return found


def memory(pid: int) -> dict[str, int]:
    """What a process has in memory, in KiB: Rss, Pss, Private_Dirty ..."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}


def fd_count(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def open_files(pid: int) -> list[str]:
    """What the process has open, as /proc names it."""
    files = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            files.append(os.readlink(entry))
    return sorted(files)


def wait_no_more_files(daemons: list, before: list[list[str]]) -> None:
    """
    Nobody has more open than before. One may have less: at the first look a client of the control
    socket may just have been leaving, or a socket have waited for the kernel thread to close it.
    """
    def no_more() -> bool:
        now = [open_files(daemon.pid) for daemon in daemons]
        assert all(len(a) <= len(b) for a, b in zip(now, before)), f"{before} before, now {now}"
        return True

    wait_for(no_more, what="no more open files than before")
