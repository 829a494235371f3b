# SPDX-License-Identifier: Apache-2.0
"""The front end before verbs that fail on demand: what a client is told when the disk is full, an entry changed, a client left."""
import random
import select
import socket
import threading
import time

import pytest

from lib import proc, raw
from lib.build import SANITIZED, SLOWER
from lib.fake import Fake

FETCH = {"alp_user_id": 1, "rescue_time_api_key": "abcdefgh"}


@pytest.fixture(scope="module")
def fake():
    with Fake() as f:
        yield f


@pytest.mark.parametrize("user, status, code, retry", [
    (900, 503, "disk_full", True), (901, 503, "store_failed", True), (902, 429, "queue_full", True), (903, 500, "internal", False)])
def test_a_failing_verb_is_told_without_its_inside(fake, user, status, code, retry):
    a = fake.client.post("/api/jobs/fetch", {**FETCH, "alp_user_id": user})
    assert (a.status, a.json()["code"]) == (status, code)
    assert ("Retry-After" in a.headers) == retry
    assert "errno" not in a.text.lower() and "cross-device" not in a.text.lower() and "abcdefgh" not in a.text


def test_a_fault_that_only_the_verb_sees_names_its_field(fake):
    a = fake.client.post("/api/jobs/fetch", {**FETCH, "alp_user_id": 904})
    assert a.status == 422 and a.json()["errors"] == [
        {"loc": ["body", "target_date"], "msg": "must not be in the future", "type": "date_in_future"}]


def test_cancelling_says_whether_it_is_over(fake):
    assert fake.client.delete("/api/jobs/7").status == 200
    assert fake.client.delete("/api/jobs/500").status == 202
    assert fake.client.delete("/api/jobs/409").status == 409
    assert fake.client.delete("/api/jobs/404").status == 404


def test_a_fetch_is_not_retried_without_its_key(fake):
    a = fake.client.post("/api/jobs/7/retry", {})
    assert a.status == 422 and a.json()["errors"][0]["loc"] == ["body", "rescue_time_api_key"]
    assert fake.client.post("/api/jobs/7/retry", {"rescue_time_api_key": "x"}).status == 202
    assert fake.client.post("/api/jobs/409/retry", {"rescue_time_api_key": "x"}).status == 409


def test_an_edit_of_an_old_revision_is_refused(fake):
    def patch(tag, entry=5):
        return fake.client.request("PATCH", f"/api/time_entries/{entry}", json={"notes": "n"}, headers={"If-Match": tag})
    assert patch('"e5-7"').status == 200 and patch("*").status == 200
    assert patch('"e4-7"').status == 412 and patch('"e5-6"').status == 412 and patch('W/"e5-7"').status == 412
    assert patch('"x", "e5-7"').status == 200
    assert patch('"e409-7"', 409).json()["code"] == "entry_submitted"


def test_a_page_links_the_next_until_there_is_none(fake):
    seen, path = [], "/api/jobs?limit=4&state=failed"
    while path:
        a = fake.client.request("GET", path)
        seen += [job["job_id"] for job in a.json()]
        path = a.headers["Link"].split(">")[0][1:] if "Link" in a.headers else None
    assert seen == list(range(10, 0, -1))


def test_entries_page_and_count(fake):
    a = fake.client.get("/api/time_entries", alp_user_id=5, limit=2, count="true")
    assert a.headers["X-Total-Count"] == "5" and [e["entry_id"] for e in a.json()] == [1, 2]
    b = fake.client.request("GET", a.headers["Link"].split(">")[0][1:])
    assert [e["entry_id"] for e in b.json()] == [3, 4] and b.headers["X-Total-Count"] == "5"
    c = fake.client.request("GET", b.headers["Link"].split(">")[0][1:])
    assert [e["entry_id"] for e in c.json()] == [5] and "Link" not in c.headers


def test_waiting_ends_with_the_time_asked_for(fake):
    start = time.monotonic()
    a = fake.client.post("/api/jobs/fetch", {**FETCH, "alp_user_id": 500}, Prefer="respond-async, wait=1")
    assert a.status == 202 and a.json()["state"] == "running" and a.headers["Preference-Applied"] == "wait=1"
    assert 0.9 < time.monotonic() - start < 3 * SLOWER


