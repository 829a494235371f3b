#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_process - stored rows through a confined worker to stored entries, beside the prototype's way on the same rows.

    tests/bench/bench_process.py BUILDDIR [--users 30] [--rounds 3] [--rows FILE] [--rules FILE] [--no-peer] [--directory DIR] [--wrap "perf record .."]

FILE has the form of tests/vectors/reference-day.json; each user gets all of its rows. $RTALP_VECTORS/reference-month.json is taken if there is
one. A process job a user is queued while the kind is paused; the time runs from the word to go on until the last job's end is stored. "first"
makes every entry; "again" is the same jobs once more, which change nothing. "cpu" is processor time a row: of the loop, of the
thread that writes, of those that read, and of all workers. The best of the rounds is told, for all. The rules are those of the reference, which
the peers have in their own words; other ones, without them.

There are two peers (peers/reference_process.py): the prototype as it stands, with its database habits, on the rows of as many users; and the same
work as Python could do it, with one connection, numbers for keys, compiled patterns and a write-ahead log, on those of a tenth.
"""
import argparse
import datetime
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


def rows_file(named):
    for path in (named, os.path.join(os.environ.get("RTALP_VECTORS", ""), "reference-month.json"), HERE + "/../vectors/reference-day.json"):
        if path and os.path.exists(path):
            return path
    raise SystemExit("no rows")


def as_lines(path):
    """The rows as bench_rows and the peer read them, and the first and the last day."""
    with open(path) as f:
        root = json.load(f)
    at = [root["row_headers"].index(name) for name in ("log_date", "time_spent_seconds", "activity", "category", "productivity", "document")]
    lines, dates = [], set()
    for row in root["rows"]:
        date, *rest = (row[i] for i in at)
        dates.add(date)
        day = (datetime.date.fromisoformat(date) - datetime.date(1970, 1, 1)).days
        lines.append("\t".join(re.sub(r"[\t\n]", " ", str(v)) for v in (day, *rest)) + "\n")
    return "".join(lines), min(dates), max(dates)


class Daemon:
    def __init__(self, build, directory, rules, wrap):
        path = os.path.join(directory, "rtalpd.conf")
        self.db_path = os.path.join(directory, "rtalp.db")
        with open(path, "w") as f:
            f.write('http: { listen = ["127.0.0.1:0"]; requests_per_minute = 0; };\nstore: { path = "%s"; };\n' % self.db_path)
            f.write('rescuetime: { url = "https://127.0.0.1:9/anapi/data"; };\nlog: { level = "notice"; };\n')
            f.write('rules: { file = "%s"; };\n' % os.path.abspath(rules))
        self.process = subprocess.Popen(shlex.split(wrap) + [build + "/rtalpd", "--config", path], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            found = re.search(r"serves on 127\.0\.0\.1:(\d+)", line)
            if found:
                break
        else:
            raise SystemExit("the daemon did not start")
        self.port = int(found.group(1))
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def post(self, path, body):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def live(self):
        with urllib.request.urlopen("http://127.0.0.1:%d/api/queue" % self.port) as answer:
            return sum(k["queued"] + k["running"] for k in json.load(answer))

    def cpu(self):
        """Seconds of processor time by thread's name; those of ended workers are in "workers" only once their spawner reaped them."""
        result = {}
        for task in os.listdir("/proc/%d/task" % self.process.pid):
            base = "/proc/%d/task/%s/" % (self.process.pid, task)
            with open(base + "comm") as comm, open(base + "schedstat") as stat:
                name = comm.read().strip()
                result[name] = result.get(name, 0) + int(stat.read().split()[0]) / 1e9
        ticks = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid) as f:
                    fields = f.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid:
                ticks += sum(int(t) for t in fields[11:15])
        result["workers"] = ticks / os.sysconf("SC_CLK_TCK")
        return result

    def run(self, users, first, last):
        self.post("/api/queue/process/pause", {})
        for user in range(1, users + 1):
            self.post("/api/jobs/process", {"alp_user_id": user, "from": first, "to": last})
        before, began_ms = self.cpu(), int(time.time() * 1000)
        self.post("/api/queue/process/resume", {})
        while self.live() > 0:
            time.sleep(0.05)
        after = self.cpu()
        db = sqlite3.connect(f"file:{self.db_path}?mode=ro", uri=True)
        ended_ms, failed = db.execute("SELECT max(finished_ms), sum(state <> 3) FROM jobs WHERE finished_ms >= ?", (began_ms,)).fetchone()
        entries = db.execute("SELECT count(*) FROM time_entries").fetchone()[0]
        db.close()
        if failed:
            raise SystemExit("%d jobs failed" % failed)
        return {"seconds": (ended_ms - began_ms) / 1000, "entries": entries,
                "cpu": {name: after[name] - before.get(name, 0) for name in after}}

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def show(what, seconds, rows, rest=""):
    print("%-34s %9.0f rows/s  %6.2f us a row  %s" % (what, rows / seconds, seconds * 1e6 / rows, rest), flush=True)


