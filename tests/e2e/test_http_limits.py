# SPDX-License-Identifier: Apache-2.0
"""Slow, greedy and broken clients: each gets an answer of ours or is let go, and costs nobody else anything."""
import resource
import socket
import time

import pytest

from lib import proc, raw
from lib.build import SANITIZED, SLOWER
from lib.daemon import Daemon
from lib.fake import Fake
from lib.tls import Certificate

CONNECTIONS = 20
DEADLINE = 1.0 * SLOWER


@pytest.fixture(scope="module", params=["plain", "tls"])
def small(request, tmp_path_factory, the_sandbox):
    """A daemon with little patience and few seats."""
    certificate = Certificate(tmp_path_factory.mktemp("tls")) if request.param == "tls" else None
    d = Daemon(tmp_path_factory.mktemp("daemon"), the_sandbox, {
        "http.max_connections": CONNECTIONS, "http.request_timeout_ms": int(DEADLINE * 1000), "http.idle_timeout_ms": int(DEADLINE * 1500)}, certificate=certificate)
    d.start()
    yield d
    d.end()


def alive(daemon, within=1.0):
    start = time.monotonic()
    assert daemon.client.get("/healthz").status == 200
    assert time.monotonic() - start < within * SLOWER


def problem(answer, status, code):
    assert answer is not None, "closed without an answer"
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status and answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("text, status, code", [
    ("GARBAGE\r\n\r\n", 400, "bad_request"),
    ("GET / HTTP/1.1\nHost: localhost\n\n\r\n\r\n", 400, "bad_request"),
    ("GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "bad_request"),
    ("GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "bad_request"),
    ("GET /\x01 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "bad_request"),
    ("GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "bad_request"),
    ("GET localhost HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "bad_request"),
    ("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505, "http_version"),
    ("BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, "unknown_method"),
    ("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, "unknown_method"),
    ("GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400, "bad_request"),
    ("GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n", 400, "bad_request"),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nA: \x00\r\n\r\n", 400, "bad_request"),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400, "repeated_header"),
    ("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "repeated_header"),
    ("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400, "bad_framing"),
    ("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, "bad_framing"),
    ("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nContent-Length: +2\r\n\r\n{}", 400, "bad_framing"),
    ("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2, 2\r\n\r\n{}", 400, "bad_framing"),
    ("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n{}", 400, "bad_framing"),
    ("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nExpect: magic\r\n\r\n", 417, "unknown_expectation"),
    ("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "bad_framing"),
    ("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n", 400, "bad_framing"),
    ("GET /" + "a" * 5000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "target_too_long"),
    ("GET /" + "a" * 20000, 414, "target_too_long"),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nA: " + "a" * 17000 + "\r\n\r\n", 431, "head_too_large"),
    ("GET / HTTP/1.1\r\nHost: localhost\r\n" + "A: b\r\n" * 100 + "\r\n", 431, "head_too_large"),
])
def test_a_request_that_is_none_is_refused_and_the_connection_ends(small, text, status, code):
    with raw.Raw(small.port) as c:
        problem(c.send(text).answer(), status, code)
        assert c.ended()
    alive(small)


def test_nothing_is_smuggled_behind_a_refused_request(small):
    with raw.Raw(small.port) as c:
        c.send("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + raw.get())
        assert c.answer().status == 400
        assert c.ended()


@pytest.mark.parametrize("length", [65537, 1 << 21, 1 << 40])
def test_a_body_that_announces_too_much_is_refused_before_it_comes(small, length):
    with raw.Raw(small.port) as c:
        c.send(f"POST /api/jobs/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
               "Expect: 100-continue\r\n\r\n")
        problem(c.answer(), 413, "body_too_large")


@pytest.mark.parametrize("size", [70_000, 1_500_000, 20_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_sends_too_much_first_can_read_why(small, size, chunked):
    with raw.Raw(small.port) as c:
        head = "POST /api/jobs/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        if chunked:
            c.send(head + "Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(size // 10000):
                c.send("2710\r\n" + "x" * 10000 + "\r\n")
        else:
            c.send(head + f"Content-Length: {size}\r\n\r\n")
            c.send("x" * size)
        problem(c.answer(), 413, "body_too_large")


def test_a_body_in_odd_chunks_is_read(small):
    body = '{"alp_user_id": 77, "nonsense": 1}'
    chunks = "".join(f"{len(part):x};ext=1\r\n{part}\r\n" for part in (body[:1], body[1:7], body[7:])) + "0\r\nTrailer: x\r\n\r\n"
    with raw.Raw(small.port) as c:
        c.send("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for byte in chunks:
            c.send(byte)
        a = c.answer()
        assert a.status == 422 and [e["loc"] for e in a.json()["errors"]] == [["body", "nonsense"]]
        assert c.send(raw.get()).answer().status == 200


def test_continue_is_sent_when_asked_for(small):
    with raw.Raw(small.port) as c:
        c.send("POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        assert c.answer().status == 100
        assert c.send('{"a": 1} ').answer().status == 422


def test_requests_sent_in_one_go_are_answered_in_order(small):
    with raw.Raw(small.port) as c:
        c.send(raw.get("/healthz") + raw.get("/nope") + raw.get("/api/settings"))
        c.send(raw.post("/api/jobs/process", "{") + raw.get("/readyz").encode())
        assert [c.answer().status for _ in range(5)] == [200, 404, 200, 400, 200]


def test_a_request_byte_by_byte_is_answered(small):
    with raw.Raw(small.port) as c:
        for byte in raw.get():
            c.send(byte)
        assert c.answer().status == 200


@pytest.mark.parametrize("first", ["G", "GET /healthz HTTP/1.1\r\nHost: loc", raw.post("/api/jobs/fetch", "x" * 50)[:-20].decode()])
def test_a_request_that_never_ends_is_ended(small, first):
    with raw.Raw(small.port) as c:
        start = time.monotonic()
        c.send(first)
        problem(c.answer(), 408, "too_slow")
        assert DEADLINE * 0.8 < time.monotonic() - start < DEADLINE + 1.5 * SLOWER


def test_a_byte_now_and_then_does_not_move_the_deadline(small):
    with raw.Raw(small.port) as c:
        start = time.monotonic()
        c.socket.settimeout(0.1)
        got = b""
        while time.monotonic() - start < DEADLINE * 5 and not got:
            try:
                c.send("a")
                got = c.socket.recv(10)
            except TimeoutError:
                pass
        assert got.startswith(b"HTTP/1.1 4") and time.monotonic() - start < DEADLINE + 1.5 * SLOWER


def test_an_idle_connection_is_closed(small):
    with raw.Raw(small.port) as c, raw.Raw(small.port) as never:
        assert c.send(raw.get()).answer().status == 200
        start = time.monotonic()
        assert c.ended() and never.ended()
        assert DEADLINE < time.monotonic() - start < DEADLINE * 4


def test_more_clients_than_seats_evict_who_waits_longest(small):
    crowd = [raw.Raw(small.port) for _ in range(CONNECTIONS * 3)]
    try:
        for c in crowd:
            c.send("G")
        alive(small)
        assert crowd[-1].send(raw.get()[1:]).answer().status == 200
    finally:
        for c in crowd:
            c.socket.close()
    alive(small)


def test_a_crowd_of_slow_clients_delays_nobody(small):
    crowd = []
    try:
        for _ in range(CONNECTIONS - 2):
            c = raw.Raw(small.port)
            c.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ")
            crowd.append(c)
        for _ in range(20):
            alive(small, within=0.3)
    finally:
        for c in crowd:
            c.socket.close()


def test_requests_in_flight_are_never_evicted(small, new_user):
    number, key = new_user()
    body = f'{{"alp_user_id": {number}, "rescue_time_api_key": "{key}", "days": 1, "target_date": "2026-01-05"}}'
    waiting = raw.Raw(small.port, timeout=40).send(raw.post("/api/jobs/fetch", body, "Prefer: wait=3"))
    crowd = [raw.Raw(small.port) for _ in range(CONNECTIONS * 2)]
    try:
        assert waiting.answer().status == 202
    finally:
        for c in [waiting, *crowd]:
            c.socket.close()


def test_a_reset_in_the_middle_harms_nobody(small):
    for text in ("G", "GET /healthz HTTP/1.1\r\n", raw.get(), raw.get() * 3):
        c = raw.Raw(small.port).send(text)
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        c.socket.close()
    alive(small)


def test_answers_do_not_wait_for_nagle(small):
    with raw.Raw(small.port) as c:
        start = time.monotonic()
        for _ in range(50):
            c.send(raw.get("/api/settings")).answer()
        assert SANITIZED or time.monotonic() - start < 1.0, "a sanitizer takes as long as that would"


def test_running_out_of_descriptors_is_told_once_and_ends_by_itself(daemon):
    for turn in (1, 2):
        before = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (5, before[1]))
        try:
            with pytest.raises(TimeoutError), raw.Raw(daemon.port, timeout=0.7) as c:
                c.send(raw.get()).answer()
        finally:
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, before)
        with raw.Raw(daemon.port, timeout=2) as c:
            assert c.send(raw.get()).answer().status == 200
        proc.wait_until(lambda: daemon.log().count("no connection can be accepted: Too many open files") == turn, 2, "one line in the log")


def test_empty_lines_without_end_are_refused(daemon):
    with raw.Raw(daemon.port) as c:
        problem(c.send("\r\n" * 10000).answer(), 400, "bad_request")
        assert c.ended()
    with raw.Raw(daemon.port) as c:
        assert c.send("\r\n\r\n" + raw.get()).answer().status == 200


def test_what_frames_small_chunks_is_not_kept():
    """Sixty bytes of framing for each of the body, on fifteen connections: it is the body that counts."""
    head = "POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = '{"alp_user_id": 404,' + " " * 50000 + '"nonsense": 1}'
    framed = "".join(f"1;{'e' * 56}\r\n{byte}\r\n" for byte in body)
    with Fake() as f:
        def peak_mb():
            with open(f"/proc/{f.process.pid}/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) >> 10
        before, crowd = peak_mb(), [raw.Raw(f.port) for _ in range(15)]
        for c in crowd:
            c.send(head + framed)
        for c in crowd:
            a = c.send("0\r\n\r\n").answer()
            assert a.status == 422 and [e["loc"] for e in a.json()["errors"]] == [["body", "nonsense"]]
            assert c.send(raw.get()).answer().status == 200
            c.socket.close()
        assert SANITIZED or peak_mb() - before < 20
