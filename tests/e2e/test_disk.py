# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, nearly full, or broken, under a running daemon. tests/lib/faultfs.c plays the disk."""
import concurrent.futures
import http.client
import itertools
import pathlib

import pytest

from lib import proc
from lib.build import SANITIZED
from lib.truth import assert_balanced, assert_sound_history

pytestmark = pytest.mark.skipif(SANITIZED, reason="a sanitizer's runtime must be loaded before anything that is preloaded")


@pytest.fixture
def daemon(shimmed):
    return shimmed()


def test_a_full_disk_refuses_writing_and_goes_on_when_there_is_room(daemon, disk, sandbox, new_user):
    (reader, reader_key), (user, key) = new_user(), new_user()
    daemon.fetch_and_wait(reader, reader_key, days=1)
    entries = daemon.entries(reader)
    disk("enospc")
    answer = daemon.client.post("/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key})
    assert answer.status == 503, answer
    assert int(answer.headers["Retry-After"]) > 0
    entry = entries[0]["entry_id"]
    assert daemon.client.patch(f"/api/time_entries/{entry}", {"notes": "x"}).status == 503
    # Reading goes on, and what was refused did not happen.
    assert daemon.entries(reader) == entries
    assert daemon.client.get("/healthz").status == 200
    daemon.wait_log("the disk is full")
    disk(None)
    daemon.fetch_and_wait(user, key, days=1)
    daemon.wait_log("the disk has room again")
    assert daemon.client.patch(f"/api/time_entries/{entry}", {"notes": "x"}).status == 200


def test_a_job_that_meets_a_full_disk_ends_well_later(daemon, disk, sandbox, new_user):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=700)
    job_id = daemon.fetch(user, key, days=2)
    daemon.wait_worker(user)
    disk("enospc")
    proc.wait_until(lambda: not daemon.workers(), what="end of the worker")
    disk(None)
    job = daemon.wait_job(job_id)
    assert job["state"] == "succeeded", job
    assert_sound_history(job)
    report = daemon.balance(user, sandbox.today(user))
    assert_balanced(report)
    assert report["captured_seconds"] == sandbox.seconds(user, sandbox.today(user))


def test_no_new_job_is_taken_when_the_disk_is_nearly_full(daemon, disk, sandbox, new_user):
    user, key = new_user()
    daemon.configure(store__min_free_mb=2)
    daemon.restart()
    daemon.fetch_and_wait(user, key, days=1)
    entry = daemon.entries(user)[0]["entry_id"]
    disk("low-space")
    answer = daemon.client.post("/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key})
    assert answer.status == 503, answer
    # People's work is still kept: there is room for that.
    assert daemon.client.patch(f"/api/time_entries/{entry}", {"notes": "x"}).status == 200
    disk(None)
    daemon.fetch_and_wait(user, key, days=1)


def submit_until_it_breaks(daemon, users, acknowledged):
    for user in users:
        try:
            answer = daemon.client.put(f"/api/users/{user}", {"time_zone": "Australia/Perth"})
        except (OSError, http.client.HTTPException):
            return None
        if answer.status not in (200, 201):
            return answer.status
        acknowledged.append(user)
    return None


def test_a_failed_sync_acknowledges_nothing_more_and_recovery_loses_nothing_acknowledged(daemon, disk, sandbox, new_user):
    user, key = new_user()
    daemon.fetch_and_wait(user, key, days=2)
    entries = daemon.entries(user)
    numbers, acknowledged = itertools.count(1_000_000), []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(submit_until_it_breaks, daemon, numbers, acknowledged) for _ in range(8)]
        proc.wait_until(lambda: len(acknowledged) > 200, what="200 acknowledged writes")
        disk("eio-fsync")
        refusals = [w.result(30) for w in waiting]
    assert set(refusals) <= {503, None}, refusals
    assert 503 in refusals, "those who waited for the sync are told"
    assert daemon.process.wait(20) > 0, "the exit status must say that something is wrong"
    daemon.wait_log("the store cannot be trusted any more")
    disk(None)
    daemon.start()
    for number in acknowledged:
        assert daemon.client.get(f"/api/users/{number}").json()["time_zone"] == "Australia/Perth", number
    assert daemon.entries(user) == entries
    daemon.fetch_and_wait(user, key, days=2)


def test_a_store_that_cannot_be_opened_is_told_in_one_line(make_daemon, tmp_path):
    for path in (tmp_path / "none" / "rtalp.db", pathlib.Path("/proc/rtalp.db")):
        daemon = make_daemon({"store.path": str(path)})
        daemon.launch()
        assert daemon.process.wait(20) > 0
        assert "cannot start" in daemon.log()


def test_a_damaged_store_is_not_opened(make_daemon):
    daemon = make_daemon()
    daemon.db_path.write_bytes(b"This was a database once. " * 1000)
    daemon.launch()
    assert daemon.process.wait(20) > 0
    assert "cannot start" in daemon.log()
    assert daemon.db_path.read_bytes().startswith(b"This was"), "what is left of it is not touched"
