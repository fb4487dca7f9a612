# SPDX-License-Identifier: GPL-2.0-or-later
"""l2tpd-nm-auth-dialog, fed as nmcli and desktops feed it. L2TPD_NM_AUTH_DIALOG names the program."""
import configparser
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("L2TPD_NM_AUTH_DIALOG", str(ROOT / "build" / "l2tpd-nm-auth-dialog"))
SERVICE = "org.freedesktop.NetworkManager.l2tpd"

if not os.access(PROGRAM, os.X_OK):
    pytest.skip(f"no {PROGRAM}: build it or set L2TPD_NM_AUTH_DIALOG", allow_module_level=True)

DATA = {"gateway": "lns.example", "user": "alice", "password-flags": "1"}


def lines(kind, items):
    """As libnm writes them: each further line of a value begins with '='."""
    return "".join(f"{kind}_KEY={key}\n{kind}_VAL=" + "\n=".join(value.split("\n")) + "\n\n"
                   for key, value in items.items())


def run(*args, data=DATA, secrets=(), text=None, external=True):
    if text is None:
        text = lines("DATA", data) + lines("SECRET", dict(secrets)) + "DONE\nQUIT\n"
    command = [PROGRAM, "-u", "u-1", "-n", "My office", "-s", SERVICE, *args]
    if external:
        command.append("--external-ui-mode")
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=20)


def dialog(*args, **kwargs):
    r = run(*args, **kwargs)
    assert (r.returncode, r.stderr) == (0, "")
    parser = configparser.RawConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string(r.stdout)
    groups = {name: dict(parser[name]) for name in parser.sections()}
    assert list(groups)[0] == "VPN Plugin UI"
    head = groups.pop("VPN Plugin UI")
    assert head["Version"] == "2"
    return head, groups


def test_missing_password_is_asked():
    head, groups = dialog("-i")
    assert head["Title"] == "Connect to My office"
    assert head["Description"] == 'lns.example, user alice asks for the password of "My office".'
    assert groups == {"password": {"Value": "", "Label": "Password", "IsSecret": "true", "ShouldAsk": "true"}}


def test_without_interaction_nothing_is_asked():
    _, groups = dialog()
    assert groups["password"]["ShouldAsk"] == "false"


def test_known_password_is_passed_on():
    _, groups = dialog("-i", secrets={"password": " b\\s\ttop\n2"})
    assert groups == {"password": {"Value": "\\sb\\\\s\\ttop\\n2", "Label": "Password", "IsSecret": "true",
                                   "ShouldAsk": "false"}}


def test_reprompt_asks_for_a_known_password():
    _, groups = dialog("-i", "-r", secrets={"password": "old"})
    assert (groups["password"]["ShouldAsk"], groups["password"]["Value"]) == ("true", "")


def test_words_and_wish_of_the_plugin():
    head, groups = dialog("-i", "-t", "password", "-t", "x-vpn-message:lns refused it. Password:",
                          secrets={"password": "old", "l2tp-secret": "s"})
    assert head["Description"] == "lns refused it. Password:"
    assert (groups["password"]["ShouldAsk"], groups["password"]["Value"]) == ("true", "")
    assert (groups["l2tp-secret"]["ShouldAsk"], groups["l2tp-secret"]["Value"]) == ("false", "s")


def test_tunnel_secret():
    head, groups = dialog("-i", data={**DATA, "l2tp-secret-flags": "2"}, secrets={"password": "p"})
    assert groups["l2tp-secret"] == {"Value": "", "Label": "Tunnel secret", "IsSecret": "true", "ShouldAsk": "true"}
    assert "asks for the tunnel secret" in head["Description"]
    _, groups = dialog("-i", "-t", "l2tp-secret", secrets={"password": "p", "l2tp-secret": "old"})
    assert (groups["l2tp-secret"]["ShouldAsk"], groups["password"]["ShouldAsk"]) == ("true", "false")


@pytest.mark.parametrize("data", [
    {"gateway": "x"},                                          # nobody logs in
    {"gateway": "x", "user": "a", "password-flags": "4"},      # no password is needed
    {"gateway": "x", "user": "a", "ipsec-psk-flags": "1", "password-flags": "4"},
])
def test_nothing_to_ask(data):
    assert dialog("-i", data=data)[1] == {}


def test_lines_of_a_value():
    _, groups = dialog("-i", text="DATA_KEY=user\nDATA_VAL=a\n\nSECRET_KEY=password\nSECRET_VAL=one\n=two\n\nDONE\nQUIT\n")
    assert groups["password"]["Value"] == "one\\ntwo"


def test_end_without_done_is_an_error():
    r = run("-i", text="DATA_KEY=user\nDATA_VAL=a\n")
    assert r.returncode == 1 and "no profile on standard input" in r.stderr and r.stdout == ""


def test_without_external_ui():
    r = run("-i", external=False)
    assert r.returncode == 1 and r.stdout == "" and "nmcli --ask" in r.stderr
    r = run("-i", external=False, secrets={"password": "p", "l2tp-secret": "s"})
    assert (r.returncode, r.stdout) == (0, "password\np\nl2tp-secret\ns\n\n\n")


def test_usage():
    r = subprocess.run([PROGRAM, "-u", "x"], capture_output=True, text=True, timeout=20)
    assert r.returncode == 2 and "Usage" in r.stderr
    r = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=20)
    assert r.returncode == 0 and "Usage" in r.stdout
