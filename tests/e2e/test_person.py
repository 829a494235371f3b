# SPDX-License-Identifier: Apache-2.0
"""Everything held of a user: handed out whole, erased without a trace, and what was billed stays provable."""
import hashlib
import json
import random
import sqlite3
import threading

import pytest

from lib import ctl, proc
from lib.truth import days_back

USER, OTHER = 2, 3
WORDS = "Privileged-words-of-a-person"


@pytest.fixture
def firm(make_alp_daemon, sandbox):
    sandbox.control("DELETE", "alp-entries")
    daemon = make_alp_daemon({"alp.lists_fresh": "yes", "alp.keeps_reference": "yes", "posting.retry_ms": 50})
    daemon.start()
    daemon.date = days_back(sandbox.today(USER), 2)[0]
    return daemon


def on(daemon, *arguments):
    return ctl.run("--socket", daemon.socket_path, *arguments)


def post(daemon, component=100011, user=USER, **more):
    body = {"matter_component_id": component, "user_id": user, "date": daemon.date, "units": 2, "description": WORDS, "rate": 35000,
            "billable_type": 1, "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": "", **more}
    answer = daemon.client.request("POST", "/api/time_entries", json=body, headers={"Idempotency-Key": f"k{component}{user}"})
    assert answer.status in (201, 202), answer
    return answer.json()


def files_of(daemon):
    return {p: p.read_bytes() for p in daemon.directory.iterdir() if p.name.startswith("rtalp.db")}


def filled(daemon, sandbox):
    """A user of whom there is something everywhere, and another one."""
    for user in (USER, OTHER):
        daemon.fetch_and_wait(user, sandbox.key(user), days=3)
    entries = daemon.entries(USER, date=daemon.date)
    for e in entries[:3]:
        assert daemon.client.request("PATCH", f"/api/time_entries/{e['entry_id']}", json={"notes": f"{WORDS} noted", "task_description": f"{WORDS} said"}).status == 200
    confirmed = entries[1]
    assert daemon.client.request("PUT", f"/api/users/{USER}", json={"time_zone": None}).status in (200, 201)
    daemon.client.request("POST", "/api/webhooks", json={"url": "https://hooks.invalid/x", "events": ["entries.ready", "entry.posted", "job.finished"]})
    draft = post(daemon, 100012, entry_id=confirmed["entry_id"], units=max(1, round(confirmed["alp_units"])))
    plain = post(daemon)
    for p in (draft, plain):
        proc.wait_until(lambda p=p: daemon.client.get(f"/api/postings/{p['posting_id']}").json()["state"] == "posted", 15, "posted")
    check = daemon.client.post("/api/rules/check", {"alp_user_id": USER, "days": 1, "rules": ""})
    assert check.status == 200, check
    assert on(daemon, "explain", entries[0]["entry_id"]).status == ctl.OK
    return entries, draft, plain


def test_all_of_it_is_handed_out(firm, sandbox):
    entries, draft, _ = filled(firm, sandbox)
    done = on(firm, "user", "export", "--user", USER)
    assert done.status == ctl.OK, done
    document = json.loads(done.out)
    stored = firm.query("SELECT count(*) FROM time_entries WHERE alp_user_id = ?", USER)[0][0]
    assert len(document["entries"]) == stored and document["activity"] and document["five_minutes"] and document["audit"] and document["verdicts"]
    # Every table that has a user's rows stands in it, and nobody else's.
    tables = [r[0] for r in firm.query("SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'alp_user_id'")]
    counted = {t: firm.query(f"SELECT count(*) FROM {t} WHERE alp_user_id = ?", USER)[0][0] for t in tables}
    names = {"users": "user", "activity_day": "days", "activity_log": "activity", "activity_owners": None, "day_filtered": "filtered", "activity_grain": "five_minutes",
             "day_verdicts": "verdicts", "time_entries": "entries", "audit_contents": None}
    for table, count in counted.items():
        name = names.get(table, table)
        if name is not None:
            assert len(document[name]) == count or table in ("events", "audit", "turns", "jobs"), (table, count, len(document[name]))
            assert all(row.get("alp_user_id", USER) == USER for row in document[name]), table
    assert "sealed_key" not in done.out and str(OTHER) not in {str(e["alp_user_id"]) for e in document["entries"]}
    assert "export" in [r["action"] for r in on(firm, "audit", "list", "--json").json()]


