"""A desktop: NetworkManager on its bus, on a host of the test network, with l2tpd's service and NetworkManager-l2tp's."""

import os
import pty
import re
import select
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from lablib import BUILD, Host, Process, cpu_seconds, wait_for

OWN, COMPAT = "org.freedesktop.NetworkManager.l2tpd", "org.freedesktop.NetworkManager.l2tp"
BUS = "/run/dbus/system_bus_socket"
PROFILES = "/etc/NetworkManager/system-connections"

NM_CONF = """
[main]
plugins=keyfile
auth-polkit=root-only
dhcp=internal
dns=none
rc-manager=unmanaged
no-auto-default=*
configure-and-quit=no
[keyfile]
path=/etc/NetworkManager/system-connections
unmanaged-devices=*,except:interface-name:eth*
[connectivity]
enabled=false
[logging]
level=INFO
domains=VPN:TRACE,VPN_PLUGIN:TRACE,AGENTS:DEBUG
"""

BASE = """
[connection]
id={dev}
uuid=00000000-0000-0000-0000-0000000000{number:02x}
type=ethernet
interface-name={dev}
[ipv4]
method=manual
address1={addr}/24
gateway={gateway}
[ipv6]
method=link-local
"""

# Without udev: NetworkManager asks for it unless /sys is read-only. Its state is this case's alone.
SETUP = """
B=/bin/busybox
$B mount -o remount,ro /sys
$B mkdir -p /run/dbus /run/NetworkManager /var/lib/NetworkManager
$B mount -t tmpfs tmpfs /var/lib/NetworkManager
$B mkdir -p /etc/NetworkManager/VPN /etc/dbus-1/system.d
$B rm -rf /etc/NetworkManager/conf.d /etc/NetworkManager/system-connections
$B mkdir -p -m 700 /etc/NetworkManager/system-connections
# what the bus would start for NetworkManager (its dispatcher) takes longer than a call
$B mount -t tmpfs tmpfs /usr/share/dbus-1/system-services
ip addr flush dev eth0
"""

LEAVE = """
rm -rf /run/dbus /run/NetworkManager /run/nm-l2tp-*
ip link show eth0 >/dev/null 2>&1 || exit 0
ip addr flush dev eth0
ip route flush dev eth0
{addrs}
"""


@dataclass
class Active:
    """A VPN as nmcli shows it."""
    state: str          # activating, activated, deactivating; empty: not active
    path: str           # of the active connection: the same one after a redial
    routes: list[str]
    dns: list[str]
    address: str
    address6: str


