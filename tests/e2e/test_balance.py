# SPDX-License-Identifier: Apache-2.0
"""Random histories of one user-day: people edit while the upstream changes. After every step each recorded second has exactly one
place, and what a person wrote stands."""
import os

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from lib.truth import assert_balanced, days_back

TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Cn", "Zs", "Zl", "Zp"]), min_size=1, max_size=20)
EDITS = {
    "task_description": TEXTS,
    "time_units": st.integers(0, 2400).map(lambda tenths: tenths / 10),
    "matter_code": st.sampled_from(["12345", "678", ""]),
    "notes": TEXTS,
}
HISTORIES = int(os.environ.get("RTALP_HISTORIES", 25))
POOL = 40  # rows of a made-up day that histories choose from


class UserDay(RuleBasedStateMachine):
    daemon = sandbox = new_user = None  # set by the test

    @initialize(chosen=st.sets(st.integers(0, POOL - 1), min_size=1))
    def begin(self, chosen):
        self.user, self.key = self.new_user()
        self.date = days_back(self.sandbox.today(self.user), 3)[0]
        made_up = self.sandbox.day(self.user, self.date)
        self.pool = list({(r.time, r.activity, r.document): r for r in made_up}.values())[:POOL]
        self.rows = {}
        self.person = {}     # entry_id -> what a person said
        self.ignored = set()
        self.upstream(chosen, 60)
        self.fetch()

    def publish(self):
        self.sandbox.put_day(self.user, self.date, list(self.rows.values()))

    # --- the upstream ---

    @rule(chosen=st.sets(st.integers(0, POOL - 1), min_size=1, max_size=8), seconds=st.integers(1, 4000))
    def upstream(self, chosen, seconds):
        for i in chosen:
            row = self.pool[i % len(self.pool)]
            self.rows[i % len(self.pool)] = row._replace(seconds=seconds + i)
        self.publish()

    @rule(chosen=st.sets(st.integers(0, POOL - 1), min_size=1, max_size=20))
    def upstream_forgets(self, chosen):
        kept = {i: row for i, row in self.rows.items() if i not in chosen}
        if kept:  # an empty day is doubted, which is another story
            self.rows = kept
            self.publish()

    # --- the machine ---

    @rule()
    def fetch(self):
        self.daemon.fetch_and_wait(self.user, self.key, days=1, target_date=self.date)
        self.captured = self.sandbox.seconds(self.user, self.date)

    @rule()
    def process(self):
        answer = self.daemon.client.post("/api/jobs/process", {"alp_user_id": self.user, "date": self.date})
        assert answer.status == 202, answer
        assert self.daemon.wait_job(answer.json()["job_id"])["state"] == "succeeded"

    # --- a person ---

    def entries(self):
        return self.daemon.entries(self.user, date=self.date)

    def choose(self, data):
        entries = self.entries()
        return data.draw(st.sampled_from(sorted(e["entry_id"] for e in entries))) if entries else None

    @rule(data=st.data(), field=st.sampled_from(sorted(EDITS)))
    def edit(self, data, field):
        entry = self.choose(data)
        if entry is None:
            return
        value = data.draw(EDITS[field])
        answer = self.daemon.client.patch(f"/api/time_entries/{entry}", {field: value})
        assert answer.status == 200, answer
        self.person.setdefault(entry, {})[field] = value

    @precondition(lambda self: any(self.person.values()))
    @rule(data=st.data())
    def give_back(self, data):
        entry = data.draw(st.sampled_from(sorted(e for e, fields in self.person.items() if fields)))
        field = data.draw(st.sampled_from(sorted(self.person[entry])))
        answer = self.daemon.client.patch(f"/api/time_entries/{entry}", {field: None})
        assert answer.status == 200, answer
        del self.person[entry][field]

    @rule(data=st.data())
    def ignore(self, data):
        entry = self.choose(data)
        if entry is not None:
            assert self.daemon.client.put(f"/api/time_entries/{entry}/ignore").status == 200
            self.ignored.add(entry)

    @precondition(lambda self: self.ignored)
    @rule(data=st.data())
    def restore(self, data):
        entry = data.draw(st.sampled_from(sorted(self.ignored)))
        assert self.daemon.client.put(f"/api/time_entries/{entry}/restore").status == 200
        self.ignored.discard(entry)

    # --- what always holds ---

    @invariant()
    def every_second_has_one_place(self):
        report = self.daemon.balance(self.user, self.date)
        assert_balanced(report)
        assert report["captured_seconds"] == self.captured
        assert report["unprocessed_seconds"] == 0
        entries = self.entries()
        assert sum(e["total_seconds"] for e in entries if e["status"] == "pending") == report["pending_seconds"]
        assert sum(e["total_seconds"] for e in entries if e["status"] == "ignored") == report["ignored_seconds"]

    @invariant()
    def what_a_person_said_stands(self):
        entries = {e["entry_id"]: e for e in self.entries()}
        for entry, fields in self.person.items():
            if fields:
                assert entry in entries, "an entry that a person touched is gone"
            for field, value in fields.items():
                expected = None if field == "matter_code" and value == "" else value
                assert entries[entry][field] == expected, (field, entries[entry])
        for entry in self.ignored:
            assert entries[entry]["status"] == "ignored"


def test_the_balance_holds_whatever_happens(daemon, the_sandbox, new_user):
    class Here(UserDay):
        pass
    Here.daemon, Here.sandbox, Here.new_user = daemon, the_sandbox, staticmethod(new_user)
    run_state_machine_as_test(Here, settings=settings(max_examples=HISTORIES, stateful_step_count=20))
