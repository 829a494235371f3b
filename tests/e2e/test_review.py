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


# --- several into one ---


def merge(desk, into, entries, status=200, headers=None, query="", **fields):
    answer = desk.client.request("POST", f"/api/time_entries/merge{query}", json={"into": into["entry_id"], "entries": [e["entry_id"] for e in entries], **fields},
                                 headers=headers or {})
    assert answer.status == status, answer
    return answer.json()


def restore(desk, entry, status=200):
    answer = desk.client.put(f"/api/time_entries/{entry['entry_id']}/restore")
    assert answer.status == status, answer
    return answer.json()


def same_day(desk, count):
    """So many drafts of one day."""
    for date in {e["entry_date"] for e in desk.entries}:
        entries = [e for e in desk.entries if e["entry_date"] == date]
        if len(entries) >= count:
            return sorted(entries, key=lambda e: -e["total_seconds"])[:count]
    raise AssertionError("a day with few entries")


def reprocess(desk, date):
    answer = desk.client.post("/api/jobs/process", {"alp_user_id": desk.user, "date": date})
    assert desk.daemon.wait_job(answer.json()["job_id"])["state"] == "succeeded"


def test_what_is_merged_is_one_entry_whatever_comes_later(desk, sandbox):
    a, b, c = same_day(desk, 3)
    date, total = a["entry_date"], sum(e["total_seconds"] for e in (a, b, c))
    one = merge(desk, a, [b, c], task_description="All of it", matter_code="12345")
    assert (one["entry_id"], one["total_seconds"], one["task_description"], one["matter_code"]) == (a["entry_id"], total, "All of it", "12345")
    assert desk.get(a) == one and one["status"] == "pending" and one["merged_into"] is None
    assert [(desk.get(e)["status"], desk.get(e)["merged_into"], desk.get(e)["total_seconds"]) for e in (b, c)] == [("withdrawn", a["entry_id"], 0)] * 2
    desk.balanced()
    reprocess(desk, date)
    assert desk.get(a)["total_seconds"] == total and desk.get(b)["status"] == "withdrawn"
    rows = sandbox.day(user=desk.user, date=date)
    sandbox.put_day(desk.user, date, rows + [r._replace(time="23:50", seconds=60) for r in rows if (r.activity, r.document) in sources(desk, b)][:1])
    desk.daemon.fetch_and_wait(desk.user, desk.key, days=1, target_date=date)
    reprocess(desk, date)
    grown = desk.get(a)["total_seconds"]
    assert grown > total and desk.get(b)["total_seconds"] == 0, "later minutes of what was merged"
    desk.balanced()
    told = desk.client.get(f"/api/time_entries/{a['entry_id']}/explain").json()
    assert sum(r["seconds"] for r in told["rows"] if r["state"] != "gone") + told["seconds_left_out"] == grown, told


def sources(desk, entry):
    rows = desk.client.get(f"/api/time_entries/{entry['entry_id']}/explain").json()["rows"]
    return {(r["application"], r["title"]) for r in rows}


def test_a_merge_is_undone_one_by_one(desk):
    a, b, c = same_day(desk, 3)
    assert desk.client.patch(f"/api/time_entries/{b['entry_id']}", {"time_units": 9.5, "notes": "mine"}).status == 200
    one = merge(desk, a, [b, c])
    assert round(one["time_units"] * 10) == 95 + round(a["time_units"] * 10) + round(c["time_units"] * 10), "a person's units are not lost"
    back = restore(desk, b)
    assert (back["status"], back["merged_into"], back["total_seconds"], back["time_units"], back["notes"]) == ("pending", None, b["total_seconds"], 9.5, "mine")
    assert desk.get(a)["total_seconds"] == a["total_seconds"] + c["total_seconds"]
    assert round(desk.get(a)["time_units"] * 10) == round(a["time_units"] * 10) + round(c["time_units"] * 10)
    assert restore(desk, b)["revision"] == back["revision"], "twice is as good as once"
    assert restore(desk, c)["total_seconds"] == c["total_seconds"] and desk.get(a)["total_seconds"] == a["total_seconds"]
    desk.balanced()
    assert [r["action"] for r in desk.client.get("/api/audit", entry_id=a["entry_id"]).json()] == ["restore", "restore", "merge"]


