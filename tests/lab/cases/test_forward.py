"""A complete LAC: PPPoE callers and calls of other tunnels, forwarded to LNSs in the kernel."""

import hashlib
import os
import select
import threading
import tty

import pytest

import wire
from lablib import LONG, Bulk, Host, Net, Process, fd_count, memory, wait_for
from peers import (OUR_LNS_PPP, PASSWORD, SECRET, USER, XL2TPD_LNS_PPP, L2tpd, Xl2tpd, lns_conf,
                   wait_ppp)

CPU_TICKS = 5   # of 10 ms, while megabytes go through


def access(net: Net) -> Net:
    """A client on an Ethernet with the LAC, which reaches the LNS by another."""
    for name in ("client", "lac", "lns"):
        net.host(name)
    net.join(net.client, "eth0", [], net.lac, "eth1", [])
    net.join(net.lac, "eth0", ["192.0.2.1/24"], net.lns, "eth0", ["192.0.2.2/24"])
    return net.ready()


def lac_conf(*forward: str, links: tuple[str, ...] = ("192.0.2.2",), more: str = "") -> str:
    text = ["[pppoe access]", "interface = eth1", "ac-name = lab"]
    for number, peer in enumerate(links, 1):
        text += [f"[link lns{number}]", f"peer = {peer}", "originate = yes", f"secret = {SECRET}"]
    text += ["[forward f]", "from = pppoe:access",
             "to = " + " ".join(f"link:lns{n}" for n in range(1, len(links) + 1)), *forward]
    return "\n".join(text) + "\n" + more


class Pppoe(Process):
    """A PPPoE client: pppd with rp-pppoe.so."""

    def __init__(self, host: Host, *more: str, user: str = USER, password: str = PASSWORD,
                 name: str = "pppoe", service: str = ""):
        options = ["plugin rp-pppoe.so", "nic-eth0", f'user "{user}"', f'password "{password}"',
                   "noauth", "nodetach", "noipdefault", "nodefaultroute", "noccp", "debug",
                   "logfd 2", "lcp-echo-interval 30", "ipcp-accept-remote", "mtu 1492", "mru 1492",
                   *more]
        if service:
            options.append(f"rp_pppoe_service {service}")
        host.write(f"/etc/ppp/{name}-options", "\n".join(options) + "\n")
        super().__init__(host, name, ["pppd", "file", f"/etc/ppp/{name}-options"])


def cpu_ticks(pid: int) -> int:
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_pppoe_to_ours(make_net):
    """Login end to end, IPv4 and IPv6, bulk data without the daemon, an orderly end."""
    net = make_net(access)
    capture = wire.Capture(net.lns)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, ppp=("ipv6 = yes",)))
    lac = L2tpd(net.lac, lac_conf())
    client = Pppoe(net.client, "+ipv6")
    ppp = wait_ppp(net.client, remote=OUR_LNS_PPP)
    net.client.ping(OUR_LNS_PPP)
    session = lac.session()
    assert session["datapath"] == "bridge"
    assert session["calling"] == net.client.links()["eth0"]["address"].replace(":", "")
    assert lns.session()["user"] == USER
    assert not net.lac.pppds()
    before = cpu_ticks(lac.pid)
    Bulk(net.client, ppp["local"], net.lns, OUR_LNS_PPP, 8 << 20).finish()
    assert cpu_ticks(lac.pid) - before <= CPU_TICKS
    client.stop()
    lac.wait_idle()
    lns.wait_idle()
    assert lac.stop() == 0 and lns.stop() == 0
    pcap = capture.stop()
    wire.tshark_check(pcap, net.lac.addr, net.lns.addr)
    # the LNS's first request may be there before the caller, told of his session by PADS, has made it
    assert not [lost for lost in wire.lost_ppp(pcap) if "LCP request" not in lost]


