# SPDX-License-Identifier: Apache-2.0
"""Titles are not kept for ever: a day long past loses what was recorded, and nothing of what came of it."""
import contextlib
import datetime
import gc
import pathlib
import sqlite3

import pytest

from lib import proc
from lib.daemon import REFERENCE_RULES
from lib.sandbox import Row
from lib.truth import assert_balanced, days_back

KEEP_DAYS = 62
LONG_AGO = 100  # days


def row(document, activity="Word", seconds=600, at="10:00"):
    return Row(at, seconds, activity, document, "Writing", 1)


ROWS = [row("Lease for 12 Smith Street.docx"), row("Baker v Charles 22069.docx", seconds=700), row("Inbox", "Outlook", 300), row("No Details", "Signal", 77),
        row("Draft will of Mrs Dale.docx", seconds=900), row("Foster pleadings.docx", seconds=444)]


@contextlib.contextmanager
def the_store(daemon):
    """The database of a daemon that is not running."""
    with contextlib.closing(sqlite3.connect(daemon.db_path)) as db:
        yield db
        db.commit()


SOMEBODY = 999999999


def age(daemon, user, somebody_works=True):
    """As if all that was fetched of the user had been fetched two days ago; somebody else was at work today."""
    daemon.stop()
    with the_store(daemon) as db:
        if somebody_works:
            columns = "alp_user_id, log_date, generation, processed_generation, fetched_ms, captured_seconds, excluded_seconds, bytes_replaced, upstream_empty_since_ms, upstream_empty_job, upstream_empty_again_job, rules_version"
            db.execute(f"INSERT OR IGNORE INTO activity_day ({columns}) VALUES (?, unixepoch() / 86400, 1, 1, unixepoch() * 1000, 0, 0, 0, 0, 0, 0, '')", [SOMEBODY])
        db.execute("UPDATE activity_day SET fetched_ms = fetched_ms - 2 * 86400000 WHERE alp_user_id = ?", [user])
    daemon.start()


def number(date):
    return (datetime.date.fromisoformat(date) - datetime.date(1970, 1, 1)).days


def pruned_days(daemon, user):
    return {day for day, in daemon.query("SELECT log_date FROM activity_day WHERE alp_user_id = ? AND pruned_ms > 0", user)}


def wait_pruned(daemon, user, *dates):
    proc.wait_until(lambda: pruned_days(daemon, user) == {number(d) for d in dates}, what="the pruning")


def files_with(text, directory):
    return [path for path in pathlib.Path(directory).rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"store.keep_raw_days": 0}).start()


@pytest.fixture
def past(daemon, sandbox, new_user):
    """(user, key, dates): two days long past that are side by side, and a new one, all fetched."""
    user, key = new_user()
    today = sandbox.today(user)
    old = days_back(days_back(today, LONG_AGO)[0], 2)
    for date in (*old, days_back(today, 3)[0]):
        sandbox.put_day(user, date, ROWS)
        daemon.fetch_and_wait(user, key, **{"from": date, "to": date})
    return user, key, [*old, days_back(today, 3)[0]]


def prune(daemon, user, *dates, somebody_works=True):
    age(daemon, user, somebody_works)
    daemon.configure(store__keep_raw_days=KEEP_DAYS)
    daemon.restart()
    wait_pruned(daemon, user, *dates)


def shown(daemon, user, dates):
    """Everything that is said of these days, but for the list of what was dropped."""
    reports = [{k: v for k, v in daemon.balance(user, date).items() if k not in ("dropped", "raw_rows_kept")} for date in dates]
    return reports, [daemon.entries(user, date=date) for date in dates]


def make_history(daemon, user, date):
    """A draft that was edited, and one that was ignored."""
    entries = {e["task_description"]: e["entry_id"] for e in daemon.entries(user, date=date)}
    ids = sorted(entries.values())
    assert len(ids) >= 3
    assert daemon.client.patch(f"/api/time_entries/{ids[0]}", {"task_description": "By hand", "matter_code": "12345"}).status == 200
    assert daemon.client.put(f"/api/time_entries/{ids[1]}/ignore").status == 200