# What it is called, its option, and which part of the users it gets.
PEERS = (("the prototype as it stands", ["--as-it-stands"], 1), ("the prototype's way, faster", [], 10))


def run_peer(directory, options, users, lines, entries_a_user):
    peer = json.loads(subprocess.run(["/usr/bin/python3", HERE + "/peers/reference_process.py", directory + "/peer.db", str(users), *options],
                                     input=lines, text=True, check=True, stdout=subprocess.PIPE).stdout)
    if peer["entries"] != entries_a_user * users:
        raise SystemExit("the peer made %d entries for %d users" % (peer["entries"], users))
    return peer


def show_beside(seconds, rows, what, peer):
    show(what, peer["seconds"], peer["rows"], "cpu us: %.2f" % (peer["cpu_seconds"] * 1e6 / peer["rows"]))
    print("%-34s %9.1f times" % ("", (rows / seconds) / (peer["rows"] / peer["seconds"])))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--users", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows")
    parser.add_argument("--rules", default=HERE + "/../../etc/rules-reference.conf")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--directory", help="where the stores are made (the system's place for temporary files)")
    parser.add_argument("--wrap", default="", help="a command that runs the daemon")
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    lines, first_day, last_day = as_lines(rows_file(args.rows))
    best, rows = {}, 0

    def note(name, result):
        if name not in best or result["seconds"] < best[name]["seconds"]:
            best[name] = result

    for _ in range(args.rounds):
        with tempfile.TemporaryDirectory(dir=args.directory) as directory:
            said = subprocess.run([build + "/bench_rows", directory + "/rtalp.db", str(args.users)], input=lines, text=True, check=True,
                                  stdout=subprocess.PIPE).stdout.split()
            days, rows, grain = (int(n) * args.users for n in said)
            daemon = Daemon(build, directory, args.rules, args.wrap)
            note("first", daemon.run(args.users, first_day, last_day))
            note("again", daemon.run(args.users, first_day, last_day))
            daemon.stop()
        for what, options, part in PEERS if not args.no_peer else ():
            with tempfile.TemporaryDirectory(dir=args.directory) as directory:
                peer = run_peer(directory, options, max(1, args.users // part), lines, best["first"]["entries"] // args.users)
                note((what, "first"), peer["first"])
                note((what, "again"), peer["again"])
    print("%d users, %d days, %d rows (%d 5-minute rows), %d entries" % (args.users, days, rows, grain, best["first"]["entries"]))
    for name in ("first", "again"):
        cpu = best[name]["cpu"]
        us = {n: cpu[n] * 1e6 / rows for n in cpu}
        show("rtalpd, " + name, best[name]["seconds"], rows,
             "cpu us: loop %.2f writer %.2f readers %.2f workers %.2f" % (
                 us.get("rtalpd", 0), us.get("store-writer", 0), sum(v for n, v in us.items() if n.startswith("store-read")), us["workers"]))
        for what, _, _ in PEERS if not args.no_peer else ():
            show_beside(best[name]["seconds"], rows, "%s, %s" % (what, name), best[(what, name)])


if __name__ == "__main__":
    main()