def proxied(pcap, kind: int) -> bytes:
    """An attribute of the only ICCN."""
    (iccn,) = [p for p in wire.control(pcap) if p.message == "ICCN"]
    value = iccn.avp(kind)
    assert value is not None, f"no attribute {kind} in ICCN"
    return value


@pytest.mark.parametrize("method", ["chap-md5", "pap"])
def test_proxy(make_net, method):
    """The LAC asks for the login; the LNS is told, and the caller is let in by it."""
    net = make_net(access)
    capture = wire.Capture(net.lns)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr, require=method))
    lac = L2tpd(net.lac, lac_conf("proxy = auth", f"auth = {method}", "realm = lab.example",
                                  more="[forward other]\nfrom = pppoe:access\nto = link:lns1\n"
                                       f"proxy = auth\nauth = {method}\n"))
    Pppoe(net.client)
    wait_ppp(net.client, remote=OUR_LNS_PPP)
    net.client.ping(OUR_LNS_PPP)
    assert lac.session()["user"] == USER
    (shown,) = lac.json("show", "pppoe")
    assert (shown["state"], shown["user"]) == ("up", USER)
    assert {f["name"]: f["up"] for f in lac.json("show", "forwards")} == {"f": 0, "other": 1}
    # the caller goes without a word (rp-pppoe sends no PADT): its PPP told the LNS
    closed = lac.ctl("close", "lns1")
    assert closed.rc == 0, closed.err
    lns.wait_idle()
    assert lac.stop() == 0 and lns.stop() == 0
    pcap = capture.stop()
    wire.tshark_check(pcap, net.lac.addr, net.lns.addr)
    assert proxied(pcap, 30) == USER.encode()
    assert proxied(pcap, 29) == (3 if method == "pap" else 2).to_bytes(2, "big")
    answer = proxied(pcap, 33)
    if method == "pap":
        assert answer == PASSWORD.encode()
    else:
        said = proxied(pcap, 32)[1:] + PASSWORD.encode() + proxied(pcap, 31)
        assert answer == hashlib.md5(said).digest()
    for kind in (26, 27, 28):
        assert proxied(pcap, kind)


@pytest.mark.kernel("6.12")
def test_wrong_password(make_net):
    """The LNS refuses the login; the caller hears of an end, and all is gone."""
    net = make_net(access)
    L2tpd(net.lns, lns_conf(net.lns.addr))
    lac = L2tpd(net.lac, lac_conf())
    client = Pppoe(net.client, password="wrong")
    wait_for(lambda: "authentication failed" in client.log(), what="the caller is told")
    wait_for(lambda: not lac.sessions(), what="nothing is left of the call")


def test_to_xl2tpd(make_net):
    """Another LNS, with and without what the LAC has learned."""
    net = make_net(access)
    Xl2tpd(net.lns, "lns", auth="pap")
    for proxy in ("none", "auth"):
        lac = L2tpd(net.lac, lac_conf(f"proxy = {proxy}"))
        client = Pppoe(net.client, name=f"pppoe-{proxy}")
        wait_ppp(net.client, remote=XL2TPD_LNS_PPP)
        net.client.ping(XL2TPD_LNS_PPP)
        client.stop()
        lac.wait_idle(deadline=120)
        assert lac.stop() == 0


def switched(net: Net) -> Net:
    """client, lac, switch and lns in a row."""
    for name in ("client", "lac", "switch", "lns"):
        net.host(name)
    net.join(net.client, "eth0", [], net.lac, "eth1", [])
    net.join(net.lac, "eth0", ["192.0.2.1/24"], net.switch, "eth0", ["192.0.2.2/24"])
    net.join(net.switch, "eth1", ["198.51.100.1/24"], net.lns, "eth0", ["198.51.100.2/24"])
    return net.ready()


