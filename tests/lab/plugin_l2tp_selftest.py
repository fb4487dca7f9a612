#!/usr/bin/python3
"""The pppd plugin over PPPoL2TP, as the daemon runs pppd: ready-made pppds and their words, and MPPE
with somebody in the middle who changes what the two pppds say to each other.

Needs root and a kernel with L2TP:  tests/lab/lab exec --kernel 6.1 -- tests/lab/plugin_l2tp_selftest.py
"""

import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from plugin_rig import (BUSYBOX, CCP, IP_UP, JAIL, LINK_DOWN, PATIENCE, SECRETS, Pppd, PppSession,
                        TESTS, Test, main, test)

SO_BINDTODEVICE = 25
LCP, IP, IP6, CCP_PROTO, MPPE_DATA, IPCP = (b"\xc0\x21", b"\x00\x21", b"\x00\x57", b"\x80\xfd",
                                            b"\x00\xfd", b"\x80\x21")
CONFREQ, CONFACK, CONFREJ, TERMREQ = 1, 2, 4, 5
MPPE_128 = b"\x12\x06\x01\x00\x00\x40"      # RFC 3078 2: stateless, 128 bits
DEMANDED = ["require-mppe-128", "l2tpd-require-mppe"]

# include/l2tpd/zygote.h
ORDER, REPLY = struct.Struct("=Ii"), struct.Struct("=IIi")
WAITS, CLONED, RUNS, FAILED = range(1, 5)
ZYGOTE_VERSION = 1


def packet(code: int, number: int, data: bytes = b"") -> bytes:
    return struct.pack(">BBH", code, number, 4 + len(data)) + data


class Wire:
    """Carries the frames between two ends, and shows each to look_at(side, protocol, packet), which
    returns what goes on instead of it: None for the same, or a list of (to, protocol, packet)."""

    def __init__(self, look_at: Callable | None = None):
        self.socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for sock in self.socks:
            sock.bind(("127.0.0.1", 0))
        self.session = PppSession([s.getsockname() for s in self.socks])
        for sock, end in zip(self.socks, self.session.ends):
            sock.connect(end.getsockname())
        self.look_at = look_at or (lambda side, protocol, packet: None)
        self.headers: dict[int, bytes] = {}     # by the side it goes to
        self.count: dict[tuple[int, bytes], int] = {}
        self.stop_r, self.stop_w = os.pipe()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        while True:
            ready, _, _ = select.select([*self.socks, self.stop_r], [], [])
            if self.stop_r in ready:
                return
            for sock in ready:
                try:
                    self.frame(self.socks.index(sock), sock.recv(4096))
                except ConnectionError:
                    pass

    def frame(self, side: int, data: bytes) -> None:
        if data[0] & 0x80 or data[6:8] != b"\xff\x03":
            return
        self.headers[1 - side] = data[:6]
        protocol, content = data[8:10], data[10:]
        self.count[side, protocol] = self.count.get((side, protocol), 0) + 1
        instead = self.look_at(side, protocol, content)
        for to, proto, pkt in [(1 - side, protocol, content)] if instead is None else instead:
            self.send(to, proto, pkt)

    def send(self, to: int, protocol: bytes, content: bytes) -> None:
        self.socks[to].send(self.headers[to] + b"\xff\x03" + protocol + content)

    def clear(self, side: int) -> int:
        """Packets of IP that left that side unencrypted."""
        return self.count.get((side, IP), 0) + self.count.get((side, IP6), 0)

    def close(self) -> None:
        os.write(self.stop_w, b"x")
        self.thread.join()
        self.session.close()
        for fd in self.stop_r, self.stop_w:
            os.close(fd)
        for sock in self.socks:
            sock.close()


SERVER, CLIENT = range(2)


def find_program(name: str) -> str:
    build = Path(os.environ.get("L2TPD_BUILD", "build"))
    return str(next(iter(sorted(build.rglob(name)))))


def on_wire(look_at: Callable | None = None) -> Callable:
    """A test with two pppds on a Wire."""
    def wrap(fn: Callable[[Test, Wire], None]) -> None:
        def body(t: Test) -> None:
            t.started()
            wire = Wire(look_at() if look_at else None)
            t.lines = tuple(wire.session.lines)
            try:
                fn(t, wire)
            finally:
                t.close()
                wire.close()
        body.__name__ = fn.__name__
        test(body)
    return wrap


