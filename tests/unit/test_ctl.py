# SPDX-License-Identifier: GPL-2.0-or-later
"""l2tpctl against a daemon that answers from a script.

L2TPCTL names the program; otherwise the one in build/ is taken.
"""
import json
import os
import pathlib
import pty
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
L2TPCTL = os.environ.get("L2TPCTL", str(ROOT / "build" / "l2tpctl"))
TIMEOUT = 20

if not os.access(L2TPCTL, os.X_OK):
    pytest.skip(f"no {L2TPCTL}: build it or set L2TPCTL", allow_module_level=True)

CLOSE = object()  # in a script: the daemon hangs up


class Daemon:
    """Answers each method with the replies of its script, in order."""

    def __init__(self, path):
        self.path = str(path)
        self.script = {}
        self.requests = []
        self.gone = threading.Event()  # a client went away
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
        """Each reply: parameters, (error, parameters), bytes as they are, or CLOSE."""
        self.script["org.l2tpd." + method] = (replies, more)

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
        self.requests.append(request)
        replies, more = self.script[request["method"]]
        for i, reply in enumerate(replies):
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


@pytest.fixture
def daemon(tmp_path):
    d = Daemon(tmp_path / "control")
    yield d
    d.stop()


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


# --- lists ---

def test_show_links(daemon):
    daemon.on("ListLinks", {"links": LINKS})
    assert good("show", "links", daemon=daemon).splitlines() == [
        "LINK    TYPE  STATE  PEER            SESSIONS  LAST END",
        "office  l2tp  up     192.0.2.1 1701         1  2024-05-16 10:03:11 by the peer: "
        "CDN 3 administrative reasons, pppd: the peer failed to authenticate itself",
        "home    l2tp  down   -                      0  -",
    ]
    assert daemon.requests == [{"method": "org.l2tpd.ListLinks"}]


def test_show_tunnels(daemon):
    daemon.on("ListTunnels", {"tunnels": TUNNELS})
    lines = good("show", "tunnels", daemon=daemon).splitlines()
    assert lines == [
        "  ID  PEER ID  LINK    STATE           PEER                PEER'S NAME  AUTH  SESSIONS"
        "      RTT  RETRANSMITS  UPTIME",
        "1042        7  office  established     192.0.2.1:1701      lns.example  yes          1"
        "  12.3 ms            2   1d 2h",
        "   5    65535  home    wait-ctl-reply  [2001:db8::1]:1701  -            no           0"
        "        -            0      0s",
    ]


def test_show_sessions(daemon):
    daemon.on("ListSessions", {"sessions": SESSIONS})
    assert good("show", "sessions", daemon=daemon).splitlines() == [
        "ID  TUNNEL  LINK    ROLE  STATE        DATA    INTERFACE  LOCAL     PEER      USER"
        "  RECEIVED   SENT  UPTIME",
        "77    1042  office  lac   established  kernel  ppp0       10.0.0.2  10.0.0.1  joe"
        "    1.5 KiB  999 B   1h 1m",
    ]


@pytest.mark.parametrize("what,method", [("links", "ListLinks"), ("tunnels", "ListTunnels"),
                                         ("sessions", "ListSessions")])
def test_empty_lists(daemon, what, method):
    daemon.on(method, {what: []})
    assert good("show", what, daemon=daemon) == f"no {what}\n"
    assert good("--json", "show", what, daemon=daemon) == "[]\n"


@pytest.mark.parametrize("what,method,objects", [
    ("links", "ListLinks", LINKS), ("tunnels", "ListTunnels", TUNNELS),
    ("sessions", "ListSessions", SESSIONS)])
def test_lists_as_json(daemon, what, method, objects):
    daemon.on(method, {what: objects})
    out = good("--json", "show", what, daemon=daemon)
    assert out.count("\n") == 1
    assert json.loads(out) == objects
    # in the daemon's order, and options may stand anywhere
    assert list(json.loads(out)[0]) == list(objects[0])
    assert good("show", what, "--json", daemon=daemon) == out


