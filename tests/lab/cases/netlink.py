"""What a kernel has in one network namespace: asked for without starting a program, which in an emulated
guest takes 0.2 s, and state is asked for again and again until something is gone."""

import socket
import struct
from collections.abc import Callable, Iterator

NETLINK_ROUTE, NETLINK_GENERIC = 0, 16
REQUEST_DUMP = 0x301
NLMSG_ERROR, NLMSG_DONE = 2, 3
RTM_GETLINK, RTM_GETROUTE = 18, 26
IFLA_IFNAME = 3
RTA_DST, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, RTA_TABLE = 1, 4, 5, 6, 15
RTM_F_CLONED = 0x200
RTPROT_KERNEL, RT_TABLE_MAIN = 2, 254
ARPHRD_PPP = 512
GENL_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
# linux/l2tp.h
TUNNEL_GET, SESSION_GET = 4, 8
CONN_ID, PEER_CONN_ID, SESSION_ID, PEER_SESSION_ID = 9, 10, 11, 12


class Netlink:
    def __init__(self, make: Callable[[int], socket.socket]):
        """make(protocol): an AF_NETLINK socket in the namespace of interest."""
        self.route = make(NETLINK_ROUTE)
        self.genl = make(NETLINK_GENERIC)
        self.seq = 0

    def close(self) -> None:
        self.route.close()
        self.genl.close()

    def _dump(self, sock: socket.socket, kind: int, payload: bytes) -> Iterator[bytes]:
        """The bodies of the messages of a dump."""
        self.seq += 1
        sock.send(struct.pack("=IHHII", 16 + len(payload), kind, REQUEST_DUMP, self.seq, 0)
                  + payload)
        while True:
            data, at = sock.recv(1 << 20), 0
            while at < len(data):
                size, answer, _, seq, _ = struct.unpack_from("=IHHII", data, at)
                body = data[at + 16:at + size]
                at += (size + 3) & ~3
                if seq != self.seq:
                    continue
                if answer == NLMSG_DONE:
                    return
                if answer == NLMSG_ERROR:
                    code = -struct.unpack_from("=i", body)[0]
                    raise OSError(code, f"netlink dump {kind}")
                yield body

    def links(self) -> dict[int, tuple[str, int]]:
        """Name and type by index."""
        found = {}
        for body in self._dump(self.route, RTM_GETLINK, bytes(16)):
            kind, index = struct.unpack_from("=Hi", body, 2)
            found[index] = (_attrs(body, 16)[IFLA_IFNAME].rstrip(b"\0").decode(), kind)
        return found

    def routes(self) -> set[str]:
        """IPv4 of all tables; of IPv6 the main one, without the kernel's own, which come late and go
        with their interface."""
        names = {index: name for index, (name, _) in self.links().items()}
        found = set()
        for family in (socket.AF_INET, socket.AF_INET6):
            for body in self._dump(self.route, RTM_GETROUTE, struct.pack("=B11x", family)):
                _, width, _, _, table, protocol, _, kind, flags = struct.unpack_from("=8BI", body)
                attrs = _attrs(body, 12)
                table = _u32(attrs.get(RTA_TABLE)) or table
                six = family == socket.AF_INET6
                if flags & RTM_F_CLONED or six and (table != RT_TABLE_MAIN
                                                    or protocol == RTPROT_KERNEL):
                    continue
                text = _address(family, attrs.get(RTA_DST)) + f"/{width}"
                if RTA_GATEWAY in attrs:
                    text += " via " + _address(family, attrs[RTA_GATEWAY])
                if RTA_OIF in attrs:
                    text += f" dev {names.get(_u32(attrs[RTA_OIF]), '?')}"
                found.add(f"{text} table {table} type {kind} metric {_u32(attrs.get(RTA_PRIORITY))}")
        return found

    def _l2tp(self, command: int) -> Iterator[dict[int, bytes]]:
        try:
            family = self._family("l2tp")
        except OSError:
            return      # the kernel has none, or not yet
        for body in self._dump(self.genl, family, struct.pack("=BBxx", command, 1)):
            yield _attrs(body, 4)

    def _family(self, name: str) -> int:
        self.seq += 1
        value = name.encode() + b"\0"
        payload = struct.pack("=BBxxHH", CTRL_CMD_GETFAMILY, 1, 4 + len(value),
                              CTRL_ATTR_FAMILY_NAME) + value + bytes(-len(value) % 4)
        self.genl.send(struct.pack("=IHHII", 16 + len(payload), GENL_CTRL, 1, self.seq, 0)
                       + payload)
        data = self.genl.recv(1 << 16)
        if struct.unpack_from("=H", data, 4)[0] == NLMSG_ERROR:
            raise OSError(-struct.unpack_from("=i", data, 16)[0], f"netlink family {name}")
        return struct.unpack("=H", _attrs(data, 20)[CTRL_ATTR_FAMILY_ID])[0]

    def l2tp_tunnels(self) -> list[dict]:
        """With the names that "ip -j l2tp show tunnel" has for them."""
        return [{"tunnel_id": _u32(a[CONN_ID]), "peer_tunnel": _u32(a[PEER_CONN_ID])}
                for a in self._l2tp(TUNNEL_GET)]

    def l2tp_sessions(self) -> list[dict]:
        return [{"tunnel_id": _u32(a[CONN_ID]), "peer_tunnel_id": _u32(a[PEER_CONN_ID]),
                 "session_id": _u32(a[SESSION_ID]), "peer_session_id": _u32(a[PEER_SESSION_ID])}
                for a in self._l2tp(SESSION_GET)]


def _attrs(data: bytes, at: int) -> dict[int, bytes]:
    found = {}
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        if size < 4:
            break
        found[kind & 0x3FFF] = data[at + 4:at + size]
        at += (size + 3) & ~3
    return found


def _u32(value: bytes | None) -> int:
    return struct.unpack("=I", value)[0] if value else 0


def _address(family: int, value: bytes | None) -> str:
    return socket.inet_ntop(family, value or bytes(4 if family == socket.AF_INET else 16))
