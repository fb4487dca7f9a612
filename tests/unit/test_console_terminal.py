# SPDX-License-Identifier: GPL-2.0-or-later
"""The console on a terminal, against a scripted daemon."""
import re

from ctl_daemon import CLOSE
from console_rig import SECRET, Terminal


def test_prompt_and_leaving(daemon, terminal):
    terminal.line("link office")
    assert "no link is selected" not in terminal.line("set l2tp hello 5")
    assert "unknown command \"frob\"; help lists all\r\n" in terminal.line("frob")
    assert "l2tpctl: " not in terminal.line("frob again")
    terminal.send("\x04")
    assert terminal.wait() == 0
    for word in ("exit", "quit", "ex", "q"):
        t = Terminal("-s", daemon.path, "console")
        t.prompt(r"\[\] ")
        t.send(word + "\r")
        assert t.wait() == 0


def test_completion(daemon, terminal):
    terminal.send("li\t")
    terminal.expect("li.*nk ")
    terminal.send("off\t\r")
    terminal.prompt()
    terminal.send("se\tl2\thid\t1\r")
    terminal.prompt()
    assert daemon.asked("SetLink")[-1]["lines"] == [["l2tp", "hidden", "1"]]
    terminal.send("se\tl2\ten\th\t\r")
    terminal.prompt()
    assert daemon.asked("SetLink")[-1]["lines"] == [["l2tp", "enable", "hidden"]]
    terminal.send("set l2tp h\t")  # hidden, hello
    terminal.expect(r"hidden +hello")
    terminal.send("el\t7\r")
    terminal.prompt()
    assert daemon.asked("SetLink")[-1]["lines"] == [["l2tp", "hello", "7"]]
    terminal.send("set l2tp hidden \t")
    terminal.expect(r"yes +no")
    terminal.send("\x03open ho\t")
    terminal.expect("me ")
    terminal.send("\x03sh\tse\t")
    terminal.expect("ssion")
    terminal.send("\x03\x04")
    assert terminal.wait() == 0


def test_question_mark(daemon, terminal):
    terminal.send("?")
    text = terminal.prompt(r"\n[^\n]*\[\] ")
    for word in ("link", "set", "open", "show", "monitor", "exit", "load"):
        assert re.search(rf"\n  {word} +\w", text), word
    terminal.line("link office")
    terminal.send("set l2tp he?")
    text = terminal.expect(r"\[office\] set l2tp he")
    assert "hello  N: silence before a question (default 60)\r\n" in text and "peer" not in text
    terminal.send('\x03set l2tp secret "a?b"\r')  # in quotes it is itself
    terminal.prompt()
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
    assert "no secret was given" in terminal.prompt()
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


def test_open_shows_how_far_it_is(daemon):
    """One line on stderr, until the answer comes; a failure is one line as ever."""
    words = ["resolving office.example", "asking 192.0.2.1 for a tunnel: try 3 of 6", "logging in as alice", "getting an address"]
    daemon.turn("Open", None)
    daemon.turn("ListLinks", *({"links": [{"name": "other", "progress": "no"}, {"name": "office", "progress": w}]} for w in words))
    t = Terminal("-s", daemon.path, "open", "office")
    for text in words:
        t.expect(r"\r\x1b\[Koffice: " + text)
    t.end()
    daemon.on("Open", ("org.l2tpd.Failed", {"message": "office: no answer"}))
    t = Terminal("-s", daemon.path, "open", "office")
    assert t.wait() == 1
    assert t.seen == "\r\x1b[Kl2tpctl: office: no answer\r\n", repr(t.seen)


def test_control_c_ends_waiting(daemon, terminal):
    terminal.line("link office")
    daemon.turn("Open", None)
    terminal.send("open\r")
    daemon.wait_asked("Open")
    terminal.asleep()
    terminal.send("\x03")
    assert "interrupted" in terminal.prompt()
    assert "SESSIONS" in terminal.line("show links")  # on a new connection


def test_control_c_ends_monitor(daemon, terminal):
    terminal.line("link office")
    daemon.turn("Monitor", None)
    terminal.send("monitor\r")
    daemon.wait_asked("Monitor")
    terminal.asleep()
    terminal.send("\x03")
    terminal.prompt()
    assert "SESSIONS" in terminal.line("show links")


def test_console_outlives_the_daemon(daemon, terminal):
    terminal.line("link office")
    daemon.turn("Reload", CLOSE, {})
    assert "closed the connection" in terminal.line("reload")
    assert "configuration reloaded" in terminal.line("reload")
    t = Terminal("-s", daemon.path + ".none")
    t.prompt(r"\[\] ")
    t.send("show links\r")
    assert "no daemon answers" in t.prompt(r"\n\[\] ")
    t.send("show link \t\x03\x04")
    assert t.wait() == 0


def test_console_runs_check(daemon, terminal, tmp_path):
    path = tmp_path / "x.conf"
    path.write_text("[link a]\nhello = x\n")
    terminal.send(f"check {path}\r")
    assert f"{path}:2: hello: 'x' is not a number" in terminal.prompt(r"\n\[\] ")
