#!/usr/bin/python3
"""The pppd plugin under a real pppd: two pppds, in namespaces of their own, talk over a socket pair
("notty"), once over PPPoL2TP, and this program plays the daemon on both event sockets.

Needs root and a kernel with PPP:  tests/lab/lab exec --kernel 6.1 -- tests/lab/plugin_selftest.py
"""

import os
import signal
import socket
import sys
import time

from plugin_rig import (ACCM, ADDRESS, ANY, ASK_ADDRESS, ASK_OWN, ASK_PEER, AUTH_FAILED, AUTH_UP,
                        BUSYBOX, EXIT, HELLO, IP6_DOWN, IP6_UP, IP_DOWN, IP_UP, LINK_DOWN,
                        PATIENCE, PLUGIN_VERSION, REFUSED, SECRETS, PppSession, Pppd, Test, main,
                        test)


def method(name: str, option: str) -> None:
    """Right and wrong password with one authentication protocol."""
    def right(t: Test) -> None:
        s = t.server(option, secrets={"bob": ("secret", "10.1.0.77")})
        c = t.client()
        t.started()
        up = s.wait(IP_UP)
        assert (up.local, up.remote) == ("10.1.0.1", "10.1.0.77"), up
        mine = c.wait(IP_UP)
        assert (mine.local, mine.remote) == ("10.1.0.77", "10.1.0.1"), mine
        assert [e.text for e in s.of(ASK_PEER)] == ["bob"]
        assert [e.text for e in c.of(ASK_OWN)] == ["bob"]
        assert not s.of(ASK_OWN) and not c.of(ASK_PEER)
        assert s.of(AUTH_UP)[0].text == "bob" and c.of(AUTH_UP)[0].text == ""
        assert not s.of(AUTH_FAILED) and not c.of(AUTH_FAILED)

    def wrong(t: Test) -> None:
        s = t.server(option)
        c = t.client(secrets={"bob": ("guess", None)})
        t.started()
        assert s.wait(AUTH_FAILED).number == 1
        assert s.of(AUTH_FAILED)[0].text == "bob: wrong password", s.events
        assert c.wait(AUTH_FAILED).number == 2
        said = c.of(AUTH_FAILED)[0].text
        assert said.startswith("E=691 ") if "mschap" in option else said, c.events
        t.notes.append(f"client was told {said!r}")
        raw = s.end(11), c.end(19)
        t.notes.append(f"pppd's own exit codes {raw}")
        assert not s.of(IP_UP, AUTH_UP) and not c.of(IP_UP, AUTH_UP)
        assert "l2tpd: peer not authenticated: bob: wrong password" in s.log()

    right.__name__, wrong.__name__ = f"{name}_right", f"{name}_wrong"
    test(right)
    test(wrong)


method("chap_md5", "require-chap")
method("mschap", "require-mschap")
method("mschapv2", "require-mschap-v2")
method("pap", "require-pap")


