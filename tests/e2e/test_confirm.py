# SPDX-License-Identifier: Apache-2.0
"""Confirming: what a person confirmed stands, later minutes come as supplements, and taking it back loses nothing."""
import csv
import hashlib
import io

import pytest

from lib import proc
from lib.daemon import REFERENCE_RULES
from lib.truth import assert_balanced, days_back

TITLE = "Lease Smith [22069].docx"


class Day:
    """One user's day with one document in it, recorded for as long as it is set to."""

    def __init__(self, daemon, sandbox, user, key):
        self.daemon, self.sandbox, self.user, self.key = daemon, sandbox, user, key
        self.date = days_back(sandbox.today(user), 3)[0]
        self.client = daemon.client

    def record(self, seconds, **others):
        """seconds of the document, and of other titles; a fetch of them."""
        rows = []
        for document, long in {TITLE: seconds, "Minutes of the board [11111].docx": 500, **others}.items():
            base = self.sandbox.day(user=999, date="2026-11-18")[0]
            for n, at in enumerate(range(0, long, 300)):
                rows.append(base._replace(time=f"{9 + n // 12:02}:{n % 12 * 5:02}", activity="Microsoft Word", document=document,
                                          seconds=min(300, long - at)))
        self.sandbox.put_day(self.user, self.date, rows)
        self.daemon.fetch_and_wait(self.user, self.key, days=1, target_date=self.date)

    def process(self):
        answer = self.client.post("/api/jobs/process", {"alp_user_id": self.user, "date": self.date})
        assert self.daemon.wait_job(answer.json()["job_id"])["state"] == "succeeded"

    def entries(self, **query):
        return self.daemon.entries(self.user, date=self.date, **query)

    def lease(self):
        return next(e for e in self.entries() if "Lease" in e["task_description"] and e["supplement_of"] is None)

    def get(self, entry_id):
        answer = self.client.get(f"/api/time_entries/{entry_id}")
        assert answer.status == 200, answer
        return answer.json()

    def supplements(self, entry_id, status="all"):
        return [e for e in self.entries(status=status) if e["supplement_of"] == entry_id]

    def confirm(self, entry, status=201, headers=None, **fields):
        body = {"original_entry_id": entry["entry_id"], **{name: entry[name] for name in (
            "entry_date", "application", "task_description", "time_units", "matter_code", "notes", "source_hash")}, "status": "submitted", **fields}
        answer = self.client.request("POST", "/api/processed_time_entries", json=body, headers=headers or {})
        assert answer.status == status, answer
        return answer.json()

    def revert(self, entry_id, status=200):
        answer = self.client.put(f"/api/processed_time_entries/{entry_id}/revert")
        assert answer.status == status, answer
        return answer.json()

    def confirmed(self, **query):
        answer = self.client.get("/api/processed_time_entries", alp_user_id=self.user, **query)
        assert answer.status == 200, answer
        return answer.json()

    def balance(self):
        report = self.daemon.balance(self.user, self.date)
        assert_balanced(report)
        assert report["captured_seconds"] == self.sandbox.seconds(self.user, self.date)
        pending = [e for e in self.entries() if e["status"] == "pending"]
        assert report["pending_seconds"] == sum(e["total_seconds"] for e in pending if e["supplement_of"] is None)
        assert report["supplement_seconds"] == sum(e["total_seconds"] for e in pending if e["supplement_of"] is not None)
        assert report["submitted_seconds"] == sum(e["total_seconds"] for e in self.confirmed(date=self.date))
        return report


@pytest.fixture
def day(daemon, sandbox, new_user):
    d = Day(daemon, sandbox, *new_user())
    d.record(1000)
    return d


def tenths(entry):
    return round(entry["time_units"] * 10)


