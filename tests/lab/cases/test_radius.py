"""Users in FreeRADIUS, asked by pppd's radius.so: what it says is obeyed, and what is told to it is true."""

import pytest

from lablib import Net, wait_for
from peers import OUR_LNS_PPP, PASSWORD, USER, L2tpd, link_conf, lns_conf, wait_ppp
from radius import FOLDER, Radius, user
from test_forward import Pppoe

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


@pytest.mark.kernel("6.12")
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


# LNSs: the network of each, and the secret that RADIUS tells
LNSS = {"gold": "192.0.2.2", "silver": "192.0.2.3", "plain": "198.51.100.2"}


def tunnel(realm: str) -> tuple[str, ...]:
    return ("Tunnel-Type = L2TP", "Tunnel-Medium-Type = IPv4", f'Tunnel-Server-Endpoint = "{LNSS[realm]}"',
            f'Tunnel-Password = "secret of {realm}"', f'Tunnel-Server-Auth-ID = "{realm}"')


def three_lns(net: Net) -> Net:
    """A caller, the LAC, and two hosts with three LNSs."""
    for name in ("client", "lac", "lns", "lns2"):
        net.host(name)
    net.join(net.client, "eth0", [], net.lac, "eth1", [])
    net.join(net.lac, "eth0", ["192.0.2.1/24"], net.lns, "eth0", ["192.0.2.2/24", "192.0.2.3/24"])
    net.join(net.lac, "eth3", ["198.51.100.1/24"], net.lns2, "eth0", ["198.51.100.2/24"])
    return net.ready()


@pytest.mark.kernel("6.12")
@pytest.mark.timeout(600)
def test_radius_chooses_the_lns(make_net):
    """[forward] radius: three LNSs by user, a refusal that reaches the caller, and accounting with octets."""
    net = make_net(three_lns)
    users = "".join(user(f"user@{realm}", *tunnel(realm), 'Class = "c"') for realm in LNSS)
    radius = Radius(net.lac, users + 'mallory Auth-Type := Reject\n\tReply-Message = "you have not paid"\n')
    servers = {}
    for host, realms in ((net.lns, ("gold", "silver")), (net.lns2, ("plain",))):
        conf = "".join(f"[link {r}]\nincoming = yes\nself = {LNSS[r]}\nhostname = {r}\nsecret = secret of {r}\nppp = server\n" for r in realms)
        conf += (f"[ppp server]\nrequire = chap-md5\nusers = /etc/l2tpd/users\naddress = {OUR_LNS_PPP}\n"
                 "pool = 10.99.0.10-10.99.0.99\n")
        daemon = L2tpd(host, conf, users="".join(f"user@{r} * {PASSWORD} *\n" for r in realms))
        servers.update({realm: daemon for realm in realms})
    lac = L2tpd(net.lac, "[pppoe access]\ninterface = eth1\n[link base]\npeer = 192.0.2.99\noriginate = yes\n"
                f"[forward f]\nfrom = pppoe:access\nto = link:base\nproxy = auth\nauth = chap-md5\nradius = {FOLDER}/ours.conf\n")
    for realm, daemon in servers.items():
        name = f"user@{realm}"
        client = Pppoe(net.client, user=name, name=realm)
        wait_ppp(net.client, remote=OUR_LNS_PPP)
        net.client.ping(OUR_LNS_PPP)
        assert [(s["link"], s["user"]) for s in daemon.sessions()] == [(realm, name)]
        assert radius.record(User_Name=name, Acct_Status_Type="Start")["Acct-Session-Id"]
        client.stop()
        lac.wait_idle(deadline=120)
        stop = radius.record(User_Name=name, Acct_Status_Type="Stop")
        assert int(stop["Acct-Input-Octets"]) > 0 and int(stop["Acct-Output-Octets"]) > 0
        assert bytes.fromhex(stop["Class"].removeprefix("0x")) == b"c"
        daemon.wait_idle()
    refused = Pppoe(net.client, user="mallory", name="mallory")
    wait_for(lambda: "you have not paid" in refused.log() or "authentication failed" in refused.log(), what="the caller is told")
    wait_for(lambda: not lac.sessions(), what="nothing is left of the call")
    assert not radius.records(User_Name="mallory")