@test
def whole_life(t: Test) -> None:
    """Every report of a good link, against what the kernel says; the client is told to end."""
    s = t.server("require-chap", "ms-dns 9.9.9.9", "ms-dns 8.8.4.4", "+ipv6", "mtu 1400",
                 "mru 1450")
    c = t.client("usepeerdns", "+ipv6", "asyncmap 0xa0000", "mru 1420")
    t.started()
    up, mine = s.wait(IP_UP), c.wait(IP_UP)
    up6, mine6 = s.wait(IP6_UP), c.wait(IP6_UP)
    hello = s.of(HELLO)[0]
    assert s.events[0] is hello and hello.number == PLUGIN_VERSION and hello.text, s.events
    t.notes.append(f"pppd {hello.text}")
    assert (up.dns1, up.dns2) == ("0.0.0.0", "0.0.0.0"), up
    assert (mine.dns1, mine.dns2) == ("9.9.9.9", "8.8.4.4"), mine
    # The server's send is the client's receive.
    accm, theirs = s.of(ACCM)[0], c.of(ACCM)[0]
    assert accm.send == theirs.recv == 0xa0000 and accm.recv == theirs.send == 0, (accm, theirs)
    link = s.inside(BUSYBOX, "ip", "-o", "link", "show", up.ifname).stdout
    assert link.startswith(f"{up.ifindex}: ") and f" mtu {up.mtu} " in link, (up, link)
    assert up.mtu == 1400 and up.mru == 1450 and mine.mru == 1420, (up, mine)
    assert up6.local_id == mine6.remote_id and up6.remote_id == mine6.local_id, (up6, mine6)
    six = s.inside(BUSYBOX, "cat", "/proc/net/if_inet6").stdout
    assert f"fe80000000000000{up6.local_id.hex()}" in six, (up6, six)
    ping = c.inside(BUSYBOX, "ping", "-c", "1", "-W", "20", "10.1.0.1")
    assert ping.returncode == 0, ping
    c.terminate()
    raw = c.end(5), s.end(0)
    t.notes.append(f"pppd's own exit codes (client, server) {raw}")
    down = c.of(LINK_DOWN)[0]
    assert (down.number, down.by_peer, down.words) == (5, 0, "User request"), c.events
    down = s.of(LINK_DOWN)[0]
    assert (down.number, down.by_peer, down.farewell) == (0, 1, "User request"), s.events
    for p in s, c:
        assert len(p.of(IP_DOWN)) == len(p.of(IP6_DOWN)) == len(p.of(LINK_DOWN)) == 1, p.events
        assert p.phases() == ["serial-connect", "establish", "authenticate", "network", "running",
                              "terminate", "disconnect", "dead"], p.phases()
        assert p.events[-1].type == EXIT


@test
def noauth(t: Test) -> None:
    s, c = t.server(auth=False), t.client(login=False)
    t.started()
    s.wait(IP_UP), c.wait(IP_UP)
    assert s.of(AUTH_UP)[0].text == "" and c.of(AUTH_UP)[0].text == ""
    assert not s.of(ASK_PEER, ASK_OWN) and not c.of(ASK_PEER, ASK_OWN)


@test
def unknown_user(t: Test) -> None:
    s = t.server("require-mschap-v2", secrets={})
    c = t.client()
    t.started()
    assert s.wait(AUTH_FAILED).text == "bob: unknown user"
    assert c.wait(AUTH_FAILED).text.startswith("E=691 ")
    s.end(11), c.end(19)


@test
def no_answer(t: Test) -> None:
    s = t.server("require-chap", secrets=lambda question: None)
    c = t.client()
    t.started()
    s.wait(ASK_PEER)
    asked = time.monotonic()
    assert s.wait(AUTH_FAILED).text == "bob: no answer from l2tpd"
    took = time.monotonic() - asked
    assert 9 < took < 40, took
    t.notes.append(f"gave up after {took:.1f} s")
    s.end(11), c.end(19)
    assert "bob: no answer from l2tpd" in s.log()


@test
def told_to_end_while_asking(t: Test) -> None:
    s = t.server("require-chap", secrets=lambda question: None)
    t.client()
    t.started()
    s.wait(ASK_PEER)
    asked = time.monotonic()
    s.terminate()
    s.wait(AUTH_FAILED)
    took = time.monotonic() - asked
    assert took < 5, took
    s.proc.wait(PATIENCE)


def own_none(t: Test, option: str) -> tuple[Pppd, Pppd]:
    s = t.server(option)
    c = t.client(secrets={})
    t.started()
    assert c.wait(AUTH_FAILED).number == 2
    assert c.of(AUTH_FAILED)[0].text == "no password: bob: l2tpd has none", c.events
    c.end(19)
    assert c.of(LINK_DOWN)[0].words == "No password", c.events
    return s, c


@test
def own_none_pap(t: Test) -> None:
    s, c = own_none(t, "require-pap")
    s.proc.wait(PATIENCE)
    assert not s.of(ASK_PEER), "an empty password went to the peer"


