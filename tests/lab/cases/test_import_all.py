"""What l2tpctl import makes of the samples in tests/unit/import carries calls: every link of every sample, but of 08-repeater4, which is serial
lines and PPPoE (test_forward.py has such lines). The other side is made for each of them."""

import ipaddress
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lablib import Net, direct, wait_for
from peers import L2tpd
from radius import FOLDER, Radius, user

SAMPLES = Path(__file__).resolve().parents[2] / "unit" / "import"
PASSWORD, USER, SECRET = "pa55word", "tester", "a secret of the file"
FAR = "/run/l2tpd/far"                  # control socket of the one beside
# What the machine of these files has, and the lab has not.
ABSENT = ("plugin rp.so", "rp-option", "plugin radattr.so", "ip-up-script")
# An address for each network that a sample's peers are from, and for those that it dials.
ADDRESSES = ["198.51.100.1", "198.51.100.3", "198.51.100.4", "198.51.100.20", "203.0.113.7", "203.0.113.9", "192.0.2.9", "192.0.2.77",
             "10.0.56.62", "10.0.56.63", "10.0.56.64"]
NAMES = {"tp.provider.example": "198.51.100.1", "lns.uplink.example": "198.51.100.3"}


def with_addresses(net: Net) -> Net:
    """The two ends; both have these addresses, and reach them at the other end."""
    direct(net)
    for host, other in ((net.lac, net.lns), (net.lns, net.lac)):
        lines = [f"ip addr add {a}/32 dev lo" for a in ADDRESSES] if host is net.lns else [
            f"ip route add {a} via {other.addr}" for a in ADDRESSES]
        host.script("\n".join(lines))
    # callers of 06-access-control, and the second LNS of 07-lac5
    net.lac.script("ip addr add 198.51.100.10/32 dev lo; ip addr add 198.51.100.66/32 dev lo")
    net.lns.script(f"ip route add 198.51.100.10 via {net.lac.addr}; ip route add 198.51.100.66 via {net.lac.addr}")
    return net.ready()


@dataclass
class Section:
    kind: str
    name: str
    keys: dict[str, list[str]] = field(default_factory=dict)

    def get(self, key: str, default: str = "") -> str:
        return self.keys.get(key, [default])[0]

    def yes(self, key: str) -> bool:
        return self.get(key) == "yes"


def sections(text: str) -> list[Section]:
    found: list[Section] = []
    for line in text.splitlines():
        header = re.fullmatch(r"\[(\w+) (.*)\]", line)
        if header:
            found.append(Section(*header.groups()))
        elif line and line[0] not in "#;":
            key, value = re.split(r" *= *", line, maxsplit=1)
            found[-1].keys.setdefault(key, []).append(value)
    return found


class Sample:
    """The configuration that the import makes, with the files that it names; on host."""

    def __init__(self, host, name: str):
        text = (SAMPLES / name / "golden").read_text()
        text = "\n".join(line for line in text.splitlines() if line[:1] != "#" and not any(word in line for word in ABSENT))
        self.text = text.replace("/etc/radiusclient/radiusclient.conf", f"{FOLDER}/client.conf") + "\n"
        if "plugin radius.so" in self.text and "radius-config-file" not in self.text:
            self.text = self.text.replace("option = plugin radius.so", f"option = plugin radius.so\noption = radius-config-file {FOLDER}/client.conf")
        self.sections = sections(self.text)
        for section in self.sections:
            for key, content in (("secret-file", SECRET), ("password-file", PASSWORD), ("users", f"{USER} * {PASSWORD} *")):
                if section.get(key):
                    host.write(section.get(key), content + "\n")
            for key in ("up", "down"):
                if section.get(key):
                    host.write(section.get(key), "#!/bin/sh\n", 0o755)
        host.written.add("/var/log/ppp-provider.log")

    def links(self, key: str) -> list[Section]:
        return [s for s in self.sections if s.kind == "link" and s.yes(key) and s.get("ppp")]

    def profile(self, link: Section) -> Section:
        return next(s for s in self.sections if s.kind == "ppp" and s.name == link.get("ppp"))


def secret_of(link: Section) -> list[str]:
    secret = link.get("secret") or (SECRET if link.get("secret-file") else "")
    return [f"secret = {secret}"] if secret else []


def lns_for(link: Section, profile: Section) -> tuple[str, str]:
    """A server for a link that dials: its configuration and its users."""
    port = link.get("peer").split(" ")[1:] or ["1701"]
    lines = ["[link far]", "incoming = yes", f"self = 0.0.0.0 {port[0]}", "ppp = far", *secret_of(link), "[ppp far]"]
    if profile.get("address"):
        lines += ["accept-any-address = yes"]
    else:
        lines += ["address = 10.77.0.1", "pool = 10.77.0.2-10.77.0.99"]
    if profile.get("user"):
        lines += ["require = mschapv2", "users = /etc/l2tpd/far-users"]
    if profile.get("mppe"):
        lines += ["mppe = yes"]
    if profile.get("require"):          # both log in
        lines += [f"user = {USER}", f"password = {PASSWORD}"]
    password = profile.get("password") or PASSWORD
    return "\n".join(lines) + "\n", f'"{profile.get("user")}" * "{password}" *\n'.replace("\\", "\\\\")


