"""What the selftests of the pppd plugin stand on: pppds in namespaces of their own, this program as
the daemon on their event sockets, and the command line."""

import argparse
import ctypes
import itertools
import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BUSYBOX = "/bin/busybox"
AF_PPPOX, PX_PROTO_OL2TP = 24, 1
LOG_TAIL = 60       # lines of each log shown with a failure
PATIENCE = 90       # seconds for what should take one; guests are emulated and slow

# include/l2tpd/plugin.h
(HELLO, PHASE, AUTH_UP, IP_UP, IP_DOWN, IP6_UP, IP6_DOWN, LINK_DOWN, EXIT, ACCM, AUTH_FAILED, CCP,
 ASK_PEER, ASK_OWN, ASK_ADDRESS, ANSWER, GRANT) = range(1, 18)
NAMES = ("- HELLO PHASE AUTH_UP IP_UP IP_DOWN IP6_UP IP6_DOWN LINK_DOWN EXIT ACCM AUTH_FAILED CCP "
         "ASK_PEER ASK_OWN ASK_ADDRESS ANSWER GRANT").split()
TEXT = {HELLO, PHASE, AUTH_UP, AUTH_FAILED, ASK_PEER, ASK_OWN}
PLUGIN_VERSION = 3
REFUSED, ADDRESS, ANY = range(3)
HEAD = struct.Struct("=Ii")
IP = struct.Struct("=32sI4s4s4s4sII")
IP6 = struct.Struct("=32s8s8s")
DOWN = struct.Struct("=I256s256s256s32s")
ASK = struct.Struct("=4s512s")

# Private /run and /etc: two pppds would share pid files and secrets. Debian's ip-up is left out.
JAIL = """
B=/bin/busybox
$B mount -t tmpfs tmpfs /run
$B mkdir -p /run/etc/upper /run/etc/work
$B mount -t overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work overlay /etc
$B rm -rf /etc/ppp/*-up /etc/ppp/*-down /etc/ppp/*.d
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
$B ip link set lo up
eval "$1"
shift
exec "$@"
"""


class Event:
    def __init__(self, data: bytes):
        self.type, self.number = HEAD.unpack_from(data)
        body = data[HEAD.size:]
        self.text = ""
        if self.type in TEXT:
            assert body.endswith(b"\0"), f"no NUL: {data!r}"
            self.text = body[:-1].decode()
        elif self.type == IP_UP:
            ifname, self.ifindex, *addresses, self.mtu, self.mru = IP.unpack(body)
            self.ifname = ifname.rstrip(b"\0").decode()
            self.local, self.remote, self.dns1, self.dns2 = map(socket.inet_ntoa, addresses)
        elif self.type == IP6_UP:
            ifname, self.local_id, self.remote_id = IP6.unpack(body)
            self.ifname = ifname.rstrip(b"\0").decode()
        elif self.type == ACCM:
            self.send, self.recv = struct.unpack("=II", body)
        elif self.type == LINK_DOWN:
            self.by_peer, *texts = DOWN.unpack(body)
            self.words, self.farewell, self.rejected, self.login = (
                t.split(b"\0")[0].decode() for t in texts)
        elif self.type == CCP:
            self.send_bits, self.recv_bits, self.stateful = struct.unpack("=III", body)
        elif self.type == ASK_ADDRESS:
            address, user = ASK.unpack(body)
            self.address, self.user = socket.inet_ntoa(address), user.split(b"\0")[0].decode()

    def __repr__(self) -> str:
        more = {k: v for k, v in vars(self).items() if k not in ("type", "number", "text")}
        return f"{NAMES[self.type]} {self.number} {self.text!r} {more or ''}".rstrip(" '\"")


