# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon that answers from a script, and l2tpctl to ask it.

L2TPCTL names the program; otherwise the one in build/ is taken.
"""
import json
import os
import pathlib
import socket
import subprocess
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
L2TPCTL = os.environ.get("L2TPCTL", str(ROOT / "build" / "l2tpctl"))
TIMEOUT = 20

if not os.access(L2TPCTL, os.X_OK):
    pytest.skip(f"no {L2TPCTL}: build it or set L2TPCTL", allow_module_level=True)

CLOSE = object()  # in a script: the daemon hangs up


class Daemon:
    """Answers each method from its script."""

    def __init__(self, path):
        self.path = str(path)
        self.script = {}
        self.requests = []
        self.came = threading.Condition()   # another request
        self.gone = threading.Event()       # a client went away
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.acceptor = threading.Thread(target=self.accept, daemon=True)
        self.acceptor.start()

    def stop(self):
        # close() alone leaves the thread in accept(), and the number of the descriptor to the next
        self.listener.shutdown(socket.SHUT_RDWR)
        self.acceptor.join()
        self.listener.close()

    def on(self, method, *replies, more=False):
        """The answer to each such request: parameters, (error, parameters), bytes as they are, or CLOSE."""
        self.script["org.l2tpd." + method] = [(replies, more)]

    def turn(self, method, *replies):
        """One reply to each such request, in turn, the last one for ever; None: no answer."""
        self.script["org.l2tpd." + method] = [((), False) if r is None else ((r,), False)
                                              for r in replies]

    def asked(self, method):
        """The parameters of all such requests."""
        return [r.get("parameters") for r in self.requests if r["method"] == "org.l2tpd." + method]

    def wait_asked(self, method):
        with self.came:
            assert self.came.wait_for(lambda: self.asked(method), TIMEOUT), f"{method} never came"

    def accept(self):
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

    def serve(self, conn):
        data = b""
        with conn:
            while True:
                try:
                    chunk = conn.recv(65536)
                except OSError:
                    chunk = b""
                if not chunk:
                    self.gone.set()
                    return
                data += chunk
                while b"\0" in data:
                    text, data = data.split(b"\0", 1)
                    if not self.answer(conn, json.loads(text)):
                        return

    def answer(self, conn, request):
        with self.came:
            self.requests.append(request)
            turns = self.script[request["method"]]
            replies, more = turns.pop(0) if len(turns) > 1 else turns[0]
            self.came.notify_all()
        for reply in replies:
            if reply is CLOSE:
                return False
            if isinstance(reply, bytes):
                message = reply
            else:
                message = {"parameters": reply}
                if isinstance(reply, tuple):
                    message = {"error": reply[0], "parameters": reply[1]}
                elif more:
                    message["continues"] = True
                message = json.dumps(message, ensure_ascii=False).encode() + b"\0"
            try:
                conn.sendall(message)
            except OSError:
                return False
        return True


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("LC_") and k != "LANG"}
    return {**env, "LC_ALL": "C.UTF-8", "TZ": "UTC", **more}


def ctl(*args, daemon=None, env=None, text=True):
    command = [L2TPCTL]
    if daemon:
        command += ["-s", daemon.path]
    return subprocess.run(command + list(args), capture_output=True, text=text, timeout=TIMEOUT,
                          stdin=subprocess.DEVNULL, env=env or environment())


def good(*args, **kwargs):
    r = ctl(*args, **kwargs)
    assert (r.returncode, r.stderr) == (0, "")
    return r.stdout


def bad(code, *args, **kwargs):
    """Exit code, nothing on stdout, and exactly one line on stderr, which is returned."""
    r = ctl(*args, **kwargs)
    assert r.returncode == code, r.stderr
    assert r.stdout == ""
    assert r.stderr.startswith("l2tpctl: ") and r.stderr.endswith("\n")
    assert r.stderr.count("\n") == 1
    return r.stderr[len("l2tpctl: "):-1]


LAST_DOWN = {"time": "2024-05-16T10:03:11Z", "who": "peer", "message": "CDN", "result": 3, "error": 0,
             "text": "the peer does not let us in", "ppp_exit": 11}

LINKS = [
    {"name": "office", "type": "l2tp", "state": "up", "peer": "192.0.2.1 1701", "sessions": 1,
     "secret": "******", "last_down": LAST_DOWN},
    {"name": "home", "type": "l2tp", "state": "down", "peer": "", "sessions": 0, "last_down": None},
]

TUNNELS = [
    {"id": 1042, "peer_id": 7, "local": "192.0.2.9:1701", "peer": "192.0.2.1:1701",
     "state": "established", "link": "office", "hostname": "us", "peer_hostname": "lns.example",
     "peer_vendor": "Acme", "authenticated": True, "sessions": 1, "rtt_ms": 12.345,
     "retransmits": 2, "deviations": {"zero-length": 3}, "uptime_s": 93784},
    {"id": 5, "peer_id": 65535, "local": "", "peer": "[2001:db8::1]:1701", "state": "wait-ctl-reply",
     "link": "home", "hostname": "us", "peer_hostname": "", "peer_vendor": "",
     "authenticated": False, "sessions": 0, "rtt_ms": 0.0, "retransmits": 0, "deviations": {},
     "uptime_s": 0},
]

SESSIONS = [
    {"id": 77, "peer_id": 3, "tunnel": 1042, "link": "office", "role": "lac", "call": "incoming",
     "state": "established", "datapath": "kernel", "ifname": "ppp0", "local_ip": "10.0.0.2",
     "peer_ip": "10.0.0.1", "user": "joe", "calling": "", "called": "", "send_seq": False,
     "recv_seq": False, "lns_mode": False, "length": False, "rx_packets": 10, "rx_bytes": 1536,
     "tx_packets": 9, "tx_bytes": 999, "errors": 0, "uptime_s": 3700},
]

EVENTS = [
    {"time": "2024-05-16T10:03:10Z", "event": "session-up", "link": "office", "tunnel": 1042,
     "session": 77, "peer": "192.0.2.1:1701", "ifname": "ppp0", "local_ip": "10.0.0.2"},
    {"time": "2024-05-16T10:03:11Z", "event": "session-down", "link": "office", "tunnel": 1042,
     "session": 77, **{k: v for k, v in LAST_DOWN.items() if k != "time"}},
    {"time": "2024-05-16T10:03:12Z", "event": "link-down", "link": "office", "tunnel": 0,
     "session": 0},
]
