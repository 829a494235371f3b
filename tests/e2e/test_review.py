# SPDX-License-Identifier: Apache-2.0
"""Review actions on many entries at once: each is done or refused as it would be by itself, and what holds for one holds for all."""
import pytest

from lib.truth import assert_balanced


class Desk:
    def __init__(self, daemon, new_user):
        self.daemon, self.client = daemon, daemon.client
        self.user, self.key = new_user()
        daemon.fetch_and_wait(self.user, self.key)
        self.entries = daemon.entries(self.user)

    def bulk(self, items, status=200, headers=None, **query):
        path = "/api/time_entries/bulk" + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")
        answer = self.client.request("POST", path, json=items, headers=headers or {})
        assert answer.status == status, answer
        return answer.json()

    def get(self, entry):
        answer = self.client.get(f"/api/time_entries/{entry['entry_id']}")
        assert answer.status == 200, answer
        return answer.json()

    def balanced(self):
        for date in {e["entry_date"] for e in self.entries}:
            assert_balanced(self.daemon.balance(self.user, date))


@pytest.fixture
def desk(daemon, new_user):
    return Desk(daemon, new_user)


def of(entry, action, **fields):
    return {"entry_id": entry["entry_id"], "action": action, **fields}


def test_each_item_is_answered_as_by_itself(desk):
    a, b, c, d, e = desk.entries[:5]
    told = desk.bulk([of(a, "edit", notes="by telephone", time_units=2.5), of(b, "ignore"), of(c, "confirm", task_description="Advice", entry_date=c["entry_date"]),
                      of(d, "confirm", entry_date="2001-01-01"), of(e, "restore"), of(c, "ignore"), {"entry_id": 999999999, "action": "ignore"}])
    assert [(t["entry_id"], t["status"], t["code"]) for t in told] == [
        (a["entry_id"], 200, None), (b["entry_id"], 200, None), (c["entry_id"], 201, None), (d["entry_id"], 409, "entry_date_differs"),
        (e["entry_id"], 200, None), (c["entry_id"], 409, "entry_submitted"), (999999999, 404, "not_found")]
    for item, entry in zip(told, (a, b, c, None, e, None, None)):
        assert (item["entry"] is None) == (entry is None) == (item["etag"] is None)
        if entry is not None:
            now = desk.get(entry)
            assert item["entry"] == now
    assert [desk.get(x)["status"] for x in (a, b, c, d, e)] == ["pending", "ignored", "submitted", "pending", "pending"]
    assert (desk.get(a)["notes"], desk.get(a)["time_units"]) == ("by telephone", 2.5)
    assert [t["status"] for t in desk.bulk([of(c, "revert"), of(b, "revert"), of(b, "restore")])] == [200, 409, 200]
    assert desk.get(c)["task_description"] == "Advice" and desk.get(c)["status"] == "pending"
    desk.balanced()


def test_items_see_those_before_them_and_tags_are_honoured(desk):
    a, b = desk.entries[:2]
    first = desk.bulk([of(a, "edit", notes="1"), of(b, "edit", notes="1")])
    told = desk.bulk([of(a, "edit", notes="2", if_match=first[0]["etag"]), of(a, "edit", notes="3", if_match=first[0]["etag"]),
                      of(b, "edit", notes="2", if_match='"another"')])
    assert [(t["status"], t["code"]) for t in told] == [(200, None), (412, "entry_changed"), (412, "entry_changed")]
    assert desk.get(a)["notes"] == "2" and desk.get(b)["notes"] == "1"


def test_wrong_items_are_all_named_and_nothing_is_done(desk):
    a = desk.entries[0]
    told = desk.bulk([of(a, "ignore"), of(a, "ignore", notes="x"), of(a, "edit", entry_date=a["entry_date"]), {"entry_id": 0, "action": "burn"}, {}], 422)
    assert [(tuple(e["loc"]), e["type"]) for e in told["errors"]] == [
        (("body", "1", "notes"), "not_taken"), (("body", "2", "entry_date"), "not_taken"), (("body", "3", "entry_id"), "out_of_range"),
        (("body", "3", "action"), "unknown_choice"), (("body", "4", "entry_id"), "missing"), (("body", "4", "action"), "missing")]
    assert desk.get(a)["status"] == "pending"
    told = desk.bulk([of(a, "edit", notes=str(n)) for n in range(201)], 422)
    assert [e["type"] for e in told["errors"]] == ["too_long"] and desk.get(a)["notes"] is None
    assert len(desk.bulk([of(a, "edit", notes=str(n)) for n in range(200)])) == 200 and desk.get(a)["notes"] == "199"
    assert desk.bulk([]) == []
    desk.bulk({"entry_id": 1}, 422)


def test_sent_again_under_its_key_it_happens_once(desk):
    a, b = desk.entries[:2]
    items = [of(a, "edit", notes="once"), of(b, "confirm", entry_date="2001-01-01")]
    first = desk.bulk(items, headers={"Idempotency-Key": "bulk-1"})
    assert desk.client.put(f"/api/time_entries/{a['entry_id']}/ignore").status == 200
    again = desk.client.request("POST", "/api/time_entries/bulk", json=items, headers={"Idempotency-Key": "bulk-1"})
    assert again.json() == first and again.headers["Idempotent-Replay"] == "true"
    assert desk.get(a)["status"] == "ignored" and desk.get(a)["revision"] == first[0]["entry"]["revision"] + 1
    assert [r["action"] for r in desk.client.get("/api/audit", entry_id=a["entry_id"]).json()] == ["ignore", "edit"]


def test_what_is_anothers_does_not_exist(desk, new_user):
    a = desk.entries[0]
    told = desk.bulk([of(a, "ignore")], alp_user_id=desk.user + 1000)
    assert [(t["status"], t["code"], t["entry"]) for t in told] == [(404, "not_found", None)]
    assert desk.get(a)["status"] == "pending"
    assert desk.bulk([of(a, "ignore")], alp_user_id=desk.user)[0]["status"] == 200
