# SPDX-License-Identifier: Apache-2.0
"""Live events: who watches sees everything that is its own, once, in order, whatever happens to the connection or to the daemon."""
import datetime
import re
import select
import socket
import time

import pytest

from lib import proc, raw, tls
from lib.build import SLOWER
from lib.sse import Parser, Watch
from lib.truth import days_back

OVER = ("job.succeeded", "job.failed", "job.cancelled", "job.key_lost")


def names(events):
    return [e.name for e in events]


def ids(events):
    return [e.id for e in events]


def of_job(events, job_id):
    return [e for e in events if e.data.get("job_id") == job_id]


def newest(daemon):
    return daemon.query("SELECT coalesce(max(event_id), 0) FROM events")[0][0]


def stored(daemon, where="1", *arguments):
    return [row[0] for row in daemon.query(f"SELECT event_id FROM events WHERE {where} ORDER BY event_id", *arguments)]


def held(sandbox, daemon, user, key, **body):
    """A fetch that waits for the sandbox until its faults are cleared or its job is cancelled."""
    sandbox.fault("delay", user=user, ms=60000, count=1)
    job = daemon.fetch(user, key, **body)
    daemon.wait_job_state(job, "running")
    return job


# --- what is seen ---

def test_a_long_fetch_shows_its_progress_by_day(daemon, sandbox, new_user):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=300, count=1)
    job = daemon.fetch(user, key, days=14)
    with Watch(daemon.port, f"/api/jobs/{job}/events") as w:
        events = w.wait_end()
        assert not w.cut
        assert w.status == 200
        assert w.headers["Content-Type"] == "text/event-stream"
        assert w.headers["Cache-Control"] == "no-store"
        assert w.parser.retry_ms == 3000
    first, rest = events[0], events[1:]
    assert first.data["snapshot"] and first.name in ("job.queued", "job.running")
    assert first.data["days_total"] == 14 and first.data["kind"] == "fetch" and first.data["alp_user_id"] == user
    assert not any("snapshot" in e.data for e in rest)
    progress = [e.data for e in rest if e.name == "job.progress"]
    assert [p["days_done"] for p in progress] == list(range(1, 15))
    # Newest first, each day once.
    assert [p["day"] for p in progress] == days_back(sandbox.today(user), 14)[::-1]
    assert names(events)[-1] == "job.succeeded" and events[-1].data["state"] == "succeeded"
    assert ids(events) == sorted(set(ids(events)))
    assert all(e.data["job_id"] == job for e in events)


def test_a_users_stream_shows_jobs_and_changed_days(daemon, sandbox, new_user):
    user, key = new_user()
    with Watch(daemon.port, f"/api/events?alp_user_id={user}") as w:
        assert w.last_id is None or w.last_id >= 0
        job = daemon.fetch_and_wait(user, key, days=2)["job_id"]
        w.wait(lambda events: any(e.name == "job.succeeded" and e.data["job_id"] == job for e in events))
        assert names(of_job(w.events, job)) == ["job.queued", "job.running", "job.progress", "job.progress", "job.succeeded"]
        child = next(e.data["job_id"] for e in w.events if e.data.get("parent_id") == job)
        assert names(of_job(w.events, child))[0] == "job.queued"
        assert "job.progress" in names(of_job(w.events, child))
        changed = {e.data["day"] for e in w.events if e.name == "entries.changed"}
        assert changed == {e["entry_date"] for e in daemon.entries(user)} != set()
        # A person's edit shows as well; nothing of it but whose and when.
        entry = daemon.entries(user, date=sandbox.today(user))[0]
        seen = len(w.events)
        assert daemon.client.patch(f"/api/time_entries/{entry['entry_id']}", {"notes": "privileged words"}).status == 200
        w.wait(lambda events: len(events) > seen)
        assert w.events[-1].name == "entries.changed"
        assert set(w.events[-1].data) == {"alp_user_id", "day", "at"}
        assert w.events[-1].data["day"] == entry["entry_date"]
        assert ids(w.events) == stored(daemon, "alp_user_id = ?", user)


