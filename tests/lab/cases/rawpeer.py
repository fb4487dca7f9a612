"""A peer made of a socket: it says what a case wants said, right or wrong."""

import socket
import struct

import wire
from lablib import Host, Timeout
from wire import FLAG_L, FLAG_O, FLAG_S, FLAG_T, Packet

TYPES = {name: number for number, name in wire.MESSAGES.items()}
VERSION = 2
PATIENCE = 90       # an answer that does not come within so many seconds does not come


def avp(kind: int, value: bytes) -> bytes:
    """A mandatory AVP of the IETF."""
    return struct.pack("!HHH", 0x8000 | (6 + len(value)), 0, kind) + value


def u16(kind: int, value: int) -> bytes:
    return avp(kind, struct.pack("!H", value))


def u32(kind: int, value: int) -> bytes:
    return avp(kind, struct.pack("!I", value))


def lcp_request(ident: int) -> bytes:
    """A Configure-Request as any pppd's first: MRU and Magic-Number."""
    options = struct.pack("!BBH", 1, 4, 1400) + struct.pack("!BBI", 5, 6, 0x12345600 + ident)
    return struct.pack("!HBBH", wire.LCP, 1, ident, 4 + len(options)) + options


class RawPeer:
    """One end of one tunnel with one call, as LAC or LNS. Nothing is sent that is not asked for,
    but for acknowledgements; there is no retransmission, as the lab's cables lose nothing."""

    TID, SID = 4711, 815

    def __init__(self, host: Host, port: int = 1701, addr: str = "",
                 sock: socket.socket | None = None):
        """At this port of the host's own IPv4 address, or of addr; or with the socket of another."""
        self.host = host
        self.socks = [sock or host.socket(port, addr)]
        self.peer = ("", 0)
        self.peer_tid = self.peer_sid = 0
        self.ns = self.nr = self.data_ns = 0
        self.data: list[Packet] = []        # all data packets that came
        host.net.track(self)

    def finish(self) -> list[str]:
        for sock in self.socks:
            sock.close()
        return []

    def move(self, port: int) -> None:
        """Speak from another port. The old one stays open, so that nothing is refused there."""
        self.socks.append(self.host.socket(port))

    # --- control ---

    def send(self, message: str, *avps: bytes, sid: int = 0) -> None:
        self._send_control(u16(0, TYPES[message]) + b"".join(avps), sid)
        self.ns += 1

    def _send_control(self, body: bytes, sid: int = 0) -> None:
        head = struct.pack("!6H", FLAG_T | FLAG_L | FLAG_S | VERSION, 12 + len(body),
                           self.peer_tid, sid, self.ns, self.nr)
        self.socks[-1].sendto(head + body, self.peer)

    def introduce(self, message: str) -> None:
        """SCCRQ or SCCRP."""
        self.send(message, avp(2, b"\1\0"), u32(3, 3), u32(4, 0), avp(7, b"raw"),
                  u16(9, self.TID), u16(10, 4))

    def _receive(self) -> Packet:
        """The next datagram, acknowledged if it wants to be. Message "" for one that came again."""
        sock = self.socks[-1]
        sock.settimeout(PATIENCE)
        try:
            body, source = sock.recvfrom(65535)
        except socket.timeout:
            raise Timeout(f"{self.host.name}: nothing came within {PATIENCE} s") from None
        packet = wire.parse(body)
        packet.src, packet.sport = source[:2]
        if not packet.control:
            self.data.append(packet)
        elif packet.message != "ZLB":
            if packet.ns != self.nr:
                packet.message = ""
            else:
                self.nr += 1
            if packet.message == "SCCRQ":
                self.peer = source          # its answer acknowledges it
            else:
                self._send_control(b"")
        return packet

    def expect(self, message: str) -> Packet:
        """Read until this control message comes; any other new one but Hello is wrong."""
        while True:
            packet = self._receive()
            if packet.control and packet.message == message:
                self.peer_tid = self._assigned(packet, 9) or self.peer_tid
                self.peer_sid = self._assigned(packet, 14) or self.peer_sid
                return packet
            assert not packet.control or packet.message in ("", "ZLB", "HELLO"), \
                f"{packet.message} {packet.result()}, not {message}"

    @staticmethod
    def _assigned(packet: Packet, kind: int) -> int:
        value = packet.avp(kind)
        return struct.unpack("!H", value)[0] if value else 0

    def call(self, addr: str, *iccn: bytes) -> None:
        """Be the LAC: open a tunnel and place a call in it."""
        self.peer = (addr, 1701)
        self.introduce("SCCRQ")
        self.expect("SCCRP")
        self.send("SCCCN")
        self.send("ICRQ", u16(14, self.SID), u32(15, 1))
        self.expect("ICRP")
        self.send("ICCN", u32(24, 1000000), u32(19, 1), *iccn, sid=self.peer_sid)

    def answer_call(self) -> None:
        """Be the LNS: take the call after the tunnel is there."""
        self.expect("ICRQ")
        self.send("ICRP", u16(14, self.SID), sid=self.peer_sid)
        self.expect("ICCN")

    def stop(self) -> None:
        """The end of the tunnel."""
        self.send("StopCCN", u16(9, self.TID), avp(1, struct.pack("!HH", 1, 0)))

    # --- data ---

    def send_data(self, ppp: bytes, flags: int = 0, offset: bytes | None = None, after: bytes = b"",
                  address: bytes = b"\xff\x03", nr: int = 0) -> None:
        """A data packet. offset: a pad of these octets; after: octets behind Length."""
        rest = struct.pack("!HH", self.peer_tid, self.peer_sid)
        if flags & FLAG_S:
            rest += struct.pack("!HH", self.data_ns, nr)
            self.data_ns += 1
        if offset is not None:
            flags |= FLAG_O
            rest += struct.pack("!H", len(offset)) + offset
        rest += address + ppp
        head = struct.pack("!H", flags | VERSION)
        if flags & FLAG_L:
            head += struct.pack("!H", 4 + len(rest))
        self.socks[-1].sendto(head + rest + after, self.peer)

    def expect_ppp(self, code: int, ident: int | None = None) -> Packet:
        """Read until an LCP packet with this code comes."""
        while True:
            packet = self._receive()
            assert packet.message not in ("StopCCN", "CDN"), packet.result()
            if packet.ppp and packet.ppp.protocol == "LCP" and packet.ppp.code == code \
                    and ident in (None, packet.ppp.ident):
                return packet

    def ask(self, ident: int, **form) -> Packet:
        """Send a Configure-Request in some form; the acknowledgement of it."""
        request = lcp_request(ident)
        self.send_data(request, **form)
        answer = self.expect_ppp(2, ident)
        assert answer.ppp.body == request[6:]
        return answer
