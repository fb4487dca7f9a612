# SPDX-License-Identifier: GPL-2.0-or-later
"""The RADIUS client against FreeRADIUS on loopback: three LNSs, chosen by user. Skipped where FreeRADIUS is not installed."""

import hashlib
import os
import shutil
import socket
import subprocess
import time

import pytest

from radius_rig import Client

FREERADIUS = shutil.which("freeradius", path=os.environ.get("PATH", "") + ":/usr/sbin") or shutil.which("radiusd")
if not FREERADIUS:
    pytest.skip("FreeRADIUS is not installed", allow_module_level=True)

# The sample of man/l2tpd.conf.5, and more users
USERS = """
alice@gold.example  Cleartext-Password := "wonder"
        Tunnel-Type:1 = L2TP,
        Tunnel-Medium-Type:1 = IPv4,
        Tunnel-Server-Endpoint:1 = "192.0.2.1",
        Tunnel-Password:1 = "s3cret-one",
        Tunnel-Client-Auth-ID:1 = "lac",
        Tunnel-Server-Auth-ID:1 = "lns-one",
        Tunnel-Preference:1 = 10,
        Tunnel-Type:2 += L2TP,
        Tunnel-Medium-Type:2 += IPv4,
        Tunnel-Server-Endpoint:2 += "192.0.2.2",
        Tunnel-Password:2 += "s3cret-two",
        Tunnel-Preference:2 += 5,
        Session-Timeout = 3600,
        Class = "gold"

bob@silver.example  Cleartext-Password := "builder"
        Tunnel-Type = L2TP,
        Tunnel-Medium-Type = IPv6,
        Tunnel-Server-Endpoint = "2001:db8::3",
        Tunnel-Password = "a secret that is longer than one block",
        Tunnel-Assignment-ID = "silver"

carol@plain.example Cleartext-Password := "c"

User                Cleartext-Password := "clientPass"
        Tunnel-Type:1 = L2TP,
        Tunnel-Server-Endpoint:1 = "lns3.example"

5551234             Auth-Type := Accept
        Tunnel-Type:1 = L2TP,
        Tunnel-Server-Endpoint:1 = "192.0.2.2"

mallory             Auth-Type := Reject
        Reply-Message = "you have not paid"
"""

CONFIG = """
prefix = /usr
localstatedir = {dir}
logdir = {dir}
run_dir = {dir}
libdir = /usr/lib/freeradius
pidfile = {dir}/pid
max_request_time = 30
cleanup_delay = 1
max_requests = 1024
proxy_requests = no
security {{
        reject_delay = 0
}}
thread pool {{
        start_servers = 2
        max_servers = 4
        min_spare_servers = 1
        max_spare_servers = 4
}}
client lac {{
        ipaddr = 127.0.0.1
        secret = testing123
        require_message_authenticator = yes
}}
modules {{
        pap {{
        }}
        chap {{
        }}
        mschap {{
        }}
        files {{
                usersfile = {dir}/users
        }}
        detail {{
                filename = {dir}/detail
                permissions = 0600
        }}
}}
server default {{
        listen {{
                type = auth
                ipaddr = 127.0.0.1
                port = {auth}
        }}
        listen {{
                type = acct
                ipaddr = 127.0.0.1
                port = {acct}
        }}
        authorize {{
                chap
                mschap
                files
                pap
        }}
        authenticate {{
                Auth-Type PAP {{
                        pap
                }}
                Auth-Type CHAP {{
                        chap
                }}
                Auth-Type MS-CHAP {{
                        mschap
                }}
        }}
        accounting {{
                detail
        }}
}}
"""


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for end in sockets:
        end.bind(("127.0.0.1", 0))
    ports = [end.getsockname()[1] for end in sockets]
    for end in sockets:
        end.close()
    return ports


