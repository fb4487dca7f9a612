# SPDX-License-Identifier: GPL-2.0-or-later
"""l2tpctl decode: captures of every kind of link, hexadecimal text, secrets, mistakes."""
import hashlib
import json
import os
import pty
import select
import struct
import subprocess

import pytest

from ctl_daemon import L2TPCTL, TIMEOUT, bad, ctl, environment, good

# --- L2TP by hand ---

RV = bytes(range(16))
SECRET = b"open sesame"


def avp(kind, value, bits=0x8000, vendor=0):
    return struct.pack("!HHH", bits | (6 + len(value)), vendor, kind) + value


def hidden(kind, value, secret=SECRET, bits=0xc000):
    """RFC 2661 4.3"""
    data = struct.pack("!H", len(value)) + value
    data += b"\0" * (-len(data) % 16)
    out, last = b"", None
    for i in range(0, len(data), 16):
        pad = hashlib.md5((struct.pack("!H", kind) + secret + RV) if last is None
                          else secret + last).digest()
        last = bytes(a ^ b for a, b in zip(data[i:i + 16], pad))
        out += last
    return avp(kind, out, bits)


def message(kind, *avps, tid=0, sid=0, ns=0, nr=0):
    body = b"".join([avp(0, struct.pack("!H", kind)), *avps]) if kind else b""
    return struct.pack("!HHHHHH", 0xc802, 12 + len(body), tid, sid, ns, nr) + body


SCCRQ = message(1, avp(2, b"\1\0"), avp(3, b"\0\0\0\3"), avp(7, b"lac"), avp(9, b"\x12\x34"))
SCCRP = message(2, avp(2, b"\1\0"), avp(3, b"\0\0\0\3"), avp(7, b"lns"), avp(9, b"\0\x09"),
                tid=0x1234, nr=1)
SCCCN = message(3, tid=9, ns=1, nr=1)
ZLB = message(0, tid=0x1234, ns=1, nr=2)
HELLO = message(6, tid=9, ns=2, nr=1)
DATA = bytes.fromhex("0002 0009 0007 ff03 c021 01010004")
ICCN = message(12, avp(36, RV), hidden(24, b"\0\0\xfa\0"), hidden(19, b"\0\0\0\1"),
               hidden(30, b"bob", bits=0x4000), hidden(33, b"his password", bits=0x4000), tid=9,
               sid=7, ns=3, nr=2)

SCCRQ_WORDS = ["SCCRQ tunnel 0 ns 0 nr 0, 55 octets",
               "  Message Type: 1 (SCCRQ)",
               "  Protocol Version: 1.0",
               "  Framing Capabilities: sync+async",
               '  Host Name: "lac"',
               "  Assigned Tunnel ID: 4660",
               "  verdict: good"]
ZLB_WORDS = "ZLB tunnel 4660 ns 1 nr 2, 12 octets"
DATA_WORDS = "data packet tunnel 9 session 7, payload 8 octets, PPP LCP"

# --- packets and captures by hand ---

A, B = "192.0.2.9", "192.0.2.1"
A6, B6 = "20010db8000000000000000000000009", "20010db8000000000000000000000001"
WHEN = (1779000000, 123456)  # 2026-05-17T06:40:00Z


def udp(data, sport=50000, dport=1701, length=None):
    return struct.pack("!HHHH", sport, dport, 8 + len(data) if length is None else length, 0) + data


def ip4(data, src=A, dst=B, proto=17, fragment=0, options=b"", total=None):
    header = 20 + len(options)
    return struct.pack("!BBHHHBBH4s4s", 0x40 | header // 4, 0,
                       header + len(data) if total is None else total, 1, fragment, 64, proto, 0,
                       bytes(map(int, src.split("."))), bytes(map(int, dst.split(".")))) \
        + options + data


def ip6(data, src=A6, dst=B6, next_header=17):
    return struct.pack("!IHBB", 6 << 28, len(data), next_header, 64) + bytes.fromhex(src) \
        + bytes.fromhex(dst) + data


def ethernet(data, kind=None, tags=b""):
    kind = kind or (0x86dd if data[0] >> 4 == 6 else 0x0800)
    return b"\2" * 12 + tags + struct.pack("!H", kind) + data