@test
def own_none_chap(t: Test) -> None:
    s, c = own_none(t, "require-chap")
    s.proc.wait(PATIENCE)
    assert not s.of(IP_UP), s.events
    t.notes.append("server was asked" if s.of(ASK_PEER) else "nothing reached the server's CHAP")


@test
def beyond_ascii(t: Test) -> None:
    """Name and password in UTF-8: pppd shows hooks "BM-CM-$r"."""
    for option in "require-pap", "require-mschap-v2", "require-chap":
        t.lines = socket.socketpair()
        (t.folder / option).mkdir()
        secrets = {"Bär": ("pä$$wörd", "10.1.0.7")}
        s = t.server(option, f"logfile {t.folder}/{option}/server.log", secrets=secrets)
        c = t.client("user Bär", f"logfile {t.folder}/{option}/client.log", secrets=secrets)
        t.started()
        up = s.wait(IP_UP)
        assert up.remote == "10.1.0.7", up
        assert s.of(AUTH_UP)[0].text == "Bär", s.events
        c.wait(IP_UP)


@test
def peer_refuses_login(t: Test) -> None:
    s = t.server("require-chap")
    c = t.client(login=False)
    t.started()
    assert s.wait(AUTH_FAILED).text == "the peer refused to authenticate itself"
    s.end(11)
    assert not s.of(ASK_PEER, IP_UP), s.events
    assert s.of(LINK_DOWN)[0].rejected == "CHAP with MD5", s.events
    c.proc.wait(PATIENCE)
    # what the server says of it, as the client hears it
    assert c.of(LINK_DOWN)[0].farewell == "peer refused to authenticate", c.events


# A line that lets everybody in without a name, as in the file Debian installs.
OPEN_SECRETS = """printf '* lns "" *\\n' >/etc/ppp/pap-secrets"""


@test
def peer_refuses_pap(t: Test) -> None:
    """A pap-secrets that fits everybody must not open the door the daemon watches."""
    s = t.server("require-pap", "name lns", prepare=OPEN_SECRETS)
    t.client(login=False)
    t.started()
    assert s.wait(AUTH_FAILED).text == "the peer refused to authenticate itself"
    s.end(11)
    assert not s.of(AUTH_UP, IP_UP), s.events


@test
def no_eap(t: Test) -> None:
    """"auth" alone would offer EAP first, checked against files."""
    s, c = t.server(), t.client()
    t.started()
    s.wait(IP_UP), c.wait(IP_UP)
    assert [e.text for e in s.of(ASK_PEER)] == ["bob"]
    assert "auth eap" not in s.log().lower(), s.log()


@test
def foreign_address(t: Test) -> None:
    """The client insists on another address than the daemon's."""
    s = t.server("require-chap", "ipcp-accept-remote", secrets={"bob": ("secret", "10.1.0.77")})
    c = t.add("client", ["noauth", "user bob", "l2tpd-own-secret", "10.9.9.9:",
                         "ipcp-accept-remote"], t.lines[1], SECRETS)
    t.started()
    c.proc.wait(PATIENCE)
    s.proc.wait(PATIENCE)
    assert not c.of(IP_UP), c.events
    assert all(e.remote == "10.1.0.77" for e in s.of(IP_UP)), s.events


@test
def any_address(t: Test) -> None:
    """Without an address in the answer, pppd's options rule."""
    s = t.server("require-chap", "ipcp-accept-remote")
    c = t.add("client", ["noauth", "user bob", "l2tpd-own-secret", "10.9.9.9:",
                         "ipcp-accept-remote"], t.lines[1], SECRETS)
    t.started()
    assert s.wait(IP_UP).remote == "10.9.9.9"
    c.wait(IP_UP)


