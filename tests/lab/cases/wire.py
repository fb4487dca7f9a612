"""What went over the wire: tcpdump captures, read back and judged."""

import json
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lablib import Host, Timeout, wait_for

MESSAGES = {1: "SCCRQ", 2: "SCCRP", 3: "SCCCN", 4: "StopCCN", 6: "HELLO", 7: "OCRQ", 8: "OCRP",
            9: "OCCN", 10: "ICRQ", 11: "ICRP", 12: "ICCN", 14: "CDN", 15: "WEN", 16: "SLI"}
LCP, IPCP, PAP, CHAP = 0xC021, 0x8021, 0xC023, 0xC223
PPP_CONTROL = {LCP: "LCP", IPCP: "IPCP", 0x8057: "IPV6CP", 0x80FD: "CCP", PAP: "PAP", CHAP: "CHAP"}
FLAG_T, FLAG_L, FLAG_S, FLAG_O, FLAG_P = 0x8000, 0x4000, 0x0800, 0x0200, 0x0100
WARN = 0x600000     # tshark's PI_WARN; errors are above


class Capture:
    """tcpdump on one interface of a host, into a file of the results."""

    def __init__(self, host: Host, iface: str = "eth0", name: str = "", expr: str = ""):
        self.host = host
        self.iface = iface
        self.pcap = host.net.results / f"{name or host.name + '-' + iface}.pcap"
        self.proc = host.popen(f"tcpdump-{iface}", "tcpdump", "-i", iface, "-Z", "root", "-U", "-n",
                               "--immediate-mode", "-B", "8192", "-w", str(self.pcap),
                               *expr.split())
        self.filtered = bool(expr)
        wait_for(lambda: "listening on" in self.proc.log(), what="tcpdump is listening")

    def stop(self) -> Path:
        """End the capture when all that happened before is in the file."""
        if self.proc.running() and not self.filtered:
            # a packet of our own: when it is in the file, so is everything before it
            token = f"end of capture {self.proc.pid}"
            self.host.run("bash", "-c", f"echo '{token}' >/dev/udp/ff02::1%{self.iface}/9")
            wait_for(lambda: token.encode() in self._tail(), what="capture is flushed")
        self.proc.stop(signal.SIGINT)
        return self.pcap

    def _tail(self) -> bytes:
        with open(self.pcap, "rb") as f:
            f.seek(max(0, os.fstat(f.fileno()).st_size - 65536))
            return f.read()


@dataclass
class Ppp:
    """One PPP control packet (LCP, IPCP, CHAP ...)."""
    protocol: str
    code: int
    ident: int
    body: bytes


@dataclass
class Packet:
    """One L2TP datagram."""
    number: int
    time: float
    src: str
    dst: str
    sport: int
    dport: int
    checksum: str               # good, bad or none
    control: bool
    tid: int
    sid: int
    ns: int | None
    nr: int | None
    length: int
    told: int | None = None     # Length field
    flags: int = 0              # the first 16 bits: FLAG_L ...
    raw: bytes = b""            # all of it
    message: str = ""           # SCCRQ ...; ZLB for a control message without a body
    avps: list[tuple[int, int, bytes]] = field(default_factory=list)    # vendor, type, value
    ppp: Ppp | None = None
    hidden: set[int] = field(default_factory=set)   # AVPs with the H bit

    def avp(self, kind: int) -> bytes | None:
        return next((v for vendor, t, v in self.avps if vendor == 0 and t == kind), None)

    def result(self) -> tuple[int, int, str] | None:
        """Result Code AVP of a StopCCN or CDN: result, error, text."""
        value = self.avp(1)
        if value is None or len(value) < 2:
            return None
        error = struct.unpack_from("!H", value, 2)[0] if len(value) >= 4 else 0
        return struct.unpack_from("!H", value)[0], error, value[4:].decode(errors="replace")


def packets(pcap: Path, *ports: int) -> list[Packet]:
    """All L2TP datagrams of a capture: those to and from these ports."""
    found = []
    for number, when, frame in _frames(pcap):
        packet = _datagram(number, when, frame, ports or (1701,))
        if packet:
            found.append(packet)
    return found


def _frames(pcap: Path) -> Iterator[tuple[int, float, bytes]]:
    data = pcap.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    assert struct.unpack_from(order + "I", data, 20)[0] == 1, "not an Ethernet capture"
    at, number = 24, 0
    while at + 16 <= len(data):
        sec, usec, caplen, _ = struct.unpack_from(order + "IIII", data, at)
        number += 1
        yield number, sec + usec / 1e6, data[at + 16:at + 16 + caplen]
        at += 16 + caplen


