"""Programs that test one part on a real kernel: the Linux layer, the plugin in real pppds."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lablib import BUILD


LAB = Path(__file__).resolve().parent.parent


def passes(*cmd: str) -> None:
    done = subprocess.run(cmd, text=True, capture_output=True, timeout=280,
                          env={**os.environ, "L2TPD_BUILD": str(BUILD)})
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_linux_layer():
    passes(str(BUILD / "tests/lab/linux_selftest"))


def test_pppoe_and_channels():
    passes(str(BUILD / "tests/lab/pppoe_selftest"))


def test_lac_ppp_and_pppd():
    passes(str(BUILD / "tests/lab/ppp_selftest"))


def test_pppd():
    passes(str(BUILD / "tests/lab/pppd_selftest"))


def test_plugin_in_pppd():
    passes(sys.executable, str(LAB / "plugin_selftest.py"))


def test_plugin_over_l2tp():
    passes(sys.executable, str(LAB / "plugin_l2tp_selftest.py"))


LOGIN = """
auth
require-%s
user server
name server
noaccomp
nopcomp
noccp
noipv6
lcp-echo-interval 0
192.0.2.1:192.0.2.2
"""

LOAD = """
set -e
ip link set lo up
ip link add a0 type veth peer name b0
ip link set a0 up
ip link set b0 up
mount -t tmpfs tmpfs /etc/ppp
echo '* * "s3cret" *' >/etc/ppp/pap-secrets
echo '* * "s3cret" *' >/etc/ppp/chap-secrets
chmod 600 /etc/ppp/*-secrets
: >/etc/ppp/options
printf '%s' "$LOGIN" >/etc/ppp/login
"$L2TPD_BUILD/tests/lab/pppoe_ac" a0 pppd /etc/ppp/login >/etc/ppp/ac 2>&1 &
ac=$!
while ! grep -q listening /etc/ppp/ac; do kill -0 $ac; done
"$L2TPD_BUILD/tests/lab/pppoe_load" b0 clients 4 rate 2 login "user%u:$PASSWORD" hold 0 || true
kill $ac
wait $ac
"""


@pytest.mark.parametrize("login", ["pap", "chap"])
@pytest.mark.parametrize("good", [True, False], ids=["right", "wrong"])
def test_pppoe_clients_of_the_load_generator(login, good):
    """Its PPP gets up against pppd, and not with a wrong password."""
    env = {**os.environ, "L2TPD_BUILD": str(BUILD), "LOGIN": LOGIN % login, "PASSWORD": "s3cret" if good else "wrong"}
    done = subprocess.run(["unshare", "--net", "--mount", "sh", "-c", LOAD], text=True, capture_output=True, timeout=280, env=env)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["up"], last["ended"]) == ((4, 0) if good else (0, 4)), done.stdout[-2000:]
