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


# --- one into several ---


def split(desk, entry, parts, status=200, headers=None):
    answer = desk.client.request("POST", f"/api/time_entries/{entry['entry_id']}/split", json=parts, headers=headers or {})
    assert answer.status == status, answer
    return answer.json()


@pytest.fixture
def long(desk):
    """A draft of the user's with time to divide."""
    return max(desk.entries, key=lambda e: e["total_seconds"])


def test_a_draft_is_split_to_the_second_and_later_minutes_are_its_own(desk, long, sandbox):
    total, date = long["total_seconds"], long["entry_date"]
    parts = split(desk, long, [{"seconds": total - 60, "matter_code": "12345"}, {"seconds": 60, "task_description": "Telephone", "notes": "client"}])
    assert [p["total_seconds"] for p in parts] == [total - 60, 60]
    assert parts[0]["entry_id"] == long["entry_id"] and parts[1]["supplement_of"] == long["entry_id"] and parts[0]["supplement_of"] is None
    assert [p["matter_code"] for p in parts] == ["12345", long["matter_code"]]
    assert [p["task_description"] for p in parts] == [long["task_description"], "Telephone"] and [p["notes"] for p in parts] == [None, "client"]
    assert sum(round(p["time_units"] * 10) for p in parts) == round(long["time_units"] * 10)
    assert [desk.get(p) for p in parts] == parts
    desk.balanced()
    rows = sandbox.day(user=desk.user, date=date)
    sandbox.put_day(desk.user, date, rows + [r._replace(time="23:50", seconds=33) for r in rows if r.document in long["task_description"]][:1])
    desk.daemon.fetch_and_wait(desk.user, desk.key, days=1, target_date=date)
    desk.balanced()
    assert desk.get(parts[1])["total_seconds"] == 60 and desk.get(parts[0])["total_seconds"] >= total - 60


def test_shares_are_spread_and_what_a_person_set_goes_along(desk, long):
    total = long["total_seconds"]
    assert desk.client.patch(f"/api/time_entries/{long['entry_id']}", {"time_units": 9.1}).status == 200
    parts = split(desk, long, [{"share": 1}, {"share": 1}, {"share": 1}])
    assert sum(p["total_seconds"] for p in parts) == total and max(p["total_seconds"] for p in parts) - min(p["total_seconds"] for p in parts) <= 1
    assert sum(round(p["time_units"] * 10) for p in parts) == 91 and len({p["entry_id"] for p in parts}) == 3
    again = split(desk, parts[2], [{"share": 3}, {"share": 1}])
    assert sum(p["total_seconds"] for p in again) == parts[2]["total_seconds"] and again[1]["supplement_of"] == long["entry_id"]
    desk.balanced()
    told = desk.bulk([of(p, "confirm") for p in (parts[0], parts[1], *again)])
    assert [t["status"] for t in told] == [201] * 4
    assert sum(t["entry"]["total_seconds"] for t in told) == total
    desk.balanced()


def test_a_screen_that_is_older_than_the_split_freezes_no_second_twice(desk, long):
    old = long["time_units"]
    parts = split(desk, long, [{"share": 1}, {"share": 1}])
    answer = desk.client.post("/api/processed_time_entries", {"original_entry_id": long["entry_id"], "time_units": old})
    assert answer.status == 201 and answer.json()["total_seconds"] == parts[0]["total_seconds"], answer
    desk.balanced()
    assert desk.daemon.balance(desk.user, long["entry_date"])["overhang_seconds"] == 0


def test_what_cannot_be_split_is_told(desk, long):
    total = long["total_seconds"]
    wrong = [([{"seconds": total}, {"seconds": 1}], "not_the_sum"), ([{"seconds": total}], "too_short"), ([], "too_short"),
             ([{"seconds": 1}, {"share": 1}], "conflict"), ([{"seconds": 1, "share": 1}, {"seconds": 1}], "conflict"), ([{}, {"share": 1}], "missing"),
             ([{"share": 1000000}, *[{"share": 1}] * 19], "part_empty"), ([{"share": 1}] * 21, "too_long"), ([{"seconds": 0}, {"seconds": total}], "out_of_range")]
    for parts, kind in wrong:
        told = split(desk, long, parts, 422)
        assert kind in [e["type"] for e in told["errors"]], (parts, told)
    assert f"{total}" in split(desk, long, [{"seconds": total}, {"seconds": 1}], 422)["errors"][0]["msg"]
    assert desk.get(long) == long
    tag = desk.client.get(f"/api/time_entries/{long['entry_id']}").headers["ETag"]
    assert desk.client.patch(f"/api/time_entries/{long['entry_id']}", {"notes": "x"}).status == 200
    assert split(desk, long, [{"share": 1}, {"share": 1}], 412, {"If-Match": tag})["code"] == "entry_changed"
    assert desk.client.put(f"/api/time_entries/{long['entry_id']}/ignore").status == 200
    assert split(desk, long, [{"share": 1}, {"share": 1}], 409)["code"] == "entry_ignored"


def test_a_split_under_its_key_happens_once_and_is_written_down(desk, long):
    headers = {"Idempotency-Key": "split-1"}
    first = split(desk, long, [{"share": 1}, {"share": 1}], headers=headers)
    assert split(desk, long, [{"share": 1}, {"share": 1}], headers=headers) == first
    rows = desk.client.get("/api/audit", alp_user_id=desk.user).json()
    assert [(r["action"], r["entry_id"], r["before"] is None) for r in rows] == [
        ("split", first[1]["entry_id"], True), ("split", first[0]["entry_id"], False)]
    assert rows[1]["before"]["total_seconds"] == long["total_seconds"]
    assert rows[0]["after"]["total_seconds"] + rows[1]["after"]["total_seconds"] == long["total_seconds"]