def test_each_sees_only_what_is_its_own(daemon, new_user):
    (one, one_key), (two, two_key) = new_user(), new_user()
    with Watch(daemon.port, f"/api/events?alp_user_id={one}") as w1, Watch(daemon.port, f"/api/events?alp_user_id={two}") as w2, \
            Watch(daemon.port, "/api/events") as everything:
        jobs = [daemon.fetch_and_wait(u, k, days=2)["job_id"] for u, k in ((one, one_key), (two, two_key))]
        for w, user, job in ((w1, one, jobs[0]), (w2, two, jobs[1])):
            w.wait(lambda events, job=job: "job.succeeded" in names(of_job(events, job)))
            assert {e.data["alp_user_id"] for e in w.events} == {user}
            assert ids(w.events) == stored(daemon, "alp_user_id = ?", user)
        everything.wait(lambda events: "job.succeeded" in names(of_job(events, jobs[1])))
        assert {e.data["alp_user_id"] for e in everything.events} >= {one, two}


def test_a_job_of_somebody_else_does_not_exist(daemon, new_user):
    (one, key), (two, _) = new_user(), new_user()
    job = daemon.fetch_and_wait(one, key, days=1)["job_id"]
    for path in (f"/api/jobs/{job}/events?alp_user_id={two}", "/api/jobs/999999999/events"):
        answer = daemon.client.get(path)
        assert answer.status == 404, answer
        assert answer.json()["code"] == "not_found"
        assert daemon.client.request("HEAD", path).status == 404


def test_head_shows_what_get_would_be(daemon, new_user):
    user, key = new_user()
    job = daemon.fetch_and_wait(user, key, days=1)["job_id"]
    for path in (f"/api/jobs/{job}/events", "/api/events"):
        answer = daemon.client.request("HEAD", path)
        assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/event-stream", b"")
        assert "Content-Length" not in answer.headers


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "99999999999999999999999999", "1 2"])
def test_an_id_that_is_none_is_named(daemon, text):
    answer = daemon.client.request("GET", "/api/events", headers={"Last-Event-ID": text})
    assert answer.status == 422
    assert [e["loc"] for e in answer.json()["errors"]] == [["header", "Last-Event-ID"]]
    answer = daemon.client.get("/api/events", last_event_id=text)
    assert answer.status == 422
    assert [e["loc"] for e in answer.json()["errors"]] == [["query", "last_event_id"]]


def test_a_client_of_http_1_0_reads_the_plain_stream(daemon, new_user):
    user, key = new_user()
    job = daemon.fetch_and_wait(user, key, days=1)["job_id"]
    with raw.Raw(daemon.port) as c:
        c.send(f"GET /api/jobs/{job}/events HTTP/1.0\r\nHost: localhost\r\n\r\n")
        answer = c.answer()
        text = c.left
        while data := c.socket.recv(65536):
            text += data
    assert "transfer-encoding" not in answer.headers
    events = Parser().feed(text)
    assert names(events) == ["job.succeeded"] and events[0].data["snapshot"]


# --- coming back ---

def test_who_comes_back_misses_nothing_and_sees_nothing_twice(daemon, new_user):
    """It leaves after every few events, in the middle of whatever is under way."""
    user, key = new_user()
    job = daemon.fetch(user, key, days=14)
    seen, last = [], 0
    while not any(e.name in OVER and e.data["job_id"] == job for e in seen):
        with Watch(daemon.port, f"/api/events?alp_user_id={user}", last_id=last) as w:
            w.wait(lambda events: len(events) >= 3 or any(e.name in OVER and e.data["job_id"] == job for e in events))
            w.close()
            seen += w.events
            last = w.last_id
    assert ids(seen) == [i for i in stored(daemon, "alp_user_id = ?", user) if i <= seen[-1].id]


def test_the_query_names_the_last_event_where_no_header_can(daemon, new_user):
    user, key = new_user()
    daemon.fetch_and_wait(user, key, days=1)
    mine = stored(daemon, "alp_user_id = ?", user)
    with Watch(daemon.port, f"/api/events?alp_user_id={user}&last_event_id={mine[1]}") as w:
        w.wait(lambda events: len(events) == len(mine) - 2)
        assert ids(w.events) == mine[2:]
    # The header is what an EventSource knows better.
    with Watch(daemon.port, f"/api/events?alp_user_id={user}&last_event_id=1", last_id=mine[-2]) as w:
        w.wait(lambda events: len(events) == 1)
        assert ids(w.events) == mine[-1:]


