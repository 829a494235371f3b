# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is: coalescing, turns, priorities, fairness, pace, cancelling and running again, over HTTP."""
from lib import proc
from lib.truth import assert_sound_history, codes, milliseconds


def submit(daemon, user, key, **body):
    answer = daemon.client.post("/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key, **body})
    assert answer.status == 202, answer
    return answer.json()


def first_run(job):
    return next(milliseconds(step["at"]) for step in job["history"] if step["to"] == "running")


def hold(daemon, sandbox, new_user, ms=60000):
    """A job that keeps a worker busy until it is cancelled."""
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=ms, count=1)
    job = submit(daemon, user, key, days=1)
    proc.wait_until(lambda: daemon.job(job["job_id"])["state"] == "running", what="the job to run")
    return user, key, job["job_id"]


def test_the_same_wish_joins_the_job_that_waits(daemon, sandbox, new_user):
    user, key, running = hold(daemon, sandbox, new_user)
    first = submit(daemon, user, key, days=2, priority=3)
    second = submit(daemon, user, key, days=2, priority=7)
    other = submit(daemon, user, key, days=3)
    assert not first["coalesced"] and second["coalesced"] and not other["coalesced"]
    assert first["job_id"] == second["job_id"] not in (running, other["job_id"])
    assert second["priority"] == 7
    daemon.client.delete(f"/api/jobs/{running}")
    for job_id in (first["job_id"], other["job_id"]):
        assert daemon.wait_job(job_id)["state"] == "succeeded"


def test_a_joined_wish_brings_the_newer_key(daemon, sandbox, new_user):
    user, key, running = hold(daemon, sandbox, new_user)
    wrong = submit(daemon, user, "not-the-key-any-more", days=2)
    right = submit(daemon, user, key, days=2)
    assert wrong["job_id"] == right["job_id"]
    daemon.client.delete(f"/api/jobs/{running}")
    assert daemon.wait_job(right["job_id"])["state"] == "succeeded"


def test_one_user_has_one_worker_at_a_time(daemon, sandbox, new_user):
    user, key, running = hold(daemon, sandbox, new_user)
    later = submit(daemon, user, key, days=2)["job_id"]
    other_user, other_key = new_user()
    assert daemon.wait_job(submit(daemon, other_user, other_key, days=1)["job_id"])["state"] == "succeeded"
    assert daemon.job(later)["state"] == "queued"
    assert len([w for w in daemon.workers() if w.title.endswith(f" user {user}")]) == 1
    daemon.client.delete(f"/api/jobs/{running}")
    assert daemon.wait_job(later)["state"] == "succeeded"


def test_higher_priorities_go_first_and_users_take_turns(make_daemon, sandbox, new_user):
    daemon = make_daemon({"workers.max": 1}).start()
    _, _, running = hold(daemon, sandbox, new_user)
    (greedy, greedy_key), (modest, modest_key), (urgent, urgent_key) = new_user(), new_user(), new_user()
    many = [submit(daemon, greedy, greedy_key, days=n, process=False)["job_id"] for n in (1, 2, 3)]
    one = submit(daemon, modest, modest_key, days=1, process=False)["job_id"]
    first = submit(daemon, urgent, urgent_key, days=1, process=False, priority=9)["job_id"]
    daemon.client.delete(f"/api/jobs/{running}")
    started = {job: first_run(daemon.wait_job(job)) for job in [*many, one, first]}
    assert min(started, key=started.get) == first
    assert started[one] < started[many[1]], "the user with one job does not wait for all of the other's"


def test_a_paced_user_waits_and_nobody_else_does(make_daemon, sandbox, new_user):
    daemon = make_daemon({"rescuetime.requests_per_minute": 60, "rescuetime.burst": 2}).start()
    (user, key), (other, other_key) = new_user(), new_user()
    daemon.wait_job(submit(daemon, user, key, days=2, process=False)["job_id"])
    paced = submit(daemon, user, key, days=1, process=False)["job_id"]
    free = daemon.wait_job(submit(daemon, other, other_key, days=1, process=False)["job_id"])
    paced = daemon.wait_job(paced)
    assert paced["state"] == free["state"] == "succeeded"
    assert first_run(paced) - milliseconds(paced["created_at"]) >= 500, "two requests at once, then one a second"
    assert paced["attempts"] == 0 and not codes(paced)


def test_a_running_job_is_cancelled_with_its_worker(daemon, sandbox, new_user):
    user, key, job_id = hold(daemon, sandbox, new_user)
    worker = daemon.wait_worker(user)
    answer = daemon.client.delete(f"/api/jobs/{job_id}")
    assert answer.status in (200, 202), answer
    job = daemon.wait_job(job_id)
    assert job["state"] == "cancelled" and job["attempts"] == 0, job
    assert_sound_history(job)
    proc.wait_until(lambda: not proc.alive(worker.pid), what="end of the worker")
    assert daemon.client.delete(f"/api/jobs/{job_id}").status == 409
    assert daemon.client.post(f"/api/jobs/{job_id}/retry", {}).status == 422, "its key is gone"
    assert daemon.client.post(f"/api/jobs/{job_id}/retry", {"rescue_time_api_key": key}).status == 202
    assert daemon.wait_job(job_id)["state"] == "succeeded"


def test_a_queued_job_is_cancelled_at_once(daemon, sandbox, new_user):
    user, key, running = hold(daemon, sandbox, new_user)
    queued = submit(daemon, user, key, days=2)["job_id"]
    answer = daemon.client.delete(f"/api/jobs/{queued}")
    assert answer.status == 200 and answer.json()["state"] == "cancelled"
    daemon.client.delete(f"/api/jobs/{running}")
    assert daemon.wait_job(running)["state"] == "cancelled"


def test_a_fetch_whose_processing_is_cancelled_says_so(daemon, sandbox, new_user):
    user, key = new_user()
    assert daemon.client.post("/api/queue/process/pause").status == 200
    try:
        job_id = submit(daemon, user, key, days=1)["job_id"]
        proc.wait_until(lambda: daemon.job(job_id).get("phase") == "processing", what="the fetch to wait for its entries")
        child = next(j for j in daemon.client.get("/api/jobs", alp_user_id=user, kind="process").json() if j["state"] == "queued")
        assert daemon.client.delete(f"/api/jobs/{child['job_id']}").status == 200
        job = daemon.wait_job(job_id)
        assert job["state"] == "failed" and job["error"]["code"] == "process_failed", job
    finally:
        daemon.client.post("/api/queue/process/resume")
    assert daemon.balance(user, sandbox.today(user))["unprocessed_seconds"] == sandbox.seconds(user, sandbox.today(user))
    answer = daemon.client.post("/api/jobs/process", {"alp_user_id": user})
    assert daemon.wait_job(answer.json()["job_id"])["state"] == "succeeded"
    assert daemon.balance(user, sandbox.today(user))["unprocessed_seconds"] == 0