def chatter(ifname: str, stop: threading.Event) -> threading.Thread:
    """Packets out of that interface as fast as they go, whatever becomes of it."""
    def run() -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, ifname.encode())
        while not stop.is_set():
            try:
                sock.sendto(b"secret", ("198.51.100.1", 9))
            except OSError:
                time.sleep(0.001)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def expect_no_mppe(t: Test, wire: Wire, s: Pppd, words: str) -> None:
    """The link has ended for want of encryption, and not one packet of IP has been sent."""
    s.proc.wait(PATIENCE)
    down = s.of(LINK_DOWN)
    assert down and down[0].words == words, s.events
    assert not s.of(IP_UP), s.events
    assert not wire.count.get((SERVER, IPCP)), "IPCP was started"
    assert wire.clear(SERVER) == 0, wire.count


@on_wire()
def mppe(t: Test, wire: Wire) -> None:
    """Both sides report it, and all that leaves is encrypted."""
    s = t.server("require-mschap-v2", *DEMANDED)
    c = t.client(*DEMANDED)
    t.started()
    up = s.wait(IP_UP)
    c.wait(IP_UP)
    for p in s, c:
        ccp = p.of(CCP)
        assert len(ccp) == 1 and ccp[0].number == 1, p.events
        assert (ccp[0].send_bits, ccp[0].recv_bits, ccp[0].stateful) == (128, 128, 0), p.events
        kinds = [e.type for e in p.events]
        assert kinds.index(CCP) < kinds.index(IP_UP), p.events
    stop = threading.Event()
    thread = chatter(up.ifname, stop)
    end = time.monotonic() + PATIENCE
    while wire.count.get((SERVER, MPPE_DATA), 0) < 50:
        assert time.monotonic() < end, wire.count
        time.sleep(0.1)
    c.terminate()
    s.proc.wait(PATIENCE)
    stop.set()
    thread.join()
    t.notes.append(f"{wire.count.get((SERVER, MPPE_DATA))} packets encrypted, "
                   f"{wire.clear(SERVER)} not")
    assert wire.clear(SERVER) == 0 and wire.clear(CLIENT) == 0, wire.count
    assert s.of(CCP)[-1].number == 0, s.events


def rejects() -> Callable:
    """The client's answer to a request for MPPE becomes a refusal."""
    def look_at(side: int, protocol: bytes, pkt: bytes):
        if protocol == CCP_PROTO and side == SERVER and pkt[0] == CONFREQ and MPPE_128 in pkt:
            return [(SERVER, CCP_PROTO, packet(CONFREJ, pkt[1], MPPE_128))]
        return None
    return look_at


@on_wire(rejects)
def mppe_rejected(t: Test, wire: Wire) -> None:
    s = t.server("require-mschap-v2", *DEMANDED)
    t.client("require-mppe-128")
    t.started()
    expect_no_mppe(t, wire, s, "MPPE required but peer refused")


def knows_no_ccp() -> Callable:
    def look_at(side: int, protocol: bytes, pkt: bytes):
        if protocol == CCP_PROTO and side == SERVER:
            return [(SERVER, LCP, packet(8, 1, CCP_PROTO + pkt))]
        return [] if protocol == CCP_PROTO else None
    return look_at


@on_wire(knows_no_ccp)
def mppe_unknown(t: Test, wire: Wire) -> None:
    s = t.server("require-mschap-v2", *DEMANDED)
    t.client("require-mppe-128")
    t.started()
    expect_no_mppe(t, wire, s, "MPPE required but peer negotiation failed")
    assert s.of(LINK_DOWN)[0].rejected == "CCP", s.events


def takes_no_part() -> Callable:
    """The client acknowledges the server's MPPE, and seems to ask for nothing itself: the server is
    to decrypt, and not to encrypt."""
    def look_at(side: int, protocol: bytes, pkt: bytes):
        if protocol != CCP_PROTO:
            return None
        if side == CLIENT and pkt[0] == CONFREQ:
            return [(SERVER, CCP_PROTO, packet(CONFREQ, pkt[1]))]
        if side == SERVER and pkt[0] == CONFACK:
            return [(CLIENT, CCP_PROTO, packet(CONFACK, pkt[1], MPPE_128))]
        return None
    return look_at


