# SPDX-License-Identifier: GPL-2.0-or-later
"""AddTransientLink of l2tpd itself, without root and without the kernel's L2TP: so every dial fails here, and says so.

L2TPD names the program; otherwise the one in build/ is taken.
"""
import json
import os
import pathlib
import socket
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
L2TPD = os.environ.get("L2TPD", str(ROOT / "build" / "l2tpd"))
TIMEOUT = 20

if not os.access(L2TPD, os.X_OK):
    pytest.skip(f"no {L2TPD}: build it or set L2TPD", allow_module_level=True)


class Client:
    """One connection to the control socket."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(path))
        self.data = b""

    def send(self, method, parameters, more=False):
        request = {"method": "org.l2tpd." + method, "parameters": parameters}
        if more:
            request["more"] = True
        self.sock.sendall(json.dumps(request).encode() + b"\0")

    def reply(self):
        while b"\0" not in self.data:
            chunk = self.sock.recv(65536)
            assert chunk, "the daemon closed the connection"
            self.data += chunk
        text, self.data = self.data.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, parameters=None):
        self.send(method, parameters or {})
        return self.reply()

    def close(self):
        self.sock.close()


class Daemon:
    def __init__(self, folder, config):
        self.path = folder / "control"
        self.config = folder / "l2tpd.conf"
        self.log = folder / "log"
        self.config.write_text(config)
        self.config.chmod(0o600)
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([L2TPD, "-v", "-c", self.config, "-s", self.path], stderr=log)
        until(lambda: "ready, control socket" in self.log.read_text(), "l2tpd did not start")

    def client(self):
        return Client(self.path)

    def call(self, method, parameters=None):
        client = self.client()
        reply = client.call(method, parameters)
        client.close()
        return reply

    def links(self):
        return {link["name"]: link for link in self.call("ListLinks")["parameters"]["links"]}

    def stop(self):
        self.process.terminate()
        return self.process.wait(TIMEOUT)


def until(true, text):
    end = time.monotonic() + TIMEOUT
    while not true():
        assert time.monotonic() < end, text
        time.sleep(0.02)


PEER = [["peer", "127.0.0.2"]]
LOGIN = [["user", "alice"], ["password", "pass # word ;\"'"]]


def add(client, name="office", settings=PEER, ppp=LOGIN, more=True):
    client.send("AddTransientLink", {"name": name, "settings": settings, "ppp": ppp}, more)
    return client.reply()


def event(reply):
    assert reply.get("continues") is True and "error" not in reply, reply
    return reply["parameters"]["event"]


def refused(reply, error="Refused"):
    assert reply.get("error") == f"org.l2tpd.{error}", reply
    return reply["parameters"]["message"]


@pytest.fixture
def daemon(tmp_path):
    d = Daemon(tmp_path, "[link kept]\ntype = l2tp\npeer = 127.0.0.3\noriginate = yes\n")
    yield d
    assert d.stop() == 0
    log = d.log.read_text()
    assert "Sanitizer" not in log
    assert "pass # word" not in log


def test_opened_and_down_with_a_reason(daemon):
    client = daemon.client()
    opened = event(add(client))
    name = opened.pop("link")
    assert opened == {"event": "opened"} and name.startswith("office@")
    down = event(client.reply())
    assert down["event"] == "down"
    assert (down["link"], down["who"], down["result"], down["ppp_exit"]) == (name, "local", 0, None)
    assert down["text"] and down["errno"] > 0
    client.close()


def test_retry_until_the_client_goes(daemon):
    client = daemon.client()
    name = event(add(client, settings=PEER + [["max-redial", "0"], ["redial-delay", "1"]]))["link"]
    waits = []
    while len(waits) < 2:
        e = event(client.reply())
        assert e["event"] == "waiting"
        waits.append(e["retry_ms"])
    # a little of it has passed when it is told
    assert 900 < waits[0] <= 1250 and 1900 < waits[1] <= 2500
    assert daemon.links()[name]["state"] in ("waiting", "dialling")
    client.close()
    until(lambda: set(daemon.links()) == {"kept"}, "the link outlives its client")


def test_goes_with_its_client_and_leaves_others(daemon):
    clients = [daemon.client() for _ in range(3)]
    names = [event(add(client, name="kept"))["link"] for client in clients]
    assert len(set(names)) == 3 and set(daemon.links()) == {"kept", *names}
    clients[0].close()
    until(lambda: set(daemon.links()) == {"kept", *names[1:]}, "wrong links went")
    clients[1].close()
    clients[2].close()
    until(lambda: set(daemon.links()) == {"kept"}, "links stayed")


def test_not_in_the_configuration(daemon):
    client = daemon.client()
    name = event(add(client, settings=PEER + [["secret", "tunnel secret"]]))["link"]
    text = daemon.call("GetConfig")["parameters"]["text"]
    assert "office" not in text and "pass" not in text and "kept" in text
    links = json.dumps(daemon.links()[name])
    assert "tunnel secret" not in links and "******" in links
    # a reload leaves it alone, whatever it brings and takes
    daemon.config.write_text("[link office]\npeer = 127.0.0.9\n")
    assert "error" not in daemon.call("Reload")
    assert set(daemon.links()) == {name, "office"}
    client.close()
    until(lambda: set(daemon.links()) == {"office"}, "the link outlives its client")


def test_close_by_order_is_told(daemon):
    client = daemon.client()
    settings = PEER + [["max-redial", "0"], ["redial-delay", "3600"], ["redial-max-delay", "3600"]]
    name = event(add(client, settings=settings))["link"]
    assert event(client.reply())["event"] == "waiting"
    assert "error" not in daemon.call("Close", {"target": name})
    down = event(client.reply())
    assert (down["event"], down["text"]) == ("down", "closed by order")
    client.close()


def test_set_is_refused(daemon):
    client = daemon.client()
    name = event(add(client))["link"]
    reply = daemon.call("SetLink", {"link": name, "lines": [["l2tp", "peer", "127.0.0.4"]]})
    assert "belongs to the program" in refused(reply)
    client.close()


@pytest.mark.parametrize("settings, ppp, text", [
    ([["peeer", "127.0.0.2"]], LOGIN, "unknown key 'peeer'; did you mean 'peer'?"),
    (PEER, [["pasword", "x"]], "unknown key 'pasword'; did you mean 'password'?"),
    (PEER + [["hello", "99999"]], LOGIN, "hello: "),
    (PEER + [["hidden", "yes"]], LOGIN, "hidden: needs secret or secret-file"),
    ([], LOGIN, "there is no peer to dial"),
    (PEER, [["user", "alice"]], "user: without password or password-file"),
    (PEER + PEER, LOGIN, "peer: given twice"),
    (PEER + [["incoming", "yes"]], LOGIN, "incoming: cannot be set for a transient link"),
    (PEER + [["autostart", "yes"]], LOGIN, "autostart: cannot be set for a transient link"),
    (PEER + [["ppp", "kept"]], LOGIN, "ppp: cannot be set for a transient link"),
])
def test_what_a_file_could_not_say_is_refused(daemon, settings, ppp, text):
    client = daemon.client()
    assert text in refused(add(client, settings=settings, ppp=ppp))
    assert set(daemon.links()) == {"kept"}
    # the connection is still good
    assert event(add(client))["event"] == "opened"
    client.close()


@pytest.mark.parametrize("parameters, parameter", [
    ({"settings": PEER, "ppp": LOGIN}, "name"),
    ({"name": "office", "ppp": LOGIN}, "settings"),
    ({"name": "office", "settings": PEER}, "ppp"),
    ({"name": "office", "settings": PEER, "ppp": [["user"]]}, "ppp"),
    ({"name": "office", "settings": [["peer", 1]], "ppp": LOGIN}, "settings"),
    ({"name": "office", "settings": [["peer", "127.0.0.2"]] * 501, "ppp": LOGIN}, "settings"),
])
def test_bad_parameters(daemon, parameters, parameter):
    client = daemon.client()
    client.send("AddTransientLink", parameters, True)
    reply = client.reply()
    assert reply["error"] == "org.varlink.service.InvalidParameter"
    assert reply["parameters"]["parameter"] == parameter
    client.close()


def test_wants_more_and_a_name(daemon):
    client = daemon.client()
    assert add(client, more=False)["error"] == "org.varlink.service.ExpectedMore"
    assert "is not a name" in refused(add(client, name="my office"))
    assert "is not a name" in refused(add(client, name=""))
    client.close()


def test_stop_with_transient_links(daemon):
    clients = [daemon.client() for _ in range(5)]
    for client in clients:
        add(client, settings=PEER + [["max-redial", "0"]])
    assert daemon.stop() == 0
    for client in clients:
        events = []
        while True:
            try:
                events.append(event(client.reply()))
            except AssertionError:
                break
        assert events[-1]["event"] == "stopping" and "daemon stops" in events[-1]["text"]
