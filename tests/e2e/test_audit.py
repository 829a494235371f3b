# SPDX-License-Identifier: Apache-2.0
"""The audit: who changed which entry, when, and what it said before and after; nothing of it can be changed behind the daemon's back."""
import hashlib
import struct

import pytest

from lib.callers import make_token
from lib.client import Client
from lib.truth import days_back

DRAFT = ("entry_date", "application", "task_description", "time_units", "matter_code", "notes", "source_hash")


class Desk:
    """A user with entries, and what the audit says of them."""

    def __init__(self, daemon, new_user):
        self.daemon, self.client = daemon, daemon.client
        self.user, key = new_user()
        daemon.fetch_and_wait(self.user, key)
        self.entries = daemon.entries(self.user)

    def audit(self, client=None, **query):
        answer = (client or self.client).get("/api/audit", **{"alp_user_id": self.user, **query})
        assert answer.status == 200, answer
        return answer.json()

    def newest(self, **query):
        return self.audit(**query)[0]


@pytest.fixture
def desk(daemon, new_user):
    return Desk(daemon, new_user)


def confirm(desk, entry, **fields):
    answer = desk.client.post("/api/processed_time_entries", {"original_entry_id": entry["entry_id"], **{n: entry[n] for n in DRAFT}, **fields})
    assert answer.status in (200, 201), answer
    return answer.json()


def test_every_action_leaves_a_row_that_says_what_differs(desk):
    entry = desk.entries[0]
    path = f"/api/time_entries/{entry['entry_id']}"
    assert desk.audit() == [], "the machine's own work is in the jobs' history"
    assert desk.client.request("PATCH", path, json={"notes": "by telephone", "time_units": 2.5}).status == 200
    row = desk.newest()
    assert (row["action"], row["actor"], row["actor_id"], row["actor_name"]) == ("edit", "local", None, None)
    assert (row["alp_user_id"], row["entry_id"], row["posting_id"]) == (desk.user, entry["entry_id"], None)
    assert row["before"] == {"time_units": entry["time_units"], "notes": None} and row["after"] == {"time_units": 2.5, "notes": "by telephone"}
    assert desk.client.put(f"{path}/ignore").status == 200
    assert desk.newest()["action"] == "ignore" and desk.newest()["after"] == {"status": "ignored"}
    assert desk.client.put(f"{path}/restore").status == 200
    assert (desk.newest()["action"], desk.newest()["before"]) == ("restore", {"status": "ignored"})
    confirm(desk, desk.client.get(path).json(), task_description="Advice")
    row = desk.newest()
    assert row["action"] == "confirm" and row["before"] == {"status": "pending", "task_description": entry["task_description"]}
    assert row["after"] == {"status": "submitted", "task_description": "Advice"}
    assert desk.client.put(f"/api/processed_time_entries/{entry['entry_id']}/revert").status == 200
    assert (desk.newest()["action"], desk.newest()["after"]) == ("revert", {"status": "pending"})
    assert [r["action"] for r in desk.audit(entry_id=entry["entry_id"])] == ["revert", "confirm", "restore", "ignore", "edit"]


def test_what_changes_nothing_or_is_refused_leaves_none(desk):
    entry = desk.entries[0]
    path = f"/api/time_entries/{entry['entry_id']}"
    confirm(desk, entry)
    before = desk.audit()
    confirm(desk, entry)
    assert desk.client.put(f"{path}/ignore").status == 409
    assert desk.client.request("PATCH", path, json={"notes": "no"}).status == 409
    assert desk.client.request("PATCH", f"/api/time_entries/{desk.entries[1]['entry_id']}", json={}).status == 200
    assert desk.client.put("/api/time_entries/999999999/ignore").status == 404
    assert desk.audit() == before


def test_lists_are_paged_and_filtered(desk):
    for n, entry in enumerate(desk.entries[:3]):
        for status in ("ignored", "pending"):
            assert desk.client.request("PATCH", f"/api/time_entries/{entry['entry_id']}", json={"status": status}).status == 200
    whole = desk.audit()
    assert [r["audit_id"] for r in whole] == sorted((r["audit_id"] for r in whole), reverse=True)
    assert len(whole) == 2 * len(desk.entries[:3])
    assert desk.audit(action="ignore") == [r for r in whole if r["action"] == "ignore"]
    assert desk.audit(**{"from": whole[0]["at"]}) == [r for r in whole if r["at"] >= whole[0]["at"]]
    assert desk.audit(to=whole[-1]["at"]) == []
    seen, path = [], f"/api/audit?alp_user_id={desk.user}&limit=2"
    while path:
        answer = desk.client.request("GET", path)
        seen += answer.json()
        link = answer.headers.get("Link")
        path = link.split(">")[0].split("<")[1] if link else None
    assert seen == whole


def test_an_operator_sees_who_but_not_what_and_tokens_go_by_name(make_daemon, new_user):
    daemon = make_daemon().start()
    desk = Desk(daemon, new_user)
    root = Client(path=str(daemon.socket_path))
    number, service = make_token(root, "service", name="ALP back end")
    operator = make_token(root, "operator")[1]
    alp = Client(daemon.port, token=service)
    assert alp.request("PATCH", f"/api/time_entries/{desk.entries[0]['entry_id']}", json={"notes": "secret words"}).status == 200
    row = desk.newest(client=alp)
    assert (row["actor"], row["actor_id"], row["actor_name"]) == ("token", number, "ALP back end")
    assert row["after"] == {"notes": "secret words"}
    answer = Client(daemon.port, token=operator).get("/api/audit")
    assert answer.status == 200 and b"secret words" not in answer.body
    told = [r for r in answer.json() if r["audit_id"] == row["audit_id"]]
    assert told == [{**row, "before": None, "after": None}]


