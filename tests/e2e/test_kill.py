# SPDX-License-Identifier: Apache-2.0
"""Whatever dies, stops or gets a signal: jobs end as they should, nothing is left behind.

A fetch is held in its worker by a sandbox that answers late; what has to be timed is read from the job's history.
"""
import contextlib
import os
import signal
import sqlite3

import pytest

from lib import proc
from lib.build import SLOWER
from lib.truth import assert_balanced, assert_sound_history, codes, milliseconds

HELD_MS = 60000
CATCHABLE = [s for s in signal.Signals if s not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT, signal.SIGTSTP, signal.SIGTTIN,
                                                     signal.SIGTTOU) and s < signal.SIGRTMIN]


def held_fetch(daemon, sandbox, user, key, ms=HELD_MS, count=1):
    """A job whose worker waits for an answer: (job, worker). Its request has used the fault up, so the next one is answered at once."""
    # The worker of the job before is gone a moment after that job's end.
    proc.wait_until(lambda: not [w for w in daemon.workers("fetch") if w.title == f"rtalpd: fetch user {user}"], what="the end of the last worker")
    before = len([a for a in sandbox.asked() if a.user == str(user)])
    sandbox.fault("delay", user=user, ms=ms, count=count)
    job_id = daemon.fetch(user, key, days=1)
    worker = daemon.wait_worker(user)
    sandbox.wait_asked(user, before + 1)
    return job_id, worker


def steps(job, to):
    return [step for step in job["history"] if step["to"] == to]


def assert_nothing_left(daemon):
    proc.wait_until(lambda: not daemon.workers() and not daemon.zombies(), what="end of all workers")
    assert daemon.process.poll() is None
    assert daemon.client.get("/healthz").status == 200


def test_a_killed_worker_costs_its_job_a_tenth_of_a_second(daemon, sandbox, new_user):
    user, key = new_user()
    job_id, worker = held_fetch(daemon, sandbox, user, key)
    os.kill(worker.pid, signal.SIGKILL)
    job = daemon.wait_job(job_id)
    assert job["state"] == "succeeded", job
    assert_sound_history(job)
    assert codes(job) == ["worker_crashed"]
    assert job["attempts"] == 1
    again, second = steps(job, "queued")[1], steps(job, "running")[1]
    assert second["run"] == 2
    assert milliseconds(second["at"]) - milliseconds(again["at"]) <= 100 * SLOWER
    assert_nothing_left(daemon)


def test_a_job_whose_workers_keep_dying_fails_the_third_time(daemon, sandbox, new_user):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=HELD_MS, count=-1)
    job_id, last = daemon.fetch(user, key, days=1), None
    for _ in range(3):
        worker = daemon.wait_worker(user, but=last)
        os.kill(worker.pid, signal.SIGKILL)
        last = worker.pid
    job = daemon.wait_job(job_id)
    assert job["state"] == "failed" and job["error"]["code"] == "worker_crashed", job
    assert_sound_history(job)
    assert_nothing_left(daemon)


def test_every_catchable_signal_at_a_worker(daemon, sandbox, new_user):
    """Ignored or deadly, the job ends well either way: each signal goes to a worker of its own."""
    jobs = []
    daemon.denied = True  # SIGSYS is among them
    for number in CATCHABLE:
        user, key = new_user()
        job_id, worker = held_fetch(daemon, sandbox, user, key, ms=4000)
        os.kill(worker.pid, number)
        jobs.append((number, job_id))
    for number, job_id in jobs:
        job = daemon.wait_job(job_id)
        assert job["state"] == "succeeded", (number, job)
        assert_sound_history(job)
    assert_nothing_left(daemon)


def test_a_stopped_worker_is_found_by_its_deadline(make_daemon, sandbox, new_user):
    daemon = make_daemon({"workers.fetch_deadline_ms": 1000}).start()
    user, key = new_user()
    job_id, worker = held_fetch(daemon, sandbox, user, key)
    os.kill(worker.pid, signal.SIGSTOP)
    job = daemon.wait_job(job_id)
    assert job["state"] == "succeeded", job
    assert codes(job) == ["worker_deadline"]
    assert not proc.alive(worker.pid)
    assert_nothing_left(daemon)


def test_fifty_kills_leave_neither_zombies_nor_descriptors(daemon, sandbox, new_user):
    user, key = new_user()
    daemon.fetch_and_wait(user, key, days=1)
    spawner = daemon.spawner()
    before = [proc.fd_count(pid) for pid in (daemon.pid, spawner.pid)] if os.geteuid() == 0 else None
    for _ in range(50):
        job_id, worker = held_fetch(daemon, sandbox, user, key)
        os.kill(worker.pid, signal.SIGKILL)
        assert daemon.wait_job(job_id)["state"] == "succeeded"
    assert_nothing_left(daemon)
    assert daemon.spawner().pid == spawner.pid
    if before is not None:  # only root may look at the descriptors of a process that hides its memory
        proc.wait_until(lambda: [proc.fd_count(pid) for pid in (daemon.pid, spawner.pid)] <= before, what=f"back to {before} descriptors")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGQUIT])
def test_a_lost_spawner_is_replaced_and_its_jobs_run_again(daemon, sandbox, new_user, number):
    user, key = new_user()
    job_id, worker = held_fetch(daemon, sandbox, user, key)
    old = daemon.spawner().pid
    os.kill(old, number)
    job = daemon.wait_job(job_id)
    assert job["state"] == "succeeded", job
    assert_sound_history(job)
    assert job["attempts"] == 0, "it was not the job's fault"
    assert not proc.alive(worker.pid), "workers die with their spawner"
    assert daemon.spawner().pid != old
    assert_nothing_left(daemon)