@pytest.fixture(scope="module")
def radius(tmp_path_factory):
    """FreeRADIUS; its folder and the lines of a client's file."""
    folder = tmp_path_factory.mktemp("freeradius")
    auth, acct = free_ports(2)
    (folder / "users").write_text(USERS)
    (folder / "radiusd.conf").write_text(CONFIG.format(dir=folder, auth=auth, acct=acct))
    with open(folder / "log", "w") as log:
        server = subprocess.Popen([FREERADIUS, "-f", "-X", "-d", str(folder), "-D", "/usr/share/freeradius"], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while "Ready to process requests" not in (folder / "log").read_text():
            assert server.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()[-3000:]
        yield folder, [f"authserver 127.0.0.1:{auth}:testing123", f"acctserver 127.0.0.1:{acct}:testing123", "radius_timeout 20",
                       "radius_retries 0", "nas-identifier lac"]
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def client(radius, tmp_path):
    made = Client(tmp_path, *radius[1])
    yield made
    assert made.end() == 0


def test_three_lnss_by_user(client):
    alice = client.ask("name=alice@gold.example pap=wonder calling=02:00:00:00:00:01 circuit=slot-7")
    assert alice["verdict"] == "accepted", alice
    assert [(t["server"], t["secret"]) for t in alice["tunnels"]] == [("192.0.2.2", "s3cret-two"), ("192.0.2.1", "s3cret-one")]
    assert alice["tunnels"][1]["client_name"] == "lac" and alice["tunnels"][1]["server_name"] == "lns-one"
    assert alice["session_timeout"] == 3600 and alice["classes"] == ["gold"]
    bob = client.ask("name=bob@silver.example pap=builder")
    assert [(t["server"], t["secret"], t["assignment"]) for t in bob["tunnels"]] == [
        ("2001:db8::3", "a secret that is longer than one block", "silver")]
    carol = client.ask("name=carol@plain.example pap=c")
    assert carol["verdict"] == "accepted" and carol["tunnels"] == []
    number = client.ask("calling=5551234")
    assert [t["server"] for t in number["tunnels"]] == ["192.0.2.2"]


def test_chap(client):
    challenge = bytes(range(16))
    response = hashlib.md5(b"\x07" + b"wonder" + challenge).hexdigest()
    assert client.ask(f"name=alice@gold.example chap=7:{challenge.hex()}:{response}")["verdict"] == "accepted"
    assert client.ask(f"name=alice@gold.example chap=8:{challenge.hex()}:{response}")["verdict"] == "rejected"


def test_mschapv2(client):
    """The example of RFC 2759 9.2."""
    challenge = "5B5D7C7D7B3F2F3E3C2C602132262628"
    response = "21402324255E262A28295F2B3A337C7E" + "00" * 8 + "82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF" + "00"
    result = client.ask(f"name=User chap=1:{challenge}:{response}")
    assert result["verdict"] == "accepted" and [t["server"] for t in result["tunnels"]] == ["lns3.example"]
    assert client.ask(f"name=User chap=1:{challenge}:{'00' + response[2:]}")["verdict"] == "rejected"


def test_reject(client):
    assert client.ask("name=alice@gold.example pap=wrong")["verdict"] == "rejected"
    result = client.ask("name=mallory pap=x")
    assert result["verdict"] == "rejected" and result["text"].endswith("rejects the login: you have not paid")


def test_accounting(radius, client):
    call = "name=alice@gold.example pap=wonder session=s-77 calling=02:00:00:00:00:01 port=eth1 class=676f6c64 peer=192.0.2.2"
    client.order(f"record 1 start {call}")
    client.order(f"record 2 stop {call} in={3 << 32 | 1234} out=5678")
    assert [r["verdict"] for r in client.wait(2)] == ["accepted", "accepted"]
    told = (radius[0] / "detail").read_text()
    start, stop = told[:told.index("Stop")], told[told.index("Stop"):]
    assert 'User-Name = "alice@gold.example"' in start and "Acct-Status-Type = Start" in start
    for line in ("Acct-Input-Octets = 1234", "Acct-Input-Gigawords = 3", "Acct-Output-Octets = 5678", "Acct-Session-Time = 77",
                 "Acct-Terminate-Cause = Lost-Service", 'Acct-Session-Id = "s-77"', 'Tunnel-Server-Endpoint:0 = "192.0.2.2"',
                 "Tunnel-Type:0 = L2TP", "Class = 0x676f6c64", 'NAS-Identifier = "lac"', "NAS-Port-Type = PPPoEoE"):
        assert line in stop, told
