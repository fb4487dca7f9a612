# SPDX-License-Identifier: GPL-2.0-or-later
"""l2tpctl against a daemon that answers from a script: what it asks and shows."""
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from ctl_daemon import (CLOSE, EVENTS, L2TPCTL, LAST_DOWN, LINKS, SESSIONS, TIMEOUT, TUNNELS, bad,
                        ctl, environment, good)


# --- lists ---

def test_show_links(daemon):
    daemon.on("ListLinks", {"links": LINKS})
    assert good("show", "links", daemon=daemon).splitlines() == [
        "LINK    TYPE  STATE  PEER            SESSIONS",
        "office  l2tp  up     192.0.2.1 1701         1",
        "home    l2tp  down   -                      0",
    ]
    assert daemon.requests == [{"method": "org.l2tpd.ListLinks"}]


def test_show_links_tells_why(daemon):
    """The sentence of what is down, broken between words where the screen ends."""
    down = {**LINKS[0], "state": "down", "sessions": 0}
    daemon.on("ListLinks", {"links": [down, {**LINKS[1], "waiting": "cannot bind"}]})
    lines = good("show", "links", daemon=daemon, env=environment(COLUMNS="80")).splitlines()
    assert lines == [
        "LINK    TYPE  STATE  PEER            SESSIONS",
        "office  l2tp  down   192.0.2.1 1701         0",
        "  last call ended 2024-05-16 10:03:11 by the peer: CDN 3 administrative reasons:",
        "    the peer does not let us in, pppd: the peer failed to authenticate itself",
        "home    l2tp  down   -                      0",
        "  takes no calls: cannot bind",
    ]


def many_sessions(count):
    return [{**SESSIONS[0], "id": i + 1, "link": "dialin", "ifname": f"ppp{i}",
             "peer_ip": f"10.0.{i // 250}.{i % 250 + 1}", "user": f"user{i}@example.com",
             "rx_bytes": 1000 * i} for i in range(count)]


def test_sessions_fit_the_screen(daemon):
    """41 calls: 42 lines of at most 80 columns; a wider terminal shows more."""
    daemon.on("ListSessions", {"sessions": many_sessions(41)})
    narrow = good("show", "sessions", daemon=daemon, env=environment(COLUMNS="80")).splitlines()
    assert len(narrow) == 42 and max(map(len, narrow)) <= 80
    assert all(f"user{i}@example.com" in narrow[i + 1] for i in range(41))
    wide = good("show", "sessions", daemon=daemon, env=environment(COLUMNS="200")).splitlines()
    assert len(wide) == 42 and len(narrow[0].split()) < len(wide[0].split()) == 13
    sessions = [{**s, "user": "a-long-name-of-" + s["user"]} for s in many_sessions(41)]
    daemon.on("ListSessions", {"sessions": sessions})
    tiny = good("show", "sessions", daemon=daemon, env=environment(COLUMNS="40")).splitlines()
    assert len(tiny) == 42 and max(map(len, tiny)) <= 40 and "\N{HORIZONTAL ELLIPSIS}" in tiny[1]


def test_sessions_are_chosen(daemon):
    sessions = many_sessions(30)
    sessions[7]["link"] = "other"
    daemon.on("ListSessions", {"sessions": sessions})
    lines = good("show", "sessions", "user=user1*", "link=dialin", daemon=daemon).splitlines()
    assert len(lines) == 13 and lines[-1] == "11 of 30 sessions"
    assert good("show", "sessions", "link=other", "count", daemon=daemon) == "1 session\n"
    assert good("show", "sessions", "count", daemon=daemon) == "30 sessions\n"
    assert good("show", "sessions", "link=none", daemon=daemon) == "no sessions\n"
    order = json.loads(good("--json", "show", "sessions", "sort=-rx_bytes", "ifname=ppp?",
                            daemon=daemon))
    assert [s["ifname"] for s in order] == [f"ppp{i}" for i in range(9, -1, -1)]
    order = json.loads(good("--json", "show", "sessions", "sort=peer_ip", daemon=daemon))
    assert [s["id"] for s in order] == list(range(1, 31))
    assert bad(2, "show", "sessions", "usr=x", daemon=daemon) == (
        'sessions have no field "usr"; did you mean "user"?')


def test_show_session(daemon):
    daemon.on("ListSessions", {"sessions": many_sessions(3)})
    lines = good("show", "session", "2", daemon=daemon).splitlines()
    assert lines[0] == "session 2" and "  user            user1@example.com" in lines
    assert bad(1, "show", "session", "9", daemon=daemon) == 'no session "9"'


def test_show_link_with_many_calls(daemon):
    daemon.on("ListLinks", {"links": [{**LINKS[0], "name": "dialin"}]})
    daemon.on("ListTunnels", {"tunnels": []})
    daemon.on("ListSessions", {"sessions": many_sessions(41)})
    lines = good("show", "link", "dialin", daemon=daemon).splitlines()
    assert "sessions (41)" in lines and len(lines) < 100


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
    ({"who": "local", "text": "", "ppp_exit": 5}, "by this side: CDN 3 administrative reasons"),
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
    daemon.wait_asked("Open")
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
