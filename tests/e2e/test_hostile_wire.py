# SPDX-License-Identifier: Apache-2.0
"""What a client can do to the wire itself: bodies at the limit and beyond, framing that two readers could read differently, other protocols,
crowds that idle, drip, or never read. What concerns one request's limits in time and size more generally is in test_http_limits.py."""
import os
import re
import resource
import socket
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib import hostile, proc, raw, tls
from lib.build import SANITIZED, SLOWER
from lib.contract import Contract
from lib.daemon import Daemon

DEADLINE = 1.0 * SLOWER
TIMES = int(os.environ.get("RTALP_EXAMPLES", "1"))
POST = "POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
IDLE = 10000


@pytest.fixture(scope="module")
def hasty(tmp_path_factory, the_sandbox):
    """A daemon that waits for nobody for long, and limits no rate."""
    d = Daemon(tmp_path_factory.mktemp("daemon"), the_sandbox, {"http.requests_per_minute": 0, "http.request_timeout_ms": int(DEADLINE * 1000)})
    d.start()
    yield d
    d.end()


@pytest.fixture(scope="module")
def contract(hasty):
    return Contract.of(hasty.client)


def refused(answer, status, code):
    assert answer is not None, "closed without an answer"
    assert (answer.status, answer.json()["code"]) == (status, code), answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close" and answer.json()["request_id"] == answer.headers["x-request-id"]


def alive(daemon, within=1.0):
    began = time.monotonic()
    assert daemon.client.get("/healthz").status == 200
    assert time.monotonic() - began < within * SLOWER


# --- bodies at their limit ---


def limit_of(operation):
    """As the contract tells it."""
    told = re.match(r"At most (\d+) bytes", operation.described.get("requestBody", {}).get("description", ""))
    return int(told[1]) if told else 65536


def framed(operation, size, chunked):
    """The head, and the pieces of a body of that many bytes."""
    target = operation.target(query={"zz": "1"})
    head = f"{operation.method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    body = b"{" + b" " * (size - 2) + b"}"
    if not chunked:
        return [f"{head}Content-Length: {size}\r\n\r\n".encode(), body]
    cut = size // 3
    return [f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), *(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:cut], body[cut:])), b"0\r\n\r\n"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_just_the_limit_is_read_and_one_byte_more_is_not(hasty, contract, chunked):
    for operation in contract.operations:
        limit = limit_of(operation)
        with hostile.Wire(hasty.port) as wire:
            wire.send(b"".join(framed(operation, limit, chunked)))
            answer = wire.final()
            # The unknown query field is named, or whatever comes before that: the body was not too large.
            assert answer.status == 422, (operation, answer.status, answer.body)
            wire.check_what_is_left(answer)
        with hostile.Wire(hasty.port) as wire:
            wire.send(b"".join(framed(operation, limit + 1, chunked)))
            answer = operation.check(wire.final())
            refused(answer, 413, "body_too_large")
            wire.socket.shutdown(socket.SHUT_WR)
            assert wire.ended()


@pytest.mark.parametrize("chunked", [False, True])
def test_who_is_still_sending_too_much_can_read_why(hasty, chunked):
    """One byte more than the limit, then on and on: the answer is there to be read, and no reset takes it away."""
    with raw.Raw(hasty.port) as c:
        c.send(POST + ("Transfer-Encoding: chunked\r\n\r\n" if chunked else f"Content-Length: {1 << 40}\r\n\r\n"))
        piece = b"2710\r\n" + b"x" * 10000 + b"\r\n" if chunked else b"x" * 10000
        for _ in range(200):
            c.send(piece)
        refused(c.answer(), 413, "body_too_large")
        c.socket.shutdown(socket.SHUT_WR)
        assert c.ended()


def test_who_never_stops_sending_is_let_go(hasty):
    with raw.Raw(hasty.port) as c:
        c.send(POST + f"Content-Length: {1 << 40}\r\n\r\n")
        refused(c.answer(), 413, "body_too_large")
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < 20:
                c.send(b"x" * 1000)
                time.sleep(0.005)


def test_a_head_is_refused_without_a_body(hasty):
    with raw.Raw(hasty.port) as c:
        answer = c.send("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n").answer(head_only=True)
        assert answer.status == 400 and int(answer.headers["content-length"]) > 0
        assert c.ended(), "a body where none may be"


# --- where a request ends ---