class Pppd:
    """One pppd and the daemon's side of its event socket."""

    def __init__(self, test: "Test", name: str, options: list[str], line: socket.socket,
                 secrets: dict[str, tuple[str, str | None]] | Callable, prepare: str = ":",
                 grant: Callable | None = None):
        self.test, self.name, self.secrets, self.grant = test, name, secrets, grant
        self.events: list[Event] = []
        self.changed = threading.Condition()
        self.log_path = test.folder / f"{name}.log"
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.inode = os.fstat(theirs.fileno()).st_ino
        memfd = os.memfd_create(name, 0)
        lines = ["nodetach", "nodefaultroute", "noproxyarp", "novj", "debug",
                 f"logfile {self.log_path}", "lcp-restart 6", "ipcp-restart 6",
                 "lcp-max-terminate 1", f"plugin {test.args.plugin}", f"l2tpd-fd {theirs.fileno()}"]
        if not any("+ipv6" in o for o in options):
            lines.append("noipv6")
        if not any("mppe" in o for o in options):
            lines.append("noccp")
        fds, namespaces, stdin = [memfd, theirs.fileno()], ["-n", "-m"], line
        if line.family == AF_PPPOX:     # its channel is known only in the namespace it was made in
            fds, namespaces, stdin = [*fds, line.fileno()], ["-m"], subprocess.DEVNULL
            lines = ["plugin pppol2tp.so", f"pppol2tp {line.fileno()}", *lines]
        else:
            lines += ["notty", "nolock", "local"]
        os.write(memfd, "\n".join(lines + options).encode() + b"\n")
        os.lseek(memfd, 0, os.SEEK_SET)
        self.proc = subprocess.Popen(
            [BUSYBOX, "unshare", *namespaces, "--propagation", "private", BUSYBOX, "sh", "-c", JAIL,
             "sh", prepare, test.args.pppd, "file", f"/proc/self/fd/{memfd}"],
            stdin=stdin, stdout=stdin, pass_fds=fds, start_new_session=True)
        os.close(memfd)
        theirs.close()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                data = self.sock.recv(4096)
            except OSError:
                data = b""
            with self.changed:
                if data:
                    self.events.append(Event(data))
                self.changed.notify_all()
            if not data:
                return
            if self.events[-1].type in (ASK_PEER, ASK_OWN):
                self.reply(self.events[-1])
            if self.events[-1].type == ASK_ADDRESS and self.grant:
                verdict, address, text = self.grant(self.events[-1])
                self.sock.send(HEAD.pack(GRANT, self.events[-1].number) + struct.pack(
                    "=I4s256s", verdict, socket.inet_aton(address or "0.0.0.0"), text.encode()))

    def reply(self, question: Event) -> None:
        found = (self.secrets(question) if callable(self.secrets) else
                 self.secrets.get(question.text, (None, None)))
        if found is None:
            return      # a daemon that does not answer
        secret, address = found
        raw = (secret or "").encode()
        self.sock.send(HEAD.pack(ANSWER, question.number) +
                       struct.pack("=I4sI", secret is not None,
                                   socket.inet_aton(address or "0.0.0.0"), len(raw)) + raw)

    def of(self, *types: int) -> list[Event]:
        return [e for e in list(self.events) if e.type in types]

    def wait(self, kind: int, count: int = 1, patience: float = PATIENCE) -> Event:
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.of(kind)) >= count or
                                         not self.thread.is_alive(), patience) or \
                    len(self.of(kind)) < count:
                raise AssertionError(f"{self.name}: no {NAMES[kind]} no. {count}: {self.events}")
        return self.of(kind)[count - 1]

    def phases(self) -> list[str]:
        return [e.text for e in self.of(PHASE)]

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def end(self, code: int, patience: float = PATIENCE) -> int:
        """pppd ends by itself, the plugin calls it code. Returns what pppd exits with."""
        raw = self.proc.wait(patience)
        self.thread.join(patience)
        assert self.of(EXIT), f"{self.name}: no EXIT: {self.events}"
        got = self.of(EXIT)[0].number
        assert got == code, f"{self.name}: EXIT {got} instead of {code}: {self.events}"
        return raw

    def terminate(self) -> None:
        self.proc.send_signal(signal.SIGTERM)

    def inside(self, *command: str) -> subprocess.CompletedProcess:
        return subprocess.run([BUSYBOX, "nsenter", "-n", "-t", str(self.proc.pid), *command],
                              capture_output=True, text=True, timeout=PATIENCE)

    def kill(self) -> None:
        """Also its children: the character shunt."""
        children = self.children
        if self.proc.poll() is None:
            self.proc.send_signal(signal.SIGCONT)
            self.proc.kill()
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.proc.wait()
        self.sock.close()

    @property
    def children(self) -> list[int]:
        path = Path(f"/proc/{self.proc.pid}/task/{self.proc.pid}/children")
        try:
            return [int(p) for p in path.read_text().split()]
        except OSError:
            return []


REFUSE = ["refuse-pap", "refuse-chap", "refuse-mschap", "refuse-mschap-v2", "refuse-eap"]
SECRETS = {"bob": ("secret", None)}


class Test:
    def __init__(self, name: str, args: argparse.Namespace, folder: Path):
        self.name, self.args, self.folder = name, args, folder
        folder.mkdir(parents=True)
        self.pppds: list[Pppd] = []
        self.notes: list[str] = []
        self.lines: tuple[socket.socket, ...] = socket.socketpair()

    def server(self, *options: str, secrets=SECRETS, auth: bool = True,
               prepare: str = ":", grant: Callable | None = None) -> Pppd:
        base = ["10.1.0.1:10.1.0.2", *REFUSE]
        base += ["auth", "l2tpd-auth-peer"] if auth else ["noauth"]
        return self.add("server", base + list(options), self.lines[0], secrets, prepare, grant)

    def client(self, *options: str, secrets=SECRETS, login: bool = True) -> Pppd:
        base = ["noauth", "noipdefault", "ipcp-accept-local", "ipcp-accept-remote"]
        base += ["user bob", "l2tpd-own-secret"] if login else REFUSE
        return self.add("client", base + list(options), self.lines[1], secrets)

    def add(self, *args) -> Pppd:
        self.pppds.append(Pppd(self, *args))
        return self.pppds[-1]

    def started(self) -> None:
        """Both pppds hold the line by now; here it would hide a hang-up."""
        for line in self.lines:
            line.close()

    def close(self) -> None:
        for p in self.pppds:
            p.kill()
        self.started()