def test_show_version(daemon):
    reply = {"version": "0.1.0", "pid": 4711, "uptime_s": 61}
    daemon.on("GetVersion", reply)
    mine = good("--version").split()[1]
    assert good("show", "version", daemon=daemon) == (
        f"l2tpctl {mine}\nl2tpd 0.1.0, pid 4711, up 1m 1s\n")
    assert json.loads(good("--json", "show", "version", daemon=daemon)) == [reply]


def test_show_counters(daemon):
    counters = {"tunnels": 3, "held_back": 7, "drops": {"malformed": 12, "wrong peer": 0}}
    daemon.on("GetCounters", {"counters": counters})
    assert good("show", "counters", daemon=daemon) == (
        "control messages\n  tunnels         3\n  held back       7\n"
        "datagrams dropped\n  malformed       12\n  wrong peer      0\n")
    assert json.loads(good("--json", "show", "counters", daemon=daemon)) == [counters]
    daemon.on("GetCounters", {})
    assert "no counters" in bad(1, "show", "counters", daemon=daemon)


def test_show_link(daemon):
    daemon.on("ListLinks", {"links": LINKS})
    daemon.on("ListTunnels", {"tunnels": TUNNELS})
    daemon.on("ListSessions", {"sessions": SESSIONS})
    lines = good("show", "link", "office", daemon=daemon).splitlines()
    assert lines[:7] == [
        "link office",
        "  type            l2tp",
        "  state           up",
        "  peer            192.0.2.1 1701",
        "  sessions        1",
        "  secret          ******",
        "  last call ended 2024-05-16 10:03:11 by the peer: CDN 3 administrative reasons: "
        "the peer does not let us in, pppd: the peer failed to authenticate itself",
    ]
    tunnel, session = lines.index("tunnel 1042"), lines.index("session 77")
    assert "  rtt             12.3 ms" in lines[tunnel:session]
    assert "  uptime          1d 2h" in lines[tunnel:session]
    assert "  deviations      zero-length 3" in lines[tunnel:session]
    assert "  rx bytes        1.5 KiB" in lines[session:]
    assert "  lns mode        no" in lines[session:]
    assert "tunnel 5" not in lines
    out = good("show", "link", "home", daemon=daemon)
    assert "last call" not in out and "tunnel 5\n" in out and "session 77\n" not in out
    assert json.loads(good("--json", "show", "link", "home", daemon=daemon)) == [LINKS[1]]
    assert bad(1, "show", "link", "nowhere", daemon=daemon) == 'no link "nowhere"'


@pytest.mark.parametrize("change,words", [
    ({}, "by the peer: CDN 3 administrative reasons: the peer does not let us in, "
         "pppd: the peer failed to authenticate itself"),
    ({"message": "StopCCN", "result": 4, "ppp_exit": None},
     "by the peer: StopCCN 4 not authorized to establish a control connection: "
     "the peer does not let us in"),
    ({"result": 2, "error": 4, "text": "", "ppp_exit": None},
     "by the peer: CDN 2 general error, error 4 insufficient resources"),
    ({"who": "local", "text": "", "ppp_exit": 5}, "by this side: CDN 3 administrative reasons, "
                                                   "pppd: ended by a signal"),
    ({"who": "timeout", "result": 0, "text": "", "ppp_exit": None},
     "because the peer did not answer"),
    ({"result": 999, "text": "", "ppp_exit": 200}, "by the peer: CDN 999, pppd: exit status 200"),
    ({"message": None, "text": "", "ppp_exit": None}, "by the peer: result 3"),
    ({"who": "somebody", "result": -1, "text": "\x1b[31m", "ppp_exit": None},
     "by somebody: \\x1b[31m"),
    ({"time": "long ago", "result": 0, "text": "", "ppp_exit": None}, "by the peer"),
])
def test_last_down(daemon, change, words):
    last = {**LAST_DOWN, **change}
    when = "2024-05-16 10:03:11" if last["time"].endswith("Z") else last["time"]
    daemon.on("ListLinks", {"links": [{**LINKS[0], "last_down": last}]})
    daemon.on("ListTunnels", {"tunnels": []})
    daemon.on("ListSessions", {"sessions": []})
    line = good("show", "link", "office", daemon=daemon).splitlines()[-1]
    assert line == f"  last call ended {when} {words}"


