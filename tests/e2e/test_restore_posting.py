# SPDX-License-Identifier: Apache-2.0
"""A backup that is older than the last postings is put back: what was posted since is in ALP, and no word of it is known here. Nothing is billed twice."""
import subprocess

import pytest

from lib import ctl, proc
from lib.build import RTALPCTL
from lib.truth import days_back

USER = 2
DAEMON = {"posting.look_1_ms": 20, "posting.look_2_ms": 50, "posting.look_3_ms": 100, "posting.look_4_ms": 100, "posting.look_5_ms": 200,
          "posting.retry_ms": 20, "posting.retry_max_ms": 100, "alp.lists_fresh": "yes",
          "alp.answer_timeout_ms": 2000, "alp.breaker_failures": 1000}
# What ALP is like, and what the configuration says of it.
ALPS = {
    "keeps references": ({"honours_key": 0}, {"alp.keeps_reference": "yes"}),
    "shows references in notes": ({"honours_key": 0, "reference": ""}, {"alp.reference_field": "", "posting.reference_in_notes": "yes",
                                                                        "alp.keeps_reference": "yes"}),
    "has no references": ({"honours_key": 0, "reference": ""}, {"alp.reference_field": "", "alp.keeps_reference": "no"}),
    "cannot be listed": ({"honours_key": 0, "lists_entries": 0}, {"alp.lists_entries": "no", "alp.lists_fresh": "no"}),
}


@pytest.fixture(params=ALPS)
def firm(request, make_alp_daemon, sandbox):
    alp, settings = ALPS[request.param]
    sandbox.control("DELETE", "alp-entries")
    sandbox.alp_set(**alp)
    daemon = make_alp_daemon({**DAEMON, **settings})
    daemon.start()
    return Firm(request.param, daemon, sandbox)


class Firm:
    def __init__(self, kind, daemon, sandbox):
        self.kind, self.daemon, self.sandbox = kind, daemon, sandbox
        self.date = days_back(sandbox.today(USER), 2)[0]
        self.lists, self.refers = kind != "cannot be listed", "references" in kind and "no references" not in kind

    @property
    def client(self):
        return self.daemon.client

    def ctl(self, *arguments):
        return ctl.run("--socket", self.daemon.socket_path, *arguments)

    def post(self, component, description, key=None, wait=10, **more):
        body = {"matter_component_id": component, "user_id": USER, "date": self.date, "units": 2, "description": description, "rate": 35000,
                "billable_type": 1, "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": "", **more}
        headers = {"Prefer": f"wait={wait}", **({"Idempotency-Key": key} if key else {})}
        answer = self.client.request("POST", "/api/time_entries", json=body, headers=headers)
        assert answer.status in (201, 202), answer
        return answer.json()["posting_id"]

    def posting(self, posting_id):
        return self.client.get(f"/api/postings/{posting_id}").json()

    def comes_to(self, posting_id, *states):
        return proc.wait_until(lambda: (p := self.posting(posting_id))["state"] in states and p, 15, lambda: f"{states}: {self.posting(posting_id)}")

    def held_by_alp(self):
        return sorted(h.description for h in self.sandbox.alp_entries() if h.exists)

    def restore(self, path):
        self.daemon.stop()
        done = subprocess.run([RTALPCTL, "restore", "--config", self.daemon.conf, path], capture_output=True, text=True, timeout=60, env=ctl.environment())
        assert done.returncode == 0, done
        self.daemon.start()

    def is_there(self, posting):
        """What a person says who looks at ALP."""
        alp_id = next(h.id for h in self.sandbox.alp_entries() if h.description == posting["request"]["description"])
        answer = self.client.post(f"/api/postings/{posting['posting_id']}/resolve", {"decision": "is_there", "alp_entry_id": str(alp_id)})
        assert answer.status == 200, answer


