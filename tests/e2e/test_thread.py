# SPDX-License-Identifier: Apache-2.0
"""The whole way once: a fetch, its entries, and every recorded second accounted for."""
from lib.truth import assert_balanced, assert_sound_history, days_back

DAYS = 4


def test_a_fetch_becomes_entries_and_no_second_is_lost(daemon, sandbox, new_user):
    user, key = new_user()
    job = daemon.fetch_and_wait(user, key, days=DAYS)
    assert_sound_history(job)
    assert job["days_done"] == DAYS and job["progress"] == 100
    for date in days_back(sandbox.today(user), DAYS):
        report = daemon.balance(user, date)
        assert_balanced(report)
        assert report["captured_seconds"] == sandbox.seconds(user, date)
        assert report["unprocessed_seconds"] == 0
        entries = daemon.entries(user, date=date)
        assert sum(e["total_seconds"] for e in entries if e["status"] == "pending") == report["pending_seconds"]


def test_the_pending_list_is_what_the_days_hold(daemon, sandbox, new_user):
    user, key = new_user()
    daemon.fetch_and_wait(user, key, days=DAYS)
    by_day = [e for date in days_back(sandbox.today(user), DAYS) for e in daemon.entries(user, date=date) if e["status"] == "pending"]
    pending = daemon.entries(user)
    assert {e["entry_id"] for e in pending} == {e["entry_id"] for e in by_day}
    assert len({e["source_hash"] for e in pending}) == len(pending)
    for e in pending:
        assert e["alp_user_id"] == user and e["total_seconds"] > 0
        # tenth-up: every begun tenth of a unit counts, to one decimal.
        assert round(e["time_units"] * 10) == -(-e["total_seconds"] // 36)


def test_fetching_again_changes_nothing(daemon, sandbox, new_user):
    user, key = new_user()
    yesterday = days_back(sandbox.today(user), 2)[0]
    daemon.fetch_and_wait(user, key, days=3, target_date=yesterday)
    before = daemon.entries(user)
    daemon.fetch_and_wait(user, key, days=3, target_date=yesterday)
    assert daemon.entries(user) == before


def test_users_do_not_see_each_other(daemon, sandbox, new_user):
    (one, key_one), (two, key_two) = new_user(), new_user()
    jobs = [daemon.fetch(one, key_one, days=2), daemon.fetch(two, key_two, days=2)]
    assert [daemon.wait_job(j)["state"] for j in jobs] == ["succeeded", "succeeded"]
    ids = [{e["entry_id"] for e in daemon.entries(u)} for u in (one, two)]
    assert ids[0] and ids[1] and not ids[0] & ids[1]
    assert [{j["alp_user_id"] for j in daemon.client.get("/api/jobs", alp_user_id=u).json()} for u in (one, two)] == [{one}, {two}]
    assert daemon.client.get("/api/time_entries").status == 422, "never a list of several users"
    # Whoever says whose it is gets nothing of somebody else's, and is not told that it exists.
    entry = min(ids[0])
    for path in (f"/api/time_entries/{entry}", f"/api/jobs/{jobs[0]}"):
        assert daemon.client.get(path, alp_user_id=one).status == 200
        assert daemon.client.get(path, alp_user_id=two).status == 404
    assert daemon.client.request("PATCH", f"/api/time_entries/{entry}", {"alp_user_id": two}, json={"notes": "x"}).status == 404
    assert daemon.client.request("DELETE", f"/api/jobs/{jobs[0]}", {"alp_user_id": two}).status == 404


def test_only_one_request_a_day_of_history(daemon, sandbox, new_user):
    """Each day is asked for once, newest first, in the user's own turn."""
    user, key = new_user()
    since = max((int(a.sequence) for a in sandbox.asked()), default=0)
    daemon.fetch_and_wait(user, key, days=DAYS)
    asked = [a for a in sandbox.asked(since) if a.user == str(user)]
    assert [a.begin for a in asked] == list(reversed(days_back(sandbox.today(user), DAYS)))
    assert all(a.begin == a.end and a.scheme == "https" for a in asked)


def test_time_that_grows_upstream_grows_the_entry(daemon, sandbox, new_user):
    user, key = new_user()
    date = days_back(sandbox.today(user), 2)[0]
    daemon.fetch_and_wait(user, key, days=1, target_date=date)
    before = {e["entry_id"]: e["total_seconds"] for e in daemon.entries(user, date=date)}
    rows = sandbox.day(user, date)
    first = rows[0]
    sandbox.put_day(user, date, rows + [first._replace(time="23:50", seconds=77)])
    daemon.fetch_and_wait(user, key, days=1, target_date=date)
    report = daemon.balance(user, date)
    assert_balanced(report)
    assert report["captured_seconds"] == sandbox.seconds(user, date)
    after = {e["entry_id"]: e["total_seconds"] for e in daemon.entries(user, date=date)}
    assert set(before) <= set(after)
    assert sum(after.values()) - sum(before.values()) in (0, 77)  # 0: the row is one the rules filter
