# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of mpd 4 and 5 as they are used there, by the console, against l2tpd itself."""
import re

import pytest

from ctl_daemon import bad, good
from console_rig import ctl_in


# mpd.conf and mpd.links of mpd 4.4.1 as they are used there, and mpd 5's in one file.
SAMPLE_CLIENT = ("""\
client:
\tnew -i ng0 vpn l2tp0
\tset iface route 10.0.0.0/8
\tset auth authname "u"
\tset auth password "p"
\tset link max-redial 0
\tset link keep-alive 20 75
\tset ipcp ranges 0.0.0.0/0 0.0.0.0/0
\tset bundle no noretry
\topen
""", """\
l2tp0:
\tset phys type l2tp
\tset l2tp enable originate hidden
\tset l2tp disable incoming
\tset l2tp peer 127.0.0.1 9
\tset l2tp hostname lac1
\tset l2tp secret s3cret
""")

SAMPLE_SERVER = ("""\
default:
\tload c1
\tload c2

c1:
\tnew -i ng1 l2tp1 l2tp1
\tset ipcp ranges 10.0.0.1/32 10.0.0.101/32
\tload std

c2:
\tnew -i ng2 l2tp2 l2tp2
\tset ipcp ranges 10.0.0.1/32 10.0.0.102/32
\tload std

std:
\tset link no pap chap
\tset link enable chap
""", """\
l2tp1:
\tset phys type l2tp
\tset l2tp self 127.0.0.1 27019
\tset l2tp secret s3cret
\tset l2tp enable incoming
\tset l2tp disable originate

l2tp2:
\tset phys type l2tp
\tset l2tp self 127.0.0.1 27019
\tset l2tp secret s3cret
\tset l2tp enable incoming
\tset l2tp disable originate
""")

SAMPLE_MPD5 = """\
l2tp_server:
# Define dynamic IP addresses pool.
\tset ippool add pool1 192.168.1.50 192.168.1.99

\tcreate bundle template B
\tset iface enable proxy-arp
\tset ipcp ranges 192.168.1.1/32 ippool pool1

\tcreate link template L l2tp
# Set bundle template to use
\tset link action bundle B
\tset link enable multilink
\tset link no pap chap eap
\tset link enable chap
\tset link keep-alive 10 60
\tset link mtu 1460
\tset l2tp self 127.0.0.1 27020
\tset link enable incoming
"""

SAMPLE_DIAL = ("dial:\n\tnew -i ng5 dial out1\n\topen\n", """\
out1:
\tset phys type l2tp
\tset l2tp peer 127.0.0.1 9
\tset l2tp callednum 5551212
\tset l2tp callingnum 5550000
\tset l2tp enable originate outcall
""")


@pytest.mark.parametrize("sample,label,links", [
    (SAMPLE_CLIENT, "client", {"l2tp0": {
        "peer": "127.0.0.1 9", "hostname": "lac1", "secret": "******", "originate": "yes",
        "hidden": "yes", "incoming": "no", "max-redial": "0"}}),
    (SAMPLE_SERVER, None, {
        "l2tp1": {"self": "127.0.0.1 27019", "incoming": "yes", "secret": "******"},
        "l2tp2": {"self": "127.0.0.1 27019", "incoming": "yes", "secret": "******"}}),
    (SAMPLE_MPD5, "l2tp_server", {"L": {"self": "127.0.0.1 27020", "incoming": "yes"}}),
    (SAMPLE_DIAL, "dial", {"out1": {"callednum": "5551212", "callingnum": "5550000",
                                    "outcall": "yes"}}),
])
def test_real_mpd_samples(real, tmp_path, sample, label, links):
    conf = tmp_path / "mpd.conf"
    if isinstance(sample, tuple):
        (tmp_path / "mpd.links").write_text(sample[1])
        sample = sample[0]
    conf.write_text(sample)
    out, err = ctl_in(real, "", "--no-wait", "console", str(conf), *([label] if label else []))
    # every line that does nothing is told, once, with its place
    for line in err.splitlines():
        assert re.match(rf"{conf}:\d+: warning: '", line), line
    foreign = len(re.findall(r"\tset (?:iface|auth|ipcp|ippool|bundle|link (?!max-r|enable inc))",
                             sample))
    assert err.count("\n") >= foreign
    for name, options in links.items():
        assert f"{name}: made;" in out
        have = real.options(name)
        assert {key: have[key] for key in options} == options
    if "\topen" in sample:
        assert f"{list(links)[0]}: opening\n" in out
        good("close", list(links)[0], daemon=real)
    # an entry of mpd.links alone makes its link, too, or sets that which is there
    if label in ("client", "dial"):
        ctl_in(real, "", "console", str(tmp_path / "mpd.links"), list(links)[0])


