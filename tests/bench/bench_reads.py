#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_reads - reading a day of entries: from kept bytes, from the store, while the writer is busy, in stores of any size; beside a peer.

    tests/bench/bench_reads.py BUILDDIR [--seconds 3] [--large 1000000] [--no-peer] [--only speed,busy,size]

Daemon, load and peer share this machine's processors; figures are what they gave in this run, and nothing here can fail because it was
slow. "cpu" is the daemon's own processor time a request, which other programs on the machine change least.
"""
import argparse
import json
import os
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
PER_DAY = 180
TICK_US = 1000000 / os.sysconf("SC_CLK_TCK")
DAY = "2026-01-03"


started = []  # and not stopped yet


def start(*arguments, **options):
    started.append(subprocess.Popen(*arguments, **options))
    return started[-1]


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    started.remove(process)


def wait_for(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise SystemExit("%s did not come" % what)


class Daemon:
    def __init__(self, build, directory, store, cache_mb=32, headers=None, tls=""):
        path = os.path.join(directory, os.path.basename(store) + ".conf")
        with open(path, "w") as f:
            f.write('http: { listen = ["127.0.0.1:0"]; cache_mb = %d; requests_per_minute = 0; %s};\nstore: { path = "%s"; };\n' % (cache_mb, tls, store))
            f.write('rescuetime: { url = "https://127.0.0.1:9/anapi/data"; };\nlog: { level = "notice"; };\n')
        self.process = start([build + "/rtalpd", "--config", path], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            found = re.search(r"serves on 127\.0\.0\.1:(\d+)", line)
            if found:
                break
        else:
            raise SystemExit("the daemon did not start")
        self.port = int(found.group(1))
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        # A token stays with its store.
        self.headers = headers or ["Authorization: Bearer " + self.make_token()]

    def make_token(self):
        body = json.dumps({"scope": "service", "name": "bench"}).encode()
        request = urllib.request.Request("http://127.0.0.1:%d/api/tokens" % self.port, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["token"]

    def get(self, path, **headers):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), headers=headers)
        name, value = self.headers[0].split(": ", 1)
        request.add_header(name, value)
        with urllib.request.urlopen(request) as answer:
            return answer.headers, answer.read()

    def cpu_us(self):
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK_US

    def stop(self):
        stop(self.process)


class Peer:
    """`processes` 1 is how the design starts it."""

    def __init__(self, directory, store, processes):
        self.database = directory + "/rescuetime.db"
        if not os.path.exists(self.database):
            copy_for_peer(store, self.database)
        self.port, self.headers = free_port(), ["Authorization: Bearer bench"]
        self.process = start(
            ["/usr/bin/python3", "-m", "uvicorn", "fastapi_service:app", "--port", str(self.port), "--workers", str(processes), "--log-level", "warning",
             "--no-access-log"], cwd=HERE + "/peers", env={**os.environ, "RESCUETIME_DB": self.database, "API_TOKEN": "bench"})
        wait_for(self.answers, "the peer")

    def answers(self):
        try:
            request = urllib.request.Request("http://127.0.0.1:%d/api/time_entries?alp_user_id=1&date=%s" % (self.port, DAY),
                                             headers={"Authorization": "Bearer bench"})
            with urllib.request.urlopen(request) as answer:
                return len(json.load(answer)) == PER_DAY
        except (urllib.error.URLError, ConnectionError):
            return False

    def stop(self):
        stop(self.process)


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def copy_for_peer(store, path):
    """The same rows, as the users of the peer would have them."""
    with sqlite3.connect(path) as db:
        db.execute("ATTACH ? AS ours", (store,))
        db.execute("CREATE TABLE time_entries (entry_id INTEGER PRIMARY KEY, alp_user_id INTEGER, entry_date TEXT, application TEXT, "
                   "task_description TEXT, total_seconds INTEGER, time_units REAL, status TEXT, notes TEXT, matter_code TEXT, "
                   "source_hash TEXT, created_at TEXT, updated_at TEXT)")
        db.execute("INSERT INTO time_entries SELECT entry_id, alp_user_id, date(entry_date * 86400, 'unixepoch'), application, "
                   "task_description, total_seconds, units_tenths / 10.0, 'pending', notes, matter_code, source_hash, "
                   "strftime('%Y-%m-%dT%H:%M:%fZ', created_ms / 1000.0, 'unixepoch'), "
                   "strftime('%Y-%m-%dT%H:%M:%fZ', updated_ms / 1000.0, 'unixepoch') FROM ours.time_entries")
        db.execute("CREATE INDEX by_day ON time_entries (alp_user_id, entry_date)")
        db.execute("PRAGMA journal_mode = WAL")


def beside():
    """The load stays on one processor, so that it does not take turns with what it measures on the same one."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def load(build, server, path, *options):
    """What bench_load measured, with the server's own processor time a request, if it tells."""
    headers = [part for header in server.headers for part in ("-H", header)]
    before = server.cpu_us() if hasattr(server, "cpu_us") else 0
    run = subprocess.run([build + "/bench_load", *map(str, options), *headers, "127.0.0.1:%d" % server.port, path],
                         stdout=subprocess.PIPE, text=True, check=False, preexec_fn=beside)
    if run.returncode != 0:
        raise SystemExit("%s: %s" % (path, run.stdout))
    figures = json.loads(run.stdout)
    if hasattr(server, "cpu_us"):
        figures["cpu_us"] = (server.cpu_us() - before) / figures["requests"]
    return figures


