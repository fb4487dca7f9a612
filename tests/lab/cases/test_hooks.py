"""After "up" it works: routes, the name of the interface, names through resolvconf, programs."""

from pathlib import Path

from lablib import BUILD, Net, direct, wait_for
from peers import OUR_LNS_PPP, L2tpd, lac_conf, lns_conf

SOURCE = Path(__file__).parents[3]
HOOK = """#!/bin/sh
printf '%s %s %s %s %s\\n' "$L2TP_EVENT" "$L2TP_LINK" "$IFNAME" "$IPLOCAL" "$L2TP_CALL" >>/etc/l2tpd/said
"""
# As a machine with resolvconf has it, which keeps what it is told.
RESOLVCONF = """#!/bin/sh
case $1 in
-a) cat >"/etc/l2tpd/record-$2" ;;
-d) rm "/etc/l2tpd/record-$2" ;;
esac
"""


def behind(net: Net) -> Net:
    """A network behind the LNS."""
    direct(net)
    net.lns.script("ip addr add 10.55.0.1/24 dev lo; ip addr add 2001:db8:55::1/64 dev lo")
    return net.ready()


def test_after_up(make_net):
    """A host behind the LNS is reached by the link's routes; all is gone when the call is."""
    net = make_net(behind)
    names = (BUILD / "version.h").read_text().split("L2TPD_NAMES_PROGRAM")[1].split('"')[1]
    net.lac.write("/etc/l2tpd/hook", HOOK, 0o755)
    net.lac.write("/etc/l2tpd/fails", "#!/bin/sh\necho 'no such thing'\nexit 3\n", 0o755)
    for path, text in ((names, (SOURCE / "data" / "l2tpd-names").read_text()),
                       ("/usr/local/sbin/resolvconf", RESOLVCONF)):
        net.lac.write(path, text, 0o755)
    net.lac.written |= {"/etc/l2tpd/said", "/etc/l2tpd/record-office0.l2tpd"}
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, "up = /etc/l2tpd/nothing",
                                  ppp=("dns = 10.55.0.53", "ipv6 = yes")))
    lac = L2tpd(net.lac, lac_conf(
        net.lns.addr, "route = 10.55.0.0/24 2001:db8:55::/64", "ifname = office0",
        "domain = example.net lab", "up = /etc/l2tpd/hook", "down = /etc/l2tpd/hook",
        ppp=("usepeerdns = yes", "ipv6 = yes")))
    lac.open("office")
    session = lac.session()
    assert session["ifname"] == "office0"
    net.lac.ping("10.55.0.1")
    wait_for(lambda: "2001:db8:55::/64 dev office0" in net.lac.script("ip -6 route"), what="its route")
    said = net.lac.path("/etc/l2tpd/said")
    wait_for(said.exists, what="the program ran")
    assert said.read_text() == f"up office office0 {session['local_ip']} outgoing\n"
    record = net.lac.path("/etc/l2tpd/record-office0.l2tpd")
    wait_for(record.exists, what="resolvconf was told")
    assert record.read_text() == "search example.net lab\nnameserver 10.55.0.53\n"
    # one that is not there is told of, and changes nothing
    wait_for(lambda: "lns: up program /etc/l2tpd/nothing: No such file" in lns.log(), what="a line about it")
    net.lac.ping(OUR_LNS_PPP)

    assert lac.ctl("close", "office").rc == 0
    wait_for(lambda: not record.exists(), what="resolvconf forgot")
    assert said.read_text().splitlines()[1] == f"down office office0 {session['local_ip']} outgoing"
    assert "10.55.0.0" not in net.lac.script("ip route")
    assert lac.stop() == 0 and lns.stop() == 0