@on_wire(takes_no_part)
def mppe_one_way(t: Test, wire: Wire) -> None:
    s = t.server("require-mschap-v2", *DEMANDED)
    c = t.client("require-mppe-128")
    t.started()
    words = "MPPE with 128 bits required, but the peer does not encrypt so"
    expect_no_mppe(t, wire, s, words)
    c.proc.wait(PATIENCE)
    assert c.of(LINK_DOWN)[0].farewell == words, c.events
    assert (s.of(CCP)[0].send_bits, s.of(CCP)[0].recv_bits) == (0, 128), s.events


@on_wire(takes_no_part)
def mppe_one_way_in_plain_pppd(t: Test, wire: Wire) -> None:
    """Why the plugin looks: pppd's own option is content with that."""
    s = t.server("require-mschap-v2", "require-mppe-128")
    t.client("require-mppe-128")
    t.started()
    up = s.wait(IP_UP)
    stop = threading.Event()
    thread = chatter(up.ifname, stop)
    end = time.monotonic() + 20
    while not wire.clear(SERVER) and time.monotonic() < end:
        time.sleep(0.1)
    stop.set()
    thread.join()
    t.notes.append(f"{wire.clear(SERVER)} packets in clear with require-mppe-128 alone")
    assert wire.clear(SERVER) > 0, "pppd has mended it: the plugin need not look"


def switched_off(option: str) -> None:
    @on_wire()
    def body(t: Test, wire: Wire) -> None:
        s = t.server("require-mschap-v2", *DEMANDED, option)
        t.client()
        t.started()
        s.proc.wait(PATIENCE)
        assert not s.of(IP_UP), s.events
        assert wire.clear(SERVER) == 0, wire.count
        words = "MPPE required, but an option of pppd switches it off"
        assert s.of(LINK_DOWN)[0].words == words, s.events
    TESTS[-1].__name__ = f"mppe_and_{option}"


switched_off("noccp")
switched_off("nomppe")


def end_ccp_late(t: Test, wire: Wire) -> Pppd:
    """The peer ends CCP on a link that is up and busy."""
    s = t.server("require-mschap-v2", *DEMANDED)
    c = t.client(*DEMANDED)
    t.started()
    up = s.wait(IP_UP)
    c.wait(IP_UP)
    stop = threading.Event()
    thread = chatter(up.ifname, stop)
    end = time.monotonic() + PATIENCE
    while wire.count.get((SERVER, MPPE_DATA), 0) < 50:
        assert time.monotonic() < end, wire.count
        time.sleep(0.1)
    wire.send(SERVER, CCP_PROTO, packet(TERMREQ, 77))
    s.proc.wait(PATIENCE)
    stop.set()
    thread.join()
    assert s.of(LINK_DOWN)[0].words in ("MPPE disabled", "MPPE disabled by peer"), s.events
    assert s.of(CCP)[-1].number == 0, s.events
    t.notes.append(f"{wire.count.get((SERVER, MPPE_DATA))} packets encrypted, then "
                   f"{wire.clear(SERVER)} in clear")
    return s


@on_wire()
def mppe_ends_late(t: Test, wire: Wire) -> None:
    """The kernel stops encrypting when it passes that frame on; what leaves before pppd has read it
    is beyond the plugin's reach."""
    end_ccp_late(t, wire)


