# SPDX-License-Identifier: Apache-2.0
"""What becomes of posted time in ALP comes back: invoiced, changed, written off, deleted, back again; and the proof of it."""
import base64
import hashlib
import hmac
import json
import time

import pytest

from lib import ctl, proc
from lib.truth import days_back

USER = 2
SECRET = b"x" * 32
OLD_SECRET = b"y" * 24
FAST = {"sync.fresh_ms": 200, "sync.missing_ms": 300, "sync.proof_hour": -1}


@pytest.fixture
def desk(make_alp_daemon, sandbox, tmp_path):
    """Calls give a daemon that is served by the sandbox's ALP, empty at the beginning, with secrets for its notifications."""
    def start(**settings):
        sandbox.control("DELETE", "alp-entries")
        secrets = tmp_path / "events-secret"
        secrets.touch(mode=0o600)
        secrets.write_text("".join(f"whsec_{base64.b64encode(s).decode()}\n" for s in (SECRET, OLD_SECRET)))
        daemon = make_alp_daemon({**FAST, "sync.events_secret_file": str(secrets), **{k.replace("__", ".", 1): v for k, v in settings.items()}})
        daemon.start()
        return Desk(daemon, sandbox)
    return start


class Desk:
    def __init__(self, daemon, sandbox):
        self.daemon, self.client, self.sandbox = daemon, daemon.client, sandbox
        self.date = days_back(sandbox.today(USER), 2)[0]

    def post(self, **fields):
        body = {"matter_component_id": 100011, "user_id": USER, "date": self.date, "units": 3, "description": "Advising on the lease", "rate": 35000,
                "billable_type": 1, "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": "", **fields}
        answer = self.client.request("POST", "/api/time_entries", json=body, headers={"Prefer": "wait=10"})
        assert answer.status == 201, answer
        return answer.json()

    def posting(self, posting_id):
        return self.client.get(f"/api/postings/{posting_id}").json()

    def prove(self):
        assert self.client.request("POST", "/api/alp/proof").status == 202

    def proofs(self, **query):
        answer = self.client.get("/api/alp/proof", **query)
        assert answer.status == 200, answer
        return answer.json()

    def comes_to(self, posting_id, alp_state, state="posted", seconds=15):
        """However it is told; the proof makes it look at once."""
        self.prove()
        return proc.wait_until(lambda: (p := self.posting(posting_id))["alp_state"] == alp_state and p["state"] == state and p, seconds,
                               f"{state}/{alp_state}, not {self.posting(posting_id)}")

    def change(self, posting, **what):
        self.sandbox.alp_change(posting["alp_entry_id"], **what)

    def notify(self, body, secret=SECRET, id="msg_1", when=None, signature=None, status=204):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = str(int(when if when is not None else time.time()))
        digest = hmac.new(secret, b".".join([id.encode(), stamp.encode(), text]), hashlib.sha256).digest()
        answer = self.client.request("POST", "/api/alp/events", body=text, headers={
            "Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": stamp,
            "webhook-signature": signature or "v1," + base64.b64encode(digest).decode()})
        assert answer.status == status, answer
        return answer

    def listings(self):
        return len([a for a in self.sandbox.alp_asked("GET") if "time_entries" in a.path])


def test_what_alp_says_of_it_comes_back(desk):
    d = desk()
    posting = d.post()
    assert posting["alp_state"] == "open"
    for status, word in (("invoiced", "invoiced"), ("written_off", "written_off"), ("open", "open")):
        d.change(posting, status=status)
        assert d.comes_to(posting["posting_id"], word)["differences"] == []
    d.change(posting, units=5)
    assert d.comes_to(posting["posting_id"], "changed")["differences"] == [{"field": "units", "ours": 3, "alp": 5}]
    d.change(posting, units=3, description="Something else")
    proc.wait_until(lambda: [x["field"] for x in d.posting(posting["posting_id"])["differences"]] == ["description"], what="the other difference")


