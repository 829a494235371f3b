# SPDX-License-Identifier: Apache-2.0
"""An ALP that was taken over, or is none: whatever it answers, others are served, memory is bounded, and the key comes back out nowhere."""
import gzip
import json
import pathlib
import socketserver
import threading
import time

import pytest

from lib import proc
from lib.build import SANITIZED, SLOWER
from lib.client import Client

KEY = "alp-key-that-is-shown-to-alp-only-4711"
MIB = 1 << 20
USERS = [{"id": n} for n in range(1, 5)]


class HostileAlp(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """answers[path without query] is called with what a request was and a function that sends bytes."""
    allow_reuse_address = daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.answers, self.ended = {}, threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/alp"


class Exchange(socketserver.StreamRequestHandler):
    def handle(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return
            head += line
        length = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        self.rfile.read(int(length[0]) if length else 0)
        path = head.split(b" ")[1].split(b"?")[0].decode()
        answer = self.server.answers.get(path.removeprefix("/alp/"), whole(b"[]"))
        try:
            answer(head, self.wfile.write, self.server.ended)
        except OSError:
            pass  # it was hung up on


def whole(body, status="200 OK", more=b""):
    def answer(head, send, ended):
        send(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n".encode() + more + b"\r\n" + body)
    return answer


def silence(head, send, ended):
    ended.wait(60)


def endless_body(head, send, ended):
    send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while not ended.is_set():
        send(b'{"id":1},' * 10000)


def endless_head(head, send, ended):
    send(b"HTTP/1.1 200 OK\r\n")
    while not ended.is_set():
        send(b"X-More: of it\r\n" * 1000)


def drops(head, send, ended):
    send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while not ended.is_set():
        send(b" ")
        time.sleep(0.05)


def repeats(head, send, ended):
    whole(b"<pre>" + head + b"</pre>\x1b[2J<script>", "422 Unprocessable Entity")(head, send, ended)


def long_answer(head, send, ended):
    whole(b'{"id":7,"description":"' + b"x" * (20 * MIB) + b'"}', "201 Created")(head, send, ended)


LISTS = {
    "silence": (silence, 504), "endless_body": (endless_body, 502), "endless_head": (endless_head, 502), "drops": (drops, 504),
    "bomb": (whole(gzip.compress(b"[" + b" " * (64 * MIB), 1), more=b"Content-Encoding: gzip\r\n"), 502),
    "deep": (whole(b"[" * MIB), 502), "deep_object": (whole(b'[{"id":' + b'{"a":' * 100000 + b"1" + b"}" * 100001 + b"]"), 502),
    "not_utf8": (whole(b'[{"id":1,"name":"\xff\xfe"}]'), 502), "numbers": (whole(b"[1,2,3]"), 502), "html": (whole(b"<html>"), 502),
    "nothing": (whole(b""), 502), "huge_number": (whole(b'[{"id":' + b"9" * 100000 + b"}]"), 200),
    "many": (whole(json.dumps([{"id": n} for n in range(500000)]).encode()), 200),
}


@pytest.fixture
def seats():
    return 1000


@pytest.fixture
def hostile(make_daemon, tmp_path, seats):
    alp = HostileAlp()
    alp.answers["users"] = whole(json.dumps(USERS).encode())
    key_file = tmp_path / "key"
    key_file.touch(mode=0o600)
    key_file.write_text(KEY)
    daemon = make_daemon({"alp.url": alp.url, "alp.key_file": str(key_file), "alp.feed_matters": "no", "alp.answer_timeout_ms": 1500 * SLOWER, "alp.list_max_mb": 16,
                          "alp.read_tries": 1, "alp.read_timeout_ms": 3000 * SLOWER, "alp.breaker_failures": 1000, "alp.lists_entries": "no", "log.level": "debug", "http.max_connections": seats,
                          "posting.wait_ms": min(8000 * SLOWER, 30000)}).start()
    yield alp, daemon
    alp.ended.set()
    daemon.stop()
    alp.shutdown()
    alp.server_close()
    for path in [daemon.directory / "log", *pathlib.Path(daemon.directory).rglob("*")]:
        assert not path.is_file() or path == key_file or KEY.encode() not in path.read_bytes(), path


def resident_mib(daemon):
    with open(f"/proc/{daemon.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def together(count, ask):
    """What so many get who ask at once."""
    got = []
    threads = [threading.Thread(target=lambda: got.append(ask())) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, got


@pytest.mark.parametrize("name", LISTS)
def test_whatever_a_list_is_others_are_served_meanwhile(hostile, name):
    alp, daemon = hostile
    alp.answers["gst_types"], wanted = LISTS[name]
    before = resident_mib(daemon)
    threads, got = together(20, lambda: Client(daemon.port).get("/api/alp/gst_types"))
    while any(t.is_alive() for t in threads):
        assert daemon.client.get("/healthz").status == 200 and daemon.client.get("/api/alp/users").json() == USERS
        time.sleep(0.02)
    assert {a.status for a in got} == {wanted}, got[0]
    assert all(KEY.encode() not in a.body and len(a.body) < 2000 for a in got if a.status != 200)
    if not SANITIZED:
        assert resident_mib(daemon) - before < 160


def post(daemon, n):
    return Client(daemon.port).post("/api/time_entries", {"matter_component_id": 5, "user_id": 1 + n % 4, "date": "2026-01-05", "units": 1, "gst_type": None,
                                                          "description": f"Call {n}"})


def postings_in(daemon, state):
    return [p for p in daemon.client.get("/api/postings", limit=1000).json() if p["state"] == state]


def test_what_alp_repeats_is_shown_as_text_and_without_the_key(hostile):
    alp, daemon = hostile
    alp.answers["time_entries"] = repeats
    answer = post(daemon, 1)
    assert answer.status == 422 and answer.headers["Content-Type"].startswith("application/problem+json") and b"\x1b" not in answer.body
    assert "Authorization: Bearer " + "*" * len(KEY) in answer.json()["detail"]
    assert KEY.encode() not in answer.body and answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_long_answer_to_a_post_is_an_unknown_one(hostile):
    alp, daemon = hostile
    alp.answers["time_entries"] = long_answer
    made = post(daemon, 1)
    assert made.status == 202 and made.json()["state"] in ("unknown", "needs_person") and len(made.body) < 5000, made


def test_many_who_wait_for_a_silent_alp_hold_up_nobody(hostile):
    alp, daemon = hostile
    alp.answers["time_entries"] = alp.answers["matters"] = silence
    numbers = iter(range(1000))
    threads, got = together(100, lambda: post(daemon, next(numbers)))
    # One after the other of a user and a day: the rest waits its turn.
    sent = proc.wait_until(lambda: {p["posting_id"] for p in postings_in(daemon, "sending")}, 30, "a posting under way")
    for _ in range(20):
        assert daemon.client.get("/healthz").status == 200 and daemon.client.get("/api/alp/users").status == 200
    for thread in threads:
        thread.join(60)
    assert {a.status for a in got} <= {202, 429, 503} and len(got) == 100
    proc.wait_until(lambda: not sent & {p["posting_id"] for p in postings_in(daemon, "sending")}, 10, "an end of what was sent")


@pytest.mark.parametrize("seats", [40])
def test_a_silent_alp_does_not_take_every_seat(hostile):
    """Who would have to wait for a list is sent away when most of the connections wait for one already; who need not is served."""
    alp, daemon = hostile
    assert daemon.client.get("/api/alp/users").status == 200
    alp.answers["gst_types"] = silence
    threads, got = together(40, lambda: Client(daemon.port).get("/api/alp/gst_types"))
    while any(t.is_alive() for t in threads):
        assert daemon.client.get("/api/alp/users").json() == USERS
        time.sleep(0.02)
    assert {a.status for a in got} == {503, 504} and len([a for a in got if a.status == 504]) >= 35, "35 of 40 may wait"
    assert {a.json()["code"] for a in got if a.status == 503} == {"alp_busy"} and all(a.headers["Retry-After"] for a in got if a.status == 503)
    alp.answers["gst_types"] = whole(b"[]")
    assert daemon.client.get("/api/alp/gst_types").status == 200, "nobody is counted who does not wait any more"
