# SPDX-License-Identifier: Apache-2.0
"""Posting: every entry is in ALP exactly once, or a person is asked; whatever ALP does."""
import pytest

from lib import ctl, proc
from lib.contract import Contract
from lib.truth import days_back

FAST = {"posting.look_2_ms": 100, "posting.look_3_ms": 200, "posting.look_4_ms": 300, "posting.look_5_ms": 800, "posting.retry_ms": 50,
        "posting.retry_max_ms": 400, "alp.lists_fresh": "yes", "alp.answer_timeout_ms": 1500}
USER = 2


@pytest.fixture
def desk(make_alp_daemon, sandbox):
    """Calls give a daemon that is served by the sandbox's ALP, empty at the beginning."""
    def start(**settings):
        sandbox.control("DELETE", "alp-entries")
        daemon = make_alp_daemon({**FAST, **{k.replace("__", "."): v for k, v in settings.items()}})
        daemon.start()
        return Desk(daemon, sandbox)
    return start


class Desk:
    def __init__(self, daemon, sandbox):
        self.daemon, self.sandbox = daemon, sandbox
        self.date = days_back(sandbox.today(USER), 2)[0]

    @property
    def client(self):
        return self.daemon.client

    def body(self, **fields):
        return {"matter_component_id": 100011, "user_id": USER, "date": self.date, "units": 3, "description": "Advising on the lease", "rate": 35000,
                "billable_type": 1, "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": "", **fields}

    def post(self, status=None, headers=None, **fields):
        answer = self.client.request("POST", "/api/time_entries", json=self.body(**fields), headers=headers or {})
        assert status is None or answer.status == status, answer
        return answer

    def know_lists(self):
        """Until it has those that a posting is held against, and whose absence holds nothing up."""
        for name in ("users", "gst_types"):
            proc.wait_until(lambda: self.client.get(f"/api/alp/{name}").status == 200, what=f"the list of {name}")

    def posting(self, posting_id):
        answer = self.client.get(f"/api/postings/{posting_id}")
        assert answer.status == 200, answer
        return answer.json()

    def comes_to(self, posting_id, *states, seconds=15):
        return proc.wait_until(lambda: (p := self.posting(posting_id))["state"] in states and p, seconds, f"{states}, not {self.posting(posting_id)}")

    def held(self):
        return [h for h in self.sandbox.alp_entries() if h.exists]

    def resolve(self, posting_id, status=200, **decision):
        answer = self.client.post(f"/api/postings/{posting_id}/resolve", decision)
        assert answer.status == status, answer
        return answer.json()


def test_alps_answer_is_the_answer(desk):
    d = desk()
    answer = d.post(201)
    posting = answer.json()
    held, = d.held()
    assert answer.headers["Location"] == f"/api/postings/{posting['posting_id']}"
    assert (posting["state"], posting["alp_entry_id"], posting["alp_state"], posting["differences"]) == ("posted", held.id, "open", [])
    assert (posting["alp_entry"]["units"], posting["alp_entry"]["id"]) == (3, int(held.id))
    assert held.reference == posting["reference"] and held.key
    assert [s["to"] for s in d.posting(posting["posting_id"])["history"]] == ["ready", "sending", "posted"]
    listed = d.client.get("/api/postings", alp_user_id=USER, state="posted").json()
    assert [p["posting_id"] for p in listed] == [posting["posting_id"]]


def test_a_slow_alp_is_not_waited_for(desk):
    d = desk(posting__wait_ms=100)
    d.sandbox.alp_fault("slow", ms=700)
    answer = d.post(202)
    assert answer.json()["state"] in ("ready", "sending")
    assert d.comes_to(answer.json()["posting_id"], "posted")["alp_entry_id"]
    d.sandbox.alp_fault("slow", ms=700)
    patient = d.post(201, headers={"Prefer": "wait=5"}, units=4)
    assert patient.json()["state"] == "posted"
    assert len(d.held()) == 2