@pytest.mark.parametrize("lines, status", [
    ("Transfer-Encoding: identity", 501), ("Transfer-Encoding: chunked, chunked", 501), ("Transfer-Encoding: chunked, identity", 501),
    ("Transfer-Encoding: x-chunked", 501), ("Transfer-Encoding: \"chunked\"", 501), ("Transfer-Encoding:", 501),
    ("Transfer-Encoding: chunked;q=1", 501), ("Transfer-Encoding: \x0bchunked", 400), ("Transfer-Encoding:\x0cchunked", 400),
    ("Transfer-Encoding : chunked", 400), ("Transfer-Encoding\t: chunked", 400), (" Transfer-Encoding: chunked", 400),
    ("X: y\r\n\tTransfer-Encoding: chunked", 400), ("X: y\nTransfer-Encoding: chunked", 400), ("X: y\rTransfer-Encoding: chunked", 400),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400), ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 400),
    ("Transfer-Encoding: chunked\r\ncontent-length: 4", 400), ("Content-Length: 4\r\nContent-Length: 4", 400), ("Content-Length: 4\r\nContent-Length: 5", 400),
    ("Content-Length: 4\r\ncontent-LENGTH: 5", 400), ("Content-Length: 0x4", 400), ("Content-Length: 4;", 400), ("Content-Length: 4 4", 400),
    ("Content-Length: 1e1", 400), ("Content-Length: \xb2", 400), ("Content-Length: 99999999999999999999", 400), ("Content-Length: -0", 400),
    ("Content-Length:", 400), ("Content Length: 4", 400), ("Content-Length\0: 4", 400), ("Content-Length: 4\0", 400)])
def test_what_two_readers_could_part_differently_is_refused_with_all_behind_it(hasty, lines, status):
    with raw.Raw(hasty.port) as c:
        c.send(f"POST /api/queue/fetch/pause HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n\r\n0\r\n\r\n" + raw.get("/healthz", "X-Request-Id: smuggled"))
        answer = c.answer()
        assert answer.status == status and answer.headers["connection"] == "close", answer.body
        assert c.ended(), "what stood behind it was answered"
    assert hasty.client.get("/api/queue").json()[0]["paused"] is False


@pytest.mark.parametrize("body", [
    "0x2\r\n{}\r\n0\r\n\r\n", " 2\r\n{}\r\n0\r\n\r\n", "+2\r\n{}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n", "2\n{}\r\n0\r\n\r\n", "2\r{}\r\n0\r\n\r\n",
    "2;a\n{}\r\n0\r\n\r\n", "2;\nxx\r\n{}\r\n0\r\n\r\n", "\r\n2\r\n{}\r\n0\r\n\r\n", "2\r\n{}\n0\r\n\r\n", "2\r\n{}0\r\n\r\n", "2\r\n{}\r\n-0\r\n\r\n", "g\r\n", ";\r\n", "2\0\r\n{}\r\n0\r\n\r\n",
    "2;" + "e" * 5000 + "\r\n{}\r\n0\r\n\r\n", "2\r\n{}\r\n0\r\n" + "T: " + "x" * 20000, "2\r\n{}\r\n0\r\nT: x\n\r\n"])
def test_chunks_that_are_none_are_refused_with_all_behind_them(hasty, body):
    with raw.Raw(hasty.port) as c:
        c.send(POST + "Transfer-Encoding: chunked\r\n\r\n" + body)
        refused(c.answer(), 400, "bad_framing")
        assert c.ended()


@pytest.mark.parametrize("size", ["10001", "fffffffffffffffe", "ffffffffffffffff", "10000000000000002", "f" * 60])
def test_a_chunk_of_any_size_moves_no_end(hasty, size):
    with raw.Raw(hasty.port) as c:
        answer = c.send(f"{POST}Transfer-Encoding: chunked\r\n\r\n{size}\r\n" + "x" * 70000).answer()
        assert answer.status in (400, 413) and answer.headers["connection"] == "close", answer.status


def test_behind_a_request_that_is_none_nothing_is_answered(hasty):
    good, wrong = raw.get("/healthz", "X-Request-Id: one"), raw.post("/api/jobs/process", "{").decode()
    with raw.Raw(hasty.port) as c:
        c.send(good + wrong + good + "GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n" + good * 3)
        assert [c.answer().status for _ in range(4)] == [200, 400, 200, 400]
        assert c.ended()


def test_a_thousand_requests_in_one_go_are_each_answered(hasty):
    with raw.Raw(hasty.port) as c:
        c.send("".join(raw.get("/healthz", f"X-Request-Id: n{n}") for n in range(1000)))
        assert [c.answer().headers["x-request-id"] for _ in range(1000)] == [f"n{n}" for n in range(1000)]


