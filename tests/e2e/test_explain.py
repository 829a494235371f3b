# SPDX-License-Identifier: Apache-2.0
"""How an entry came about: told from what was stored with it, whatever became of the rules, the rows and the entry since."""
import hashlib
import sqlite3

import pytest

from lib import proc
from lib.sandbox import Row

RULES = """# Line 1 is this one.
clean = (
    { id = "word.read-only"; stage = "name"; do = "strip"; app_contains = "word"; match = " - Read-Only$"; },
    # What a group's lines are, a text that holds { id = "no.rule"; } does not change.
    { id = "nothing.braces"; stage = "name"; do = "strip"; match = "\\\\{ id = no\\\\.rule; \\\\}"; },
    { id = "mail.inbox";
      stage = "name"; do = "drop"; app_is = "Mail";
      match = "^Inbox$"; } );
vague = { max_chars = 30; rules = ( { id = "vague.home"; names = [ "home", "start" ]; } ); };
matter = { from = "titles"; list = "require";
    codes = (
        { id = "code.brackets"; priority = 80; match = "\\\\[(\\\\d{5})\\\\]"; },
        { id = "code.bare"; priority = 40; match = "\\\\b(\\\\d{5})\\\\b"; } );
    refuse = ( { id = "not.invoice"; match = "INV \\\\d{5}"; } ); };
merge = { keys = [ "application", "task" ]; };
units = { rounding = "tenth-up"; };
"""
LINES = {"word.read-only": 3, "mail.inbox": 6, "vague.home": 9, "code.brackets": 12, "code.bare": 13, "not.invoice": 14}


def version(text):
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def row(time, seconds, activity, document):
    return Row(time, seconds, activity, document, "Document editing", 2)


DAY = [
    row("09:00", 240, "Microsoft Word", "Deed [22069].docx - Read-Only"),
    row("09:05", 300, "Microsoft Word", "Deed [22069].docx - Read-Only"),
    row("09:10", 100, "Microsoft Word", "Deed [22069].docx"),
    row("10:00", 200, "Acrobat", "Letter INV 55555 and 33333 to [11111].pdf"),
    row("11:00", 60, "Mail", "Inbox"),
    row("11:05", 50, "Browser", "home"),
    row("12:00", 90, "Browser", "Research on easements"),
]


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "firm.conf"
    path.write_text(RULES)
    path.chmod(0o644)
    return path


@pytest.fixture
def firm(make_daemon, rules):
    return make_daemon({"rules.file": rules}).start()


class Person:
    """A user with one made-up day."""

    def __init__(self, firm, sandbox, new_user):
        self.firm, self.sandbox = firm, sandbox
        self.user, self.key = new_user()
        self.date = sandbox.today(self.user)

    def fetch(self, day):
        self.sandbox.put_day(self.user, self.date, day)
        self.firm.fetch_and_wait(self.user, self.key, days=1, target_date=self.date)
        return self

    def process(self):
        answer = self.firm.client.post("/api/jobs/process", {"alp_user_id": self.user, "date": self.date})
        assert self.firm.wait_job(answer.json()["job_id"])["state"] == "succeeded"

    def entries(self):
        return {e["machine"]["task_description"]: e for e in self.firm.entries(self.user, date=self.date)}

    def explain(self, task):
        return explain(self.firm, self.entries()[task]["entry_id"])


def explain(firm, entry_id):
    answer = firm.client.get(f"/api/time_entries/{entry_id}/explain")
    assert answer.status == 200, answer
    return answer.json()


@pytest.fixture
def person(firm, sandbox, new_user):
    return Person(firm, sandbox, new_user).fetch(DAY)


def steps(row):
    return [(s["rule"], s["did"], s["code"]) for s in row["steps"]]


def reload_to(firm, rules, text):
    rules.write_text(text)
    firm.reload()
    proc.wait_until(lambda: firm.client.get("/api/settings").json()["rules_version"] == version(text), what="the other rules")


def test_each_row_says_what_became_of_its_title_and_when_it_was(person):
    told = person.explain("Deed [22069].docx")
    read_only, plain = told["rows"]
    assert read_only["title"] == "Deed [22069].docx - Read-Only" and read_only["application"] == "Microsoft Word"
    assert (read_only["seconds"], read_only["judged_seconds"], read_only["state"]) == (540, 540, "counted")
    assert read_only["times"] == [{"at": "09:00", "seconds": 240}, {"at": "09:05", "seconds": 300}] and read_only["times_complete"]
    assert steps(read_only) == [("word.read-only", "stripped", None), ("code.brackets", "found", "22069")]
    assert [(s["file"], s["line"]) for s in read_only["steps"]] == [("firm.conf", LINES["word.read-only"]), ("firm.conf", LINES["code.brackets"])]
    assert plain["seconds"] == 100 and steps(plain) == [("code.brackets", "found", "22069")]
    assert told["merge"] == {"rows": 2, "seconds": 640, "keys": [{"name": "application", "value": "Microsoft Word"},
                                                                 {"name": "task", "value": "Deed [22069].docx"}]}
    assert told["decided_by"]["rules_version"] == version(RULES) and told["decided_by"]["file"] == "firm.conf"
    assert told["judged_last_by"] is None and told["edited"] == []
    assert told["units"]["why"] == "640 s are 17.8 tenths of a unit, rounded up to 18: 1.8 units"
    assert told["units"]["time_units"] == 1.8


