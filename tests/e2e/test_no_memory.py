# SPDX-License-Identifier: Apache-2.0
"""The n-th allocation of the daemon fails, whoever makes it: it dies of it, by abort(). Started again,
it has everything that it acknowledged.

One part of its work at a time, once it did the same before; n goes upward until that passes without reaching it. Ordinarily some n, spread over
the part; RTALP_SWEEP=full tries each, and fifty or so of the same as the first thing that a daemon is asked for, which are many more: it connects,
fetches lists and compiles statements."""
import base64
import collections
import http.client
import itertools
import os
import signal
import time

import pytest

from lib import proc
from lib.build import SANITIZED
from lib.killer import Starver
from lib.truth import assert_balanced, days_back

pytestmark = pytest.mark.skipif(SANITIZED, reason="a sanitizer's runtime has an allocator of its own")

FULL = os.environ.get("RTALP_SWEEP") == "full"
# Threads and other processes make a part a few allocations longer or shorter: so many lives are to pass without the fault.
PATIENCE = 5 if FULL else 1
USER = 2
POSTED, OVER = 4, 3


class Desk:
    """The parts of the work, and what was acknowledged in them."""

    def __init__(self, daemon, sandbox, key):
        self.daemon, self.sandbox, self.key = daemon, sandbox, key
        self.date = days_back(sandbox.today(USER), 2)[0]
        # Days to post on: what is held of one is listed at each look.
        self.dates = itertools.cycle(days_back(self.date, 1000))
        self.numbers = itertools.count()
        self.jobs, self.notes, self.postings, self.refused = [], {}, [], 0

    def ask(self, method, path, body=None, good=(200, 201, 202)):
        answer = self.daemon.client.request(method, path, json=body)
        if answer.status in good:
            return answer.json()
        assert answer.status in (500, 502, 503), answer
        self.refused += 1
        return None

    def wait(self, sql, number, what):
        """Until the store says so. Asking the daemon would be more allocations, as many as one has patience for."""
        def settled():
            if self.daemon.process.poll() is not None:
                raise OSError("it died")
            return self.daemon.query(sql, number)
        proc.wait_until(settled, 30, what)

    def fetch(self):
        job = self.ask("POST", "/api/jobs/fetch", {"alp_user_id": USER, "rescue_time_api_key": self.key, "days": 2})
        if job:
            self.jobs.append(job["job_id"])
            self.wait(f"SELECT 1 FROM jobs WHERE job_id = ? AND state >= {OVER}", job["job_id"], "the end of the job")

    def edit(self):
        note = f"note {next(self.numbers)}"
        entries = self.ask("GET", f"/api/time_entries?alp_user_id={USER}&date={self.date}")
        for entry in (entries or [])[:2]:
            # Until it is acknowledged, it may be there or not.
            possible = self.notes.setdefault(entry["entry_id"], [entry["notes"]])
            possible.append(note)
            if self.ask("PATCH", f"/api/time_entries/{entry['entry_id']}", {"notes": note}):
                del possible[:-1]

    def post(self):
        posting = self.ask("POST", "/api/time_entries", {
            "matter_component_id": 100011, "user_id": USER, "date": next(self.dates), "units": 3, "description": f"Advising {next(self.numbers)}", "rate": 35000, "billable_type": 1,
            "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": ""})
        if posting:
            self.postings.append(posting["posting_id"])
            self.wait(f"SELECT 1 FROM postings WHERE posting_id = ? AND state = {POSTED}", posting["posting_id"], "the posting")

    def all_there(self, jobs, postings):
        for job_id in jobs:
            assert self.daemon.wait_job(job_id)["state"] == "succeeded"
        for entry_id, possible in self.notes.items():
            assert self.daemon.client.get(f"/api/time_entries/{entry_id}").json()["notes"] in possible
        for posting_id in postings:
            proc.wait_until(lambda i=posting_id: self.daemon.client.get(f"/api/postings/{i}").json()["state"] == "posted", 20, "the posting")


