"""Users in FreeRADIUS, asked by pppd's radius.so: what it says is obeyed, and what is told to it is true."""

import pytest

from lablib import wait_for
from peers import OUR_LNS_PPP, PASSWORD, USER, L2tpd, link_conf, lns_conf
from radius import FOLDER, Radius, user

USERS = (user(USER, "Framed-IP-Address = 10.99.0.77", "Acct-Interim-Interval = 3", 'Class = "gold"') +
         user("brief", "Session-Timeout = 4") +
         user("idle", "Idle-Timeout = 4") +
         user("admin") + user("gone"))
# user -> Acct-Terminate-Cause (RFC 2866 5.10) of a call that ends as the test has it
CAUSES = {USER: "User-Request", "brief": "Session-Timeout", "idle": "Idle-Timeout", "admin": "NAS-Request", "gone": "Lost-Carrier"}


def conf_of(name: str, peer: str, number: str = "") -> str:
    more = [f"hostname = {name}", *([f"callingnum = {number}"] if number else [])]
    return (link_conf(name, peer, *more, ppp=name) +
            f"[ppp {name}]\nuser = {name}\npassword = {PASSWORD}\nmppe = required\nlcp-echo-interval = 0\n")


@pytest.mark.timeout(600)
def test_radius_so(net):
    """Addresses, times, Class, keys; start, interim and stop with the true cause."""
    radius = Radius(net.lns, USERS)
    server = lns_conf(net.lns.addr, require="mschapv2", ppp=(
        "mppe = required", "lcp-echo-interval = 2", "lcp-echo-failure = 3",
        "option = plugin radius.so", f"option = radius-config-file {FOLDER}/client.conf"))
    lns = L2tpd(net.lns, server.replace("users = /etc/l2tpd/users\n", ""))
    conf = "".join(conf_of(name, net.lns.addr, "5551234" if name == "admin" else "") for name in CAUSES)
    lac = L2tpd(net.lac, conf)

    lac.open(USER)
    (call,) = lns.sessions()
    assert call["user"] == USER and call["peer_ip"] == "10.99.0.77"
    net.lac.ping(OUR_LNS_PPP)
    start = radius.record(User_Name=USER, Acct_Status_Type="Start")
    assert start["Framed-IP-Address"] == "10.99.0.77"
    assert start["Calling-Station-Id"] == net.lac.addr      # no number was told: the address
    assert bytes.fromhex(start["Class"].removeprefix("0x")) == b"gold"
    interim = radius.record(User_Name=USER, Acct_Status_Type="Interim-Update")
    assert interim["Acct-Session-Id"] == start["Acct-Session-Id"] and int(interim["Acct-Session-Time"]) >= 3

    for name in list(CAUSES)[1:]:
        lac.open(name)
    number = radius.record(User_Name="admin", Acct_Status_Type="Start")
    assert number["Calling-Station-Id"] == "5551234"
    assert lac.ctl("close", USER).rc == 0
    (admin,) = [s for s in lns.sessions() if s["user"] == "admin"]
    assert lns.ctl("close", str(admin["id"])).rc == 0
    wait_for(lambda: {s["user"] for s in lns.sessions()} == {"gone"}, 60, "brief, idle and admin have ended")
    lac.kill()
    lns.wait_idle(120)
    # what a killed daemon left is removed by the next
    said = {name: radius.record(User_Name=name, Acct_Status_Type="Stop") for name in CAUSES}
    assert {name: record["Acct-Terminate-Cause"] for name, record in said.items()} == CAUSES
    stop = said[USER]
    assert int(stop["Acct-Input-Octets"]) > 0 and int(stop["Acct-Output-Octets"]) > 0
    assert bytes.fromhex(stop["Class"].removeprefix("0x")) == b"gold"

    # a wrong password, and a server that is not there: each with its own words
    wrong = L2tpd(net.lac, conf.replace(f"user = idle\npassword = {PASSWORD}", "user = idle\npassword = wrong"))
    refused = wrong.ctl("open", "idle")
    assert refused.rc == 1 and 'refused the login as "idle"' in refused.err, refused.err
    assert wrong.stop() == 0