def sll(data):
    return struct.pack("!HHH8sH", 0, 1, 6, b"\2" * 8, 0x86dd if data[0] >> 4 == 6 else 0x0800) + data


def sll2(data):
    return struct.pack("!HHIHBB8s", 0x86dd if data[0] >> 4 == 6 else 0x0800, 0, 2, 1, 0, 6,
                       b"\2" * 8) + data


def null(data):
    return struct.pack("<I", 30 if data[0] >> 4 == 6 else 2) + data


def loop(data):
    return struct.pack("!I", 24 if data[0] >> 4 == 6 else 2) + data


LINKS = {"ethernet": (1, ethernet), "cooked": (113, sll), "cooked2": (276, sll2),
         "raw": (101, bytes), "null": (0, null), "loop": (108, loop)}


def pcap(packets, link=1, order="<", magic=0xa1b2c3d4, snap=65535):
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for p in packets:
        out += struct.pack(order + "IIII", *WHEN, min(len(p), snap), len(p)) + p[:snap]
    return out


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(packets, link=1):
    out = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
    out += block(1, struct.pack("<HHI", link, 0, 65535))
    stamp = WHEN[0] * 1000000 + WHEN[1]
    for p in packets:
        out += block(6, struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xffffffff, len(p), len(p))
                     + p)
    return out


@pytest.fixture
def capture(tmp_path):
    def write(packets, **options):
        path = tmp_path / "trace"
        path.write_bytes(pcap(packets, **options))
        return str(path)
    return write


def decode(*args, stdin=None):
    r = subprocess.run([L2TPCTL, "decode", *args], capture_output=True, timeout=TIMEOUT,
                       input=stdin, env=environment())
    assert (r.returncode, r.stderr) == (0, b"")
    return r.stdout.decode()


def objects(*args):
    out = good("--json", "decode", *args)
    assert out.count("\n") == 1
    return json.loads(out)


# --- captures ---

@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("ip", [ip4, ip6])
def test_links(capture, name, ip):
    link, wrap = LINKS[name]
    path = capture([wrap(ip(udp(SCCRQ))), wrap(ip(udp(ZLB, 1701, 50000)))], link=link)
    ends = (f"{A}:50000", f"{B}:1701") if ip is ip4 else ("[2001:db8::9]:50000", "[2001:db8::1]:1701")
    if ip is ip6:  # the reply goes the same way here: only the ports changed places
        back = ("[2001:db8::9]:1701", "[2001:db8::1]:50000")
    else:
        back = (f"{A}:1701", f"{B}:50000")
    assert decode(path).splitlines() == [
        f"2026-05-17 06:40:00.123456 {ends[0]} > {ends[1]} {SCCRQ_WORDS[0]}", *SCCRQ_WORDS[1:],
        f"2026-05-17 06:40:00.123456 {back[0]} > {back[1]} {ZLB_WORDS}"]


def test_vlan_tags(capture):
    tags = bytes.fromhex("88a80064 81000065")
    assert SCCRQ_WORDS[0] in decode(capture([ethernet(ip4(udp(SCCRQ)), tags=tags)]))


@pytest.mark.parametrize("options", [{"order": ">"}, {"magic": 0xa1b23c4d},
                                     {"order": ">", "magic": 0xa1b23c4d}])
def test_byte_orders_and_nanoseconds(capture, options):
    assert SCCRQ_WORDS[0] in decode(capture([ethernet(ip4(udp(SCCRQ)))], **options))


def test_pcapng(tmp_path):
    path = tmp_path / "trace.pcapng"
    path.write_bytes(pcapng([ethernet(ip4(udp(SCCRQ))), ethernet(ip4(udp(DATA)))]))
    lines = decode(str(path)).splitlines()
    assert lines[1:7] == SCCRQ_WORDS[1:]
    assert lines[7] == f"2026-05-17 06:40:00.123456 {A}:50000 > {B}:1701 {DATA_WORDS}"