def test_waiting_ends_when_the_service_stops():
    with Fake() as f:
        with raw.Raw(f.port) as c:
            c.send(raw.post("/api/jobs/fetch", '{"alp_user_id":500,"rescue_time_api_key":"k"}', "Prefer: wait=30"))
            time.sleep(0.2)
            start = time.monotonic()
            f.stop()
            a = c.answer()
            assert a.status == 202 and a.headers["connection"] == "close" and c.ended()
            assert time.monotonic() - start < 2 * SLOWER


WAITING = raw.post("/api/jobs/fetch", '{"alp_user_id":500,"rescue_time_api_key":"k"}', "Prefer: wait=2")


def reset(c):
    c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    c.socket.close()


def test_no_more_than_a_share_of_the_seats_is_held_by_who_waits():
    with Fake(connections=8) as f:
        crowd = [raw.Raw(f.port).send(WAITING) for _ in range(2)]
        time.sleep(0.2)
        start = time.monotonic()
        a = raw.request(f.port, WAITING)
        assert a.status == 202 and "preference-applied" not in a.headers and time.monotonic() - start < min(1 * SLOWER, 2)
        assert [c.answer().headers["preference-applied"] for c in crowd] == ["wait=2"] * 2
        assert raw.request(f.port, WAITING).headers["preference-applied"] == "wait=2", "their places are free again"
        for c in crowd:
            c.socket.close()


def test_who_resets_while_waiting_gives_back_the_seat_and_who_only_shut_down_is_answered():
    with Fake(connections=8) as f:
        few = proc.fd_count(f.process.pid)
        gone, half = (raw.Raw(f.port).send(WAITING.replace(b"wait=2", b"wait=20")), raw.Raw(f.port).send(WAITING))
        half.socket.shutdown(socket.SHUT_WR)
        proc.wait_until(lambda: proc.fd_count(f.process.pid) == few + 2)
        reset(gone)
        a = half.answer()
        assert a.status == 202 and a.headers["preference-applied"] == "wait=2"
        half.socket.close()
        proc.wait_until(lambda: proc.fd_count(f.process.pid) == few, 3, "the seat of who left")


def test_busy_connections_are_as_many_as_there_are_seats():
    with Fake(connections=10, delay_ms=700 * SLOWER) as f:
        few, began = proc.fd_count(f.process.pid), time.monotonic()

        def most_until(seconds):
            most = 0
            while time.monotonic() < began + seconds * SLOWER:
                most = max(most, proc.fd_count(f.process.pid) - few)
                time.sleep(0.02)
            return most
        crowd = [raw.Raw(f.port, 20).send(raw.get("/api/jobs/3")) for _ in range(30)]
        assert most_until(0.6) == 10
        # The next one is there for a moment before who was answered goes.
        assert most_until(1.0) in (10, 11)
        assert [c.answer().status for c in crowd] == [200] * 30, "the others waited for their turn"
        for c in crowd:
            c.socket.close()


def test_single_user_mode_needs_no_user_and_no_key():
    with Fake(single_user=77) as f:
        assert f.client.request("POST", "/api/jobs/fetch").json()["alp_user_id"] == 77
        start = time.monotonic()
        a = f.client.request("POST", "/api/jobs/process")
        assert a.status == 202 and a.json()["state"] == "succeeded" and time.monotonic() - start > 0.2
        assert f.client.get("/api/time_entries").json()[0]["alp_user_id"] == 77
        assert f.client.get("/api/time_entries", alp_user_id=5).json()[0]["alp_user_id"] == 5
        assert f.client.get("/api/settings").json()["has_api_key"] is True
        a = f.client.post("/api/jobs/fetch", {"alp_user_id": 5})
        assert a.status == 422, "the single user's key is nobody else's"


def test_clients_that_leave_while_a_verb_runs_harm_nobody():
    with Fake(delay_ms=100) as f:
        for i in range(50):
            c = raw.Raw(f.port)
            c.send(raw.get("/api/time_entries?alp_user_id=5"))
            if i % 2:
                c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            c.socket.close()
        assert f.client.get("/api/time_entries", alp_user_id=5).status == 200