def test_confirming_freezes_what_was_shown_and_twice_is_once(day):
    draft = day.lease()
    made = day.confirm(draft, task_description="Advising on the lease", notes="by telephone")
    assert made["id"] == made["original_entry_id"] == draft["entry_id"]
    assert (made["status"], made["submitted_to_alp_at"], made["alp_entry_id"]) == ("submitted", None, None)
    assert made["task_description"] == "Advising on the lease" and made["notes"] == "by telephone"
    assert made["total_seconds"] == 1000 and tenths(made) == 28 and made["matter_code"] == "22069"
    assert made["source_hash"] == draft["source_hash"] and made["entry_date"] == day.date
    assert day.confirm(draft, 200, task_description="Advising on the lease", notes="by telephone") == made
    assert day.confirmed() == day.confirmed(date=day.date, status="submitted") == [made]
    assert day.confirmed(date="2020-01-01") == day.confirmed(matter_code="11111") == []
    entry = day.get(draft["entry_id"])
    assert (entry["status"], entry["drift_seconds"], entry["total_seconds"]) == ("submitted", 0, 1000)
    assert draft["entry_id"] not in [e["entry_id"] for e in day.daemon.entries(day.user)], "the list of what is to do"
    assert day.balance()["submitted_seconds"] == 1000


def test_what_is_left_out_is_as_the_draft_shows_it_and_an_update_changes_only_words_and_units(day):
    draft = day.lease()
    day.client.patch(f"/api/time_entries/{draft['entry_id']}", {"task_description": "mine", "time_units": 3.5, "matter_code": ""})
    answer = day.client.post("/api/processed_time_entries", {"original_entry_id": draft["entry_id"]})
    made = answer.json()
    assert answer.status == 201 and answer.headers["ETag"]
    assert (made["task_description"], made["time_units"], made["matter_code"], made["total_seconds"]) == ("mine", 3.5, None, 1000)
    day.record(1500)
    again = day.confirm(draft, 200, time_units=4.0, matter_code="555", application="Word")
    assert (again["time_units"], again["matter_code"], again["application"], again["total_seconds"]) == (4.0, "555", "Word", 1000)
    assert again["created_at"] == made["created_at"] and again["revision"] > made["revision"]
    assert len(day.confirmed()) == 1


