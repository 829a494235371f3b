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
from lib.sandbox import Row
from lib.truth import assert_balanced, days_back

WORD, CHROME, MAIL = "microsoft word", "Google Chrome", "Microsoft Outlook"


@pytest.fixture
def run(daemon):
    def go(path, user, *options, status=ctl.OK):
        done = ctl.run("--socket", daemon.socket_path, "import", path, "--user", user, "--json", *options)
        assert done.status == status, done
        return json.loads(done.out)
    return go


def words(told):
    return {(line["table"], line["row"]): (line["outcome"], line["reason"]) for line in told["lines"]}


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
    for table in ("activity_day", "activity_log", "activity_grain", "time_entries", "postings", "posting_history", "audit", "day_verdicts"):
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
