# SPDX-License-Identifier: GPL-2.0-or-later
"""Files with labels, as mpd has them, against a scripted daemon."""
import pytest

from console_rig import ctl_in


@pytest.mark.parametrize("label", ["one:", "one :", "one: # text", "one\t:", "one:more"])
def test_labels_as_mpd_reads_them(daemon, label):
    script = f"{label}\n\tlink office\n\tset l2tp hello 1\ntwo : # text\n\tset l2tp hello 2\n"
    err = ctl_in(daemon, script, "console", code=1)[1]
    assert err.endswith("which of its entries? one, two\n")
    assert daemon.asked("SetLink") == []
    assert ctl_in(daemon, script, "console", "-", "one")[1] == ""
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
    ("set link action forward L2", True, "section [forward NAME]"),
    ("set link max-children 5", True, "max-calls"),
    ("set console open", False, "control-group"),
    ("set radius server x y", False, "radius.so"),
    ("log +all", False, "log-level"),
    ("create bundle template B", False, "ppp PROFILE"),
    ("bundle B", False, "no bundles"),
    ("rnew R1 a b", True, "section [forward NAME]"),
    ("set pppoe iface em0", True, "section [pppoe NAME]"),
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
