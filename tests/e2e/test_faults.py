# SPDX-License-Identifier: Apache-2.0
"""Everything the upstream can get wrong: what the job says of it, and that no fault costs more than its own job."""
import pytest

from lib.truth import assert_balanced, assert_sound_history, codes, days_back

# Once is enough to know: trying again cannot help.
PERMANENT = {
    "bad-key-200": "key_refused",
    "bad-key-400": "key_refused",
    "bad-key-401": "key_refused",
    "bad-key-403": "key_refused",
    "query-error": "upstream_query_error",
    "missing-header": "upstream_format",
    "renamed-header": "upstream_format",
    "short-row": "upstream_format",
    "negative-seconds": "upstream_format",
    "huge-number": "upstream_format",
    "huge-body": "upstream_too_large",
    "gzip-bomb": "upstream_too_large",
}

# They strike once, and the next try succeeds.
TRANSIENT = {
    "http-429": "upstream_rate_limited",
    "http-500": "upstream_error",
    "http-502": "upstream_error",
    "http-503": "upstream_error",
    "html-200": "upstream_not_json",
    "deep-json": None,  # refused in one of two ways, by how deep the parser goes
    "redirect-301": "upstream_redirect",
    "redirect-302": "upstream_redirect",
    "gzip-corrupt": "upstream_not_json",
    "truncated": "upstream_truncated",
    "reset": "upstream_unreachable",
}

# Odd, but still the day's data: nothing is lost and nothing fails.
HARMLESS = ["reordered-header", "extra-column", "null-document", "invalid-utf8", "nul-in-title", "control-chars", "duplicate-row",
            "wrong-content-type", "gzip-unasked", "delay"]


@pytest.fixture(scope="module")
def jobs(daemon, the_sandbox, user_numbers):
    """Every fault at once, each for a user of its own: they must not disturb each other either."""
    started = {}
    for fault in [*PERMANENT, *TRANSIENT, *HARMLESS]:
        user = next(user_numbers)
        the_sandbox.fault(fault, user=user)
        started[fault] = user, daemon.fetch(user, the_sandbox.key(user), days=1)
    ended = {fault: (user, daemon.wait_job(job_id, timeout=90)) for fault, (user, job_id) in started.items()}
    the_sandbox.clear_faults()
    return ended


@pytest.mark.parametrize("fault", PERMANENT)
def test_a_fault_that_stays_fails_the_job_at_once(jobs, fault):
    _, job = jobs[fault]
    assert job["state"] == "failed", job
    assert job["error"]["code"] == PERMANENT[fault]
    assert job["error"]["detail"]
    assert job["attempts"] == 1 and job["run"] == 1
    assert_sound_history(job)


@pytest.mark.parametrize("fault", TRANSIENT)
def test_a_fault_that_passes_is_tried_again(jobs, fault):
    _, job = jobs[fault]
    if TRANSIENT[fault] is None:
        assert job["state"] in ("succeeded", "failed"), job
    else:
        assert job["state"] == "succeeded", job
        assert codes(job) == [TRANSIENT[fault]]
    assert job["attempts"] == 1
    assert_sound_history(job)


@pytest.mark.parametrize("fault", HARMLESS)
def test_an_oddity_fails_no_day(jobs, daemon, sandbox, fault):
    user, job = jobs[fault]
    assert job["state"] == "succeeded", job
    assert codes(job) == []
    report = daemon.balance(user, sandbox.today(user))
    assert_balanced(report)


def test_numbers_in_quotes_are_judged_not_guessed(daemon, sandbox, new_user):
    user, key = new_user()
    sandbox.fault("numbers-as-strings", user=user)
    job = daemon.wait_job(daemon.fetch(user, key, days=1))
    assert job["state"] in ("failed", "succeeded"), job
    if job["state"] == "failed":
        assert job["error"]["code"] == "upstream_format"


