# SPDX-License-Identifier: Apache-2.0
"""Likely matters of an entry without one: from what the same person confirmed, with the reason, gone when that is taken back or erased."""
import pytest

from lib.contract import Contract
from lib.sandbox import Row
from lib.truth import days_back


class Person:
    """A user, with a day for each list of documents."""

    def __init__(self, daemon, sandbox, user, key):
        self.daemon, self.sandbox, self.user, self.key = daemon, sandbox, user, key
        self.client = daemon.client
        self.dates = days_back(sandbox.today(user), 6)

    def record(self, day, *titles, application="Microsoft Word"):
        """Entries by description."""
        date = self.dates[day]
        self.sandbox.put_day(self.user, date, [Row(f"09:{n * 5:02}", 200, application, title, "Document editing", 2)
                                               for n, title in enumerate(titles)])
        self.daemon.fetch_and_wait(self.user, self.key, days=1, target_date=date)
        return self.day(day)

    def day(self, day):
        return {e["machine"]["task_description"]: e for e in self.daemon.entries(self.user, date=self.dates[day])}

    def confirm(self, entry, matter):
        answer = self.client.post("/api/processed_time_entries", {"original_entry_id": entry["entry_id"], "matter_code": matter})
        assert answer.status in (200, 201), answer

    def revert(self, entry):
        assert self.client.put(f"/api/processed_time_entries/{entry['entry_id']}/revert").status == 200

    def suggested(self, day, task):
        entry = self.day(day)[task]
        one = self.client.get(f"/api/time_entries/{entry['entry_id']}").json()
        told = self.client.get(f"/api/time_entries/{entry['entry_id']}/explain").json()
        assert one["suggested_matters"] == entry["suggested_matters"] == told["suggested_matters"]
        return entry["suggested_matters"]

    def codes(self, day, task):
        return [s["matter_code"] for s in self.suggested(day, task)]


@pytest.fixture
def person(daemon, sandbox, new_user):
    assert daemon.client.request("PUT", "/api/matters", json=[]).status == 200
    return Person(daemon, sandbox, *new_user())


DRAFT, LATER = "Lease of the shop v2", "Lease of the shop v3"


def taught(person):
    """One day on which a version of the lease and a note were confirmed, and one on which there is another version."""
    first = person.record(0, f"{DRAFT}.docx", "Note on easements.docx")
    (lease,), (note,) = ([e for t, e in first.items() if word in t] for word in ("Lease", "easements"))
    person.confirm(lease, "12345")
    person.confirm(note, "777")
    later = person.record(1, f"{LATER}.docx", "Something else altogether.docx")
    return lease, next(t for t in later if "Lease" in t), next(t for t in later if "else" in t)


def test_what_was_confirmed_for_a_document_is_suggested_for_its_next_version(person):
    lease, task, other = taught(person)
    first, second = person.suggested(1, task)
    assert first["matter_code"] == "12345" and second["matter_code"] == "777"
    assert 0.6 <= first["score"] < 1 and second["score"] < 0.3
    assert first["reason"].startswith('you confirmed 12345 for "Lease of the shop') and "once, on 2" in first["reason"]
    assert second["reason"].startswith("you confirmed 777 in Microsoft Word once, on ")
    assert sorted(person.codes(1, other)) == ["12345", "777"], "by the application alone"
    Contract.of(person.client).operation("entries_list").check(person.client.get("/api/time_entries", alp_user_id=person.user, date=person.dates[1]))


def test_another_matter_takes_the_earlier_lesson_back_and_so_does_a_revert(person):
    lease, task, _ = taught(person)
    person.confirm(lease, "888")
    assert person.codes(1, task)[0] == "888" and "12345" not in person.codes(1, task)
    person.revert(lease)
    assert person.codes(1, task) == ["777"]
    person.confirm(lease, "12345")
    assert person.codes(1, task)[0] == "12345"


def test_an_entry_with_a_matter_or_one_that_is_done_gets_none(person):
    _, task, other = taught(person)
    entry = person.day(1)[task]
    assert person.client.patch(f"/api/time_entries/{entry['entry_id']}", {"matter_code": "1"}).json()["suggested_matters"] == []
    assert person.suggested(1, task) == []
    assert person.client.patch(f"/api/time_entries/{entry['entry_id']}", {"matter_code": ""}).json()["suggested_matters"] != []
    assert person.client.put(f"/api/time_entries/{entry['entry_id']}/ignore").json()["suggested_matters"] == []


def test_nobody_elses_confirmations_are_suggested(person, daemon, sandbox, new_user):
    lease, task, _ = taught(person)
    other = Person(daemon, sandbox, *new_user())
    there = other.record(1, f"{LATER}.docx")
    assert [e["suggested_matters"] for e in there.values()] == [[]]
    other.confirm(next(iter(there.values())), "999")
    assert "999" not in person.codes(1, task) and person.codes(1, task)[0] == "12345"
    assert other.client.delete(f"/api/users/{other.user}/learned").status == 204
    assert person.codes(1, task)[0] == "12345"


def test_what_was_learned_can_be_erased(person):
    lease, task, _ = taught(person)
    entry = person.day(1)[task]
    path = f"/api/time_entries/{entry['entry_id']}"
    before = person.client.get(path)
    assert before.json()["suggested_matters"]
    assert person.client.delete(f"/api/users/{person.user}/learned").status == 204
    after = person.client.request("GET", path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status == 200 and after.json()["suggested_matters"] == [] and after.json()["revision"] == before.json()["revision"]
    assert person.suggested(1, task) == []
    changed = person.client.request("PATCH", path, json={"notes": "n"}, headers={"If-Match": before.headers["ETag"]})
    assert changed.status == 200, "the entry is the one that was read"
    assert person.client.get("/api/processed_time_entries", alp_user_id=person.user).json(), "what was confirmed stays"
    person.confirm(lease, "12345")
    person.confirm(lease, "4")
    assert person.codes(1, task) == ["4"]


def test_a_client_in_the_title_and_the_list_of_matters_count(person):
    put = lambda *matters: person.client.request("PUT", "/api/matters", json=list(matters))  # noqa: E731
    assert put({"code": "500", "client": "Smith & Sons"}, {"code": "501", "client": "Smith"}, {"code": "502", "open": False}).status == 200
    first = person.record(0, "Advice for Smith Sons on trusts.docx", "Telephone note.docx")
    for title, entry in first.items():
        person.confirm(entry, "500" if "Smith" in title else "502")
    later = person.record(1, "Minutes of meeting with smith sons.pdf", "Minutes about the Smithsons.pdf", application="Acrobat")
    assert len(later) == 2
    by_client = next(t for t in later if "smith sons" in t)
    (told,) = person.suggested(1, by_client)
    assert told["matter_code"] == "500" and 0.3 <= told["score"] < 0.6
    assert told["reason"].startswith('you confirmed 500 where the title named "smith sons" once, on ')
    assert person.codes(1, next(t for t in later if "Smithsons" in t)) == [], "part of a word is no name"
    in_word = person.record(2, "A blank page.docx")
    assert person.codes(2, next(iter(in_word))) == ["500"], "502 is closed"
    put({"code": "502"})
    assert person.codes(2, next(iter(in_word))) == ["502"], "500 is listed no more, 502 is open"
    put()
    assert sorted(person.codes(2, next(iter(in_word)))) == ["500", "502"], "without a list all that was confirmed"