class Sweep:
    """One part, again and again, with another allocation that fails."""

    def __init__(self, desk, starver, part, warm):
        self.desk, self.daemon, self.starver, self.part, self.warm = desk, desk.daemon, starver, part, warm
        self.outcomes = collections.Counter()

    def still(self):
        """It has nothing to do."""
        last, since = self.starver.seen, time.monotonic()
        end = since + 10
        while time.monotonic() < min(since + 0.03, end):
            time.sleep(0.005)
            if self.starver.seen != last:
                last, since = self.starver.seen, time.monotonic()

    def fresh(self):
        """A daemon that did not do it yet, or did it once."""
        if not self.warm and self.daemon.process.poll() is None:
            self.daemon.kill()
        if self.daemon.process.poll() is not None:
            self.daemon.start()
        proc.wait_until(lambda: self.daemon.client.get("/readyz").status == 200, what="a daemon that is ready")
        if self.warm:
            self.part()
        self.still()

    def size(self):
        self.fresh()
        before, of_engine = self.starver.seen, self.starver.of_engine
        self.part()
        size, of_engine = self.starver.seen - before, self.starver.of_engine - of_engine
        # Some few would be those of our functions that it calls.
        assert of_engine > 80, "the engine's allocations go by another way"
        return size, of_engine

    def live(self, n):
        """False: the part was over before its n-th allocation."""
        self.fresh()
        refused = self.desk.refused
        self.starver.arm(n)
        try:
            self.part()
        except (OSError, http.client.HTTPException, ValueError, AssertionError):
            # It died of it, and of nothing else.
            if not self.starver.struck:
                raise
        struck = self.starver.struck
        self.starver.disarm()
        if struck:
            assert self.daemon.process.wait(20) == -signal.SIGABRT, (n, self.daemon.process.returncode, self.daemon.log()[-2000:])
            self.daemon.start()
        assert self.daemon.process.poll() is None, self.daemon.log()[-2000:]
        assert struck or self.desk.refused == refused
        self.outcomes["deaths" if struck else "not reached"] += 1
        self.desk.all_there(self.desk.jobs[-3:], self.desk.postings[-3:])
        return struck

    def run(self, step):
        """Returns the first n that none of some lives reached; each before it, in steps, was met."""
        n = 1
        while any(self.live(n) for _ in range(PATIENCE)):
            n += step
        return n


@pytest.fixture
def starver(tmp_path):
    return Starver(tmp_path)


@pytest.fixture
def desk(make_alp_daemon, sandbox, tmp_path, starver):
    keys = tmp_path / "keys"
    keys.touch(0o600)
    keys.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    # Few, so that each of thousands of daemons is soon there.
    rules = tmp_path / "rules"
    rules.write_text('merge = { keys = [ "application", "task" ]; };\nunits = { rounding = "tenth-up"; };\n')
    daemon = make_alp_daemon({"rules.file": str(rules), "keys.file": str(keys), "posting.look_2_ms": 100, "posting.look_3_ms": 200, "posting.retry_ms": 50,
                              "alp.lists_fresh": "yes"}, **starver.arguments).start()
    sandbox.control("DELETE", "alp-entries")
    desk = Desk(daemon, sandbox, sandbox.key(USER))
    desk.fetch()
    yield desk
    # Of all that was ever acknowledged, whatever was tried.
    desk.all_there(desk.jobs, desk.postings)
    assert_balanced(daemon.balance(USER, desk.date))
    held = [h.reference for h in sandbox.alp_entries() if h.exists]
    assert len(held) == len(set(held)) and len(held) >= len(desk.postings)


WAYS = [pytest.param(True, 2, id="again"), *([pytest.param(False, 50, id="first")] if FULL else [])]


@pytest.mark.parametrize("part", ["fetch", "edit", "post"])
@pytest.mark.parametrize("warm,some", WAYS)
def test_whichever_allocation_fails_nothing_acknowledged_is_missing(desk, starver, part, warm, some):
    sweep = Sweep(desk, starver, getattr(desk, part), warm)
    size, of_engine = sweep.size()
    assert size > 300
    step = 1 if FULL and warm else 1 + size // some
    end = sweep.run(step)
    deaths = sweep.outcomes["deaths"]
    assert deaths == (end - 1) // step > 0, (size, end, sweep.outcomes)
    print(f"{part}, {'done before' if warm else 'done first'}: {size} allocations ({of_engine} of the engine), {deaths} of them failed, up to {end - step}, each of "
          f"which was a death; {sweep.outcomes['not reached']} lives did not reach theirs; {desk.refused} refusals, {len(desk.jobs)} jobs and "
          f"{len(desk.postings)} postings acknowledged, and there")


