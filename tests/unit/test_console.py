# SPDX-License-Identifier: GPL-2.0-or-later
"""Options at run time and scripts of the console, against a scripted daemon."""
import json
import subprocess

import pytest

from ctl_daemon import L2TPCTL, LINKS, TIMEOUT, bad, good
from console_rig import SECRET, ctl_in


# --- the command line ---

def test_set_sends_the_words(daemon):
    assert good("link", "office", "set", "l2tp", "peer", "192.0.2.1/24", "1702", daemon=daemon) == ""
    assert good("li", "office", "se", "link", "max-redial", "-1", daemon=daemon) == ""
    assert daemon.asked("SetLink") == [
        {"link": "office", "lines": [["l2tp", "peer", "192.0.2.1/24", "1702"]], "public": True},
        {"link": "office", "lines": [["link", "max-redial", "-1"]], "public": True}]
    daemon.turn("SetLink", {"message": "office: takes effect with the next call"})
    words = ("link", "office", "set", "l2tp", "hello", "3")
    assert good(*words, daemon=daemon) == "office: takes effect with the next call\n"
    assert json.loads(good("--json", *words, daemon=daemon)) == [
        {"message": "office: takes effect with the next call"}]


def test_set_refused(daemon):
    daemon.turn("SetLink", ("org.l2tpd.Refused", {"message": "no such\nthing", "line": 0}))
    assert bad(1, "link", "x", "set", "l2tp", "y", daemon=daemon) == "no such\\x0athing"
    daemon.turn("SetLink", ("org.l2tpd.Incomplete", {"message": "it lacks", "line": 0}))
    assert bad(1, "link", "x", "set", "l2tp", "y", daemon=daemon) == "it lacks"


def test_link_alone(daemon):
    daemon.turn("ListTunnels", {"tunnels": []})
    daemon.turn("ListSessions", {"sessions": []})
    assert good("link", daemon=daemon).startswith("LINK ")
    assert good("link", "home", daemon=daemon).startswith("link home\n")
    daemon.turn("Close", {"closed": 0})
    assert good("link", "home", "close", daemon=daemon) == "home: closed, there was no call\n"


def test_secret_from_standard_input(daemon):
    daemon.turn("SetLink", ("org.l2tpd.NeedSecret", {"message": "it lacks", "line": 0}),
                {"message": ""})
    out = ctl_in(daemon, SECRET + "\nmore\n", "link", "office", "set", "l2tp", "secret", "-")
    assert out == ("", "")
    assert daemon.asked("SetLink")[1] == {"link": "office",
                                          "lines": [["l2tp", "secret", SECRET]]}


@pytest.mark.parametrize("text", ["", "\n", "x" * 256 + "\n", "a\0b\n"])
def test_secret_that_is_none(daemon, text):
    daemon.turn("SetLink", ("org.l2tpd.NeedSecret", {"message": "it lacks", "line": 0}))
    _, err = ctl_in(daemon, text, "link", "office", "set", "l2tp", "secret", "-", code=1)
    assert err.startswith("l2tpctl: no secret was given") and err.count("\n") == 1
    assert len(daemon.asked("SetLink")) == 1


def test_secret_is_not_waited_for_without_a_terminal(daemon):
    daemon.turn("SetLink", ("org.l2tpd.NeedSecret", {"message": "it lacks", "line": 0}))
    assert "'set l2tp secret -'" in bad(1, "link", "x", "set", "l2tp", "secret", daemon=daemon)


def test_show_config(daemon):
    text = "# head\n[link office]\ntype = l2tp\nhostname = \x1b[1m\n"
    daemon.turn("GetConfig", {"text": text})
    assert good("show", "config", daemon=daemon) == text.replace("\x1b", "\\x1b")
    assert json.loads(good("--json", "show", "config", daemon=daemon)) == [{"text": text}]
    daemon.turn("GetConfig", ("org.l2tpd.Refused", {"message": "only root"}))
    assert bad(1, "show", "config", daemon=daemon) == "only root"


def test_show_link_has_all_options(daemon):
    options = {"peer": "192.0.2.1", "secret": "******", "hostname": "", "hidden": "no",
               "dataseq": "yes"}
    daemon.turn("ListLinks", {"links": [{**LINKS[0], "options": options}]})
    daemon.turn("ListTunnels", {"tunnels": []})
    daemon.turn("ListSessions", {"sessions": []})
    lines = good("show", "link", "office", daemon=daemon).splitlines()
    assert lines[lines.index("configuration"):] == [
        "configuration", "  peer             192.0.2.1", "  secret           ******",
        "  hostname         -", "options", "  hidden           disabled",
        "  dataseq          enabled"]


# --- scripts ---