def test_capture_through_a_pipe():
    """Shown on a terminal as it comes: the second packet is not there yet."""
    whole = pcap([ethernet(ip4(udp(ZLB))), ethernet(ip4(udp(HELLO)))])
    first = len(whole) - len(ethernet(ip4(udp(HELLO)))) - 16
    terminal, theirs = pty.openpty()
    with subprocess.Popen([L2TPCTL, "decode", "-"], stdin=subprocess.PIPE, stdout=theirs,
                          env=environment()) as p:
        os.close(theirs)
        p.stdin.write(whole[:first])
        p.stdin.flush()
        out = read_until(terminal, ZLB_WORDS, "")
        assert "HELLO" not in out and p.poll() is None
        p.stdin.write(whole[first:])
        p.stdin.close()
        read_until(terminal, "HELLO", out)
        assert p.wait(TIMEOUT) == 0
    os.close(terminal)


def read_until(fd, words, out):
    while words not in out:
        assert select.select([fd], [], [], TIMEOUT)[0], out
        out += os.read(fd, 4096).decode()
    return out


def test_what_is_not_l2tp_is_passed_over(capture):
    others = [ip4(udp(SCCRQ, 50000, 53)), ip4(SCCRQ, proto=6), ip4(udp(SCCRQ), fragment=100),
              b"\x45\0\0", b"", b"\x75" + bytes(60), ip4(udp(b"")[:4]),
              ip4(udp(SCCRQ), total=10), ip6(udp(SCCRQ), next_header=6),
              ip6(bytes([17, 255, 0, 0, 0, 0, 0, 0]), next_header=0), ip6(b"\x11\0", next_header=60),
              ip4(udp(SCCRQ, length=3))]
    packets = [ethernet(b"\x45", kind=0x0806), b"\2" * 13, b"\2" * 12 + b"\x81\0"]
    packets += [ethernet(p, kind=0x0800) for p in others]
    path = capture(packets)
    assert decode(path) == "no L2TP datagrams\n"
    assert objects(path) == []


def test_ip_options_and_padding(capture):
    packets = [ethernet(ip4(udp(ZLB), options=b"\1" * 8)),
               ethernet(ip4(udp(ZLB)) + b"\0" * 6),
               ethernet(ip4(udp(ZLB), total=0)),  # before the network card cut it
               ethernet(ip4(udp(ZLB) + b"\0" * 6)),
               ethernet(ip4(udp(ZLB, length=0)) + b"\0" * 6),
               ethernet(ip6(bytes([60, 0, 1, 4, 0, 0, 0, 0]) + bytes([17, 1]) + bytes(14) + udp(ZLB),
                            next_header=0))]
    out = decode(capture(packets))
    assert out.count(ZLB_WORDS) == 6
    assert "verdict" not in out and "deviations" not in out


def test_udp_longer_than_ip(capture):
    """What pads the frame is not taken for the rest."""
    [o] = objects(capture([ethernet(ip4(udp(ZLB, length=26)) + b"\0" * 6)]))
    assert (o["size"], o["captured"]) == (18, 12)


def test_fragments(capture):
    part = bytes([17, 0, 0, 1, 0, 0, 0, 1])
    later = bytes([17, 0, 0, 9, 0, 0, 0, 1])
    packets = [ip4(udp(SCCRQ), fragment=0x2000), ip4(SCCRQ, fragment=0x2007), ip4(b"x", fragment=9),
               ip6(part + udp(SCCRQ), next_header=44), ip6(later + SCCRQ, next_header=44)]
    path = capture([ethernet(p) for p in packets])
    lines = decode(path).splitlines()
    assert len(lines) == 2
    assert all(line.endswith("first fragment of an IP datagram, not decoded") for line in lines)
    assert [o["type"] for o in objects(path)] == ["fragment", "fragment"]


def test_cut_by_the_capture(capture):
    path = capture([ethernet(ip4(udp(SCCRQ)))], snap=14 + 20 + 8 + 40)
    out = decode(path)
    assert "SCCRQ tunnel 0 ns 0 nr 0, 40 octets (offset 2: Length 55, the datagram has 40" in out
    assert "  15 octets more were not captured\n" in out
    assert "verdict: none, the capture does not have all of it" in out
    assert "deviations" not in out
    [o] = objects(path)
    assert (o["size"], o["captured"], o["verdict"], o["deviations"]) == (55, 40, None, [])