def test_time_of_today_is_short_and_local(daemon):
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    env = environment(TZ="XYZ-3")
    os.environ["TZ"] = "XYZ-3"
    time.tzset()
    local = time.strftime("%H:%M:%S", time.localtime(now))
    del os.environ["TZ"]
    time.tzset()
    daemon.on("Monitor", {"event": {"time": stamp, "event": "x"}}, CLOSE, more=True)
    r = ctl("monitor", daemon=daemon, env=env)
    assert r.stdout.startswith(local + "  x")


# --- orders ---

UP = {"link": "office", "session": 77, "ifname": "ppp0", "local_ip": "10.0.0.2",
      "peer_ip": "10.0.0.1"}


def test_open(daemon):
    daemon.on("Open", UP)
    assert good("open", "office", daemon=daemon) == "office: up, ppp0, 10.0.0.2 -> 10.0.0.1\n"
    assert daemon.requests == [{"method": "org.l2tpd.Open",
                                "parameters": {"link": "office", "wait": True}}]
    assert json.loads(good("--json", "open", "office", daemon=daemon)) == [UP]


def test_open_no_wait(daemon):
    daemon.on("Open", {"link": "office", "session": 0, "ifname": "", "local_ip": "", "peer_ip": ""})
    assert good("open", "office", "--no-wait", daemon=daemon) == "office: opening\n"
    assert good("--no-wait", "open", "office", daemon=daemon) == "office: opening\n"
    assert [r["parameters"]["wait"] for r in daemon.requests] == [False, False]


def test_open_only_ipv6(daemon):
    daemon.on("Open", {**UP, "local_ip": "", "peer_ip": ""})
    assert good("open", "office", daemon=daemon) == "office: up, ppp0\n"


@pytest.mark.parametrize("error", ["Failed", "Refused", "NotFound"])
def test_open_fails(daemon, error):
    daemon.on("Open", ("org.l2tpd." + error, {"message": "office: no answer from 192.0.2.1"}))
    assert bad(1, "open", "office", daemon=daemon) == "office: no answer from 192.0.2.1"
    assert bad(1, "--json", "open", "office", daemon=daemon) == "office: no answer from 192.0.2.1"


def test_interrupted_open_hangs_up(daemon):
    daemon.on("Open")
    p = subprocess.Popen([L2TPCTL, "-s", daemon.path, "open", "office"])
    while not daemon.requests:
        time.sleep(0.01)
    p.send_signal(signal.SIGINT)
    assert p.wait(TIMEOUT) == -signal.SIGINT
    assert daemon.gone.wait(TIMEOUT)


@pytest.mark.parametrize("count,words", [(0, "closed, there was no call"), (1, "closed, 1 call"),
                                         (12, "closed, 12 calls")])
def test_close(daemon, count, words):
    daemon.on("Close", {"closed": count})
    assert good("close", "office", daemon=daemon) == f"office: {words}\n"
    assert daemon.requests[0]["parameters"] == {"target": "office"}
    assert json.loads(good("--json", "close", "77", daemon=daemon)) == [{"closed": count}]


def test_close_fails(daemon):
    daemon.on("Close", ("org.l2tpd.NotFound", {"message": 'there is no link or session "x"'}))
    assert bad(1, "close", "x", daemon=daemon) == 'there is no link or session "x"'


