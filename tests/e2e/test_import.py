# SPDX-License-Identifier: Apache-2.0
"""Moving in: rtalpctl import takes the prototype's file over. What was submitted stays so and is never billed again, every recorded second has one
place, the same file again changes nothing, and what cannot be taken is named."""
import hashlib
import json
import pathlib

import pytest

from lib import ctl
from lib.contract import Contract
from lib.prototype import Prototype
from lib.sandbox import Row as SandboxRow
from lib.truth import assert_balanced, days_back

WORD, CHROME, MAIL = "microsoft word", "Google Chrome", "Microsoft Outlook"


def Row(time, seconds, activity, document):
    return SandboxRow(time, seconds, activity, document, "Editing", 2)


@pytest.fixture
def run(daemon):
    def go(path, user, *options, status=ctl.OK):
        done = ctl.run("--socket", daemon.socket_path, "import", path, "--user", user, "--json", *options)
        assert done.status == status, done
        return json.loads(done.out)
    return go


def words(told):
    said = {}
    for line in told["lines"]:
        said.setdefault((line["table"], line["row"]), set()).add((line["outcome"], line["reason"]))
    return said


def settle(daemon, user):
    """Whatever the rules are to look at, they have."""
    for job in daemon.client.get("/api/jobs", alp_user_id=user).json():
        daemon.wait_job(job["job_id"])


def of(daemon, user, date, **params):
    return {e["task_description"]: e for e in daemon.client.get("/api/time_entries", alp_user_id=user, date=date, status="all", **params).json()}


def posting(daemon, entry_id):
    rows = daemon.query("SELECT state, alp_entry_id, problem_code FROM postings WHERE entry_id = ?", entry_id)
    return tuple(rows[0]) if rows else None


def picture(daemon, user):
    """All that is stored of a user, but for what counts writes."""
    kept = {}
    for table in ("activity_day", "activity_log", "activity_owners", "activity_grain", "time_entries", "postings", "posting_history", "audit", "day_verdicts"):
        by = "posting_id IN (SELECT posting_id FROM postings WHERE alp_user_id = ?)" if table == "posting_history" else "alp_user_id = ?"
        kept[table] = sorted(repr(tuple(row)) for row in daemon.query(f"SELECT * FROM {table} WHERE {by}", user))
    return kept


POSTED, NEEDS_PERSON, CANCELLED = 4, 6, 7


def make_day(path, date):
    """Of every kind one: submitted with and without an id, confirmed but not sent, ignored, noted, and two that nobody decided about."""
    p = Prototype(path)
    p.row(date, 1800, WORD, "Lease_[12345].docx  -  Read-Only")
    p.row(date, 600, WORD, "Lease_[12345].docx")
    p.row(date, 900, CHROME, "Smith v Jones - Google Chrome – Anna")
    p.row(date, 300, MAIL, "Inbox (3 unread)")
    p.row(date, 720, MAIL, "Letter of advice")
    p.row(date, 480, WORD, "Deed of gift")
    p.row(date, 1200, WORD, "Costs agreement")
    p.row(date, 240, CHROME, "New Tab")
    p.row(date, 360, CHROME, "Bail application")
    lease = p.draft(date, WORD, "Lease_12345.docx", 2400, matter_code="12345")
    smith = p.draft(date, CHROME, "Smith v Jones", 900)
    p.draft(date, MAIL, "Inbox", 300, status="ignored")
    p.draft(date, MAIL, "Letter of advice", 720, notes="ask Anna")
    p.draft(date, WORD, "Deed of gift", 480)
    p.draft(date, CHROME, "Bail application", 360)
    costs = p.draft(date, WORD, "Costs agreement", 1200)
    p.submit(date, WORD, "Lease_12345.docx", 6.7, lease, alp_entry_id=f"alp-{date}-{path.stem}", submitted_to_alp_at=f"{date} 21:00:01", matter_code="12345")
    p.submit(date, CHROME, "Smith v Jones", 2.0, smith, notes="as agreed")
    p.submit(date, WORD, "Costs agreement", 3.4, costs, status="pending")
    return p


