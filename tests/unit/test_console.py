# SPDX-License-Identifier: GPL-2.0-or-later
"""Options at run time and the console: against a scripted daemon, and against l2tpd itself.

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
import subprocess
import time

import pytest

from test_ctl import CLOSE, L2TPCTL, LINKS, TIMEOUT, Daemon, bad, ctl, environment, good

L2TPD = os.environ.get("L2TPD", str(pathlib.Path(L2TPCTL).parent / "l2tpd"))
SECRET = "s3cr3t-of-the-tunnel"

OPTIONS = [
    {"key": "peer", "arg": "ADDR", "help": "address of the peer", "default": "", "flag": False},
    {"key": "secret", "arg": "TEXT", "help": "tunnel secret", "default": "", "flag": False},
    {"key": "hidden", "arg": "yes|no", "help": "hide attributes", "default": "no", "flag": True},
    {"key": "hello", "arg": "N", "help": "silence before a question", "default": "60",
     "flag": False},
]


class Scripted(Daemon):
    """Replies of each method in turn; the last one for ever."""

    def __init__(self, path):
        self.turns = {}
        super().__init__(path)
        self.turn("ListLinks", {"links": LINKS})
        self.turn("ListOptions", {"options": OPTIONS})
        self.turn("SetLink", {"message": ""})

    def turn(self, method, *replies):
        self.turns["org.l2tpd." + method] = list(replies)

    def answer(self, conn, request):
        turns = self.turns[request["method"]]
        reply = turns.pop(0) if len(turns) > 1 else turns[0]
        if reply is not None:
            self.script[request["method"]] = ((reply,), False)
            return super().answer(conn, request)
        self.requests.append(request)  # and no answer
        return True

    def asked(self, method):
        return [r.get("parameters") for r in self.requests if r["method"] == "org.l2tpd." + method]


@pytest.fixture
def daemon(tmp_path):
    d = Scripted(tmp_path / "control")
    yield d
    d.stop()


def ctl_in(daemon, text, *args, code=0):
    """l2tpctl with something on standard input: (stdout, stderr)"""
    socket = daemon if isinstance(daemon, str) else daemon.path
    r = subprocess.run([L2TPCTL, "-s", socket, *args], input=text, capture_output=True, text=True,
                       timeout=TIMEOUT, env=environment())
    assert r.returncode == code, r.stderr
    return r.stdout, r.stderr


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
    ("c x", "ambiguous: close LINK|SESSION | check FILE | console [FILE [LABEL]]"),
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
    end = time.time() + TIMEOUT
    while not daemon.asked("SetLink") and time.time() < end:
        time.sleep(0.01)
    assert daemon.asked("SetLink")
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
    assert out.count("link office\n") == 2 and "no tunnels\n" in out and "LAST END" in out
    ctl_in(daemon, "link office\nopen\n", "--no-wait", "console")
    assert daemon.asked("Open")[-1]["wait"] is False


# --- files with labels ---

@pytest.mark.parametrize("label", ["one:", "one :", "one: # text", "one\t:", "one:more"])
def test_labels_as_mpd_reads_them(daemon, label):
    script = f"{label}\n\tlink office\n\tset l2tp hello 1\ntwo : # text\n\tset l2tp hello 2\n"
    for entry in ([], ["one"]):
        daemon.requests.clear()
        if not entry:
            err = ctl_in(daemon, script, "console", code=1)[1]
            assert err.endswith("which of its entries? one, two\n")
            continue
        assert ctl_in(daemon, script, "console", "-", *entry)[1] == ""
        assert [p["lines"] for p in daemon.asked("SetLink")] == [[["l2tp", "hello", "1"]]]


MPD = """\
# comment
startup:
\tnull
default:
\tload one

one:
# column one
\tlink office

\tset l2tp hello 1
\tload two
two:
  set l2tp hello 2