def test_the_report_of_a_pruned_day_is_the_same_to_the_second(daemon, past):
    user, _, dates = past
    make_history(daemon, user, dates[0])
    before = shown(daemon, user, dates)
    assert before[0][0]["filtered"] and before[0][0]["ignored_seconds"] and before[0][0]["pending_seconds"]
    age(daemon, user)
    before[0][:] = shown(daemon, user, dates)[0]  # they tell when the day was fetched, which the test has changed
    daemon.configure(store__keep_raw_days=KEEP_DAYS)
    daemon.restart()
    wait_pruned(daemon, user, *dates[:2])
    assert shown(daemon, user, dates) == before
    for date in dates:
        report = daemon.balance(user, date)
        assert_balanced(report)
        assert report["raw_rows_kept"] == bool(report["dropped"]) == (date == dates[2])
    assert daemon.query("SELECT count(*) FROM activity_log WHERE alp_user_id = ?", user) == [(len(ROWS),)], "the new day keeps its own"
    assert daemon.query("SELECT count(*) FROM activity_grain WHERE alp_user_id = ?", user) == [(1,)]


@pytest.fixture
def firm(make_daemon, tmp_path):
    """Calls give a daemon by the reference's rules with one thing changed."""
    def start(old, new):
        rules = tmp_path / "firm.conf"
        text = REFERENCE_RULES.read_text()
        assert text.count(old) == 1
        rules.write_text(text.replace(old, new))
        rules.chmod(0o644)
        return make_daemon({"store.keep_raw_days": 0, "rules.file": rules}).start()
    return start


def test_titles_that_came_to_nothing_are_in_no_file_and_explanations_stay(firm, sandbox, new_user):
    daemon = firm("minimum_seconds = 0", "minimum_seconds = 200")
    user, key = new_user()
    date = days_back(sandbox.today(user), LONG_AGO)[0]
    secret = "Sketchy gossip about a colleague"
    sandbox.put_day(user, date, [row("Lease for 12 Smith Street.docx"), row(secret, seconds=100)])
    daemon.fetch_and_wait(user, key, **{"from": date, "to": date})
    dropped = [d for d, in daemon.query("SELECT document FROM activity_log_readable WHERE alp_user_id = ? AND rule IS NOT NULL", user)]
    assert any(secret in title for title in dropped), "the rules drop it"
    entry = daemon.entries(user, date=date)[0]
    before = daemon.client.get(f"/api/time_entries/{entry['entry_id']}/explain")
    prune(daemon, user, date)
    after = daemon.client.get(f"/api/time_entries/{entry['entry_id']}/explain")
    assert after.status == before.status == 200
    assert [r["title"] for r in after.json()["rows"]] == [r["title"] for r in before.json()["rows"]]
    gc.collect()  # connections of this test's own would keep the log from being moved into the database
    daemon.stop()
    assert files_with(secret, daemon.directory) == []
    with the_store(daemon) as db:
        left = b"".join(blob for blob, in db.execute("SELECT verdicts FROM day_verdicts WHERE alp_user_id = ?", [user]))
        assert not any(title.encode() in left for title in dropped) and b"Lease for 12 Smith Street" in left


def test_a_pruned_day_is_closed(daemon, sandbox, past):
    user, key, dates = past
    prune(daemon, user, *dates[:2])
    closed = shown(daemon, user, dates)
    sandbox.put_day(user, dates[0], [row("Something else", seconds=5)])
    for path, body, field in (("fetch", {"days": 1, "target_date": dates[0]}, "target_date"), ("fetch", {"from": dates[0], "to": dates[1]}, "from"),
                              ("process", {"date": dates[0]}, "date"), ("process", {"from": dates[0], "to": dates[1]}, "from")):
        more = {"rescue_time_api_key": key} if path == "fetch" else {}
        answer = daemon.client.post(f"/api/jobs/{path}", {"alp_user_id": user, **body, **more})
        assert answer.status == 422, answer
        assert [(e["loc"], e["type"]) for e in answer.json()["errors"]] == [(["body", field], "day_pruned")]
    assert shown(daemon, user, dates) == closed