TESTS: list[Callable[[Test], None]] = []


def test(fn: Callable[[Test], None]) -> Callable[[Test], None]:
    TESTS.append(fn)
    return fn


class PppSession:
    """Two joined PPPoL2TP sockets over loopback, by the kernel's old interface without netlink:
    connecting session 0 makes the tunnel. between: two UDP addresses, one for each end to send to,
    of somebody in the middle."""

    libc = ctypes.CDLL(None, use_errno=True)
    numbers = itertools.count(60, 2)

    def __init__(self, between: list | None = None):
        self.held: list[socket.socket] = []
        self.ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for udp in self.ends:
            udp.bind(("127.0.0.1", 0))
        for udp, peer in zip(self.ends, between or [e.getsockname() for e in self.ends[::-1]]):
            udp.connect(peer)
        self.held += self.ends
        self.lines = []
        self.sends: list[tuple[int, int]] = []      # tunnel and session in what each end sends
        # several sessions at a time: the tests run beside each other
        base = next(self.numbers)
        for n, udp in enumerate(self.ends):
            tid, peer = base + n, base + 1 - n
            self.sends.append((peer, 100 + peer))
            self.held.append(self.pppox(udp, tid, peer, 0, 0))
            self.lines.append(self.pppox(udp, tid, peer, 100 + tid, 100 + peer))

    def pppox(self, udp: socket.socket, *ids: int) -> socket.socket:
        tid, peer_tid, sid, peer_sid = ids
        sock = socket.socket(AF_PPPOX, socket.SOCK_DGRAM, PX_PROTO_OL2TP)
        host, port = udp.getpeername()
        address = struct.pack("=HIii", AF_PPPOX, PX_PROTO_OL2TP, 0, udp.fileno())
        address += struct.pack("=H2s4s8x", socket.AF_INET, port.to_bytes(2), socket.inet_aton(host))
        address += struct.pack("=HHHH", tid, sid, peer_tid, peer_sid)
        if self.libc.connect(sock.fileno(), address, len(address)) < 0:
            raise OSError(ctypes.get_errno(), "connect a PPPoL2TP socket")
        return sock

    def close(self) -> None:
        for sock in self.held:
            sock.close()


# What pppd says when the terminal it was given went away meanwhile: nothing was tested.
NO_LINE = "Couldn't get channel number: Input/output error"


def run_once(fn: Callable[[Test], None], args: argparse.Namespace, root: Path) -> tuple[Test, str]:
    t = Test(fn.__name__, args, root / fn.__name__)
    why = ""
    try:
        fn(t)
    except Exception:
        why = traceback.format_exc()
    finally:
        t.close()
    return t, why


def run(fn: Callable[[Test], None], args: argparse.Namespace, root: Path) -> bool:
    begin = time.monotonic()
    t, why = run_once(fn, args, root)
    if why and any(NO_LINE in p.log() for p in t.pppds):
        t, why = run_once(fn, args, root / "again")
    text = f"{'FAIL' if why else 'ok  '} {fn.__name__} ({time.monotonic() - begin:.1f} s)"
    text += "".join(f"\n       {n}" for n in t.notes)
    if why or args.verbose:
        text += "\n" + why
        for p in t.pppds:
            text += f"--- {p.name}, exit {p.proc.returncode}\n"
            text += "".join(f"{e}\n" for e in p.events)
            text += "".join(f"{line}\n" for line in p.log().splitlines()[-LOG_TAIL:])
    print(text, flush=True)
    return not why


def find_plugin() -> Path | None:
    build = Path(os.environ.get("L2TPD_BUILD", "build"))
    return next(iter(sorted(build.rglob("l2tpd.so"))), None)


def main(about: str) -> int:
    parser = argparse.ArgumentParser(description=about.split("\n\n")[0])
    parser.add_argument("--plugin", type=Path, default=find_plugin(),
                        help="l2tpd.so (default: the one below $L2TPD_BUILD)")
    parser.add_argument("--pppd", default="/usr/sbin/pppd")
    parser.add_argument("-j", "--jobs", type=int, default=4, help="tests at a time")
    parser.add_argument("-v", "--verbose", action="store_true", help="logs, not just of failures")
    parser.add_argument("tests", nargs="*", help="names of tests (default: all)")
    args = parser.parse_args()
    if not args.plugin:
        parser.error("no l2tpd.so below $L2TPD_BUILD: give --plugin")
    args.plugin = args.plugin.absolute()
    wanted = [fn for fn in TESTS if not args.tests or fn.__name__ in args.tests]
    with tempfile.TemporaryDirectory(prefix="plugin-") as root, \
            ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda fn: run(fn, args, Path(root)), wanted))
    print(f"{sum(results)} of {len(results)} passed", flush=True)
    return 0 if results and all(results) else 1
