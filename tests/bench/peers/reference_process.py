#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The peers for processing: the prototype's way, on one core.

    reference_process.py DATABASE USERS [--as-it-stands] < ROWS

ROWS as for bench_rows. Each user has a table of raw rows (activity_log) in the same database; measured is what the prototype's processor does
with them: read what is not processed into a dictionary a row, clean its title with Python's `re`, leave out vague ones, look for five
digits, add up by day, application and task, write the entries with an upsert on the md5 of their names and mark the rows, all of a user in one
transaction. The rules are those of etc/rules-reference.conf. The connection is as the sqlite3 module gives it, with a write-ahead log as
rtalpd has; no durability is asked for but the one at the commit.

With --as-it-stands it has the prototype's own habits too: a row is known by the text key (date, activity, document), beside which stand indexes
of the date and of whether it was processed; a user is a range of dates of its own; each step of a run opens a connection (one reads, one
writes entries, one marks rows), with the journal the sqlite3 module gives; patterns are handed over as text at each use; entries go by one
executemany() of the upsert, and rows are marked one by one by their text key. So it does what the prototype itself does: on the same machine and
the rows of ten users' month that did 48,300 rows a second at best, first and again 47,300, and this 48,400 and 49,900.

Prints rows, entries, seconds and the rows a second, as JSON; "again" is the same once more, with every entry there already.
"""
import datetime
import hashlib
import json
import math
import re
import sqlite3
import sys
import time

NOISE = [(re.compile(p), "") for p in (r" - Google Chrome – .+$", r" - Google Chrome$", " - Microsoft\u200b Edge$", r" — Mozilla Firefox$",
                                       r" \(\d+ unread\)$")]
VAGUE = {"No Details", "Paste", "New Tab", "Untitled", "Reminders", "Calendar", "Microsoft Teams", "Cursor", "ALP Clone", "Coding", "Notes",
         "Balloons", "Accept", "Table of Contents", "Change Case", "Styles", "Text Highlight Color", "Markup Options",
         "Open new and recent files", "TV", "Downloads", "Recents", "OneDrive", "Google", "Welcome", "GitHub", "Rules", "RescueTime",
         "Copilot", "reMarkable", "Pilot", "Recent"}
VAGUE_PATTERNS = [re.compile(p) for p in (r"^Search, Suggestions", r"^Document\d+$", r"^\d+ Reminder$")]
MATTER = [re.compile(p) for p in (r"\[(\d{5})\]", r"_(\d{5})_", r"_(\d{5})(?=[_\s]|$)", r"(?:^|[_\s])(\d{5})_", r"(?:^|\s)(\d{5})(?:\s|$)")]
FILE_NAME = re.compile(r"([\w\s\-\[\]]+\.(?:docx|xlsx|pptx|csv|md|txt|py|js|html|css))", re.IGNORECASE)
VAGUE_MAX = 25


def clean_word(title):
    title = re.sub(r"\s*-\s*Read-Only$", "", title, flags=re.IGNORECASE).strip()
    title = re.sub(r"\s+-\s+Compatibility Mode$", "", title, flags=re.IGNORECASE).strip()
    title = re.sub(r"_\[(\d+)\]", r"_\1", title)
    if title.startswith("Portal"):
        title = re.sub(r"^Portal\s*-\s*", "Portal ", title)
        title = re.sub(r"\s+", " ", title)
    return None if re.match(r"^Document\d+$", title) else title


def name_of(application, title):
    if "microsoft word" in application.lower():
        return clean_word(title)
    if "preview" in application.lower():
        found = re.search(r"^.+?\.pdf", title, re.MULTILINE)
        if found:
            return found.group(0).strip()
    found = FILE_NAME.search(title)
    return found.group(1).strip() if found else title


def clean(application, title):
    task = name_of(application, title)
    if task is None:
        return None
    for pattern, replacement in NOISE:
        task = pattern.sub(replacement, task)
    return task


def is_vague(task):
    text = task.strip()
    return not text or (len(text) <= VAGUE_MAX and (text in VAGUE or any(p.search(text) for p in VAGUE_PATTERNS)))


def matter_of(task):
    for pattern in MATTER:
        found = pattern.search(task)
        if found:
            return found.group(1)
    return None


SCHEMA = """
CREATE TABLE activity_log (id INTEGER PRIMARY KEY, user_id INTEGER, log_date TEXT, time_spent_seconds INTEGER, activity TEXT, category TEXT,
    productivity INTEGER, document TEXT, processed INTEGER DEFAULT 0, UNIQUE (user_id, log_date, activity, document));
