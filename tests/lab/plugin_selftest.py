#!/usr/bin/python3
"""The pppd plugin under a real pppd: two pppds, in namespaces of their own, talk over a socket pair
("notty"), once over PPPoL2TP, and this program plays the daemon on both event sockets.

Needs root and a kernel with PPP:  tests/lab/lab exec --kernel 6.1 -- tests/lab/plugin_selftest.py
"""

import argparse
import ctypes
import itertools
import os
import signal
import socket
import struct
import subprocess
import sys
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
PLUGIN_VERSION = 2
REFUSED, ADDRESS, ANY = range(3)
HEAD = struct.Struct("=Ii")
IP = struct.Struct("=32sI4s4s4s4sII")
IP6 = struct.Struct("=32s8s8s")
DOWN = struct.Struct("=I256s256s256s")
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
            self.words, self.farewell, self.rejected = (
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


def method(name: str, option: str) -> None:
    """Right and wrong password with one authentication protocol."""
    def right(t: Test) -> None:
        s = t.server(option, secrets={"bob": ("secret", "10.1.0.77")})
        c = t.client()
        t.started()
        up = s.wait(IP_UP)
        assert (up.local, up.remote) == ("10.1.0.1", "10.1.0.77"), up
        mine = c.wait(IP_UP)
        assert (mine.local, mine.remote) == ("10.1.0.77", "10.1.0.1"), mine
        assert [e.text for e in s.of(ASK_PEER)] == ["bob"]
        assert [e.text for e in c.of(ASK_OWN)] == ["bob"]
        assert not s.of(ASK_OWN) and not c.of(ASK_PEER)
        assert s.of(AUTH_UP)[0].text == "bob" and c.of(AUTH_UP)[0].text == ""
        assert not s.of(AUTH_FAILED) and not c.of(AUTH_FAILED)

    def wrong(t: Test) -> None:
        s = t.server(option)
        c = t.client(secrets={"bob": ("guess", None)})
        t.started()
        assert s.wait(AUTH_FAILED).number == 1
        assert s.of(AUTH_FAILED)[0].text == "bob: wrong password", s.events
        assert c.wait(AUTH_FAILED).number == 2
        said = c.of(AUTH_FAILED)[0].text
        assert said.startswith("E=691 ") if "mschap" in option else said, c.events
        t.notes.append(f"client was told {said!r}")
        raw = s.end(11), c.end(19)
        t.notes.append(f"pppd's own exit codes {raw}")
        assert not s.of(IP_UP, AUTH_UP) and not c.of(IP_UP, AUTH_UP)
        assert "l2tpd: peer not authenticated: bob: wrong password" in s.log()

    right.__name__, wrong.__name__ = f"{name}_right", f"{name}_wrong"
    test(right)
    test(wrong)


method("chap_md5", "require-chap")
method("mschap", "require-mschap")
method("mschapv2", "require-mschap-v2")
method("pap", "require-pap")


@test
def whole_life(t: Test) -> None:
    """Every report of a good link, against what the kernel says; the client is told to end."""
    s = t.server("require-chap", "ms-dns 9.9.9.9", "ms-dns 8.8.4.4", "+ipv6", "mtu 1400",
                 "mru 1450")
    c = t.client("usepeerdns", "+ipv6", "asyncmap 0xa0000", "mru 1420")
    t.started()
    up, mine = s.wait(IP_UP), c.wait(IP_UP)
    up6, mine6 = s.wait(IP6_UP), c.wait(IP6_UP)
    hello = s.of(HELLO)[0]
    assert s.events[0] is hello and hello.number == PLUGIN_VERSION and hello.text, s.events
    t.notes.append(f"pppd {hello.text}")
    assert (up.dns1, up.dns2) == ("0.0.0.0", "0.0.0.0"), up
    assert (mine.dns1, mine.dns2) == ("9.9.9.9", "8.8.4.4"), mine
    # The server's send is the client's receive.
    accm, theirs = s.of(ACCM)[0], c.of(ACCM)[0]
    assert accm.send == theirs.recv == 0xa0000 and accm.recv == theirs.send == 0, (accm, theirs)
    link = s.inside(BUSYBOX, "ip", "-o", "link", "show", up.ifname).stdout
    assert link.startswith(f"{up.ifindex}: ") and f" mtu {up.mtu} " in link, (up, link)
    assert up.mtu == 1400 and up.mru == 1450 and mine.mru == 1420, (up, mine)
    assert up6.local_id == mine6.remote_id and up6.remote_id == mine6.local_id, (up6, mine6)
    six = s.inside(BUSYBOX, "cat", "/proc/net/if_inet6").stdout
    assert f"fe80000000000000{up6.local_id.hex()}" in six, (up6, six)
    ping = c.inside(BUSYBOX, "ping", "-c", "1", "-W", "20", "10.1.0.1")
    assert ping.returncode == 0, ping
    c.terminate()
    raw = c.end(5), s.end(0)
    t.notes.append(f"pppd's own exit codes (client, server) {raw}")
    down = c.of(LINK_DOWN)[0]
    assert (down.number, down.by_peer, down.words) == (5, 0, "User request"), c.events
    down = s.of(LINK_DOWN)[0]
    assert (down.number, down.by_peer, down.farewell) == (0, 1, "User request"), s.events
    for p in s, c:
        assert len(p.of(IP_DOWN)) == len(p.of(IP6_DOWN)) == len(p.of(LINK_DOWN)) == 1, p.events
        assert p.phases() == ["serial-connect", "establish", "authenticate", "network", "running",
                              "terminate", "disconnect", "dead"], p.phases()
        assert p.events[-1].type == EXIT


@test
def noauth(t: Test) -> None:
    s, c = t.server(auth=False), t.client(login=False)
    t.started()
    s.wait(IP_UP), c.wait(IP_UP)
    assert s.of(AUTH_UP)[0].text == "" and c.of(AUTH_UP)[0].text == ""
    assert not s.of(ASK_PEER, ASK_OWN) and not c.of(ASK_PEER, ASK_OWN)


@test
def unknown_user(t: Test) -> None:
    s = t.server("require-mschap-v2", secrets={})
    c = t.client()
    t.started()
    assert s.wait(AUTH_FAILED).text == "bob: unknown user"
    assert c.wait(AUTH_FAILED).text.startswith("E=691 ")
    s.end(11), c.end(19)


@test
def no_answer(t: Test) -> None:
    s = t.server("require-chap", secrets=lambda question: None)
    c = t.client()
    t.started()
    s.wait(ASK_PEER)
    asked = time.monotonic()
    assert s.wait(AUTH_FAILED).text == "bob: no answer from l2tpd"
    took = time.monotonic() - asked
    assert 9 < took < 40, took
    t.notes.append(f"gave up after {took:.1f} s")
    s.end(11), c.end(19)
    assert "bob: no answer from l2tpd" in s.log()


@test
def told_to_end_while_asking(t: Test) -> None:
    s = t.server("require-chap", secrets=lambda question: None)
    t.client()
    t.started()
    s.wait(ASK_PEER)
    asked = time.monotonic()
    s.terminate()
    s.wait(AUTH_FAILED)
    took = time.monotonic() - asked
    assert took < 5, took
    s.proc.wait(PATIENCE)


def own_none(t: Test, option: str) -> tuple[Pppd, Pppd]:
    s = t.server(option)
    c = t.client(secrets={})
    t.started()
    assert c.wait(AUTH_FAILED).number == 2
    assert c.of(AUTH_FAILED)[0].text == "no password: bob: l2tpd has none", c.events
    c.end(19)
    assert c.of(LINK_DOWN)[0].words == "No password", c.events
    return s, c


@test
def own_none_pap(t: Test) -> None:
    s, c = own_none(t, "require-pap")
    s.proc.wait(PATIENCE)
    assert not s.of(ASK_PEER), "an empty password went to the peer"


@test
def own_none_chap(t: Test) -> None:
    s, c = own_none(t, "require-chap")
    s.proc.wait(PATIENCE)
    assert not s.of(IP_UP), s.events
    t.notes.append("server was asked" if s.of(ASK_PEER) else "nothing reached the server's CHAP")


@test
def beyond_ascii(t: Test) -> None:
    """Name and password in UTF-8: pppd shows hooks "BM-CM-$r"."""
    for option in "require-pap", "require-mschap-v2", "require-chap":
        t.lines = socket.socketpair()
        (t.folder / option).mkdir()
        secrets = {"Bär": ("pä$$wörd", "10.1.0.7")}
        s = t.server(option, f"logfile {t.folder}/{option}/server.log", secrets=secrets)
        c = t.client("user Bär", f"logfile {t.folder}/{option}/client.log", secrets=secrets)
        t.started()
        up = s.wait(IP_UP)
        assert up.remote == "10.1.0.7", up
        assert s.of(AUTH_UP)[0].text == "Bär", s.events
        c.wait(IP_UP)


@test
def peer_refuses_login(t: Test) -> None:
    s = t.server("require-chap")
    c = t.client(login=False)
    t.started()
    assert s.wait(AUTH_FAILED).text == "the peer refused to authenticate itself"
    s.end(11)
    assert not s.of(ASK_PEER, IP_UP), s.events
    assert s.of(LINK_DOWN)[0].rejected == "CHAP with MD5", s.events
    c.proc.wait(PATIENCE)
    # what the server says of it, as the client hears it
    assert c.of(LINK_DOWN)[0].farewell == "peer refused to authenticate", c.events


# A line that lets everybody in without a name, as in the file Debian installs.
OPEN_SECRETS = """printf '* lns "" *\\n' >/etc/ppp/pap-secrets"""


@test
def peer_refuses_pap(t: Test) -> None:
    """A pap-secrets that fits everybody must not open the door the daemon watches."""
    s = t.server("require-pap", "name lns", prepare=OPEN_SECRETS)
    t.client(login=False)
    t.started()
    assert s.wait(AUTH_FAILED).text == "the peer refused to authenticate itself"
    s.end(11)
    assert not s.of(AUTH_UP, IP_UP), s.events


@test
def no_eap(t: Test) -> None:
    """"auth" alone would offer EAP first, checked against files."""
    s, c = t.server(), t.client()
    t.started()
    s.wait(IP_UP), c.wait(IP_UP)
    assert [e.text for e in s.of(ASK_PEER)] == ["bob"]
    assert "auth eap" not in s.log().lower(), s.log()


@test
def foreign_address(t: Test) -> None:
    """The client insists on another address than the daemon's."""
    s = t.server("require-chap", "ipcp-accept-remote", secrets={"bob": ("secret", "10.1.0.77")})
    c = t.add("client", ["noauth", "user bob", "l2tpd-own-secret", "10.9.9.9:",
                         "ipcp-accept-remote"], t.lines[1], SECRETS)
    t.started()
    c.proc.wait(PATIENCE)
    s.proc.wait(PATIENCE)
    assert not c.of(IP_UP), c.events
    assert all(e.remote == "10.1.0.77" for e in s.of(IP_UP)), s.events


@test
def any_address(t: Test) -> None:
    """Without an address in the answer, pppd's options rule."""
    s = t.server("require-chap", "ipcp-accept-remote")
    c = t.add("client", ["noauth", "user bob", "l2tpd-own-secret", "10.9.9.9:",
                         "ipcp-accept-remote"], t.lines[1], SECRETS)
    t.started()
    assert s.wait(IP_UP).remote == "10.9.9.9"
    c.wait(IP_UP)


@test
def address_after_login(t: Test) -> None:
    """Whom the daemon gives which address, once it knows who has logged in."""
    s = t.server("require-chap", "l2tpd-ask-address",
                 grant=lambda question: (ADDRESS, "10.1.0.77", ""))
    c = t.client()
    t.started()
    assert s.wait(IP_UP).remote == "10.1.0.77", s.events
    c.wait(IP_UP)
    question = s.of(ASK_ADDRESS)
    assert len(question) == 1 and question[0].user == "bob", s.events
    assert question[0].address == "10.1.0.2", question
    kinds = [e.type for e in s.events]
    assert kinds.index(AUTH_UP) < kinds.index(ASK_ADDRESS) < kinds.index(IP_UP), s.events


@test
def address_refused(t: Test) -> None:
    """The peer is told why."""
    s = t.server("require-chap", "l2tpd-ask-address",
                 grant=lambda question: (REFUSED, None, "all addresses are in use"))
    c = t.client()
    t.started()
    raw = s.end(10)
    t.notes.append(f"pppd's own exit code {raw}")
    down = s.of(LINK_DOWN)[0]
    assert (down.words, down.by_peer) == ("all addresses are in use", 0), s.events
    c.proc.wait(PATIENCE)
    down = c.of(LINK_DOWN)[0]
    assert (down.farewell, down.by_peer) == ("all addresses are in use", 1), c.events
    assert not s.of(IP_UP) and not c.of(IP_UP)


@test
def address_as_the_peer_likes(t: Test) -> None:
    s = t.server("require-chap", "l2tpd-ask-address", grant=lambda question: (ANY, None, ""))
    c = t.add("client", ["noauth", "user bob", "l2tpd-own-secret", "10.9.9.9:",
                         "ipcp-accept-remote"], t.lines[1], SECRETS)
    t.started()
    assert s.wait(IP_UP).remote == "10.9.9.9", s.events
    c.wait(IP_UP)


@test
def address_insisted_on(t: Test) -> None:
    """The peer wants another one than it was given."""
    s = t.server("require-chap", "l2tpd-ask-address",
                 grant=lambda question: (ADDRESS, "10.1.0.77", ""))
    c = t.add("client", ["noauth", "user bob", "l2tpd-own-secret", "10.9.9.9:",
                         "ipcp-accept-remote"], t.lines[1], SECRETS)
    t.started()
    c.proc.wait(PATIENCE)
    s.proc.wait(PATIENCE)
    assert not c.of(IP_UP) and all(e.remote == "10.1.0.77" for e in s.of(IP_UP)), s.events


@test
def challenged_again(t: Test) -> None:
    """The user is deleted while the link is up."""
    answers = [("secret", None), ("secret", None)]
    s = t.server("require-chap", "chap-interval 1",
                 secrets=lambda question: answers.pop() if answers else (None, None))
    c = t.client()
    t.started()
    s.wait(IP_UP)
    assert s.wait(AUTH_FAILED).text == "bob: unknown user"
    s.end(11)
    c.proc.wait(PATIENCE)
    assert len(s.of(ASK_PEER)) == 3 and s.of(IP_DOWN), s.events


@test
def peer_dead(t: Test) -> None:
    s = t.server("require-chap", "lcp-echo-interval 2", "lcp-echo-failure 2")
    c = t.client()
    t.started()
    s.wait(IP_UP)
    c.proc.send_signal(signal.SIGSTOP)
    raw = s.end(15)
    t.notes.append(f"pppd's own exit code {raw}")
    assert s.of(LINK_DOWN)[0].number == 15, s.events


@test
def time_is_up(t: Test) -> None:
    s, c = t.server("require-chap", "maxconnect 2"), t.client()
    t.started()
    raw = s.end(13)
    t.notes.append(f"pppd's own exit code {raw}")
    assert s.of(LINK_DOWN)[0].words == "Connect time expired", s.events
    c.end(0)


@test
def hangup(t: Test) -> None:
    s, c = t.server("require-chap"), t.client()
    t.started()
    s.wait(IP_UP), c.wait(IP_UP)
    for pid in [*c.children, c.proc.pid]:
        os.kill(pid, signal.SIGKILL)
    s.end(16)
    assert s.of(LINK_DOWN)[0].words == "hangup", s.events


@test
def nobody_there(t: Test) -> None:
    s = t.server("require-chap", "lcp-max-configure 2", "lcp-restart 1")
    raw = s.end(10)
    t.notes.append(f"pppd's own exit code {raw}")
    assert s.of(LINK_DOWN)[0].words == "no agreement on LCP", s.events


@test
def daemon_dies(t: Test) -> None:
    s, c = t.server("require-chap", "ip-up-script /bin/true"), t.client()
    t.started()
    s.wait(IP_UP), c.wait(IP_UP)
    for p in s, c:
        p.sock.shutdown(socket.SHUT_RDWR)
        p.sock.close()
    ping = c.inside(BUSYBOX, "ping", "-c", "1", "-W", "20", "10.1.0.1")
    assert ping.returncode == 0, ping
    c.terminate()
    assert c.proc.wait(PATIENCE) == 5
    assert s.proc.wait(PATIENCE) in (0, 16)


@test
def script_has_no_socket(t: Test) -> None:
    # Not in the test's folder: pppd 2.5.3 runs no script below a folder all may write to.
    script, fds = "/etc/ppp/ip-up-of-test", t.folder / "fds"
    lines = f"#!/bin/sh\nls -l /proc/self/fd >{fds}.new\nmv {fds}.new {fds}"
    s = t.server("require-chap", f"ip-up-script {script}",
                 prepare=f"echo '{lines}' >{script}; chmod 755 {script}")
    t.client()
    t.started()
    s.wait(IP_UP)
    end = time.monotonic() + PATIENCE
    while not fds.exists():
        assert time.monotonic() < end, "the script did not run"
        time.sleep(0.1)
    assert f"socket:[{s.inode}]" not in fds.read_text()
    held = os.listdir(f"/proc/{s.proc.pid}/fd")
    assert any(os.readlink(f"/proc/{s.proc.pid}/fd/{fd}") == f"socket:[{s.inode}]" for fd in held)
    for pid in s.children:      # the character shunt never execs
        try:
            links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        except FileNotFoundError:       # it has ended since: it holds nothing
            continue
        assert f"socket:[{s.inode}]" not in links, "shunt has it"


@test
def scripts(t: Test) -> None:
    """The same without the option: that test would notice."""
    lines = f"#!/bin/sh\\necho $0 >>{t.folder}/ran"
    make = (f"for s in ip-pre-up ip-up auth-up; do printf '{lines}' "
            ">/etc/ppp/$s; chmod 755 /etc/ppp/$s; done")
    s = t.server("require-chap", prepare=make)
    c = t.client()
    t.started()
    s.wait(IP_UP)
    c.terminate()
    s.end(0)
    ran = (t.folder / "ran").read_text().split()
    assert sorted(ran) == ["/etc/ppp/auth-up", "/etc/ppp/ip-pre-up", "/etc/ppp/ip-up"], ran


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


@test
def over_l2tp(t: Test) -> None:
    """As the daemon runs it: pppol2tp.so before us, a PPPoL2TP socket instead of a line."""
    session = PppSession()
    t.started()
    t.lines = tuple(session.lines)
    try:
        s = t.server("require-mschap-v2",
                     secrets={"bob": ("secret", "10.1.0.77")})
        c = t.client("lcp-echo-interval 2", "lcp-echo-failure 2")
        t.started()
        up, mine = s.wait(IP_UP), c.wait(IP_UP)
        assert (up.remote, mine.local) == ("10.1.0.77", "10.1.0.77"), (up, mine)
        assert s.of(ACCM)[0].send == c.of(ACCM)[0].recv, (s.events, c.events)
        t.notes.append(f"server {up}")
        s.proc.send_signal(signal.SIGSTOP)
        raw = c.end(15)
        t.notes.append(f"client's own exit code {raw} after its peer fell silent")
        s.proc.send_signal(signal.SIGCONT)
        s.end(0)
    finally:
        session.close()


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


def main(about: str = __doc__) -> int:
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


if __name__ == "__main__":
    sys.exit(main())