def test_a_range_that_touches_a_pruned_day_leaves_it_alone(daemon, sandbox, past):
    user, key, dates = past
    prune(daemon, user, *dates[:2])
    closed = shown(daemon, user, dates[:2])
    after = (datetime.date.fromisoformat(dates[1]) + datetime.timedelta(days=1)).isoformat()
    for date in (dates[0], dates[1], after):
        sandbox.put_day(user, date, [row("Something else", seconds=5)])
    answer = daemon.client.post("/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key, "from": dates[0], "to": after})
    assert answer.status == 202 and "2 of the days stay as they are" in answer.json()["message"], answer
    assert daemon.wait_job(answer.json()["job_id"])["state"] == "succeeded"
    assert daemon.balance(user, after)["captured_seconds"] == 5
    answer = daemon.client.post("/api/jobs/process", {"alp_user_id": user, "from": dates[0], "to": after})
    assert answer.status == 202 and "2 of the days stay as they are" in answer.json()["message"], answer
    assert daemon.wait_job(answer.json()["job_id"])["state"] == "succeeded"
    daemon.wait_log("what was recorded is not kept any more")
    assert shown(daemon, user, dates[:2]) == closed


def test_people_go_on_with_the_entries_of_a_pruned_day(firm, sandbox, new_user):
    """Under units that are a matter's, an edit divides what the entries hold, without the rows."""
    daemon = firm('per = "entry"', 'per = "matter"')
    user, key = new_user()
    date = days_back(sandbox.today(user), LONG_AGO)[0]
    sandbox.put_day(user, date, ROWS)
    daemon.fetch_and_wait(user, key, **{"from": date, "to": date})
    prune(daemon, user, date)
    seconds = {e["entry_id"]: e["total_seconds"] for e in daemon.entries(user, date=date)}
    for entry in sorted(seconds)[:2]:
        assert daemon.client.patch(f"/api/time_entries/{entry}", {"matter_code": "777"}).status == 200
    entries = {e["entry_id"]: e for e in daemon.entries(user, date=date)}
    assert {i: e["total_seconds"] for i, e in entries.items()} == seconds
    both = sorted(seconds)[:2]
    tenths = -(-sum(seconds[i] for i in both) // 36)
    assert round(sum(entries[i]["time_units"] for i in both) * 10) == tenths
    assert daemon.client.put(f"/api/time_entries/{both[0]}/ignore").status == 200
    assert daemon.client.put(f"/api/time_entries/{both[0]}/restore").status == 200
    assert {e["entry_id"]: e["total_seconds"] for e in daemon.entries(user, date=date)} == seconds
    assert_balanced(daemon.balance(user, date))


def test_a_day_is_not_pruned_before_what_was_just_fetched_of_it_has_become_entries(make_daemon, sandbox, new_user):
    daemon = make_daemon({"store.keep_raw_days": KEEP_DAYS}).start()
    user, key = new_user()
    date = days_back(sandbox.today(user), LONG_AGO)[0]
    sandbox.put_day(user, date, ROWS)
    daemon.fetch_and_wait(user, key, **{"from": date, "to": date})
    daemon.restart()
    daemon.wait_log("serves on")
    sandbox.put_day(user, date, ROWS[:2])
    daemon.fetch_and_wait(user, key, **{"from": date, "to": date})
    assert pruned_days(daemon, user) == set()
    assert daemon.balance(user, date)["captured_seconds"] == 1300


def test_a_clock_far_ahead_of_all_that_was_recorded_prunes_nothing_of_late(daemon, sandbox, new_user):
    """Two years ago was the newest day there is: to the program that is a clock two years ahead."""
    user, key = new_user()
    newest = days_back(sandbox.today(user), 2 * 366)[0]
    older = days_back(newest, LONG_AGO)[0]
    for date in (older, newest):
        sandbox.put_day(user, date, ROWS)
        daemon.fetch_and_wait(user, key, **{"from": date, "to": date})
    prune(daemon, user, older, somebody_works=False)
    assert daemon.balance(user, newest)["raw_rows_kept"]


def test_a_day_that_no_rules_have_seen_keeps_what_was_recorded(daemon, sandbox, past):
    user, key, dates = past
    sandbox.put_day(user, dates[0], [*ROWS, row("Late instructions.docx", seconds=60)])
    daemon.fetch_and_wait(user, key, process=False, **{"from": dates[0], "to": dates[0]})
    prune(daemon, user, dates[1])
    assert daemon.balance(user, dates[0])["raw_rows_kept"]


@pytest.mark.parametrize("days, good", [(0, True), (61, False), (62, True), (3650, True), (3651, False), (-1, False)])
def test_retention_is_none_or_at_least_two_months(make_daemon, days, good):
    daemon = make_daemon({"store.keep_raw_days": days})
    daemon.launch()
    if good:
        daemon.wait_log("serves on")
    else:
        assert daemon.process.wait(10) != 0
        assert "store.keep_raw_days: must be a whole number from 62 to 3650, or 0" in daemon.log()
