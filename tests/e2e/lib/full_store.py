# SPDX-License-Identifier: Apache-2.0
"""A store with rows in every table, made by the programs themselves, and its dump: what tests/data/stores keeps of each released schema.

full_store.py FILE writes the dump of the schema at hand. RTALP_BUILDDIR names the build.
"""
import contextlib
import datetime
import pathlib
import sqlite3
import sys
import tempfile

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lib import proc
from lib.build import TOP
from lib.daemon import Daemon
from lib.receiver import Receiver
from lib.sandbox import Row, Sandbox
from lib.truth import days_back

STORES = TOP / "tests" / "data" / "stores"
USER, OTHER = 7, 8
KEEP_RAW_DAYS, LONG_AGO_DAYS = 62, 100
EVENTS = ["entries.ready", "job.finished", "entry.posted", "entry.status_changed", "posting.needs_person"]


def settings(sandbox, receiver, directory):
    return {**sandbox.alp_settings(directory), **receiver.settings(), "alp.lists_fresh": "yes", "alp.feed_matters": "no", "queue.keep_finished_days": 3650, "store.keep_raw_days": KEEP_RAW_DAYS,
            "rules.file": TOP / "etc" / "rules-reference.conf"}


def row(time, seconds, activity, document):
    return Row(time, seconds, activity, document, "Editing", 2)


def day(number):
    return [row("09:00", 290, "Microsoft Word", f"Lease {number} - 10001"), row("09:05", 280, "Microsoft Word", f"Lease {number} - 10001"),
            row("09:10", 200, "Microsoft Outlook", "Inbox - Dana"), row("09:15", 250, "Google Chrome", "New Tab"),
            row("09:20", 40, "Microsoft Word", "Short"), row("10:00", 240, "Adobe Acrobat", f"Deed {number}.pdf")]


def asked(answer, *statuses):
    assert answer.status in (statuses or (200, 201, 202, 204)), answer
    return answer.json() if answer.text else None


class World:
    def __init__(self, daemon, sandbox, receiver):
        self.daemon, self.sandbox, self.receiver = daemon, sandbox, receiver
        self.client = daemon.client
        self.dates = days_back(sandbox.today(USER), 3)

    def fetch(self):
        for user in (USER, OTHER):
            for n, date in enumerate(self.dates):
                self.sandbox.put_day(user, date, day(n))
            self.daemon.fetch_and_wait(user, self.sandbox.key(user), days=3, target_date=self.dates[-1])

    def prune(self):
        """A day so old that its titles are not kept, as if it had been fetched two days ago."""
        old = days_back(self.sandbox.today(OTHER), LONG_AGO_DAYS)[0]
        self.sandbox.put_day(OTHER, old, day(9))
        self.daemon.fetch_and_wait(OTHER, self.sandbox.key(OTHER), days=1, target_date=old)
        self.daemon.stop()
        with contextlib.closing(sqlite3.connect(self.daemon.db_path)) as db:
            db.execute("UPDATE activity_day SET fetched_ms = fetched_ms - 2 * 86400000 WHERE alp_user_id = ? AND log_date < ?",
                       [OTHER, (datetime.date.fromisoformat(old) - datetime.date(1970, 1, 1)).days + 1])
            db.commit()
        self.client = self.daemon.start().client
        proc.wait_until(lambda: self.daemon.query("SELECT 1 FROM activity_day WHERE pruned_ms > 0"), what="the pruning")

    def fill(self):
        self.fetch()
        self.prune()
        hook = asked(self.client.post("/api/webhooks", {"url": self.receiver.url, "events": EVENTS}))
        asked(self.client.put(f"/api/users/{USER}", {"time_zone": self.sandbox.zone}))
        entries = [e for e in self.daemon.entries(USER) if e["time_units"] > 0]
        assert len(entries) >= 4, entries
        self.review(entries)
        self.post()
        asked(self.client.post(f"/api/webhooks/{hook['webhook_id']}/test"))
        self.receiver.wait(1)
        proc.wait_until(lambda: all(d["state"] != "pending" for d in self.client.get(f"/api/webhooks/{hook['webhook_id']}/deliveries").json()),
                        what="the end of every message")
        asked(self.client.request("POST", "/api/rules/check", json={"alp_user_id": USER, "days": 1, "rules": 'units = { rounding = "unit-up"; };'},
                                  headers={"Prefer": "wait=10"}))
        matters = [{"code": 10001, "name": "Lease", "client": "Smith & Sons", "aliases": ["Smith v Jones"]}, {"code": 10002, "name": "Will"}]
        asked(self.client.put("/api/matters", matters))
        self.wait_and_leave_waiting()

    def review(self, entries):
        first, second, third, fourth = entries[:4]
        asked(self.client.request("PATCH", f"/api/time_entries/{first['entry_id']}", json={"task_description": "Advising on the lease"}))
        for e in (first, second):
            asked(self.client.request("POST", "/api/processed_time_entries", json={"original_entry_id": e["entry_id"], "matter_code": "10001"},
                                      headers={"Idempotency-Key": f"confirm-{e['entry_id']}"}))
        asked(self.client.put(f"/api/processed_time_entries/{second['entry_id']}/revert"))
        asked(self.client.put(f"/api/time_entries/{third['entry_id']}/ignore"))

    def post(self):
        body = {"matter_component_id": 100011, "user_id": USER, "date": self.dates[0], "units": 3, "description": "Advising on the lease", "rate": 35000,
                "billable_type": 1, "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": ""}
        asked(self.client.request("POST", "/api/time_entries", json=body, headers={"Prefer": "wait=10"}))
        asked(self.client.request("POST", "/api/alp/proof"))
        proc.wait_until(lambda: self.daemon.query("SELECT 1 FROM alp_proofs"), what="a proof")

    def wait_and_leave_waiting(self):
        """One job waits for its turn, a fetch with its key, and a token ends what needed none."""
        for job in self.client.get("/api/jobs").json():
            self.daemon.wait_job(job["job_id"])
        for kind in ("process", "fetch"):
            asked(self.client.post(f"/api/queue/{kind}/pause"))
        asked(self.client.request("POST", "/api/jobs/process", json={"alp_user_id": USER}, headers={"Prefer": "wait=0"}))
        self.daemon.fetch(OTHER, self.sandbox.key(OTHER), days=1)
        asked(self.client.post("/api/tokens", {"name": "of the dump", "scope": "operator"}))


