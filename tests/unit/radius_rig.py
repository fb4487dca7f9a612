# SPDX-License-Identifier: GPL-2.0-or-later
"""A RADIUS server of straw (RFC 2865, 2866, 2868, written from the RFCs and sharing no code with l2tpd), and radius_ask, the program
that is l2tpd's client."""

import hashlib
import hmac
import json
import os
import socket
import struct
import subprocess
import threading

SECRET = b"testing123"
ACCEPT, REJECT, ACCOUNTED, CHALLENGE = 2, 3, 5, 11


def attr(kind: int, value: bytes | str | int) -> bytes:
    if isinstance(value, int):
        value = struct.pack(">I", value)
    if isinstance(value, str):
        value = value.encode()
    return bytes([kind, len(value) + 2]) + value


def tagged(kind: int, tag: int, value: str | int) -> bytes:
    """RFC 2868: a tag, then text, or three octets."""
    return attr(kind, bytes([tag]) + (struct.pack(">I", value)[1:] if isinstance(value, int) else value.encode()))


def parse(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    while data:
        found.append((data[0], data[2:data[1]]))
        data = data[data[1]:]
    return found


def chain(secret: bytes, first: bytes, data: bytes, decrypt: bool) -> bytes:
    """RFC 2865 5.2, RFC 2868 3.5: blocks of 16, each under the MD5 of the cipher block before."""
    out, before = b"", first
    for at in range(0, len(data), 16):
        block = data[at:at + 16]
        done = bytes(a ^ b for a, b in zip(block, hashlib.md5(secret + before).digest()))
        out += done
        before = block if decrypt else done
    return out


def tunnel_password(tag: int, text: str, vector: bytes, salt: bytes = b"\x80\x01", secret: bytes = SECRET) -> bytes:
    plain = bytes([len(text)]) + text.encode()
    plain += bytes(-len(plain) % 16)
    return attr(69, bytes([tag]) + salt + chain(secret, vector + salt, plain, False))


class Request:
    """What the client sent."""

    def __init__(self, data: bytes, sender) -> None:
        self.raw, self.sender = data, sender
        self.code, self.id, self.length = struct.unpack(">BBH", data[:4])
        self.vector = data[4:20]
        self.attrs = parse(data[20:self.length])

    def all(self, kind: int) -> list[bytes]:
        return [value for found, value in self.attrs if found == kind]

    def get(self, kind: int) -> bytes | None:
        return (self.all(kind) or [None])[0]

    def text(self, kind: int) -> str:
        return (self.get(kind) or b"").decode()

    def number(self, kind: int) -> int:
        return int.from_bytes(self.get(kind) or b"", "big")

    def vendor(self, vendor: int, kind: int) -> bytes | None:
        for value in self.all(26):
            if int.from_bytes(value[:4], "big") == vendor:
                for found, inner in parse(value[4:]):
                    if found == kind:
                        return inner
        return None

    def password(self, secret: bytes = SECRET) -> bytes:
        return chain(secret, self.vector, self.get(2), True).rstrip(b"\0")

    def answer(self, code: int, attrs: bytes = b"", secret: bytes = SECRET, ident: int | None = None, signed: bytes = SECRET) -> bytes:
        """signed: with which secret the Message-Authenticator is made, b"" for none (RFC 3579 3.2)."""
        mac = signed if code in (ACCEPT, REJECT, CHALLENGE) else b""
        head = struct.pack(">BBH", code, self.id if ident is None else ident, 20 + len(attrs) + (18 if mac else 0))
        if mac:
            attrs += attr(80, hmac.digest(mac, head + self.vector + attrs + attr(80, bytes(16)), "md5"))
        return head + hashlib.md5(head + self.vector + attrs + secret).digest() + attrs

    def signed(self) -> bool:
        """The Message-Authenticator of an Access-Request: the first attribute."""
        (kind, value), zeros = self.attrs[0], self.raw[:22] + bytes(16) + self.raw[38:]
        return kind == 80 and value == hmac.digest(SECRET, zeros, "md5")

    def proven(self) -> bool:
        """RFC 2866 3: the authenticator of an Accounting-Request."""
        return hashlib.md5(self.raw[:4] + bytes(16) + self.raw[20:] + SECRET).digest() == self.vector


class Server:
    """Calls handler(request) for each datagram; what that returns (one, several, None) is sent."""

    def __init__(self, handler) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.handler, self.requests = handler, []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            data, sender = self.socket.recvfrom(4096)
            if not data:
                return
            request = Request(data, sender)
            self.requests.append(request)
            answers = self.handler(request)
            for answer in [answers] if isinstance(answers, bytes) else answers or []:
                self.socket.sendto(answer, sender)

    def stop(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()


class Client:
    """radius_ask with a configuration file of these lines."""

    def __init__(self, folder, *lines: str) -> None:
        self.path = folder / "radiusclient.conf"
        self.path.write_text("".join(line + "\n" for line in lines))
        self.path.chmod(0o640)
        self.process = subprocess.Popen([os.environ["RADIUS_ASK"], str(self.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def read(self) -> dict:
        return json.loads(self.process.stdout.readline())

    def wait(self, count: int = 1) -> list[dict]:
        self.order(f"wait {count}")
        return [self.read() for _ in range(count)]

    def ask(self, line: str = "name=alice@isp pap=wonder") -> dict:
        self.order("ask 1 " + line)
        return self.wait()[0]

    def end(self, patience: int = 0) -> int:
        if self.process.poll() is None:
            self.order(f"free {patience}")
        self.process.stdin.close()
        code = self.process.wait(60)
        self.process.stdout.close()
        return code
