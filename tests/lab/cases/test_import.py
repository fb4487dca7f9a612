"""Files of xl2tpd and mpd: calls with what l2tpctl import made of them, and with xl2tpd that runs
the very same files on the other side."""

import ipaddress
import re
from pathlib import Path

import pytest

from lablib import BUILD, Host, Process, wait_for
from peers import PASSWORD, USER, L2tpd, wait_ppp

SAMPLES = Path(__file__).resolve().parents[2] / "unit" / "import"
# Where these files are on the machine of somebody who has them.
PLACES = {"xl2tpd.conf": "/etc/xl2tpd/xl2tpd.conf", "mpd.conf": "/etc/mpd5/mpd.conf",
          "mpd.secret": "/etc/mpd5/mpd.secret", "chap-secrets": "/etc/ppp/chap-secrets",
          "options.xl2tpd": "/etc/ppp/options.xl2tpd",
          "options.l2tpd.client": "/etc/ppp/options.l2tpd.client"}


def put_sample(host: Host, sample: str) -> None:
    for path in (SAMPLES / sample).iterdir():
        if path.name in PLACES:
            text = path.read_text().replace("/usr/local/etc/mpd5/", "/etc/mpd5/")
            host.write(PLACES[path.name], text, 0o600)
    for name in ("up.sh", "down.sh"):
        host.write(f"/etc/mpd5/{name}", "#!/bin/sh\n", 0o755)


def imported(host: Host, *args: str) -> str:
    """The configuration that l2tpctl makes of files on a host; secrets only of files named so."""
    text = host.run(str(BUILD / "l2tpctl"), "import", *args).stdout
    path = "/etc/l2tpd/imported.conf"
    host.write(path, text)
    said = host.run(str(BUILD / "l2tpd"), "--check", "-c", path, check=False).stderr
    assert "unknown key" not in said, said
    return text


class Xl2tpdAsItIs(Process):
    """xl2tpd with its files where they are."""

    def __init__(self, host: Host):
        super().__init__(host, "xl2tpd", [
            "xl2tpd", "-D", "-c", PLACES["xl2tpd.conf"], "-p", "/run/xl2tpd/pid", "-C",
            "/run/xl2tpd/control"])
        wait_for(lambda: "Listening on IP address" in self.log(), what="xl2tpd listens")

    def order(self, what: str) -> None:
        self.host.run("xl2tpd-control", "-c", "/run/xl2tpd/control", what, "office")


def check_call(net, server: str, first: str, last: str, mtu: int) -> None:
    ppp = wait_ppp(net.lac, remote=server)
    assert (ipaddress.ip_address(first) <= ipaddress.ip_address(ppp["local"])
            <= ipaddress.ip_address(last))
    net.lac.ping(server)
    assert net.lac.links()[ppp["ifname"]]["mtu"] == mtu


@pytest.mark.parametrize("server,client", [("l2tpd", "l2tpd"), ("xl2tpd", "l2tpd"),
                                           ("l2tpd", "xl2tpd")])
def test_files_of_xl2tpd(net, server, client):
    put_sample(net.lns, "xl2tpd/02-small-server")
    put_sample(net.lac, "xl2tpd/03-client")
    if server == "l2tpd":
        conf = imported(net.lns, "xl2tpd", PLACES["xl2tpd.conf"], "--secrets",
                        PLACES["chap-secrets"])
        assert PASSWORD not in conf, "users stay in their file"
        lns = L2tpd(net.lns, conf, users="nobody * nothing *\n")
    else:
        lns = Xl2tpdAsItIs(net.lns)
    if client == "l2tpd":
        conf = imported(net.lac, "xl2tpd", PLACES["xl2tpd.conf"], "--secrets",
                        PLACES["options.l2tpd.client"])
        lac = L2tpd(net.lac, conf)
        lac.open("office")
    else:
        lac = Xl2tpdAsItIs(net.lac)
        lac.order("connect-lac")
    check_call(net, "10.99.1.1", "10.99.1.10", "10.99.1.250", 1280)
    if server == "l2tpd":
        assert lns.session()["user"] == USER
    if client == "l2tpd":
        assert lac.ctl("close", "office").rc == 0
    else:
        lac.order("disconnect-lac")
    wait_for(lambda: not net.lac.calls_left() and not net.lns.calls_left(), what="both hosts idle")


def test_files_of_mpd(net):
    put_sample(net.lns, "mpd/01-server5")
    put_sample(net.lac, "mpd/02-client5")
    conf = imported(net.lns, "mpd", PLACES["mpd.conf"], PLACES["mpd.secret"], "--secrets",
                    PLACES["mpd.secret"])
    users = "".join(line + "\n" for line in re.findall("^#users: (.*)", conf, re.M))
    lns = L2tpd(net.lns, conf, users=users)
    # "open" in a file of mpd: it comes up by itself
    lac = L2tpd(net.lac, imported(net.lac, "mpd", PLACES["mpd.conf"], "--secrets",
                                  PLACES["mpd.conf"]))
    check_call(net, "10.98.1.1", "10.98.1.50", "10.98.1.99", 1400)
    assert lns.session()["user"] == USER
    assert lac.ctl("close", "L1").rc == 0
    lns.wait_idle()