def test_script_from_standard_input(daemon):
    script = ("# comment\n\nlink office\n   # another\nset l2tp peer 192.0.2.7 \\\n  1702\n"
              'set l2tp callednum "555 \\"1\\"\\x41"\nli\nexit\nfrobnicate\n')
    out, err = ctl_in(daemon, script, "console")
    assert err == "" and out.startswith("LINK ") and out.count("\n") == 3
    assert [p["lines"] for p in daemon.asked("SetLink")] == [
        [["l2tp", "peer", "192.0.2.7", "1702"]], [["l2tp", "callednum", '555 "1"A']]]
    assert ctl_in(daemon, script, "console", "-") == (out, err)


@pytest.mark.parametrize("line,says", [
    ("frobnicate", 'unknown command "frobnicate"; help lists all'),
    ("set l2tp hello 5", "no link is selected: 'link NAME' does, 'create link static NAME l2tp' "
                         "makes one"),
    ("set", "usage: set l2tp KEY VALUE | set l2tp enable|disable OPTION ..."),
    ("link nowhere", "there is no link \"nowhere\" ('link' lists them; 'create link static nowhere "
                     "l2tp' makes it)"),
    ('link "\\0"', "a backslash with the number 0 (or \\x without digits) would end the word: leave "
                   "out what is behind it"),
    ("link x\\x", "a backslash with the number 0 (or \\x without digits) would end the word: leave out "
                 "what is behind it"),
    ("show link", 'no link "x"'),
    ("c x", "ambiguous: close LINK|SESSION|USER | check FILE | console [FILE [LABEL]]"),
    ("load", "usage: load FILE LABEL, or in a file load LABEL"),
    ("load /nowhere x", "/nowhere: cannot be read: No such file or directory"),
    ("console", "this is the console; 'load FILE [LABEL]' runs a file"),
    ("new x", "usage: new [-i INTERFACE] BUNDLE LINK ..."),
    ("x " * 200, "too many words"),
    ("set pptp peer 192.0.2.1", "'set pptp ...' cannot be done: there are no links of type pptp"),
])
def test_script_stops_at_the_first_error(daemon, tmp_path, line, says):
    if line == "show link":
        line = "show link x"
    script = f"\n\n{line}\nlink office\nset l2tp hello 9\n"
    out, err = ctl_in(daemon, script, "console", code=1)
    place = "" if says.startswith("/nowhere") else "(standard input):3: "
    assert (out, err) == ("", f"{place}{says}\n")
    path = tmp_path / "script"
    path.write_text(script)
    out, err = ctl_in(daemon, "", "console", str(path), code=1)
    assert err == f"{path if place else ''}{':3: ' if place else ''}{says}\n"
    assert daemon.asked("SetLink") == []


@pytest.mark.parametrize("text,words", [
    # what mpd's ParseLine() and Escape() make of it
    ('ab"cd', ['ab"cd']),
    ('ab"c d"', ['ab"c', 'd"']),
    ('"ab"cd', ["ab", "cd"]),
    ('"a b""c"', ["a b", "c"]),
    ('""', [""]),
    ('"DOM\\user"', ["DOMuser"]),
    ("DOM\\\\user", ["DOM\\user"]),
    ("a\\\\b", ["a\\b"]),
    ('"a\\\\b"', ["a\\b"]),
    ("a\\sb\\tc\\nd\\re", ["a b\tc\nd\re"]),
    ('"a\\"b"', ['a"b']),
    ('\\"a', ['"a']),
    ("a\\ b", ["a", "b"]),
    ('"\\x34\\"foo\\n"', ['4"foo\n']),
    ("\\101\\x42", ["AB"]),
    ("\\1001 \\x141", ["\1", "A"]),       # all digits there are, and the lowest octet
    ("'a b'", ["'a", "b'"]),
    ("a#b #c", ["a#b", "#c"]),
])
def test_words_are_mpds(daemon, text, words):
    out, err = ctl_in(daemon, f"link office\nset l2tp callednum {text}\n", "console")
    assert (out, err) == ("", "")
    assert daemon.asked("SetLink")[0]["lines"] == [["l2tp", "callednum", *words]]


def test_quote_that_is_not_closed(daemon):
    """It goes to the end of the line, as in mpd; but it is told."""
    out, err = ctl_in(daemon, 'link office\nset l2tp callednum "5 55  \nset l2tp hello 1\n', "console")
    assert (out, err) == ("", "(standard input):2: warning: a quote is not closed: its word goes to "
                              "the end of the line\n")
    assert [p["lines"] for p in daemon.asked("SetLink")] == [
        [["l2tp", "callednum", "5 55"]], [["l2tp", "hello", "1"]]]


def test_lines_are_joined_as_mpd_joins_them(daemon):
    """Blanks behind the backslash, comments and empty lines between do not matter."""
    ctl_in(daemon, "\ufefflink office\r\nset l2tp \\  \r\n# comment\n\n  callednum 5\\\n", "console")
    assert daemon.asked("SetLink")[0]["lines"] == [["l2tp", "callednum", "5"]]


