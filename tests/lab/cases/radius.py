"""FreeRADIUS on a host's loopback, and the files that clients of it read: pppd's radius.so and ours."""

import re
from typing import Any

from lablib import Host, Process, wait_for
from peers import PASSWORD

SECRET = "testing123"
FOLDER = "/etc/l2tpd/radius"

CONFIG = f"""
prefix = /usr
localstatedir = {FOLDER}
logdir = {FOLDER}
run_dir = {FOLDER}
libdir = /usr/lib/freeradius
pidfile = {FOLDER}/pid
max_request_time = 30
cleanup_delay = 1
max_requests = 1024
proxy_requests = no
security {{
        allow_core_dumps = no
        reject_delay = 0
}}
thread pool {{
        start_servers = 2
        max_servers = 2
        min_spare_servers = 1
        max_spare_servers = 2
}}
client here {{
        ipaddr = 127.0.0.1
        secret = {SECRET}
}}
modules {{
        pap {{
        }}
        chap {{
        }}
        mschap {{
                use_mppe = yes
                require_encryption = yes
                require_strong = yes
        }}
        files {{
                usersfile = {FOLDER}/users
        }}
        detail {{
                filename = {FOLDER}/detail
                permissions = 0600
        }}
}}
server default {{
        listen {{
                type = auth
                ipaddr = 127.0.0.1
                port = 1812
        }}
        listen {{
                type = acct
                ipaddr = 127.0.0.1
                port = 1813
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

# What radius.so names; its package has no dictionary.
DICTIONARY = [
    ("User-Name", 1, "string"), ("Password", 2, "string"), ("CHAP-Password", 3, "string"), ("NAS-IP-Address", 4, "ipaddr"),
    ("NAS-Port-Id", 5, "integer"), ("Service-Type", 6, "integer"), ("Framed-Protocol", 7, "integer"), ("Framed-IP-Address", 8, "ipaddr"),
    ("Framed-IP-Netmask", 9, "ipaddr"), ("Framed-MTU", 12, "integer"), ("Reply-Message", 18, "string"), ("State", 24, "string"),
    ("Class", 25, "string"), ("Session-Timeout", 27, "integer"), ("Idle-Timeout", 28, "integer"), ("Called-Station-Id", 30, "string"),
    ("Calling-Station-Id", 31, "string"), ("NAS-Identifier", 32, "string"), ("Acct-Status-Type", 40, "integer"),
    ("Acct-Delay-Time", 41, "integer"), ("Acct-Input-Octets", 42, "integer"), ("Acct-Output-Octets", 43, "integer"),
    ("Acct-Session-Id", 44, "string"), ("Acct-Authentic", 45, "integer"), ("Acct-Session-Time", 46, "integer"),
    ("Acct-Input-Packets", 47, "integer"), ("Acct-Output-Packets", 48, "integer"), ("Acct-Terminate-Cause", 49, "integer"),
    ("CHAP-Challenge", 60, "string"), ("NAS-Port-Type", 61, "integer"), ("Acct-Interim-Interval", 85, "integer")]
MICROSOFT = [
    ("MS-CHAP-Response", 1), ("MS-CHAP-Error", 2), ("MS-MPPE-Encryption-Policy", 7), ("MS-MPPE-Encryption-Type", 8),
    ("MS-CHAP-Challenge", 11), ("MS-MPPE-Send-Key", 16), ("MS-MPPE-Recv-Key", 17), ("MS-CHAP2-Response", 25), ("MS-CHAP2-Success", 26)]

CLIENT = f"""
auth_order radius
login_tries 1
login_timeout 60
nologin /etc/nologin
issue {FOLDER}/issue
authserver 127.0.0.1:1812
acctserver 127.0.0.1:1813
servers {FOLDER}/servers
dictionary {FOLDER}/names
login_radius /bin/false
seqfile {FOLDER}/seq
mapfile {FOLDER}/map
radius_timeout 20
radius_retries 1
"""


def dictionary() -> str:
    lines = [f"ATTRIBUTE\t{name}\t{number}\t{kind}" for name, number, kind in DICTIONARY]
    lines += ["VENDOR\tMicrosoft\t311"]
    lines += [f"ATTRIBUTE\t{name}\t{number}\tstring\tMicrosoft" for name, number in MICROSOFT]
    return "\n".join(lines) + "\n"


def user(name: str, *reply: str, password: str = PASSWORD) -> str:
    """An entry of FreeRADIUS's users file."""
    return f'{name} Cleartext-Password := "{password}"\n' + ",\n".join(f"\t{line}" for line in reply) + "\n\n"


class Radius(Process):
    """FreeRADIUS, ready when this returns; and files for clients of it on the same host."""

    def __init__(self, host: Host, users: str):
        for name, text in (("radiusd.conf", CONFIG), ("users", users), ("names", dictionary()), ("client.conf", CLIENT),
                           ("servers", f"127.0.0.1 {SECRET}\n"), ("map", ""), ("issue", ""),
                           ("ours.conf", f"authserver 127.0.0.1:1812:{SECRET}\nacctserver 127.0.0.1:1813:{SECRET}\n"
                                         "radius_timeout 20\nradius_retries 1\nnas-identifier lab\n")):
            host.write(f"{FOLDER}/{name}", text)
        # these it and its client make
        host.written.update({f"{FOLDER}/detail", f"{FOLDER}/seq"})
        super().__init__(host, "freeradius", ["freeradius", "-f", "-X", "-d", FOLDER, "-D", "/usr/share/freeradius"])
        wait_for(lambda: "Ready to process requests" in self.log(), what="FreeRADIUS is ready")

    def records(self, **fields: Any) -> list[dict[str, str]]:
        """Accounting, as FreeRADIUS wrote it; those with these fields ('_' for '-')."""
        path = self.host.path(f"{FOLDER}/detail")
        text = path.read_text() if path.exists() else ""
        found = [{k: v.strip('"') for k, v in re.findall(r"^\t([\w-]+) = (.*)$", block, re.M)}
                 for block in text.split("\n\n") if block.strip()]
        return [r for r in found if all(r.get(k.replace("_", "-")) == str(v) for k, v in fields.items())]

    def record(self, **fields: Any) -> dict[str, str]:
        return wait_for(lambda: self.records(**fields), what=f"a record of {fields}")[0]
