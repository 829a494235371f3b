# SPDX-License-Identifier: Apache-2.0
"""The dump that is made of a store before a release holds all there is, and comes back as the same store."""
import sqlite3

from lib import full_store
from lib.daemon import Daemon
from lib.sandbox import Sandbox


def test_a_full_store_comes_back_from_its_dump(tmp_path):
    sandbox = Sandbox(tmp_path)
    try:
        (tmp_path / "first").mkdir()
        (tmp_path / "second").mkdir()
        path = full_store.make(tmp_path / "first", sandbox)
        version, text = full_store.dump(path)
        with sqlite3.connect(path) as db:
            counts = full_store.counts(db)
        assert [name for name, rows in counts.items() if rows == 0] == [], "full_store.py fills every table"
        daemon = Daemon(tmp_path / "second", sandbox, {"store.keep_raw_days": full_store.KEEP_RAW_DAYS})
        with sqlite3.connect(daemon.db_path) as db:
            db.executescript(text)
        try:
            daemon.start()
            assert daemon.query("PRAGMA user_version") == [(version,)]
            with sqlite3.connect(path) as db:
                entries = [i for i, in db.execute("SELECT entry_id FROM time_entries ORDER BY entry_id")]
            assert [i for i, in daemon.query("SELECT entry_id FROM time_entries ORDER BY entry_id")] == entries
            assert daemon.stop() == 0
        finally:
            daemon.end()
    finally:
        sandbox.stop()