def tables(db):
    return [name for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]


def counts(db):
    return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables(db)}


def make(directory, sandbox):
    """The file of a daemon that has ended."""
    receiver = Receiver()
    daemon = Daemon(directory, sandbox, settings(sandbox, receiver, directory))
    try:
        daemon.start()
        World(daemon, sandbox, receiver).fill()
        assert daemon.stop() == 0, daemon.log()
    finally:
        daemon.end()
        receiver.stop()
    with sqlite3.connect(daemon.db_path) as db:
        # What a process job leaves there between two of its days.
        db.execute("INSERT OR IGNORE INTO ready_days (job_id, from_day, to_day) SELECT job_id, from_day, to_day FROM jobs WHERE state = 1 LIMIT 1")
        # Of a backup that was put back once, and of which all has been said since: a real one would take the waiting jobs' keys away.
        db.execute("INSERT INTO restores (made_ms, at_ms, until_day, examined_ms, went_on_ms) SELECT created_ms, created_ms + 1, from_day, created_ms + 2, "
                   "created_ms + 3 FROM jobs ORDER BY job_id LIMIT 1")
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return daemon.db_path


def dump(path):
    with sqlite3.connect(path) as db:
        version, = db.execute("PRAGMA user_version").fetchone()
        application, = db.execute("PRAGMA application_id").fetchone()
        return version, (f"-- SPDX-License-Identifier: Apache-2.0\n-- A store of schema {version}, with rows in every table: made by tests/e2e/lib/full_store.py.\n"
                         + "\n".join(db.iterdump()) + f"\nPRAGMA application_id = {application};\nPRAGMA user_version = {version};\n")


def main():
    with tempfile.TemporaryDirectory() as directory:
        sandbox = Sandbox(directory)
        try:
            path = make(pathlib.Path(directory), sandbox)
        finally:
            sandbox.stop()
        version, text = dump(path)
        target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else STORES / f"schema-{version}.sql"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        print(target, len(text), "bytes")
        with sqlite3.connect(path) as db:
            print(counts(db))


if __name__ == "__main__":
    main()