# --- other protocols, and other addresses ---


@pytest.mark.parametrize("text, status, code", [
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 505, "http_version"),
    ("GET /\r\n\r\n", 400, "bad_request"), ("GET / HTTP/0.9\r\n\r\n", 505, "http_version"), ("GET / HTTP/1.10\r\n\r\n", 400, "bad_request"),
    ("GET / http/1.1\r\n\r\n", 400, "bad_request"), ("GET / HTTP/1.1 x\r\n\r\n", 400, "bad_request"), ("GET\t/\tHTTP/1.1\r\n\r\n", 400, "bad_request"),
    ("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 400, "bad_request"), ("\0", 400, "bad_request"), ("\x80", 400, "bad_request"),
    ("\xef\xbb\xbfGET / HTTP/1.1\r\n", 400, "bad_request"), ("{\"jsonrpc\": 1}", 400, "bad_request"), ("\r\n\x04\x01", 400, "bad_request"),
    ("SSH-2.0-OpenSSH_9.2\r\n\r\n", 400, "bad_request"), ("EHLO x\r\n\r\n", 400, "bad_request"), ("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n\r\n", 400, "bad_request")])
def test_another_protocol_is_told_at_once(hasty, text, status, code):
    began = time.monotonic()
    with raw.Raw(hasty.port) as c:
        refused(c.send(text).answer(), status, code)
        assert time.monotonic() - began < DEADLINE * 0.8, "nobody should wait for more of that"
        assert c.ended()


@pytest.mark.parametrize("target, status", [
    ("http://localhost/healthz", 200), ("HTTP://LOCALHOST/healthz", 200), ("http://127.0.0.1:1/healthz", 200), ("http://[::1]/healthz", 200),
    ("http://localhost", 307), ("http://localhost?x=1", 400), ("https://localhost/healthz", 400), ("http:///healthz", 400), ("http:/healthz", 400),
    ("http://a@localhost/healthz", 403), ("http://localhost@evil.example/healthz", 403), ("http://localhost:x/healthz", 403), ("http://evil.example", 403),
    ("http://localhost\\@evil.example/", 403), ("ftp://localhost/healthz", 400), ("//localhost/healthz", 404), ("//evil.example/healthz", 404),
    ("/healthz/", 404), ("/./healthz", 404), ("/x/../healthz", 404), ("/%68ealthz", 404), ("/healthz;a", 404), ("/healthz%00", 404), ("\\healthz", 400),
    ("/healthz#x", 400), ("/docs/..%2fhealthz", 404), ("/..%2f..%2fetc%2fpasswd", 404), ("/docs/assets/../../../etc/passwd", 404), ("*", 400), ("", 400)])