def test_switch(make_net):
    """PPPoE, LAC, tunnel switch, LNS: what is known of the caller arrives, and so does his data."""
    net = make_net(switched)
    capture = wire.Capture(net.lns)
    lns = L2tpd(net.lns, lns_conf("198.51.100.2"))
    switch = L2tpd(net.switch, "\n".join([
        "[link from]", "incoming = yes", f"secret = {SECRET}",
        "[link to]", "peer = 198.51.100.2", "originate = yes", f"secret = {SECRET}",
        "[forward f]", "from = link:from", "to = link:to", ""]))
    lac = L2tpd(net.lac, lac_conf("proxy = auth"))
    client = Pppoe(net.client)
    ppp = wait_ppp(net.client, remote=OUR_LNS_PPP)
    net.client.ping(OUR_LNS_PPP)
    mac = net.client.links()["eth0"]["address"].replace(":", "")
    assert lns.session()["calling"] == mac
    assert {s["datapath"] for s in switch.sessions()} == {"bridge"}
    assert len(switch.sessions()) == 2
    before = cpu_ticks(switch.pid)
    Bulk(net.client, ppp["local"], net.lns, OUR_LNS_PPP, 4 << 20).finish()
    assert cpu_ticks(switch.pid) - before <= CPU_TICKS
    # the LNS ends it: the reason goes all the way back
    closed = lns.ctl("close", "lns")
    assert closed.rc == 0, closed.err
    for daemon in (switch, lac):
        daemon.wait_idle()
    client.stop()
    assert lac.stop() == 0 and switch.stop() == 0 and lns.stop() == 0
    pcap = capture.stop()
    wire.tshark_check(pcap, "198.51.100.1", "198.51.100.2")
    assert proxied(pcap, 30) == USER.encode()


class NullModem:
    """Two pseudo terminals whose far ends are tied together."""

    def __init__(self, net: Net):
        self.masters, self.names = [], []
        for _ in range(2):
            master, slave = os.openpty()
            tty.setraw(slave)
            self.names.append(os.ttyname(slave))
            self.masters.append((master, slave))
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()
        net.track(self)

    def _carry(self) -> None:
        (a, _), (b, _) = self.masters
        while not self.stop.is_set():
            for fd in select.select([a, b], [], [], 0.2)[0]:
                try:
                    os.write(b if fd == a else a, os.read(fd, 4096))
                except OSError:
                    self.stop.wait(0.05)    # nobody has the other end open

    def finish(self) -> list[str]:
        self.stop.set()
        self.thread.join(5)
        for pair in self.masters:
            for fd in pair:
                os.close(fd)
        return []


def test_serial(make_net):
    """A null modem: the first frame is the call, and the line is ready for the next one."""
    net = make_net(access)
    line = NullModem(net)
    lns = L2tpd(net.lns, lns_conf(net.lns.addr))
    text = lac_conf().replace("[pppoe access]\ninterface = eth1\nac-name = lab\n",
                              f"[serial s]\ndevice = {line.names[0]}\nrtscts = no\n")
    lac = L2tpd(net.lac, text.replace("pppoe:access", "serial:s"))
    wait_for(lambda: "takes calls on" in lac.log(), what="the line is open")
    for number in range(2):
        options = [line.names[1], "115200", "local", "nocrtscts", "nodetach", "noauth", "lock",
                   f"user {USER}", f"password {PASSWORD}", "noipdefault", "nodefaultroute",
                   "noccp", "debug", "logfd 2", "ipcp-accept-remote"]
        net.client.write(f"/etc/ppp/serial{number}", "\n".join(options) + "\n")
        client = net.client.popen(f"serial{number}", "pppd", "file", f"/etc/ppp/serial{number}")
        wait_ppp(net.client, remote=OUR_LNS_PPP)
        net.client.ping(OUR_LNS_PPP)
        assert lac.session()["datapath"] == "bridge"
        client.stop()
        # its PPP ended: the LNS hangs up
        lac.wait_idle()
        lns.wait_idle()
        wait_for(lambda: lac.json("show", "forwards")[0]["line"] == "idle", what="the line is ready")
    assert lac.stop() == 0 and lns.stop() == 0