def test_port(capture):
    path = capture([ethernet(ip4(udp(ZLB, 50000, 1702))), ethernet(ip4(udp(HELLO, 50000, 1701)))])
    assert "HELLO" in decode(path) and "ZLB" not in decode(path)
    other = decode("--port", "1702", path)
    assert "ZLB" in other and "HELLO" not in other


def test_answer_from_another_port(capture):
    """RFC 2661 8.1"""
    back = {"src": B, "dst": A}
    packets = [ip4(udp(SCCRP, 4000, 50000), **back),      # before the SCCRQ: nobody's
               ip4(udp(SCCRQ, 50000, 1701)),
               ip4(udp(SCCRQ, 50000, 1701)),
               ip4(udp(b"\0" * 20, 4000, 50000), **back),  # not a control message
               ip4(udp(SCCRP, 4000, 50001), **back),      # another port of the client
               ip4(udp(SCCRP, 4000, 50000), src="192.0.2.3", dst=A),
               ip4(udp(SCCRP, 4000, 50000), **back),
               ip4(udp(SCCCN, 50000, 4000)),
               ip4(udp(DATA, 50000, 4000)),
               ip4(udp(HELLO, 50000, 4001)),              # not the port that was chosen
               ip4(udp(HELLO, 4001, 50000), **back)]
    got = objects(capture([ethernet(p) for p in packets]))
    assert [o["message"] or o["type"] for o in got] == ["SCCRQ", "SCCRQ", "SCCRP", "SCCCN", "data"]
    assert (got[2]["source"], got[2]["destination"]) == (f"{B}:4000", f"{A}:50000")


def test_flood_of_openings(capture):
    """More than are remembered: the last ones count."""
    packets = [ip4(udp(SCCRQ, 2000 + i, 1701)) for i in range(1500)]
    packets += [ip4(udp(SCCRP, 4000, 3499), src=B, dst=A), ip4(udp(SCCRP, 4000, 2000), src=B, dst=A)]
    got = objects(capture([ethernet(p) for p in packets]))
    assert [o["message"] for o in got] == ["SCCRQ"] * 1500 + ["SCCRP"]


# --- JSON ---

def test_json(capture):
    sccrq, data, zlb, other = objects(capture([ethernet(ip4(udp(p))) for p in (
        SCCRQ + b"x", DATA, ZLB, b"\0\3abc")]))
    assert sccrq["avps"].pop(3) == {"name": "Host Name", "type": 7, "vendor": 0, "offset": 38,
                                    "length": 9, "mandatory": True, "hidden": False,
                                    "value": '"lac"', "problem": None}
    assert [a["type"] for a in sccrq.pop("avps")] == [0, 2, 3, 9]
    assert sccrq == {"time": "2026-05-17T06:40:00.123456Z", "source": f"{A}:50000",
                     "destination": f"{B}:1701", "type": "control", "message": "SCCRQ", "tunnel": 0,
                     "session": 0, "ns": 0, "nr": 0, "size": 56, "captured": 56, "problem": None,
                     "verdict": {"kind": "good", "result": 0, "error": 0, "text": ""},
                     "deviations": ["trailing-bytes"]}
    assert (data["type"], data["tunnel"], data["session"], data["ns"], data["payload"],
            data["ppp_protocol"]) == ("data", 9, 7, None, 8, 0xc021)
    assert (zlb["message"], zlb["avps"], zlb["ns"]) == ("ZLB", [], 1)
    assert (other["type"], other["problem"]) == ("other", {"offset": 0, "text": "version 3"})


def test_json_of_malformed_message():
    text = message(6, avp(99, b"\1"), avp(7, b"x")[:-1]).hex()
    [o] = objects(text)
    assert (o["time"], o["source"], o["message"]) == ("", "", "HELLO")
    assert o["avps"][1]["name"] == "" and o["avps"][1]["value"] == "01"
    assert o["avps"][2]["problem"] == {"offset": 27, "text": "has length 7, 6 octets are left"}
    assert o["verdict"] == {"kind": "clear-tunnel", "result": 2, "error": 8,
                            "text": "HELLO: unknown mandatory attribute 99"}


