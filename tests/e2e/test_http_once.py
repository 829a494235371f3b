# SPDX-License-Identifier: Apache-2.0
"""Idempotency-Key: what a client sends again, because it does not know whether it arrived, happens once."""
import concurrent.futures
import contextlib
import http.client
import signal
import sqlite3
import threading
import time
import uuid

import pytest

from lib import proc, raw
from lib.fake import Fake
from test_http_contract import errors, problem

DAY = "2026-01-07"


def ask(client, path, json=None, key=None, **headers):
    return client.request("POST", path, json={} if json is None else json,
                          headers={**({"Idempotency-Key": key} if key else {}), **{k.replace("_", "-"): v for k, v in headers.items()}})


def process(client, user, key, **body):
    return ask(client, "/api/jobs/process", {"alp_user_id": user, "date": DAY, **body}, key)


@pytest.fixture
def paused(daemon):
    """Jobs stay where they are, so that what is there can be counted."""
    assert daemon.client.post("/api/queue/process/pause").status == 200
    yield daemon
    assert daemon.client.post("/api/queue/process/resume").status == 200


def job_ids(daemon, user):
    return [j["job_id"] for j in daemon.client.get("/api/jobs", alp_user_id=user).json()]


def test_the_same_request_again_gets_the_same_answer_and_no_second_job(paused, user_numbers):
    user, key = next(user_numbers), str(uuid.uuid4())
    first = process(paused.client, user, key)
    assert first.status == 202 and "Idempotent-Replay" not in first.headers, first
    assert paused.client.delete(f"/api/jobs/{first.json()['job_id']}").status == 200
    again = process(paused.client, user, key)
    assert (again.status, again.body, again.headers["Location"]) == (202, first.body, first.headers["Location"])
    assert again.headers["Idempotent-Replay"] == "true" and again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert job_ids(paused, user) == [first.json()["job_id"]]
    fresh = process(paused.client, user, str(uuid.uuid4()))
    assert fresh.json()["job_id"] != first.json()["job_id"]


def test_a_key_is_for_one_request_only(paused, user_numbers):
    user, key = next(user_numbers), str(uuid.uuid4())
    assert process(paused.client, user, key).status == 202
    for path, body in [("/api/jobs/process", {"alp_user_id": user, "date": "2026-01-06"}), ("/api/jobs/process", {"date": DAY, "alp_user_id": user}),
                       ("/api/queue/fetch/resume", {})]:
        a = ask(paused.client, path, body, key)
        doc = problem(a, 422, "idempotency_key_reused")
        assert [e["loc"] for e in doc["errors"]] == [["header", "Idempotency-Key"]]
    assert len(job_ids(paused, user)) == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 256, "caf\u00e9", "tab\there"])
def test_a_key_that_is_none_is_named_with_the_rest(daemon, key):
    a = daemon.client.request("POST", "/api/jobs/process", json={"priority": 99}, headers={"Idempotency-Key": key.encode("latin-1")})
    assert errors(a) == {("body", "alp_user_id"): "missing", ("body", "priority"): "out_of_range", ("header", "Idempotency-Key"): "bad_key"}


def test_every_visible_character_can_stand_in_a_key(paused, user_numbers):
    for key in ("".join(chr(c) for c in range(0x21, 0x7f)), "k" * 255, "'; DROP TABLE once; --".replace(" ", "_")):
        user = next(user_numbers)
        first, again = process(paused.client, user, key), process(paused.client, user, key)
        assert first.status == again.status == 202 and again.headers["Idempotent-Replay"] == "true", again


def test_a_request_that_was_refused_may_be_sent_again_corrected(paused, user_numbers):
    user, key = next(user_numbers), str(uuid.uuid4())
    for body in ({"date": "no day"}, {"date": None, "from": "2026-01-07"}):
        assert process(paused.client, user, key, **body).status == 422
    assert process(paused.client, user, key).status == 202
    assert process(paused.client, user, key).headers["Idempotent-Replay"] == "true"
    missing = ask(paused.client, "/api/jobs/99999999/retry", {"rescue_time_api_key": "k"}, "again")
    assert missing.status == ask(paused.client, "/api/jobs/99999999/retry", {"rescue_time_api_key": "k"}, "again").status == 404


