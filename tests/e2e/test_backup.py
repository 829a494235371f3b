# SPDX-License-Identifier: Apache-2.0
"""Copies of the store, and what becomes of a daemon that one is put back under."""
import hashlib
import os
import pathlib
import shutil
import sqlite3
import stat
import subprocess
import threading

import pytest

from lib import ctl, proc
from lib.build import RTALPCTL, RTALPD
from lib.truth import days_back

KEY_BYTES = b"B63-nobody-may-find-this-key"


@pytest.fixture
def keeping(make_daemon, tmp_path):
    """A daemon with a directory for its backups."""
    daemon = make_daemon({"backup.directory": str(tmp_path / "backups"), "backup.keep": 2})
    daemon.backups = tmp_path / "backups"
    daemon.start()
    return daemon


def on(daemon, *arguments, **options):
    return ctl.run("--socket", daemon.socket_path, *arguments, **options)


def back_up(daemon):
    made = on(daemon, "backup", "--json").json()
    return daemon.backups / made["name"]


def restore(daemon, path):
    return subprocess.run([RTALPCTL, "restore", "--config", daemon.conf, path], capture_output=True, text=True, timeout=60, env=ctl.environment())


def check_offline(daemon, path=None):
    argument = "--check-store" if path is None else f"--check-store={path}"
    return subprocess.run([RTALPD, "--config", daemon.conf, argument], capture_output=True, text=True, timeout=60)


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute(sql).fetchall()