# --- hexadecimal text ---

def dump(data, width=16, form="{:06x}"):
    """As od and text2pcap have it."""
    lines = [form.format(i) + " " + data[i:i + width].hex(" ") for i in range(0, len(data), width)]
    return "\n".join(lines) + "\n"


def test_hex_on_the_command_line():
    assert decode(SCCRQ.hex()).splitlines() == SCCRQ_WORDS
    assert decode(SCCRQ.hex(" ")).splitlines() == SCCRQ_WORDS
    assert decode("\t" + SCCRQ.hex(" ", 4).upper() + "\n").splitlines() == SCCRQ_WORDS
    two = decode(ZLB.hex() + "\n\n\n" + DATA.hex(" ")).splitlines()
    assert two == [ZLB_WORDS, DATA_WORDS]
    # longer than any file's name
    assert decode(SCCRQ.hex() + 300 * "\n") .splitlines() == SCCRQ_WORDS
    assert "payload 3000 octets" in decode("000200010002" + "00" * 3000)


@pytest.mark.parametrize("text", [
    dump(SCCRQ),
    dump(SCCRQ, form="{:04X}"),
    dump(SCCRQ, form="{:08x}  "),
    dump(SCCRQ, form="{:07o}") + "0000067\n",
    dump(SCCRQ, width=7),
    dump(SCCRQ) + "000037\n",
    "# a comment\n\n" + dump(SCCRQ),
    dump(SCCRQ).replace("\n", "\r\n"),
    "".join(line + "  cafe\n" for line in dump(SCCRQ, form="{:08x}:").splitlines()),
    "".join(line + "   ..ab cafe\n" for line in dump(SCCRQ).splitlines()),
    "".join(line + "  |..ab cafe|\n" for line in dump(SCCRQ, form="{:08x} ").splitlines()),
])
def test_dumps(text, tmp_path):
    path = tmp_path / "dump.txt"
    path.write_text(text)
    assert decode(str(path)).splitlines() == SCCRQ_WORDS
    assert decode("-", stdin=text.encode()).splitlines() == SCCRQ_WORDS


def test_dump_with_characters_that_look_like_octets():
    text = "".join(f"{line} ab cd ef\n" for line in dump(SCCRQ).splitlines()) + "000037\n"
    assert decode("-", stdin=text.encode()).splitlines() == SCCRQ_WORDS


@pytest.mark.parametrize("program", [["xxd"], ["od", "-Ax", "-tx1"], ["od", "-tx1"],
                                     ["hexdump", "-C"], ["xxd", "-p"]])
