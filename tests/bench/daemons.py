"""Both daemons as a careful administrator would run them: no debug output, the same PPP."""

from lablib import Host, Process, wait_for
from peers import (OUR_LNS_PPP, PASSWORD, SECRET, USER, XL2TPD_LNS_PPP, L2tpd, Xl2tpd, link_conf,
                   lns_conf)

MTU = 1400
SAME_MTU = (f"mtu = {MTU}", f"mru = {MTU}")
# What l2tpd gives every pppd (src/daemon/attach/ppp.c), so that the peer's pppd has no other work to do.
# Options of serial lines are missing: xl2tpd loads pppol2tp.so before, and they are unknown then.
PPPD_OPTIONS = ["noproxyarp", "nodefaultroute", "nopcomp", "noaccomp", "noccp", "novj",
                "default-asyncmap", f"mtu {MTU}", f"mru {MTU}", "noipv6", "lcp-echo-interval 20",
                "lcp-echo-failure 4", "refuse-eap"]


class QuietXl2tpd(Xl2tpd):
    """xl2tpd without the debug output the acceptance cases want, as role "lns" or "lac"."""

    def __init__(self, host: Host, role: str, peer: str = "", userspace: bool = False):
        conf = ["[global]", f"listen-addr = {host.addr}", "port = 1701",
                "auth file = /etc/xl2tpd/bench-secrets",
                f"force userspace = {'yes' if userspace else 'no'}"]
        options = list(PPPD_OPTIONS)
        if role == "lns":
            conf += ["[lns default]", "ip range = 10.98.0.10 - 10.98.3.250",
                     f"local ip = {XL2TPD_LNS_PPP}", "name = xlns", "hostname = xlns",
                     "require chap = yes", "refuse pap = yes", "require authentication = yes"]
        else:
            conf += ["[lac office]", f"lns = {peer}", f"name = {USER}", "hostname = xlac",
                     "require authentication = no"]
            options += ["noauth", f"user {USER}", f"password {PASSWORD}", "noipdefault",
                        "ipcp-accept-local", "ipcp-accept-remote"]
        conf += ["challenge = yes", "pppoptfile = /etc/xl2tpd/bench-options"]
        host.write("/etc/xl2tpd/bench.conf", "\n".join(conf) + "\n")
        host.write("/etc/xl2tpd/bench-options", "\n".join(options) + "\n")
        host.write("/etc/xl2tpd/bench-secrets", f"* * {SECRET}\n")
        host.write("/etc/ppp/chap-secrets", f"{USER} * {PASSWORD} *\n")
        Process.__init__(self, host, "xl2tpd", [
            "xl2tpd", "-D", "-c", "/etc/xl2tpd/bench.conf", "-s", "/etc/xl2tpd/bench-secrets",
            "-p", "/run/xl2tpd/pid", "-C", "/run/xl2tpd/control"])

    def wait_ready(self) -> None:
        wait_for(lambda: self.host.path("/run/xl2tpd/control").exists(), what="xl2tpd listens")

    def dial(self) -> None:
        """Until it does: it refuses while it still ends the call before."""
        wait_for(lambda: "already active" not in self.host.run(
            "xl2tpd-control", "-c", "/run/xl2tpd/control", "connect-lac", "office",
            check=False).stdout, what="xl2tpd dials")


def start_lns(kind: str, host: Host) -> Process:
    """kind: one of both daemons, or "relay", "userspace": not with the kernel's data path.

    Call wait_ready() on it.
    """
    if kind in ("xl2tpd", "userspace"):
        return QuietXl2tpd(host, "lns", userspace=kind == "userspace")
    length = f"length = {'yes' if kind == 'relay' else 'no'}"
    return L2tpd(host, lns_conf(host.addr, "dataseq = no", length, pool="10.99.0.10-10.99.3.250",
                                ppp=SAME_MTU), wait=False)


def start_lac(kind: str, host: Host, peer: str, links: dict[str, str]) -> Process:
    """links: hostname for each; xl2tpd has but one link. Call wait_ready() on it."""
    if kind == "xl2tpd":
        return QuietXl2tpd(host, "lac", peer)
    conf = "\n".join(link_conf(name, peer, "dataseq = no", "linger = 1", f"hostname = {hostname}")
                     for name, hostname in links.items())
    ppp = [f"user = {USER}", f"password = {PASSWORD}", *SAME_MTU]
    return L2tpd(host, conf + "\n[ppp client]\n" + "\n".join(ppp) + "\n", wait=False)


def lns_ppp_address(kind: str) -> str:
    return XL2TPD_LNS_PPP if kind in ("xl2tpd", "userspace") else OUR_LNS_PPP
