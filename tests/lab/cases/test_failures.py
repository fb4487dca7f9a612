"""What goes wrong: l2tpctl says so in one line that names the cause, and nothing is left behind."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from lablib import Host, wait_for
from peers import (CONTROL, OUR_LNS_PPP, XL2TPD_LNS_PPP, L2tpd, Xl2tpd, lac_conf, lns_conf)

NO_ANSWER = (r"no (answer|reply|response)|not (answer|reply|respond)|timed? ?out|unreachable"
             r"|refused")

DROP_L2TP = """
table inet lab {
	chain input {
		type filter hook input priority 0
		udp dport 1701 drop
	}
}
"""

# Holds a UDP port until it is ended.
HOLD_PORT = ("import socket, sys, time\n"
             "s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, "
             "socket.SOCK_DGRAM)\n"
             "s.bind((sys.argv[1], int(sys.argv[2])))\n"
             "print('bound', flush=True)\n"
             "time.sleep(3600)\n")


def open_fails(lac: L2tpd, pattern: str, link: str = "office") -> str:
    """open must fail with exit code 1 and one line that names the cause, and leave nothing."""
    line = lac.ctl("open", link).error_line()
    assert re.search(pattern, line, re.IGNORECASE), f"does not say /{pattern}/: {line}"
    assert not lac.sessions()
    wait_for(lambda: not lac.host.calls_left(), what="nothing is left of the failed call")
    return line


def test_wrong_ppp_password(net):
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, password="wrong"))
    open_fails(lac, r"auth|password|log ?in")
    last = lac.link("office")["last_down"]
    assert last["ppp_exit"], last
    lns.wait_idle()
    wait_for(lambda: not net.lns.calls_left(), what="nothing is left on the server")
    assert "wrong" not in lac.log(), "the password is in the log"


def test_wrong_ppp_password_at_xl2tpd(net):
    Xl2tpd(net.lns, "lns")
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, password="wrong"))
    open_fails(lac, r"auth|password|log ?in")


@pytest.mark.parametrize("peer", ["ours", "xl2tpd"])
def test_wrong_tunnel_secret(net, peer):
    if peer == "ours":
        L2tpd(net.lns, lns_conf(net.lns.addr))
    else:
        Xl2tpd(net.lns, "lns")
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, secret="other"))
    open_fails(lac, r"secret|tunnel.*auth|auth.*tunnel|challenge")


@pytest.mark.long
def test_nobody_answers(net):
    """The address exists and drops what it gets: only retransmission finds out."""
    net.lns.run("nft", "-f", "-", text_in=DROP_L2TP)
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    open_fails(lac, NO_ANSWER)


def test_nobody_listens(net):
    """The machine is up and has no L2TP: ICMP may tell, the reason must be clear either way."""
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "retransmits = 3"))
    open_fails(lac, NO_ANSWER)


@pytest.mark.long
def test_peer_dies_during_a_call(net):
    """kill -9 of the peer: hello finds out, the call ends with a reason, the next open fails."""
    peer = Xl2tpd(net.lns, "lns")
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, "hello = 5", "retransmits = 3"))
    lac.open("office")
    net.lac.ping(XL2TPD_LNS_PPP)
    peer.kill()
    lac.wait_idle(deadline=180)
    wait_for(lambda: not net.lac.calls_left(), what="nothing is left of the call")
    last = lac.link("office")["last_down"]
    assert {"time", "who", "result", "error", "text", "ppp_exit"} <= set(last)
    assert last["text"], last
    open_fails(lac, NO_ANSWER)


def hold_port(host: Host, port: int = 1701) -> None:
    holder = host.popen("holder", "/usr/bin/python3", "-c", HOLD_PORT, host.addr, str(port))
    wait_for(lambda: "bound" in holder.log(), what="the port is taken")


def test_port_in_use_when_dialling(net):
    hold_port(net.lac)
    L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, f"self = {net.lac.addr} 1701"))
    line = open_fails(lac, r"in use")
    assert "1701" in line


def test_port_in_use_when_listening(net):
    """The daemon may end or stay, but says which port is taken, once."""
    hold_port(net.lns)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr), wait=False)
    said = wait_for(lambda: [line for line in lns.log().splitlines() if "1701" in line
                             and re.search("in use", line, re.IGNORECASE)],
                    what="the log names the port")
    assert len(said) == 1, said
    if not lns.running():
        assert lns.proc.returncode != 0


def test_without_privileges(net):
    """As nobody: the daemon says what it may not do, when it starts or when a call needs it."""
    L2tpd(net.lns, lns_conf(net.lns.addr))
    net.lac.run("install", "-d", "-o", "nobody", "/run/nobody")
    lac = L2tpd(net.lac, lac_conf(net.lns.addr), as_user="nobody", control="/run/nobody/control",
                wait=False)
    wait_for(lambda: not lac.running() or lac.is_ready(), what="l2tpd is ready or has given up")
    cause = r"permi|privileg|CAP_NET_ADMIN|root"
    if lac.running():
        open_fails(lac, cause)
    else:
        assert lac.proc.returncode not in (0, None) and lac.proc.returncode > 0
        lines = lac.log().strip().splitlines()
        assert re.search(cause, lines[-1], re.IGNORECASE), lac.log()
    assert not net.lac.calls_left()


def test_client_without_privileges(net):
    """A stranger may not open links of a daemon that runs as root."""
    L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    done = net.lac.run("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--",
                       str(lac.build / "l2tpctl"), "-s", CONTROL, "open", "office", check=False)
    assert done.returncode in (1, 3)
    assert re.search(r"permi|denied|refused|not allowed", done.stderr, re.IGNORECASE), done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not lac.sessions() and not net.lac.calls_left()


def test_pppd_is_missing(net):
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr), daemon={"pppd": "/nonexistent/pppd"})
    line = open_fails(lac, r"/nonexistent/pppd")
    assert re.search(r"no such|not found|missing|cannot|can't", line, re.IGNORECASE), line
    lns.wait_idle()


def test_pppd_is_killed(net):
    """A pppd that crashes ends its call on both sides."""
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    lac.open("office")
    (pid,) = net.lac.pppds()
    os.kill(pid, signal.SIGKILL)
    lac.wait_idle()
    lns.wait_idle()
    wait_for(lambda: not net.lac.calls_left() and not net.lns.calls_left(), what="both hosts idle")
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP)


@pytest.fixture
def no_l2tp_modules():
    """A kernel without the L2TP modules: unloaded, and kept from coming back."""
    modules = ["l2tp_ppp", "l2tp_ip6", "l2tp_ip", "l2tp_eth", "l2tp_netlink", "l2tp_core"]
    block = Path("/etc/modprobe.d/lab-no-l2tp.conf")
    loaded = {line.split()[0] for line in Path("/proc/modules").read_text().splitlines()}
    block.parent.mkdir(exist_ok=True)
    block.write_text("".join(f"blacklist {m}\ninstall {m} /bin/false\n" for m in modules))
    try:
        for module in modules:
            if module in loaded:
                wait_for(lambda m=module: subprocess.run(["rmmod", m], check=False,
                                                         stderr=subprocess.DEVNULL).returncode == 0,
                         what=f"{module} is unloaded")
        yield
    finally:
        block.unlink()
        subprocess.run(["modprobe", "-a", "l2tp_ppp", "l2tp_netlink"], check=True)


@pytest.mark.vm
def test_module_is_missing(net, no_l2tp_modules):
    """The module's name is what a user can search for. The far side is not needed for this."""
    lac = L2tpd(net.lac, lac_conf(net.lns.addr), wait=False)
    wait_for(lambda: not lac.running() or lac.is_ready(), what="l2tpd is ready or has given up")
    if lac.running():
        line = lac.ctl("open", "office").error_line()
    else:
        assert lac.proc.returncode > 0
        line = lac.log().strip().splitlines()[-1]
    assert re.search(r"l2tp_ppp|l2tp_netlink|modprobe|module", line), line
    assert not net.lac.pppds()
    assert set(net.lac.links()) == {"lo", "eth0"}
