# SPDX-License-Identifier: Apache-2.0
"""Server-sent events, as a browser's EventSource takes them: fields, the last id, comments."""
import http.client
import json
import threading
import time
from collections import namedtuple

from lib.build import SLOWER
from lib.client import Client

Event = namedtuple("Event", "id name data")


class Parser:
    """Feed it bytes of an event stream; it keeps what a client has to keep."""

    def __init__(self, last_id=None):
        self.left = b""
        self.last_id, self.retry_ms, self.comments = last_id, None, 0
        self._name, self._data = None, []

    def feed(self, data):
        self.left += data
        *lines, self.left = self.left.split(b"\n")
        return [event for event in map(self._line, lines) if event]

    def _line(self, line):
        if line == b"":
            name, data, self._name, self._data = self._name, self._data, None, []
            return Event(self.last_id, name or "message", json.loads("\n".join(data))) if data else None
        if line.startswith(b":"):
            self.comments += 1
            return None
        field, _, value = line.decode("utf-8").partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            self.last_id = int(value)
        elif field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        elif field == "retry":
            self.retry_ms = int(value)
        else:
            raise AssertionError(f"a line that is none of an event stream: {line!r}")
        return None


class Watch:
    """One stream, read by a thread of its own, so that a test can look at what came so far."""

    def __init__(self, port, path, last_id=None, token=None, timeout=60):
        self.parser, self.events, self.over = Parser(last_id), [], False
        self.connection = Client(port, timeout=timeout).connection()
        headers = {"Accept": "text/event-stream"}
        if last_id is not None:
            headers["Last-Event-ID"] = str(last_id)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self.connection.request("GET", path, headers=headers)
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        self.status, self.headers = self.answer.status, self.answer.headers
        self.body = b""
        self.cut = False  # it ended in the middle
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        try:
            while data := self.answer.read1(65536):
                if self.status == 200:
                    self.events.extend(self.parser.feed(data))
                else:
                    self.body += data
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            self.cut = True
        self.over = True

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        """Leaves, whatever comes."""
        try:
            self.socket.shutdown(2)
        except OSError:
            pass
        self._thread.join(10 * SLOWER)
        self.connection.close()

    @property
    def last_id(self):
        return self.parser.last_id

    def wait(self, condition, timeout=20, what="event"):
        """Until condition(events) is true; its value."""
        end = time.monotonic() + timeout * SLOWER
        while True:
            value = condition(self.events)
            if value:
                return value
            assert not self.over, f"the stream ended before the {what}: {self.events[-5:]}"
            assert time.monotonic() < end, f"no {what} after {timeout * SLOWER} s: {self.events[-5:]}"
            time.sleep(0.005)

    def wait_end(self, timeout=20):
        end = time.monotonic() + timeout * SLOWER
        while not self.over:
            assert time.monotonic() < end, f"the stream does not end: {self.events[-5:]}"
            time.sleep(0.005)
        return self.events