def test_nothing_of_an_erased_user_is_left_but_what_was_billed(firm, sandbox):
    entries, draft, plain = filled(firm, sandbox)
    titles = {r[0].encode() for r in firm.query("SELECT document FROM activity_log WHERE alp_user_id = ? AND length(document) > 12", USER)} - \
        {r[0].encode() for r in firm.query("SELECT document FROM activity_log WHERE alp_user_id = ?", OTHER)}
    assert len(titles) > 10
    others = firm.query("SELECT entry_id, source_hash FROM time_entries WHERE alp_user_id = ?", OTHER)
    token = firm.client.post("/api/tokens", {"name": f"{WORDS} token", "scope": "user", "alp_user_id": USER}).json()["token"]
    erased = on(firm, "user", "erase", "--user", USER)
    assert erased.status == ctl.OK, erased
    # Not in the database, not in its log, not in an index or a free page: at once, while it runs.
    for path, content in files_of(firm).items():
        assert WORDS.encode() not in content, path
        assert not [t for t in titles if t in content], (path, [t for t in titles if t in content][:3])
    kept = {t: firm.query(f"SELECT count(*) FROM {t} WHERE alp_user_id = ?", USER)[0][0]
            for t in ("users", "time_entries", "activity_log", "activity_owners", "activity_grain", "day_filtered", "day_verdicts", "lessons", "learned", "jobs",
                      "rule_checks", "audit_contents", "events")}
    assert set(kept.values()) <= {0, 1} and kept.pop("audit_contents") <= 1 and not any(kept.values()), kept
    assert firm.query("SELECT entry_id, source_hash FROM time_entries WHERE alp_user_id = ?", OTHER) == others
    assert on(firm, "check").status == ctl.OK
    # The proof: who, when, how much; and a hash that only who has the words can make.
    rows = firm.query("SELECT posting_id, state, units, alp_entry_id, reference, body FROM postings WHERE alp_user_id = ? ORDER BY posting_id", USER)
    assert [(r[0], r[1], r[3]) for r in rows] == [(p["posting_id"], 4, p["alp_entry_id"]) for p in (draft, plain)]
    proof = json.loads(rows[1][5])
    assert set(proof) == {"erased", "salt", "blake2b"} and plain["request"]["description"] == WORDS
    # Kept answers are outdated, tokens worthless.
    with_token = {"Authorization": f"Bearer {token}"}
    assert firm.client.request("GET", "/api/time_entries", params={"alp_user_id": USER}, headers=with_token).status == 401


def test_the_hash_shows_that_these_were_the_words(firm):
    posting = post(firm)
    proc.wait_until(lambda: firm.client.get(f"/api/postings/{posting['posting_id']}").json()["state"] == "posted", 15, "posted")
    body = firm.query("SELECT body FROM postings")[0][0]
    assert on(firm, "user", "erase", "--user", USER).status == ctl.OK
    proof = json.loads(firm.query("SELECT body FROM postings")[0][0])
    assert hashlib.blake2b(body.encode(), key=bytes.fromhex(proof["salt"]), digest_size=32).hexdigest() == proof["blake2b"]
    # It is looked at in ALP no more, and nothing trips over it.
    assert firm.client.get(f"/api/postings/{posting['posting_id']}").json()["request"] is None
    assert firm.client.request("POST", "/api/alp/proof").status == 202
    firm.wait_log("were compared with ALP")
    assert on(firm, "user", "erase", "--user", USER).status == ctl.OK
    assert on(firm, "check").status == ctl.OK


def test_what_is_in_doubt_is_not_erased(firm, sandbox):
    sandbox.alp_fault("status", status=429, count=1000000)
    post(firm)
    refused = firm.client.request("DELETE", f"/api/users/{USER}/data")
    assert refused.status == 409 and refused.json()["code"] == "postings_in_doubt", refused
    sandbox.control("DELETE", "faults")
    firm.client.request("POST", "/api/queue/fetch/pause")
    firm.fetch(OTHER, sandbox.key(OTHER), days=1)
    refused = firm.client.request("DELETE", f"/api/users/{OTHER}/data")
    assert refused.status == 409 and refused.json()["code"] == "user_has_jobs", refused