def _datagram(number: int, when: float, frame: bytes, ports: tuple[int, ...]) -> Packet | None:
    ethertype = struct.unpack_from("!H", frame, 12)[0]
    ip = frame[14:]
    if ethertype == 0x0800 and ip[9] == 17:
        if struct.unpack_from("!H", ip, 6)[0] & 0x1FFF:
            return None             # a later fragment
        family, src, dst, udp = socket.AF_INET, ip[12:16], ip[16:20], ip[(ip[0] & 15) * 4:]
        udp = udp[:struct.unpack_from("!H", ip, 2)[0] - (ip[0] & 15) * 4]
    elif ethertype == 0x86DD and ip[6] == 17:
        family, src, dst, udp = socket.AF_INET6, ip[8:24], ip[24:40], ip[40:]
    else:
        return None
    sport, dport, ulen, csum = struct.unpack_from("!HHHH", udp)
    if sport not in ports and dport not in ports:
        return None
    packet = parse(udp[8:ulen])
    packet.number, packet.time = number, when
    packet.src, packet.dst = socket.inet_ntop(family, src), socket.inet_ntop(family, dst)
    packet.sport, packet.dport = sport, dport
    packet.checksum = _checksum(src, dst, udp[:ulen], ulen, csum)
    return packet


def parse(body: bytes) -> Packet:
    """The contents of a datagram."""
    flags = struct.unpack_from("!H", body)[0]
    at = 2
    length, told = len(body), None
    if flags & FLAG_L:
        length = told = struct.unpack_from("!H", body, at)[0]
        at += 2
    tid, sid = struct.unpack_from("!HH", body, at)
    at += 4
    ns = nr = None
    if flags & FLAG_S:
        ns, nr = struct.unpack_from("!HH", body, at)
        at += 4
    if flags & FLAG_O:
        at += 2 + struct.unpack_from("!H", body, at)[0]
    packet = Packet(0, 0.0, "", "", 0, 0, "", bool(flags & FLAG_T), tid, sid, ns, nr, len(body),
                    told, flags, body)
    if packet.control:
        _avps(packet, body[at:length])
    else:
        packet.ppp = _ppp(body[at:])
    return packet


def _avps(packet: Packet, data: bytes) -> None:
    packet.message = "ZLB"
    while len(data) >= 6:
        head, vendor, kind = struct.unpack_from("!HHH", data)
        size = head & 0x3FF
        assert 6 <= size <= len(data), f"frame {packet.number}: AVP {kind} of length {size}"
        packet.avps.append((vendor, kind, data[6:size]))
        if head & 0x4000:
            packet.hidden.add(kind)
        data = data[size:]
    if packet.avps:
        kind = struct.unpack("!H", packet.avps[0][2])[0]
        packet.message = MESSAGES.get(kind, str(kind))


def _ppp(data: bytes) -> Ppp | None:
    if data[:2] == b"\xff\x03":
        data = data[2:]
    if len(data) < 6:
        return None
    protocol, code, ident, size = struct.unpack_from("!HBBH", data)
    if protocol not in PPP_CONTROL:
        return None
    return Ppp(PPP_CONTROL[protocol], code, ident, data[6:2 + size])


def _checksum(src: bytes, dst: bytes, udp: bytes, ulen: int, csum: int) -> str:
    if csum == 0:
        return "none"
    if len(udp) < ulen:
        return "good"       # a fragment: not all of it is here
    pseudo = src + dst + struct.pack("!II", ulen, 17) + udp
    pseudo += b"\0" * (len(pseudo) % 2)
    total = sum(struct.unpack(f"!{len(pseudo) // 2}H", pseudo))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return "good" if total == 0xFFFF else "bad"


def control(pcap: Path) -> list[Packet]:
    """Control messages, without the bare acknowledgements."""
    return [p for p in packets(pcap) if p.control and p.message != "ZLB"]


def messages(pcap: Path, src: str = "") -> list[str]:
    """Names of the control messages in order, of one sender or of all."""
    return [p.message for p in control(pcap) if src in ("", p.src)]


def data(pcap: Path, src: str) -> list[Packet]:
    """Data packets of one sender."""
    return [p for p in packets(pcap) if not p.control and p.src == src]


def ppp_frames(pcap: Path) -> list[Packet]:
    """Data packets that carry PPP control: see .ppp for protocol, code and identifier."""
    return [p for p in packets(pcap) if p.ppp]


def lost_ppp(pcap: Path) -> list[str]:
    """PPP requests that had to be repeated because a copy of them got no answer.

    A request that was lost, or came before the other side was ready, shows as fewer answers than
    copies. A slow machine that answers late repeats too, but answers every copy.
    """
    copies: dict[tuple, list[Packet]] = {}
    answers: dict[tuple, int] = {}
    for p in ppp_frames(pcap):
        if p.ppp.code == 1:         # Configure-Request, Challenge, Authenticate-Request
            # PAP counts its identifier up when it repeats a request
            ident = None if p.ppp.protocol == "PAP" else p.ppp.ident
            key = (p.src, p.ppp.protocol, p.tid, p.sid, ident, p.ppp.body)
            copies.setdefault(key, []).append(p)
        elif p.ppp.code in (2, 3, 4) and not (p.ppp.protocol == "CHAP" and p.ppp.code != 2):
            key = (p.dst, p.ppp.protocol, p.ppp.ident)
            answers[key] = answers.get(key, 0) + 1
    bad = []
    for (src, protocol, *_), sent in copies.items():
        idents = {p.ppp.ident for p in sent}
        answered = sum(answers.get((src, protocol, ident), 0) for ident in idents)
        if len(sent) > 1 and answered < len(sent):
            bad.append(f"frame {sent[1].number} from {src}: {protocol} request id "
                       f"{sent[1].ppp.ident} repeats frame {sent[0].number}; {answered} answers")
    return bad


