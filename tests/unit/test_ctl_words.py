# SPDX-License-Identifier: GPL-2.0-or-later
"""l2tpctl: its command line, text that peers chose, and daemons that are not there."""
import json
import os
import pty
import shutil
import socket
import subprocess

import pytest

from ctl_daemon import (CLOSE, EVENTS, L2TPCTL, LINKS, SESSIONS, TIMEOUT, TUNNELS, Daemon, bad,
                        ctl, environment, good)


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
    (["show"], "usage: l2tpctl show links [FIELD=PATTERN ...] | l2tpctl show link NAME | l2tpctl show tunnels"),
    (["show", "confik"], "usage: l2tpctl show links [FIELD=PATTERN ...] | l2tpctl show link NAME"),
    (["console", "a", "b", "c"], "usage: l2tpctl console [FILE [LABEL]]"),
    (["link", "a", "frob"], "usage: l2tpctl link NAME set ..."),
    (["create", "link"], "usage: l2tpctl create link static NAME l2tp"),
    (["show", "links", "office"], "usage: l2tpctl show links"),
    (["show", "link", "a", "b"], "usage: l2tpctl show links [FIELD=PATTERN ...] | l2tpctl show link NAME"),
    (["open"], "usage: l2tpctl open LINK [--no-wait]"),
    (["open", "a", "b"], "usage: l2tpctl open LINK [--no-wait]"),
    (["close"], "usage: l2tpctl close LINK|SESSION"),
    (["c"], "ambiguous: l2tpctl close LINK|SESSION|USER | l2tpctl check FILE | l2tpctl create"),
    (["opne", "x"], 'unknown command "opne"; did you mean "open"?'),
    (["c", "x"], "ambiguous: l2tpctl close LINK|SESSION|USER | l2tpctl check FILE | l2tpctl console"),
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
    for words in ("open LINK [--no-wait]", "close LINK|SESSION|USER", "show links", "show link NAME",
                  "show tunnels", "show sessions", "show counters", "show version", "monitor [--packets]", "reload", "check FILE",
                  "decode FILE|HEX", "show config", "link [NAME [set ...]]", "console [FILE [LABEL]]",
                  "create link static NAME l2tp|LINK", "import mpd|xl2tpd FILE ... [--secrets FILE] [--options FILE]"):
        assert f"\n  {words} " in out or f"\n  {words}\n" in out
    narrow = good("--help", env=environment(COLUMNS="80"))
    assert max(len(line) for line in narrow.splitlines()) <= 80
    for later in ("doctor", "pools"):
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