@pytest.mark.parametrize("name, params", [
    ("drop", {}), ("drop", {"create": 0}), ("drop", {"bytes": 20}), ("status", {}), ("status", {"create": 1, "status": 502}), ("html", {}), ("no-id", {}),
    ("redirect", {}), ("redirect", {"create": 1}), ("late", {"ms": 900}), ("stall", {}), ("stall", {"create": 0}), ("status", {"status": 408}),
    ("status", {"status": 429, "retry_after": 1}), ("status", {"status": 429}), ("status", {"status": 401}), ("hide", {"ms": 400})])
@pytest.mark.parametrize("reference", ["kept", "dropped"])
def test_it_is_there_once_whatever_alp_does(desk, name, params, reference):
    d = desk(alp__keeps_reference="yes" if reference == "kept" else "no")
    d.sandbox.alp_set(honours_key=0, **({} if reference == "kept" else {"reference": ""}))
    # Somebody entered the very same by hand; where a reference is kept, who has none and says the same would be for a person.
    d.sandbox.alp_add(user=USER, date=d.date, component=100011, units=3, description="Advising on the lease" if reference == "dropped" else "Call")
    d.sandbox.alp_fault(name, **params)
    posting = d.comes_to(d.post().json()["posting_id"], "posted", seconds=20)
    by_hand, ours = d.held()
    assert posting["alp_entry_id"] == ours.id


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_refusal_is_told_with_alps_words(desk, status):
    d = desk()
    d.sandbox.alp_fault("status", status=status)
    answer = d.post(422)
    assert answer.json()["code"] == "alp_refused"
    posting = d.client.get(answer.headers["Location"]).json()
    assert posting["state"] == "rejected" and posting["problem"]["detail"] and d.held() == []
    assert d.post(201, units=3).json()["state"] == "posted", "what was refused may be asked for again"


def test_a_conflict_may_be_one_with_itself(desk):
    d = desk()
    d.sandbox.alp_fault("status", status=409, create=1)
    assert d.comes_to(d.post().json()["posting_id"], "posted")["alp_entry_id"] == d.held()[0].id
    d.sandbox.alp_fault("status", status=409)
    assert d.comes_to(d.client.request("POST", "/api/time_entries", json=d.body(units=5)).json().get("posting_id", 2), "rejected")
    assert len(d.held()) == 1


def test_alp_being_down_costs_time_and_nothing_else(desk, sandbox):
    d = desk(alp__url="http://127.0.0.1:1/alp", posting__wait_ms=0)
    ids = [d.post(202, units=n).json()["posting_id"] for n in range(1, 4)]
    assert d.comes_to(ids[0], "ready")
    proc.wait_until(lambda: any(d.posting(i)["problem"] for i in ids) or "nothing is posted" in d.daemon.log(), what="a pause")
    assert all(d.posting(i)["maybe_sent"] == 0 for i in ids)


def test_rounding_is_shown(desk):
    d = desk()
    d.sandbox.alp_fault("round", to=5)
    posting = d.post(201).json()
    assert posting["differences"] == [{"field": "units", "ours": 3, "alp": 5}]
    assert posting["alp_units"] == 3 and posting["alp_entry"]["units"] == 5


def test_what_cannot_be_decided_is_a_persons(desk):
    d = desk()
    d.sandbox.alp_set(reference="", honours_key=0)
    d.sandbox.alp_fault("round", to=5)
    d.sandbox.alp_fault("drop")
    posting = d.comes_to(d.post().json()["posting_id"], "needs_person")
    held, = d.held()
    assert posting["problem"]["code"] == "candidate_differs"
    candidate, = posting["evidence"]["candidates"]
    assert candidate["alp_entry_id"] == held.id and candidate["differences"] == [{"field": "units", "ours": 3, "alp": 5}]
    d.resolve(posting["posting_id"], 422, decision="is_there")
    d.resolve(posting["posting_id"], 422, decision="is_not_there", alp_entry_id="1")
    assert d.resolve(posting["posting_id"], decision="is_there", alp_entry_id=held.id)["state"] == "posted"
    d.resolve(posting["posting_id"], 409, decision="is_not_there")
    # And the other way round.
    d.sandbox.alp_fault("drop", create=0)
    d.sandbox.alp_set(lists_entries=0)
    again = d.post(units=4, headers={"Prefer": "wait=0"}).json()["posting_id"]
    assert d.posting(again)["state"] in ("ready", "sending", "unknown", "needs_person")