def test_the_matter_says_why_it_won_and_what_was_refused(person):
    told = person.explain("Letter INV 55555 and 33333 to [11111].pdf")
    assert ("not.invoice", "refused", "55555") in steps(told["rows"][0])
    matter = told["matter"]
    assert (matter["matter_code"], matter["rule"], matter["line"], matter["evidence"]) == ("11111", "code.brackets", LINES["code.brackets"], "pattern")
    assert [(c["matter_code"], c["chosen"], c["seconds"], c["rule"]) for c in matter["candidates"]] == \
        [("11111", True, 200, "code.brackets"), ("33333", False, 200, "code.bare")]
    assert "11111, found by code.brackets (firm.conf:12)" in matter["why"]
    assert "rather than 33333, because its rule has the higher priority (80 against 40)" in matter["why"]
    assert person.explain("Research on easements")["matter"]["why"] == "no matter: no code was found"


def test_of_equal_rules_the_code_with_more_time_wins_and_the_sentence_says_so(firm, sandbox, new_user, rules):
    reload_to(firm, rules, RULES.replace('[ "application", "task" ]', '[ "application" ]'))
    person = Person(firm, sandbox, new_user).fetch([row("09:00", 240, "Word", "Deed 11111"), row("09:05", 250, "Word", "Deed 22222"),
                                                    row("09:10", 20, "Word", "Deed 11111 again")])
    told = person.explain("Deed 22222")
    assert told["matter"]["matter_code"] == "11111"
    assert "rather than 22222, because more time stands behind it (260 s against 250 s)" in told["matter"]["why"]
    assert told["merge"]["keys"] == [{"name": "application", "value": "Word"}]
    assert [r["seconds"] for r in told["rows"]] == [250, 240, 20]


def test_versions_and_lines_stay_those_that_decided_after_another_file_is_loaded(person, firm, rules):
    before = person.explain("Deed [22069].docx")
    moved = "\n\n\n" + RULES.replace('rounding = "tenth-up"', 'rounding = "unit-up"')
    reload_to(firm, rules, moved)
    assert person.explain("Deed [22069].docx") == before
    person.process()
    after = person.explain("Deed [22069].docx")
    assert after["decided_by"]["rules_version"] == version(moved) != before["decided_by"]["rules_version"]
    assert [s["line"] for s in after["rows"][0]["steps"]] == [line + 3 for line in (LINES["word.read-only"], LINES["code.brackets"])]
    assert after["units"]["why"] == "640 s are 1.8 units, rounded up to 2: 2.0 units"


def test_an_edited_entry_tells_what_it_keeps_and_what_the_rules_would_do_now(person, firm, rules):
    entry = person.entries()["Deed [22069].docx"]["entry_id"]
    assert firm.client.patch(f"/api/time_entries/{entry}", {"task_description": "Advising", "time_units": 3}).status == 200
    changed = RULES.replace(" - Read-Only$", " - Nothing$").replace("^Inbox$", "^Deed").replace('app_is = "Mail"', 'app_contains = "Wo"')
    reload_to(firm, rules, changed)
    person.process()
    told = explain(firm, entry)
    assert [r["state"] for r in told["rows"]] == ["kept", "kept"]
    assert told["decided_by"]["rules_version"] == version(RULES) and told["judged_last_by"]["rules_version"] == version(changed)
    # The steps are those that made it; what the rules say now stands beside them.
    assert steps(told["rows"][0])[0] == ("word.read-only", "stripped", None)
    assert told["rows"][0]["rules_now"] == {"task_description": None, "rule": "mail.inbox", "file": "firm.conf", "line": LINES["mail.inbox"]}
    assert told["edited"] == [{"field": "task_description", "machine": "Deed [22069].docx", "person": "Advising"},
                              {"field": "time_units", "machine": "1.8", "person": "3.0"}]
    assert told["units"]["why"].startswith("a person set 3.0 units; by the rules: 640 s are")
    assert any("kept, because a person touched the entry" in line for line in told["text"])


def test_a_row_that_is_gone_is_told_of_with_its_time_then(person, firm):
    entry = person.entries()["Deed [22069].docx"]["entry_id"]
    assert firm.client.patch(f"/api/time_entries/{entry}", {"notes": "seen"}).status == 200
    person.fetch(DAY[2:])
    told = explain(firm, entry)
    assert [(r["state"], r["seconds"], r["judged_seconds"]) for r in told["rows"]] == [("counted", 100, 100), ("gone", 0, 540)]
    assert told["total_seconds"] == 100


