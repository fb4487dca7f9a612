# SPDX-License-Identifier: GPL-2.0-or-later
"""The RADIUS client against a server of straw on loopback."""

import json
import os
import socket
import subprocess
import threading

import pytest

from radius_rig import ACCEPT, ACCOUNTED, CHALLENGE, REJECT, Client, Server, attr, tagged, tunnel_password

CHALLENGE_OCTETS = "".join(f"{n:02x}" for n in range(16))


@pytest.fixture
def rig(tmp_path):
    """rig(handler, *lines): a client and its server; more servers with rig.server(handler)."""
    made = []

    def server(handler):
        made.append(Server(handler))
        return made[-1]

    def client(*lines, name="a"):
        (tmp_path / name).mkdir()
        made.append(Client(tmp_path / name, *lines))
        return made[-1]

    def both(handler, *lines):
        s = server(handler)
        return client(f"authserver 127.0.0.1:{s.port}:testing123", f"acctserver 127.0.0.1:{s.port}:testing123",
                      *(lines or ["radius_timeout 5", "radius_retries 1"])), s

    both.server, both.client = server, client
    yield both
    codes = [thing.end() for thing in made if isinstance(thing, Client)]
    for thing in made:
        if isinstance(thing, Server):
            thing.stop()
    assert set(codes) <= {0, 2}, "a sanitizer has complained"


def three_tunnels(request):
    """Tags out of order, octets of one tunnel between those of others."""
    v = request.vector
    return request.answer(ACCEPT, b"".join([
        tagged(83, 3, 30), tagged(67, 2, "lns2.example"), tagged(64, 1, 3), tunnel_password(2, "two", v, b"\x80\x02"), tagged(83, 1, 20),
        tagged(64, 3, 3), tagged(67, 1, "192.0.2.1"), tagged(65, 1, 1), tagged(90, 1, "lac"), tagged(91, 1, "lns-one"),
        tagged(64, 2, 3), tagged(83, 2, 10), tagged(82, 2, "gold"), tunnel_password(1, "a much longer secret of 33 octets", v, b"\x80\x01"),
        tagged(67, 3, "2001:db8::3"), tagged(65, 3, 2), tagged(66, 3, "2001:db8::1"),
        attr(27, 3600), attr(28, 600), attr(85, 60), attr(25, "class\0one"), attr(25, "class two"), attr(18, "wel\x1bcome")]))


def test_tunnels_in_order_of_preference(rig):
    client, _ = rig(three_tunnels)
    result = client.ask()
    assert result["verdict"] == "accepted", result
    assert [(t["tag"], t["server"], t["preference"]) for t in result["tunnels"]] == [
        (2, "lns2.example", 10), (1, "192.0.2.1", 20), (3, "2001:db8::3", 30)]
    two, one, three = result["tunnels"]
    assert one["secret"] == "a much longer secret of 33 octets" and one["client_name"] == "lac" and one["server_name"] == "lns-one"
    assert two["secret"] == "two" and two["assignment"] == "gold"
    assert "secret" not in three and three["client"] == "2001:db8::1"
    assert (result["session_timeout"], result["idle_timeout"], result["interim_interval"]) == (3600, 600, 60)
    assert result["classes"] == ["class\0one", "class two"]
    assert result["message"] == "wel?come"


def test_pap(rig):
    client, server = rig(lambda request: request.answer(ACCEPT))
    result = client.ask("name=alice@isp pap=wonder session=s1 calling=02:00:00:00:00:01 called=isp port=eth1 circuit=slot-7")
    assert result["verdict"] == "accepted" and result["tunnels"] == []
    request = server.requests[0]
    assert request.code == 1 and request.text(1) == "alice@isp" and request.password() == b"wonder"
    assert b"wonder" not in request.raw
    assert request.number(6) == 2 and request.number(7) == 1 and request.number(61) == 32
    assert (request.text(87), request.text(31), request.text(30), request.text(44)) == ("eth1", "02:00:00:00:00:01", "isp", "s1")
    assert request.vendor(3561, 1) == b"slot-7"
    assert request.get(4) == b"\x7f\0\0\1"