def test_a_stopped_spawner_goes_on_at_once_and_its_workers_with_it(daemon, sandbox, new_user):
    user, key = new_user()
    job_id, worker = held_fetch(daemon, sandbox, user, key, ms=4000)
    old = daemon.spawner().pid
    os.kill(old, signal.SIGSTOP)
    daemon.wait_log(f"spawner {old} was stopped; continuing it")
    job = daemon.wait_job(job_id)
    assert job["state"] == "succeeded" and job["run"] == 1, job
    assert daemon.spawner().pid == old
    assert_nothing_left(daemon)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2])
def test_signals_that_the_spawner_ignores(daemon, number):
    old = daemon.spawner().pid
    os.kill(old, number)
    assert daemon.client.get("/healthz").status == 200
    assert daemon.spawner().pid == old


def test_a_killed_master_takes_its_processes_along(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    user, key = new_user()
    _, worker = held_fetch(daemon, sandbox, user, key)
    family = daemon.children()
    assert len(family) >= 2
    daemon.kill()
    for process in family:
        proc.wait_until(lambda: not proc.alive(process.pid), what=f"end of {process}")


def test_a_fetch_that_outlives_the_master_lost_its_key(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    (user, key), (done_user, done_key) = new_user(), new_user()
    done = daemon.fetch_and_wait(done_user, done_key, days=2)
    entries = daemon.entries(done_user)
    job_id, _ = held_fetch(daemon, sandbox, user, key)
    queued = daemon.fetch(user, key, days=2)
    daemon.kill()
    daemon.start()
    for lost in (job_id, queued):
        job = daemon.wait_job(lost)
        assert job["state"] == "key_lost" and "send" in job["error"]["detail"], job
        assert_sound_history(job)
    assert daemon.job(done["job_id"]) == done
    assert daemon.entries(done_user) == entries
    sandbox.clear_faults()
    # Sent again with the key, it works.
    answer = daemon.client.post(f"/api/jobs/{job_id}/retry", {"rescue_time_api_key": key})
    assert answer.status in (200, 202), answer
    assert daemon.wait_job(job_id)["state"] == "succeeded"


def test_a_single_users_fetch_goes_on_after_the_master_was_killed(make_daemon, sandbox, new_user, tmp_path):
    user, key = new_user()
    key_file = tmp_path / "key"
    key_file.write_text(key + "\n")
    key_file.chmod(0o600)
    daemon = make_daemon({"single_user.id": user, "single_user.key_file": str(key_file)}).start()
    sandbox.fault("delay", user=user, ms=HELD_MS, count=1)
    answer = daemon.client.post("/api/jobs/fetch", {"days": 2})
    assert answer.status == 202, answer
    job_id = answer.json()["job_id"]
    daemon.wait_worker(user)
    sandbox.wait_asked(user)
    daemon.kill()
    daemon.start()
    job = daemon.wait_job(job_id)
    assert job["state"] == "succeeded", job
    assert_sound_history(job)
    assert "daemon_restarted" in codes(job) and job["attempts"] == 0


def test_killing_the_master_again_and_again_loses_no_stored_second(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    users = [new_user() for _ in range(4)]
    for round_number in range(6):
        for user, key in users:
            daemon.fetch(user, key, days=3)
        # Each time a little later in the course of the jobs.
        proc.wait_until(lambda: len(daemon.log(daemon.log_start).split(" stored, ")) > round_number * 2, timeout=15, what="stored days")
        daemon.kill()
        daemon.start()
    for user, key in users:
        daemon.fetch_and_wait(user, key, days=3)
        last = sandbox.today(user)
        report = daemon.balance(user, last)
        assert_balanced(report)
        assert report["unprocessed_seconds"] == 0


def test_a_stopped_master_goes_on_where_it_was(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    user, key = new_user()
    job_id, _ = held_fetch(daemon, sandbox, user, key, ms=300)
    os.kill(daemon.pid, signal.SIGSTOP)
    sandbox.wait_asked(user)
    os.kill(daemon.pid, signal.SIGCONT)
    assert daemon.wait_job(job_id)["state"] == "succeeded"
    assert_nothing_left(daemon)


def test_a_worker_that_died_after_its_last_day_leaves_nothing_to_do(make_daemon, sandbox, new_user, tmp_path):
    """All days are stored, only the last word is missing: the next run has no day to ask for, and that is no failure."""
    user, key = new_user()
    key_file = tmp_path / "key"
    key_file.touch(mode=0o600)
    key_file.write_text(key)
    daemon = make_daemon({"single_user.id": user, "single_user.key_file": str(key_file)}).start()
    daemon.client.post("/api/queue/fetch/pause")
    job_id = daemon.client.post("/api/jobs/fetch", {"days": 1, "process": False}).json()["job_id"]
    assert daemon.stop() == 0
    with contextlib.closing(sqlite3.connect(daemon.db_path)) as db:
        db.execute("UPDATE jobs SET next_day = from_day - 1, days_done = 1 WHERE job_id = ?", (job_id,))
        db.commit()
    daemon.start()
    daemon.client.post("/api/queue/fetch/resume")
    job = daemon.wait_job(job_id)
    assert job["state"] == "succeeded" and job["attempts"] == 0, job