def test_reload(daemon):
    daemon.on("Reload", {})
    assert good("reload", daemon=daemon) == "configuration reloaded\n"
    assert json.loads(good("--json", "reload", daemon=daemon)) == [{}]
    daemon.on("Reload", ("org.l2tpd.Failed", {"message": "/etc/l2tpd/l2tpd.conf:3: unknown key"}))
    assert bad(1, "reload", daemon=daemon) == "/etc/l2tpd/l2tpd.conf:3: unknown key"


def test_argument_that_is_not_utf8(daemon):
    r = ctl("open", b"\xff\xfe", daemon=daemon)
    assert r.returncode == 1
    assert r.stderr == 'l2tpctl: "\\xff\\xfe" is not UTF-8 text\n'
    assert daemon.requests == []


# --- monitor ---

EVENTS = [
    {"time": "2024-05-16T10:03:10Z", "event": "session-up", "link": "office", "tunnel": 1042,
     "session": 77, "peer": "192.0.2.1:1701", "ifname": "ppp0", "local_ip": "10.0.0.2"},
    {"time": "2024-05-16T10:03:11Z", "event": "session-down", "link": "office", "tunnel": 1042,
     "session": 77, **{k: v for k, v in LAST_DOWN.items() if k != "time"}},
    {"time": "2024-05-16T10:03:12Z", "event": "link-down", "link": "office", "tunnel": 0,
     "session": 0},
]


def test_monitor(daemon):
    daemon.on("Monitor", *[{"event": e} for e in EVENTS], CLOSE, more=True)
    r = ctl("monitor", daemon=daemon)
    assert r.stdout.splitlines() == [
        "2024-05-16 10:03:10  session-up      office  tunnel 1042  session 77"
        "  peer 192.0.2.1:1701  ifname ppp0  local_ip 10.0.0.2",
        "2024-05-16 10:03:11  session-down    office  tunnel 1042  session 77"
        "  ended by the peer: CDN 3 administrative reasons: the peer does not let us in, "
        "pppd: the peer failed to authenticate itself",
        "2024-05-16 10:03:12  link-down       office",
    ]
    assert r.returncode == 3
    assert "closed the connection" in r.stderr
    assert daemon.requests == [{"method": "org.l2tpd.Monitor", "more": True}]


def test_monitor_as_json(daemon):
    daemon.on("Monitor", *[{"event": e} for e in EVENTS], CLOSE, more=True)
    out = ctl("--json", "monitor", daemon=daemon).stdout
    assert [json.loads(line) for line in out.splitlines()] == EVENTS


PACKETS = [
    {"time": "2024-05-16T10:03:10.123456Z", "event": "packet", "direction": "sent",
     "local": "192.0.2.9:1701", "peer": "192.0.2.1:1701", "tunnel": 1042, "session": 0,
     "message": "SCCRQ", "ns": 0, "nr": 0, "retransmit": False,
     "text": "SCCRQ tunnel 0 ns 0 nr 0, 55 octets: Host Name \"lac\""},
    {"time": "2024-05-16T10:03:11.000001Z", "event": "packet", "direction": "received",
     "local": "192.0.2.9:1701", "peer": "[2001:db8::1]:1701", "tunnel": 5, "session": 0,
     "message": "HELLO", "ns": 3, "nr": 2, "retransmit": True, "text": "HELLO tunnel 5 ns 3 nr 2"},
    {"time": "2024-05-16T10:03:12Z", "event": "packet", "direction": "received", "peer": "192.0.2.1:1",
     "retransmit": False, "dropped": "unknown\ntunnel", "text": "ZLB \x1b[2J"},
]