def test_no_post_of_the_contract_is_without_a_key(daemon):
    """One that is added comes here with a test of its own; tokens have theirs in test_tokens.py, confirmations in test_confirm.py,
    rules checks in test_rules_check.py, review actions in test_review.py, postings in test_posting.py."""
    posts = {path: item["post"] for path, item in daemon.client.get("/openapi.json").json()["paths"].items() if "post" in item}
    assert set(posts) == {"/api/jobs/fetch", "/api/jobs/process", "/api/jobs/{job_id}/retry", "/api/queue/{kind}/pause", "/api/queue/{kind}/resume",
                          "/api/tokens", "/api/processed_time_entries", "/api/rules/check", "/api/time_entries/bulk", "/api/time_entries/merge",
                          "/api/time_entries/{entry_id}/split",
                          "/api/posting/go-on", "/api/backups", "/api/store/check", "/api/store/prune", "/api/audit/verify",
                          "/api/time_entries", "/api/postings/{id}/resolve", "/api/alp/probe", "/api/alp/events", "/api/alp/proof", "/api/webhooks", "/api/webhooks/{webhook_id}/test",
                          "/api/webhooks/{webhook_id}/rotate", "/api/webhooks/deliveries/{delivery_id}/redeliver"}
    for path, operation in posts.items():
        assert {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"], path
        assert {"409", "422"} <= set(operation["responses"]), path


def test_every_post_takes_a_key(daemon, sandbox, new_user):
    user, rescuetime_key = new_user()
    body = {"alp_user_id": user, "rescue_time_api_key": rescuetime_key, "days": 1}
    first = ask(daemon.client, "/api/jobs/fetch", body, "fetch-it", Prefer="wait=30")
    assert first.json()["state"] == "succeeded", first
    again = ask(daemon.client, "/api/jobs/fetch", body, "fetch-it", Prefer="wait=30")
    # What is kept is how it was accepted, not how it went: that is the job's to tell.
    assert again.status == 202 and again.json()["state"] == "queued" and again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replay"] == "true" and "Preference-Applied" not in again.headers
    asked = len([a for a in sandbox.asked() if a.user == str(user)])
    assert len(job_ids(daemon, user)) == 2 and asked == 1 # the fetch and its process job
    sandbox.fault("bad-key-403", user=user, count=1)
    failed = daemon.wait_job(daemon.fetch(user, rescuetime_key, days=1))
    assert failed["state"] == "failed", failed
    retry = f"/api/jobs/{failed['job_id']}/retry"
    one, two = (ask(daemon.client, retry, {"rescue_time_api_key": rescuetime_key}, "retry-it") for _ in range(2))
    assert one.status == two.status == 202 and one.body == two.body and two.headers["Idempotent-Replay"] == "true"
    for what in ("pause", "resume"):
        one, two = (ask(daemon.client, f"/api/queue/process/{what}", None, f"{what}-it") for _ in range(2))
        assert one.status == two.status == 200 and one.body == two.body and two.headers["Idempotent-Replay"] == "true"


def test_what_a_body_held_is_not_in_the_store(daemon, new_user):
    user, _ = new_user()
    body = {"alp_user_id": user, "rescue_time_api_key": "B63-nobody-may-find-this", "days": 1}
    assert ask(daemon.client, "/api/jobs/fetch", body, "secret-body").status == 202
    rows = daemon.query("SELECT key, asked, head, body FROM once WHERE key = 'secret-body'")
    assert len(rows) == 1 and len(rows[0][1]) == 32
    for path in daemon.directory.glob("rtalp.db*"):
        assert b"nobody-may-find-this" not in path.read_bytes(), path


def test_two_stores_hash_differently(make_daemon):
    def stored():
        d = make_daemon().start()
        assert process(d.client, 5, "the-same").status == 202
        d.stop()
        return d.query("SELECT asked FROM once")[0][0]
    assert stored() != stored()


def test_a_key_outlives_a_restart_and_goes_when_its_time_has_come(make_daemon):
    d = make_daemon().start()
    assert d.client.post("/api/queue/process/pause").status == 200
    first = process(d.client, 5, "kept")
    d.restart()
    again = process(d.client, 5, "kept")
    assert again.body == first.body and again.headers["Idempotent-Replay"] == "true"
    process(d.client, 5, "young")
    d.stop()
    with contextlib.closing(sqlite3.connect(d.db_path)) as db, db:
        db.execute("UPDATE once SET answered_ms = answered_ms - 24 * 3600000 - 1 WHERE key = 'kept'")
    d.start()
    proc.wait_until(lambda: d.query("SELECT key FROM once") == [("young",)], what="removal of an answer of yesterday")


def test_a_key_of_rescuetimes_that_was_lost_with_the_daemon_comes_again_with_the_request(make_daemon, new_user):
    """The answer is lost, and so is what only the daemon's memory held: who sends it all again is not told that it is queued, but gets it done."""
    d = make_daemon().start()
    user, rescuetime_key = new_user()
    body = {"alp_user_id": user, "rescue_time_api_key": rescuetime_key, "days": 1}
    assert d.client.post("/api/queue/fetch/pause").status == 200
    first = ask(d.client, "/api/jobs/fetch", body, "sent-again")
    job = first.json()["job_id"]
    for again in range(2):
        d.kill(signal.SIGKILL)
        d.start()
        assert d.wait_job(job)["state"] == "key_lost"
        a = ask(d.client, "/api/jobs/fetch", body, "sent-again")
        assert (a.status, a.json()["job_id"], a.json()["state"], a.headers["Location"]) == (202, job, "queued", first.headers["Location"])
        assert "Idempotent-Replay" not in a.headers, "something happened"
        # Now that it has its key, the same request is nothing new.
        replay = ask(d.client, "/api/jobs/fetch", body, "sent-again")
        assert replay.headers["Idempotent-Replay"] == "true" and replay.body == first.body
        assert d.job(job)["state"] == "queued"
    assert d.client.post("/api/queue/fetch/resume").status == 200
    assert d.wait_job(job)["state"] == "succeeded" and d.entries(user)
    assert [j["kind"] for j in d.client.get("/api/jobs", alp_user_id=user).json()].count("fetch") == 1


def test_a_retry_whose_key_was_lost_with_the_daemon_comes_again_too(make_daemon, new_user):
    d = make_daemon().start()
    user, rescuetime_key = new_user()
    assert d.client.post("/api/queue/fetch/pause").status == 200
    job = d.fetch(user, rescuetime_key, days=1)
    assert d.client.delete(f"/api/jobs/{job}").status == 200
    body = {"rescue_time_api_key": rescuetime_key}
    assert ask(d.client, f"/api/jobs/{job}/retry", body, "retry-again").json()["state"] == "queued"
    d.kill(signal.SIGKILL)
    d.start()
    assert d.wait_job(job)["state"] == "key_lost"
    assert ask(d.client, f"/api/jobs/{job}/retry", body, "retry-again").json()["job_id"] == job
    assert d.client.post("/api/queue/fetch/resume").status == 200
    assert d.wait_job(job)["state"] == "succeeded"


def test_the_same_at_the_same_time_is_told_to_wait():
    with Fake(delay_ms=700) as fake, concurrent.futures.ThreadPoolExecutor() as pool:
        first = pool.submit(process, fake.client, 5, "busy")
        time.sleep(0.2)
        a = process(fake.client, 5, "busy")
        assert problem(a, 409, "idempotency_in_progress") and int(a.headers["Retry-After"]) >= 1
        problem(process(fake.client, 6, "busy"), 422, "idempotency_key_reused")
        assert first.result().status == 202
        assert process(fake.client, 5, "busy").status == 202, "nothing is under way any more"


def test_what_is_under_way_ends_without_its_client_and_without_its_server():
    body = '{"alp_user_id": 5}'
    with Fake(delay_ms=500) as fake:
        with raw.Raw(fake.port) as c:
            c.send(raw.post("/api/jobs/process", body, "Idempotency-Key: left"))
            time.sleep(0.1)
        again = fake.client.request("POST", "/api/jobs/process", body=body, headers={"Content-Type": "application/json", "Idempotency-Key": "left"})
        problem(again, 409, "idempotency_in_progress")
        def freed():
            return fake.client.request("POST", "/api/jobs/process", body=body,
                                       headers={"Content-Type": "application/json", "Idempotency-Key": "left"}).status == 202
        proc.wait_until(freed, what="the end of the verb that nobody waits for")
    with Fake(delay_ms=500) as fake, raw.Raw(fake.port) as c:
        c.send(raw.post("/api/jobs/process", body, "Idempotency-Key: gone"))
        time.sleep(0.1)
        fake.stop(at_once=True)
        assert c.ended()


def test_who_hung_up_and_asks_again_meets_the_same_job(paused, user_numbers):
    """The client gives up while its answer is held; the answer is there when it comes back."""
    user, key = next(user_numbers), str(uuid.uuid4())
    c = paused.client.connection()
    c.request("POST", "/api/jobs/process", body=f'{{"alp_user_id": {user}, "date": "{DAY}"}}',
              headers={"Content-Type": "application/json", "Idempotency-Key": key, "Prefer": "wait=30"})
    while not job_ids(paused, user):
        time.sleep(0.01)
    held = paused.client.request("POST", "/api/jobs/process", body=f'{{"alp_user_id": {user}, "date": "{DAY}"}}',
                                 headers={"Content-Type": "application/json", "Idempotency-Key": key})
    c.close()
    assert held.status == 202 and held.headers["Idempotent-Replay"] == "true"
    assert job_ids(paused, user) == [held.json()["job_id"]]


class Hammer:
    """Sends each key until it is answered, over and over, whoever dies meanwhile."""

    def __init__(self, daemon, users, keys):
        self.daemon, self.answers, self.replays, self.lock = daemon, {}, 0, threading.Lock()
        self.todo = [(users[i % len(users)], f"{users[i % len(users)]}-{i}", i) for i in range(keys)]
        self.over = False

    def send(self, user, key, i):
        """Every key is a day of its own, so that no job takes another along."""
        day = time.strftime("%Y-%m-%d", time.gmtime(86400 * (10000 + i)))
        while not self.over:
            try:
                a = ask(self.daemon.client, "/api/jobs/process", {"alp_user_id": user, "date": day}, key)
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
                continue
            if a.status == 202:
                with self.lock:
                    self.answers.setdefault(key, set()).add(a.body)
                    self.replays += "Idempotent-Replay" in a.headers
                return
            assert a.status in (409, 503), a
            time.sleep(0.01)

    def work(self, tasks):
        for task in tasks:
            self.send(*task)

    def run(self, threads=8):
        started = [threading.Thread(target=self.work, args=(self.todo[i::threads],)) for i in range(threads)]
        for t in started:
            t.start()
        return started


def test_killing_the_daemon_under_load_makes_no_job_twice(make_daemon):
    d = make_daemon({"queue.max_jobs": 100000}).start()
    # A fixed port, so that clients find the next daemon where the last one was.
    d.configure(http__listen=[f"127.0.0.1:{d.port}"])
    assert d.client.post("/api/queue/process/pause").status == 200
    hammer = Hammer(d, users=[1, 2, 3, 4, 5], keys=3000)
    threads = hammer.run()
    kills = 0
    try:
        while any(t.is_alive() for t in threads) and kills < 12:
            time.sleep(0.05 + 0.037 * kills % 0.3)
            d.kill(signal.SIGKILL)
            kills += 1
            d.start()
        for t in threads:
            t.join(120)
        assert not any(t.is_alive() for t in threads)
        # Once more, all of them: the answers of then.
        again = Hammer(d, users=[1, 2, 3, 4, 5], keys=3000)
        for t in again.run():
            t.join(120)
    finally:
        hammer.over = True
    assert kills >= 3, "the load was over before the daemon was killed"
    assert hammer.replays > 0, "no answer was lost, so nothing was tried"
    for key, bodies in hammer.answers.items():
        assert len(bodies) == 1 and bodies == again.answers[key], key
    assert len(hammer.answers) == again.replays == 3000
    [(jobs,)] = d.query("SELECT count(*) FROM jobs")
    [(days,)] = d.query("SELECT count(*) FROM (SELECT DISTINCT alp_user_id, from_day FROM jobs)")
    [(rows,)] = d.query("SELECT count(*) FROM once")
    assert (jobs, days, rows) == (3000, 3000, 3000)