def test_while_a_backup_is_made_nobody_is_erased(make_daemon, tmp_path, sandbox):
    daemon = make_daemon({"backup.directory": str(tmp_path / "backups"), "backup.rate_mb": 1})
    daemon.start()
    for user in (USER, OTHER):
        daemon.fetch_and_wait(user, sandbox.key(user), days=7)
    maker = threading.Thread(target=on, args=(daemon, "backup"))
    maker.start()
    proc.wait_until(lambda: list((tmp_path / "backups").glob("*.part")), 10, "the copy")
    refused = daemon.client.request("DELETE", f"/api/users/{USER}/data")
    maker.join()
    assert refused.status == 409 and refused.json()["code"] == "backup_running", refused
    assert on(daemon, "user", "erase", "--user", USER).status == ctl.OK


def test_what_was_billed_is_not_fetched_and_billed_again(firm, sandbox):
    """A day with a posting is closed for good; others begin anew."""
    filled(firm, sandbox)
    assert on(firm, "user", "erase", "--user", USER).status == ctl.OK
    firm.fetch_and_wait(USER, sandbox.key(USER), days=3)
    assert firm.entries(USER, date=firm.date) == []
    assert firm.query("SELECT count(*) FROM time_entries WHERE alp_user_id = ?", USER)[0][0] > 0
    assert on(firm, "check").status == ctl.OK


def test_what_was_confirmed_is_not_begun_anew(firm, sandbox):
    """It may be billed by other ways than ours; and the second erasure finds no entry that says so."""
    firm.fetch_and_wait(USER, sandbox.key(USER), days=3)
    for e in firm.entries(USER, date=firm.date)[:2]:
        said = {"original_entry_id": e["entry_id"], "status": "submitted", **{name: e[name] for name in (
            "entry_date", "application", "task_description", "time_units", "matter_code", "notes", "source_hash")}}
        assert firm.client.request("POST", "/api/processed_time_entries", json=said).status == 201
    for _ in range(2):
        assert on(firm, "user", "erase", "--user", USER).status == ctl.OK
        firm.fetch_and_wait(USER, sandbox.key(USER), days=3)
        assert firm.entries(USER, date=firm.date) == []
        assert firm.query("SELECT count(*) FROM time_entries WHERE alp_user_id = ?", USER)[0][0] > 0
    assert on(firm, "check").status == ctl.OK


def test_a_day_that_was_posted_without_being_fetched_is_closed(firm, sandbox):
    posting = post(firm)
    proc.wait_until(lambda: firm.client.get(f"/api/postings/{posting['posting_id']}").json()["state"] == "posted", 15, "posted")
    assert on(firm, "user", "erase", "--user", USER).status == ctl.OK
    firm.fetch_and_wait(USER, sandbox.key(USER), days=3)
    assert firm.entries(USER, date=firm.date) == []
    assert on(firm, "check").status == ctl.OK


def test_no_word_is_left_in_the_unused_parts_of_pages(firm, sandbox):
    """Where rows grow, pages are split and put together again, and what is moved leaves itself behind."""
    mark, rand = "Lingering words of a person. ", random.Random(4)
    for date in days_back(firm.date, 6):
        for user in (USER, OTHER):
            firm.wait_job(firm.fetch(user, sandbox.key(user), **{"from": date, "to": date}))
    firm.stop()
    with sqlite3.connect(firm.db_path) as db:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("UPDATE time_entries SET alp_user_id = iif(entry_id % 4 = 0, ?, ?)", (USER, OTHER)) # as if many had taken turns
        rows = db.execute("SELECT entry_id, iif(alp_user_id = ?, ?, 'Something else of another. ') FROM time_entries", (USER, mark)).fetchall()
        for _ in range(2000):
            entry, words = rand.choice(rows)
            db.execute("UPDATE time_entries SET notes = ? WHERE entry_id = ?", ((words * 40)[:rand.randrange(30, 1000)], entry))
        db.execute("UPDATE time_entries SET notes = ? WHERE alp_user_id = ?", ("A store that is no small one. " * 3000, OTHER))
    firm.start()
    assert any(mark.encode() in content for content in files_of(firm).values())
    assert on(firm, "user", "erase", "--user", USER).status == ctl.OK
    assert firm.db_path.stat().st_size > 16 * 1024 * 1024
    left = {path.name: content.count(mark.encode()) for path, content in files_of(firm).items()}
    assert not any(left.values()), left
    assert firm.query("SELECT * FROM pragma_integrity_check") == [("ok",)]
