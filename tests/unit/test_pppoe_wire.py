"""A bare access concentrator (tests/lab/pppoe_ac) and many clients (tests/lab/pppoe_load) on the two ends of a cable, in a network of
their own: the discovery code over real sockets. No kernel with PPP is needed; without the right to make a network the tests are skipped."""

import json
import os
import subprocess

import pytest

MAY = ["unshare", "--net"]
if subprocess.run([*MAY, "ip", "link", "add", "a0", "type", "veth", "peer", "name", "b0"], capture_output=True).returncode:
    pytest.skip("no right to make networks here", allow_module_level=True)

SCRIPT = """
set -e
ip link add a0 type veth peer name b0
ip link set a0 up
ip link set b0 up
"$PPPOE_AC" a0 rate $RATE "$@" >"$DIR/ac" 2>&1 &
ac=$!
while ! grep -q listening "$DIR/ac"; do kill -0 $ac; done
"$PPPOE_LOAD" b0 $WHAT >"$DIR/load" 2>"$DIR/told" || true
kill $ac
wait $ac
"""


def run(tmp_path, what: str, rate: int = 0, refuse: str = "") -> tuple[dict, dict, str]:
    env = {**os.environ, "DIR": str(tmp_path), "RATE": str(rate), "WHAT": what}
    done = subprocess.run([*MAY, "sh", "-c", SCRIPT, "sh", *(["refuse", refuse] if refuse else [])], env=env, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr + (tmp_path / "ac").read_text()
    load = json.loads((tmp_path / "load").read_text().splitlines()[-1])
    assert load["done"]
    return load, json.loads((tmp_path / "ac").read_text().splitlines()[-1]), (tmp_path / "told").read_text()


def test_hundreds_of_calls(tmp_path):
    load, ac, _ = run(tmp_path, "clients 500 rate 500 hold 0")
    assert load["up"] == 500
    assert ac["pads"] == 500 and ac["padr"] >= 500
    assert ac["bad_cookie"] == ac["malformed"] == ac["refused"] == 0
    assert ac["padt"] == 500 and ac["sessions"] == 0


def test_a_refusal_reaches_the_client(tmp_path):
    load, ac, told = run(tmp_path, "clients 3 rate 100 hold 0", refuse="the LNS is busy")
    assert load["refused"] == 3 and load["up"] == 0
    assert "told: the LNS is busy" in told
    assert ac["refused"] == 3 and ac["sessions"] == 0


def test_who_was_refused_has_to_wait(tmp_path):
    """Clients that call again at once, as rp-pppoe does, are not heard for a second; these repeat their PADI after three."""
    load, ac, _ = run(tmp_path, "clients 1 rate 100 hold 4 redial 0.01", refuse="no")
    assert 2 <= ac["refused"] <= load["t"] + 1
    assert ac["held"] >= 1


def test_flood(tmp_path):
    """Calls are made while PADIs of random addresses come in, and nothing is left of those."""
    load, ac, _ = run(tmp_path, "clients 20 rate 20 flood 5000 hold 1")
    assert load["up"] == 20
    assert load["flood_padi"] > 5000
    assert ac["pado"] >= 0.9 * load["flood_padi"]
    assert ac["sessions"] == 0 and ac["pads"] == 20


def test_rate(tmp_path):
    load, ac, _ = run(tmp_path, "clients 1 rate 1 flood 5000 hold 1", rate=100)
    assert ac["limited"] > ac["pado"]
    assert ac["pado"] <= 100 * (load["t"] + 3)