def retransmitted_ppp(pcap: Path) -> list[str]:
    """All PPP frames the same side sent twice in one call, answered or not."""
    seen: dict[tuple, int] = {}
    again = []
    for p in ppp_frames(pcap):
        key = (p.src, p.sport, p.tid, p.sid, p.ppp.protocol, p.ppp.code, p.ppp.ident, p.ppp.body)
        if key in seen:
            again.append(f"frame {p.number} from {p.src}: {p.ppp.protocol} code {p.ppp.code} "
                         f"id {p.ppp.ident} repeats frame {seen[key]}")
        seen.setdefault(key, p.number)
    return again


def needless_control(pcap: Path) -> list[str]:
    """Control messages repeated although their acknowledgement had long arrived, or at once.

    A repetition after a second without acknowledgement is what RFC 2661 5.8 asks for; a slow
    machine makes those, and may come to read an acknowledgement half a second late.
    """
    bad = []
    all_control = [p for p in packets(pcap) if p.control]
    for i, again in enumerate(all_control):
        if again.message == "ZLB":
            continue
        before = [p for p in all_control[:i] if (p.src, p.sport, p.tid, p.ns, p.message, p.avps)
                  == (again.src, again.sport, again.tid, again.ns, again.message, again.avps)]
        if not before:
            continue
        first, last = before[0], before[-1]
        acks = [p for p in all_control[:i] if p.number > first.number and p.src == again.dst
                and p.dport == again.sport and (p.nr - again.ns) % 65536 in range(1, 32768)
                and again.time - p.time > 0.5]
        if acks or again.time - last.time < 0.5:
            bad.append(f"frame {again.number} from {again.src}: {again.message} repeats frame "
                       f"{first.number}" + (f", acknowledged by frame {acks[0].number}" if acks else
                                            f" after {again.time - last.time:.2f} s"))
    return bad


def bad_checksums(pcap: Path, *senders: str) -> list[str]:
    """L2TP datagrams of these senders whose UDP checksum is absent or wrong (RFC 2661 8.1)."""
    return [f"frame {p.number} from {p.src}: UDP checksum {p.checksum}"
            for p in packets(pcap) if p.src in senders and p.checksum != "good"]


def tshark(args: list[str]) -> str:
    """What it says. The runner of the lab has it run outside: in a guest it takes 5 s to start."""
    folder = os.environ.get("LAB_JUDGE")
    if folder:
        ask = Path(folder, f"{os.environ['LAB_GUEST']}-{time.monotonic_ns()}.new")
        ask.write_text(json.dumps(args))
        ask.rename(ask.with_suffix(".ask"))
        said = ask.with_suffix(".said")
        wait_for(said.exists, 150, "an answer of tshark")
        code, out, err = json.loads(said.read_text())
    else:
        done = subprocess.run(["tshark", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=200, check=False)
        code, out, err = done.returncode, done.stdout, done.stderr
    if code:
        raise Timeout(f"tshark: exit {code}: {err.strip()}")
    return out


def tshark_complaints(pcap: Path, *senders: str) -> list[str]:
    """Expert warnings and errors of tshark about control messages of these senders."""
    names = ["frame.number", "ip.src", "ipv6.src", "l2tp.type", "_ws.expert.severity",
             "_ws.expert.message", "_ws.malformed"]
    args = ["-n", "-r", str(pcap), "-o", "udp.check_checksum:TRUE", "-Y", "l2tp",
            "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|"]
    for name in names:
        args += ["-e", name]
    bad = []
    for line in tshark(args).splitlines():
        number, v4, v6, kind, severities, text, malformed = (line.split("\t") + [""] * 7)[:7]
        # IP inside the tunnel comes after the outer address
        src = (v4 or v6).split("|")[0]
        if src not in senders or kind.split("|")[0] not in ("1", "True"):
            continue
        worst = max((int(s, 0) for s in severities.split("|") if s), default=0)
        if malformed or worst >= WARN:
            bad.append(f"frame {number} from {src}: {text or 'malformed'}")
    return bad


def tshark_check(pcap: Path, *our_addrs: str) -> None:
    """Nothing we sent is wrong in the eyes of tshark, every datagram has a good UDP checksum."""
    bad = tshark_complaints(pcap, *our_addrs) + bad_checksums(pcap, *our_addrs)
    assert not bad, "\n".join(bad)