def test_requests_that_come_while_another_is_answered_take_their_turn():
    with Fake(delay_ms=200) as f:
        with raw.Raw(f.port) as c:
            c.send(raw.get("/api/jobs/3"))
            time.sleep(0.05)
            # The next one in pieces, the second of which is more than is taken in at once.
            rest = "".join(raw.get("/api/jobs/%d" % n) for n in range(5, 405))
            assert len(rest) > 17000
            c.send(rest[:20])
            time.sleep(0.05)
            c.send(rest[20:])
            c.socket.shutdown(socket.SHUT_WR)
            first = [c.answer() for _ in range(3)]
            assert [a.json()["job_id"] for a in first] == [3, 5, 6]


def test_a_client_that_leaves_while_its_requests_wait_frees_its_connection():
    with Fake(delay_ms=300) as f:
        few = proc.fd_count(f.process.pid)
        for how in (reset, lambda c: c.socket.close()):
            c = raw.Raw(f.port).send(raw.get("/api/jobs/3"))
            proc.wait_until(lambda: proc.fd_count(f.process.pid) == few + 1)
            c.send(raw.get("/api/jobs/4") * 3)
            how(c)
            proc.wait_until(lambda: proc.fd_count(f.process.pid) == few, 5, "the connection of who left")


def test_verbs_may_outlive_the_server():
    with Fake(delay_ms=500) as f:
        with raw.Raw(f.port) as c:
            c.send(raw.get("/api/time_entries?alp_user_id=5"))
            time.sleep(0.1)
            f.stop(at_once=True)
            assert c.answer() is None


def test_a_client_that_shut_down_its_side_gets_all_of_a_large_answer(fake):
    with raw.Raw(fake.port) as c:
        c.send(raw.get("/api/time_entries?alp_user_id=9000"))
        c.socket.shutdown(socket.SHUT_WR)
        a = c.answer()
        assert a.status == 200 and len(a.json()) == 20000


def test_a_client_that_takes_nothing_of_its_answer_is_let_go():
    with Fake(write_ms=300) as f:
        with raw.Raw(f.port) as c:
            c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            c.send(raw.get("/api/time_entries?alp_user_id=9000"))
            assert c.socket.recv(1) == b"H"
            time.sleep(1.5)
            received = 0
            try:
                while data := c.socket.recv(1 << 20):
                    received += len(data)
            except ConnectionResetError:
                pass
            assert received < 10_000_000


def test_a_client_that_takes_its_answers_slowly_gets_all_of_them():
    """Each fits into a socket that is empty; behind others one is written in part, and the rest when there is room."""
    count = 30
    with Fake(write_ms=500) as f:
        length = len(f.client.request("GET", "/api/time_entries?alp_user_id=9000&limit=400").body)
        with raw.Raw(f.port) as c:
            c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            c.send(count * raw.get("/api/time_entries?alp_user_id=9000&limit=400"))
            received, slow_until = 0, time.monotonic() + 2
            while received < count * length:
                data = c.socket.recv(32768)
                assert data, "let go in the middle"
                received += len(data)
                if time.monotonic() < slow_until:
                    time.sleep(0.05)


def unread(port, count, *headers):
    """Clients that ask for a long list and read nothing."""
    crowd = []
    for _ in range(count):
        c = raw.Raw(port, 60)
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        crowd.append(c.send(raw.get("/api/time_entries?alp_user_id=9000", *headers)))
    return crowd


def resident_mb(pid):
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * 4096 >> 20


def test_a_caller_that_reads_nothing_leaves_room_for_others():
    with Fake() as f:
        crowd = unread(f.port, 30, "Authorization: Bearer 1")
        answered = [c.socket.recv(12, socket.MSG_PEEK) for c in crowd]
        assert answered[0] == b"HTTP/1.1 200" and answered[-1] == b"HTTP/1.1 503"
        asked = f.client.request("GET", "/api/time_entries", params={"alp_user_id": 9000}, headers={"Authorization": "Bearer 2"})
        assert asked.status == 200
        for c in crowd:
            c.socket.close()


def test_answers_that_nobody_reads_take_so_much_memory_and_no_more():
    with Fake() as f:
        crowd = unread(f.port, 30)
        refused = 0
        for c in crowd[15:]:
            head = c.socket.recv(4096, socket.MSG_PEEK).split(b"\r\n\r\n")[0]
            refused += head.startswith(b"HTTP/1.1 503 ") and b"Retry-After: " in head
        assert refused == 15
        assert crowd[-1].answer().json()["code"] == "busy"
        assert SANITIZED or resident_mb(f.process.pid) < 200, "a sanitizer keeps freed memory to see who uses it"
        assert f.client.get("/api/jobs/3").status == 200
        for c in crowd:
            c.socket.close()
        proc.wait_until(lambda: f.client.get("/api/time_entries", alp_user_id=9000).status == 200, 5, "a list", every=0.2)
        proc.wait_until(lambda: SANITIZED or resident_mb(f.process.pid) < 60, 5, "giving the memory back", every=0.1)