def test_without_a_list_a_person_is_asked(desk):
    d = desk(alp__lists_entries="no")
    d.sandbox.alp_fault("drop", create=0)
    posting = d.comes_to(d.post().json()["posting_id"], "needs_person")
    assert posting["problem"]["code"] == "cannot_be_listed" and d.held() == []
    assert d.resolve(posting["posting_id"], decision="is_not_there")["state"] == "ready"
    assert d.comes_to(posting["posting_id"], "posted")["alp_entry_id"] == d.held()[0].id


def test_an_alp_that_does_not_list_against_what_is_said_gets_nothing(desk):
    d = desk(posting__wait_ms=0)
    d.sandbox.alp_set(lists_entries=0)
    posting_id = d.post(202).json()["posting_id"]
    posting = proc.wait_until(lambda: (p := d.posting(posting_id))["problem"] and p, what="the reason")
    assert (posting["state"], posting["problem"]["code"], posting["attempts"]) == ("ready", "alp_list_missing", 0) and d.held() == []


def test_rtalpctl_shows_and_decides(desk):
    d = desk(alp__lists_entries="no")

    def told(*arguments):
        return ctl.run(*arguments, *d.daemon.place())
    d.sandbox.alp_fault("drop", create=0)
    posting_id = d.comes_to(d.post().json()["posting_id"], "needs_person")["posting_id"]
    listed = told("postings", "--posting", "needs_person,unknown")
    assert listed.status == 0 and "needs_person" in listed.out and "cannot_be_listed" in listed.out
    shown = told("posting", posting_id)
    assert "Advising on the lease" in shown.out and "answer_unknown" in shown.out
    assert told("posting", "resolve", posting_id).status == told("posting", "resolve", posting_id, "--not-there", "--alp-entry", "7").status == 2
    assert "ready" in told("posting", "resolve", posting_id, "--not-there").out
    d.comes_to(posting_id, "posted")
    assert told("posting", "resolve", posting_id, "--not-there").status != 0
    assert told("postings", "--user", USER, "--json").json()[0]["state"] == "posted"


def test_one_wish_is_one_posting(desk):
    d = desk()
    first = d.post(201, headers={"Idempotency-Key": "wish-1"})
    again = d.post(headers={"Idempotency-Key": "wish-1"})
    assert again.json()["posting_id"] == first.json()["posting_id"] and again.headers["Idempotent-Replay"] == "true"
    refused = d.post(409)
    assert refused.json()["code"] == "posted_before" and refused.headers["Location"] == "/api/postings/1"
    assert d.post(201, headers={"Idempotency-Key": "wish-2"}).json()["posting_id"] == 2
    assert len(d.held()) == 2


def test_asked_again_it_says_how_it_is_now(desk):
    d = desk()
    key = {"Idempotency-Key": "again"}
    first = d.post(201, headers=key)
    again = d.post(201, headers=key)
    assert again.json() == first.json() and again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replay"] == "true" and "Idempotent-Replay" not in first.headers
    d.sandbox.alp_fault("status", status=422)
    assert [d.post(422, units=5, headers={"Idempotency-Key": "no"}).json()["code"] for _ in range(2)] == ["alp_refused"] * 2
    d.daemon.kill()
    d.daemon.start()
    assert d.post(201, headers=key).json() == first.json()
    assert len(d.held()) == 1


