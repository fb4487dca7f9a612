"""Many sessions on one tunnel."""

import os

import pytest

from lablib import kernel_sessions, kernel_tunnels, wait_for
from peers import PASSWORD, USER, L2tpd, link_conf, lns_conf

SESSIONS = int(os.environ.get("L2TPD_LAB_SESSIONS", "50"))


@pytest.mark.long
@pytest.mark.timeout(1000)
def test_many_sessions_one_tunnel(net):
    """Links with the same peer, name and secret share a tunnel."""
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, pool="10.99.0.10-10.99.3.250"))
    names = [f"l{n}" for n in range(SESSIONS)]
    conf = "\n".join(link_conf(name, net.lns.addr, "hostname = many") for name in names)
    lac = L2tpd(net.lac, conf + f"\n[ppp client]\nuser = {USER}\npassword = {PASSWORD}\n")
    lac.open_many(names)

    for daemon, host in ((lac, net.lac), (lns, net.lns)):
        (tunnel,) = daemon.tunnels()
        assert tunnel["sessions"] == SESSIONS
        sessions = daemon.sessions()
        assert {s["state"] for s in sessions} == {"established"}
        assert {s["tunnel"] for s in sessions} == {tunnel["id"]}
        assert len({s["id"] for s in sessions}) == SESSIONS
        assert len({s["ifname"] for s in sessions}) == SESSIONS
        assert len(kernel_tunnels(host)) == 1
        assert {s["session_id"] for s in kernel_sessions(host)} == {s["id"] for s in sessions}
        assert len(host.pppds()) == SESSIONS
    addresses = [s["peer_ip"] for s in lns.sessions()]
    assert len(set(addresses)) == SESSIONS
    assert {s["link"] for s in lac.sessions()} == set(names)
    # every fifth answers through its own interface
    for address in sorted(addresses)[::5]:
        net.lns.ping(address, 1)

    # one goes, the others stay
    assert lac.ctl("close", names[0]).rc == 0
    wait_for(lambda: len(lns.sessions()) == SESSIONS - 1, what="one session less")
    assert lac.stop(deadline=180) == 0
    lns.wait_idle(180)
    wait_for(lambda: not net.lac.calls_left() and not net.lns.calls_left(), 180, "both hosts idle")
