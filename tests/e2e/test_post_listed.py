# SPDX-License-Identifier: Apache-2.0
"""What is asked of ALP is checked against ALP's own lists first; and what cannot be checked is ALP's to judge."""
import pytest

from lib import proc
from lib.truth import days_back

USER = 2


@pytest.fixture
def desk(make_alp_daemon, sandbox):
    sandbox.control("DELETE", "alp-entries")

    def start(**settings):
        daemon = make_alp_daemon({"alp.feed_matters": "no", "alp.answer_timeout_ms": 1500, **{k.replace("__", "."): v for k, v in settings.items()}})
        daemon.start()
        return Desk(daemon, sandbox)
    return start


class Desk:
    def __init__(self, daemon, sandbox):
        self.daemon, self.sandbox = daemon, sandbox
        self.date = days_back(sandbox.today(USER), 2)[0]
        matters = sandbox.alp_ask("matters").json()
        self.matter, self.other = [m for m in matters if m["status"] == "open"][:2]
        self.closed = next(m for m in matters if m["status"] == "closed")
        self.outcome = sandbox.alp_ask(f"matters/{self.matter['id']}/outcomes").json()[0]
        self.component = sandbox.alp_ask(f"outcomes/{self.outcome['id']}/components").json()[0]

    def item(self, **fields):
        item = {"matter_component_id": self.component["id"], "user_id": USER, "date": self.date, "units": 3, "description": "Advising on the lease",
                "rate": 35000, "billable_type": 1, "gst_type": 1, "matter_id": self.matter["id"], "outcome_id": self.outcome["id"], **fields}
        return {k: v for k, v in item.items() if v is not None}

    def post(self, body):
        return self.daemon.client.request("POST", "/api/time_entries", json=body)

    def refused(self, **fields):
        """The fields at fault, and of what kind."""
        answer = self.post(self.item(**fields))
        assert (answer.status, answer.json()["code"]) == (422, "invalid_fields"), answer
        return {(e["loc"][1], e["type"]) for e in answer.json()["errors"]}


def test_what_the_lists_bear_out_is_posted(desk):
    d = desk()
    assert d.post(d.item()).status == 201
    assert len(d.sandbox.alp_entries()) == 1


def test_every_fault_is_told_and_nothing_recorded(desk):
    d = desk()
    assert d.refused(user_id=999999) == {("user_id", "unknown_user")}
    assert d.refused(gst_type=77) == {("gst_type", "unknown_gst_type")}
    assert d.refused(matter_id="nobody", outcome_id=None) == {("matter_id", "unknown_matter")}
    assert d.refused(matter_id="a/b", outcome_id=None) == {("matter_id", "unknown_matter")}
    assert ("matter_id", "closed_matter") in d.refused(matter_id=d.closed["id"])
    assert d.refused(matter_id=d.other["id"]) == {("outcome_id", "unknown_outcome")}
    assert d.refused(matter_component_id=1) == {("matter_component_id", "unknown_component")}
    assert ("outcome_id", "unknown_outcome") in d.refused(outcome_id="987654321")
    assert d.refused(user_id=999999, gst_type=77, matter_id=d.other["id"], matter_component_id=1) == {
        ("user_id", "unknown_user"), ("gst_type", "unknown_gst_type"), ("outcome_id", "unknown_outcome"), ("matter_component_id", "unknown_component")}
    assert d.sandbox.alp_entries() == [] and d.daemon.client.get("/api/postings", alp_user_id=USER).json() == []


def test_an_array_is_told_item_by_item(desk):
    d = desk()
    answer = d.post([d.item(), d.item(gst_type=77, user_id=999999), d.item(units=4)])
    assert answer.status == 207, answer
    assert [i["status"] for i in answer.json()] == [201, 422, 201]
    assert answer.json()[1]["code"] == "not_listed" and "gst_type" in answer.json()[1]["detail"] and "user_id" in answer.json()[1]["detail"]
    assert len(d.sandbox.alp_entries()) == 2


def test_a_path_that_is_not_given_is_alps_to_judge(desk):
    d = desk()
    assert d.post(d.item(matter_id=None, outcome_id=None)).status == 201


def test_lists_that_cannot_be_had_say_nothing_against_it(desk):
    d = desk(alp__read_tries=1, alp__breaker_failures=1000)
    d.sandbox.alp_fault("stall", on="lists", count=-1)
    assert d.post(d.item(matter_id="nobody", outcome_id=None)).status == 201


def test_nothing_is_refused_by_an_old_list(desk):
    d = desk()
    late = [m for m in d.sandbox.alp_ask("matters").json() if m["status"] == "open"][-1]
    d.sandbox.alp_set(matters=100)
    assert len(d.daemon.client.get("/api/alp/matters").json()) == 100
    assert d.refused(matter_id=late["id"], outcome_id=None) == {("matter_id", "unknown_matter")}
    d.sandbox.clear_faults()
    # The copy is still fresh for who reads it; nobody is told no by it.
    proc.wait_until(lambda: int(d.daemon.client.get("/api/alp/matters").headers["Age"]) > 10, 20, "a copy that is not new")
    assert d.post(d.item(matter_id=late["id"], outcome_id=None)).status == 201


def test_what_was_recorded_stays_so_whatever_the_lists_say_later(desk):
    d = desk(cache__matters_fresh_s=1)
    headers = {"Idempotency-Key": "once"}
    late = [m for m in d.sandbox.alp_ask("matters").json() if m["status"] == "open"][-1]
    item = d.item(matter_id=late["id"], outcome_id=None)
    first = d.daemon.client.request("POST", "/api/time_entries", json=item, headers=headers)
    assert first.status == 201, first
    d.sandbox.alp_set(matters=100)
    proc.wait_until(lambda: len(d.daemon.client.get("/api/alp/matters").json()) == 100, 20, "the shorter list")
    assert d.refused(matter_id=late["id"], outcome_id=None) == {("matter_id", "unknown_matter")}
    again = d.daemon.client.request("POST", "/api/time_entries", json=item, headers=headers)
    assert again.status in (201, 202) and again.json()["posting_id"] == first.json()["posting_id"]
    d.sandbox.clear_faults()