loop:
\tload loop
home:
\tset l2tp hello 3
"""


def test_entries(daemon, tmp_path):
    path = tmp_path / "mpd.conf"
    path.write_text(MPD)

    def hello(*args, text="", code=0):
        daemon.requests.clear()
        err = ctl_in(daemon, text, "console", *args, code=code)[1]
        return [(p["link"], p["lines"][0][2]) for p in daemon.asked("SetLink")], err

    assert hello(str(path)) == ([("office", "1"), ("office", "2")], "")
    assert hello(str(path), "one") == ([("office", "1"), ("office", "2")], "")
    assert hello("-", "one", text=MPD) == ([("office", "1"), ("office", "2")], "")
    assert hello(text=MPD) == ([("office", "1"), ("office", "2")], "")
    # the entry's name is its link's, as in mpd.links
    assert hello(str(path), "home") == ([("home", "3")], "")
    assert hello(text=f"link office\nload {path} two\n") == ([("office", "2")], "")
    assert "load goes deeper than 20" in hello(str(path), "loop", code=1)[1]
    assert hello(str(path), "nope", code=1)[1] == \
        f'{path}: there is no entry "nope" in it; there are: startup, default, one, two, loop, home\n'
    assert "no link is selected" in hello(str(path), "two", code=1)[1]
    path.write_text("one:\n link office\n set l2tp hello 1\n")
    assert hello(str(path))[0] == [("office", "1")]
    path.write_text("one:\n link office\ntwo:\n link home\n")
    assert hello(str(path), code=1)[1] == f"{path}: which of its entries? one, two\n"
    path.write_text("one:\n link office\nlink home\n")
    assert f"{path}: line 3 is neither a label" in hello(str(path), "one", code=1)[1]
    path.write_text("link office\n")
    assert hello(str(path), "one", code=1)[1] == f'{path}: it has no entries, so there is no "one"\n'


@pytest.mark.parametrize("line,stops,says", [
    ("set iface route 10.0.0.0/8", False, "address, defaultroute"),
    ("set ipcp ranges 0.0.0.0/0 0.0.0.0/0", False, "pool"),
    ("set auth authname u", False, "password-file"),
    ("set bundle no noretry", False, "no bundles"),
    ("set bundle enable crypt-reqd", True, "mppe = required"),
    ("set ccp yes mppc", False, "mppe"),
    ("set link keep-alive 20 75", False, "lcp-echo-interval"),
    ("set link enable chap", False, "require"),
    ("set link no pap chap", False, "PPP"),
    ("set link action bundle B", False, "set link ppp PROFILE"),
    ("set link action forward L2", True, "not supported yet"),
    ("set link max-children 5", True, "max-calls"),
    ("set console open", False, "control-group"),
    ("set radius server x y", False, "radius.so"),
    ("log +all", False, "log-level"),
    ("create bundle template B", False, "ppp PROFILE"),
    ("bundle B", False, "no bundles"),
    ("rnew R1 a b", True, "not supported yet"),
    ("set pppoe iface em0", True, "not supported yet"),
    ("set l2tp pmask x*", True, "peer-hostname"),
])
def test_foreign_commands(daemon, line, stops, says):
    script = f"link office\n{line}\nset l2tp hello 1\n"
    _, err = ctl_in(daemon, script, "console", code=1 if stops else 0)
    assert err.startswith("(standard input):2: " + ("" if stops else "warning: '"))
    assert says in err and err.count("\n") == 1
    assert len(daemon.asked("SetLink")) == (0 if stops else 1)


def test_options_of_ppp_are_sorted_out(daemon):
    _, err = ctl_in(daemon, "link office\nset link enable chap incoming eap\n", "console")
    assert err.count("warning") == 2
    assert daemon.asked("SetLink")[0]["lines"] == [["link", "enable", "incoming"]]


# --- the terminal ---

class Terminal:
    def __init__(self, *args, term="xterm"):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(L2TPCTL, ["l2tpctl", *args], environment(TERM=term, HOME="/nonexistent"))
        self.seen = ""

    def send(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern, timeout=TIMEOUT):
        """Read until the pattern is there; what came up to its end."""
        end = time.time() + timeout
        while not (match := re.search(pattern, self.seen)):
            if not select.select([self.fd], [], [], max(0, end - time.time()))[0]:
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

    def line(self, text, prompt=r"\n\[office\] "):
        self.send(text + "\r")
        return self.expect(prompt)

    def wait(self):
        end = time.time() + TIMEOUT
        while time.time() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode()
                except OSError:
                    pass
        os.kill(self.pid, signal.SIGKILL)
        raise AssertionError("it does not end")


@pytest.fixture
def terminal(daemon):
    t = Terminal("-s", daemon.path)
    t.expect(r"\[\] ")
    return t


def test_prompt_and_leaving(daemon, terminal):
    terminal.line("link office")
    assert "no link is selected" not in terminal.line("set l2tp hello 5")
    assert "unknown command \"frob\"; help lists all\r\n" in terminal.line("frob")
    assert "l2tpctl: " not in terminal.line("frob again")
    terminal.send("\x04")
    assert terminal.wait() == 0
    for word in ("exit", "quit", "ex", "q"):
        t = Terminal("-s", daemon.path, "console")
        t.expect(r"\[\] ")
        t.send(word + "\r")
        assert t.wait() == 0


def test_completion(daemon, terminal):
    terminal.send("li\t")
    terminal.expect("li.*nk ")
    terminal.send("off\t\r")
    terminal.expect(r"\n\[office\] ")
    terminal.send("se\tl2\thid\t1\r")
    terminal.expect(r"\n\[office\] ")
    assert daemon.asked("SetLink")[-1]["lines"] == [["l2tp", "hidden", "1"]]
    terminal.send("se\tl2\ten\th\t\r")
    terminal.expect(r"\n\[office\] ")
    assert daemon.asked("SetLink")[-1]["lines"] == [["l2tp", "enable", "hidden"]]
    terminal.send("set l2tp h\t")  # hidden, hello
    terminal.expect(r"hidden +hello")
    terminal.send("el\t7\r")
    terminal.expect(r"\n\[office\] ")
    assert daemon.asked("SetLink")[-1]["lines"] == [["l2tp", "hello", "7"]]
    terminal.send("set l2tp hidden \t")
    terminal.expect(r"yes +no")
    terminal.send("\x03open ho\t")
    terminal.expect("me ")
    terminal.send("\x03sh\tse\t")
    terminal.expect("ssions ")
    terminal.send("\x03\x04")
    assert terminal.wait() == 0


def test_question_mark(daemon, terminal):
    terminal.send("?")
    text = terminal.expect(r"\n[^\n]*\[\] ")
    for word in ("link", "set", "open", "show", "monitor", "exit", "load"):
        assert re.search(rf"\n  {word} +\w", text), word
    terminal.line("link office")
    terminal.send("set l2tp he?")
    text = terminal.expect(r"\[office\] set l2tp he")
    assert "hello  N: silence before a question (default 60)\r\n" in text and "peer" not in text
    terminal.send('\x03set l2tp secret "a?b"\r')  # in quotes it is itself
    terminal.expect(r"\n\[office\] ")
    assert daemon.asked("SetLink")[-1]["lines"] == [["l2tp", "secret", "a?b"]]
    assert "enable" in terminal.line("help set l2tp")
    assert "N: silence" in terminal.line("help set l2tp hello")


def test_history_and_control_c(daemon, terminal):
    terminal.line("link office")
    terminal.line("set l2tp hello 5")
    terminal.line(f"set l2tp secret {SECRET}")
    terminal.send("\x1b[A")
    assert SECRET not in terminal.expect("set l2tp hello 5")
    terminal.send("\x1b[A")
    terminal.expect("link office")
    terminal.send("\x03")
    terminal.line("set l2tp hello 6")  # the line that was there is gone
    assert [p["lines"][0] for p in daemon.asked("SetLink")] == [
        ["l2tp", "hello", "5"], ["l2tp", "secret", SECRET], ["l2tp", "hello", "6"]]


def test_secret_is_asked_for_without_echo(daemon, terminal):
    terminal.line("link office")
    daemon.turn("SetLink", ("org.l2tpd.NeedSecret", {"message": "it lacks", "line": 0}),
                {"message": ""})
    terminal.send("set l2tp secret\r")
    terminal.expect("Secret: ")
    seen = terminal.line("no\x15x\u00fc\x7f\x7f" + SECRET)
    assert SECRET not in seen and SECRET[:3] not in seen
    assert daemon.asked("SetLink")[-1]["lines"] == [["l2tp", "secret", SECRET]]
    daemon.turn("SetLink", ("org.l2tpd.NeedSecret", {"message": "it lacks", "line": 0}))
    terminal.send("set l2tp secret -\r")
    terminal.expect("Secret: ")
    terminal.send("half\x7f\x15x\x03")
    assert "no secret was given" in terminal.expect(r"\n\[office\] ")
    # the terminal echoes again
    assert "show links" in terminal.line("show links")


def test_secret_of_the_command_line_is_asked_for(daemon):
    daemon.turn("SetLink", ("org.l2tpd.NeedSecret", {"message": "it lacks", "line": 0}),
                {"message": ""})
    t = Terminal("-s", daemon.path, "link", "office", "set", "l2tp", "secret")
    t.expect("Secret: ")
    t.send(SECRET + "\r")
    assert t.wait() == 0 and SECRET not in t.seen
    assert daemon.asked("SetLink")[-1] == {"link": "office", "lines": [["l2tp", "secret", SECRET]]}


def test_control_c_ends_waiting(daemon, terminal):
    terminal.line("link office")
    daemon.turn("Open", None)
    terminal.send("open\r")
    end = time.time() + TIMEOUT
    while not daemon.asked("Open") and time.time() < end:
        time.sleep(0.01)
    terminal.send("\x03")
    assert "interrupted" in terminal.expect(r"\n\[office\] ")
    assert "LAST END" in terminal.line("show links")  # on a new connection


def test_control_c_ends_monitor(daemon, terminal):
    terminal.line("link office")
    daemon.turn("Monitor", None)
    terminal.send("monitor\r")
    end = time.time() + TIMEOUT
    while not daemon.asked("Monitor") and time.time() < end:
        time.sleep(0.01)
    terminal.send("\x03")
    terminal.expect(r"\n\[office\] ")
    assert "LAST END" in terminal.line("show links")


def test_console_outlives_the_daemon(daemon, terminal):
    terminal.line("link office")
    daemon.turn("Reload", CLOSE, {})
    assert "closed the connection" in terminal.line("reload")
    assert "configuration reloaded" in terminal.line("reload")
    t = Terminal("-s", daemon.path + ".none")
    t.expect(r"\[\] ")
    t.send("show links\r")
    assert "no daemon answers" in t.expect(r"\n\[\] ")
    t.send("show link \t\x03\x04")
    assert t.wait() == 0


def test_console_runs_check(daemon, terminal, tmp_path):
    path = tmp_path / "x.conf"
    path.write_text("[link a]\n")
    terminal.send(f"check {path}\r")
    assert f"{path}:1: link 'a': 'type = l2tp' is missing" in terminal.expect(r"\n\[\] ")


# --- l2tpd itself ---

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
        end = time.time() + TIMEOUT
        while "ready" not in self.log.read_text() and time.time() < end:
            assert self.process.poll() is None, self.log.read_text()
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
        import socket
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.path)
            s.sendall(json.dumps(request).encode() + b"\0")
            data = b""
            while not data.endswith(b"\0"):
                data += s.recv(65536)
        return json.loads(data[:-1])


@pytest.fixture
def real(tmp_path):
    d = Real(tmp_path)
    yield d
    d.stop()


def test_real_set(real):
    words = ("link", "office", "set", "l2tp")
    assert good(*words, "peer", "192.0.2.7", "1702", daemon=real) == ""
    assert good(*words, "enable", "hidden", "originate", daemon=real) == ""
    assert good(*words, "hello", "30", daemon=real) == ""
    options = real.options("office")
    assert (options["peer"], options["hidden"], options["originate"], options["hello"]) == (
        "192.0.2.7 1702", "yes", "yes", "30")
    # what is wrong changes nothing
    says = bad(1, *words, "enable", "autostart", "hiden", daemon=real)
    assert says == ("link office: unknown option to enable or disable 'hiden'; did you mean "
                    "'hidden'?")
    assert bad(1, *words, "disable", "originate", "o", daemon=real).endswith("originate, outcall")
    assert real.options("office") == options
    # the file's values again, after a reload
    good("create", "link", "static", "extra", "l2tp", daemon=real)
    assert real.options("extra")["dataseq"] == "yes"
    good("reload", daemon=real)
    assert real.options("office")["hello"] == "60"
    assert bad(1, "show", "link", "extra", daemon=real) == 'no link "extra"'


def test_real_incoming_opens_and_closes_the_port(real):
    good("link", "dialin", "set", "l2tp", "enable", "incoming", daemon=real)
    assert "listening on 127.0.0.1:27017" in real.log.read_text()
    out = good("link", "dialin", "set", "l2tp", "self", "203.0.113.77", daemon=real)
    assert out.startswith("dialin: set, but no calls can be taken: ")
    assert "cannot listen on 203.0.113.77:1701" in real.log.read_text()
    good("link", "dialin", "set", "l2tp", "self", "127.0.0.1", "27018", daemon=real)
    assert "listening on 127.0.0.1:27018" in real.log.read_text()


def test_real_secret_is_nowhere(real, tmp_path):
    other = "another-s3cr3t"
    says = bad(1, "link", "office", "set", "l2tp", "sec", other, daemon=real)
    assert "set l2tp secret -" in says and "secret-file" in says and other not in says
    assert ctl_in(real, other + "\n", "link", "office", "set", "l2tp", "secret", "-") == ("", "")
    for words in (["show", "config"], ["show", "link", "office"], ["--json", "show", "links"],
                  ["--json", "show", "config"]):
        text = good(*words, daemon=real)
        assert "******" in text and other not in text and SECRET not in text
    log = real.log.read_text()
    assert re.search(r"office: set at run time by uid \d+: secret\n", log)
    assert other not in log and SECRET not in log
    # what is shown is not taken for the secret
    saved = tmp_path / "saved.conf"
    saved.write_text(good("show", "config", daemon=real))
    saved.chmod(0o600)
    r = subprocess.run([L2TPD, "--check", "-c", str(saved)], capture_output=True, text=True,
                       timeout=TIMEOUT, check=False)
    assert r.returncode == 1 and "secret: ****** stands for a secret" in r.stderr
    says = ctl_in(real, "link office\nset l2tp secret ******\n", "console", code=1)[1]
    assert "(standard input):2: link office: secret: ****** stands for" in says


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the daemon's memory")
def test_real_secret_is_wiped(real):
    """A secret that was replaced is nowhere in the daemon's memory any more."""
    old, new = "wiped-s3cr3t-one", "wiped-s3cr3t-two"
    for secret in (old, new):
        ctl_in(real, secret + "\n", "link", "office", "set", "l2tp", "secret", "-")
    ctl_in(real, "", "show", "links")
    found = {old: 0, new: 0}
    with open(f"/proc/{real.process.pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{real.process.pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            begin, end = (int(x, 16) for x in line.split()[0].split("-"))
            # what sanitizers map for themselves is huge and empty
            if not line.split()[1].startswith("rw") or end - begin > 1 << 28:
                continue
            try:
                memory.seek(begin)
                data = memory.read(end - begin)
            except OSError:
                continue
            for secret in found:
                found[secret] += data.count(secret.encode())
    assert found == {old: 0, new: 1}


def test_real_show_config_loads_back(real, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x\n")
    secret.chmod(0o600)
    ctl_in(real, f"""\
link office
set l2tp secret-file {secret}
set l2tp enable hidden autostart tie-breaker
set l2tp enable originate
set l2tp callednum "555 1212"
set link max-redial 0
link dialin
set l2tp peer 192.0.2.0/24 1701
set l2tp disable dataseq
create link static third l2tp
set l2tp hostname lac1
""", "console")
    before = [link["options"] for link in json.loads(good("--json", "show", "links", daemon=real))]
    real.config.write_text(good("show", "config", daemon=real))
    good("reload", daemon=real)
    assert [link["options"] for link in
            json.loads(good("--json", "show", "links", daemon=real))] == before
    assert len(before) == 3 and before[0]["secret-file"] == str(secret)


def test_real_protocol(real):
    def call(method, **parameters):
        return real.ask({"method": "org.l2tpd." + method, "parameters": parameters})

    for lines in (None, 7, [7], [["l2tp", 7]], {}, [[]] * 1001):
        assert call("SetLink", link="office", lines=lines)["error"].endswith("InvalidParameter")
    assert call("SetLink", link="office", lines=[])["parameters"] == {"message": ""}
    assert call("SetLink", link="office", lines=[[]])["error"].endswith("Refused")
    assert call("SetLink", link="x", lines=[])["error"].endswith("NotFound")
    reply = call("SetLink", link="office", lines=[["l2tp", "hello", "5"], ["l2tp", "hello", "x"]])
    assert (reply["error"], reply["parameters"]["line"]) == ("org.l2tpd.Refused", 1)
    assert call("CreateLink", link="a b", type="l2tp")["error"].endswith("Refused")
    assert call("CreateLink", link="office", type="l2tp")["error"].endswith("Refused")
    assert call("CreateLink", link="new", type="pppoe")["error"].endswith("Refused")
    assert call("CreateLink", link="new")["error"].endswith("InvalidParameter")
    options = call("ListOptions")["parameters"]["options"]
    assert {o["key"] for o in options} == set(real.options("office"))
    assert [o["key"] for o in options if o["secret"]] == ["secret"]
    idl = real.ask({"method": "org.varlink.service.GetInterfaceDescription",
                    "parameters": {"interface": "org.l2tpd"}})["parameters"]["description"]
    for name in ("SetLink", "CreateLink", "GetConfig", "ListOptions"):
        assert f"method {name}(" in idl


# mpd.conf and mpd.links of mpd 4.4.1 as they are used there, and mpd 5's in one file.
SAMPLE_CLIENT = ("""\
client:
\tnew -i ng0 vpn l2tp0
\tset iface route 10.0.0.0/8
\tset auth authname "u"
\tset auth password "p"
\tset link max-redial 0
\tset link keep-alive 20 75
\tset ipcp ranges 0.0.0.0/0 0.0.0.0/0
\tset bundle no noretry
\topen
""", """\
l2tp0:
\tset phys type l2tp
\tset l2tp enable originate hidden
\tset l2tp disable incoming
\tset l2tp peer 127.0.0.1 9
\tset l2tp hostname lac1
\tset l2tp secret s3cret
""")

SAMPLE_SERVER = ("""\
default:
\tload c1
\tload c2

c1:
\tnew -i ng1 l2tp1 l2tp1
\tset ipcp ranges 10.0.0.1/32 10.0.0.101/32
\tload std

c2:
\tnew -i ng2 l2tp2 l2tp2
\tset ipcp ranges 10.0.0.1/32 10.0.0.102/32
\tload std

std:
\tset link no pap chap
\tset link enable chap
""", """\
l2tp1:
\tset phys type l2tp
\tset l2tp self 127.0.0.1 27019
\tset l2tp secret s3cret
\tset l2tp enable incoming
\tset l2tp disable originate

l2tp2:
\tset phys type l2tp
\tset l2tp self 127.0.0.1 27019
\tset l2tp secret s3cret
\tset l2tp enable incoming
\tset l2tp disable originate
""")

SAMPLE_MPD5 = """\
l2tp_server:
# Define dynamic IP addresses pool.
\tset ippool add pool1 192.168.1.50 192.168.1.99

\tcreate bundle template B
\tset iface enable proxy-arp
\tset ipcp ranges 192.168.1.1/32 ippool pool1

\tcreate link template L l2tp
# Set bundle template to use
\tset link action bundle B
\tset link enable multilink
\tset link no pap chap eap
\tset link enable chap
\tset link keep-alive 10 60
\tset link mtu 1460
\tset l2tp self 127.0.0.1 27020
\tset link enable incoming
"""

SAMPLE_DIAL = ("dial:\n\tnew -i ng5 dial out1\n\topen\n", """\
out1:
\tset phys type l2tp
\tset l2tp peer 127.0.0.1 9
\tset l2tp callednum 5551212
\tset l2tp callingnum 5550000
\tset l2tp enable originate outcall
""")


@pytest.mark.parametrize("sample,label,links", [
    (SAMPLE_CLIENT, "client", {"l2tp0": {
        "peer": "127.0.0.1 9", "hostname": "lac1", "secret": "******", "originate": "yes",
        "hidden": "yes", "incoming": "no", "max-redial": "0"}}),
    (SAMPLE_SERVER, None, {
        "l2tp1": {"self": "127.0.0.1 27019", "incoming": "yes", "secret": "******"},
        "l2tp2": {"self": "127.0.0.1 27019", "incoming": "yes", "secret": "******"}}),
    (SAMPLE_MPD5, "l2tp_server", {"L": {"self": "127.0.0.1 27020", "incoming": "yes"}}),
    (SAMPLE_DIAL, "dial", {"out1": {"callednum": "5551212", "callingnum": "5550000",
                                    "outcall": "yes"}}),
])
def test_real_mpd_samples(real, tmp_path, sample, label, links):
    conf = tmp_path / "mpd.conf"
    if isinstance(sample, tuple):
        (tmp_path / "mpd.links").write_text(sample[1])
        sample = sample[0]
    conf.write_text(sample)
    out, err = ctl_in(real, "", "--no-wait", "console", str(conf), *([label] if label else []))
    # every line that does nothing is told, once, with its place
    for line in err.splitlines():
        assert re.match(rf"{conf}:\d+: warning: '", line), line
    foreign = len(re.findall(r"\tset (?:iface|auth|ipcp|ippool|bundle|link (?!max-r|enable inc))",
                             sample))
    assert err.count("\n") >= foreign
    for name, options in links.items():
        assert f"{name}: made;" in out
        have = real.options(name)
        assert {key: have[key] for key in options} == options
    if "\topen" in sample:
        assert f"{list(links)[0]}: opening\n" in out
        good("close", list(links)[0], daemon=real)
    # an entry of mpd.links alone makes its link, too, or sets that which is there
    if label in ("client", "dial"):
        ctl_in(real, "", "console", str(tmp_path / "mpd.links"), list(links)[0])


MPD5_TEMPLATE = """\
default :
\tcreate bundle template B
\tset iface route default
\tcreate link template L l2tp
\tset link action bundle B
\tset link max-redial 0
\tset l2tp secret s3cret
\tset l2tp enable hidden
\tcreate link static one L
\tset l2tp peer 127.0.0.1 9
\topen
\tcreate link static two L
\tset l2tp peer 127.0.0.1 10
\tset l2tp disable hidden
\topen link
"""


def test_real_mpd5_template(real, tmp_path):
    """Links copied from a template, and opened without "originate", which mpd 5 has not."""
    conf = tmp_path / "mpd.conf"
    conf.write_text(MPD5_TEMPLATE)
    out, err = ctl_in(real, "", "--no-wait", "console", str(conf))
    assert err.count("\n") == err.count("warning: ") == 3
    for name, port, hidden in (("one", 9, "yes"), ("two", 10, "no")):
        assert f"{name}: made;" in out and f"{name}: opening\n" in out
        have = real.options(name)
        assert {key: have[key] for key in ("peer", "secret", "hidden", "originate", "max-redial")} \
            == {"peer": f"127.0.0.1 {port}", "secret": "******", "hidden": hidden,
                "originate": "yes", "max-redial": "0"}
        good("close", name, daemon=real)
    assert real.options("L")["originate"] == "no"
    says = bad(1, "create", "link", "static", "three", "nowhere", daemon=real)
    assert says == '"nowhere" is neither l2tp, the only type of links, nor a link to copy'


def test_real_open_without_originate(real, tmp_path):
    """mpd 4 refuses, too; the line that is missing is named."""
    path = tmp_path / "mpd.links"
    path.write_text("l2tp7:\n\tset phys type l2tp\n\tset l2tp peer 192.0.2.9\n\topen\n")
    assert ctl_in(real, "", "console", str(path), code=1)[1] == (
        f"{path}:4: 'open': link l2tp7 may not be opened: 'set l2tp enable originate' is missing "
        "before it (or 'originate = yes' in [link l2tp7])\n")
    # without a peer there is nothing to dial
    path.write_text("x:\n\tcreate link static l2tp8 l2tp\n\topen\n")
    assert ctl_in(real, "", "console", str(path), code=1)[1] == (
        f"{path}:3: link l2tp8: originate: there is no peer to dial\n")


def test_real_mpd_files_in_one(real):
    text = SAMPLE_DIAL[0] + SAMPLE_DIAL[1]
    out, _ = ctl_in(real, text, "--no-wait", "console", "-", "dial")
    assert "out1: made;" in out and "out1: opening\n" in out
    assert real.options("out1")["callednum"] == "5551212"
    good("close", "out1", daemon=real)


def test_real_mpd_links_makes_its_link(real, tmp_path):
    path = tmp_path / "mpd.links"
    path.write_text("l2tp9:\n\tset phys type l2tp\n\tset l2tp peer 192.0.2.9\n")
    assert "l2tp9: made" in ctl_in(real, "", "console", str(path), "l2tp9")[0]
    assert real.options("l2tp9")["peer"] == "192.0.2.9"
    path.write_text("l2tp8:\n\tset l2tp peer 192.0.2.9\n")
    assert ctl_in(real, "", "console", str(path), "l2tp8", code=1)[1].startswith(
        f"{path}:2: no link is selected")
    path.write_text("l2tp9:\n\tset phys type modem\n")
    assert ctl_in(real, "", "console", str(path), "l2tp9", code=1)[1] == \
        f"{path}:2: link l2tp9: type: 'modem' is not 'l2tp'\n"
