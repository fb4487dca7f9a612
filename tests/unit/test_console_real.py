# SPDX-License-Identifier: GPL-2.0-or-later
"""Options at run time and the console against l2tpd itself."""
import json
import os
import re
import subprocess

import pytest

from ctl_daemon import TIMEOUT, bad, good
from console_rig import L2TPD, SECRET, ctl_in


def test_real_set(real):
    words = ("link", "office", "set", "l2tp")
    assert good(*words, "peer", "192.0.2.7", "1702", daemon=real) == ""
    assert good(*words, "enable", "hidden", "originate", daemon=real) == ""
    assert good(*words, "hello", "30", daemon=real) == ""
    options = real.options("office")
    assert (options["peer"], options["hidden"], options["originate"], options["hello"]) == (
        "192.0.2.7 1702", "yes", "yes", "30")
    # what is wrong changes nothing
    says = bad(1, *words, "enable", "autostart", "hiden", daemon=real)
    assert says == ("link office: unknown option to enable or disable 'hiden'; did you mean "
                    "'hidden'?")
    assert bad(1, *words, "disable", "originate", "o", daemon=real).endswith("originate, outcall")
    assert real.options("office") == options
    # the file's values again, after a reload
    good("create", "link", "static", "extra", "l2tp", daemon=real)
    assert real.options("extra")["dataseq"] == "yes"
    good("reload", daemon=real)
    assert real.options("office")["hello"] == "60"
    assert bad(1, "show", "link", "extra", daemon=real) == 'no link "extra"'


def test_real_incoming_opens_and_closes_the_port(real):
    good("link", "dialin", "set", "l2tp", "enable", "incoming", daemon=real)
    assert "listening on 127.0.0.1:27017" in real.log.read_text()
    out = good("link", "dialin", "set", "l2tp", "self", "203.0.113.77", daemon=real)
    assert out.startswith("dialin: set, but no calls can be taken: ")
    assert "cannot listen on 203.0.113.77:1701" in real.log.read_text()
    good("link", "dialin", "set", "l2tp", "self", "127.0.0.1", "27018", daemon=real)
    assert "listening on 127.0.0.1:27018" in real.log.read_text()


def test_real_secret_is_nowhere(real, tmp_path):
    other = "another-s3cr3t"
    says = bad(1, "link", "office", "set", "l2tp", "sec", other, daemon=real)
    assert "set l2tp secret -" in says and "secret-file" in says and other not in says
    assert ctl_in(real, other + "\n", "link", "office", "set", "l2tp", "secret", "-") == ("", "")
    for words in (["show", "config"], ["show", "link", "office"], ["--json", "show", "links"],
                  ["--json", "show", "config"]):
        text = good(*words, daemon=real)
        assert "******" in text and other not in text and SECRET not in text
    log = real.log.read_text()
    assert re.search(r"office: set at run time by uid \d+: secret\n", log)
    assert other not in log and SECRET not in log
    # what is shown is not taken for the secret
    saved = tmp_path / "saved.conf"
    saved.write_text(good("show", "config", daemon=real))
    saved.chmod(0o600)
    r = subprocess.run([L2TPD, "--check", "-c", str(saved)], capture_output=True, text=True,
                       timeout=TIMEOUT, check=False)
    assert r.returncode == 1 and "secret: ****** stands for a secret" in r.stderr
    says = ctl_in(real, "link office\nset l2tp secret ******\n", "console", code=1)[1]
    assert "(standard input):2: link office: secret: ****** stands for" in says


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the daemon's memory")
def test_real_secret_is_wiped(real):
    """A secret that was replaced is nowhere in the daemon's memory any more."""
    old, new = "wiped-s3cr3t-one", "wiped-s3cr3t-two"
    for secret in (old, new):
        ctl_in(real, secret + "\n", "link", "office", "set", "l2tp", "secret", "-")
    ctl_in(real, "", "show", "links")
    found = {old: 0, new: 0}
    with open(f"/proc/{real.process.pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{real.process.pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            begin, end = (int(x, 16) for x in line.split()[0].split("-"))
            # what sanitizers map for themselves is huge and empty
            if not line.split()[1].startswith("rw") or end - begin > 1 << 28:
                continue
            try:
                memory.seek(begin)
                data = memory.read(end - begin)
            except OSError:
                continue
            for secret in found:
                found[secret] += data.count(secret.encode())
    assert found == {old: 0, new: 1}


def test_real_show_config_loads_back(real, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x\n")
    secret.chmod(0o600)
    ctl_in(real, f"""\
link office
set l2tp secret-file {secret}
set l2tp enable hidden autostart tie-breaker
set l2tp enable originate
set l2tp callednum "555 1212"
set link max-redial 0
link dialin
set l2tp peer 192.0.2.0/24 1701
set l2tp disable dataseq
create link static third l2tp
set l2tp hostname lac1
""", "console")
    before = [link["options"] for link in json.loads(good("--json", "show", "links", daemon=real))]
    real.config.write_text(good("show", "config", daemon=real))
    good("reload", daemon=real)
    assert [link["options"] for link in
            json.loads(good("--json", "show", "links", daemon=real))] == before
    assert len(before) == 3 and before[0]["secret-file"] == str(secret)


def test_real_protocol(real):
    def call(method, **parameters):
        return real.ask({"method": "org.l2tpd." + method, "parameters": parameters})

    for lines in (None, 7, [7], [["l2tp", 7]], {}, [[]] * 1001):
        assert call("SetLink", link="office", lines=lines)["error"].endswith("InvalidParameter")
    assert call("SetLink", link="office", lines=[])["parameters"] == {"message": ""}
    assert call("SetLink", link="office", lines=[[]])["error"].endswith("Refused")
    assert call("SetLink", link="x", lines=[])["error"].endswith("NotFound")
    reply = call("SetLink", link="office", lines=[["l2tp", "hello", "5"], ["l2tp", "hello", "x"]])
    assert (reply["error"], reply["parameters"]["line"]) == ("org.l2tpd.Refused", 1)
    assert call("CreateLink", link="a b", type="l2tp")["error"].endswith("Refused")
    assert call("CreateLink", link="office", type="l2tp")["error"].endswith("Refused")
    assert call("CreateLink", link="new", type="pppoe")["error"].endswith("Refused")
    assert call("CreateLink", link="new")["error"].endswith("InvalidParameter")
    options = call("ListOptions")["parameters"]["options"]
    assert {o["key"] for o in options} == set(real.options("office"))
    assert [o["key"] for o in options if o["secret"]] == ["secret"]
    idl = real.ask({"method": "org.varlink.service.GetInterfaceDescription",
                    "parameters": {"interface": "org.l2tpd"}})["parameters"]["description"]
    for name in ("SetLink", "CreateLink", "GetConfig", "ListOptions"):
        assert f"method {name}(" in idl
