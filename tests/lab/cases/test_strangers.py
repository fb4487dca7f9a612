"""Peers that keep to the protocol and want to keep others out: who is honest gets in meanwhile."""

import json
import re
import socket
import subprocess
import time
from pathlib import Path

import pytest

from lablib import BUILD, LONG, Net, fd_count, memory, wait_for, with_stranger
from peers import CONTROL, OUR_LNS_PPP, L2tpd, lac_conf, link_conf, lns_conf

STRANGERS = str(BUILD / "tests/lab/strangers")
NETWORKS = 250
HONEST = [f"honest{n}" for n in range(10)]
STARTING = 16                       # max-starting
LINES_A_MINUTE = 100
MEMORY_BOUND = 16384                # KiB: 1000 tunnels without calls, and as many that end
SECONDS = 120 if LONG else 15
# mode of the program, so many a second; the short form shares two emulated processors with other guests, where more would fill the
# receive queue of the socket before anybody reads it
FLOODS = {"request": 1000, "leave": 200, "silent": 4, "churn": 200} if LONG else {"request": 200, "leave": 50, "silent": 2, "churn": 50}


def with_strangers(net: Net) -> Net:
    """The same, and any address of 10.200.0.0/16 is the stranger's."""
    with_stranger(net)
    net.stranger.script("ip route add local 10.200.0.0/16 dev lo")
    net.lns.script("ip route add 10.200.0.0/16 via 198.51.100.1")
    return net.ready()


def flood(net: Net, mode: str, rate: int, seconds: int, networks: int = NETWORKS):
    return net.stranger.popen(f"strangers-{mode}", STRANGERS, mode, str(rate), str(seconds),
                              str(networks), net.lns.addr)


def figures(process) -> list[int]:
    """Requests, tunnels and calls of a flood that is over."""
    found = re.search(r"(\d+) requests, (\d+) tunnels, (\d+) calls", process.log())
    assert found, process.log()
    return [int(n) for n in found.groups()]


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_floods(make_net):
    """Ten honest clients log in during each flood, a call that is up loses nothing."""
    net = make_net(with_strangers)
    lns = L2tpd(net.lns, lns_conf("0.0.0.0", f"max-starting = {STARTING}", secret=""))
    # a tunnel each
    conf = lac_conf(net.lns.addr, name="held", secret="") + "".join(
        link_conf(name, net.lns.addr, f"hostname = {name}", secret="") for name in HONEST)
    lac = L2tpd(net.lac, conf)
    lac.open("held")
    (held,) = lac.sessions()
    monitor = lac.monitor()
    ping = net.lac.popen("ping", "ping", "-n", "-i", "0.5", OUR_LNS_PPP)
    said = {}
    for mode, rate in FLOODS.items():
        lines, before, since = len(lns.log().splitlines()), memory(lns.pid), time.monotonic()
        process = flood(net, mode, rate, SECONDS)
        wait_for(lambda: lns.ctl("show", "tunnels", "count").rc == 0, what="the daemon answers")
        lac.open_many(HONEST)       # each at its first try: a dial is not repeated
        # those that gave way take a moment to end; one is ready-made, one the call that is held
        assert len(net.lns.pppds()) <= 2 * STARTING + len(HONEST) + 2
        wait_for(lambda: not process.running(), SECONDS * 5, f"the flood '{mode}' is over")
        for name in HONEST:
            assert lac.ctl("close", name).rc == 0
        assert [s["id"] for s in lac.sessions() if s["link"] == "held"] == [held["id"]]
        minutes = (time.monotonic() - since) / 60
        more = len(lns.log().splitlines()) - lines
        grown = memory(lns.pid)["Pss"] - before["Pss"]
        said[mode] = {"flood": figures(process), "log lines": more, "minutes": minutes,
                      "grown KiB": grown}
        # what honest calls say is beside that
        assert more < LINES_A_MINUTE * max(minutes, 1) + 10 * len(HONEST), said
        assert grown < MEMORY_BOUND, said
    (net.results / "figures.json").write_text(json.dumps(said, indent=1) + "\n")
    gave_way = lns.ask("GetCounters")["counters"]["gave_way"]
    assert not LONG or gave_way["starting"] > 0, gave_way
    assert "under attack: " in lns.log() or not LONG
    assert not [e for e in monitor.events if e["event"] == "session-down"
                and e["session"] == held["id"]]
    ping.stop()
    net.lac.ping(OUR_LNS_PPP)


def connections(daemon: L2tpd, count: int) -> list[socket.socket]:
    path = f"/proc/{daemon.pid}/root{CONTROL}"
    found = []
    for _ in range(count):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.connect(path)
        found.append(client)
    return found


CAPABILITIES = Path(__file__).parents[3] / "data" / "l2tpd.service"


def bounding_set() -> str:
    """The capabilities of the unit, as setpriv wants them."""
    names = re.findall(r"^CapabilityBoundingSet=(.*)$", CAPABILITIES.read_text(), re.M)
    return ",".join(["-all"] + ["+" + name.removeprefix("CAP_").lower()
                                for line in names for name in line.split()])


@pytest.mark.kernel("6.12")
def test_few_descriptors(make_net):
    """64 descriptors, and the capabilities of the unit: it says so, goes on, and serves again."""
    net = make_net(with_strangers)
    lns = L2tpd(net.lns, lns_conf("0.0.0.0", secret=""),
                under=("prlimit", "--nofile=64", "setpriv", f"--bounding-set={bounding_set()}"))
    lac = L2tpd(net.lac, lac_conf(net.lns.addr, secret=""))
    assert "this process may have 64 open files (RLIMIT_NOFILE)" in lns.log()
    clients = connections(lns, 100)
    process = flood(net, "leave", 20, 5, 20)
    wait_for(lambda: not process.running(), 60, "the flood is over")
    assert lns.running()
    for client in clients:
        client.close()
    wait_for(lambda: lns.ctl("show", "version").rc == 0, 60, "the daemon answers again")
    wait_for(lambda: lac.ctl("open", "office").rc == 0, 120, "a call")
    net.lac.ping(OUR_LNS_PPP)
    assert lac.ctl("close", "office").rc == 0
    lns.wait_idle(120)
    assert fd_count(lns.pid) < 64


@pytest.mark.kernel("6.12")
def test_few_processes(make_net):
    """No process for a pppd: the call fails alone and says why, and the next one works."""
    net = make_net(with_stranger)
    group = Path("/tmp/lab-cgroup")
    group.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "cgroup2", "none", str(group)], check=True)
    try:
        (group / "cgroup.subtree_control").write_text("+pids")
        inner = group / "l2tpd"
        inner.mkdir(exist_ok=True)
        lns = L2tpd(net.lns, lns_conf("0.0.0.0", secret=""), daemon={"pppd-ready": "no"})
        (inner / "cgroup.procs").write_text(str(lns.pid))
        tasks = len(list(Path(f"/proc/{lns.pid}/task").iterdir()))
        (inner / "pids.max").write_text(str(tasks))
        lac = L2tpd(net.lac, lac_conf(net.lns.addr, secret=""))
        refused = lac.ctl("open", "office")
        assert refused.rc == 1
        assert "cannot start" in lns.log() and lns.running()
        (inner / "pids.max").write_text("max")
        lac.open("office")
        net.lac.ping(OUR_LNS_PPP)
        assert lac.ctl("close", "office").rc == 0
        lns.wait_idle()
        lns.stop()
        wait_for(lambda: not (inner / "cgroup.procs").read_text().split(), 30, "an empty group")
        inner.rmdir()
    finally:
        subprocess.run(["umount", str(group)], check=False)