def test_later_minutes_come_as_a_supplement_and_confirmed_it_has_another(day):
    made = day.confirm(day.lease())
    day.record(1300)
    entry, supplement = day.get(made["id"]), day.supplements(made["id"])[0]
    assert entry["drift_seconds"] == 300 == supplement["total_seconds"]
    assert supplement["status"] == "pending" and supplement["source_hash"] != entry["source_hash"]
    assert supplement["task_description"] == entry["task_description"] and supplement["matter_code"] == "22069"
    assert tenths(supplement) == -(-1300 // 36) - -(-1000 // 36) == 9
    assert day.balance()["supplement_seconds"] == 300
    assert [c["total_seconds"] for c in day.confirmed()] == [1000]
    day.record(1310)
    assert [(s["entry_id"], s["total_seconds"], tenths(s)) for s in day.supplements(made["id"])] == [(supplement["entry_id"], 310, 9)]
    second = day.confirm(day.get(supplement["entry_id"]))
    assert second["supplement_of"] == made["id"] and day.get(made["id"])["drift_seconds"] == 0
    day.record(1400)
    first, other = day.supplements(made["id"])
    assert first["status"] == "submitted" and first["total_seconds"] == 310
    assert other["total_seconds"] == 90 and tenths(other) == -(-1400 // 36) - -(-1310 // 36)
    assert day.get(made["id"])["drift_seconds"] == 90
    report = day.balance()
    assert (report["submitted_seconds"], report["supplement_seconds"]) == (1310, 90)
    day.process()
    assert day.supplements(made["id"]) == [first, other], "processing again changes nothing of it"


def test_less_than_was_confirmed_is_a_warning_and_hangs_over(day):
    made = day.confirm(day.lease())
    day.record(600)
    entry = day.get(made["id"])
    assert entry["drift_seconds"] == -400 and "confirmed_more_than_recorded" in entry["warnings"]
    assert day.confirmed()[0]["total_seconds"] == 1000 and tenths(day.confirmed()[0]) == 28
    assert day.balance()["overhang_seconds"] == 400
    assert day.supplements(made["id"]) == []
    day.record(1000)
    assert day.get(made["id"])["drift_seconds"] == 0 and day.balance()["overhang_seconds"] == 0


def test_a_supplement_goes_as_its_minutes_go_and_comes_back_as_it_was(day):
    made = day.confirm(day.lease())
    day.record(1300)
    supplement = day.supplements(made["id"])[0]["entry_id"]
    day.record(900)
    assert [(s["entry_id"], s["status"], s["total_seconds"]) for s in day.supplements(made["id"])] == [(supplement, "withdrawn", 0)]
    problem(day.client.post("/api/processed_time_entries", {"original_entry_id": supplement}), 409, "entry_withdrawn")
    day.record(1200)
    assert [(s["entry_id"], s["status"], s["total_seconds"]) for s in day.supplements(made["id"])] == [(supplement, "pending", 200)]
    day.balance()


def test_an_ignored_supplement_takes_the_later_minutes(day):
    made = day.confirm(day.lease())
    day.record(1300)
    supplement = day.supplements(made["id"])[0]["entry_id"]
    assert day.client.put(f"/api/time_entries/{supplement}/ignore").status == 200
    day.record(1400)
    assert [(s["entry_id"], s["status"], s["total_seconds"]) for s in day.supplements(made["id"])] == [(supplement, "ignored", 400)]
    assert day.balance()["ignored_seconds"] == 400
    assert day.client.put(f"/api/time_entries/{supplement}/restore").json()["total_seconds"] == 400
    assert day.balance()["supplement_seconds"] == 400


def test_a_number_that_was_on_the_screen_an_hour_ago_stands_for_the_seconds_of_then(day):
    stale = day.lease()
    day.record(1300)
    assert tenths(day.lease()) == 37
    made = day.confirm(stale)
    assert (made["total_seconds"], tenths(made)) == (1000, 28)
    assert day.get(made["id"])["drift_seconds"] == 300
    assert [s["total_seconds"] for s in day.supplements(made["id"])] == [300]
    day.balance()


def test_a_number_of_ones_own_stands_for_all_there_is(day):
    draft = day.lease()
    day.record(1300)
    assert day.client.patch(f"/api/time_entries/{draft['entry_id']}", {"time_units": draft["time_units"]}).status == 200
    assert day.confirm(day.lease())["total_seconds"] == 1300
    assert day.supplements(draft["entry_id"]) == []


def test_reverting_keeps_what_was_confirmed_and_folds_an_untouched_supplement_back(day):
    made = day.confirm(day.lease(), task_description="Advising", time_units=5.0, notes="n")
    day.record(1300)
    assert len(day.supplements(made["id"], "pending")) == 1
    draft = day.revert(made["id"])
    assert (draft["status"], draft["total_seconds"], draft["time_units"]) == ("pending", 1300, 5.0)
    assert draft["task_description"] == "Advising" and draft["notes"] == "n" and draft["drift_seconds"] == 0
    assert {"task_description", "time_units", "matter_code", "notes"} <= set(draft["edited_fields"])
    assert tenths(draft["machine"]) == 37
    assert [(s["status"], s["total_seconds"]) for s in day.supplements(made["id"])] == [("withdrawn", 0)]
    assert day.confirmed() == [] and day.revert(made["id"]) == draft, "twice is once"
    assert day.balance()["submitted_seconds"] == 0
    again = day.confirm(draft)
    assert again["id"] == made["id"] and again["total_seconds"] == 1300
    day.balance()


def test_reverting_leaves_a_touched_supplement_its_time(day):
    made = day.confirm(day.lease())
    day.record(1300)
    supplement = day.supplements(made["id"])[0]["entry_id"]
    assert day.client.patch(f"/api/time_entries/{supplement}", {"notes": "apart"}).status == 200
    draft = day.revert(made["id"])
    assert draft["total_seconds"] == 1000
    day.record(1500)
    assert day.get(made["id"])["total_seconds"] == 1200 and day.get(supplement)["total_seconds"] == 300, "the draft is open: it grows"
    day.balance()
    # Nobody's any more, it has nothing of its own.
    assert day.client.patch(f"/api/time_entries/{supplement}", {"notes": None}).status == 200
    assert day.get(made["id"])["total_seconds"] == 1500 and day.get(supplement)["status"] == "withdrawn"
    day.balance()


def test_a_confirmed_supplement_stays_when_its_entry_is_reverted_and_may_be_reverted_itself(day):
    made = day.confirm(day.lease())
    day.record(1300)
    second = day.confirm(day.supplements(made["id"])[0])
    draft = day.revert(made["id"])
    assert draft["total_seconds"] == 1000 and [c["id"] for c in day.confirmed()] == [second["id"]]
    assert tenths(draft["machine"]) == 37 - 9
    day.record(200)
    assert day.get(made["id"])["total_seconds"] == 0 and day.get(second["id"])["drift_seconds"] == -100
    assert day.balance()["overhang_seconds"] == 100
    assert day.revert(second["id"])["total_seconds"] == 200, "touched, it keeps what there is"
    assert day.balance()["overhang_seconds"] == 0


def test_rows_of_a_confirmed_supplement_are_not_billed_again_elsewhere(day):
    """Given back to the machine, the entry itself is nobody's; what was confirmed of its rows still is."""
    made = day.confirm(day.lease())
    day.record(1300)
    day.confirm(day.supplements(made["id"])[0])
    day.revert(made["id"])
    nothing = {"task_description": None, "time_units": None, "matter_code": None}
    assert day.client.patch(f"/api/time_entries/{made['id']}", nothing).status == 200
    day.process()
    assert day.get(made["id"])["total_seconds"] == 1000
    day.balance()


def problem(answer, status, code):
    assert answer.status == status and answer.json()["code"] == code, answer


def test_what_cannot_be_confirmed_is_refused_by_name(day):
    draft = day.lease()
    entry = draft["entry_id"]

    def post(**fields):
        return day.client.post("/api/processed_time_entries", {"original_entry_id": entry, **fields})
    problem(post(entry_date="2020-01-01"), 409, "entry_date_differs")
    problem(post(source_hash="0" * 32), 409, "source_hash_differs")
    problem(post(alp_user_id=day.user + 1000), 404, "not_found")
    problem(day.client.post("/api/processed_time_entries", {"original_entry_id": 999999999}), 404, "not_found")
    answer = post(time_units=-1, status="posted", task_description="")
    assert answer.status == 422 and {e["loc"][1] for e in answer.json()["errors"]} == {"time_units", "status", "task_description"}
    assert post().status == 201
    problem(day.client.patch(f"/api/time_entries/{entry}", {"notes": "x"}), 409, "entry_submitted")
    problem(day.client.put(f"/api/time_entries/{entry}/ignore"), 409, "entry_submitted")
    problem(post(source_hash="0" * 32), 409, "source_hash_differs")
    assert day.revert(entry)["status"] == "pending"
    assert day.client.put(f"/api/time_entries/{entry}/ignore").status == 200
    problem(post(), 409, "entry_ignored")
    problem(day.client.put(f"/api/processed_time_entries/{entry}/revert"), 409, "entry_not_confirmed")
    problem(day.client.put("/api/processed_time_entries/999999999/revert"), 404, "not_found")
    day.balance()


def test_a_withdrawn_entry_can_be_neither_confirmed_nor_edited(day):
    draft = day.lease()
    day.record(0)
    assert day.get(draft["entry_id"])["status"] == "withdrawn"
    problem(day.client.post("/api/processed_time_entries", {"original_entry_id": draft["entry_id"]}), 409, "entry_withdrawn")
    problem(day.client.patch(f"/api/time_entries/{draft['entry_id']}", {"notes": "late"}), 409, "entry_withdrawn")


def test_an_older_state_is_not_confirmed_nor_reverted(day):
    entry = day.lease()["entry_id"]
    old = day.client.get(f"/api/time_entries/{entry}").headers["ETag"]
    assert day.client.patch(f"/api/time_entries/{entry}", {"notes": "x"}).status == 200
    body = {"original_entry_id": entry}
    problem(day.client.request("POST", "/api/processed_time_entries", json=body, headers={"If-Match": old}), 412, "entry_changed")
    new = day.client.get(f"/api/time_entries/{entry}").headers["ETag"]
    made = day.client.request("POST", "/api/processed_time_entries", json=body, headers={"If-Match": new})
    assert made.status == 201
    path = f"/api/processed_time_entries/{entry}/revert"
    problem(day.client.request("PUT", path, headers={"If-Match": new}), 412, "entry_changed")
    assert day.client.request("PUT", path, headers={"If-Match": made.headers["ETag"]}).status == 200


def test_a_key_confirms_once(day):
    entry = day.lease()["entry_id"]
    body, headers = {"original_entry_id": entry, "notes": "n"}, {"Idempotency-Key": f"confirm-{entry}"}
    first = day.client.request("POST", "/api/processed_time_entries", json=body, headers=headers)
    day.revert(entry)
    again = day.client.request("POST", "/api/processed_time_entries", json=body, headers=headers)
    assert first.status == again.status == 201 and again.headers["Idempotent-Replay"] == "true" and again.json() == first.json()
    assert day.get(entry)["status"] == "pending", "an answer of then, not a second effect"


def test_what_others_confirmed_does_not_exist(day, new_user):
    other = Day(day.daemon, day.sandbox, *new_user())
    other.record(800)
    made = other.confirm(other.lease())
    assert day.confirmed() == []
    for answer in (day.client.request("PUT", f"/api/processed_time_entries/{made['id']}/revert", {"alp_user_id": day.user}),
                   day.client.post("/api/processed_time_entries", {"original_entry_id": made["id"], "alp_user_id": day.user})):
        problem(answer, 404, "not_found")
    assert day.client.get("/api/processed_time_entries").status == 422, "never a list of several users"
    assert [c["id"] for c in other.confirmed()] == [made["id"]]


def test_the_list_comes_as_a_table_and_in_pages(day):
    drafts = day.entries()
    for draft in drafts:
        day.confirm(draft)
    answer = day.client.request("GET", f"/api/processed_time_entries?alp_user_id={day.user}", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [(int(r["id"]), r["status"], int(r["total_seconds"])) for r in rows] == [
        (c["id"], c["status"], c["total_seconds"]) for c in day.confirmed()]
    page = day.client.get("/api/processed_time_entries", alp_user_id=day.user, limit=1, count="true")
    assert len(page.json()) == 1 and page.headers["X-Total-Count"] == str(len(drafts)) and 'rel="next"' in page.headers["Link"]


def test_a_kept_answer_ends_with_a_confirmation(day):
    draft = day.lease()
    paths = [f"/api/time_entries?alp_user_id={day.user}", f"/api/processed_time_entries?alp_user_id={day.user}",
             f"/api/time_entries/{draft['entry_id']}", f"/api/reports/day?alp_user_id={day.user}&date={day.date}"]

    def read():
        return [day.client.request("GET", path).body for path in paths]
    before = read()
    assert read() == before
    day.confirm(draft)
    assert all(a != b for a, b in zip(read(), before))
    day.revert(draft["entry_id"])
    assert read()[1] == before[1]


def unit_up(text):
    """The same rules but for the rounding."""
    assert text.count('rounding = "tenth-up"') == 1
    return text.replace('rounding = "tenth-up"', 'rounding = "unit-up"')


def version(text):
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def test_other_rules_rewrite_nothing_that_was_confirmed(make_daemon, sandbox, new_user, tmp_path):
    rules = tmp_path / "rules.conf"
    first, other = REFERENCE_RULES.read_text(), unit_up(REFERENCE_RULES.read_text())
    rules.write_text(first)
    daemon = make_daemon({"rules.file": str(rules)}).start()
    day = Day(daemon, sandbox, *new_user())
    day.record(1000)
    made = day.confirm(day.lease())
    draft = next(e for e in day.entries() if e["status"] == "pending")
    stored = daemon.query("SELECT * FROM time_entries WHERE entry_id = ?", made["id"])
    rules.write_text(other)
    daemon.reload()
    proc.wait_until(lambda: daemon.client.get("/api/settings").json()["rules_version"] == version(other), what="the other rules")
    day.process()
    assert daemon.query("SELECT * FROM time_entries WHERE entry_id = ?", made["id"]) == stored
    assert day.confirmed() == [made] and made["rules_version"] == version(first)
    assert (made["rounding"], made["minimum_units"], tenths(made)) == ("tenth-up", 0.0, 28)
    assert tenths(day.get(draft["entry_id"])) == 20, "a draft is priced anew"
    day.record(1300)
    assert day.confirmed()[0]["time_units"] == made["time_units"]
    assert [tenths(s) for s in day.supplements(made["id"])] == [40 - 30], "1300 s are four units now, and 1000 s three"
    day.balance()


def test_an_event_tells_of_a_confirmation(day):
    before = day.daemon.query("SELECT count(*) FROM events WHERE type = 3 AND alp_user_id = ?", day.user)[0][0]
    made = day.confirm(day.lease())
    day.confirm(day.get(made["id"]), 200)
    day.revert(made["id"])
    assert day.daemon.query("SELECT count(*) FROM events WHERE type = 3 AND alp_user_id = ?", day.user)[0][0] == before + 2