def test_asked_again_while_alp_is_slow_it_waits_for_the_same(desk):
    d = desk(posting__wait_ms=0)
    d.sandbox.alp_fault("slow", ms=800)
    first = d.post(202, headers={"Idempotency-Key": "slow"}).json()
    again = d.post(201, headers={"Idempotency-Key": "slow", "Prefer": "wait=10"}).json()
    assert (again["posting_id"], again["state"]) == (first["posting_id"], "posted")
    assert len(d.held()) == 1


def test_an_array_asked_again_says_how_each_is_now(desk):
    d = desk()
    items = [d.body(), d.body(units=4), d.body(entry_id=987654)]
    first, again = [d.client.request("POST", "/api/time_entries", json=items, headers={"Idempotency-Key": "many"}) for _ in range(2)]
    assert [i["status"] for i in first.json()] == [201, 201, 404]
    assert again.json() == first.json() and again.headers["Idempotent-Replay"] == "true"
    assert len(d.held()) == 2


def test_faults_are_all_told_at_once(desk):
    d = desk()
    answer = d.post(422, units=0, description="  ", date="2026-02-30", gst_type="x", colour="red")
    assert {e["loc"][-1] for e in answer.json()["errors"]} == {"units", "description", "date", "gst_type", "colour"}
    assert d.post(422, date="2999-01-01").json()["errors"][0]["type"] == "date_in_future"
    assert wrong(d.post(422, description=" ", date="2999-01-01", gst_type=77, user_id=99999)) == {
        ("description", "blank"), ("date", "date_in_future"), ("gst_type", "unknown_gst_type"), ("user_id", "unknown_user")}
    assert wrong(d.post(422, units=241, date="2999-01-01", gst_type=77)) == {
        ("units", "out_of_range"), ("date", "date_in_future"), ("gst_type", "unknown_gst_type")}
    assert wrong(d.post(422, date="2999-01-01", gst_type=77)) == {("date", "date_in_future"), ("gst_type", "unknown_gst_type")}
    assert d.client.get("/api/postings").json() == []


def wrong(answer):
    return {(e["loc"][-1], e["type"]) for e in answer.json()["errors"]}


def test_faults_of_an_array_are_all_told_at_once(desk):
    d = desk()
    d.know_lists()
    items = [d.body(units=0, gst_type=77), d.body(), d.body(date="2999-01-01", user_id=99999)]
    answer = d.client.post("/api/time_entries", items)
    assert answer.status == 422 and {(*e["loc"][1:], e["type"]) for e in answer.json()["errors"]} == {
        ("0", "units", "out_of_range"), ("0", "gst_type", "unknown_gst_type"), ("2", "date", "date_in_future"), ("2", "user_id", "unknown_user")}
    told = d.client.post("/api/time_entries", items[1:]).json()
    assert [i["status"] for i in told] == [201, 422] and told[0]["errors"] == []
    assert {(e["field"], e["type"]) for e in told[1]["errors"]} == {("date", "date_in_future"), ("user_id", "unknown_user")}
    assert told[1]["code"] == "date_in_future" and "date" in told[1]["detail"] and "user_id" in told[1]["detail"]
    assert len(d.held()) == 1


def test_units_are_those_of_the_entry_or_said_to_be_meant(desk, new_user):
    d = desk()
    entry, body = draft_of(d, new_user)
    other = {**body, "units": body["units"] + 1}
    assert wrong(d.post(422, **other)) == {("units", "units_differ")}
    assert wrong(d.post(422, **{**other, "description": " ", "gst_type": 77})) == {
        ("units", "units_differ"), ("description", "blank"), ("gst_type", "unknown_gst_type")}
    assert d.client.get(f"/api/time_entries/{entry['entry_id']}").json()["status"] == "pending"
    assert d.client.post("/api/time_entries", [other]).json()[0]["code"] == "units_differ"
    assert d.post(201, **other, units_meant=True).json()["alp_units"] == other["units"]
    # What a person said of the entry is what it shows.
    assert d.client.get(f"/api/time_entries/{entry['entry_id']}").json()["time_units"] == other["units"]
    assert len(d.held()) == 1