def test_a_backup_is_whole_private_and_known_by_its_sum(keeping, new_user):
    user, key = new_user()
    keeping.fetch_and_wait(user, key, days=1)
    path = back_up(keeping)
    listed = on(keeping, "backups", "--json").json()
    assert [b["name"] for b in listed] == [path.name] and listed[0]["bytes"] == path.stat().st_size
    assert listed[0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(keeping.backups.stat().st_mode) == 0o700
    assert sorted(p.name for p in keeping.backups.iterdir()) == [path.name, path.name + ".info"]
    kept = rows(path, "SELECT count(*) FROM time_entries")[0][0]
    assert kept == keeping.query("SELECT count(*) FROM time_entries")[0][0] > 0
    assert check_offline(keeping, path).returncode == 0


def test_older_ones_go(keeping):
    names = [back_up(keeping).name for _ in range(3)]
    left = sorted(p.name for p in keeping.backups.iterdir() if p.suffix == ".db")
    assert left == names[1:]


def test_no_key_is_in_a_backup(keeping, sandbox, new_user):
    user, key = new_user()
    hook = keeping.client.post("/api/webhooks", {"url": "https://hooks.invalid/x", "events": ["entry.posted"]}).json()
    sealed = keeping.query("SELECT secret FROM webhooks")[0][0]
    keeping.client.request("POST", "/api/queue/fetch/pause")
    keeping.fetch(user, key, days=1)
    path = back_up(keeping)
    content = path.read_bytes()
    assert key.encode() not in content and sealed not in content and hook["secret"].encode() not in content
    assert rows(path, "SELECT disabled_code, secret, old_secret FROM webhooks") == [("restored", b"\0", None)]


def test_what_is_acknowledged_before_is_in_it_and_writing_goes_on(keeping, new_user):
    """Backups one after the other while entries are written: each is one moment, whole."""
    user, key = new_user()
    keeping.fetch_and_wait(user, key, days=4)
    entries = [e["entry_id"] for e in keeping.entries(user)]
    stop, done = threading.Event(), []

    def write():
        while not stop.is_set():
            for entry in entries:
                number = len(done)
                answer = keeping.client.request("PATCH", f"/api/time_entries/{entry}", json={"notes": f"note {number}"})
                assert answer.status == 200, answer
                done.append((entry, number))
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            before = len(done)
            path = back_up(keeping)
            after = len(done) + 1
            noted = {r[0]: int(r[1].split()[1]) for r in rows(path, "SELECT entry_id, notes FROM time_entries WHERE notes LIKE 'note %'")}
            newest = max(noted.values(), default=-1)
            assert before - 1 <= newest <= after, (before, newest, after)
            # One moment: every entry has the note of the round that was last written before it.
            for entry in entries:
                wanted = max((n for e, n in done[:newest + 1] if e == entry), default=None)
                assert noted.get(entry) == wanted
    finally:
        stop.set()
        writer.join()


def test_a_directory_that_cannot_be_is_told(make_daemon, tmp_path):
    daemon = make_daemon({"backup.directory": str(tmp_path / "no" / "such")})
    daemon.start()
    failed = on(daemon, "backup")
    assert failed.status == ctl.LATER and "backup.directory" in failed.err
    assert on(daemon, "backups", "--json").json() == []
    daemon.wait_log("no backup was made")


def test_check_names_what_is_broken(keeping, new_user):
    user, key = new_user()
    keeping.fetch_and_wait(user, key, days=1)
    assert on(keeping, "check").out == "every promise holds\n"
    with sqlite3.connect(keeping.db_path) as db:
        db.execute("UPDATE time_entries SET total_seconds = total_seconds + 1")
        db.execute("UPDATE activity_day SET captured_seconds = captured_seconds + 7")
    broken = on(keeping, "check")
    assert broken.status == ctl.FAILED and "captured_seconds" in broken.out and "hold the seconds of its rows" in broken.out
    keeping.wait_log("does not keep a promise")
    assert check_offline(keeping).returncode == 75 # the daemon has it
    # One that would be worth nothing is not kept.
    assert on(keeping, "backup").status == ctl.LATER and not list(keeping.backups.glob("*.db*"))
    keeping.stop()
    offline = check_offline(keeping)
    assert offline.returncode == 65 and "captured_seconds" in offline.stdout, offline


def test_a_backup_is_put_back_and_the_old_store_is_kept(keeping, new_user):
    user, key = new_user()
    keeping.fetch_and_wait(user, key, days=1)
    entry = keeping.entries(user)[0]["entry_id"]
    keeping.client.request("PATCH", f"/api/time_entries/{entry}", json={"notes": "before"})
    path = back_up(keeping)
    keeping.client.request("PATCH", f"/api/time_entries/{entry}", json={"notes": "after"})
    most = keeping.query("SELECT name, value FROM counters")
    refused = restore(keeping, path)
    assert refused.returncode == 75 and "a daemon has the store open" in refused.stderr
    keeping.stop()
    done = restore(keeping, path)
    assert done.returncode == 0, done
    assert check_offline(keeping).returncode == 0
    aside, = keeping.directory.glob("rtalp.db.before-restore-*Z")
    assert aside.name in done.stdout and rows(aside, f"SELECT notes FROM time_entries WHERE entry_id = {entry}") == [("after",)]
    assert not [p for p in keeping.directory.iterdir() if "fresh" in p.name or "restoring" in p.name]
    keeping.start()
    assert keeping.client.get(f"/api/time_entries/{entry}").json()["notes"] == "before"
    # Nothing that was given out in between is given out again.
    numbers = dict(keeping.query("SELECT name, value FROM counters"))
    assert all(numbers[name] >= value + 1000000000 for name, value in most if name != "served")
    assert keeping.fetch(user, key, days=1) > 1000000000
    newest = on(keeping, "audit", "list", "--json").json()
    assert "store_restored" in [r["action"] for r in newest] and on(keeping, "audit", "verify").status == ctl.OK


@pytest.mark.parametrize("clock", ["right", "behind the backup"])
def test_the_same_backup_put_back_again_gives_no_number_twice(keeping, new_user, clock):
    user, key = new_user()
    keeping.fetch_and_wait(user, key, days=1)
    path = back_up(keeping)
    if clock != "right":
        pathlib.Path(f"{path}.info").unlink()
        with sqlite3.connect(path) as db:
            db.execute("UPDATE install SET backup_ms = backup_ms + 1000000000000")
    given = []
    for _ in range(2):
        keeping.stop()
        assert restore(keeping, path).returncode == 0
        keeping.start()
        job = keeping.fetch_and_wait(user, key, days=3)["job_id"]
        given.append({job, *(("entry", e["entry_id"]) for e in keeping.entries(user)), *(("event", r[0]) for r in keeping.query("SELECT event_id FROM events"))}
                     - {("entry", r[0]) for r in rows(path, "SELECT entry_id FROM time_entries")})
    assert len(given[0]) > 3 and not given[0] & given[1]


def test_who_was_shut_out_since_stays_out(keeping, new_user):
    user, key = new_user()
    keeping.fetch_and_wait(user, key, days=1)
    tokens = [on(keeping, "token", "create", "--scope", "service", "--name", "one", "--json").json()]
    path = back_up(keeping)
    tokens.append(on(keeping, "token", "create", "--scope", "service", "--name", "two", "--json").json())
    assert on(keeping, "token", "revoke", tokens[0]["token_id"]).status == ctl.OK
    assert on(keeping, "user", "erase", "--user", user).status == ctl.OK

    def statuses():
        return [keeping.client.request("GET", "/api/matters", params={"limit": 1}, headers=h).status == 401 for h in (
            {"Authorization": f"Bearer {tokens[0]['token']}"}, {"Authorization": f"Bearer {tokens[1]['token']}"}, {})]
    assert statuses() == [True, False, True]
    keeping.stop()
    done = restore(keeping, path)
    assert done.returncode == 0 and f"erase`): {user}\n" in done.stdout and "cannot be read" not in done.stdout, done
    keeping.start()
    assert statuses() == [True, False, True]
    third = on(keeping, "token", "create", "--scope", "service", "--name", "three", "--json").json()
    assert third["token_id"] > tokens[1]["token_id"] + 1000 and on(keeping, "check").status == ctl.OK
    # One that is damaged does not stand in the way.
    keeping.stop()
    for tail in ("-wal", "-shm"):
        pathlib.Path(f"{keeping.db_path}{tail}").unlink(missing_ok=True)
    keeping.db_path.write_bytes(b"damaged" * 10000)
    done = restore(keeping, path)
    assert done.returncode == 0 and "cannot be read: tokens" in done.stdout, done
    assert keeping.db_path.with_name(done.stdout.split("what was there is ")[1].split()[0].rsplit("/")[-1]).read_bytes() == b"damaged" * 10000
    keeping.start()
    assert statuses() == [False, True, True]


def test_what_is_no_backup_is_refused_and_nothing_changes(keeping, new_user, tmp_path):
    user, key = new_user()
    keeping.fetch_and_wait(user, key, days=1)
    path = back_up(keeping)
    keeping.stop()
    before = keeping.db_path.read_bytes()
    changed = tmp_path / path.name
    shutil.copy(path, changed)
    shutil.copy(f"{path}.info", f"{changed}.info")
    with open(changed, "r+b") as f:
        f.seek(20000)
        f.write(b"x")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE t (x)")
    text = tmp_path / "text"
    text.write_text("nothing of the kind" * 100)
    broken = tmp_path / "broken.db"
    shutil.copy(path, broken)
    with sqlite3.connect(broken) as db:
        db.execute("UPDATE activity_day SET captured_seconds = captured_seconds + 7")
    short = tmp_path / "short.db"
    short.write_bytes(path.read_bytes()[:-1])
    partial = tmp_path / "partial.db"
    shutil.copy(path, partial)
    with sqlite3.connect(partial) as db:
        db.execute("DROP TABLE lessons")
    empty = tmp_path / "empty.db"
    shutil.copy(path, empty)
    with sqlite3.connect(empty) as db:
        db.execute("DELETE FROM install")
    for wrong, says in ((short, "damaged"), (partial, "damaged"), (empty, "damaged"), (changed, "checksum"), (other, "damaged"), (text, "damaged"), (broken, "captured_seconds"), (tmp_path / "none", "No such file")):
        refused = restore(keeping, wrong)
        assert refused.returncode not in (0, 75) and says in refused.stderr, (wrong, refused)
        assert keeping.db_path.read_bytes() == before and not list(keeping.directory.glob("*before-restore*"))
        assert not [p for p in keeping.directory.iterdir() if "fresh" in p.name]
    keeping.start()
    assert keeping.entries(user)


def test_a_copy_put_there_by_hand_is_refused(keeping):
    path = back_up(keeping)
    keeping.stop()
    shutil.copy(path, keeping.db_path)
    for tail in ("-wal", "-shm"):
        pathlib.Path(f"{keeping.db_path}{tail}").unlink(missing_ok=True)
    keeping.launch()
    assert keeping.process.wait(20) == 74
    assert "it is a backup" in keeping.log(keeping.log_start)


def test_a_restore_that_was_cut_short_is_noticed(keeping):
    path = back_up(keeping)
    keeping.stop()
    mark = pathlib.Path(f"{keeping.db_path}.restoring")
    mark.touch()
    keeping.launch()
    assert keeping.process.wait(20) == 74
    assert "a restore was cut short" in keeping.log(keeping.log_start)
    assert restore(keeping, path).returncode == 0 and not mark.exists()
    keeping.start()


def test_logs_are_the_journals(keeping, tmp_path):
    said = tmp_path / "said"
    fake = tmp_path / "bin" / "journalctl"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {said}\n")
    fake.chmod(0o755)
    env = ctl.environment(PATH=f"{fake.parent}:{os.environ['PATH']}")
    assert ctl.run("logs", "--job", 17, "--user", 42, "--limit", 5, "--follow", env=env).status == ctl.OK
    assert said.read_text().split() == ["SYSLOG_IDENTIFIER=rtalpd", "JOB_ID=17", "ALP_USER_ID=42", "--lines=5", "--follow"]