def test_who_runs_the_machine_is_written_down_before_being_shown_entries(make_daemon, new_user):
    daemon = make_daemon().start()
    desk = Desk(daemon, new_user)
    entry, date = desk.entries[0]["entry_id"], desk.entries[0]["entry_date"]
    desk.client.get(f"/api/time_entries/{entry}")
    assert desk.audit() == [], "over loopback without tokens everybody is the one user there is"
    root = Client(path=str(daemon.socket_path))
    looks = [("entries_get", f"/api/time_entries/{entry}"), ("entries_list", f"/api/time_entries?alp_user_id={desk.user}"),
             ("entries_explain", f"/api/time_entries/{entry}/explain"), ("confirmed_list", f"/api/processed_time_entries?alp_user_id={desk.user}"),
             ("reports_day", f"/api/reports/day?alp_user_id={desk.user}&date={date}"),
             ("reports_range", f"/api/reports/range?alp_user_id={desk.user}&from={date}&to={date}")]
    for name, path in looks + looks:  # the second time it is answered from what was answered before
        assert root.request("GET", path).status == 200
        row = desk.client.get("/api/audit", action="read").json()[0]
        assert (row["action"], row["actor"], row["actor_name"]) == ("read", "socket", None) and row["actor_id"] >= 0
        assert row["after"]["operation"] == name and row["entry_id"] == (entry if "explain" in path or "?" not in path else None)
        assert row["alp_user_id"] == (desk.user if "?" in path else None)
    count = len(desk.client.get("/api/audit").json())
    assert count == 2 * len(looks)
    assert root.request("PATCH", f"/api/time_entries/{entry}", json={}).status == 200
    assert (desk.newest()["action"], desk.newest()["actor"], desk.newest()["entry_id"]) == ("read", "socket", entry), "a change of nothing is a look"
    service = make_token(root, "service")[1]
    assert Client(path=str(daemon.socket_path), token=service).request("GET", looks[0][1]).status == 200
    assert len(root.get("/api/audit").json()) == count + 2, "a token says who it is by itself; the second is this look"


def test_postings_and_the_audit_show_what_is_in_entries_so_they_are_looks_too(make_alp_daemon, sandbox):
    sandbox.control("DELETE", "alp-entries")
    daemon = make_alp_daemon().start()
    made = daemon.client.post("/api/time_entries", {"matter_component_id": 100011, "user_id": 2, "date": days_back(sandbox.today(2), 2)[0], "units": 3,
                                                     "description": "words of a client", "rate": 35000, "billable_type": 1, "gst_type": 1})
    assert made.status in (201, 202), made
    root, number = Client(path=str(daemon.socket_path)), made.json()["posting_id"]
    looks = [("postings_list", "/api/postings?alp_user_id=2", 2, None), ("postings_get", f"/api/postings/{number}", None, number),
             ("audit_list", "/api/audit?entry_id=1", None, None)]
    for name, path, user, posting in looks:
        answer = root.request("GET", path)
        assert answer.status == 200 and (b"words of a client" in answer.body) == (name != "audit_list"), path
        row = daemon.client.get("/api/audit", action="read").json()[0]
        assert row["actor"] == "socket" and row["after"]["operation"] == name, path
        assert (row["alp_user_id"], row["posting_id"], row["entry_id"]) == (user, posting, 1 if "entry_id" in path else None), path


def rows_of(daemon):
    return daemon.query("SELECT audit_id, at_ms, actor_kind, actor_id, action, alp_user_id, entry_id, posting_id, actor_name, contents_hash, link "
                        "FROM audit ORDER BY audit_id")


def text(value):
    return struct.pack("<q", -1) if value is None else struct.pack("<q", len(value.encode())) + value.encode()


def test_the_chain_is_what_the_header_says_and_survives_a_crash(make_daemon, new_user):
    daemon = make_daemon().start()
    desk = Desk(daemon, new_user)
    for n in range(10):
        assert desk.client.request("PATCH", f"/api/time_entries/{desk.entries[0]['entry_id']}", json={"notes": f"note {n}"}).status == 200
        if n == 4:
            daemon.kill()
            daemon.start()
            desk.client = daemon.client
    rows = rows_of(daemon)
    assert [r[0] for r in rows] == list(range(1, 11))
    link = bytes(32)
    contents = {r[0]: r[1:] for r in daemon.query("SELECT audit_id, salt, before, after FROM audit_contents")}
    for row in rows:
        salt, before, after = contents[row[0]]
        inner = hashlib.blake2b(salt + text(before) + text(after), digest_size=32).digest()
        assert inner == row[9]
        link = hashlib.blake2b(link + b"".join(struct.pack("<q", n) for n in row[:8]) + text(row[8]) + inner, digest_size=32).digest()
        assert link == row[10]
    assert desk.newest()["link"] == link.hex()