def test_script_that_is_not_there(daemon, tmp_path):
    assert ctl_in(daemon, "", "console", str(tmp_path / "x"), code=1)[1] == \
        f"{tmp_path}/x: cannot be read: No such file or directory\n"
    assert ctl_in(daemon, "", "console", str(tmp_path), code=1)[1] == \
        f"{tmp_path}: cannot be read: Input/output error\n"


def test_script_without_a_daemon(tmp_path):
    out, err = ctl_in(str(tmp_path / "none"), "\nshow links\n", "console", code=3)
    assert err.startswith("(standard input):2: no daemon answers at")


def test_keys_in_any_order(daemon):
    """Lines that lack something wait for those that bring it; then they go as one."""
    lacks = ("org.l2tpd.Incomplete", {"message": "there is no peer", "line": 0})
    daemon.turn("SetLink", lacks, {"message": ""})
    script = "link office\nset l2tp enable originate\nset iface up\nset l2tp peer 192.0.2.1\n"
    out, err = ctl_in(daemon, script, "console")
    assert err.count("\n") == 1 and "(standard input):3: warning: 'set iface ...'" in err
    assert [p["lines"] for p in daemon.asked("SetLink")] == [
        [["l2tp", "enable", "originate"]],
        [["l2tp", "enable", "originate"], ["l2tp", "peer", "192.0.2.1"]]]


@pytest.mark.parametrize("behind", ["", "show links\n", "link home\n", "exit\n"])
def test_what_is_never_completed_is_an_error(daemon, behind):
    daemon.turn("SetLink", ("org.l2tpd.Incomplete", {"message": "there is no peer", "line": 0}),
                ("org.l2tpd.Incomplete", {"message": "still no peer", "line": 0}))
    script = "link office\nset l2tp enable originate\n\nset l2tp hello 5\n" + behind
    out, err = ctl_in(daemon, script, "console", code=1)
    assert (out, err) == ("", "(standard input):2: still no peer\n")


def test_lines_of_a_program_take_effect_at_once(daemon):
    p = subprocess.Popen([L2TPCTL, "-s", daemon.path, "console"], stdin=subprocess.PIPE, text=True)
    p.stdin.write("link office\nset l2tp hello 5\n")
    p.stdin.flush()
    daemon.wait_asked("SetLink")
    p.stdin.close()
    assert p.wait(TIMEOUT) == 0


def test_secret_in_a_script(daemon, tmp_path):
    needs = ("org.l2tpd.NeedSecret", {"message": "it lacks", "line": 0})
    path = tmp_path / "script"
    path.write_text(f"link office\nset l2tp secret {SECRET}\nset l2tp secret -\n")
    daemon.turn("SetLink", {"message": ""}, needs, {"message": ""})
    assert ctl_in(daemon, "other\n", "console", str(path)) == ("", "")
    sent = daemon.asked("SetLink")
    assert [p["lines"][0][2] for p in sent] == [SECRET, "-", "other"]
    assert all("public" not in p for p in sent)
    daemon.turn("SetLink", {"message": ""}, needs)
    _, err = ctl_in(daemon, path.read_text(), "console", code=1)
    assert err == ("(standard input):3: a script on standard input cannot ask there for a secret: "
                   "write it into the script, or use secret-file\n")


def test_link_for_one_command(daemon):
    ctl_in(daemon, "link office\nlink home set l2tp hello 5\nset l2tp hello 6\n", "console")
    assert [(p["link"], p["lines"]) for p in daemon.asked("SetLink")] == [
        ("home", [["l2tp", "hello", "5"]]), ("office", [["l2tp", "hello", "6"]])]


def test_selected_link_is_the_default(daemon):
    daemon.turn("Open", {"link": "office", "session": 0, "ifname": "", "local_ip": "",
                         "peer_ip": ""})
    daemon.turn("Close", {"closed": 0})
    daemon.turn("ListTunnels", {"tunnels": []})
    daemon.turn("ListSessions", {"sessions": []})
    out, _ = ctl_in(daemon, "link office\nopen\nopen home\nopen --no-wait\nopen link\nclose\n"
                            "show link\nshow phys\nshow summary\nshow l2tp\nnull\n", "console")
    assert [(p["link"], p["wait"]) for p in daemon.asked("Open")] == [
        ("office", True), ("home", True), ("office", False), ("office", True)]
    assert daemon.asked("Close") == [{"target": "office"}]
    assert out.count("link office\n") == 2 and "no tunnels\n" in out and "SESSIONS" in out
    ctl_in(daemon, "link office\nopen\n", "--no-wait", "console")
    assert daemon.asked("Open")[-1]["wait"] is False