class Desktop:
    """NetworkManager with a connected eth0, and the files of l2tpd that it reads."""

    def __init__(self, host: Host, gateway: str):
        if not Path("/usr/sbin/NetworkManager").exists():
            pytest.skip("no NetworkManager: tests/setup lab")
        self.host = host
        self.devs = {"eth0": (host.addr, gateway)}
        self.numbers = 1
        self.compat: Process | None = None
        self.baseline = host.baseline
        self.before = host.run("ip", "-br", "addr", "show", "dev", "eth0").stdout.split()[2:]
        host.script(SETUP)
        self._install()
        host.net.track(self)
        self.add_base("eth0", host.addr, gateway)
        self.bus = host.popen("dbus", "dbus-daemon", "--system", "--nofork", "--nopidfile")
        wait_for(lambda: host.path(BUS).exists(), what="the bus is there")
        self.cgroup = self._cgroup()
        self.start()
        host.remember()     # with the routes as NetworkManager sets them

    def _install(self) -> None:
        """What data/meson.build installs, with the programs of this build."""
        data = Path(__file__).resolve().parents[3] / "data"
        name_file = (data / "nm-l2tpd-service.name").read_text().replace("@libexecdir@", str(BUILD))
        self.host.write("/etc/NetworkManager/VPN/nm-l2tpd-service.name", name_file, 0o644)
        policy = "org.freedesktop.NetworkManager.l2tpd.conf"
        self.host.write(f"/etc/dbus-1/system.d/{policy}", (data / policy).read_text(), 0o644)
        self.host.write("/etc/NetworkManager/NetworkManager.conf", NM_CONF, 0o644)

    def _cgroup(self) -> Path | None:
        path = Path("/sys/fs/cgroup/l2tpd-desktop")
        try:
            path.mkdir(exist_ok=True)
            (path / "cgroup.procs").write_text(str(self.bus.pid))
        except OSError:
            return None
        return path

    def adopt(self, pid: int) -> None:
        """Its processor time and that of its children counts, too."""
        if self.cgroup:
            (self.cgroup / "cgroup.procs").write_text(str(pid))

    def cpu(self) -> float:
        """Seconds of processor time of all that a connection needs, but nmcli."""
        usage = (self.cgroup / "cpu.stat").read_text()
        return int(re.search(r"usage_usec (\d+)", usage)[1]) / 1e6

    def start(self) -> None:
        self.nm = self.host.popen("NetworkManager", "NetworkManager", "--debug")
        self.adopt(self.nm.pid)
        for dev in self.devs:
            self.wait_device(dev)

    def wait_device(self, dev: str) -> None:
        wait_for(lambda: self.nmcli("-g", "GENERAL.STATE", "device", "show", dev).startswith("100"),
                 what=f"NetworkManager has connected {dev}")

    def add_base(self, dev: str, addr: str, gateway: str) -> None:
        self.devs[dev] = (addr, gateway)
        self.numbers += 1
        self.host.write(f"{PROFILES}/{dev}.nmconnection",
                        BASE.format(dev=dev, addr=addr, gateway=gateway, number=self.numbers))

    def run_compat(self) -> None:
        """l2tpd-nm-l2tp.service, without systemd."""
        self.compat = self.host.popen("l2tpd-nm-l2tp", str(BUILD / "l2tpd-nm"), "--bus-name", COMPAT,
                                      "--persist")
        self.adopt(self.compat.pid)
        wait_for(lambda: self.has_owner(COMPAT), what="the compatible service is on the bus")

    def has_owner(self, name: str) -> bool:
        bus = "org.freedesktop.DBus"
        return "true" in self.host.run("busctl", "--system", "call", bus, "/org/freedesktop/DBus", bus,
                                       "NameHasOwner", "s", name).stdout

    def add(self, name: str, data: dict[str, str], secrets: dict[str, str] | None = None,
            service: str = OWN, vpn: str = "", ipv4: str = "", ipv6: str = "method=disabled") -> str:
        """A profile as a file, as a person's saved one; its UUID."""
        self.numbers += 1
        uuid = f"00000000-0000-0000-0000-0000000000{self.numbers:02x}"
        lines = ["[connection]", f"id={name}", f"uuid={uuid}", "type=vpn", "autoconnect=false",
                 "[vpn]", f"service-type={service}", vpn, *(f"{k}={v}" for k, v in data.items())]
        if secrets:
            lines += ["[vpn-secrets]", *(f"{k}={v}" for k, v in secrets.items())]
        lines += ["[ipv4]", "method=auto", ipv4, "[ipv6]", ipv6]
        self.host.write(f"{PROFILES}/{name}.nmconnection", "\n".join(lines) + "\n")
        self.nmcli("connection", "load", f"{PROFILES}/{name}.nmconnection")
        return uuid

    def nmcli(self, *args: str) -> str:
        return self.host.run("nmcli", *args).stdout.strip()

    def up(self, name: str, *args: str) -> None:
        done = self.try_up(name, *args)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{self.nm.log()[-3000:]}"

    def try_up(self, name: str, *args: str) -> subprocess.CompletedProcess:
        return self.host.run("nmcli", "connection", "up", name, *args, check=False, timeout=150)

    def down(self, name: str) -> None:
        self.nmcli("connection", "down", name)

    def active(self, name: str) -> Active:
        fields = "GENERAL.STATE,GENERAL.DBUS-PATH,IP4.ROUTE,IP4.DNS,IP4.ADDRESS,IP6.ADDRESS"
        done = self.host.run("nmcli", "-t", "-f", fields, "connection", "show", "--active", name, check=False)
        found: dict[str, list[str]] = {}
        for line in done.stdout.splitlines():
            key, _, value = line.partition(":")
            found.setdefault(key.split("[")[0], []).append(value)
        one = {k: v[0] for k, v in found.items()}
        return Active(one.get("GENERAL.STATE", ""), one.get("GENERAL.DBUS-PATH", ""), found.get("IP4.ROUTE", []),
                      found.get("IP4.DNS", []), one.get("IP4.ADDRESS", ""),
                      one.get("IP6.ADDRESS", "").replace("\\", ""))

    def wait_state(self, name: str, state: str, deadline: float = 120) -> Active:
        def check() -> Active | None:
            now = self.active(name)
            return now if now.state == state else None
        return wait_for(check, deadline, f"{name} is {state or 'down'} ({self.active(name).state or 'down'})")

    def plugins(self) -> dict[int, str]:
        return {pid: cmd for pid, cmd in self.host.processes().items()
                if "l2tpd-nm" in cmd.split(" ")[0] and COMPAT + " " not in cmd + " "}

    def times(self) -> list[float]:
        """From the order to activated, of all VPN connections so far, by NetworkManager's own log."""
        spans, begun = [], {}
        for line in self.nm.log().splitlines():
            stamp = re.search(r"\[(\d+\.\d+)\] vpn\[(\S+?),", line)
            if not stamp:
                continue
            when, which = float(stamp[1]), stamp[2]
            if ": starting " in line:
                begun[which] = when
            elif "set state: activated" in line and which in begun:
                spans.append(when - begun.pop(which))
        return spans

    def kill(self) -> None:
        """kill -9 of NetworkManager."""
        self.nm.kill()

    def finish(self) -> list[str]:
        bad = []
        for process in (self.compat, self.nm, self.bus):
            if process:
                bad += process.finish()
        self.host.baseline = self.baseline
        addrs = "\n".join(f"ip addr add {a} dev eth0" for a in self.before if not a.startswith("fe80"))
        self.host.script(LEAVE.format(addrs=addrs))
        return bad


class Terminal:
    """nmcli --ask, with somebody at the keyboard."""

    def __init__(self, desktop: Desktop, *args: str):
        ours, theirs = pty.openpty()
        self.fd, self.text = ours, ""
        self.proc = subprocess.Popen(desktop.host.enter(["nmcli", "--ask", *args]), stdin=theirs,
                                     stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)

    def _read(self) -> bool:
        ready, _, _ = select.select([self.fd], [], [], 0.2)
        try:
            data = os.read(self.fd, 4096) if ready else b""
        except OSError:     # the other end is closed
            return False
        self.text += data.decode(errors="replace")
        return bool(data) or self.proc.poll() is None

    def expect(self, words: str, deadline: float = 90) -> None:
        """Wait for words in what was printed since the last time."""
        end = time.monotonic() + deadline
        while words not in self.text:
            assert time.monotonic() < end and self._read(), f"no {words!r} in: {self.text}"
        self.text = self.text.partition(words)[2]

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode() + b"\n")

    def end(self) -> int:
        while self._read():
            pass
        os.close(self.fd)
        return self.proc.wait(60)