@pytest.mark.parametrize("shown", [0, 1])
def test_deleted_and_back(desk, shown):
    d = desk()
    d.sandbox.alp_set(shows_deleted=shown)
    posting = d.post()
    d.change(posting, status="deleted")
    gone = d.comes_to(posting["posting_id"], "deleted", "gone")
    assert [s["to"] for s in gone["history"]][-1] == "gone"
    assert gone["history"][-1]["code"] == ("alp_deleted" if shown else "alp_missing")
    d.change(posting, status="open")
    back = d.comes_to(posting["posting_id"], "open")
    assert back["history"][-1]["code"] == "alp_back"


def test_half_a_listing_proves_nothing(desk):
    d = desk(alp__paging="page", alp__pages_max=2)
    d.sandbox.alp_set(paging="page")
    first, second = d.post(), d.post(units=4, matter_component_id=100012)
    d.sandbox.alp_set(paging="page", page_size=1)
    d.prove()
    asked = d.listings()
    proc.wait_until(lambda: d.listings() > asked + 2, what="listings")
    time.sleep(1)
    assert {d.posting(p["posting_id"])["state"] for p in (first, second)} == {"posted"}
    assert d.proofs(all="true") == []


def test_a_word_that_nobody_knows_changes_nothing(desk):
    d = desk(alp__open_words=["draft"])
    posting = d.post()
    d.prove()
    proc.wait_until(lambda: "open" in d.daemon.log() and "changes nothing" in d.daemon.log(), what="a line in the log")
    d.prove()
    d.change(posting, status="invoiced")
    assert d.comes_to(posting["posting_id"], "invoiced")
    assert d.daemon.log().count("changes nothing") == 1


def test_notifications_are_hints(desk):
    d = desk(sync__fresh_ms=86400000)
    posting = d.post()
    d.comes_to(posting["posting_id"], "open")
    d.change(posting, status="invoiced")
    before = d.listings()
    # What it says itself is not believed.
    d.notify({"type": "time_entry.changed", "data": {"id": int(posting["alp_entry_id"]), "status": "deleted"}})
    proc.wait_until(lambda: d.posting(posting["posting_id"])["alp_state"] == "invoiced", what="a look at once")
    seen = d.listings()
    assert seen > before
    d.change(posting, status="open")
    d.notify({"id": posting["alp_entry_id"]})  # the same id: known already
    d.notify({"id": "4711"}, id="msg_2")       # none of ours
    time.sleep(0.5)
    assert d.listings() == seen
    d.notify([{"user_id": USER, "date": d.date + "T00:00:00Z"}], id="msg_3", secret=OLD_SECRET)
    proc.wait_until(lambda: d.posting(posting["posting_id"])["alp_state"] == "open", what="a look at the day")


def test_who_does_not_sign_is_not_heard(desk):
    d = desk()
    assert d.notify({}, secret=b"z" * 32, status=401).json()["code"] == "bad_signature"
    assert d.notify({}, when=time.time() - 400, status=401).json()["code"] == "stale_timestamp"
    assert d.notify({}, signature="nothing", status=401).json()["code"] in ("not_signed", "bad_signature")
    assert d.client.request("POST", "/api/alp/events", json={}).json()["code"] == "not_signed"
    assert d.notify(b"{\"id\":", status=400).json()["code"] == "malformed_json"
    d.notify({}, id="msg_9")


def test_without_a_secret_none_is_taken(make_alp_daemon):
    daemon = make_alp_daemon()
    daemon.start()
    answer = daemon.client.request("POST", "/api/alp/events", json={})
    assert (answer.status, answer.json()["code"]) == (503, "alp_events_not_configured")


