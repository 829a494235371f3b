# SPDX-License-Identifier: Apache-2.0
"""A receiver of webhooks: keeps what came, checks signatures as the specification says, answers as it is told."""
import base64
import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time
from collections import namedtuple

from lib import proc

Got = namedtuple("Got", "path headers body when")


def sign(secret, message_id, timestamp, body):
    """By the text of the specification, with nothing of the daemon's code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b"%s.%s.%s" % (message_id.encode(), timestamp.encode(), body)
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Message:
    def __init__(self, got):
        self.got, self.id = got, got.headers["webhook-id"]
        self.json = json.loads(got.body)
        self.type, self.data = self.json["type"], self.json["data"]

    def signed_by(self, *secrets):
        """Exactly these signed it, each once, at the time it says."""
        stamp = self.got.headers["webhook-timestamp"]
        assert abs(int(stamp) - self.got.when) < 60, (stamp, self.got.when)
        expected = sorted(sign(s, self.id, stamp, self.got.body) for s in secrets)
        return sorted(self.got.headers["webhook-signature"].split(" ")) == expected


class Receiver:
    """`answers` are statuses, or functions of the handler, for the next requests; then it is 204. `hold` makes it wait before each answer."""

    def __init__(self, tls=None):
        self.got, self.answers, self.headers, self.hold = [], [], {}, 0
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver.lock:
                    receiver.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body, time.time()))
                    answer = receiver.answers.pop(0) if receiver.answers else 204
                time.sleep(receiver.hold)
                if callable(answer):
                    answer(self)
                    return
                self.send_response(answer)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.scheme = "http" if tls is None else "https"
        self.url = f"{self.scheme}://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def settings(self, **more):
        """What a daemon needs to be allowed to tell it."""
        return {"webhooks.ports": [str(self.port)], "webhooks.allow_private": "yes", **more}

    def messages(self, kind=None):
        with self.lock:
            got = [Message(g) for g in self.got]
        return [m for m in got if kind is None or m.type == kind]

    def wait(self, count, kind=None, seconds=20):
        return proc.wait_until(lambda: (m := self.messages(kind)) and len(m) >= count and m, seconds, f"{count} messages of {kind}")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