@pytest.fixture
def home(daemon, new_user, tmp_path, sandbox):
    """A user with a file, of a day that the sandbox has too."""
    user, key = new_user()
    date = days_back(sandbox.today(user), 2)[1]
    p = make_day(tmp_path / f"u{user}.db", date)
    return type("Home", (), {"user": user, "key": key, "date": date, "file": p, "path": p.path})


def test_a_file_is_taken_over(daemon, run, home):
    told = run(home.path, home.user)
    assert (told["days"], told["taken"], told["left_to_rules"], told["not_taken"], told["already_there"]) == (1, 17, 2, 0, 0), told
    assert told["lines"] == []
    settle(daemon, home.user)
    entries = of(daemon, home.user, home.date)
    assert {name: (e["status"], e["total_seconds"], e["time_units"], e["matter_code"], e["notes"]) for name, e in entries.items()} == {
        "Lease_12345.docx": ("submitted", 2400, 6.7, "12345", None),
        "Smith v Jones": ("submitted", 900, 2.0, None, "as agreed"),
        "Costs agreement": ("submitted", 1200, 3.4, None, None),
        "Inbox": ("ignored", 300, 0.9, None, None),
        "Letter of advice": ("pending", 720, 2.0, None, "ask Anna"),
        "Deed of gift": ("pending", 480, 1.4, None, None),
        "Bail application": ("pending", 360, 1.0, None, None),
    }
    assert posting(daemon, entries["Lease_12345.docx"]["entry_id"]) == (POSTED, f"alp-{home.date}-{home.path.stem}", None)
    assert posting(daemon, entries["Smith v Jones"]["entry_id"]) == (NEEDS_PERSON, None, "imported_submitted")
    assert posting(daemon, entries["Costs agreement"]["entry_id"]) is None
    contract = Contract.of(daemon.client)
    shown = contract.operation("postings_list").check(daemon.client.get("/api/postings", alp_user_id=home.user)).json()
    assert {p["state"] for p in shown} == {"posted", "needs_person"}
    contract.operation("confirmed_list").check(daemon.client.get("/api/processed_time_entries", alp_user_id=home.user, date=home.date))
    report = daemon.balance(home.user, home.date)
    assert_balanced(report)
    assert (report["captured_seconds"], report["overhang_seconds"], report["submitted_seconds"], report["ignored_seconds"], report["filtered_seconds"]) == (
        6600, 0, 4500, 300, 240)


def test_the_same_file_again_changes_nothing(daemon, run, home):
    run(home.path, home.user)
    settle(daemon, home.user)
    before = picture(daemon, home.user)
    told = run(home.path, home.user)
    assert (told["taken"], told["already_there"], told["left_to_rules"], told["not_taken"]) == (0, 17, 2, 0), told
    assert picture(daemon, home.user) == before


def test_a_dry_run_says_the_same_and_writes_nothing(daemon, run, home):
    before = picture(daemon, home.user)
    stamp = hashlib.sha256(home.path.read_bytes()).digest()
    dry = run(home.path, home.user, "--dry-run")
    assert picture(daemon, home.user) == before
    assert hashlib.sha256(home.path.read_bytes()).digest() == stamp
    told = run(home.path, home.user)
    assert dry == told | {"dry_run": True}