def test_the_proof_names_what_differs(desk):
    d = desk(sync__missing_ms=86400000)
    _, rounded, lost = d.post(), d.post(units=4, matter_component_id=100012), d.post(units=5, matter_component_id=100021)
    twin = d.post(units=6, matter_component_id=100022)
    d.prove()
    agrees, = proc.wait_until(lambda: d.proofs(all="true"), what="a proof")
    assert (agrees["posted_units"], agrees["alp_units"], agrees["differences"]) == (18, 18, [])
    assert d.proofs() == []
    d.change(rounded, units=7)
    d.change(lost, status="deleted")
    d.sandbox.alp_add(user=USER, date=d.date, component=100022, units=6, reference=twin["reference"])
    d.sandbox.alp_add(user=USER, date=d.date, component=100022, units=1, reference="99-0123abcd")
    d.sandbox.alp_add(user=USER, date=d.date, component=100022, units=9)
    d.prove()
    row = proc.wait_until(lambda: (rows := d.proofs(alp_user_id=USER)) and rows[0], what="a difference")
    why = {(x["why"], x["posting_id"], x["posted_units"], x["alp_units"]) for x in row["differences"]}
    assert ("units_differ", rounded["posting_id"], 4, 7) in why
    assert ("twice", twin["posting_id"], 6, 6) in why
    assert ("unknown_to_us", None, 0, 1) in why
    assert ("missing", lost["posting_id"], 5, 0) in why
    assert (row["posted_units"], row["alp_units"]) == (18, 3 + 7 + 6 + 6 + 1)
    assert "entries differ" in d.daemon.log()
    needs = proc.wait_until(lambda: (p := d.posting(twin["posting_id"]))["problem"] and p, what="somebody who looks")
    assert needs["problem"]["code"] == "twice_in_alp" and needs["state"] == "posted"
    table = ctl.run("alp", "proof", "--user", USER, *d.daemon.place())
    assert table.status == 0 and len(table.lines) == 5 and "units_differ" in table.out and "unknown_to_us" in table.out, table
    asked = ctl.run("alp", "prove", *d.daemon.place())
    assert asked.status == 0 and "being asked" in asked.out, asked
    assert d.proofs(alp_user_id=USER + 1) == [] and d.proofs(to="2000-01-01") == []


def test_an_alp_that_cannot_list_is_not_compared(desk):
    d = desk(alp__lists_entries="no")
    assert d.client.request("POST", "/api/alp/proof").json()["code"] == "alp_not_listed"
    assert d.daemon.log().count("cannot list entries") == 1


def test_an_alp_that_refuses_or_cannot_is_asked_again_later(desk):
    d = desk(sync__missing_ms=0)
    posting = d.post()
    d.sandbox.alp_set(lists_entries=0)
    d.prove()
    proc.wait_until(lambda: "listings failed" in d.daemon.log(), what="the end of a proof")
    d.sandbox.alp_set(lists_entries=1, key="another")
    d.prove()
    proc.wait_until(lambda: "nothing is compared with ALP" in d.daemon.log(), what="a pause")
    assert d.posting(posting["posting_id"])["state"] == "posted" and d.proofs(all="true") == []
    d.sandbox.alp_set(key=d.sandbox.alp_key)
    d.change(posting, status="invoiced")
    proc.wait_until(lambda: d.posting(posting["posting_id"])["alp_state"] == "invoiced", 20, "the proof goes on after the pause")


@pytest.fixture
def draft(desk, new_user, sandbox):
    """Calls give a desk, and posted drafts of a user of its own: [(entry_id, posting)]."""
    def make(count=1, **settings):
        d = desk(**settings)
        user, key = new_user()
        date = sandbox.today(user)
        job = d.client.post("/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key, "target_date": date, "process": True},
                            Prefer="wait=30")
        assert job.status == 202, job
        entries = proc.wait_until(lambda: len(e := d.client.get("/api/time_entries", alp_user_id=user).json()) >= count and e, what="drafts")
        d.date, d.user = date, user
        return d, entries[:count]
    return make


