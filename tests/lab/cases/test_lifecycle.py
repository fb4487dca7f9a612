"""The daemon from start to end: signals, leaks, what a check of the configuration says."""

import os
from pathlib import Path

import pytest

import wire
from lablib import BUILD, kernel_tunnels, open_files, wait_for, wait_no_more_files
from peers import OUR_LNS_PPP, PASSWORD, SECRET, L2tpd, lac_conf, lns_conf

ASAN_BUILD = os.environ.get("L2TPD_ASAN_BUILD", "")


@pytest.mark.parametrize("side", ["lac", "lns"])
def test_sigterm_says_goodbye(net, side):
    """SIGTERM during a call: the wire carries the end, the process ends with 0, nothing is left."""
    capture = wire.Capture(net.lac)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    lac.open("office")
    net.lac.ping(OUR_LNS_PPP)
    ending, other = (lac, lns) if side == "lac" else (lns, lac)
    assert ending.stop() == 0
    assert not ending.host.pppds()
    assert not kernel_tunnels(ending.host)
    other.wait_idle()
    wait_for(lambda: not kernel_tunnels(other.host) and not other.host.calls_left(),
             what="the other side is idle")
    assert other.running()
    pcap = capture.stop()
    ends = [p for p in wire.control(pcap) if p.message in ("CDN", "StopCCN")]
    assert ends and ends[0].src == ending.host.addr
    assert "StopCCN" in [p.message for p in ends if p.src == ending.host.addr]
    assert all(p.result() for p in ends)
    wire.tshark_check(pcap, net.lac.addr, net.lns.addr)


def test_restart_after_kill(net):
    """kill -9 leaves nothing that keeps the next start from working, and that cleans up."""
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr))
    lac.open("office")
    lns.kill()
    lac.kill()
    # only the route to the peer stays: nobody is left who could remove it
    wait_for(lambda: not [left for h in (net.lac, net.lns) for left in h.calls_left()
                          if ": route " not in left], what="both hosts idle")
    L2tpd(net.lns, lns_conf(net.lns.addr), name="l2tpd-again")
    again = L2tpd(net.lac, lac_conf(net.lns.addr), name="l2tpd-again")
    assert not net.lac.calls_left()
    again.open("office")
    net.lac.ping(OUR_LNS_PPP)


def ten_calls(net, **how) -> None:
    lns = L2tpd(net.lns, lns_conf(net.lns.addr), **how)
    lac = L2tpd(net.lac, lac_conf(net.lns.addr), **how)

    def call() -> None:
        lac.open("office")
        net.lac.ping(OUR_LNS_PPP, 1)
        closed = lac.ctl("close", "office")
        assert closed.rc == 0, closed.err
        lns.wait_idle()
        wait_for(lambda: not net.lac.calls_left() and not net.lns.calls_left(), what="idle")

    call()      # what is made once and kept is there after the first
    wait_for(lambda: not lac.tunnels() and not lns.tunnels(), 120, "the tunnel has gone too")
    before = [open_files(d.pid) for d in (lac, lns)]
    for _ in range(9):
        call()
    wait_for(lambda: not lac.tunnels() and not lns.tunnels(), 120, "the tunnel has gone too")
    wait_no_more_files([lac, lns], before)
    for daemon in (lac, lns):
        assert daemon.stop(deadline=120) == 0, daemon.log()[-3000:]


@pytest.mark.long
@pytest.mark.kernel("6.1")
@pytest.mark.timeout(900)
def test_ten_calls_leak_nothing(net):
    """No file is left open; with a build with sanitizers (lab run --asan-build DIR), no memory.

    A finding of theirs ends the daemon or is in its log; both fail the case. On the other kernel
    test_relay.py: test_leaks_nothing.
    """
    if not ASAN_BUILD:
        ten_calls(net)
        return
    ten_calls(net, build=Path(ASAN_BUILD), env={
        "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=98"})


def test_check_finds_the_line(net):
    """--check: silence for a good file, FILE:LINE: message for a bad one."""
    daemon = str(BUILD / "l2tpd")
    host = net.lac
    host.write("/etc/l2tpd/good.conf", lac_conf(net.lns.addr))
    good = host.run(daemon, "--check", "-c", "/etc/l2tpd/good.conf", check=False)
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    host.write("/etc/l2tpd/bad.conf", "[link x]\ntype = l2tp\nper = 192.0.2.1\n")
    bad = host.run(daemon, "--check", "-c", "/etc/l2tpd/bad.conf", check=False)
    assert bad.returncode == 1
    said = bad.stdout + bad.stderr
    assert "/etc/l2tpd/bad.conf:3: " in said and "per" in said


def test_no_secret_is_shown(net):
    """Secrets are stars in every output and absent from command lines, environment and logs."""
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr), "-v")
    lac.open("office")
    assert "******" in lac.ctl("show", "link", "office").out
    said = [lac.log(), lns.log(), json_text(lac, "show", "links"), json_text(lns, "show", "sessions"),
            lac.ctl("show", "link", "office").out]
    for host in (net.lac, net.lns):
        for pid in host.processes():
            try:
                said += [Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace"),
                         Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")]
            except OSError:
                continue
    for secret in (SECRET, PASSWORD):
        assert not [text for text in said if secret in text], f"{secret} is visible"


def json_text(daemon: L2tpd, *args: str) -> str:
    return str(daemon.json(*args))
