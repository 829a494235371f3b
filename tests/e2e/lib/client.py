# SPDX-License-Identifier: Apache-2.0
"""A small HTTP client on http.client: one connection a request, nothing hidden."""
import http.client
import json as jsonlib
import socket
import urllib.parse

from lib import tls
from lib.build import SLOWER


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return jsonlib.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.text[:300]}>"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Client:
    """A port of lib.tls is spoken to by TLS. `headers` stand on every request, and `token` goes along; `source` is the address it comes from; `path` is a Unix socket, instead of a port."""

    def __init__(self, port=None, host="127.0.0.1", timeout=10, token=None, source=None, path=None, headers=None):
        self.port, self.host, self.timeout, self.headers = port, host, timeout * SLOWER, headers or {}
        self.token, self.source, self.path = token, source, path

    def connection(self):
        if self.path is not None:
            return UnixConnection(self.path, self.timeout)
        source = (self.source, 0) if self.source is not None else None
        if tls.context_of(self.port) is not None:
            return http.client.HTTPSConnection(self.host, int(self.port), timeout=self.timeout, source_address=source, context=tls.context_of(self.port))
        return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout, source_address=source)

    def request(self, method, path, params=None, json=None, body=None, headers=None, stream=False):
        """With `stream` only the first piece of the body, whatever follows."""
        headers = {**self.headers, **(headers or {})}
        if json is not None:
            body = jsonlib.dumps(json)
            headers.setdefault("Content-Type", "application/json")
        if params:
            path += "?" + urllib.parse.urlencode(params)
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        connection = self.connection()
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read1() if stream else answer.read())
        finally:
            connection.close()

    def get(self, path, **params):
        return self.request("GET", path, params=params)

    def post(self, path, json=None, **headers):
        return self.request("POST", path, json={} if json is None else json,
                            headers={k.replace("_", "-"): v for k, v in headers.items()})

    def put(self, path, json=None):
        return self.request("PUT", path, json={} if json is None else json)

    def patch(self, path, json):
        return self.request("PATCH", path, json=json)

    def delete(self, path):
        return self.request("DELETE", path)
