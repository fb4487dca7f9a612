"""The quick starts of README.md, run as they stand there: from a client to a host behind the server, by its name, and with xl2tpd as either end."""

import re
from pathlib import Path

import pytest

from lablib import BUILD, Net, Process, direct, wait_for
from peers import CONTROL, Xl2tpd, wait_ppp

README = (Path(__file__).parents[3] / "README.md").read_text()
NAMES = Path(__file__).parents[3] / "data" / "l2tpd-names"
DNS, HOST, NAME = "10.20.0.53", "10.20.0.7", "files.office.example"
SECRET, PASSWORD = "s3cret", "her password"
# As a machine with resolvconf: the first name server it is told of is asked.
RESOLVCONF = "#!/bin/sh\n[ $1 = -a ] && cat >/etc/resolv.conf || : >/etc/resolv.conf\n"
# A name server that knows one name: an answer is the question with a record behind it.
NAMESERVER = f"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("{DNS}", 53))
print("ready", flush=True)
while True:
    q, peer = s.recvfrom(512)
    end = q.index(0, 12) + 5
    known = q[end - 4:end - 2] == b"\\0\\1" and b"files" in q[12:end]
    answer = bytes.fromhex("c00c00010001000000050004") + bytes([10, 20, 0, 7]) if known else b""
    s.sendto(q[:2] + b"\\x85\\x80\\0\\1" + bytes([0, 1 if known else 0]) + b"\\0\\0\\0\\0" + q[12:end] + answer, peer)
"""


def block(heading: str) -> str:
    """The commands below a heading: its lines that stand in."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(line[4:] for line in re.findall(r"^(?:    .*|)$", section, re.M)).strip("\n") + "\n"


def office(net: Net) -> Net:
    """The server has a network behind it."""
    direct(net)
    net.lns.script(f"ip addr add {DNS}/16 dev lo; ip addr add {HOST}/16 dev lo")
    return net.ready()


class Installed(Process):
    """l2tpd as a package starts it: with the files in /etc."""

    def __init__(self, host):
        host.write("/etc/l2tpd/l2tpd.conf", f"[daemon]\npppd-plugin = {BUILD / 'l2tpd.so'}\n")
        host.path("/etc/l2tpd/conf.d").mkdir(exist_ok=True)
        super().__init__(host, "l2tpd", [str(BUILD / "l2tpd")])
        wait_for(lambda: host.path(CONTROL).exists() and "ready, control socket" in self.log(), what="l2tpd is ready")

    def run(self, text: str) -> None:
        """As root would type it; l2tpctl is that of the build."""
        self.host.script(f"PATH={BUILD}:$PATH\n" + text)


def prepare(host, *written: str) -> None:
    host.written |= {"/etc/l2tpd/conf.d/office.conf", "/etc/l2tpd/conf.d/dialin.conf", "/etc/l2tpd/office.secret", "/etc/l2tpd/office.password",
                     "/etc/l2tpd/dialin.secret", "/etc/l2tpd/users", "/etc/resolv.conf", *written}


def prepare_client(host, server: str) -> None:
    installed = (BUILD / "version.h").read_text().split("L2TPD_NAMES_PROGRAM")[1].split('"')[1]
    prepare(host, installed)
    host.write("/etc/hosts", f"127.0.0.1 localhost\n{server} vpn.example.com\n", 0o644)
    host.write("/etc/nsswitch.conf", "hosts: files dns\n", 0o644)
    host.write(installed, NAMES.read_text(), 0o755)
    host.write("/usr/local/sbin/resolvconf", RESOLVCONF, 0o755)


def serve_names(host) -> None:
    server = host.popen("nameserver", "python3", "-c", NAMESERVER)
    wait_for(lambda: "ready" in server.log(), what="the name server")


@pytest.mark.kernel("6.12")
@pytest.mark.parametrize("server,client", [("l2tpd", "l2tpd"), ("xl2tpd", "l2tpd"), ("l2tpd", "xl2tpd")])
def test_quick_starts(make_net, server, client):
    net = make_net(office)
    serve_names(net.lns)
    prepare(net.lns)
    prepare_client(net.lac, net.lns.addr)
    if server == "l2tpd":
        lns = Installed(net.lns)
        lns.run(block("Server (LNS)"))
    else:
        Xl2tpd(net.lns, "lns", secret=SECRET, auth="mschapv2", user="alice", password=f'"{PASSWORD}"', ppp=(f"ms-dns {DNS}",))
    if client == "l2tpd":
        lac = Installed(net.lac)
        lac.run(block("Client (LAC)"))
        wait_for(lambda: DNS in net.lac.path("/etc/resolv.conf").read_text(), what="the name server is known")
        wait_for(lambda: net.lac.run("ping", "-n", "-c", "1", "-W", "20", NAME, check=False).returncode == 0, 60, f"an answer of {NAME}")
        lac.run("l2tpctl close office")
    else:
        # what xl2tpd's user does by hand is what the server's quick start promises
        lac = Xl2tpd(net.lac, "lac", peer=net.lns.addr, secret=SECRET, user="alice", password=f'"{PASSWORD}"')
        lac.dial()
        ppp = wait_ppp(net.lac, remote="10.9.0.1")
        net.lac.script(f"ip route add 10.20.0.0/16 dev {ppp['ifname']}")
        net.lac.ping(HOST)