CREATE TABLE time_entries (entry_id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, entry_date TEXT, application TEXT, task_description TEXT,
    total_seconds INTEGER, time_units REAL, status TEXT DEFAULT 'pending', notes TEXT, matter_code TEXT, source_hash TEXT UNIQUE,
    created_at TEXT DEFAULT CURRENT_TIMESTAMP, updated_at TEXT DEFAULT CURRENT_TIMESTAMP);
"""

UPSERT = """
INSERT INTO time_entries (user_id, entry_date, application, task_description, total_seconds, time_units, matter_code, source_hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source_hash) DO UPDATE SET total_seconds = excluded.total_seconds, time_units = excluded.time_units,
    matter_code = excluded.matter_code, updated_at = CURRENT_TIMESTAMP
"""


def process(db, user):
    rows = db.execute("SELECT * FROM activity_log WHERE user_id = ? AND processed = 0", (user,)).fetchall()
    entries, done = {}, []
    for row in map(dict, rows):
        task = clean(row["activity"], row["document"])
        if task is None or is_vague(task):
            continue
        key = (row["log_date"], row["activity"], task)
        entry = entries.setdefault(key, {"total_seconds": 0, "matter_code": matter_of(task)})
        entry["total_seconds"] += row["time_spent_seconds"]
        done.append(row["id"])
    with db:
        for (date, application, task), entry in entries.items():
            source_hash = hashlib.md5(f"{user}-{date}-{application}-{task}".encode()).hexdigest()
            units = math.ceil(entry["total_seconds"] / 360 * 10) / 10
            db.execute(UPSERT, (user, date, application, task, entry["total_seconds"], units, entry["matter_code"], source_hash))
        db.executemany("UPDATE activity_log SET processed = 1 WHERE id = ?", ((i,) for i in done))
    return len(rows)


class AsItStands:
    """The same rules and results with the prototype's habits."""

    SCHEMA = """
    CREATE TABLE activity_log (log_date TEXT NOT NULL, time_spent_seconds INTEGER NOT NULL, activity TEXT NOT NULL, category TEXT,
        productivity INTEGER, document TEXT, processed INTEGER NOT NULL DEFAULT 0, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (log_date, activity, document));
    CREATE INDEX activity_by_processed ON activity_log (processed);
    CREATE INDEX activity_by_date ON activity_log (log_date);
    CREATE TABLE time_entries (entry_id INTEGER PRIMARY KEY AUTOINCREMENT, entry_date TEXT NOT NULL, application TEXT NOT NULL,
        task_description TEXT NOT NULL, total_seconds INTEGER NOT NULL, time_units REAL, status TEXT NOT NULL DEFAULT 'pending', notes TEXT,
        matter_code TEXT, source_hash TEXT NOT NULL UNIQUE, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE INDEX entries_by_date ON time_entries (entry_date);
    CREATE INDEX entries_by_matter ON time_entries (matter_code);
    """
    UPSERT = """
    INSERT INTO time_entries (entry_date, application, task_description, total_seconds, time_units, matter_code, source_hash)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (source_hash) DO UPDATE SET total_seconds = excluded.total_seconds, time_units = excluded.time_units,
        matter_code = excluded.matter_code, updated_at = CURRENT_TIMESTAMP
    """
    MARK = "UPDATE activity_log SET processed = 1 WHERE log_date = ? AND activity = ? AND document = ?"

    def __init__(self, path, users, rows):
        self.path, self.users = path, users
        days = [int(r[0]) for r in rows]
        self.first, self.span = min(days), max(days) - min(days) + 1
        with self.connect() as db:
            db.executescript(self.SCHEMA)
            db.executemany("INSERT INTO activity_log (log_date, time_spent_seconds, activity, category, productivity, document) VALUES (?, ?, ?, ?, ?, ?)",
                           ((self.date(int(r[0]), user), int(r[1]), r[2], r[3], int(r[4]), r[5]) for user in range(users) for r in rows))
        db.close()

    def date(self, day, user):
        return (datetime.date(1970, 1, 1) + datetime.timedelta(day - user * self.span)).isoformat()

    def connect(self):
        db = sqlite3.connect(self.path, timeout=10.0)
        db.row_factory = sqlite3.Row
        return db

    def read(self, first, last):
        db = self.connect()
        rows = db.execute("SELECT * FROM activity_log WHERE processed = 0 AND log_date >= ? AND log_date <= ? ORDER BY log_date", (first, last))
        rows = rows.fetchall()
        db.close()
        return rows

    def write(self, entries):
        db = self.connect()
        values = []
        for (date, application, task), entry in entries.items():
            source_hash = hashlib.md5(f"{date}-{application}-{task}".encode()).hexdigest()
            values.append((date, application, task, entry["total_seconds"], math.ceil(entry["total_seconds"] / 360 * 10) / 10, entry["matter_code"],
                           source_hash))
        db.executemany(self.UPSERT, values)
        db.commit()
        db.close()

    def mark(self, done):
        db = self.connect()
        for key in done:
            db.execute(self.MARK, key)
        db.commit()
        db.close()

    def process(self, user):
        rows = self.read(self.date(self.first, user), self.date(self.first + self.span - 1, user))
        entries, done = {}, []
        for row in map(dict, rows):
            task = clean_by_text(row["activity"], row["document"])
            if task is None or is_vague_by_text(task):
                continue
            done.append((row["log_date"], row["activity"], row["document"]))
            key = (row["log_date"], row["activity"], task)
            entry = entries.setdefault(key, {"total_seconds": 0, "matter_code": matter_by_text(task)})
            entry["total_seconds"] += row["time_spent_seconds"]
        self.write(entries)
        self.mark(done)
        return len(rows)

    def timed(self):
        with self.connect() as db:
            db.execute("UPDATE activity_log SET processed = 0")
        db.close()
        began, cpu = time.monotonic(), time.process_time()
        rows = sum(self.process(user) for user in range(self.users))
        return {"rows": rows, "seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - cpu}

    def entries(self):
        db = self.connect()
        count = db.execute("SELECT count(*) FROM time_entries").fetchone()[0]
        db.close()
        return count


def clean_by_text(application, title):
    task = title
    if "microsoft word" in application.lower():
        task = clean_word(title)
    elif "preview" in application.lower() and re.search(r"^.+?\.pdf", title, re.MULTILINE):
        task = re.search(r"^.+?\.pdf", title, re.MULTILINE).group(0).strip()
    else:
        found = re.search(FILE_NAME.pattern, title, re.IGNORECASE)
        task = found.group(1).strip() if found else title
    if task is not None:
        for pattern, replacement in NOISE:
            task = re.sub(pattern.pattern, replacement, task)
    return task


def is_vague_by_text(task):
    text = task.strip()
    return not text or (len(text) <= VAGUE_MAX and (text in VAGUE or any(re.search(p.pattern, text) for p in VAGUE_PATTERNS)))


def matter_by_text(task):
    for pattern in MATTER:
        found = re.search(pattern.pattern, task)
        if found:
            return found.group(1)
    return None


def timed(db, users):
    db.execute("UPDATE activity_log SET processed = 0")
    db.commit()
    began, cpu = time.monotonic(), time.process_time()
    rows = sum(process(db, user) for user in range(1, users + 1))
    return {"rows": rows, "seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - cpu}


def as_it_could_be(path, users, lines):
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.executescript(SCHEMA)
    for user in range(1, users + 1):
        db.executemany("INSERT INTO activity_log (user_id, log_date, time_spent_seconds, activity, category, productivity, document) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)",
                       ((user, (datetime.date(1970, 1, 1) + datetime.timedelta(int(r[0]))).isoformat(), int(r[1]), r[2], r[3], int(r[4]), r[5])
                        for r in lines))
    db.commit()
    first, again = timed(db, users), timed(db, users)
    return {"entries": db.execute("SELECT count(*) FROM time_entries").fetchone()[0], "first": first, "again": again}


def as_it_stands(path, users, lines):
    peer = AsItStands(path, users, lines)
    first, again = peer.timed(), peer.timed()
    return {"entries": peer.entries(), "first": first, "again": again}


def main():
    lines = [line.rstrip("\n").split("\t") for line in sys.stdin]
    peer = as_it_stands if "--as-it-stands" in sys.argv[3:] else as_it_could_be
    print(json.dumps(peer(sys.argv[1], int(sys.argv[2]), lines)))


if __name__ == "__main__":
    main()