def post_draft(d, entry, component=100011):
    return d.post(entry_id=entry["entry_id"], date=entry["entry_date"], user_id=d.user, units=max(1, -int(-entry["time_units"] // 1)), description=entry["task_description"],
                  matter_component_id=component)


def test_what_is_invoiced_or_written_off_is_locked_and_what_is_deleted_is_free(draft):
    d, entries = draft(3)
    postings = [post_draft(d, e, 100011 + i) for i, e in enumerate(entries)]
    for posting, status, code in zip(postings, ("invoiced", "written_off"), ("entry_invoiced", "entry_written_off")):
        d.change(posting, status=status)
        d.comes_to(posting["posting_id"], status)
        answer = d.client.request("PUT", f"/api/processed_time_entries/{posting['entry_id']}/revert")
        assert (answer.status, answer.json()["code"]) == (409, code)
        again = d.client.post("/api/processed_time_entries", {"original_entry_id": posting["entry_id"], "task_description": "Other words"})
        assert (again.status, again.json()["code"]) == (409, code)
        bulk = d.client.post("/api/time_entries/bulk", [{"entry_id": posting["entry_id"], "action": "revert"}]).json()
        assert bulk[0]["status"] == 409 and code in str(bulk[0])
        shown = d.client.get(f"/api/time_entries/{posting['entry_id']}").json()["posting"]
        assert (shown["state"], shown["alp_state"], shown["differences"]) == ("posted", status, [])
    lost = postings[2]
    d.change(lost, units=9)
    d.comes_to(lost["posting_id"], "changed")
    row, = [p for p in d.client.get("/api/processed_time_entries", alp_user_id=d.user).json() if p["original_entry_id"] == lost["entry_id"]]
    assert row["posting"]["alp_state"] == "changed" and row["posting"]["differences"][0]["field"] == "units"
    assert d.client.request("PUT", f"/api/processed_time_entries/{lost['entry_id']}/revert").json()["code"] == "entry_posting"
    d.change(lost, status="deleted")
    d.comes_to(lost["posting_id"], "deleted", "gone")
    # It may be posted again, as another posting with another key.
    anew = post_draft(d, entries[2], 100013)
    assert anew["posting_id"] != lost["posting_id"] and anew["state"] == "posted"
    keys = [h.key for h in d.sandbox.alp_entries(d.user)]
    assert len(keys) == 4 == len(set(keys))
    # The first one comes back: that is no second posting, and somebody has to look.
    d.change(lost, status="open")
    d.prove()
    told = proc.wait_until(lambda: (p := d.posting(lost["posting_id"]))["problem"] and p, what="somebody who has to look")
    assert (told["state"], told["alp_state"], told["problem"]["code"]) == ("gone", "changed", "alp_back")
    why = proc.wait_until(lambda: (rows := d.proofs(alp_user_id=d.user)) and rows[0]["differences"], what="the difference")
    assert ("not_posted", lost["posting_id"]) in {(x["why"], x["posting_id"]) for x in why}
    assert d.posting(anew["posting_id"])["state"] == "posted"


def test_what_is_reverted_after_it_was_deleted_and_comes_back_is_not_posted_twice(draft):
    d, (entry,) = draft(1)
    posting = post_draft(d, entry)
    d.change(posting, status="deleted")
    d.comes_to(posting["posting_id"], "deleted", "gone")
    assert d.client.request("PUT", f"/api/processed_time_entries/{entry['entry_id']}/revert").status == 200
    d.change(posting, status="open")
    d.prove()
    proc.wait_until(lambda: d.posting(posting["posting_id"])["problem"], what="somebody who has to look")
    answer = d.client.request("POST", "/api/time_entries", headers={"Prefer": "wait=2"}, json={
        "matter_component_id": 100011, "user_id": d.user, "date": entry["entry_date"], "units": 3, "description": "Again", "rate": 35000, "billable_type": 1,
        "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": "", "entry_id": entry["entry_id"]})
    assert answer.json()["posting_id"] == posting["posting_id"], answer
    assert len(d.sandbox.alp_entries(d.user)) == 1
    # Who confirms it again says that it is right as it stands in ALP.
    assert d.client.post("/api/processed_time_entries", {"original_entry_id": entry["entry_id"]}).status == 201
    assert d.comes_to(posting["posting_id"], "open")["problem"] is None


def test_a_change_is_told_to_watchers_and_stands_in_the_audit(draft):
    d, (entry,) = draft(1)
    hook = d.client.post("/api/webhooks", {"url": "https://hooks.example.org/alp", "events": ["entry.status_changed"]}).json()
    posting = post_draft(d, entry)
    d.change(posting, status="invoiced")
    d.comes_to(posting["posting_id"], "invoiced")
    message, = d.client.get(f"/api/webhooks/{hook['webhook_id']}/deliveries").json()
    assert message["event"] == "entry.status_changed", message
    rows = [r for r in d.client.get("/api/audit", entry_id=entry["entry_id"], action="alp_state").json()]
    assert [(r["actor"], r["before"]["alp_state"], r["after"]["alp_state"]) for r in rows] == [("alp", "open", "invoiced")]