def test_monitor_packets(daemon):
    events = [EVENTS[2], *PACKETS]
    daemon.on("Monitor", *[{"event": e} for e in events], CLOSE, more=True)
    r = ctl("monitor", "--packets", daemon=daemon)
    assert r.stdout.splitlines() == [
        "2024-05-16 10:03:12  link-down       office",
        '2024-05-16 10:03:10.123456 > 192.0.2.1:1701 SCCRQ tunnel 0 ns 0 nr 0, 55 octets: Host Name "lac"',
        "2024-05-16 10:03:11.000001 < [2001:db8::1]:1701 (again) HELLO tunnel 5 ns 3 nr 2",
        "2024-05-16 10:03:12 < 192.0.2.1:1 (dropped: unknown\\x0atunnel) ZLB \\x1b[2J",
    ]
    assert daemon.requests == [{"method": "org.l2tpd.Monitor", "more": True,
                                "parameters": {"packets": True}}]
    out = ctl("--json", "monitor", "--packets", daemon=daemon).stdout
    assert [json.loads(line) for line in out.splitlines()] == events


def test_monitor_packets_refused(daemon):
    daemon.on("Monitor", ("org.l2tpd.Refused", {"message": "only root and members may see packets"}))
    assert bad(1, "monitor", "--packets", daemon=daemon) == "only root and members may see packets"


def test_monitor_refused(daemon):
    daemon.on("Monitor", ("org.l2tpd.Refused", {"message": "no"}))
    assert bad(1, "monitor", daemon=daemon) == "no"