def test_pap_of_any_length(rig):
    client, server = rig(lambda request: request.answer(ACCEPT))
    for length in (0, 1, 15, 16, 17, 112, 128):
        assert client.ask("name=a pap=" + "p" * length)["verdict"] == "accepted"
        assert server.requests[-1].password() == b"p" * length
        assert len(server.requests[-1].get(2)) == max(16, (length + 15) // 16 * 16)
    client.order("ask 9 name=a pap=" + "p" * 129)
    assert "longer than 128" in client.read()["text"]


def test_chap(rig):
    client, server = rig(lambda request: request.answer(ACCEPT))
    assert client.ask(f"name=bob chap=7:{CHALLENGE_OCTETS}:{'ab' * 16}")["verdict"] == "accepted"
    request = server.requests[0]
    assert request.get(3) == b"\x07" + b"\xab" * 16
    assert request.get(60) == bytes.fromhex(CHALLENGE_OCTETS)
    assert request.get(2) is None


@pytest.mark.parametrize("challenge, kind", [(16, 25), (8, 1)], ids=["v2", "v1"])
def test_mschap(rig, challenge, kind):
    client, server = rig(lambda request: request.answer(ACCEPT))
    response = bytes(range(48)) + b"\x01"
    assert client.ask(f"name=bob chap=9:{'11' * challenge}:{response.hex()}")["verdict"] == "accepted"
    request = server.requests[0]
    assert request.vendor(311, 11) == b"\x11" * challenge
    assert request.vendor(311, kind) == b"\x09\x01" + response[:48]
    assert request.get(3) is None


def test_without_a_login(rig):
    """RFC 2865 5.6: Call-Check, with the number as a name."""
    client, server = rig(lambda request: request.answer(ACCEPT))
    assert client.ask("calling=5551234")["verdict"] == "accepted"
    request = server.requests[0]
    assert request.text(1) == "5551234" and request.number(6) == 10 and request.password() == b""
    client.ask("calling=5551234 user=somebody")
    assert server.requests[1].text(1) == "somebody"
    client.order("ask 3 session=x")
    assert "neither a login nor a number" in client.read()["text"]


def test_reject(rig):
    client, _ = rig(lambda request: request.answer(REJECT, attr(18, "no \u202emoney") + attr(18, "call us")))
    result = client.ask()
    assert result["verdict"] == "rejected"
    assert "no ???money call us" in result["text"] and "127.0.0.1" in result["text"] and "testing123" not in result["text"]


def test_challenge_is_a_rejection(rig):
    client, _ = rig(lambda request: request.answer(CHALLENGE, attr(24, "state")))
    assert client.ask()["verdict"] == "rejected"


def test_silence(rig):
    client, server = rig(lambda request: None, "radius_timeout 1", "radius_retries 1")
    result = client.ask()
    assert result["verdict"] == "unanswered" and "does not answer" in result["text"]
    assert len(server.requests) == 2 and server.requests[0].raw == server.requests[1].raw


def test_next_server(rig):
    """The second one answers; the first is then not asked first any more."""
    mute = rig.server(lambda request: None)
    good = rig.server(lambda request: request.answer(ACCEPT, attr(18, "second")))
    client = rig.client(f"authserver 127.0.0.1:{mute.port}:testing123, 127.0.0.1:{good.port}:testing123", "radius_timeout 3",
                        "radius_retries 0")
    assert client.ask()["message"] == "second"
    assert len(mute.requests) == 1
    assert client.ask()["message"] == "second"
    assert len(mute.requests) == 1 and len(good.requests) == 2


def forge(request):
    return [request.answer(REJECT, secret=b"guessed"), request.answer(REJECT, signed=b"guessed"), request.answer(REJECT, ident=request.id ^ 1),
            request.answer(ACCOUNTED), b"", b"x" * 19, request.answer(REJECT)[:19] + request.answer(REJECT)[20:]]


def test_forged_answers_are_not_heard(rig):
    client, server = rig(lambda request: [*forge(request), request.answer(ACCEPT)])
    assert client.ask()["verdict"] == "accepted"
    assert len(server.requests) == 1 and server.requests[0].signed()


def test_answer_from_another_address(rig):
    """Proven, but from a port that was not asked."""
    def elsewhere(request):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(request.answer(REJECT), request.sender)
        return request.answer(ACCEPT)

    client, _ = rig(elsewhere)
    assert client.ask()["verdict"] == "accepted"


def test_wrong_secret(rig):
    client, server = rig(lambda request: request.answer(ACCEPT, secret=b"another"), "radius_timeout 1", "radius_retries 0")
    result = client.ask()
    assert result["verdict"] == "unanswered" and "not with our secret" in result["text"]


def test_unsigned_answer(rig):
    """CVE-2024-3596: without a Message-Authenticator it may be a Reject that was made an Accept."""
    def unsigned(request):
        return request.answer(ACCEPT, signed=b"")

    client, server = rig(unsigned, "radius_timeout 3", "radius_retries 0")
    assert client.ask()["verdict"] == "accepted"
    server.handler = lambda request: request.answer(ACCEPT)
    assert client.ask()["verdict"] == "accepted"
    # it can, so it must
    server.handler = unsigned
    result = client.ask()
    assert result["verdict"] == "unanswered" and "require-message-authenticator no" in result["text"]
    line = f"authserver 127.0.0.1:{server.port}:testing123"
    strict = rig.client(line, "require-message-authenticator yes", "radius_timeout 3", "radius_retries 0", name="b")
    assert strict.ask()["verdict"] == "unanswered"
    lenient = rig.client(line, "require-message-authenticator no", "radius_timeout 3", "radius_retries 0", name="c")
    server.handler = lambda request: request.answer(ACCEPT)
    assert lenient.ask()["verdict"] == "accepted"
    server.handler = unsigned
    assert lenient.ask()["verdict"] == "accepted"


MALFORMED = {
    "attribute of length 0": lambda r: r.answer(ACCEPT, b"\x12\x00", signed=b""),
    "attribute of length 1": lambda r: r.answer(ACCEPT, b"\x12\x01", signed=b""),
    "attribute beyond the end": lambda r: r.answer(ACCEPT, b"\x12\x09ab", signed=b""),
    "half an attribute": lambda r: r.answer(ACCEPT, b"\x12", signed=b""),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_answer(rig, kind):
    client, server = rig(MALFORMED[kind])
    result = client.ask()
    assert result["verdict"] == "failed" and "cannot be read" in result["text"]
    server.handler = lambda request: request.answer(ACCEPT)
    assert client.ask()["verdict"] == "accepted"


@pytest.mark.parametrize("kind", ["half a header", "length beyond the end", "code", "accounting"])
def test_no_answer_to_this(rig, kind):
    answers = {
        "half a header": lambda r: r.answer(ACCEPT)[:10],
        "length beyond the end": lambda r: r.answer(ACCEPT, attr(18, "x" * 50))[:40],
        "code": lambda r: r.answer(77),
        "accounting": lambda r: r.answer(ACCOUNTED),
    }
    client, server = rig(answers[kind], "radius_timeout 1", "radius_retries 0")
    result = client.ask()
    assert result["verdict"] == "unanswered" and "sends something else" in result["text"]


def test_octets_behind_the_packet(rig):
    client, _ = rig(lambda r: r.answer(ACCEPT, attr(18, "yes")) + b"padding")
    assert client.ask()["message"] == "yes"


def test_nobody_listens(rig):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = rig.client(f"authserver 127.0.0.1:{port}:x", "radius_timeout 1", "radius_retries 0")
    result = client.ask()
    assert result["verdict"] == "unanswered" and "Connection refused" in result["text"]


def test_no_such_name(rig):
    client = rig.client("authserver nobody.invalid:1812:x")
    result = client.ask()
    assert result["verdict"] == "failed" and "RADIUS server nobody.invalid port 1812 cannot be found" in result["text"]


def test_tunnels_of_no_use(rig):
    """Where the server wanted the call in a tunnel it goes nowhere else."""
    client, _ = rig(lambda r: r.answer(ACCEPT, tagged(64, 1, 1) + tagged(67, 1, "192.0.2.1")))
    result = client.ask()
    assert result["verdict"] == "failed" and "tunnel 1: Tunnel-Type is 1" in result["text"]


def test_password_of_another_secret(rig):
    client, _ = rig(lambda r: r.answer(ACCEPT, tagged(64, 1, 3) + tagged(67, 1, "192.0.2.1") + attr(69, b"\x01\x80\x01" + b"x" * 15)
                                       + tagged(64, 2, 3) + tagged(67, 2, "192.0.2.2")))
    result = client.ask()
    assert [t["server"] for t in result["tunnels"]] == ["192.0.2.2"]
    assert result["problem"] == "tunnel 1: Tunnel-Password cannot be read"


def test_accounting(rig):
    client, server = rig(lambda request: request.answer(ACCOUNTED))
    call = "name=alice pap=x session=s9 calling=02:00:00:00:00:01 port=eth1 class=636c00 peer=192.0.2.1 assignment=gold"
    client.order(f"record 1 start {call}")
    client.order(f"record 2 interim {call} in=5 out=6")
    client.order(f"record 3 stop {call} in={5 << 32 | 7} out=8")
    assert [(r["cookie"], r["record"], r["verdict"]) for r in client.wait(3)] == [(n, True, "accepted") for n in (1, 2, 3)]
    assert [r.number(40) for r in server.requests] == [1, 3, 2]
    for request in server.requests:
        assert request.code == 4 and request.proven()
        assert request.text(1) == "alice" and request.text(44) == "s9" and request.get(25) == b"cl\0" and request.get(2) is None
        assert request.number(64) == 3 and request.number(65) == 1 and request.text(67) == "192.0.2.1" and request.text(82) == "gold"
    start, interim, stop = server.requests
    assert start.get(42) is None and start.get(49) is None
    assert (interim.number(42), interim.number(43), interim.get(52)) == (5, 6, None)
    assert (stop.number(42), stop.number(52), stop.number(43), stop.get(53)) == (7, 5, 8, None)
    assert (stop.number(46), stop.number(47), stop.number(48), stop.number(49)) == (77, 3, 4, 3)


def test_records_of_a_call_stay_in_order(rig):
    """Four threads, and a Start that is answered late: the Stop is not sent before."""
    client, server = rig(lambda request: None if len(server.requests) == 1 else request.answer(ACCOUNTED), "radius_timeout 3",
                         "radius_retries 1")
    client.order("record 1 start user=a session=s")
    client.order("record 2 stop user=a session=s")
    client.wait(2)
    assert [r.number(40) for r in server.requests] == [1, 1, 2]


def test_many_at_a_time(rig):
    """Questions do not wait for each other as long as there are threads: none is answered before four are there."""
    together = threading.Barrier(4)
    names = []

    def slow(request):
        def answer():
            together.wait(60)
            names.append(request.text(1))
            server.socket.sendto(request.answer(ACCEPT, attr(18, request.text(1))), request.sender)
        threading.Thread(target=answer, daemon=True).start()

    client, server = rig(slow, "radius_timeout 60", "radius_retries 0")
    for n in range(40):
        client.order(f"ask {n} name=u{n} pap=p session=s{n}")
    results = client.wait(40)
    assert {r["cookie"]: r["message"] for r in results} == {n: f"u{n}" for n in range(40)}
    assert sorted(names) == sorted(f"u{n}" for n in range(40))


def test_full_queue(rig):
    client, _ = rig(lambda request: None, "radius_timeout 60", "radius_retries 0")
    for n in range(1024 + 4 + 1):
        client.order(f"ask {n} name=u pap=p")
    assert "1024 orders wait" in client.read()["text"]


def test_end_does_not_wait_for_the_silent(rig):
    client, server = rig(lambda request: None, "radius_timeout 60", "radius_retries 5")
    client.order("ask 1 name=u pap=p")
    client.order("record 2 stop user=u session=s")
    assert client.end(patience=100) == 0


def test_records_go_out_before_the_end(rig):
    client, server = rig(lambda request: request.answer(ACCOUNTED))
    for n in range(50):
        client.order(f"record {n} stop user=u session=s{n}")
    assert client.end(patience=60000) == 0
    assert sorted(r.text(44) for r in server.requests) == sorted(f"s{n}" for n in range(50))


def test_no_accounting_server(rig):
    client = rig.client("authserver 127.0.0.1:1:x")
    client.order("record 1 start user=a")
    assert client.read() == {"cookie": 1, "error": os.strerror(2), "text": "the RADIUS file has no acctserver"}


def test_secret_from_a_file(rig, tmp_path):
    (tmp_path / "servers").write_text("# comment\n\nother x\nme/127.0.0.1\ttesting123 ignored\n")
    (tmp_path / "servers").chmod(0o600)
    server = rig.server(lambda request: request.answer(ACCEPT))
    client = rig.client("# a comment", "", f"authserver\t127.0.0.1:{server.port}", f"servers {tmp_path}/servers", "dictionary /nowhere",
                        "default_realm", "nas-identifier lac-7", "nas-ip 192.0.2.9", "bindaddr 127.0.0.1")
    assert client.ask()["verdict"] == "accepted"
    assert server.requests[0].text(32) == "lac-7" and server.requests[0].get(4) == bytes([192, 0, 2, 9])


BAD = {
    "authserver": ":1: unknown key 'autserver': did you mean 'authserver'?",
    "timeout": ":2: 'radius_timeout' is a number from 1 to 60, not \"0\"",
    "tls": ":2: RADIUS over dtls is not done here",
    "no server": ": no server: write 'authserver NAME:PORT:SECRET'",
    "no secret": ": no secret for server 127.0.0.1: write NAME:PORT:SECRET",
    "not in servers": ": no secret for server 127.0.0.1: write a line '127.0.0.1 SECRET' into ",
    "a device": ": file /dev/null of 'servers' cannot be read: it is not a regular file",
    "port": ":1: a server is NAME, NAME:PORT or NAME:PORT:SECRET",
    "bracket": ":1: a server is NAME, NAME:PORT or NAME:PORT:SECRET",
    "namespace": ":2: 'namespace' is not done here",
    "servers": ": file /nowhere of 'servers' cannot be read: No such file",
    "address": ":2: 'nas-ip' is an address, not \"me\"",
    "many": ":1: more than 8 servers in 'authserver'",
}
BAD_LINES = {
    "authserver": ["autserver 127.0.0.1"],
    "timeout": ["authserver 127.0.0.1:1812:s", "radius_timeout 0"],
    "tls": ["authserver 127.0.0.1:1812:s", "serv-type dtls"],
    "no server": ["radius_timeout 3"],
    "no secret": ["authserver 127.0.0.1:1812"],
    "not in servers": ["authserver 127.0.0.1", "servers {empty}"],
    "a device": ["authserver 127.0.0.1", "servers /dev/null"],
    "port": ["authserver 127.0.0.1:port:s"],
    "bracket": ["authserver [::1:1812:s"],
    "namespace": ["authserver 127.0.0.1:1812:s", "namespace blue"],
    "servers": ["authserver 127.0.0.1", "servers /nowhere"],
    "address": ["authserver 127.0.0.1:1812:s", "nas-ip me"],
    "many": ["authserver " + ",".join(f"127.0.0.{n}:1812:s" for n in range(1, 10))],
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_file(rig, kind, tmp_path):
    empty = tmp_path / "empty"
    empty.touch(0o600)
    client = rig.client(*(line.format(empty=empty) for line in BAD_LINES[kind]))
    assert f"{client.path}{BAD[kind]}" in client.read()["error"]


def test_secrets_that_others_can_read(tmp_path):
    """A file without a secret may be read by all, as Debian's may."""
    conf, servers = tmp_path / "conf", tmp_path / "servers"
    conf.write_text("authserver 127.0.0.1:1812:s\n")
    servers.write_text("127.0.0.1 s\n")

    def told(conf_mode: int, servers_mode: int) -> str:
        conf.chmod(conf_mode)
        servers.chmod(servers_mode)
        return subprocess.run([os.environ["RADIUS_ASK"], str(conf)], stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout

    others = "others can get at the secrets in it: chmod o-rwx it"
    assert json.loads(told(0o644, 0o600)) == {"error": f"{conf}: {others}"}
    assert told(0o640, 0o600) == ""
    conf.write_text(f"authserver 127.0.0.1\nservers {servers}\n")
    assert json.loads(told(0o644, 0o644)) == {"error": f"{servers}: {others}"}
    assert told(0o644, 0o640) == ""


def test_no_file(tmp_path):
    done = subprocess.run([os.environ["RADIUS_ASK"], str(tmp_path / "none")], capture_output=True, text=True)
    assert json.loads(done.stdout) == {"error": f"{tmp_path}/none: cannot be read: No such file or directory"}
