# SPDX-License-Identifier: Apache-2.0
"""An orderly stop: running jobs may end, nothing new begins, the exit status says that all is well."""
import os
import signal

import pytest

from lib import proc
from lib.truth import assert_sound_history


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_running_job_ends_before_the_daemon_does(make_daemon, sandbox, new_user, number):
    daemon = make_daemon().start()
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=800, count=1)
    job_id = daemon.fetch(user, key, days=2, process=False)
    daemon.wait_worker(user)
    assert daemon.stop(signal_number=number) == 0
    assert "stopping" in daemon.log() and "stopped" in daemon.log()
    daemon.start()
    job = daemon.job(job_id)
    assert job["state"] == "succeeded", job
    assert_sound_history(job)


def test_a_job_that_does_not_end_in_time_is_given_up(make_daemon, sandbox, new_user):
    daemon = make_daemon({"queue.drain_timeout_ms": 200}).start()
    user, key = new_user()
    sandbox.fault("stall", user=user, count=1)
    job_id = daemon.fetch(user, key, days=1)
    worker = daemon.wait_worker(user)
    assert daemon.stop(timeout=10) == 0
    assert not proc.alive(worker.pid)
    daemon.start()
    job = daemon.wait_job(job_id)
    assert job["state"] == "key_lost" and job["attempts"] == 0, job
    assert_sound_history(job)


def test_an_idle_daemon_stops_at_once_and_takes_all_its_processes_along(make_daemon):
    daemon = make_daemon().start()
    family = daemon.children()
    assert family
    assert daemon.stop(timeout=5) == 0
    assert not [p for p in family if proc.alive(p.pid)]


def test_nothing_is_accepted_once_the_stop_began(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=1500, count=1)
    daemon.fetch(user, key, days=1)
    daemon.wait_worker(user)
    os.kill(daemon.pid, signal.SIGTERM)
    daemon.wait_log("stopping")
    try:
        answer = daemon.client.post("/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key})
    except OSError:
        pass
    else:
        assert answer.status == 503, answer
    assert daemon.process.wait(30) == 0


def test_a_second_signal_ends_it_at_once(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    user, key = new_user()
    sandbox.fault("stall", user=user)
    daemon.fetch(user, key, days=1)
    daemon.wait_worker(user)
    os.kill(daemon.pid, signal.SIGTERM)
    daemon.wait_log("stopping")
    assert daemon.stop(timeout=5) == 0


def test_a_second_daemon_does_not_share_the_store(make_daemon):
    first = make_daemon().start()
    second = make_daemon({"store.path": str(first.db_path)})
    second.launch()
    assert second.process.wait(20) not in (0, -signal.SIGSEGV, -signal.SIGABRT)
    assert first.client.get("/healthz").status == 200
