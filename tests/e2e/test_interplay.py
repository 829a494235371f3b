# SPDX-License-Identifier: Apache-2.0
"""Things that go wrong at the same moment: a lock, a full disk, a cancel, a death, each between two steps of a job."""
import contextlib
import hashlib
import os
import signal
import sqlite3
import threading

from lib import proc
from lib.build import TOP
from lib.truth import days_back


@contextlib.contextmanager
def locked(daemon):
    """Somebody else, an operator's shell say, holds the database's write lock."""
    with contextlib.closing(sqlite3.connect(daemon.db_path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("ROLLBACK")


@contextlib.contextmanager
def the_store(daemon):
    """The database of a daemon that is not running."""
    with contextlib.closing(sqlite3.connect(daemon.db_path)) as db:
        yield db
        db.commit()


def running_fetch(daemon, sandbox, user, key, ms, **body):
    sandbox.fault("delay", user=user, ms=ms, count=1)
    job_id = daemon.fetch(user, key, **{"days": 1, **body})
    worker = proc.wait_until(lambda: daemon.workers("fetch"), what="a worker")[0]
    proc.wait_until(lambda: [a for a in sandbox.asked() if a.user == str(user)], what="its request")
    return job_id, worker


def test_a_run_that_ends_while_the_database_is_locked_still_ends(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    user, key = new_user()
    job_id, worker = running_fetch(daemon, sandbox, user, key, ms=60000)
    with locked(daemon):
        os.kill(worker.pid, signal.SIGKILL)
        proc.wait_until(lambda: not proc.alive(worker.pid), what="its end")
        threading.Event().wait(6)  # longer than the store waits for a lock
    assert daemon.wait_job(job_id)["state"] == "succeeded"
    assert daemon.wait_job(daemon.fetch(user, key, days=2))["state"] == "succeeded", "the user's turn is free again"


def test_a_full_disk_keeps_nobody_from_stopping_the_daemon(shimmed, disk, sandbox, new_user):
    daemon = shimmed({"queue.drain_timeout_ms": 500})
    user, key = new_user()
    _, worker = running_fetch(daemon, sandbox, user, key, ms=60000)
    disk("enospc")
    os.kill(worker.pid, signal.SIGKILL)
    assert daemon.stop(timeout=15) == 0


def test_a_full_disk_is_no_failure_of_the_job(shimmed, disk, sandbox, new_user):
    daemon = shimmed()
    user, key = new_user()
    job_id, _ = running_fetch(daemon, sandbox, user, key, ms=1000)
    disk("enospc")
    proc.wait_until(lambda: "the disk is full" in daemon.log(), what="a write that finds the disk full")
    threading.Event().wait(4)
    disk(None)
    job = daemon.wait_job(job_id, timeout=60)
    assert job["state"] == "succeeded" and job["attempts"] == 0, job


def test_a_cancel_between_the_last_word_and_the_end_is_kept(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    user, key = new_user()
    job_id, worker = running_fetch(daemon, sandbox, user, key, ms=700)
    answers = []
    with locked(daemon):
        proc.wait_until(lambda: not proc.alive(worker.pid), what="the worker's end")
        asking = threading.Thread(target=lambda: answers.append(daemon.client.delete(f"/api/jobs/{job_id}")))
        asking.start()
        threading.Event().wait(0.5)
    asking.join()
    assert answers[0].status in (200, 202), answers
    assert daemon.wait_job(job_id)["state"] == "cancelled"


def test_one_burst_of_deaths_is_one_failure_of_the_role(make_daemon, sandbox, new_user):
    daemon = make_daemon({"workers.max": 16}).start()
    users = [new_user() for _ in range(16)]
    for user, _ in users:
        sandbox.fault("delay", user=user, ms=60000, count=1)
    jobs = [daemon.fetch(user, key, days=1) for user, key in users]
    workers = proc.wait_until(lambda: len(daemon.workers("fetch")) == 16 and daemon.workers("fetch"), what="all workers")
    proc.wait_until(lambda: len({a.user for a in sandbox.asked()} & {str(u) for u, _ in users}) == 16, what="all requests")
    for worker in workers:
        os.kill(worker.pid, signal.SIGKILL)
    for job_id in jobs:
        assert daemon.wait_job(job_id)["state"] == "succeeded"
    assert daemon.log().count("fail at their first job") == 1


def test_waiting_fetches_do_not_stand_in_the_way_of_processing(make_daemon, sandbox, new_user):
    daemon = make_daemon({"workers.max": 4, "queue.drain_timeout_ms": 20000}).start()
    (busy, busy_key), (user, key) = new_user(), new_user()
    daemon.client.post("/api/queue/process/pause")
    stored = daemon.fetch(user, key, days=1)
    proc.wait_until(lambda: daemon.job(stored).get("phase") == "processing", what="a fetch that waits for its entries")
    daemon.client.post("/api/queue/fetch/pause")
    for number in range(100):
        daemon.fetch(90000 + number, busy_key, days=1)
    sandbox.fault("delay", user=busy, ms=1500, count=1)
    daemon.client.post("/api/queue/process/resume")
    daemon.client.post("/api/queue/fetch/resume")
    assert daemon.stop(timeout=60) == 0
    daemon.start()
    assert daemon.job(stored)["state"] == "succeeded"


def test_a_day_that_this_very_job_saw_full_is_not_wiped_by_another_that_saw_it_empty(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    user, key = new_user()
    last = sandbox.today(user)
    before = days_back(last, 2)[0]
    sandbox.fault("http-429", user=user, date=before, retry_after=3, count=1)
    slow = daemon.fetch(user, key, days=2)
    proc.wait_until(lambda: daemon.job(slow)["days_done"] == 1, what="the first day to be stored")
    captured = daemon.balance(user, last)["captured_seconds"]
    sandbox.fault("day-emptied", user=user, date=last)
    assert daemon.wait_job(daemon.fetch(user, key, days=1))["state"] == "succeeded"
    with contextlib.closing(sqlite3.connect(daemon.db_path, timeout=10)) as db:
        db.execute("UPDATE activity_day SET upstream_empty_since_ms = upstream_empty_since_ms - 2000000 WHERE alp_user_id = ?", (user,))
        db.commit()
    assert daemon.wait_job(slow)["state"] == "succeeded"
    assert daemon.balance(user, last)["captured_seconds"] == captured > 0


def test_recovery_survives_a_cancelled_pair(make_daemon, sandbox, new_user):
    """A fetch that waits for its process job, both to be cancelled, when the daemon dies."""
    daemon = make_daemon().start()
    user, key = new_user()
    daemon.client.post("/api/queue/process/pause")
    job_id = daemon.fetch(user, key, days=1)
    proc.wait_until(lambda: daemon.job(job_id).get("phase") == "processing", what="the fetch to wait")
    daemon.kill()
    with the_store(daemon) as db:
        db.execute("UPDATE jobs SET cancel_requested = 1 WHERE alp_user_id = ?", (user,))
    daemon.start()
    assert daemon.job(job_id)["state"] in ("cancelled", "failed")


def test_entries_say_which_rules_made_them(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    user, key = new_user()
    daemon.fetch_and_wait(user, key, days=1)
    assert daemon.stop() == 0
    version = hashlib.blake2b((TOP / "etc/rules-reference.conf").read_bytes(), digest_size=16).hexdigest()
    with the_store(daemon) as db:
        assert {row[0] for row in db.execute("SELECT rules_version FROM time_entries e JOIN day_verdicts v ON "
            "v.alp_user_id = e.alp_user_id AND v.log_date = e.entry_date AND v.verdicts_id = e.verdicts_id")} == {version}
        assert {row[0] for row in db.execute("SELECT rules_version FROM activity_day")} == {version}


def test_a_damaged_day_fails_its_job_for_good_and_changes_nothing(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    (user, key), (other, other_key) = new_user(), new_user()
    daemon.fetch_and_wait(user, key, days=1)
    daemon.fetch_and_wait(other, other_key, days=1)
    before = daemon.entries(user)
    for damage in ("UPDATE activity_grain SET rowset = zeroblob(40) WHERE alp_user_id = ?", "DELETE FROM activity_grain WHERE alp_user_id = ?"):
        daemon.stop()
        with the_store(daemon) as db:
            db.execute(damage, (user,))
        daemon.start()
        date = before[0]["entry_date"]
        job = daemon.wait_job(daemon.client.post("/api/jobs/process", {"alp_user_id": user, "date": date}).json()["job_id"])
        assert (job["state"], job["error"]["code"], job["attempts"]) == ("failed", "day_damaged", 1), job
        assert daemon.entries(user) == before
    job = daemon.wait_job(daemon.client.post("/api/jobs/process", {"alp_user_id": other, "date": date}).json()["job_id"])
    assert job["state"] == "succeeded", job