def test_a_job_that_is_over_needs_no_coming_back(daemon, new_user):
    user, key = new_user()
    job = daemon.fetch_and_wait(user, key, days=2)["job_id"]
    with Watch(daemon.port, f"/api/jobs/{job}/events") as w:
        events = w.wait_end()
        assert names(events) == ["job.succeeded"] and events[0].data["snapshot"] and not w.cut
    mine = stored(daemon, "job_id = ?", job)
    # Behind its last event there is nothing; before it there is the rest.
    with Watch(daemon.port, f"/api/jobs/{job}/events", last_id=mine[-1]) as w:
        w.wait_end()
        assert (w.status, w.body) == (204, b"")
    with Watch(daemon.port, f"/api/jobs/{job}/events", last_id=events[0].id) as w:
        w.wait_end()
        assert w.status == 204
    with Watch(daemon.port, f"/api/jobs/{job}/events", last_id=mine[1]) as w:
        assert ids(w.wait_end()) == mine[2:] and not w.cut


def test_resume_after_a_restart_has_the_very_ids(make_daemon, new_user, sandbox):
    daemon = make_daemon().start()
    user, key = new_user()
    with Watch(daemon.port, f"/api/events?alp_user_id={user}") as w:
        daemon.fetch_and_wait(user, key, days=3)
        before = w.wait(lambda events: events[:4] if len(events) >= 4 else None)
    daemon.restart()
    daemon.fetch_and_wait(user, key, days=1)
    last = before[-1].id
    with Watch(daemon.port, f"/api/events?alp_user_id={user}", last_id=last) as w:
        mine = stored(daemon, "alp_user_id = ?", user)
        w.wait(lambda events: ids(events)[-1:] == mine[-1:])
        assert ids(before) + ids(w.events) == mine
    assert stored(daemon) == list(range(1, newest(daemon) + 1))


def test_what_is_not_kept_is_told_by_a_reset(make_daemon, new_user):
    daemon = make_daemon({"store.keep_events": 1000, "queue.max_jobs": 100000}).start()
    user, key = new_user()
    job = daemon.fetch_and_wait(user, key, days=1)["job_id"]
    # Far more than is kept, and than the memory holds.
    many(daemon, 12000)
    oldest = stored(daemon)[0]
    assert oldest > 5
    with Watch(daemon.port, "/api/events", last_id=2) as w:
        reset = w.wait(lambda events: events)[0]
        assert reset.name == "reset" and reset.id <= newest(daemon)
        daemon.client.post("/api/jobs/process", {"alp_user_id": user, "from": "2026-01-01", "to": "2026-01-01"})
        w.wait(lambda events: len(events) >= 2)
        assert w.events[1].id == reset.id + 1 and w.events[1].data["alp_user_id"] == user
    # A job's stream says how the job is.
    with Watch(daemon.port, f"/api/jobs/{job}/events", last_id=2) as w:
        assert names(w.wait_end()) == ["reset", "job.succeeded"]
    # So does a number that was never given.
    with Watch(daemon.port, "/api/events", last_id=10**12) as w:
        assert w.wait(lambda events: events)[0].name == "reset"
        assert w.last_id <= newest(daemon)