def test_what_people_do_here_between_two_runs_stands(daemon, run, home):
    run(home.path, home.user)
    settle(daemon, home.user)
    client, entries = daemon.client, of(daemon, home.user, home.date)
    ids = {name: e["entry_id"] for name, e in entries.items()}
    # Submitted there: nobody takes that back here, and nobody posts it.
    for name in ("Lease_12345.docx", "Smith v Jones"):
        answer = client.put(f"/api/processed_time_entries/{ids[name]}/revert")
        assert (answer.status, answer.json()["code"]) == (409, "entry_posting"), answer
    smith = client.get("/api/postings", alp_user_id=home.user, state="needs_person").json()[0]
    answer = client.post(f"/api/postings/{smith['posting_id']}/resolve", {"decision": "is_not_there"})
    assert (answer.status, answer.json()["state"]) == (200, "cancelled"), answer
    assert client.put(f"/api/processed_time_entries/{ids['Smith v Jones']}/revert").status == 200
    assert client.put(f"/api/processed_time_entries/{ids['Costs agreement']}/revert").status == 200
    assert client.put(f"/api/time_entries/{ids['Inbox']}/restore").status == 200
    assert client.patch(f"/api/time_entries/{ids['Letter of advice']}", {"notes": None, "task_description": "Advising Anna"}).status == 200
    assert client.patch(f"/api/time_entries/{ids['Deed of gift']}", {"task_description": "Drafting the deed"}).status == 200
    before = picture(daemon, home.user)
    told = run(home.path, home.user)
    assert (told["taken"], told["not_taken"]) == (0, 0), told
    assert picture(daemon, home.user) == before
    assert_balanced(daemon.balance(home.user, home.date))


def test_a_later_run_takes_what_was_submitted_since(daemon, run, home):
    run(home.path, home.user)
    settle(daemon, home.user)
    home.file.submit(home.date, WORD, "Deed of gift", 1.4)
    home.file.submit(home.date, MAIL, "Letter of advice", 2.0)
    home.file.db.execute("UPDATE time_entries SET status = 'submitted' WHERE task_description IN ('Deed of gift', 'Letter of advice')")
    told = run(home.path, home.user)
    # The noted draft was an entry of its own already; the deed's rows leave the entry that the rules made of them.
    assert (told["taken"], told["already_there"], told["left_to_rules"], told["not_taken"]) == (4, 16, 1, 0), told
    stored = daemon.query("SELECT status, total_seconds, frozen_seconds, entry_id FROM time_entries WHERE alp_user_id = ? AND task_description IN "
                          "('Deed of gift', 'Letter of advice') ORDER BY task_description, status", home.user)
    assert [tuple(row)[:3] for row in stored] == [(2, 480, 480), (4, 0, -1), (2, 720, 720)], stored
    assert [posting(daemon, row[3]) for row in stored] == [(NEEDS_PERSON, None, "imported_submitted"), None, (NEEDS_PERSON, None, "imported_submitted")]
    assert_balanced(daemon.balance(home.user, home.date))
    again = picture(daemon, home.user)
    assert run(home.path, home.user)["taken"] == 0
    assert picture(daemon, home.user) == again