@test
def address_after_login(t: Test) -> None:
    """Whom the daemon gives which address, once it knows who has logged in."""
    s = t.server("require-chap", "l2tpd-ask-address",
                 grant=lambda question: (ADDRESS, "10.1.0.77", ""))
    c = t.client()
    t.started()
    assert s.wait(IP_UP).remote == "10.1.0.77", s.events
    c.wait(IP_UP)
    question = s.of(ASK_ADDRESS)
    assert len(question) == 1 and question[0].user == "bob", s.events
    assert question[0].address == "10.1.0.2", question
    kinds = [e.type for e in s.events]
    assert kinds.index(AUTH_UP) < kinds.index(ASK_ADDRESS) < kinds.index(IP_UP), s.events


@test
def address_refused(t: Test) -> None:
    """The peer is told why."""
    s = t.server("require-chap", "l2tpd-ask-address",
                 grant=lambda question: (REFUSED, None, "all addresses are in use"))
    c = t.client()
    t.started()
    raw = s.end(10)
    t.notes.append(f"pppd's own exit code {raw}")
    down = s.of(LINK_DOWN)[0]
    assert (down.words, down.by_peer) == ("all addresses are in use", 0), s.events
    c.proc.wait(PATIENCE)
    down = c.of(LINK_DOWN)[0]
    assert (down.farewell, down.by_peer) == ("all addresses are in use", 1), c.events
    assert not s.of(IP_UP) and not c.of(IP_UP)


@test
def address_as_the_peer_likes(t: Test) -> None:
    s = t.server("require-chap", "l2tpd-ask-address", grant=lambda question: (ANY, None, ""))
    c = t.add("client", ["noauth", "user bob", "l2tpd-own-secret", "10.9.9.9:",
                         "ipcp-accept-remote"], t.lines[1], SECRETS)
    t.started()
    assert s.wait(IP_UP).remote == "10.9.9.9", s.events
    c.wait(IP_UP)


@test
def address_insisted_on(t: Test) -> None:
    """The peer wants another one than it was given."""
    s = t.server("require-chap", "l2tpd-ask-address",
                 grant=lambda question: (ADDRESS, "10.1.0.77", ""))
    c = t.add("client", ["noauth", "user bob", "l2tpd-own-secret", "10.9.9.9:",
                         "ipcp-accept-remote"], t.lines[1], SECRETS)
    t.started()
    c.proc.wait(PATIENCE)
    s.proc.wait(PATIENCE)
    assert not c.of(IP_UP) and all(e.remote == "10.1.0.77" for e in s.of(IP_UP)), s.events


@test
def challenged_again(t: Test) -> None:
    """The user is deleted while the link is up."""
    answers = [("secret", None), ("secret", None)]
    s = t.server("require-chap", "chap-interval 1",
                 secrets=lambda question: answers.pop() if answers else (None, None))
    c = t.client()
    t.started()
    s.wait(IP_UP)
    assert s.wait(AUTH_FAILED).text == "bob: unknown user"
    s.end(11)
    c.proc.wait(PATIENCE)
    assert len(s.of(ASK_PEER)) == 3 and s.of(IP_DOWN), s.events


@test
def peer_dead(t: Test) -> None:
    s = t.server("require-chap", "lcp-echo-interval 2", "lcp-echo-failure 2")
    c = t.client()
    t.started()
    s.wait(IP_UP)
    c.proc.send_signal(signal.SIGSTOP)
    raw = s.end(15)
    t.notes.append(f"pppd's own exit code {raw}")
    assert s.of(LINK_DOWN)[0].number == 15, s.events


@test
def time_is_up(t: Test) -> None:
    s, c = t.server("require-chap", "maxconnect 2"), t.client()
    t.started()
    raw = s.end(13)
    t.notes.append(f"pppd's own exit code {raw}")
    assert s.of(LINK_DOWN)[0].words == "Connect time expired", s.events
    c.end(0)


@test
def hangup(t: Test) -> None:
    s, c = t.server("require-chap"), t.client()
    t.started()
    s.wait(IP_UP), c.wait(IP_UP)
    for pid in [*c.children, c.proc.pid]:
        os.kill(pid, signal.SIGKILL)
    s.end(16)
    assert s.of(LINK_DOWN)[0].words == "hangup", s.events


