# SPDX-License-Identifier: Apache-2.0
"""The n-th allocation of the daemon fails, whoever makes it: it dies of it, by abort(). Started again,
it has everything that it acknowledged.

Ordinarily some n, spread over a round of work; RTALP_SWEEP=full tries each eighth or so."""
import base64
import http.client
import os
import signal

import pytest

from lib import proc
from lib.build import SANITIZED
from lib.killer import Starver
from lib.truth import assert_balanced, days_back

pytestmark = pytest.mark.skipif(SANITIZED, reason="a sanitizer's runtime has an allocator of its own")

ROUNDS = 400 if os.environ.get("RTALP_SWEEP") == "full" else 10
USER = 2

class Desk:
    """A round of work, and what was acknowledged in it."""

    def __init__(self, daemon, sandbox, key):
        self.daemon, self.sandbox, self.key = daemon, sandbox, key
        self.date = days_back(sandbox.today(USER), 2)[0]
        self.jobs, self.notes, self.postings, self.refused = [], {}, [], 0

    def ask(self, method, path, body=None, good=(200, 201, 202)):
        answer = self.daemon.client.request(method, path, json=body)
        if answer.status in good:
            return answer.json()
        assert answer.status in (500, 502, 503), answer
        self.refused += 1
        return None

    def round(self, n):
        """Each of its parts comes first in turn: what comes late is seldom reached."""
        parts = [self.fetch, self.edit, self.post]
        for part in parts[n % 3:] + parts[:n % 3]:
            part(n)

    def fetch(self, _):
        job = self.ask("POST", "/api/jobs/fetch", {"alp_user_id": USER, "rescue_time_api_key": self.key, "days": 2})
        if job:
            self.jobs.append(job["job_id"])
            proc.wait_until(lambda: (self.ask("GET", f"/api/jobs/{job['job_id']}") or {}).get("finished_at"), 30, "the end of the job")

    def edit(self, n):
        entries = self.ask("GET", f"/api/time_entries?alp_user_id={USER}&date={self.date}")
        for entry in (entries or [])[:2]:
            # Until it is acknowledged, it may be there or not.
            possible = self.notes.setdefault(entry["entry_id"], [entry["notes"]])
            possible.append(f"note {n}")
            if self.ask("PATCH", f"/api/time_entries/{entry['entry_id']}", {"notes": f"note {n}"}):
                del possible[:-1]

    def post(self, n):
        posting = self.ask("POST", "/api/time_entries", {
            "matter_component_id": 100011, "user_id": USER, "date": self.date, "units": 3, "description": f"Advising {n}", "rate": 35000, "billable_type": 1,
            "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": ""})
        if posting:
            self.postings.append(posting["posting_id"])

    def all_there(self):
        for job_id in self.jobs[-3:]:
            assert self.daemon.wait_job(job_id)["state"] == "succeeded"
        for entry_id, possible in self.notes.items():
            assert self.daemon.client.get(f"/api/time_entries/{entry_id}").json()["notes"] in possible
        for posting_id in self.postings[-3:]:
            proc.wait_until(lambda i=posting_id: self.daemon.client.get(f"/api/postings/{i}").json()["state"] == "posted", 20, "the posting")


def test_whichever_allocation_fails_nothing_acknowledged_is_missing(make_alp_daemon, sandbox, tmp_path):
    starver = Starver(tmp_path)
    keys = tmp_path / "keys"
    keys.touch(0o600)
    keys.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    daemon = make_alp_daemon({"keys.file": str(keys), "posting.look_2_ms": 100, "posting.look_3_ms": 200, "posting.retry_ms": 50, "alp.lists_fresh": "yes"}, **starver.arguments).start()
    desk = Desk(daemon, sandbox, sandbox.key(USER))
    sandbox.control("DELETE", "alp-entries")
    desk.round(0)
    before = starver.seen
    desk.round(1)
    size, deaths = starver.seen - before, 0
    assert size > 500
    for n in range(ROUNDS):
        starver.arm(1 + size * n // ROUNDS)
        try:
            desk.round(n + 2)
        except (OSError, http.client.HTTPException, ValueError):
            pass  # it died of it
        except AssertionError:
            assert daemon.process.poll() is not None or starver.struck, daemon.log()[-2000:]
        starver.disarm()
        if daemon.process.poll() is None and not daemon.client_is_served():
            daemon.process.wait(20)
        if daemon.process.poll() is not None:
            deaths += 1
            assert daemon.process.returncode == -signal.SIGABRT, (n, daemon.process.returncode, daemon.log()[-2000:])
            daemon.start()
        desk.all_there()
    assert deaths > 0, "none of them was fatal"
    assert_balanced(daemon.balance(USER, desk.date))
    held = [h.reference for h in sandbox.alp_entries() if h.exists]
    assert len(held) == len(set(held)) and len(held) >= len(desk.postings)
    print(f"allocations {size} a round, {ROUNDS} of them failed, {deaths} deaths, {desk.refused} refusals, {len(desk.jobs)} jobs, {len(desk.postings)} postings")