def test_a_day_that_is_fetched_later_bills_only_what_came_since(daemon, run, home, sandbox):
    run(home.path, home.user)
    settle(daemon, home.user)
    sandbox.put_day(home.user, home.date, [
        Row("09:00", 290, WORD, "Lease_[12345].docx  -  Read-Only"), Row("09:05", 300, WORD, "Lease_[12345].docx"),  # less than was submitted
        Row("10:00", 300, CHROME, "Smith v Jones - Google Chrome – Anna"), Row("10:05", 300, CHROME, "Smith v Jones - Google Chrome – Anna"),
        Row("10:10", 300, CHROME, "Smith v Jones - Google Chrome – Anna"), Row("10:15", 250, CHROME, "Smith v Jones - Google Chrome – Anna"),
        Row("11:00", 200, MAIL, "Inbox (3 unread)"), Row("11:05", 111, WORD, "Deed of gift"), Row("12:00", 77, WORD, "Something new")])
    daemon.fetch_and_wait(home.user, home.key, target_date=home.date, days=1)
    settle(daemon, home.user)
    rows = daemon.query("SELECT status, total_seconds, drift_seconds, supplement_of > 0, task_description FROM time_entries WHERE alp_user_id = ? "
                        "AND entry_date = (SELECT max(entry_date) FROM time_entries WHERE alp_user_id = ? AND task_description = 'Lease_12345.docx')",
                        home.user, home.user)
    assert {(r[4], r[3]): (r[0], r[1], r[2]) for r in rows} == {
        ("Lease_12345.docx", 0): (2, 2400, 590 - 2400),
        ("Smith v Jones", 0): (2, 900, 250),
        ("Smith v Jones", 1): (1, 250, 0),
        ("Costs agreement", 0): (2, 1200, -1200),
        ("Inbox", 0): (3, 200, 0),
        ("Letter of advice", 0): (1, 0, 0),
        ("Deed of gift", 0): (1, 111, 0),
        ("Something new", 0): (1, 77, 0),
        ("Bail application", 0): (4, 0, 0),
    }
    assert {tuple(r) for r in daemon.query("SELECT state, count(*) FROM postings WHERE alp_user_id = ? GROUP BY state", home.user)} == {
        (POSTED, 1), (NEEDS_PERSON, 1)}
    report = daemon.balance(home.user, home.date)
    assert_balanced(report)
    assert report["overhang_seconds"] == 2400 - 590 + 1200
    before = picture(daemon, home.user)
    told = run(home.path, home.user, status=ctl.FAILED)
    assert {line["reason"] for line in told["lines"]} == {"day_recorded", "no_rows"} and told["taken"] == 0, told
    assert picture(daemon, home.user) == before


def test_of_a_day_that_is_recorded_here_only_what_was_submitted_is_taken(daemon, run, home, sandbox):
    sandbox.put_day(home.user, home.date, [
        Row("09:00", 300, WORD, "Lease_[12345].docx"), Row("09:05", 200, WORD, "Lease_[12345].docx  -  Read-Only"), Row("10:00", 300, CHROME, "Smith v Jones"),
        Row("11:00", 240, MAIL, "Inbox (3 unread)"), Row("12:00", 120, WORD, "Costs agreement"), Row("13:00", 77, WORD, "Something new")])
    daemon.fetch_and_wait(home.user, home.key, target_date=home.date, days=1)
    settle(daemon, home.user)
    captured = daemon.balance(home.user, home.date)["captured_seconds"]
    costs = of(daemon, home.user, home.date)["Costs agreement"]["entry_id"]
    assert daemon.client.patch(f"/api/time_entries/{costs}", {"notes": "mine"}).status == 200
    rows = daemon.query("SELECT activity, document, time_spent_seconds FROM activity_log WHERE alp_user_id = ?", home.user)
    told = run(home.path, home.user, status=ctl.FAILED)
    said = words(told)
    assert said[("activity_log", 2)] == {("not_taken", "day_recorded")}
    assert said[("time_entries", 3)] == {("not_taken", "day_recorded")}, said  # ignored there
    assert said[("processed_time_entries", 1)] == {("taken", "rows_differ")}, said
    # Its rows stay with the draft that somebody wrote to here; it is told, so that nobody bills both.
    assert said[("processed_time_entries", 3)] == {("taken", "no_rows")}, said
    assert daemon.query("SELECT activity, document, time_spent_seconds FROM activity_log WHERE alp_user_id = ?", home.user) == rows
    report = daemon.balance(home.user, home.date)
    assert_balanced(report)
    assert report["captured_seconds"] == captured
    stored = daemon.query("SELECT task_description, status, total_seconds FROM time_entries WHERE alp_user_id = ? AND status <> 4", home.user)
    assert {tuple(r) for r in stored} == {
        ("Lease_12345.docx", 2, 2400), ("Smith v Jones", 2, 900), ("Costs agreement", 2, 1200), ("Costs agreement", 1, 120), ("Inbox", 1, 240),
        ("Something new", 1, 77)}
    before = picture(daemon, home.user)
    assert run(home.path, home.user, status=ctl.FAILED)["taken"] == 0
    assert picture(daemon, home.user) == before