def test_whole_lists_take_turns_and_others_do_not_wait_for_them():
    with Fake(delay_ms=200) as f:
        start = time.monotonic()
        crowd = [raw.Raw(f.port).send(raw.get("/api/time_entries?alp_user_id=5")) for _ in range(6)]
        reset(crowd.pop(3))
        pages = [raw.Raw(f.port).send(raw.get(f"/api/{path}")) for path in ("jobs?limit=500", "time_entries?alp_user_id=5&date=2026-01-05", "jobs/3")]
        assert [c.answer().status for c in pages] == [200] * 3
        answered, _, _ = select.select([c.socket for c in crowd], [], [], 0)
        assert len(answered) < len(crowd), "the pages waited for every list"
        assert [c.answer().status for c in crowd] == [200] * len(crowd)
        assert time.monotonic() - start > 0.2 * len(crowd) * 0.9, "lists ran side by side"
        for c in crowd + pages:
            c.socket.close()


def test_the_service_may_go_while_lists_wait_for_their_turn():
    for at_once in (True, False):
        with Fake(delay_ms=200) as f:
            crowd = [raw.Raw(f.port).send(raw.get("/api/jobs")) for _ in range(4)]
            time.sleep(0.1)
            f.stop(at_once=at_once)
            assert [(a := c.answer()) and a.status for c in crowd] == [None if at_once else 200] * 4
            for c in crowd:
                c.socket.close()


def test_a_slow_reader_gets_all_of_its_answer():
    with Fake(write_ms=500) as f:
        with raw.Raw(f.port) as c:
            c.send(raw.get("/api/time_entries?alp_user_id=9000"))
            for _ in range(15):
                time.sleep(0.1)
                assert c._more()
            assert len(c.answer().json()) == 20000


def test_running_out_of_descriptors_ends_when_some_are_free():
    with Fake(files=24) as f:
        crowd = [raw.Raw(f.port) for _ in range(60)]
        time.sleep(0.6)
        with open(f"/proc/{f.process.pid}/stat") as stat:
            ticks = int(stat.read().split()[13])
        assert ticks < 20, "it waits, it does not spin"
        for c in crowd:
            c.socket.close()
        assert f.client.get("/healthz").status == 200


def _abuse(port, seed, end):
    """Requests cut short, with wrong bytes in them, from clients that leave in every way there is."""
    rnd = random.Random(seed)
    good = [raw.get("/api/time_entries?alp_user_id=5").encode(), raw.get("/api/jobs/3").encode(),
            raw.post("/api/jobs/fetch", '{"alp_user_id":1,"rescue_time_api_key":"k"}', "Prefer: wait=1"),
            b"POST /api/jobs/process HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"alp\r\n0\r\n\r\n"]
    while time.monotonic() < end:
        data = bytearray(b"".join(rnd.choice(good) for _ in range(rnd.randint(1, 4))))
        for _ in range(rnd.choice([0, 0, 1, 3])):
            data[rnd.randrange(len(data))] = rnd.randrange(256)
        try:
            with raw.Raw(port, 5) as c:
                for piece in range(0, rnd.randint(1, len(data)), 97):
                    c.send(bytes(data[piece:piece + 97]))
                leave = rnd.random()
                if leave < 0.3:
                    c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                elif leave < 0.5:
                    c.socket.shutdown(socket.SHUT_WR)
                elif leave > 0.7:
                    c.socket.settimeout(0.05)
                    while c._more():
                        pass
        except OSError:
            pass


def test_clients_gone_mad_harm_nobody():
    with Fake(delay_ms=3, connections=16, request_ms=200, idle_ms=150, write_ms=100) as f:
        end = time.monotonic() + 4
        threads = [threading.Thread(target=_abuse, args=(f.port, seed, end)) for seed in range(20)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert f.client.get("/healthz").status == 200