def test_what_is_merged_again_goes_along(desk):
    a, b, c = same_day(desk, 3)
    total = sum(e["total_seconds"] for e in (a, b, c))
    merge(desk, b, [c])
    assert merge(desk, a, [b])["total_seconds"] == total
    assert desk.get(c)["merged_into"] == a["entry_id"]
    assert restore(desk, c)["total_seconds"] == c["total_seconds"] and desk.get(a)["total_seconds"] == total - c["total_seconds"]
    desk.balanced()


def test_a_part_goes_back_into_its_entry(desk, long):
    parts = split(desk, long, [{"share": 1}, {"share": 1}, {"share": 2}])
    back = merge(desk, parts[0], [parts[2], parts[1]])
    assert back["total_seconds"] == long["total_seconds"] and back["time_units"] == long["time_units"]
    assert [desk.get(p)["status"] for p in parts] == ["pending", "withdrawn", "withdrawn"]
    desk.balanced()
    again = split(desk, long, [{"share": 1}, {"share": 1}])
    assert again[1]["entry_id"] not in [p["entry_id"] for p in parts], "a new part is a new entry"


def test_what_is_confirmed_together_is_not_taken_apart(desk):
    a, b, c = same_day(desk, 3)
    one = merge(desk, a, [b])
    answer = desk.client.post("/api/processed_time_entries", {"original_entry_id": a["entry_id"], "time_units": a["time_units"]})
    assert answer.status == 201 and answer.json()["total_seconds"] == one["total_seconds"], "an old screen's number is of another time"
    answer = desk.client.put(f"/api/time_entries/{b['entry_id']}/restore")
    assert (answer.status, answer.json()["code"]) == (409, "entry_merged")
    assert merge(desk, c, [a], 409)["code"] == "entry_not_pending" and merge(desk, a, [c], 409)["code"] == "entry_not_pending"
    desk.balanced()
    assert desk.client.put(f"/api/processed_time_entries/{a['entry_id']}/revert").status == 200
    assert restore(desk, b)["total_seconds"] == b["total_seconds"]
    desk.balanced()


def test_what_cannot_be_merged_is_told(desk, new_user):
    a, b, c = same_day(desk, 3)
    other_day = next(e for e in desk.entries if e["entry_date"] != a["entry_date"])
    assert merge(desk, a, [other_day], 409)["code"] == "entry_other_day"
    assert merge(desk, a, [{"entry_id": 999999999}], 404)["code"] == "not_found"
    assert merge(desk, a, [b], 404, query=f"?alp_user_id={desk.user + 1000}")["code"] == "not_found"
    stranger = Desk(desk.daemon, new_user)
    assert merge(desk, a, [stranger.entries[0]], 404, query=f"?alp_user_id={desk.user}")["code"] == "not_found"
    assert merge(desk, a, [stranger.entries[0]], 409)["code"] == "entry_other_day", "the service may see both, and bills neither for the other"
    parts = split(desk, b, [{"share": 1}, {"share": 1}])
    assert merge(desk, a, [parts[1]], 409)["code"] == "entry_is_part" and merge(desk, parts[1], [a], 409)["code"] == "entry_is_part"
    assert desk.client.put(f"/api/time_entries/{c['entry_id']}/ignore").status == 200
    assert merge(desk, a, [c], 409)["code"] == "entry_not_pending"
    for entries, kind in (([a], "conflict"), ([], "too_short"), ([b, b], "not_unique"), ([{"entry_id": 0}], "out_of_range"), ([{"entry_id": "1"}], "wrong_type")):
        assert [e["type"] for e in merge(desk, a, entries, 422)["errors"]] == [kind], entries
    assert merge(desk, a, [parts[0]], 412, {"If-Match": '"x"'})["code"] == "entry_changed"
    assert desk.get(a) == a


def test_a_merge_under_its_key_happens_once(desk):
    a, b = same_day(desk, 2)
    first = merge(desk, a, [b], headers={"Idempotency-Key": "merge-1"})
    restore(desk, b)
    assert merge(desk, a, [b], headers={"Idempotency-Key": "merge-1"}) == first
    assert desk.get(b)["status"] == "pending"