def test_retry_after_is_honoured(daemon, sandbox, new_user):
    user, key = new_user()
    sandbox.fault("http-429", user=user, retry_after=2)
    job = daemon.wait_job(daemon.fetch(user, key, days=1))
    assert job["state"] == "succeeded", job
    asked = [a for a in sandbox.asked() if a.user == str(user)]
    assert int(asked[1].wall_ms) - int(asked[0].wall_ms) >= 2000


def test_a_silent_upstream_is_given_up(make_daemon, sandbox, new_user):
    daemon = make_daemon({"rescuetime.answer_timeout_ms": 500}).start()
    user, key = new_user()
    sandbox.fault("stall", user=user)
    job = daemon.wait_job(daemon.fetch(user, key, days=1))
    assert job["state"] == "succeeded" and codes(job) == ["upstream_timeout"], job


def test_an_upstream_that_is_not_there(make_daemon, sandbox, new_user):
    daemon = make_daemon({"rescuetime.url": "https://127.0.0.1:1/anapi/data"}).start()
    user, key = new_user()
    job_id = daemon.fetch(user, key, days=1)
    job = daemon.wait_job_state(job_id, "queued")
    while job["attempts"] == 0:
        job = daemon.job(job_id)
    assert job["error"]["code"] == "upstream_unreachable", job
    assert daemon.client.delete(f"/api/jobs/{job_id}").status in (200, 202)
    assert daemon.wait_job(job_id)["state"] == "cancelled"


def test_a_certificate_nobody_vouches_for_is_not_trusted(make_daemon, sandbox, new_user):
    """Without our own ca_file the system's roots decide, and they know nothing of the sandbox."""
    daemon = make_daemon({"rescuetime.ca_file": ""}).start()
    user, key = new_user()
    since = max((int(a.sequence) for a in sandbox.asked()), default=0)
    job_id = daemon.fetch(user, key, days=1)
    job = daemon.job(job_id)
    while job["attempts"] == 0:
        job = daemon.job(job_id)
    assert job["error"]["code"] == "upstream_tls", job
    assert not [a for a in sandbox.asked(since) if a.user == str(user)], "the key went to somebody it was not meant for"


def test_a_retry_goes_on_at_the_first_day_that_is_missing(daemon, sandbox, new_user):
    user, key = new_user()
    dates = list(reversed(days_back(sandbox.today(user), 4)))
    sandbox.fault("http-500", user=user, date=dates[2])
    daemon.fetch_and_wait(user, key, days=4)
    asked = [a.begin for a in sandbox.asked() if a.user == str(user)]
    assert asked == [dates[0], dates[1], dates[2], dates[2], dates[3]]


def test_a_revoked_key_keeps_what_came_before(daemon, sandbox, new_user):
    user, key = new_user()
    sandbox.fault("revoke", user=user, after=2)
    job = daemon.wait_job(daemon.fetch(user, key, days=4))
    assert job["state"] == "failed" and job["error"]["code"] == "key_refused", job
    assert job["days_done"] == 2
    assert daemon.balance(user, sandbox.today(user))["captured_seconds"] == sandbox.seconds(user, sandbox.today(user))


def test_an_empty_answer_wipes_nothing(daemon, sandbox, new_user):
    """Plans cut old history off with an empty 200: the rows stay, and the day says that there is a doubt."""
    user, key = new_user()
    date = days_back(sandbox.today(user), 2)[0]
    daemon.fetch_and_wait(user, key, days=1, target_date=date)
    before = daemon.balance(user, date), daemon.entries(user, date=date)
    sandbox.fault("day-emptied", user=user, date=date)
    daemon.fetch_and_wait(user, key, days=1, target_date=date)
    after = daemon.balance(user, date), daemon.entries(user, date=date)
    assert after[1] == before[1]
    assert after[0]["captured_seconds"] == before[0]["captured_seconds"]
    assert before[0]["upstream_empty_since"] is None and after[0]["upstream_empty_since"] is not None
    assert_balanced(after[0])
