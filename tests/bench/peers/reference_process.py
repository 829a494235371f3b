#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The peer for processing: the prototype's way, on one core.

    reference_process.py DATABASE USERS < ROWS

ROWS as for bench_rows. Each user has a table of raw rows (activity_log) in the same database; measured is what the prototype's processor does
with them: read what is not processed into a dictionary a row, clean its title with Python's `re`, leave out vague ones, look for five
digits, add up by day, application and task, write the entries with an upsert on the md5 of their names and mark the rows, all of a user in one
transaction. The rules are those of etc/rules-reference.conf. The connection is as the sqlite3 module gives it, with a write-ahead log as
rtalpd has; no durability is asked for but the one at the commit.

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


def timed(db, users):
    db.execute("UPDATE activity_log SET processed = 0")
    db.commit()
    began, cpu = time.monotonic(), time.process_time()
    rows = sum(process(db, user) for user in range(1, users + 1))
    return {"rows": rows, "seconds": time.monotonic() - began, "cpu_seconds": time.process_time() - cpu}


def main():
    users = int(sys.argv[2])
    db = sqlite3.connect(sys.argv[1])
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.executescript(SCHEMA)
    lines = [line.rstrip("\n").split("\t") for line in sys.stdin]
    for user in range(1, users + 1):
        db.executemany("INSERT INTO activity_log (user_id, log_date, time_spent_seconds, activity, category, productivity, document) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)",
                       ((user, (datetime.date(1970, 1, 1) + datetime.timedelta(int(r[0]))).isoformat(), int(r[1]), r[2], r[3], int(r[4]), r[5])
                        for r in lines))
    db.commit()
    first, again = timed(db, users), timed(db, users)
    entries = db.execute("SELECT count(*) FROM time_entries").fetchone()[0]
    print(json.dumps({"entries": entries, "first": first, "again": again}))


if __name__ == "__main__":
    main()