def fill(build, path, users, days, entries=PER_DAY):
    subprocess.run([build + "/bench_fill", path, str(users), str(days), str(entries)], check=True)


def table(title, rows):
    print("\n" + title)
    width = max(len(name) for name, _ in rows)
    for name, f in rows:
        cpu = "  cpu %6.1f us" % f["cpu_us"] if "cpu_us" in f else ""
        print("  %-*s %9.0f/s  p50 %8.2f ms  p99 %8.2f ms  %7d bytes%s" % (
            width, name, f["per_second"], f["p50_us"] / 1000, f["p99_us"] / 1000, f["bytes"] / max(f["requests"], 1), cpu))


def speed(args, directory):
    store = directory + "/speed.db"
    fill(args.build, store, 100, 5)
    daemon = Daemon(args.build, directory, store)
    day = "/api/time_entries?alp_user_id=1&date=" + DAY
    options = ["-c", 16, "-s", args.seconds, "-w", 0.2]
    tag = daemon.get(day)[0]["ETag"]
    count = next(n for n in range(20, PER_DAY + 1) if len(daemon.get(day + "&limit=%d" % n)[1]) >= 42000)
    rows = [
        ("a day of %d entries, kept" % PER_DAY, load(args.build, daemon, day, "-e", 200, *options)),
        ("  the same as gzip", load(args.build, daemon, day, "-e", 200, "-H", "Accept-Encoding: gzip", *options)),
        ("  the same, 304", load(args.build, daemon, day, "-e", 304, "-H", "If-None-Match: " + tag, *options)),
        ("42 KB of it (%d entries), kept" % count, load(args.build, daemon, day + "&limit=%d" % count, "-e", 200, *options)),
        ("one entry, kept", load(args.build, daemon, "/api/time_entries/7", "-e", 200, *options)),
        ("liveness, for comparison", load(args.build, daemon, "/healthz", "-e", 200, *options)),
    ]
    daemon.stop()
    daemon = Daemon(args.build, directory, store, headers=daemon.headers, tls=make_certificate(directory))
    rows += [("by TLS: " + name, load(args.build, daemon, path, "-e", 200, "-T", *options))
             for name, path in (("a day of %d entries, kept" % PER_DAY, day), ("one entry, kept", "/api/time_entries/7"))]
    daemon.stop()
    daemon = Daemon(args.build, directory, store, cache_mb=0, headers=daemon.headers)
    # Another user each time; nothing is kept.
    each = "/api/time_entries?alp_user_id={n}&date=" + DAY
    rows.append(("a day of %d entries, from the store each time" % PER_DAY, load(args.build, daemon, each, "-e", 200, "-o", 100, *options)))
    daemon.stop()
    ours = {"the whole day": rows[0][1], "as gzip": rows[1][1], "42 KB of it": rows[3][1]}
    theirs = {}
    for processes in () if args.no_peer else (1, 2):
        peer = Peer(directory, store, processes)
        theirs[processes] = load(args.build, peer, day, "-e", 200, "-c", 16, "-s", max(args.seconds, 5), "-w", 1)
        rows.append(("FastAPI and uvicorn, %d process%s: a day of %d entries" % (processes, "es" if processes > 1 else "", PER_DAY), theirs[processes]))
        peer.stop()
    table("Reading, keep-alive, 16 connections, with a token", rows)
    for processes, peer in theirs.items():
        print("  beside %d process%s of the peer: " % (processes, "es" if processes > 1 else "") + "; ".join(
            "%s %.0f times its rate, p99 1/%.0f of its" % (name, f["per_second"] / peer["per_second"], peer["p99_us"] / f["p99_us"])
            for name, f in ours.items()))


def make_certificate(directory):
    """The settings for TLS with a certificate made for this run."""
    path = directory + "/tls."
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                    "-keyout", path + "key", "-out", path + "pem"], check=True, capture_output=True)
    os.chmod(path + "key", 0o600)
    return 'tls_certificate = "%spem"; tls_key_file = "%skey"; ' % (path, path)


def write_all_the_time(args, daemon):
    return subprocess.Popen(
        [args.build + "/bench_load", "-m", "PUT", "-b", '{"time_zone": "Europe/Berlin"}', "-c", "16", "-s", str(args.seconds + 1.5), "-i", "1000000",
         "-H", daemon.headers[0], "127.0.0.1:%d" % daemon.port, "/api/users/{n}"], stdout=subprocess.PIPE, text=True, preexec_fn=beside)