MPD5_TEMPLATE = """\
default :
\tcreate bundle template B
\tset iface route default
\tcreate link template L l2tp
\tset link action bundle B
\tset link max-redial 0
\tset l2tp secret s3cret
\tset l2tp enable hidden
\tcreate link static one L
\tset l2tp peer 127.0.0.1 9
\topen
\tcreate link static two L
\tset l2tp peer 127.0.0.1 10
\tset l2tp disable hidden
\topen link
"""


def test_real_mpd5_template(real, tmp_path):
    """Links copied from a template, and opened without "originate", which mpd 5 has not."""
    conf = tmp_path / "mpd.conf"
    conf.write_text(MPD5_TEMPLATE)
    out, err = ctl_in(real, "", "--no-wait", "console", str(conf))
    assert err.count("\n") == err.count("warning: ") == 3
    for name, port, hidden in (("one", 9, "yes"), ("two", 10, "no")):
        assert f"{name}: made;" in out and f"{name}: opening\n" in out
        have = real.options(name)
        assert {key: have[key] for key in ("peer", "secret", "hidden", "originate", "max-redial")} \
            == {"peer": f"127.0.0.1 {port}", "secret": "******", "hidden": hidden,
                "originate": "yes", "max-redial": "0"}
        good("close", name, daemon=real)
    assert real.options("L")["originate"] == "no"
    says = bad(1, "create", "link", "static", "three", "nowhere", daemon=real)
    assert says == '"nowhere" is neither l2tp, the only type of links, nor a link to copy'


def test_real_open_without_originate(real, tmp_path):
    """mpd 4 refuses, too; the line that is missing is named."""
    path = tmp_path / "mpd.links"
    path.write_text("l2tp7:\n\tset phys type l2tp\n\tset l2tp peer 192.0.2.9\n\topen\n")
    assert ctl_in(real, "", "console", str(path), code=1)[1] == (
        f"{path}:4: 'open': link l2tp7 may not be opened: 'set l2tp enable originate' is missing "
        "before it (or 'originate = yes' in [link l2tp7])\n")
    # without a peer there is nothing to dial
    path.write_text("x:\n\tcreate link static l2tp8 l2tp\n\topen\n")
    assert ctl_in(real, "", "console", str(path), code=1)[1] == (
        f"{path}:3: link l2tp8: originate: there is no peer to dial\n")


def test_real_mpd_files_in_one(real):
    text = SAMPLE_DIAL[0] + SAMPLE_DIAL[1]
    out, _ = ctl_in(real, text, "--no-wait", "console", "-", "dial")
    assert "out1: made;" in out and "out1: opening\n" in out
    assert real.options("out1")["callednum"] == "5551212"
    good("close", "out1", daemon=real)


def test_real_mpd_links_makes_its_link(real, tmp_path):
    path = tmp_path / "mpd.links"
    path.write_text("l2tp9:\n\tset phys type l2tp\n\tset l2tp peer 192.0.2.9\n")
    assert "l2tp9: made" in ctl_in(real, "", "console", str(path), "l2tp9")[0]
    assert real.options("l2tp9")["peer"] == "192.0.2.9"
    path.write_text("l2tp8:\n\tset l2tp peer 192.0.2.9\n")
    assert ctl_in(real, "", "console", str(path), "l2tp8", code=1)[1].startswith(
        f"{path}:2: no link is selected")
    path.write_text("l2tp9:\n\tset phys type modem\n")
    assert ctl_in(real, "", "console", str(path), "l2tp9", code=1)[1] == \
        f"{path}:2: link l2tp9: type: 'modem' is not 'l2tp'\n"