@test
def nobody_there(t: Test) -> None:
    s = t.server("require-chap", "lcp-max-configure 2", "lcp-restart 1")
    raw = s.end(10)
    t.notes.append(f"pppd's own exit code {raw}")
    assert s.of(LINK_DOWN)[0].words == "no agreement on LCP", s.events


@test
def daemon_dies(t: Test) -> None:
    s, c = t.server("require-chap", "ip-up-script /bin/true"), t.client()
    t.started()
    s.wait(IP_UP), c.wait(IP_UP)
    for p in s, c:
        p.sock.shutdown(socket.SHUT_RDWR)
        p.sock.close()
    ping = c.inside(BUSYBOX, "ping", "-c", "1", "-W", "20", "10.1.0.1")
    assert ping.returncode == 0, ping
    c.terminate()
    assert c.proc.wait(PATIENCE) == 5
    assert s.proc.wait(PATIENCE) in (0, 16)


@test
def script_has_no_socket(t: Test) -> None:
    # Not in the test's folder: pppd 2.5.3 runs no script below a folder all may write to.
    script, fds = "/etc/ppp/ip-up-of-test", t.folder / "fds"
    lines = f"#!/bin/sh\nls -l /proc/self/fd >{fds}.new\nmv {fds}.new {fds}"
    s = t.server("require-chap", f"ip-up-script {script}",
                 prepare=f"echo '{lines}' >{script}; chmod 755 {script}")
    t.client()
    t.started()
    s.wait(IP_UP)
    end = time.monotonic() + PATIENCE
    while not fds.exists():
        assert time.monotonic() < end, "the script did not run"
        time.sleep(0.1)
    assert f"socket:[{s.inode}]" not in fds.read_text()
    held = os.listdir(f"/proc/{s.proc.pid}/fd")
    assert any(os.readlink(f"/proc/{s.proc.pid}/fd/{fd}") == f"socket:[{s.inode}]" for fd in held)
    for pid in s.children:      # the character shunt never execs
        try:
            links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        except FileNotFoundError:       # it has ended since: it holds nothing
            continue
        assert f"socket:[{s.inode}]" not in links, "shunt has it"


@test
def scripts(t: Test) -> None:
    """The same without the option: that test would notice."""
    lines = f"#!/bin/sh\\necho $0 >>{t.folder}/ran"
    make = (f"for s in ip-pre-up ip-up auth-up; do printf '{lines}' "
            ">/etc/ppp/$s; chmod 755 /etc/ppp/$s; done")
    s = t.server("require-chap", prepare=make)
    c = t.client()
    t.started()
    s.wait(IP_UP)
    c.terminate()
    s.end(0)
    ran = (t.folder / "ran").read_text().split()
    assert sorted(ran) == ["/etc/ppp/auth-up", "/etc/ppp/ip-pre-up", "/etc/ppp/ip-up"], ran


@test
def over_l2tp(t: Test) -> None:
    """As the daemon runs it: pppol2tp.so before us, a PPPoL2TP socket instead of a line."""
    session = PppSession()
    t.started()
    t.lines = tuple(session.lines)
    try:
        s = t.server("require-mschap-v2",
                     secrets={"bob": ("secret", "10.1.0.77")})
        c = t.client("lcp-echo-interval 2", "lcp-echo-failure 2")
        t.started()
        up, mine = s.wait(IP_UP), c.wait(IP_UP)
        assert (up.remote, mine.local) == ("10.1.0.77", "10.1.0.77"), (up, mine)
        assert s.of(ACCM)[0].send == c.of(ACCM)[0].recv, (s.events, c.events)
        t.notes.append(f"server {up}")
        s.proc.send_signal(signal.SIGSTOP)
        raw = c.end(15)
        t.notes.append(f"client's own exit code {raw} after its peer fell silent")
        s.proc.send_signal(signal.SIGCONT)
        s.end(0)
    finally:
        session.close()


if __name__ == "__main__":
    sys.exit(main(__doc__))