def test_everything_that_is_wrong_is_named(daemon, run, new_user, tmp_path):
    user, _ = new_user()
    date = "2025-03-14"
    p = Prototype(tmp_path / "broken.db", strict=False)
    good = p.row(date, 100, WORD, "Deed of gift")
    rows = {
        p.row("14.3.2025", 100, WORD, "a"): ("not_taken", "date_unreadable"),
        p.row("1969-12-31", 100, WORD, "a"): ("not_taken", "date_unreadable"),
        p.row(None, 100, WORD, "a"): ("not_taken", "date_unreadable"),
        p.row(date, -5, WORD, "b"): ("not_taken", "seconds_negative"),
        p.row(date, "many", WORD, "c"): ("not_taken", "seconds_not_a_number"),
        p.row(date, 2000000, WORD, "d"): ("not_taken", "seconds_out_of_range"),
        p.row(date, 0, WORD, "e"): ("not_taken", "no_time"),
        p.row(date, 10, "", "f"): ("not_taken", "activity_missing"),
        p.row(date, 10, WORD, b"\xffg"): ("taken", "bad_utf8_replaced"),
        p.row(date, 10, WORD, "h\x07"): ("taken", "control_characters_replaced"),
        p.row(date, 10, WORD, "i" * 5000): ("taken", "too_long_cut"),
        p.row(date, 10, WORD, "j", productivity=9): ("taken", "productivity_out_of_range"),
    }
    entries = {
        p.draft(date, WORD, "nowhere", 500, status="ignored"): ("not_taken", "no_rows"),
        p.draft(date, WORD, "Deed of gift", 100, status="odd"): ("not_taken", "status_unknown"),
        p.draft(date, WORD, "k", 100, source_hash=None): ("not_taken", "source_hash_missing"),
        p.draft(date, WORD, "b", -1): ("not_taken", "seconds_negative"),
        p.draft("2999-01-01", WORD, "k", 100): None,
    }
    processed = {
        p.submit(date, WORD, "Deed of gift", 0.3): ("taken", "no_draft"),
        p.submit(date, WORD, "Deed of gift", 0.3): ("not_taken", "duplicate_hash"),
        p.submit(date, WORD, "lost", 2.0): ("taken", "no_draft"),
        p.submit(date, WORD, "units", 0.123, source_hash="u"): ("taken", "units_rounded"),
        p.submit(date, WORD, "none", None, source_hash="v"): ("not_taken", "units_out_of_range"),
    }
    told = run(p.close(), user, status=ctl.FAILED)
    said = words(told)
    for table, expected in (("activity_log", rows), ("time_entries", entries), ("processed_time_entries", processed)):
        for row, verdict in expected.items():
            assert verdict is None or verdict in said.get((table, row), ()), (table, row, verdict, said)
    assert ("activity_log", good) not in said
    settle(daemon, user)
    report = daemon.balance(user, date)
    assert_balanced(report)
    assert report["captured_seconds"] == 140
    # What was submitted is here, with and without its time.
    assert sorted(tuple(r) for r in daemon.query("SELECT task_description, frozen_seconds FROM time_entries WHERE alp_user_id = ? AND status = 2", user)) == [
        ("Deed of gift", 100), ("lost", 720), ("units", 72)]
    assert daemon.query("SELECT count(*) FROM postings WHERE alp_user_id = ? AND state = 6", user)[0][0] == 3


@pytest.mark.parametrize("without, named", [
    (("processed_time_entries.alp_entry_id", "activity_log.document"), ("processed_time_entries.alp_entry_id", "activity_log.document")),
    (("time_entries",), ("time_entries",))])
def test_a_file_that_is_not_the_prototypes_is_refused(daemon, new_user, tmp_path, without, named):
    strict = "activity_log.document" not in without
    path = Prototype(tmp_path / "other.db", strict=strict, without=without).close()
    done = ctl.run("--socket", daemon.socket_path, "import", path, "--user", new_user()[0])
    assert done.status == ctl.USAGE and all(name in done.err for name in named), done
    for what in (tmp_path / "nothing", __file__):
        assert ctl.run("--socket", daemon.socket_path, "import", what, "--user", 1).status == ctl.USAGE