def many(daemon, count):
    """So many events: process jobs of users without days, each queued, running, succeeded."""
    with raw.Raw(daemon.port, 60) as c:
        for n in range(count // 3 + 1):
            c.send(raw.post("/api/jobs/process", f'{{"alp_user_id": {100000 + n}, "date": "2026-01-01"}}'))
            assert c.answer().status == 202
    proc.wait_until(lambda: newest(daemon) >= count and not daemon.query("SELECT 1 FROM jobs WHERE state <= 2 LIMIT 1"), 120,
                    "that many events")


# --- whose leave ends ---

def make_token(daemon, scope, by=None, **fields):
    answer = daemon.client.request("POST", "/api/tokens", json={"name": "of a test", "scope": scope, "expires_at": None, **fields},
                                   headers={"Authorization": f"Bearer {by}"} if by else {})
    assert answer.status == 201, answer
    return answer.json()["token_id"], answer.json()["token"]


def fetch_as(daemon, token, user, key, days=1):
    answer = daemon.client.request("POST", "/api/jobs/fetch", json={"alp_user_id": user, "rescue_time_api_key": key, "days": days},
                                   headers={"Authorization": f"Bearer {token}", "Prefer": "wait=20"})
    assert answer.status == 202 and answer.json()["state"] == "succeeded", answer
    return answer.json()["job_id"]


def test_a_token_shows_what_its_holder_may_see(make_daemon, new_user):
    daemon = make_daemon().start()
    (one, one_key), (two, two_key) = new_user(), new_user()
    with Watch(daemon.port, "/api/events") as tokenless:
        proc.wait_until(lambda: tokenless.parser.retry_ms, what="its beginning")
        _, operator = make_token(daemon, "operator")
        # The first token ends what needed none.
        tokenless.wait_end()
        assert not tokenless.cut and tokenless.events == []
    _, service = make_token(daemon, "service", operator)
    _, own = make_token(daemon, "user", operator, alp_user_id=one)
    watches = {name: Watch(daemon.port, "/api/events", token=token)
               for name, token in (("operator", operator), ("service", service), ("own", own))}
    jobs = [fetch_as(daemon, service, user, key) for user, key in ((one, one_key), (two, two_key))]
    try:
        for name, user in (("operator", two), ("service", two), ("own", one)):
            watches[name].wait(lambda events, user=user: "job.succeeded" in names(of_job(events, jobs[user == two])), what=name)
        assert {e.data["alp_user_id"] for e in watches["own"].events} == {one}
        assert "entries.changed" in names(watches["own"].events)
        assert {e.data["alp_user_id"] for e in watches["service"].events} == {one, two}
        assert "entries.changed" in names(watches["service"].events)
        assert {e.data["alp_user_id"] for e in watches["operator"].events} == {one, two}
        assert "entries.changed" not in names(watches["operator"].events)
    finally:
        for w in watches.values():
            w.close()
    # Coming back to somebody else's shows nothing of it either.
    with Watch(daemon.port, "/api/events", last_id=0, token=own) as w:
        w.wait(lambda events: "job.succeeded" in names(of_job(events, jobs[0])))
        assert ids(w.events) == stored(daemon, "alp_user_id = ?", one)
    for path in (f"/api/jobs/{jobs[1]}/events", f"/api/events?alp_user_id={two}"):
        with Watch(daemon.port, path, token=own) as w:
            w.wait_end()
            assert w.status == 404, path
    with Watch(daemon.port, f"/api/jobs/{jobs[0]}/events", token=own) as w:
        assert names(w.wait_end()) == ["job.succeeded"]
    with Watch(daemon.port, "/api/events") as w:
        w.wait_end()
        assert w.status == 401


def test_a_revoked_tokens_streams_end_and_no_others(make_daemon, new_user):
    daemon = make_daemon().start()
    user, key = new_user()
    _, operator = make_token(daemon, "operator")
    number, revoked = make_token(daemon, "service", operator)
    _, stays = make_token(daemon, "service", operator)
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)
    _, expires = make_token(daemon, "service", operator, expires_at=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    with Watch(daemon.port, "/api/events", token=revoked) as w, Watch(daemon.port, "/api/events", token=stays) as other, \
            Watch(daemon.port, "/api/events", token=expires) as dies:
        for each in (w, other, dies):
            proc.wait_until(lambda each=each: each.parser.retry_ms, what="its beginning")
        answer = daemon.client.request("DELETE", f"/api/tokens/{number}", headers={"Authorization": f"Bearer {operator}"})
        assert answer.status == 204
        w.wait_end(2)
        dies.wait_end(20)
        job = fetch_as(daemon, stays, user, key)
        other.wait(lambda events: "job.succeeded" in names(of_job(events, job)))
        assert w.events == [] and dies.events == [] and not other.over


# --- many, slow and gone ---

def test_a_heartbeat_says_that_the_line_lives_and_how_far_one_is(make_daemon, new_user):
    daemon = make_daemon({"http.heartbeat_ms": 200}).start()
    (one, key), (two, _) = new_user(), new_user()
    with Watch(daemon.port, f"/api/events?alp_user_id={two}") as w:
        proc.wait_until(lambda: w.parser.comments >= 2, what="heartbeats")
        daemon.fetch_and_wait(one, key, days=1)
        proc.wait_until(lambda: w.last_id == newest(daemon), what="a heartbeat with the newest id")
        assert w.events == []
    # With that id it need not be told of a long time in which nothing was its own.
    with Watch(daemon.port, f"/api/events?alp_user_id={two}", last_id=w.last_id) as w:
        proc.wait_until(lambda: w.parser.comments >= 1, what="heartbeat")
        assert w.events == []


class Crowd:
    """Thousands of watchers, read by one thread."""

    def __init__(self, port, path, count):
        self.parsers, self.sockets, self.events = {}, [], {}
        self.poll = select.epoll()
        while len(self.sockets) < count:
            # Not all at once: one that was not looked at yet may have to make room for those behind it.
            self.sockets += [self._begin(port, path) for _ in range(100)]
            for s in self.sockets[-100:]:
                self.parsers[s.fileno()] = [s, b"", Parser(), False]
                self.events[s.fileno()] = []
                self._take(s.fileno())
        for s in self.sockets:
            s.setblocking(False)
            self.poll.register(s.fileno(), select.EPOLLIN)

    @staticmethod
    def _begin(port, path):
        s = tls.connect(port, 30)
        s.sendall(raw.get(path).encode())
        return s

    def read(self, seconds):
        """What comes within that time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for fd, _ in self.poll.poll(left):
                self._take(fd)

    def read_until(self, condition, timeout, what):
        end = time.monotonic() + timeout * SLOWER
        while not condition(self):
            assert time.monotonic() < end, what
            self.read(0.02)

    def _take(self, fd):
        watcher = self.parsers[fd]
        try:
            data = watcher[0].recv(65536)
        except BlockingIOError:
            return
        if not data:
            self.poll.unregister(fd)
            watcher[3] = True
            return
        watcher[1] += data
        # Chunks are cut out; each holds whole lines.
        if b"\r\n\r\n" in watcher[1][:2000] and watcher[1].startswith(b"HTTP/1.1 200"):
            watcher[1] = watcher[1].split(b"\r\n\r\n", 1)[1]
        while not watcher[1].startswith(b"HTTP") and (m := re.match(rb"([0-9a-f]+)\r\n", watcher[1])):
            size = int(m[1], 16)
            if len(watcher[1]) < m.end() + size + 2:
                break
            self.events[fd] += watcher[2].feed(watcher[1][m.end():m.end() + size])
            watcher[1] = watcher[1][m.end() + size + 2:]

    def close(self):
        for s in self.sockets:
            s.close()
        self.poll.close()


def test_two_thousand_watch_and_one_does_not_read(make_daemon, new_user):
    daemon = make_daemon({"http.max_connections": 600, "http.watcher_stall_ms": 1000, "queue.max_jobs": 100000}).start()
    user, key = new_user()
    deaf = tls.connect(daemon.port, receive_buffer=4096)
    deaf.sendall(raw.get("/api/events").encode())
    deaf.recv(1, socket.MSG_PEEK)
    crowd = Crowd(daemon.port, f"/api/events?alp_user_id={user}", 2000)
    try:
        crowd.read_until(lambda c: all(w[2].retry_ms for w in c.parsers.values()), 30, "all watch")
        # Ordinary requests find seats beside them, at once.
        began = time.monotonic()
        job = daemon.fetch(user, key, days=7)
        assert time.monotonic() - began < 2
        crowd.read_until(lambda c: all(any(e.name == "job.succeeded" and e.data["job_id"] == job for e in events)
                                       for events in c.events.values()), 60, "everybody sees the end")
        mine = stored(daemon, "alp_user_id = ?", user)
        for events in crowd.events.values():
            assert ids(events) == mine[:len(events)]
            assert len({tuple(ids(events))}) == 1
        # Much more than sockets hold, and the deaf one goes; nobody else does.
        many(daemon, 9000)
        daemon.wait_log("a watcher that did not read was dropped; 1 so far", 30)
        crowd.read(0.2)
        assert not any(w[3] for w in crowd.parsers.values())
        assert daemon.client.get("/healthz").status == 200
    finally:
        crowd.close()
        deaf.close()
    proc.wait_until(lambda: daemon.client.get("/healthz").status == 200, what="it goes on")


def test_as_many_as_may_watch_and_no_more(make_daemon):
    daemon = make_daemon({"http.max_watchers": 3, "http.max_connections": 2}).start()
    watches = [Watch(daemon.port, "/api/events") for _ in range(3)]
    assert [w.status for w in watches] == [200] * 3
    refused = daemon.client.get("/api/events")
    assert refused.status == 503 and refused.json()["code"] == "too_many_watchers"
    assert int(refused.headers["Retry-After"]) > 0
    assert daemon.client.get("/healthz").status == 200
    watches[0].close()

    def again():
        w = Watch(daemon.port, "/api/events")
        watches.append(w)
        return w.status == 200
    proc.wait_until(again, what="the seat of one that left")
    for w in watches:
        w.close()


def test_one_user_cannot_take_every_seat(make_daemon):
    """Whatever tokens that user has; and who serves all users may have more."""
    daemon = make_daemon().start()
    _, operator = make_token(daemon, "operator")
    tokens = [make_token(daemon, "user", operator, alp_user_id=5)[1] for _ in range(2)]
    (_, other), (_, service) = make_token(daemon, "user", operator, alp_user_id=6), make_token(daemon, "service", operator)
    watches = [Watch(daemon.port, "/api/events", token=tokens[n % 2]) for n in range(100)]
    assert {w.status for w in watches} == {200}
    for token in tokens:
        refused = daemon.client.request("GET", "/api/events", headers={"Authorization": f"Bearer {token}"})
        assert (refused.status, refused.json()["code"]) == (503, "too_many_watchers") and int(refused.headers["Retry-After"]) > 0
    watches += [Watch(daemon.port, "/api/events", token=other)] + [Watch(daemon.port, "/api/events", token=service) for _ in range(110)]
    assert {w.status for w in watches} == {200}
    watches[0].close()

    def again():
        watches.append(Watch(daemon.port, "/api/events", token=tokens[1]))
        return watches[-1].status == 200
    proc.wait_until(again, what="the seat of one that left")
    for w in watches:
        w.close()


def test_watchers_that_leave_in_the_middle_harm_nobody(daemon, new_user):
    user, key = new_user()
    with Watch(daemon.port, f"/api/events?alp_user_id={user}") as stays:
        job = daemon.fetch(user, key, days=10)
        while not any(e.name in OVER and e.data["job_id"] == job for e in stays.events):
            leavers = []
            for how in range(6):
                s = tls.connect(daemon.port)
                s.sendall(raw.get(f"/api/events?alp_user_id={user}&last_event_id=0").encode())
                if how % 3 == 0:
                    s.recv(1)
                if how % 2 == 0:
                    # A reset instead of an end.
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                leavers.append(s)
            for s in leavers:
                s.close()
        assert ids(stays.events) == [i for i in stored(daemon, "alp_user_id = ?", user) if i <= stays.events[-1].id]
    assert daemon.client.get("/healthz").status == 200


def test_what_is_sent_behind_the_request_is_not_answered(daemon, new_user):
    user, key = new_user()
    job = daemon.fetch_and_wait(user, key, days=1)["job_id"]
    with raw.Raw(daemon.port) as c:
        c.send(raw.get(f"/api/jobs/{job}/events") * 2)
        assert c.answer().headers["connection"] == "close"
        text = c.left
        try:
            while data := c.socket.recv(65536):
                text += data
        except ConnectionResetError:
            pass
    assert text.count(b"HTTP/1.1") == 0 and text.count(b"event: job.succeeded") == 1


def test_a_stop_ends_streams_at_once_and_cleanly(make_daemon, new_user, sandbox):
    daemon = make_daemon().start()
    watches = [Watch(daemon.port, "/api/events") for _ in range(20)]
    for w in watches:
        proc.wait_until(lambda w=w: w.parser.retry_ms == 3000, what="its beginning")
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 5
    for w in watches:
        w.wait_end()
        assert not w.cut
        # They are told to come back at different times.
        assert w.parser.retry_ms != 3000
    assert len({w.parser.retry_ms for w in watches}) == 20


# --- the daemon dies ---

def test_killed_again_and_again_every_step_is_seen_exactly_once(make_daemon, new_user, sandbox):
    daemon = make_daemon({"workers.max": 4}).start()
    users = [new_user() for _ in range(4)]
    for user, _ in users:
        sandbox.fault("delay", user=user, ms=30, count=-1)
    jobs, seen, last = set(), [], 0
    for crash in range(5):
        for user, key in users:
            jobs.add(daemon.fetch(user, key, days=12))
        with Watch(daemon.port, "/api/events", last_id=last) as w:
            w.wait(lambda events: len(events) >= 8 + 5 * crash, what="progress")
            daemon.kill()
            w.wait_end()
            seen += w.events
            last = w.last_id if w.events else last
        daemon.start()
    for job in jobs:
        daemon.wait_job(job)
    proc.wait_until(lambda: not daemon.query("SELECT 1 FROM jobs WHERE state <= 2"), 60, "the end of all jobs")
    final = newest(daemon)
    with Watch(daemon.port, "/api/events", last_id=last) as w:
        w.wait(lambda events: w.last_id >= final)
        seen += w.events
    # Every event once, in order, without a gap ...
    assert ids(seen) == list(range(1, len(seen) + 1))
    # ... and of every job exactly the steps that its history has.
    steps = {}
    for e in seen:
        if e.name.startswith("job.") and e.name != "job.progress":
            steps.setdefault(e.data["job_id"], []).append((e.data["state"], e.data["run"], e.data["code"]))
    assert len(steps) >= len(jobs)
    for job, told in steps.items():
        history = daemon.job(job)["history"]
        assert told == [(step["to"], step["run"], step["code"]) for step in history], job
