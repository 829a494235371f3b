# SPDX-License-Identifier: Apache-2.0
"""Files as the prototype left them: its tables, and what it wrote into them."""
import hashlib
import math
import sqlite3

TABLES = {
    "activity_log": "log_date TEXT NOT NULL, time_spent_seconds INTEGER NOT NULL, activity TEXT NOT NULL, category TEXT, productivity INTEGER, document TEXT, "
                    "processed INTEGER NOT NULL DEFAULT 0, created_at TIMESTAMP, updated_at TIMESTAMP, PRIMARY KEY (log_date, activity, document)",
    "time_entries": "entry_id INTEGER PRIMARY KEY AUTOINCREMENT, entry_date TEXT NOT NULL, application TEXT NOT NULL, task_description TEXT NOT NULL, "
                    "total_seconds INTEGER NOT NULL, time_units REAL, status TEXT NOT NULL DEFAULT 'pending', notes TEXT, matter_code TEXT, "
                    "source_hash TEXT NOT NULL UNIQUE, created_at TIMESTAMP, updated_at TIMESTAMP",
    "processed_time_entries": "id INTEGER PRIMARY KEY AUTOINCREMENT, original_entry_id INTEGER NOT NULL, entry_date TEXT NOT NULL, application TEXT NOT NULL, "
                              "task_description TEXT NOT NULL, time_units REAL NOT NULL, matter_code TEXT, status TEXT NOT NULL DEFAULT 'submitted', "
                              "notes TEXT, source_hash TEXT NOT NULL, created_at TIMESTAMP, updated_at TIMESTAMP, submitted_to_alp_at TIMESTAMP, "
                              "alp_entry_id TEXT, UNIQUE(source_hash, entry_date)",
}


class Prototype:
    """`strict=False` leaves out what the engine would refuse, for files that somebody else wrote into."""

    def __init__(self, path, strict=True, without=()):
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        for name, columns in TABLES.items():
            columns = [c.strip() for c in columns.replace("(log_date, activity, document)", "(*)").replace("(source_hash, entry_date)", "(**)").split(", ")]
            columns = [c.replace("(*)", "(log_date, activity, document)").replace("(**)", "(source_hash, entry_date)") for c in columns]
            columns = [c for c in columns if f"{name}.{c.split()[0]}" not in without and name not in without]
            if not strict:
                columns = [c.split()[0] for c in columns if not c.startswith(("PRIMARY KEY (", "UNIQUE("))]
            if columns:
                self.db.execute(f"CREATE TABLE {name} ({', '.join(columns)})")

    def add(self, table, **columns):
        names = ", ".join(columns)
        return self.db.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", tuple(columns.values())).lastrowid

    def row(self, date, seconds, activity, document, category="Editing", productivity=2):
        return self.add("activity_log", log_date=date, time_spent_seconds=seconds, activity=activity, category=category, productivity=productivity,
                        document=document, processed=1)

    @staticmethod
    def hash(date, activity, task):
        return hashlib.md5(f"{date}-{activity}-{task}".encode()).hexdigest()

    def draft(self, date, activity, task, seconds, **changes):
        return self.add("time_entries", **{
            "entry_date": date, "application": activity, "task_description": task, "total_seconds": seconds, "time_units": math.ceil(seconds / 36) / 10,
            "source_hash": self.hash(date, activity, task), "created_at": f"{date} 20:00:00", **changes})

    def submit(self, date, activity, task, units, of=0, **changes):
        """What the screen's button writes."""
        self.db.execute("UPDATE time_entries SET status = 'submitted' WHERE entry_id = ?", (of,))
        return self.add("processed_time_entries", **{
            "original_entry_id": of, "entry_date": date, "application": activity, "task_description": task, "time_units": units, "status": "submitted",
            "source_hash": self.hash(date, activity, task), "created_at": f"{date} 21:00:00", **changes})

    def close(self):
        self.db.close()
        return self.path