def test_a_file_in_use_is_read_and_left_alone(daemon, run, new_user, tmp_path):
    user, _ = new_user()
    p = Prototype(tmp_path / "wal.db")
    p.db.execute("PRAGMA journal_mode = wal")
    p.db.execute("PRAGMA wal_autocheckpoint = 0")
    p.row("2025-03-14", 100, WORD, "Deed of gift")
    log = pathlib.Path(f"{p.path}-wal")
    assert log.stat().st_size > 0
    before = p.path.read_bytes(), log.read_bytes()
    assert run(p.path, user)["taken"] == 1
    assert (p.path.read_bytes(), log.read_bytes()) == before
    p.db.execute("BEGIN IMMEDIATE")
    assert run(p.path, user)["already_there"] == 1
    p.db.execute("ROLLBACK")
    p.close()


def test_rows_of_somebody_who_keeps_things_out_are_not_stored(daemon, run, home):
    assert daemon.client.put(f"/api/users/{home.user}", {"time_zone": None, "privacy": {"exclude_applications": [MAIL]}}).status in (200, 201)
    told = run(home.path, home.user, status=ctl.FAILED)
    assert daemon.query("SELECT count(*) FROM activity_log WHERE alp_user_id = ?", home.user)[0][0] == 0
    assert {line["reason"] for line in told["lines"] if line["table"] == "activity_log"} == {"privacy"}
    # Not billed again even so.
    assert daemon.query("SELECT count(*) FROM postings WHERE alp_user_id = ?", home.user)[0][0] == 2
    report = daemon.balance(home.user, home.date)
    assert_balanced(report)


def test_the_explanation_of_an_imported_entry_has_its_rows(daemon, run, home):
    run(home.path, home.user)
    settle(daemon, home.user)
    contract = Contract.of(daemon.client).operation("entries_explain")
    for name in ("Lease_12345.docx", "Deed of gift", "Inbox"):
        entry = of(daemon, home.user, home.date)[name]
        told = contract.check(daemon.client.get(f"/api/time_entries/{entry['entry_id']}/explain")).json()
        assert sum(row["seconds"] for row in told["rows"]) == entry["total_seconds"], told


def test_rows_that_come_after_what_was_submitted_of_them_are_not_billed_again(daemon, run, new_user, tmp_path, sandbox):
    user, key = new_user()
    date = days_back(sandbox.today(user), 2)[1]
    p = Prototype(tmp_path / "alone.db")
    p.submit(date, WORD, "Lease_12345.docx", 1.0)                       # by its own words
    p.submit(date, CHROME, "Bail application - Portal", 0.5)            # today's rules would call it otherwise
    assert run(p.close(), user)["taken"] == 2
    assert daemon.balance(user, date)["overhang_seconds"] == 360 + 180
    sandbox.put_day(user, date, [Row("09:00", 300, WORD, "Lease_[12345].docx"), Row("09:05", 200, WORD, "Lease_[12345].docx - Read-Only"),
                                 Row("10:00", 150, CHROME, "Bail application - Portal (2 unread)"), Row("11:00", 90, WORD, "Deed of gift")])
    daemon.fetch_and_wait(user, key, target_date=date, days=1)
    settle(daemon, user)
    rows = daemon.query("SELECT task_description, supplement_of > 0, status, total_seconds, drift_seconds FROM time_entries WHERE alp_user_id = ?", user)
    assert {tuple(r) for r in rows} == {("Lease_12345.docx", 0, 2, 360, 140), ("Lease_12345.docx", 1, 1, 140, 0),
                                        ("Bail application - Portal", 0, 2, 180, -30), ("Deed of gift", 0, 1, 90, 0)}
    assert_balanced(daemon.balance(user, date))
