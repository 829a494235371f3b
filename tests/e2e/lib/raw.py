# SPDX-License-Identifier: Apache-2.0
"""HTTP byte by byte: what a decent client library would never send, and what comes back."""
import json

from lib import tls


class RawAnswer:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        self.body = body

    def json(self):
        return json.loads(self.body)


class Raw:
    def __init__(self, port, timeout=10):
        self.socket = tls.connect(port, timeout)
        self.left = b""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.socket.close()

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode("latin-1"))
        return self

    def _more(self):
        data = self.socket.recv(65536)
        self.left += data
        return bool(data)

    def answer(self, head_only=False):
        """The next answer, or None if the connection ended first."""
        while b"\r\n\r\n" not in self.left:
            if not self._more():
                return None
        head, _, self.left = self.left.partition(b"\r\n\r\n")
        a = RawAnswer(head, b"")
        length = 0 if head_only else int(a.headers.get("content-length", 0))
        while len(self.left) < length:
            if not self._more():
                return None
        a.body, self.left = self.left[:length], self.left[length:]
        return a

    def ended(self):
        """Waits until the other side closes; False if bytes come instead."""
        try:
            return self.left == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


def request(port, text, timeout=10):
    with Raw(port, timeout) as c:
        return c.send(text).answer()


def get(path="/healthz", *headers):
    return "".join(line + "\r\n" for line in (f"GET {path} HTTP/1.1", "Host: localhost", *headers, ""))


def post(path, body, *headers):
    body = body if isinstance(body, bytes) else body.encode()
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode("latin-1") + body
