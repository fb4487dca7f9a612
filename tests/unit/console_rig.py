# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the console need: a terminal, l2tpd itself.

L2TPCTL and L2TPD name the programs; otherwise those in build/ are taken. l2tpd needs no L2TP in the
kernel for this; as root it gets a network namespace of its own.
"""
import json
import os
import pathlib
import pty
import re
import select
import signal
import socket
import subprocess
import termios
import time

from ctl_daemon import L2TPCTL, TIMEOUT, environment, good

L2TPD = os.environ.get("L2TPD", str(pathlib.Path(L2TPCTL).parent / "l2tpd"))
SECRET = "s3cr3t-of-the-tunnel"

OPTIONS = [
    {"key": "peer", "arg": "ADDR", "help": "address of the peer", "default": "", "flag": False},
    {"key": "secret", "arg": "TEXT", "help": "tunnel secret", "default": "", "flag": False},
    {"key": "hidden", "arg": "yes|no", "help": "hide attributes", "default": "no", "flag": True},
    {"key": "hello", "arg": "N", "help": "silence before a question", "default": "60",
     "flag": False},
]


def ctl_in(daemon, text, *args, code=0):
    """l2tpctl with something on standard input: (stdout, stderr)"""
    path = daemon if isinstance(daemon, str) else daemon.path
    r = subprocess.run([L2TPCTL, "-s", path, *args], input=text, capture_output=True, text=True,
                       timeout=TIMEOUT, env=environment())
    assert r.returncode == code, r.stderr
    return r.stdout, r.stderr


class Terminal:
    """l2tpctl with a terminal of its own."""

    def __init__(self, *args, term="xterm"):
        env = environment(TERM=term, HOME="/nonexistent")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(L2TPCTL, ["l2tpctl", *args], env)
        self.seen = ""

    def send(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern, timeout=TIMEOUT):
        """Read until the pattern is there; what came up to its end."""
        end = time.monotonic() + timeout
        while not (match := re.search(pattern, self.seen)):
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no {pattern!r} in {self.seen!r}")
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                raise AssertionError(f"no {pattern!r} in {self.seen!r}, and it ended")
            self.seen += data.decode()
        found, self.seen = self.seen[:match.end()], self.seen[match.end():]
        return found

    def prompt(self, pattern=r"\n\[office\] "):
        """A prompt, and that keys are read one by one: libedit prompts first, and until it has set
        the terminal a ^D is no key but the end of a file."""
        text = self.expect(pattern)
        end = time.monotonic() + TIMEOUT
        while termios.tcgetattr(self.fd)[3] & termios.ICANON:
            assert time.monotonic() < end, "the terminal is not set for editing"
            time.sleep(0.001)
        return text

    def asleep(self):
        """The program waits for something: what was sent to it before has been seen."""
        end = time.monotonic() + TIMEOUT
        while pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "S":
            assert time.monotonic() < end, "it does not wait"
            time.sleep(0.001)

    def line(self, text):
        self.send(text + "\r")
        return self.prompt()

    def wait(self):
        """Its exit code; what it said last is in seen."""
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode()
                except OSError:
                    pass
        self.end()
        raise AssertionError("it does not end")

    def end(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.fd)
            self.pid = 0


def in_namespace():
    command = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if os.geteuid() == 0 and subprocess.run([*command, "true"], capture_output=True,
                                            check=False).returncode == 0:
        return command
    return []


class Real:
    CONFIG = f"""\
[link office]
type = l2tp
peer = 192.0.2.1
secret = {SECRET}
ppp = p
[link dialin]
type = l2tp
self = 127.0.0.1 27017
ppp = p
[ppp p]
"""

    def __init__(self, folder):
        self.path = str(folder / "control")
        self.config = folder / "l2tpd.conf"
        self.config.write_text(self.CONFIG)
        self.config.chmod(0o600)
        self.log = folder / "log"
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*in_namespace(), L2TPD, "-v", "-c", str(self.config), "-s", self.path], stderr=log,
                env=environment())
        end = time.monotonic() + TIMEOUT
        while "ready" not in self.log.read_text():
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        assert self.process.wait(TIMEOUT) == 0, self.log.read_text()
        assert "ERROR: AddressSanitizer" not in self.log.read_text()

    def options(self, link):
        found = json.loads(good("--json", "show", "link", link, daemon=self))
        return found[0]["options"]

    def ask(self, request):
        """A request as any client could send it, and its reply."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.path)
            s.sendall(json.dumps(request).encode() + b"\0")
            data = b""
            while not data.endswith(b"\0"):
                data += s.recv(65536)
        return json.loads(data[:-1])