def median(runs):
    return {k: statistics.median(r[k] for r in runs) for k in runs[0] if isinstance(runs[0][k], (int, float))}


def busy(args, directory):
    """Reads at a steady rate, in turns with and without as many writes as the writer takes; medians, so that one bad moment of the machine
    is not taken for the daemon's."""
    store = directory + "/busy.db"
    fill(args.build, store, 100, 5)
    rows, headers = [], None
    for name, cache_mb, rate in (("kept", 32, 1000), ("from the store", 0, 500)):
        daemon = Daemon(args.build, directory, store, cache_mb=cache_mb, headers=headers)
        headers = daemon.headers
        path = "/api/time_entries?alp_user_id={n}&date=%s" % DAY
        options = ["-c", 4, "-r", rate, "-s", args.seconds, "-e", 200, "-o", 100, "-w", 0.3]
        rest, busy_, written = [], [], []
        for _ in range(args.rounds):
            rest.append(load(args.build, daemon, path, *options))
            writer = write_all_the_time(args, daemon)
            time.sleep(0.5)
            busy_.append(load(args.build, daemon, path, *options))
            writes = json.loads(writer.communicate()[0])
            if set(writes["statuses"]) - {"200", "201"}:
                raise SystemExit("writes failed: %s" % writes)
            written.append(writes["per_second"])
        daemon.stop()
        at_rest, at_work = median(rest), median(busy_)
        at_work.pop("cpu_us")
        rows += [("%s, %d/s, at rest" % (name, rate), at_rest),
                 ("%s, %d/s, while %.0f/s are written: p99 %.1f times" % (name, rate, statistics.median(written), at_work["p99_us"] / at_rest["p99_us"]),
                  at_work)]
    table("Reading while the writer commits as fast as it can (4 connections, medians of %d rounds)" % args.rounds, rows)


def size(args, directory):
    """The same question in stores of very different size, in turns, so that all see the same machine."""
    stores = []
    for entries in (1000, 100000, args.large):
        users = max(1, min(1000, entries // PER_DAY // 5))
        days = max(1, entries // PER_DAY // users)
        path = "%s/size%d.db" % (directory, entries)
        began = time.monotonic()
        fill(args.build, path, users, days)
        stores.append((users * days * PER_DAY, users, days, Daemon(args.build, directory, path, cache_mb=0),
                       "filled in %.0f s, %.0f MB" % (time.monotonic() - began, os.path.getsize(path) / 1e6)))
    figures = {entries: {"one": [], "spread": [], "first": []} for entries, *_ in stores}
    question = "/api/time_entries?alp_user_id={n}&date=%s"
    for entries, users, days, daemon, _ in stores:
        # Every user's newest day, for the first time since the daemon began: nothing is in the engine's memory yet.
        day = time.strftime("%Y-%m-%d", time.gmtime(1767225600 + (days - 1) * 86400))
        figures[entries]["first"].append(load(args.build, daemon, question % day, "-c", 1, "-n", min(users, 500), "-o", users, "-e", 200))
    for _ in range(args.rounds):
        for entries, users, days, daemon, _ in stores:
            figures[entries]["one"].append(load(args.build, daemon, question % "2026-01-01", "-c", 1, "-n", 1000, "-o", min(5, users), "-e", 200))
            figures[entries]["spread"].append(load(args.build, daemon, question % "2026-01-01", "-c", 1, "-n", 1000, "-o", users, "-e", 200))
    print("\nA day of %d entries from the store, one connection, in stores of different size (medians of %d rounds)" % (PER_DAY, args.rounds))
    base = None
    for entries, users, days, daemon, note in stores:
        f = figures[entries]
        p50 = {k: statistics.median(x["p50_us"] for x in v) for k, v in f.items()}
        cpu = statistics.median(x["cpu_us"] for x in f["one"])
        base = base or (p50["one"], cpu)
        print("  %9d entries: warm, few days %4.0f us (%+3.0f %%), cpu %4.0f us (%+3.0f %%); warm, %d users %4.0f us; first time %4.0f us  [%s]" % (
            entries, p50["one"], 100 * (p50["one"] / base[0] - 1), cpu, 100 * (cpu / base[1] - 1), users, p50["spread"], p50["first"], note))
        daemon.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", type=int, default=1000000, help="entries in the largest store; 10000000 takes 4 GB and some minutes")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--only", default="speed,busy,size")
    parser.add_argument("--directory", help="where the stores are made (a temporary directory)")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    directory = tempfile.mkdtemp(prefix="rtalp-bench-", dir=args.directory)
    try:
        for part in args.only.split(","):
            {"speed": speed, "busy": busy, "size": size}[part](args, directory)
    finally:
        for process in list(started):
            stop(process)
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
