# SPDX-License-Identifier: Apache-2.0
"""ALP's lists, through the daemon: what is kept of them, in memory and in a Redis, and what becomes of a bad ALP or a bad Redis."""
import concurrent.futures
import gzip
import os
import shutil
import signal
import socket
import subprocess
import tempfile

import pytest

from lib import proc, tls
from lib.build import SLOWER


class Redis:
    """A redis-server of our own on a socket of its own."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="rtalp-redis-")
        self.path = f"{self.directory}/sock"
        self.process = None

    def start(self):
        self.process = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly", "no", "--dir", self.directory],
                                        stdout=subprocess.DEVNULL)
        proc.wait_until(lambda: os.path.exists(self.path) and self.say("PING") == "+PONG", what="start of Redis")

    def say(self, command):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            try:
                s.connect(self.path)
            except ConnectionRefusedError:
                return ""
            s.sendall(command.encode() + b"\r\n")
            return s.recv(65536).decode("utf-8", "replace").strip()

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        if os.path.exists(self.path):
            os.unlink(self.path)

    def end(self):
        self.stop()
        shutil.rmtree(self.directory)


@pytest.fixture
def redis():
    r = Redis()
    yield r
    r.end()


@pytest.fixture(params=["memory", "redis"])
def cached(request, redis, make_alp_daemon):
    """Calls give a running daemon with that cache."""
    def make(**settings):
        chosen = {"cache.backend": request.param}
        if request.param == "redis":
            redis.start()
            chosen["cache.redis"] = redis.path
        daemon = make_alp_daemon({"alp.feed_matters": "no", "cache.pause_ms": 0, "cache.redis_timeout_ms": 2000, **chosen,
                                  **{name.replace("__", ".", 1): value for name, value in settings.items()}})
        daemon.start()
        return daemon
    return make


def asked(sandbox, path, since=0):
    """How often ALP was asked for that."""
    return len([a for a in sandbox.alp_asked("GET", since) if a.path.split("?")[0].endswith(path)])


def mark(sandbox):
    return max((a.sequence for a in sandbox.alp_asked()), default=0)


def test_lists_come_as_alp_has_them(cached, sandbox):
    daemon = cached()
    for path in ("matters", "users", "gst_types"):
        answer = daemon.client.get(f"/api/alp/{path}")
        assert (answer.status, answer.headers["X-Cache"], answer.headers["Age"]) == (200, "miss", "0"), answer
        assert answer.json() == sandbox.alp_ask(path).json()
        again = daemon.client.get(f"/api/alp/{path}")
        assert (again.headers["X-Cache"], again.body, again.headers["ETag"]) == ("hit", answer.body, answer.headers["ETag"])
    matter = daemon.client.get("/api/alp/matters").json()[0]
    outcomes = daemon.client.get(f"/api/alp/matters/{matter['id']}/outcomes").json()
    assert outcomes == sandbox.alp_ask(f"matters/{matter['id']}/outcomes").json() and outcomes
    components = daemon.client.get(f"/api/alp/outcomes/{outcomes[0]['id']}/components").json()
    assert components == sandbox.alp_ask(f"outcomes/{outcomes[0]['id']}/components").json() and components


def test_who_has_a_list_gets_it_once_and_packed_if_asked(cached):
    daemon = cached()
    plain = daemon.client.get("/api/alp/matters")
    packed = daemon.client.request("GET", "/api/alp/matters", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == plain.body
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for answer in (plain, packed):
        seen = daemon.client.request("GET", "/api/alp/matters", headers={"If-None-Match": answer.headers["ETag"]})
        assert (seen.status, seen.body, seen.headers["ETag"], seen.headers["X-Cache"]) == (304, b"", answer.headers["ETag"], "hit")


def test_a_thousand_callers_of_a_cold_list_are_one_question_to_alp(cached, sandbox):
    daemon = cached(http__max_connections=1200)
    since = mark(sandbox)
    sandbox.alp_fault("slow", on="lists", ms=1500)
    connections = []
    for _ in range(1000):
        c = tls.connect(daemon.port, 30)
        c.sendall(b"GET /api/alp/matters HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        connections.append(c)

    def read(c):
        with c:
            return b"".join(iter(lambda: c.recv(65536), b""))
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(read, connections))
    bodies = {a.split(b"\r\n\r\n", 1)[1] for a in answers}
    assert {a.split(b" ", 2)[1] for a in answers} == {b"200"} and len(bodies) == 1
    assert asked(sandbox, "/matters", since) == 1


def test_an_old_copy_is_renewed_by_alps_tag(cached, sandbox):
    daemon = cached(cache__users_fresh_s=1, cache__revalidate_s=0)
    first = daemon.client.get("/api/alp/users")
    since = mark(sandbox)
    proc.wait_until(lambda: daemon.client.get("/api/alp/users").headers["X-Cache"] == "miss", what="a copy that is old")
    again = [a for a in sandbox.alp_asked("GET", since) if a.path.endswith("/users")]
    assert {a.status for a in again} == {304}
    answer = daemon.client.get("/api/alp/users")
    assert (answer.body, answer.headers["ETag"]) == (first.body, first.headers["ETag"])


def test_a_copy_goes_out_at_once_while_alp_is_asked(cached, sandbox):
    daemon = cached(cache__users_fresh_s=1)
    daemon.client.get("/api/alp/users")
    since = mark(sandbox)
    sandbox.alp_fault("slow", on="lists", ms=3000)
    proc.wait_until(lambda: daemon.client.get("/api/alp/users").headers["X-Cache"] == "stale", what="a copy that is old")
    stale = daemon.client.get("/api/alp/users")
    assert stale.headers["X-Cache"] == "stale" and int(stale.headers["Age"]) >= 1
    proc.wait_until(lambda: daemon.client.get("/api/alp/users").headers["X-Cache"] == "hit", what="the newer one")
    assert asked(sandbox, "/users", since) == 1


@pytest.mark.parametrize("fault, status, code", [({"name": "status", "status": 500}, 502, "alp_unreachable"), ({"name": "html"}, 502, "alp_unreadable"),
                                                 ({"name": "stall"}, 504, "alp_timeout"), ({"name": "status", "status": 401}, 502, "alp_key_refused"),
                                                 ({"name": "status", "status": 429, "retry_after": 7}, 503, "alp_busy")])
def test_without_a_copy_a_bad_alp_is_told_and_with_one_it_is_not(cached, sandbox, fault, status, code):
    daemon = cached(cache__users_fresh_s=1, cache__revalidate_s=0, alp__answer_timeout_ms=500 * SLOWER, alp__read_timeout_ms=1500 * SLOWER, alp__read_tries=1,
                    alp__breaker_failures=1000)
    assert daemon.client.get("/api/alp/users").status == 200
    sandbox.alp_fault(on="lists", count=-1, **fault)
    bad = daemon.client.get("/api/alp/gst_types")
    assert (bad.status, bad.headers["Content-Type"], bad.json()["code"]) == (status, "application/problem+json", code), bad
    assert bad.headers.get("Retry-After") == ("7" if status == 503 else None)
    proc.wait_until(lambda: daemon.client.get("/api/alp/users").headers["X-Cache"] == "stale", what="a copy that is old")
    stale = daemon.client.get("/api/alp/users")
    assert (stale.status, stale.headers["X-Cache"]) == (200, "stale") and int(stale.headers["Age"]) >= 1
    sandbox.clear_faults()
    proc.wait_until(lambda: daemon.client.get("/api/alp/users").headers["X-Cache"] in ("miss", "hit"), what="an ALP that is well again")


def test_ids(cached, sandbox):
    daemon = cached()
    since = mark(sandbox)
    for bad in ("%2e%2e", "..%2fusers", "a%20b", "a%3Fb", "x" * 65, "%00", "a%2Fb"):
        answer = daemon.client.get(f"/api/alp/matters/{bad}/outcomes")
        assert (answer.status, answer.json()["code"]) in ((422, "invalid_fields"), (404, "not_found")), (bad, answer)
        if answer.status == 422:
            assert answer.json()["errors"][0]["loc"] == ["path", "matter_id"]
    assert len(sandbox.alp_asked("GET", since)) == 0
    answer = daemon.client.get("/api/alp/matters/999999/outcomes")
    assert (answer.status, answer.json()["code"]) == (404, "alp_not_found")


@pytest.mark.parametrize("paging", ["link", "page", "offset"])
def test_all_pages_are_gathered(make_alp_daemon, sandbox, paging):
    whole = sandbox.alp_ask("matters").json()
    sandbox.alp_set(paging=paging, page_size=150)
    daemon = make_alp_daemon({"alp.paging": paging, "alp.feed_matters": "no"})
    daemon.start()
    assert daemon.client.get("/api/alp/matters").json() == whole


def test_matters_are_searched_and_paged(cached, sandbox):
    daemon = cached()
    whole = daemon.client.get("/api/alp/matters").json()
    one = next(m for m in whole if m["status"] == "open")
    found = daemon.client.get("/api/alp/matters", q=one["code"].lower()).json()
    assert found[0] == one
    assert daemon.client.get("/api/alp/matters", q=one["name"].upper(), limit=5).json()[0]["name"] == one["name"]
    assert daemon.client.get("/api/alp/matters", q="no such words anywhere").json() == []
    assert len(daemon.client.get("/api/alp/matters", q="a").json()) <= 100
    pages, target = [], "/api/alp/matters?limit=700"
    while target:
        page = daemon.client.get(target)
        pages += page.json()
        target = page.headers["Link"].split(">")[0][1:] if "Link" in page.headers else None
    assert pages == whole
    wrong = daemon.client.get("/api/alp/matters", cursor="x")
    assert wrong.status == 422 and {tuple(e["loc"]) for e in wrong.json()["errors"]} == {("query", "cursor")}


def test_without_an_alp_that_is_said(daemon):
    answer = daemon.client.get("/api/alp/matters")
    assert (answer.status, answer.json()["code"]) == (503, "alp_not_configured")


# --- the rules' matters ---


def test_the_rules_know_alps_matters(make_alp_daemon, sandbox):
    daemon = make_alp_daemon()
    daemon.start()
    whole = {m["code"]: m["status"] == "open" for m in sandbox.alp_ask("matters").json()}
    proc.wait_until(lambda: daemon.client.get("/api/matters", limit=5000).json(), what="matters for the rules")
    assert {m["code"]: m["open"] for m in daemon.client.get("/api/matters", limit=5000).json()} == whole
    assert "the matters that the rules know are ALP's now" in daemon.log()
    assert daemon.client.get("/api/settings").json()["matters_from"] == "alp"
    daemon.stop()
    daemon.start()
    assert daemon.client.get("/api/settings").json()["matters_from"] == "alp"
    # Whoever says it last is right.
    assert daemon.client.put("/api/matters", [{"code": "12345"}]).status == 200
    assert [m["code"] for m in daemon.client.get("/api/matters").json()] == ["12345"]
    assert daemon.client.get("/api/settings").json()["matters_from"] == "import"


# --- a Redis that is no help ---


def over_redis(make_alp_daemon, redis, **settings):
    daemon = make_alp_daemon({"alp.feed_matters": "no", "cache.backend": "redis", "cache.redis": redis.path, "cache.redis_near_ms": 0,
                              **{name.replace("__", ".", 1): value for name, value in settings.items()}})
    daemon.start()
    return daemon


def test_a_redis_keeps_lists_beyond_the_daemon(make_alp_daemon, sandbox, redis):
    redis.start()
    daemon = over_redis(make_alp_daemon, redis)
    first = daemon.client.get("/api/alp/matters")
    proc.wait_until(lambda: redis.say("HSTRLEN rtalp:matters b") == f":{len(first.body)}", what="the copy in Redis")
    daemon.stop()
    since = mark(sandbox)
    daemon.start()
    again = daemon.client.get("/api/alp/matters")
    assert (again.headers["X-Cache"], again.body, again.headers["ETag"]) == ("hit", first.body, first.headers["ETag"])
    assert asked(sandbox, "/matters", since) == 0


@pytest.mark.parametrize("trouble", ["never there", "killed", "stopped", "full", "not a hash", "flushed", "flapping"])
def test_a_redis_in_trouble_costs_no_answer(make_alp_daemon, sandbox, redis, trouble):
    if trouble != "never there":
        redis.start()
    daemon = over_redis(make_alp_daemon, redis)
    if trouble == "full":
        assert redis.say("CONFIG SET maxmemory 1") == "+OK"
    if trouble == "not a hash":
        redis.say("SET rtalp:users x")
    wanted = sandbox.alp_ask("users").json()
    assert daemon.client.get("/api/alp/users").json() == wanted
    if trouble == "killed":
        redis.stop()
    elif trouble == "stopped":
        redis.signal(signal.SIGSTOP)
    elif trouble == "flushed":
        redis.say("FLUSHALL")
    since = mark(sandbox)
    for i in range(40):
        if trouble == "flapping" and i % 10 == 0:
            redis.stop()
        elif trouble == "flapping" and i % 10 == 5:
            redis.start()
        answer = daemon.client.get("/api/alp/users")
        assert (answer.status, answer.headers["X-Cache"], answer.json() == wanted) == (200, "hit", True)
    assert asked(sandbox, "/users", since) == 0
    assert daemon.client.get("/api/alp/gst_types").status == 200
    if trouble in ("never there", "killed", "stopped"):
        assert "does not answer; ALP's lists are kept in memory alone" in daemon.log()
    if trouble == "stopped":
        redis.signal(signal.SIGCONT)


# --- the end ---


def test_who_waits_for_a_list_holds_up_no_stop(make_alp_daemon, sandbox):
    daemon = make_alp_daemon({"alp.feed_matters": "no", "queue.drain_timeout_ms": 300})
    daemon.start()
    sandbox.alp_fault("stall", on="lists", count=-1)
    item = {"matter_component_id": 100011, "user_id": 2, "date": "2026-01-05", "units": 3, "description": "Advising on the lease"}
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(daemon.client.get, "/api/alp/matters"), pool.submit(daemon.client.get, "/api/alp/matters", q="a"),
                   pool.submit(daemon.client.post, "/api/time_entries", item)]
        proc.wait_until(lambda: len([a for a in sandbox.alp_asked("GET") if a.path.endswith(("/matters", "/users"))]) >= 2, what="questions to ALP")
        assert daemon.stop() == 0
        for w in waiting:
            w.exception(10)