def test_a_path_has_one_spelling(hasty, target, status):
    answer = raw.request(hasty.port, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.status == status, answer.body


# --- what is echoed ---

INJECTIONS = ["a\rX-Evil: 1", "a\nX-Evil: 1", "a\r\n X-Evil: 1", "a\r\n\tX-Evil: 1", "a\0X-Evil: 1", "a\x0bX-Evil: 1", "a\x85X-Evil: 1", "%0d%0aX-Evil: 1",
              "a\xe5\x98\x8a\xe5\x98\x8dX-Evil: 1", "\\r\\nX-Evil: 1"]


@pytest.mark.parametrize("name", ["X-Request-Id", "Idempotency-Key", "Origin", "Prefer", "If-Match", "If-None-Match", "Last-Event-ID", "Accept", "X-Any"])
def test_no_header_is_put_into_an_answer(hasty, name):
    for value in INJECTIONS:
        for line in ("GET /api/jobs?limit=1", "POST /api/queue/fetch/resume", "OPTIONS /api/jobs", "GET /"):
            with raw.Raw(hasty.port) as c:
                answer = c.send(f"{line} HTTP/1.1\r\nHost: localhost\r\n{name}: {value}\r\n\r\n").answer()
                assert not any("evil" in n or "evil" in v.lower() for n, v in answer.headers.items()), (line, value)
                assert answer.headers.get("location", "/docs") == "/docs"


def test_a_link_leads_nowhere_else(hasty, new_user):
    """It repeats what was asked: in the right encoding that is harmless, and any other is refused."""
    user, key = new_user()
    hasty.fetch_and_wait(user, key, days=2)
    for q in ("%3E%3B%20rel%3D%22x%22%2C%3Chttp://evil.example/%3E", "%0d%0aX-Evil:1", "\\", "'", "%22"):
        answer = raw.request(hasty.port, raw.get(f"/api/jobs?alp_user_id={user}&limit=1&count=false&state=succeeded&kind=fetch"))
        assert "link" not in answer.headers  # there is one such job
        answer = raw.request(hasty.port, raw.get(f"/api/time_entries?alp_user_id={user}&limit=1&matter_code=&q={q}"))
        assert answer.status in (200, 422) and "x-evil" not in answer.headers
        assert re.fullmatch(r'<[^<>"]*>; rel="next"', answer.headers.get("link", '<>; rel="next"'))
    pages = 0
    path = f"/api/time_entries?alp_user_id={user}&limit=1&q=%65&&"
    while path and pages < 3:
        answer = raw.request(hasty.port, raw.get(path))
        assert answer.status == 200 and len(answer.json()) == 1
        path, pages = answer.headers["link"].partition(">")[0][1:], pages + 1
    for q in ('>; rel="next", <http://evil.example/', "#", '"'):
        refused(raw.request(hasty.port, raw.get(f"/api/time_entries?alp_user_id={user}&limit=1&q={q.replace(' ', '')}")), 400, "bad_request")


# --- any bytes ---

SEEDS = [raw.get("/api/jobs?limit=1&state=queued,failed", "Accept: text/csv;q=0.5, application/json", "If-None-Match: \"a\"").encode(),
         raw.post("/api/jobs/process", '{"alp_user_id": 7, "date": "2026-01-05", "priority": 5}', "Idempotency-Key: k1"),
         (POST + "Transfer-Encoding: chunked\r\n\r\n5;x=y\r\n{\"a\":\r\n3\r\n 1}\r\n0\r\nT: x\r\n\r\n").encode(),
         raw.get("/healthz", "Connection: keep-alive").encode() + raw.get("/api/settings").encode()]
SPLICES = st.sampled_from([b"\r\n", b"\n", b"\r", b"\0", b" ", b":", b"\r\n\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"HTTP/1.1",
                           b"Host: localhost\r\n", b"Expect: 100-continue\r\n", b"%", b"\xff", b"9" * 30]) | st.binary(max_size=4)


@st.composite
def torn(draw):
    """One or two requests with bytes put in, taken out and repeated."""
    text = draw(st.sampled_from(SEEDS)) + draw(st.sampled_from([b"", *SEEDS]))
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
        kind = draw(st.integers(0, 3))
        text = {0: text[:at] + draw(SPLICES) + text[at:], 1: text[:at] + text[at + length:], 2: text[:at + length] + text[at:],
                3: text[:at] + draw(SPLICES) + text[at + length:]}[kind]
    return text, draw(st.integers(0, len(text)))


def test_any_bytes_are_answered_or_let_go(hasty, contract):
    """In one go or in two, and then nothing more: answers that are whole, one behind the other, and then the end."""
    pid = hasty.pid

    @settings(max_examples=400 * TIMES, suppress_health_check=list(HealthCheck))
    @given(torn())
    def run(case):
        text, cut = case
        with hostile.Wire(hasty.port) as wire:
            wire.send(text[:cut])
            wire.send(text[cut:])
            wire.socket.shutdown(socket.SHUT_WR)
            while wire.left or wire._more():
                head = wire.left
                answer = wire.final()
                assert answer.status < 500 or answer.status in hostile.CLIENTS_FAULTS, answer.body
                assert head.startswith(b"HTTP/1.")
                if answer.status >= 400:
                    hostile.check_problem(contract, answer)
    run()
    assert hasty.pid == pid and hasty.process.poll() is None
    alive(hasty)


# --- crowds ---


@pytest.mark.parametrize("head", [POST + "Content-Length: 60000\r\n\r\n{", POST + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", POST])
def test_dripping_bodies_are_ended_in_time_and_delay_nobody(hasty, head):
    crowd = [raw.Raw(hasty.port).send(head) for _ in range(100)]
    try:
        began, drip = time.monotonic(), (" " if "Length" in head else "1\r\n \r\n" if "chunked" in head else "X: y\r\n")
        while time.monotonic() - began < DEADLINE * 0.7:
            for c in crowd[:50]:
                c.send(drip)
            alive(hasty)
        for c in crowd:
            refused(c.answer(), 408, "too_slow")
        assert time.monotonic() - began < DEADLINE + 4 * SLOWER
    finally:
        for c in crowd:
            c.socket.close()
    alive(hasty)


def memory_kb(pid, name="VmRSS"):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))


def reset(sockets):
    """Closes them at once, and leaves no port waiting."""
    for s in sockets:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        s.close()


def test_ten_thousand_idle_connections_cost_little_and_delay_nobody(make_daemon, record_property):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < IDLE + 500:
        pytest.skip(f"the limit of descriptors is {hard}, and {IDLE} connections need more")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else IDLE * 2, hard))
    daemon = make_daemon({"http.max_connections": IDLE + 100, "http.idle_timeout_ms": 300000}).start()
    alive(daemon)
    before, crowd = memory_kb(daemon.pid), []
    try:
        for n in range(IDLE):
            crowd.append(tls.connect(daemon.port, source=f"127.0.1.{n % 200 + 1}"))
        proc.wait_until(lambda: proc.fd_count(daemon.pid) >= IDLE, 20, "every one has a seat", every=0.1)
        fresh = (memory_kb(daemon.pid) - before) / IDLE
        for _ in range(20):
            alive(daemon)
        # Each has been served, and waits for its next request.
        for s in crowd:
            s.sendall(raw.get("/api/settings").encode())
        for s in crowd:
            assert s.recv(4096).startswith(b"HTTP/1.1 200 ")
        served = (memory_kb(daemon.pid) - before) / IDLE
        for _ in range(20):
            alive(daemon)
        record_property("kb_per_idle_connection", f"{fresh:.2f} fresh, {served:.2f} served")
        print(f"{fresh:.2f} KiB an idle connection, {served:.2f} KiB after a request")
        assert SANITIZED or served < (24 if tls.EVERYWHERE else 8), "KiB for a connection that asks for nothing"
        # The longest idle make room for who comes now.
        daemon.configure(http__max_connections=1000)
        daemon.reload()
        daemon.wait_log("configuration read again")
        alive(daemon, within=2)
    finally:
        reset(crowd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    proc.wait_until(lambda: proc.fd_count(daemon.pid) < 200, 20, "every seat is free", every=0.1)
    alive(daemon)


def test_watchers_that_never_read_are_dropped_and_hold_nobody_up(make_daemon, new_user):
    daemon = make_daemon({"http.watcher_stall_ms": 500, "http.heartbeat_ms": 200, "queue.max_jobs": 100000, "http.requests_per_minute": 0}).start()
    assert daemon.client.post("/api/queue/process/pause").status == 200
    deaf = []
    try:
        for _ in range(50):
            s = tls.connect(daemon.port, receive_buffer=4096)
            s.sendall(raw.get("/api/events").encode())
            deaf.append(s)
        before, user = memory_kb(daemon.pid), 1

        def dropped():
            nonlocal user
            with raw.Raw(daemon.port) as c:
                c.send(b"".join(raw.post("/api/jobs/process", f'{{"alp_user_id": {user + n}}}') for n in range(200)))
                assert {c.answer().status for _ in range(200)} == {202}
            user += 200
            alive(daemon)
            return "a watcher that did not read was dropped; 50 so far" in daemon.log()
        proc.wait_until(dropped, 60, "the end of the last of them")
        assert SANITIZED or memory_kb(daemon.pid) - before < 60000
    finally:
        reset(deaf)
    alive(daemon)


def test_pipelines_that_come_in_pieces_while_answers_go_out_are_read_as_they_were_sent(make_daemon):
    """The turn that an answer asks for and the next bytes once came in one go of the loop, and the request after next was delivered on top of one in flight."""
    daemon = make_daemon({"queue.max_jobs": 100000, "http.requests_per_minute": 0}).start()
    assert daemon.client.post("/api/queue/process/pause").status == 200
    many, each = 8, 150
    said = [[] for _ in range(many)]

    def pipeline(i):
        text = b"".join(raw.post("/api/jobs/process", f'{{"alp_user_id": {1 + i * each + n}}}') for n in range(each))
        with raw.Raw(daemon.port) as c:
            sender = threading.Thread(target=lambda: [c.send(text[at:at + 1777]) for at in range(0, len(text), 1777)])
            sender.start()
            for _ in range(each):
                answer = c.answer()
                said[i].append(answer and (answer.status, answer.json().get("alp_user_id", answer.json().get("detail"))))
            sender.join()

    for _ in range(3):
        threads = [threading.Thread(target=pipeline, args=(i,)) for i in range(many)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for i, answers in enumerate(said):
            assert [a and a[0] for a in answers] == [202] * each, answers
            answers.clear()