def test_nothing_is_posted_twice_for_an_old_backup(firm):
    daemon, sandbox = firm.daemon, firm.sandbox
    key = sandbox.key(USER)
    daemon.fetch_and_wait(USER, key, days=3)
    draft = daemon.entries(USER, date=firm.date)[0]
    before = firm.post(100011, "Posted before the backup")
    assert firm.posting(before)["state"] == "posted"
    # One that waits in the backup, and goes out after it.
    sandbox.alp_fault("status", status=429, count=1000000)
    waiting = firm.post(100012, "Waiting in the backup", wait=0)
    backup = daemon.directory / "backups" / firm.ctl("backup", "--json").json()["name"]
    assert firm.posting(waiting)["state"] in ("ready", "sending")
    sandbox.control("DELETE", "faults")
    firm.comes_to(waiting, "posted")
    since = firm.post(100013, "Posted since, with a key", key="the-clients-own")
    words = {"component": 100021, "description": draft["task_description"], "entry_id": draft["entry_id"], "units": max(1, round(draft["alp_units"]))}
    of_entry = firm.post(**words)
    for posting in (since, of_entry):
        firm.comes_to(posting, "posted")
    truth = firm.held_by_alp()
    assert len(truth) == 4 and len(set(truth)) == 4, truth

    firm.restore(backup)
    ready = firm.client.get("/readyz").json()
    assert ready["status"] == "ready" and "posting_held" in str(ready), ready
    daemon.wait_log("was put back from a backup: nothing is posted")
    # Everybody asks again for what they miss, as they would: the same draft, the same request with the same key, and the one that waited.
    again = [firm.post(100013, "Posted since, with a key", key="the-clients-own", wait=0), firm.post(**words, wait=0), waiting]
    fresh = firm.post(100014, "Never posted before", wait=0)
    assert min(again[0], again[1], fresh) > 1000000000
    held = firm.ctl("posting", "held", "--json").json()
    assert held["held"] and held["went_on_at"] is None
    # While it is held, nothing goes out, however long.
    if firm.lists:
        proc.wait_until(lambda: firm.ctl("posting", "held", "--json").json()["examined_at"], 15, "the comparison with ALP")
        named = [d for day in firm.ctl("posting", "held", "--json").json()["unknown"] for d in day["differences"]]
        missing = {h.id for h in sandbox.alp_entries() if h.description in ("Posted since, with a key", draft["task_description"])}
        assert missing <= {d["alp_entry_id"] for d in named}, named
    else:
        refused = firm.ctl("posting", "go-on")
        assert refused.status == ctl.FAILED and "unexamined" in refused.err
    assert firm.held_by_alp() == truth
    assert {firm.posting(p)["state"] for p in (*again[:2], fresh)} == {"ready"} # the third may have been under way in the backup: it is looked for

    went_on = firm.ctl("posting", "go-on", *([] if firm.lists else ["--unexamined"]), "--json").json()
    assert not went_on["held"] and "posting_held" not in str(firm.client.get("/readyz").json())
    for posting in again[:2]:
        p = firm.comes_to(posting, "needs_person")
        assert p["problem"]["code"] == "restored", p
        if firm.lists:
            assert [c["description"] for c in p["evidence"]["candidates"]] == [p["request"]["description"]], p
        firm.is_there(p)
    p = firm.comes_to(waiting, "posted" if firm.refers else "needs_person")
    if not firm.refers:
        firm.is_there(p)
    # What cannot be there is posted; where nobody can look, a person says so.
    p = firm.comes_to(fresh, "posted" if firm.lists else "needs_person")
    if not firm.lists:
        assert firm.client.post(f"/api/postings/{fresh}/resolve", {"decision": "is_not_there"}).status == 200
    for posting in (*again, fresh, before):
        firm.comes_to(posting, "posted")
    assert firm.held_by_alp() == sorted([*truth, "Never posted before"])
    assert firm.ctl("check").status == ctl.OK
    # A restart holds nothing any more.
    daemon.restart()
    assert "posting_held" not in str(firm.client.get("/readyz").json())
    assert firm.held_by_alp() == sorted([*truth, "Never posted before"])


def test_one_that_was_ruled_out_is_sent(firm):
    """A person says that what ALP has is not it: it is sent then, once."""
    backup = firm.daemon.directory / "backups" / firm.ctl("backup", "--json").json()["name"]
    firm.comes_to(firm.post(100011, "Somebody else's work"), "posted")
    firm.restore(backup)
    assert firm.ctl("posting", "go-on", "--unexamined").status == ctl.OK
    posting = firm.post(100011, "Work of mine", wait=0)
    firm.comes_to(posting, "needs_person")
    assert firm.client.post(f"/api/postings/{posting}/resolve", {"decision": "is_not_there"}).status == 200
    firm.comes_to(posting, "posted")
    assert firm.held_by_alp() == ["Somebody else's work", "Work of mine"]