def test_a_share_of_a_matter_says_what_was_summed(firm, sandbox, new_user, rules):
    reload_to(firm, rules, RULES.replace('rounding = "tenth-up"', 'rounding = "unit-up"; per = "matter"'))
    person = Person(firm, sandbox, new_user).fetch([row("09:00", 250, "Word", "Deed 11111 a"), row("09:05", 250, "Word", "Deed 11111 b")])
    told = person.explain("Deed 11111 a")
    assert told["units"]["matter_sum"] == {"lines": 2, "seconds": 500, "time_units": 2.0, "submitted_units": 0.0}
    assert told["units"]["why"] == ("the 2 lines of matter 11111 on that day have 500 s: 500 s are 1.4 units, rounded up to 2; "
                                    "the share of this line's 250 s is 1.0 unit")


def test_a_supplement_is_explained_by_the_rows_it_shares(person, firm):
    entry = person.entries()["Deed [22069].docx"]
    answer = firm.client.post("/api/processed_time_entries", {"original_entry_id": entry["entry_id"]})
    assert answer.status == 201, answer
    person.fetch([*DAY, row("15:00", 150, "Microsoft Word", "Deed [22069].docx")])
    supplement = next(e for e in firm.entries(person.user, date=person.date) if e["supplement_of"] == entry["entry_id"])
    told = explain(firm, supplement["entry_id"])
    assert (told["supplement_of"], told["total_seconds"], told["units"]["seconds_before"]) == (entry["entry_id"], 150, 640)
    assert {r["title"]: r["seconds"] for r in told["rows"]} == {"Deed [22069].docx - Read-Only": 540, "Deed [22069].docx": 250}
    assert told["units"]["why"] == ("together with the 640 s billed before it, 790 s are 21.9 tenths of a unit, rounded up to 22; "
                                    "less the units of those: 0.4 units")
    assert told["units"]["time_units"] == 0.4
    confirmed = explain(firm, entry["entry_id"])
    assert confirmed["status"] == "submitted" and confirmed["units"]["why"] == (
        "a person confirmed 1.8 units; by the rules: 640 s are 17.8 tenths of a unit, rounded up to 18: 1.8 units")
    assert firm.balance(person.user, person.date)["billing"]["billed_units"] == sum(
        round(e["time_units"], 1) for e in firm.entries(person.user, date=person.date))


def test_without_its_raw_rows_an_entry_tells_what_the_rules_saw(person, firm):
    """As after the raw rows of old days were pruned."""
    before = person.explain("Deed [22069].docx")
    firm.stop()
    with sqlite3.connect(firm.db_path) as db:
        db.execute("DELETE FROM activity_log WHERE alp_user_id = ?", (person.user,))
        db.execute("DELETE FROM activity_owners WHERE alp_user_id = ?", (person.user,))
        db.execute("DELETE FROM activity_grain WHERE alp_user_id = ?", (person.user,))
        db.execute("UPDATE activity_day SET pruned_ms = 1 WHERE alp_user_id = ?", (person.user,))
    firm.start()
    after = person.explain("Deed [22069].docx")
    assert before["raw_rows_kept"] and not after["raw_rows_kept"]
    same = ("rows", "merge", "matter", "units", "edited", "decided_by", "total_seconds")
    assert {k: after[k] for k in same} == {k: before[k] for k in same}
    assert not firm.balance(person.user, person.date)["raw_rows_kept"]


def test_verdicts_that_were_damaged_are_said_to_be_and_the_rest_is_told(person, firm):
    firm.stop()
    with sqlite3.connect(firm.db_path) as db:
        db.execute("UPDATE day_verdicts SET verdicts = substr(verdicts, 1, 100)")
    firm.start()
    told = person.explain("Deed [22069].docx")
    assert told["damaged"] and told["decided_by"] is None and told["merge"] is None
    assert {(r["title"], r["seconds"], r["state"]) for r in told["rows"]} == {
        ("Deed [22069].docx - Read-Only", 540, "unjudged"), ("Deed [22069].docx", 100, "unjudged")}
    assert told["matter"]["matter_code"] == "22069" and told["units"]["time_units"] == 1.8


def test_an_entry_of_another_user_does_not_exist(person, firm, new_user):
    entry = person.entries()["Deed [22069].docx"]["entry_id"]
    other, _ = new_user()
    answer = firm.client.get(f"/api/time_entries/{entry}/explain", alp_user_id=other)
    assert (answer.status, answer.json()["code"]) == (404, "not_found")
    assert firm.client.get("/api/time_entries/999999/explain").status == 404


def test_it_is_fresh_after_every_change(person, firm):
    entry = person.entries()["Deed [22069].docx"]["entry_id"]
    path = f"/api/time_entries/{entry}/explain"
    first = firm.client.get(path)
    assert firm.client.request("GET", path, headers={"If-None-Match": first.headers["ETag"]}).status == 304
    assert firm.client.patch(f"/api/time_entries/{entry}", {"notes": "seen"}).status == 200
    assert explain(firm, entry)["edited"] == [{"field": "notes", "machine": None, "person": "seen"}]