def test_a_vague_description_warns_or_is_refused(desk):
    d = desk()
    assert d.post(201).json()["warnings"] == []
    vague = d.post(201, description=" Attention  to FILE. ").json()
    assert [w["code"] for w in vague["warnings"]] == ["vague_description"]
    assert d.posting(vague["posting_id"])["warnings"] == vague["warnings"]
    d = desk(posting__refuse_vague="yes")
    assert wrong(d.post(422, description="attendance", gst_type=77)) == {("description", "vague_description"), ("gst_type", "unknown_gst_type")}
    assert wrong(d.post(422, description="attendance", units=0)) == {("description", "vague_description"), ("units", "out_of_range")}
    assert d.post(201, description="Attendance on the client about the lease").json()["warnings"] == []


def test_what_alps_lists_say_is_held_against_it(desk):
    d = desk()
    d.know_lists()
    assert wrong(d.post(422, user_id=99999, gst_type=77)) == {("user_id", "unknown_user"), ("gst_type", "unknown_gst_type")}
    matters = d.client.get("/api/alp/matters").json()
    closed = next(m["id"] for m in matters if m["status"] == "closed")
    opened = next(m["id"] for m in matters if m["status"] == "open")
    outcome = d.client.get(f"/api/alp/matters/{opened}/outcomes").json()[0]["id"]
    component = d.client.get(f"/api/alp/outcomes/{outcome}/components").json()[0]["id"]
    assert wrong(d.post(422, matter_id=closed)) == {("matter_id", "closed_matter")}
    assert wrong(d.post(422, matter_id=opened, outcome_id=outcome, matter_component_id=component + 1000)) == {
        ("matter_component_id", "unknown_component")}
    assert wrong(d.post(422, matter_id=closed, outcome_id=outcome, matter_component_id=component)) == {
        ("matter_id", "closed_matter"), ("outcome_id", "unknown_outcome")}
    assert d.held() == [] and d.client.get("/api/postings").json() == []
    d.post(201, matter_id=opened, outcome_id=str(outcome), matter_component_id=component)
    items = [d.body(units=5), d.body(user_id=99999), d.body(gst_type=77)]
    assert [i["status"] for i in d.client.post("/api/time_entries", items).json()] == [201, 422, 422]


def test_lists_that_alp_does_not_give_hold_nothing_up(desk):
    d = desk(alp__url="http://127.0.0.1:1/alp", posting__wait_ms=0)
    assert d.post(202, user_id=99999).json()["state"] == "ready"


def test_an_array_is_answered_item_by_item(desk):
    d = desk()
    items = [d.body(), d.body(), d.body(units=4), d.body(entry_id=987654)]
    answer = d.client.post("/api/time_entries", items)
    assert answer.status == 207, answer
    assert [i["status"] for i in answer.json()] == [201, 409, 201, 404]
    Contract.of(d.client).operation("entries_post").check(answer)
    assert [i["posting"]["state"] for i in answer.json() if i["posting"]] == ["posted", "posted"]
    assert len(d.held()) == 2
    wrong = d.client.post("/api/time_entries", [d.body(units=9), d.body(units=0, description=" ")])
    assert wrong.status == 422 and [e["loc"] for e in wrong.json()["errors"]][0][:2] == ["body", "1"]
    assert len(d.held()) == 2


def test_a_restart_finds_what_was_being_sent(desk):
    d = desk(posting__wait_ms=0)
    d.sandbox.alp_fault("stall")
    posting_id = d.post(202).json()["posting_id"]
    proc.wait_until(lambda: d.held(), what="the entry in ALP")
    d.daemon.kill()
    d.daemon.start()
    posting = d.comes_to(posting_id, "posted")
    assert "daemon_restarted" in [s["code"] for s in posting["history"]]
    assert len(d.held()) == 1 and posting["alp_entry_id"] == d.held()[0].id


