"""NetworkManager: connections that people click, by l2tpd's own service and under NetworkManager-l2tp's name."""

import signal

import pytest

from desktop import COMPAT, OWN, Desktop, Terminal
from lablib import Timeout, kernel_sessions, wait_for
from peers import OUR_LNS_PPP, PASSWORD, USER, L2tpd, lns_conf

pytestmark = pytest.mark.kernel("6.1")

BEHIND = "198.51.100.7"     # reached through the connection only
DNS = "10.99.0.53"
LNS = "192.0.2.2"
SAME = "192.0.2.3"          # an LNS whose PPP address is its own
CLOSED = "192.0.2.5"        # one that lets nobody in from here
NOBODY = "192.0.2.9"

LNS_CONF = lns_conf(LNS, secret="", require="mschapv2", ppp=(f"dns = {DNS}",)) + f"""
[link same]
type = l2tp
incoming = yes
self = {SAME}
ppp = same
[ppp same]
require = mschapv2
users = /etc/l2tpd/users
address = {SAME}
pool = 10.97.0.10-10.97.0.20
[link closed]
type = l2tp
incoming = yes
self = {CLOSED}
peer = 203.0.113.1
ppp = server
"""


@pytest.fixture
def lns(net) -> L2tpd:
    net.lns.script(f"ip addr add {SAME}/24 dev eth0; ip addr add {CLOSED}/24 dev eth0\n"
                   f"ip addr add {BEHIND}/32 dev lo")
    net.ready()
    return L2tpd(net.lns, LNS_CONF)


@pytest.fixture
def l2tpd(net) -> L2tpd:
    return L2tpd(net.lac, "")


@pytest.fixture
def desktop(net, lns, l2tpd) -> Desktop:
    desktop = Desktop(net.lac, LNS)
    desktop.adopt(l2tpd.pid)
    return desktop


def data(gateway: str = LNS, **more: str) -> dict[str, str]:
    return {"gateway": gateway, "user": USER, **{k.replace("_", "-"): v for k, v in more.items()}}


STORED = {"password": PASSWORD}


def expect_clean(net, desktop: Desktop, *names: str) -> None:
    for name in names:
        assert desktop.active(name).state == ""
    wait_for(lambda: not net.lac.calls_left_but_nm(), what="nothing is left of the calls") \
        if hasattr(net.lac, "calls_left_but_nm") else None
    wait_for(lambda: not kernel_sessions(net.lac) and not net.lac.pppds(), what="no call is left")
    wait_for(lambda: not desktop.plugins(), what="no service is left")


def test_connections(net, lns, l2tpd, desktop):
    desktop.add("office", data(), STORED)
    desktop.up("office")
    now = desktop.active("office")
    assert now.state == "activated"
    assert now.address.startswith("10.99.0.") and now.dns == [DNS]
    net.lac.ping(OUR_LNS_PPP)
    net.lac.ping(BEHIND)
    print(now, net.lac.script("ip route; ip addr show dev ppp0"))
    desktop.down("office")
    expect_clean(net, desktop, "office")