def test_dumps_of_programs(program):
    try:
        text = subprocess.run(program, input=SCCRQ, capture_output=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip(f"no {program[0]}")
    assert decode("-", stdin=text).splitlines() == SCCRQ_WORDS


def test_several_in_one_dump(tmp_path):
    path = tmp_path / "dump"
    path.write_text(dump(ZLB) + dump(DATA) + "\n" + dump(ZLB))
    assert decode(str(path)).splitlines() == [ZLB_WORDS, DATA_WORDS, ZLB_WORDS]
    path.write_text(ZLB.hex(" ") + "\n \n" + DATA.hex()[:10] + "\n" + DATA.hex()[10:] + "\n")
    assert decode(str(path)).splitlines() == [ZLB_WORDS, DATA_WORDS]


@pytest.mark.parametrize("text,says", [
    ("c802 zz", 'line 1: "zz" is not hexadecimal'),
    ("c802\n\nc80", 'line 3: "c80" has an odd number of digits'),
    ("hello world", 'line 1: "hello" is not hexadecimal'),
    ("000000 c8 02\n000010 00\n", 'line 2: "000010" is not the offset that should come here'),
    ("000000 c8 02\n*\n", 'line 2: "*" stands for lines left out: let od -v write them'),
    ("000000 c8 02\nxyz 00\n", 'line 2: "xyz" is no offset'),
    ("c802\0", "neither a capture (pcap, pcapng) nor hexadecimal text"),
    ("\x1b[2J", 'line 1: "\\x1b[2J" is not hexadecimal'),
])
def test_bad_text(tmp_path, text, says):
    path = tmp_path / "text"
    path.write_text(text)
    r = ctl("decode", str(path))
    assert r.returncode == 1 and r.stderr.count("\n") == 1
    assert r.stderr.startswith(f"l2tpctl: {path}") and says in r.stderr
    # what came before the mistake has been shown, and is whole
    assert r.stdout == "" or r.stdout.startswith("control message, 2 octets")
    out = ctl("--json", "decode", str(path)).stdout
    assert out == "" or json.loads(out)


def test_longest_datagram(tmp_path):
    path = tmp_path / "text"
    path.write_text("000200010002" + "00" * (65535 - 6))
    assert "payload 65529 octets" in decode(str(path))
    path.write_text("000200010002" + "00" * (65536 - 6))
    assert "is beyond the longest datagram" in bad(1, "decode", str(path))


def test_no_octets(tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(b"")
    assert decode(str(path)) == "no L2TP datagrams\n"
    assert objects(str(path)) == []


def test_a_file_comes_before_hex(tmp_path):
    (tmp_path / "c802").write_text(ZLB.hex())
    r = subprocess.run([L2TPCTL, "decode", "c802"], capture_output=True, text=True, cwd=tmp_path,
                       timeout=TIMEOUT)
    assert r.stdout == ZLB_WORDS + "\n"


# --- the secret ---

def test_hidden_without_a_secret():
    out = decode(ICCN.hex())
    assert "  Proxy Authen Name [H]: hidden, 16 octets\n" in out
    assert "  verdict: none, it has hidden attributes, see --secret-file\n" in out
    assert "bob" not in out
    [o] = objects(ICCN.hex())
    assert o["verdict"] is None and o["avps"][4]["hidden"] is True


@pytest.mark.parametrize("text", [SECRET, SECRET + b"\n", SECRET + b"\r\n", SECRET + b"\nmore\n"])
def test_hidden_with_the_secret(tmp_path, text):
    path = tmp_path / "secret"
    path.write_bytes(text)
    path.chmod(0o600)
    out = decode("--secret-file", str(path), ICCN.hex())
    assert '  Proxy Authen Name [H]: "bob"\n' in out
    assert "  Tx Connect Speed [H]: 64000 bit/s\n" in out
    assert "  Proxy Authen Response [H]: 12 octets\n" in out
    assert "  verdict: good\n" in out
    assert "password" not in out and SECRET.decode() not in out
    assert b"his password".hex() not in out


def test_hidden_with_another_secret(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"another")
    out = decode("--secret-file", str(path), ICCN.hex())
    assert "cannot be unhidden, is the secret the same?" in out and "bob" not in out


@pytest.mark.parametrize("text", [b"", b"\n", b"\r\n", b"x" * 256, b"x" * 300 + b"\n", b"a\0b\n"])
def test_bad_secret_file(tmp_path, text):
    path = tmp_path / "secret"
    path.write_bytes(text)
    says = bad(1, "decode", "--secret-file", str(path), ICCN.hex())
    assert says == f"{path}: its first line is empty, longer than 255 bytes or has a NUL in it"


def test_longest_secret(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"s" * 255 + b"\n")
    text = message(12, avp(36, RV), hidden(22, b"123", b"s" * 255)).hex()
    assert 'Calling Number [H]: "123"' in decode("--secret-file", str(path), text)


def test_no_secret_file(tmp_path):
    path = str(tmp_path / "nothing")
    assert bad(1, "decode", "--secret-file", path, "c802") == \
        f"cannot read {path}: No such file or directory"
    assert "Is a directory" in bad(1, "decode", "--secret-file", str(tmp_path), "c802")


# --- mistakes ---

def test_no_such_file(tmp_path):
    path = str(tmp_path / "nothing")
    assert bad(1, "decode", path) == f"cannot open {path}: No such file or directory"
    assert "Is a directory" in bad(1, "decode", str(tmp_path))


def test_link_that_is_not_known(capture):
    says = bad(1, "decode", capture([b"x"], link=105))
    assert "captured from a link of type 802.11 (105)" in says


def test_broken_captures(tmp_path):
    path = tmp_path / "trace"
    whole = pcap([ethernet(ip4(udp(ZLB))), ethernet(ip4(udp(HELLO)))])
    path.write_bytes(whole[:10])
    assert str(path) in bad(1, "decode", str(path))
    path.write_bytes(whole[:-5])
    r = ctl("decode", str(path))
    assert r.returncode == 1 and "truncated" in r.stderr and str(path) in r.stderr
    assert ZLB_WORDS in r.stdout and "HELLO" not in r.stdout
    r = ctl("--json", "decode", str(path))
    assert r.returncode == 1 and [o["message"] for o in json.loads(r.stdout)] == ["ZLB"]
    assert ctl("--json", "decode", str(path)).stdout.count("\n") == 1


@pytest.mark.parametrize("cut", range(0, 110, 3))
def test_packets_cut_anywhere(capture, cut):
    packets = [ethernet(ip4(udp(ZLB), options=b"\1" * 8)), ethernet(ip6(udp(ZLB))),
               ethernet(ip4(udp(ZLB)), tags=bytes.fromhex("88a80064 81000065")),
               ethernet(ip6(bytes([17, 1]) + bytes(14) + udp(ZLB), next_header=60))]
    for p in packets:
        # the whole one leaves in libpcap's buffer what the short one must not be taken for
        got = objects(capture([p, p[:cut]]))
        seen = max(0, min(cut, len(p)) - len(p) + len(ZLB) + 8)
        assert len(got) == 1 + (seen >= 8)
        if seen >= 8:
            assert (got[1]["size"], got[1]["captured"]) == (len(ZLB), seen - 8)
        assert len(objects(capture([p], snap=cut))) == (seen >= 8)


@pytest.mark.parametrize("words,says", [
    (["decode"], "usage: l2tpctl decode FILE|HEX"),
    (["decode", "a", "b"], "usage: l2tpctl decode FILE|HEX"),
    (["decode", "--port", "0", "x"], '--port: "0" is no port, 1 to 65535'),
    (["decode", "--port", "65536", "x"], "--port: "),
    (["decode", "--port", "-1", "x"], "--port: "),
    (["decode", "--port", "1701x", "x"], "--port: "),
    (["decode", "x", "--port"], "--port needs a value"),
    (["decode", "--secret", "x", "--packets", "y"], "--packets goes with monitor only"),
    (["reload", "--port", "1"], "--port goes with decode only"),
    (["monitor", "--secret-file", "x"], "--secret-file goes with decode only"),
])
def test_usage(words, says):
    assert bad(2, *words).startswith(says)


def test_text_of_the_peer_is_harmless():
    text = message(6, avp(7, b"a\x1b]0;x\x07\n\xc2\x9b1m\xe2\x80\xaeevil\" caf\xc3\xa9")).hex()
    out = decode(text)
    assert '  Host Name: "a?]0;x????1m???evil\' café"\n' in out
    assert out.count("\n") == 5
    r = subprocess.run([L2TPCTL, "decode", text], capture_output=True, timeout=TIMEOUT,
                       env=environment(LC_ALL="C"))
    assert r.stdout.isascii() and b"caf\\u{e9}" in r.stdout


def test_closed_pipe_is_silent(capture):
    path = capture([ethernet(ip4(udp(SCCRQ)))] * 5000)
    r = subprocess.run(f'"{L2TPCTL}" decode "{path}" | head -n 1; echo ${{PIPESTATUS[0]}}', shell=True,
                       executable="/bin/bash", capture_output=True, text=True, timeout=TIMEOUT)
    assert r.stdout.endswith("\n0\n") and r.stderr == ""


def test_full_disk(capture):
    with open("/dev/full", "wb") as full:
        r = subprocess.run([L2TPCTL, "decode", capture([ethernet(ip4(udp(SCCRQ)))])], stdout=full,
                           stderr=subprocess.PIPE, text=True, timeout=TIMEOUT)
    assert r.returncode == 1 and r.stderr.startswith("l2tpctl: cannot write: ")


def test_the_secret_is_not_in_the_arguments():
    """There is no option that takes it, so that no list of processes shows it."""
    assert "--secret-file PATH" in good("--help")
    assert bad(2, "decode", "--secret", "s3cret").startswith(("usage", "--secret"))