def test_a_stop_waits_for_what_is_under_way(desk):
    d = desk(posting__wait_ms=0)
    d.sandbox.alp_fault("slow", ms=800)
    posting_id = d.post(202).json()["posting_id"]
    proc.wait_until(lambda: d.held(), what="the entry in ALP")
    d.daemon.stop()
    d.daemon.start()
    assert d.posting(posting_id)["state"] == "posted"


def draft_of(d, new_user):
    """A draft of a user whom ALP knows, and the body that posts it."""
    user, key = new_user()
    d.daemon.fetch_and_wait(user, key)
    entry = d.daemon.entries(user)[0]
    return entry, d.body(user_id=user, entry_id=entry["entry_id"], date=entry["entry_date"], units=entry["alp_units"], description="Advising on the lease")


def test_a_draft_is_confirmed_and_posted_in_one_go(desk, new_user):
    d = desk()
    entry, body = draft_of(d, new_user)
    posting = d.post(201, **body).json()
    path = f"/api/time_entries/{entry['entry_id']}"
    answer = d.client.get(path)
    seen = answer.json()
    assert (seen["status"], seen["task_description"], seen["time_units"]) == ("submitted", "Advising on the lease", entry["time_units"])
    assert seen["posting"] == {"posting_id": posting["posting_id"], "state": "posted", "alp_units": entry["alp_units"], "alp_state": "open",
                               "alp_entry_id": posting["alp_entry_id"], "posted_at": posting["posted_at"], "problem": None, "differences": []}
    row, = d.client.get("/api/processed_time_entries", alp_user_id=entry["alp_user_id"], date=entry["entry_date"]).json()
    assert (row["submitted_to_alp_at"], row["alp_entry_id"], row["status"]) == (posting["posted_at"], posting["alp_entry_id"], "submitted")
    # The same entry again is the same posting, with other words too.
    again = d.post(200, **{**body, "description": "Another text"}).json()
    assert again["posting_id"] == posting["posting_id"] and len(d.held()) == 1
    # And nothing about it can be taken back here.
    assert d.client.put(f"/api/processed_time_entries/{entry['entry_id']}/revert", {}).json()["code"] == "entry_posting"
    other = d.client.post("/api/processed_time_entries", {"original_entry_id": entry["entry_id"], "task_description": "Another text"})
    assert (other.status, other.json()["code"]) == (409, "entry_posting")


def test_a_posting_that_waits_is_cancelled_by_taking_the_confirmation_back(desk, new_user):
    d = desk(alp__url="http://127.0.0.1:1/alp", posting__wait_ms=0, posting__retry_ms=60000)
    entry, body = draft_of(d, new_user)
    first = d.post(202, **body).json()
    proc.wait_until(lambda: d.posting(first["posting_id"])["state"] == "ready", what="the first try to fail")
    assert d.client.put(f"/api/processed_time_entries/{entry['entry_id']}/revert", {}).status == 200
    assert d.posting(first["posting_id"])["state"] == "cancelled"
    assert d.client.get(f"/api/time_entries/{entry['entry_id']}").json()["posting"] is None
    second = d.post(202, **body).json()
    assert second["posting_id"] != first["posting_id"] and second["reference"] != first["reference"]


def test_an_entry_is_posted_by_its_owner_on_its_day(desk, new_user):
    d = desk()
    entry, body = draft_of(d, new_user)
    assert d.post(422, **{**body, "user_id": USER}).json()["errors"][0]["loc"] == ["body", "user_id"]
    assert d.post(409, **{**body, "date": "2026-01-05"}).json()["code"] == "entry_date_differs"
    d.client.put(f"/api/time_entries/{entry['entry_id']}/ignore", {})
    assert d.post(409, **body).json()["code"] == "entry_ignored"
    assert d.held() == []


def test_no_alp_is_said(make_daemon):
    daemon = make_daemon()
    daemon.start()
    answer = daemon.client.post("/api/time_entries", {"matter_component_id": 1, "user_id": 2, "date": "2026-01-05", "units": 1, "description": "x"})
    assert (answer.status, answer.json()["code"]) == (503, "alp_not_configured")