@on_wire()
def mppe_ends_late_behind_the_fence(t: Test, wire: Wire) -> None:
    """src/linux/clear_guard.c: not even then."""
    tid, sid = wire.session.sends[SERVER]
    with subprocess.Popen([find_program("guard_hold"), "127.0.0.1", str(tid), str(sid)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as guard:
        try:
            assert guard.stdout.readline() == b"ready\n"
            end_ccp_late(t, wire)
            assert wire.clear(SERVER) == 0, wire.count
        finally:
            guard.stdin.close()


# --- ready-made pppds ---

class Child:
    """A process that somebody else has started for us, but is our child."""

    def __init__(self, pid: int):
        self.pid, self.returncode, self.usage = pid, None, None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.returncode, self.usage = os.waitstatus_to_exitcode(status), usage
        return self.returncode

    def wait(self, patience: float = PATIENCE) -> int:
        end = time.monotonic() + patience
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("pppd", patience)
            time.sleep(0.02)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Zygote:
    """A pppd that waits, and our side of it."""

    def __init__(self, t: Test, *plugins: str):
        self.test = t
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.inode = os.fstat(theirs.fileno()).st_ino
        self.words, stderr = os.pipe()
        args = [a for p in ("pppol2tp.so", *plugins, str(t.args.plugin)) for a in ("plugin", p)]
        self.proc = subprocess.Popen(
            [BUSYBOX, "unshare", "-m", "--propagation", "private", BUSYBOX, "sh", "-c", JAIL, "sh",
             f"exec 3<&{theirs.fileno()} {theirs.fileno()}<&- 4</dev/null 5</dev/null",
             t.args.pppd, *args, "l2tpd-zygote", "3", "file", "/proc/self/fd/4"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr,
            pass_fds=[theirs.fileno()], start_new_session=True)
        theirs.close()
        os.close(stderr)
        self.number = 0

    def reply(self) -> tuple[int, int, int]:
        self.sock.settimeout(PATIENCE)
        data = self.sock.recv(100)
        assert data, f"it has ended: {os.read(self.words, 2000)}"
        return REPLY.unpack(data)

    def ready(self) -> None:
        assert self.reply() == (WAITS, 0, ZYGOTE_VERSION)

    def order(self, fds: list[int], nice: int = 4) -> int:
        self.number += 1
        socket.send_fds(self.sock, [ORDER.pack(self.number, nice)], fds)
        answers = dict((a[0], a[1:]) for a in (self.reply(), self.reply()))
        assert set(answers) == {CLONED, RUNS} and answers[CLONED] == answers[RUNS], answers
        assert answers[RUNS][0] == self.number, answers
        return answers[RUNS][1]

    def close(self) -> None:
        self.proc.kill()
        self.proc.wait()
        self.sock.close()
        os.close(self.words)


class Copy(Pppd):
    """One call of a ready-made pppd."""

    def __init__(self, t: Test, zygote: Zygote, name: str, line: socket.socket,
                 options: list[str]):
        self.test, self.name, self.secrets, self.grant = t, name, SECRETS, None
        self.events, self.changed = [], threading.Condition()
        self.log_path = t.folder / f"{name}.log"
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words_r, words_w = os.pipe()
        memfd = os.memfd_create(name, 0)
        lines = ["pppol2tp 3", "l2tpd-fd 5", "logfd 2", "nodetach", "noauth", "novj", "noccp",
                 "noipv6", "debug", "lcp-restart 6", "ipcp-restart 6", "lcp-max-terminate 1",
                 "ip-up-script /nonexistent", "ip-down-script /nonexistent", *options]
        os.write(memfd, "\n".join(lines).encode() + b"\n")
        self.proc = Child(zygote.order([line.fileno(), memfd, theirs.fileno(), words_w]))
        os.close(memfd)
        os.close(words_w)
        theirs.close()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        self.reader = threading.Thread(target=self.read_words, args=(words_r,), daemon=True)
        self.reader.start()
        t.pppds.append(self)

    def read_words(self, fd: int) -> None:
        with os.fdopen(fd, "rb") as words, self.log_path.open("wb") as log:
            while data := os.read(words.fileno(), 4096):
                log.write(data)
                log.flush()


def on_session(fn: Callable[[Test, PppSession], None]) -> None:
    def body(t: Test) -> None:
        t.started()
        session = PppSession()
        t.lines = tuple(session.lines)
        t.zygotes = []
        try:
            fn(t, session)
        finally:
            t.close()
            session.close()
            for z in t.zygotes:
                z.close()
    body.__name__ = fn.__name__
    test(body)


def zygote(t: Test, *plugins: str) -> Zygote:
    t.zygotes.append(Zygote(t, *plugins))
    return t.zygotes[-1]


def pair(t: Test, one: Zygote, other: Zygote, *options: str) -> tuple[Copy, Copy]:
    a = Copy(t, one, "server", t.lines[0], ["10.1.0.1:10.1.0.2", *options])
    b = Copy(t, other, "client", t.lines[1], ["noipdefault", "ipcp-accept-local",
                                              "ipcp-accept-remote"])
    t.started()
    a.wait(IP_UP), b.wait(IP_UP)
    return a, b


@on_session
def zygote_calls(t: Test, session: PppSession) -> None:
    """Two calls, one after the other, from the same ready-made pppds; what the copies are like."""
    one, other = zygote(t), zygote(t)
    one.ready(), other.ready()
    for _ in range(2):
        a, b = pair(t, one, other)
        status = dict(line.split(":\t", 1) for line in
                      open(f"/proc/{a.proc.pid}/status").read().splitlines() if ":\t" in line)
        assert int(status["PPid"]) == os.getpid(), status
        assert os.getpgid(a.proc.pid) == a.proc.pid
        assert os.getpriority(os.PRIO_PROCESS, a.proc.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 4
        held = [os.readlink(f"/proc/{a.proc.pid}/fd/{fd}")
                for fd in os.listdir(f"/proc/{a.proc.pid}/fd")]
        assert f"socket:[{one.inode}]" not in held, "a copy could take orders"
        b.terminate()
        assert b.proc.wait() == 5
        a.end(0)
        assert "local  IP address 10.1.0.1" in a.log(), a.log()
        session.close()
        session = PppSession()
        t.lines = tuple(session.lines)
        t.pppds.clear()
    session.close()


@on_session
def zygote_quiet(t: Test, session: PppSession) -> None:
    """l2tpd-quiet: nothing to syslog, all of it to the pipe."""
    syslog = Path("/lab/syslog")
    if not syslog.exists():
        t.notes.append("left out: no guest of the lab")
        return
    one, other = zygote(t), zygote(t)
    one.ready(), other.ready()
    a, b = pair(t, one, other, "l2tpd-quiet")
    end = time.monotonic() + PATIENCE
    while f"pppd[{b.proc.pid}]: local  IP address" not in (text := syslog.read_text()):
        assert time.monotonic() < end, "nothing of the other one either"
        time.sleep(0.1)
    assert f"pppd[{a.proc.pid}]" not in text
    assert "local  IP address 10.1.0.1" in a.log(), a.log()


@on_session
def zygote_siblings(t: Test, session: PppSession) -> None:
    """Two copies of one pppd at both ends of a link: with the same random numbers they would take
    the line for looped back."""
    one = zygote(t)
    one.ready()
    a, b = pair(t, one, one)
    assert "looped back" not in a.log() + b.log()


@on_session
def zygote_with_plugins(t: Test, session: PppSession) -> None:
    """Those of the profile are loaded while it waits."""
    if t.args.pppd != "/usr/sbin/pppd":
        t.notes.append("left out: other pppds may have no plugins")
        return
    zygote(t, "radius.so").ready()      # without a server nobody gets further with it
    one, other = zygote(t, "minconn.so"), zygote(t, "minconn.so")
    one.ready(), other.ready()
    pair(t, one, other)


@on_session
def zygote_killed(t: Test, session: PppSession) -> None:
    """Its copies live on."""
    one, other = zygote(t), zygote(t)
    one.ready(), other.ready()
    a, b = pair(t, one, other)
    for z in one, other:
        z.proc.kill()
        z.proc.wait()
    assert a.proc.poll() is None and b.proc.poll() is None
    b.terminate()
    assert b.proc.wait() == 5
    a.end(0)


@on_session
def zygote_option_error(t: Test, session: PppSession) -> None:
    """Words of an error in the options arrive, and the next call works."""
    one, other = zygote(t), zygote(t)
    one.ready(), other.ready()
    c = Copy(t, one, "bad", session.lines[0], ["no-such-option"])
    assert c.proc.wait() == 2
    c.reader.join(PATIENCE)
    assert "In file /proc/self/fd/4: unrecognized option 'no-such-option'" in c.log(), c.log()
    pair(t, one, other)


@on_session
def zygote_without_daemon(t: Test, session: PppSession) -> None:
    """The daemon dies: the ready-made pppd ends by itself."""
    one = zygote(t)
    one.ready()
    one.sock.shutdown(socket.SHUT_RDWR)
    assert one.proc.wait(PATIENCE) == 0


if __name__ == "__main__":
    sys.exit(main(__doc__))