def two_lns(net: Net) -> Net:
    for name in ("client", "client2", "lac", "lns", "lns2"):
        net.host(name)
    net.join(net.client, "eth0", [], net.lac, "eth1", [])
    net.join(net.client2, "eth0", [], net.lac, "eth2", [])
    net.join(net.lac, "eth0", ["192.0.2.1/24"], net.lns, "eth0", ["192.0.2.2/24"])
    net.join(net.lac, "eth3", ["198.51.100.1/24"], net.lns2, "eth0", ["198.51.100.2/24"])
    return net.ready()


@pytest.mark.kernel("6.12")
def test_lns_dies(make_net):
    """Its call ends, new ones go to the second LNS; the first is used again when it is back."""
    net = make_net(two_lns)
    first = L2tpd(net.lns, lns_conf("192.0.2.2"))
    second = L2tpd(net.lns2, lns_conf("198.51.100.2", address="10.97.0.1",
                                      pool="10.97.0.10-10.97.0.99"))
    conf = lac_conf(links=("192.0.2.2", "198.51.100.2"))
    conf = conf.replace("interface = eth1", "interface = eth[12]")
    conf = conf.replace("[link lns1]", "[link lns1]\nhello = 2\nretransmits = 2")
    lac = L2tpd(net.lac, conf)
    Pppoe(net.client)
    wait_ppp(net.client, remote=OUR_LNS_PPP)
    first.kill()
    wait_for(lambda: not lac.sessions(), 120, "the call of the dead LNS has ended")
    Pppoe(net.client2)
    wait_ppp(net.client2, remote="10.97.0.1")
    assert second.session()["user"] == USER
    L2tpd(net.lns, lns_conf("192.0.2.2"), name="l2tpd-again")
    wait_for(lambda: {t["state"] for f in lac.json("show", "forwards") for t in f["to"]} == {"ok"},
             120, "the dead one is tried again")
    again = Pppoe(net.client, name="again")
    wait_ppp(net.client, remote=OUR_LNS_PPP)
    assert again.running()


PADIS = 100_000 if LONG else 30_000
# Each of another MAC address, as fast as they go.
FLOOD = f"""
import os, socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0x8863))
for i in range({PADIS}):
    s.send((b"\\xff" * 6 + b"\\x02" + os.urandom(5) + bytes.fromhex("88631109000000040101") + b"\\0\\0").ljust(60, b"\\0"))
"""


@pytest.mark.kernel("6.12")
@pytest.mark.timeout(900)
def test_padi_flood(make_net):
    """Clients that only look for a server leave nothing behind, and harm no call that is up."""
    net = make_net(two_lns)
    lns = L2tpd(net.lns, lns_conf("192.0.2.2"))
    lac = L2tpd(net.lac, lac_conf().replace("interface = eth1", "interface = eth[12]"))
    Pppoe(net.client)
    wait_ppp(net.client, remote=OUR_LNS_PPP)
    call = [s["id"] for s in lac.sessions()]
    ping = net.client.popen("ping", "ping", "-n", "-i", "0.5", OUR_LNS_PPP)
    before, files = memory(lac.pid), fd_count(lac.pid)
    net.client2.run("python3", "-c", FLOOD, timeout=800)
    counters = lac.ask("GetCounters")["counters"]["pppoe"]["access"]
    assert counters["padi"] > PADIS // 10, counters      # what the daemon's socket had no room for is lost
    assert memory(lac.pid)["Pss"] - before["Pss"] < 1024 and fd_count(lac.pid) == files
    assert len(lac.json("show", "pppoe")) == 1
    assert [s["id"] for s in lac.sessions()] == call
    ping.stop()
    net.client.ping(OUR_LNS_PPP)
    # and who means it gets in
    Pppoe(net.client2, name="after")
    wait_ppp(net.client2, remote=OUR_LNS_PPP)
    assert lns.running()