def lac_for(link: Section, profile: Section, to: str) -> str:
    """A caller for a link that takes calls."""
    port = link.get("self").split(" ")[1:] or ["1701"]
    name = link.get("peer-hostname", "caller").replace("*", "x")
    lines = ["[link call]", "originate = yes", f"peer = {to} {port[0]}", f"hostname = {name}", "ppp = call", *secret_of(link)]
    if link.get("peer"):
        lines += ["self = " + ("198.51.100.10" if "/" in link.get("peer") else link.get("peer"))]
    lines += ["[ppp call]"]
    if profile.get("require"):
        lines += [f"user = {USER}", f"password = {PASSWORD}", f"auth = {profile.get('require')}"]
    return "\n".join(lines) + "\n"


def check(net: Net, lac: L2tpd, link: str) -> None:
    lac.open(link)
    (call,) = [s for s in lac.sessions() if s["link"] == link]
    assert ipaddress.ip_address(call["peer_ip"])
    lac.host.ping(call["peer_ip"], 1)
    assert lac.ctl("close", link).rc == 0


def server_links(net: Net, sample: Sample) -> int:
    """The sample is a server on lns. A link that also dials is tried in that way."""
    links = [link for link in sample.links("incoming") if "203.0.113.7" not in link.get("peer") and not link.yes("originate")]
    if not links:
        return 0
    lns = L2tpd(net.lns, sample.text)
    for link in links:
        lac = L2tpd(net.lac, lac_for(link, sample.profile(link), net.lns.addr))
        check(net, lac, "call")
        assert lac.stop() == 0
        lns.wait_idle()
    assert lns.stop() == 0
    return len(links)


def client_links(net: Net, sample: Sample) -> int:
    """The sample dials from lac."""
    links = sample.links("originate")
    if not links:
        return 0
    lac = L2tpd(net.lac, sample.text.replace("autostart = yes\n", ""))
    for link in links:
        conf, users = lns_for(link, sample.profile(link))
        net.lns.write("/etc/l2tpd/far-users", users)
        lns = L2tpd(net.lns, conf)
        check(net, lac, link.name)
        assert lns.stop() == 0
    assert lac.stop() == 0
    return len(links)


def names_are_known(net: Net) -> None:
    net.lac.write("/etc/hosts", "127.0.0.1 localhost\n" + "".join(f"{a} {n}\n" for n, a in NAMES.items()), 0o644)


@pytest.mark.long
@pytest.mark.kernel("6.12")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("of", ["xl2tpd", "mpd"])
def test_all_samples(make_net, of):
    net = make_net(with_addresses)
    names_are_known(net)
    if shutil.which("freeradius"):
        Radius(net.lns, user(USER, "Framed-IP-Address = 10.60.0.7", password=PASSWORD))
    carried = {}
    for folder in sorted((SAMPLES / of).iterdir()):
        name = f"{of}/{folder.name}"
        if folder.name in ("07-lac5", "08-repeater4"):
            continue
        sample = Sample(net.lac, name)
        if folder.name == "09-lan-to-lan":
            # where both ends log in, two pppds take the keys of MPPE from different logins
            sample.text = sample.text.replace("mppe = required\n", "")
            sample.sections = sections(sample.text)
        carried[name] = server_links(net, Sample(net.lns, name)) + client_links(net, sample)
    assert all(carried.values()), carried


@pytest.mark.kernel("6.12")
@pytest.mark.timeout(600)
def test_sample_that_forwards(make_net):
    """07-lac5: its tunnel switch. A caller on lac, the sample on lns, and lac again as the LNS behind it."""
    net = make_net(with_addresses)
    sample = Sample(net.lns, "mpd/07-lac5")
    switch = L2tpd(net.lns, sample.text.replace("peer = 198.51.100.3", "peer = 198.51.100.66"))
    far = L2tpd(net.lac, f"[link far]\nincoming = yes\nself = 198.51.100.66\nsecret = {SECRET}\nppp = far\n"
                "[ppp far]\naddress = 10.77.0.1\npool = 10.77.0.2-10.77.0.9\n", name="far", control=FAR)
    lac = L2tpd(net.lac, f"[link call]\noriginate = yes\npeer = {net.lns.addr}\nppp = call\n[ppp call]\n")
    lac.open("call")
    net.lac.ping("10.77.0.1", 1)
    wait_for(lambda: [s["datapath"] for s in switch.sessions()] == ["bridge", "bridge"], what="two joined sessions")
    assert lac.ctl("close", "call").rc == 0
    for daemon in (lac, far, switch):
        assert daemon.stop() == 0
