"""The daemons that talk to each other: l2tpd under test, xl2tpd as the other implementation."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lablib import BUILD, Host, Process, Timeout, wait_for

SECRET, USER, PASSWORD = "s3cret", "tester", "pa55word"
OUR_LNS_PPP, XL2TPD_LNS_PPP = "10.99.0.1", "10.98.0.1"
CONTROL = "/run/l2tpd/control"
OPEN_DEADLINE = 150     # an answer that never comes takes 31 s of retransmissions by RFC 2661


@dataclass
class Result:
    """What a command said."""
    rc: int
    out: str
    err: str

    def error_line(self) -> str:
        """The one line on stderr of a command that failed with exit code 1."""
        assert self.rc == 1, f"exit code {self.rc}, not 1\n{self.out}{self.err}"
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, f"not one line on stderr:\n{self.err}"
        return lines[0]


class L2tpd(Process):
    """Our daemon in the foreground on a host, ready when this returns."""

    def __init__(self, host: Host, conf: str, *args: str, name: str = "l2tpd",
                 daemon: dict[str, str] | None = None, users: str | None = None,
                 build: Any = None, env: dict[str, str] | None = None, as_user: str = "",
                 control: str = CONTROL, wait: bool = True, under: tuple[str, ...] = ()):
        """under: a program with its arguments that runs it, as prlimit."""
        self.build = build or BUILD
        for program in ("l2tpd", "l2tpctl"):
            if not (self.build / program).exists():
                pytest.fail(f"no {program} in {self.build}: build first, or name it with --build")
        self.control = control
        settings = dict(daemon or {})
        for setting in os.environ.get("L2TPD_LAB_DAEMON", "").split():
            settings.setdefault(*setting.split("=", 1))
        # the plugin of the plain build: a stock pppd cannot load one made with a sanitizer
        if (BUILD / "l2tpd.so").exists():
            settings.setdefault("pppd-plugin", str(BUILD / "l2tpd.so"))
        text = "[daemon]\n" + "".join(f"{k} = {v}\n" for k, v in settings.items()) + "\n" + conf
        self.conf = f"/etc/l2tpd/{name}.conf"
        host.write(self.conf, text, 0o600)
        if as_user:
            host.run("chown", "-R", as_user, str(Path(self.conf).parent))
        host.write("/etc/l2tpd/users", users or f"{USER} * {PASSWORD} *\n")
        # systemd's readiness protocol; /tmp is shared by all hosts, so the path works inside
        self.notify_path = f"/tmp/notify-{os.getpid()}-{time.monotonic_ns()}"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.notify.bind(self.notify_path)
        os.chmod(self.notify_path, 0o666)
        self.notify.settimeout(3)
        cmd = [str(self.build / "l2tpd"), "-c", self.conf, "-s", control, *args]
        cmd = [*under, *cmd]
        if as_user:
            cmd = ["setpriv", "--reuid", as_user, "--regid", "nogroup", "--clear-groups", "--",
                   *cmd]
        super().__init__(host, name, cmd, {"NOTIFY_SOCKET": self.notify_path, **(env or {})})
        if wait:
            self.wait_ready()

    def is_ready(self) -> bool:
        """READY=1 was notified, or (a daemon without sd_notify) the control socket answers."""
        try:
            data = self.notify.recv(4096)
            return b"READY=1" in data.split(b"\n")
        except TimeoutError:
            return self.ctl("show", "version").rc == 0

    def wait_ready(self) -> None:
        def check() -> bool:
            if not self.running():
                raise RuntimeError(f"l2tpd on {self.host.name} ended with {self.proc.returncode}:\n"
                                   + self.log()[-2000:])
            return self.is_ready()
        wait_for(check, what=f"l2tpd on {self.host.name} is ready")

    def _ctl_command(self, args: tuple[str, ...]) -> list[str]:
        return [str(self.build / "l2tpctl"), "-s", self.control, *args]

    def ctl(self, *args: str, timeout: float = OPEN_DEADLINE,
            text_in: str | None = None) -> Result:
        done = self.host.run(*self._ctl_command(args), check=False, timeout=timeout,
                             text_in=text_in)
        return Result(done.returncode, done.stdout, done.stderr)

    def _connect(self) -> socket.socket:
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(OPEN_DEADLINE)
        client.connect(str(self.host.path(self.control)))
        return client

    def ask(self, method: str) -> dict:
        """A question to the control socket. As l2tpctl asks it, but 0.5 s quicker in an emulated
        guest, and most questions are asked again and again until something has happened."""
        with self._connect() as client:
            _request(client, method, {})
            reply = _reply(client)
        assert "error" not in reply, reply
        return reply["parameters"]

    def json(self, *args: str) -> Any:
        r = self.ctl("--json", *args)
        assert r.rc == 0, f"l2tpctl --json {' '.join(args)}: exit {r.rc}: {r.err}"
        return json.loads(r.out)

    def open(self, link: str) -> Result:
        """Open a link that must come up."""
        r = self.ctl("open", link)
        assert r.rc == 0, f"open {link}: exit {r.rc}: {r.err}\n{self.log()[-2000:]}"
        return r

    def open_many(self, links: list[str], deadline: float = 600) -> None:
        """Open links at the same time, each by a client of its own; all must come up."""
        clients = [self._connect() for _ in links]
        end = time.monotonic() + deadline
        failed = []
        for link, client in zip(links, clients):
            _request(client, "Open", {"link": link, "wait": True})
        for link, client in zip(links, clients):
            with client:
                client.settimeout(max(1, end - time.monotonic()))
                try:
                    reply = _reply(client)
                except (AssertionError, TimeoutError) as e:
                    reply = {"error": str(e)}
                if "error" in reply:
                    failed.append(f"{link}: {reply}")
        assert not failed, f"{len(failed)} of {len(links)} links failed:\n" + "\n".join(failed[:10])

    def sessions(self) -> list[dict]:
        return self.ask("ListSessions")["sessions"]

    def session(self) -> dict:
        """The only session, when it is established."""
        def one() -> dict | None:
            found = self.sessions()
            assert len(found) == 1, found
            return found[0] if found[0]["state"] == "established" else None
        return wait_for(one, what="one established session")

    def tunnels(self) -> list[dict]:
        return self.ask("ListTunnels")["tunnels"]

    def link(self, name: str) -> dict:
        return next(entry for entry in self.ask("ListLinks")["links"] if entry["name"] == name)

    def wait_idle(self, deadline: float = 60) -> None:
        """No session is left on this side."""
        wait_for(lambda: not self.sessions(), deadline, f"no session on {self.host.name}")

    def monitor(self) -> "Monitor":
        """A running monitor; it has connected when this returns."""
        monitor = Monitor(self)
        # the daemon's end of a connection bears the path of the socket, and is in state 3
        unix = Path(f"/proc/{self.pid}/net/unix")
        wait_for(lambda: re.search(rf" 03 +\d+ {re.escape(self.control)}$", unix.read_text(), re.M),
                 what="the monitor has connected")
        return monitor

    def kill(self) -> None:
        """kill -9, and its pppds with it: a machine that lost power, not one that says goodbye."""
        super().kill()
        self.host.kill_pppds()
        self.host.written.add(self.control)     # nobody was left to remove it
        self._forget()

    def _forget(self) -> None:
        self.notify.close()
        if os.path.exists(self.notify_path):
            os.unlink(self.notify_path)

    def finish(self) -> list[str]:
        """Still running at the end of a test: SIGTERM must end it in order."""
        bad: list[str] = []
        if self.running():
            try:
                code = self.stop()
                if code != 0:
                    bad.append(f"l2tpd on {self.host.name} ended with {code} after SIGTERM")
            except Timeout as e:
                bad.append(str(e))
        if "not everybody said goodbye in time" in self.log():
            # a machine slower than the daemon's patience: it has killed pppds
            self.host.forgive_pid_files()
        self._forget()
        for word in ("AddressSanitizer", "LeakSanitizer", "runtime error:"):
            if word in self.log():
                bad.append(f"l2tpd on {self.host.name}: {word} in its log")
        return bad


def _request(client: socket.socket, method: str, parameters: dict) -> None:
    request = {"method": f"org.l2tpd.{method}", "parameters": parameters}
    client.sendall(json.dumps(request).encode() + b"\0")


def _reply(client: socket.socket) -> dict:
    data = b""
    while not data.endswith(b"\0"):
        chunk = client.recv(65536)
        assert chunk, "the daemon closed the connection"
        data += chunk
    return json.loads(data[:-1])


class Monitor:
    """l2tpctl --json monitor, read as it comes."""

    def __init__(self, daemon: L2tpd):
        self.events: list[dict] = []
        self.proc = subprocess.Popen(
            daemon.host.enter(daemon._ctl_command(("--json", "monitor"))), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        daemon.host.net.track(self)

    def _read(self) -> None:
        for line in self.proc.stdout:
            self.events.append(json.loads(line))

    def finish(self) -> list[str]:
        if self.proc.poll() is None:
            self.proc.terminate()
        self.proc.wait()
        self.reader.join(5)
        return []


def lns_conf(self_addr: str, *more: str, require: str = "chap-md5", secret: str = SECRET,
             address: str = OUR_LNS_PPP, pool: str = "10.99.0.10-10.99.0.99",
             ppp: tuple[str, ...] = ()) -> str:
    """An LNS that takes any number of calls. more: lines of the link; ppp: lines of the profile."""
    lines = ["[link lns]", "type = l2tp", "incoming = yes", f"self = {self_addr}", "ppp = server"]
    if secret:
        lines.append(f"secret = {secret}")
    lines += [*more, "", "[ppp server]", f"require = {require}", "users = /etc/l2tpd/users",
              f"address = {address}", f"pool = {pool}", *ppp]
    if not any(line.startswith("single-session") for line in ppp):
        lines.append("single-session = any")     # all clients of the lab are one user
    return "\n".join(lines) + "\n"


def link_conf(name: str, peer: str, *more: str, secret: str = SECRET, ppp: str = "client") -> str:
    """One link that originates calls."""
    lines = [f"[link {name}]", "type = l2tp", "originate = yes", f"peer = {peer}", f"ppp = {ppp}"]
    if secret:
        lines.append(f"secret = {secret}")
    return "\n".join([*lines, *more]) + "\n"


def lac_conf(peer: str, *more: str, name: str = "office", secret: str = SECRET, user: str = USER,
             password: str = PASSWORD, ppp: tuple[str, ...] = ()) -> str:
    """A client. more: lines of the link; ppp: lines of the profile."""
    lines = ["", "[ppp client]", f"user = {user}", f"password = {password}", *ppp]
    return link_conf(name, peer, *more, secret=secret) + "\n".join(lines) + "\n"


class Xl2tpd(Process):
    """xl2tpd on a host, as role "lns" or "lac"."""

    REQUIRE = {"chap-md5": "require-chap", "mschapv2": "require-mschap-v2", "pap": "require-pap"}

    def __init__(self, host: Host, role: str, peer: str = "", secret: str = SECRET,
                 auth: str = "chap-md5", user: str = USER, password: str = PASSWORD,
                 extra: tuple[str, ...] = (), common: tuple[str, ...] = (),
                 ppp: tuple[str, ...] = ()):
        """extra: lines of the role's section; common: of [global]; ppp: of pppd's options."""
        pppd_log = host.net.results / f"{host.name}-xl2tpd-pppd.log"
        options = ["debug", f"logfile {pppd_log}", "mtu 1400", "mru 1400", "noccp", "novj",
                   "nodeflate", "nobsdcomp", "noipv6", "lcp-echo-interval 30", "lcp-echo-failure 4"]
        conf = ["[global]", f"listen-addr = {host.addr}", "port = 1701",
                "auth file = /etc/xl2tpd/lab-secrets", "debug tunnel = yes", "debug state = yes",
                "debug avp = yes", *common]
        challenge = ["challenge = yes"] if secret else []
        if role == "lns":
            conf += ["[lns default]", "ip range = 10.98.0.10 - 10.98.0.99",
                     f"local ip = {XL2TPD_LNS_PPP}", "name = xlns", "hostname = xlns",
                     "require authentication = yes", "refuse pap = no", "length bit = yes",
                     "pppoptfile = /etc/xl2tpd/lab-options"]
            options += [self.REQUIRE[auth]]
        else:
            conf += ["[lac office]", f"lns = {peer}", f"name = {user}", "hostname = xlac",
                     "require authentication = no", "length bit = yes",
                     "pppoptfile = /etc/xl2tpd/lab-options"]
            options += ["noauth", f"user {user}", f"password {password}", "noipdefault",
                        "ipcp-accept-local", "ipcp-accept-remote"]
        conf += [*challenge, *extra]
        host.write("/etc/xl2tpd/lab.conf", "\n".join(conf) + "\n")
        options += ppp
        host.write("/etc/xl2tpd/lab-options", "\n".join(options) + "\n")
        host.write("/etc/xl2tpd/lab-secrets", f"* * {secret}\n" if secret else "")
        secrets = f"{user} * {password} *\n"
        host.write("/etc/ppp/chap-secrets", secrets)
        host.write("/etc/ppp/pap-secrets", secrets)
        super().__init__(host, "xl2tpd", [
            "xl2tpd", "-D", "-c", "/etc/xl2tpd/lab.conf", "-s", "/etc/xl2tpd/lab-secrets",
            "-p", "/run/xl2tpd/pid", "-C", "/run/xl2tpd/control"])
        wait_for(lambda: "Listening on IP address" in self.log(), what="xl2tpd listens")

    def _control(self, *args: str) -> None:
        self.host.run("xl2tpd-control", "-c", "/run/xl2tpd/control", *args)

    def dial(self) -> None:
        self._control("connect-lac", "office")

    def hang_up(self) -> None:
        self._control("disconnect-lac", "office")

    def kill(self) -> None:
        """kill -9, and its pppds with it: a machine that lost power, not one that says goodbye."""
        super().kill()
        self.host.kill_pppds()

    def finish(self) -> list[str]:
        bad = super().finish()
        for pid in self.host.pppds():
            os.kill(pid, signal.SIGTERM)
        return bad


def ppp_address(host: Host, local: str = "", remote: str = "") -> dict | None:
    """The PPP interface of a host that has this address, once it is up."""
    for entry in json.loads(host.run("ip", "-j", "-4", "addr").stdout):
        for a in entry.get("addr_info", []):
            if a.get("address") and (not local or a["local"] == local) \
                    and (not remote or a["address"] == remote):
                return {"ifname": entry["ifname"], "local": a["local"], "remote": a["address"]}
    return None


def wait_ppp(host: Host, local: str = "", remote: str = "", deadline: float = 120) -> dict:
    return wait_for(lambda: ppp_address(host, local, remote), deadline,
                    f"PPP on {host.name} has its addresses")