def test_monitor_shows_events_at_once(daemon):
    daemon.on("Monitor", {"event": EVENTS[0]}, more=True)
    p = subprocess.Popen([L2TPCTL, "-s", daemon.path, "--json", "monitor"], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert json.loads(p.stdout.readline()) == EVENTS[0]
    # the reader goes away: it ends by itself, and without a word
    p.stdout.close()
    assert p.wait(TIMEOUT) == 0
    assert p.stderr.read() == ""
    p.stderr.close()


# --- text of peers ---

NASTY = "a\x1b]0;x\x07\n\u009b1m\u202eevil\u2028\x7fZürich 日本"
TAME = ("a\\x1b]0;x\\x07\\x0a\\u{9b}1m\\u{202e}evil\\u{2028}\\x7fZürich 日本")


def test_text_of_peers_is_harmless(daemon):
    daemon.on("ListTunnels", {"tunnels": [{**TUNNELS[0], "peer_hostname": NASTY}]})
    lines = good("show", "tunnels", daemon=daemon).splitlines()
    assert len(lines) == 2 and TAME in lines[1]
    daemon.on("Open", ("org.l2tpd.Failed", {"message": NASTY}))
    assert bad(1, "open", "office", daemon=daemon) == TAME
    daemon.on("Monitor", {"event": {**EVENTS[1], "text": NASTY, "link": NASTY}}, CLOSE, more=True)
    out = ctl("monitor", daemon=daemon).stdout
    assert out.count(TAME) == 2 and out.count("\n") == 1


def test_json_is_as_sent(daemon):
    daemon.on("ListTunnels", {"tunnels": [{"peer_hostname": NASTY}]})
    out = good("--json", "show", "tunnels", daemon=daemon)
    assert json.loads(out) == [{"peer_hostname": NASTY}]
    assert "Zürich" in out


def test_json_on_a_terminal_is_ascii(daemon):
    daemon.on("ListTunnels", {"tunnels": [{"peer_hostname": NASTY}]})
    master, slave = pty.openpty()
    subprocess.run([L2TPCTL, "-s", daemon.path, "--json", "show", "tunnels"], stdout=slave,
                   timeout=TIMEOUT, check=True)
    os.close(slave)
    out = os.read(master, 65536)
    os.close(master)
    assert out.isascii() and b"\x1b" not in out
    assert json.loads(out) == [{"peer_hostname": NASTY}]


def test_without_utf8_locale_only_ascii(daemon):
    daemon.on("ListTunnels", {"tunnels": [{**TUNNELS[0], "peer_hostname": "Zürich"}]})
    assert "Z\\u{fc}rich" in good("show", "tunnels", daemon=daemon, env=environment(LC_ALL="C"))


def test_columns_are_counted_in_characters(daemon):
    daemon.on("ListLinks", {"links": [{**LINKS[1], "name": "zürich"}, {**LINKS[1], "name": "berlin"}]})
    lines = good("show", "links", daemon=daemon).splitlines()
    assert lines[1].index("l2tp") == lines[2].index("l2tp")


@pytest.mark.parametrize("count,words", [
    (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1048524, "1023.9 KiB"), (1048575, "1.0 MiB"),
    (5 << 30, "5.0 GiB"), ((1 << 63) - 1, "8.0 EiB")])
def test_bytes(daemon, count, words):
    daemon.on("ListSessions", {"sessions": [{**SESSIONS[0], "rx_bytes": count}]})
    assert f" {words} " in good("show", "sessions", daemon=daemon).splitlines()[1]


@pytest.mark.parametrize("seconds,words", [
    (0, "0s"), (59, "59s"), (60, "1m 0s"), (3599, "59m 59s"), (3600, "1h 0m"), (86399, "23h 59m"),
    (86400, "1d 0h"), (400 * 86400, "400d 0h")])
def test_durations(daemon, seconds, words):
    daemon.on("ListSessions", {"sessions": [{**SESSIONS[0], "uptime_s": seconds}]})
    assert good("show", "sessions", daemon=daemon).splitlines()[1].endswith(f" {words}")


def test_fields_of_unexpected_types(daemon):
    odd = [{"id": "x", "peer_id": [1], "link": {"a": {"b": 1}}, "state": 17, "rtt_ms": True}, {}, 3]
    daemon.on("ListTunnels", {"tunnels": odd})
    lines = good("show", "tunnels", daemon=daemon).splitlines()
    assert len(lines) == 4 and "a b 1" in lines[1]


# --- words of the command line ---

@pytest.mark.parametrize("words,method", [
    (["sh", "sess"], "ListSessions"), (["show", "s"], "ListSessions"), (["s", "t"], "ListTunnels"),
    (["s", "l"], "ListLinks"), (["show", "link"], "ListLinks"), (["s", "v"], "GetVersion"),
    (["r"], "Reload"), (["m"], "Monitor"), (["o", "x"], "Open"), (["cl", "x"], "Close")])
def test_prefixes(daemon, words, method):
    daemon.on(method, ("org.l2tpd.Failed", {"message": "heard"}))
    assert bad(1, *words, daemon=daemon) == "heard"
    assert daemon.requests[0]["method"] == "org.l2tpd." + method


def test_show_link_by_prefix(daemon):
    daemon.on("ListLinks", {"links": LINKS})
    daemon.on("ListTunnels", {"tunnels": []})
    daemon.on("ListSessions", {"sessions": []})
    assert good("sh", "li", "home", daemon=daemon).startswith("link home\n")


@pytest.mark.parametrize("words,says", [
    ([], "no command"),
    (["frobnicate"], 'unknown command "frobnicate"'),
    (["consoles"], 'unknown command "consoles"'),
    (["set", "l2tp", "hello", "3"], 'unknown command "set"'),
    (["\x1b[2J"], 'unknown command "\\x1b[2J"'),
    ([""], "unknown command"),
    (["show"], "usage: l2tpctl show links | l2tpctl show link NAME | l2tpctl show tunnels"),
    (["show", "confik"], "usage: l2tpctl show links | l2tpctl show link NAME"),
    (["console", "a", "b", "c"], "usage: l2tpctl console [FILE [LABEL]]"),
    (["link", "a", "frob"], "usage: l2tpctl link NAME set ..."),
    (["create", "link"], "usage: l2tpctl create link static NAME l2tp"),
    (["show", "links", "office"], "usage: l2tpctl show links"),
    (["show", "link", "a", "b"], "usage: l2tpctl show links | l2tpctl show link NAME"),
    (["open"], "usage: l2tpctl open LINK [--no-wait]"),
    (["open", "a", "b"], "usage: l2tpctl open LINK [--no-wait]"),
    (["close"], "usage: l2tpctl close LINK|SESSION"),
    (["c", "x"], "ambiguous: l2tpctl close LINK|SESSION | l2tpctl check FILE | l2tpctl console"),
    (["check"], "usage: l2tpctl check FILE"),
    (["reload", "x"], "usage: l2tpctl reload"),
    (["showy", "links"], 'unknown command "showy"'),
    (["--frob", "reload"], "unknown option --frob"),
    (["-x", "reload"], "unknown option -x"),
    (["reload", "-s"], "-s needs a value"),
    (["reload", "--no-wait"], "--no-wait goes with open only"),
    (["open", "x", "--packets"], "--packets goes with monitor only"),
])
def test_usage(words, says):
    assert bad(2, *words).startswith(says)


def test_help_and_version():
    out = good("--help")
    assert good("-h") == out
    for words in ("open LINK [--no-wait]", "close LINK|SESSION", "show links", "show link NAME",
                  "show tunnels", "show sessions", "show counters", "show version", "monitor [--packets]", "reload", "check FILE",
                  "decode FILE|HEX", "show config", "link [NAME [set ...]]", "console [FILE [LABEL]]",
                  "create link static NAME l2tp|LINK"):
        assert f"\n  {words} " in out
    for later in ("doctor", "forwards", "pools"):
        assert later not in out
    assert good("--version").startswith("l2tpctl ")
    assert good("-V") == good("--version")


# --- no daemon ---

COMMANDS = [["open", "x"], ["close", "x"], ["show", "links"], ["show", "tunnels"],
            ["show", "sessions"], ["show", "version"], ["show", "counters"], ["show", "link", "x"], ["monitor"], ["reload"]]


@pytest.mark.parametrize("words", COMMANDS)
def test_no_daemon(tmp_path, words):
    path = str(tmp_path / "control")
    says = bad(3, "-s", path, *words)
    assert path in says and "is l2tpd running?" in says and "-s" in says


def test_stale_socket(tmp_path):
    path = str(tmp_path / "control")
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
    assert "is l2tpd running?" in bad(3, "-s", path, "reload")


def test_path_too_long():
    assert "cannot connect" in bad(3, "-s", "/tmp/" + "x" * 200, "reload")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_no_permission(tmp_path):
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program = shutil.copy(L2TPCTL, folder)
        path = os.path.join(folder, "control")
        d = Daemon(path)
        os.chown(path, 0, 1)  # "daemon" everywhere
        os.chmod(path, 0o660)
        r = subprocess.run([program, "-s", path, "show", "links"], capture_output=True, text=True,
                           user=65534, group=65534, extra_groups=[], cwd="/", timeout=TIMEOUT)
        assert r.returncode == 3
        assert 'be root or a member of the group "daemon"' in r.stderr
        os.chown(path, 0, 0)
        r = subprocess.run([program, "-s", path, "show", "links"], capture_output=True, text=True,
                           user=65534, group=65534, extra_groups=[], cwd="/", timeout=TIMEOUT)
        assert r.returncode == 3
        assert "control-group" in r.stderr
        d.stop()


@pytest.mark.parametrize("words", COMMANDS)
def test_daemon_goes_away(daemon, words):
    for method in ("Open", "Close", "ListLinks", "ListTunnels", "ListSessions", "GetVersion",
                   "Monitor", "Reload"):
        daemon.on(method, CLOSE)
    assert "closed the connection" in bad(3, *words, daemon=daemon)


@pytest.mark.parametrize("reply", [b"hello\0", b"[]\0", b"\0", b"\xff\0", b'{"error":7}\0',
                                   b'{"parameters":[]}\0'])
def test_not_varlink(daemon, reply):
    daemon.on("Reload", reply)
    assert "is not l2tpd" in bad(1, "reload", daemon=daemon)


@pytest.mark.parametrize("reply", [b"{}\0", b'{"parameters":{}}\0', b'{"parameters":{"links":7}}\0'])
def test_reply_without_list(daemon, reply):
    daemon.on("ListLinks", reply)
    assert bad(1, "show", "links", daemon=daemon) == "the daemon sent no list of links"


def test_error_without_message(daemon):
    daemon.on("Reload", b'{"error":"org.l2tpd.Failed"}\0')
    assert bad(1, "reload", daemon=daemon) == "org.l2tpd.Failed"
    daemon.on("Reload", ("org.varlink.service.MethodNotFound", {"method": "x"}))
    assert "older" in bad(1, "reload", daemon=daemon)


def test_reply_in_pieces_and_long(daemon):
    sessions = [dict(SESSIONS[0], id=i) for i in range(5000)]
    daemon.on("ListSessions", {"sessions": sessions})
    assert json.loads(good("--json", "show", "sessions", daemon=daemon)) == sessions
    whole = json.dumps({"parameters": {"closed": 1}}).encode() + b"\0"
    daemon.on("Close", *[whole[i:i + 1] for i in range(len(whole))])
    assert good("close", "x", daemon=daemon) == "x: closed, 1 call\n"


# --- where output goes ---

def test_closed_pipe_is_silent(daemon):
    daemon.on("ListSessions", {"sessions": SESSIONS * 5000})
    for json_option in ([], ["--json"]):
        r = subprocess.run(f'"{L2TPCTL}" -s "{daemon.path}" {" ".join(json_option)} show sessions | '
                           "true; echo ${PIPESTATUS[0]}", shell=True, executable="/bin/bash",
                           capture_output=True, text=True, timeout=TIMEOUT)
        assert (r.stdout, r.stderr) == ("0\n", "")


def test_full_disk(daemon):
    daemon.on("ListLinks", {"links": LINKS})
    with open("/dev/full", "wb") as full:
        r = subprocess.run([L2TPCTL, "-s", daemon.path, "show", "links"], stdout=full,
                           stderr=subprocess.PIPE, text=True, timeout=TIMEOUT)
    assert r.returncode == 1
    assert r.stderr.startswith("l2tpctl: cannot write: ")


# --- check ---

@pytest.fixture
def with_l2tpd(tmp_path):
    """A folder with l2tpctl and an l2tpd beside it that tells its arguments."""
    program = shutil.copy(L2TPCTL, tmp_path / "l2tpctl")
    l2tpd = tmp_path / "l2tpd"
    l2tpd.write_text('#!/bin/sh\n[ "$1 $2" = "--check -c" ] || exit 9\n'
                     '[ "$3" = good.conf ] && exit 0\necho "$3:3: unknown key" >&2\nexit 1\n')
    l2tpd.chmod(0o755)
    return program


def test_check(with_l2tpd):
    r = subprocess.run([with_l2tpd, "check", "good.conf"], capture_output=True, timeout=TIMEOUT)
    assert (r.returncode, r.stdout, r.stderr) == (0, b"", b"")
    for name in ("bad.conf", "-odd"):
        r = subprocess.run([with_l2tpd, "check", "--", name], capture_output=True, timeout=TIMEOUT)
        assert (r.returncode, r.stdout) == (1, b"")
        assert r.stderr == name.encode() + b":3: unknown key\n"


def test_check_without_l2tpd(tmp_path):
    if os.path.exists("/usr/sbin/l2tpd"):
        pytest.skip("l2tpd is installed")
    program = shutil.copy(L2TPCTL, tmp_path / "l2tpctl")
    r = subprocess.run([program, "check", "x"], capture_output=True, text=True, timeout=TIMEOUT)
    assert r.returncode == 1
    assert r.stderr.startswith("l2tpctl: cannot run ") and r.stderr.count("\n") == 1
