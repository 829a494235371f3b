#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_jobs - the whole way of a fetch against the sandbox, as a table of figures.

    tests/bench/bench_jobs.py BUILDDIR [--users 2000] [--latency-ms 50] [--workers 64]

Starts a sandbox over TLS and a daemon with an embedded store in a temporary directory, both on loopback. Measured: start to ready;
one job at a time without upstream latency (accepted to entries visible); many users at once at a latency; memory while they run.
Figures are what this machine gave in this run; nothing here can fail because it was slow.
"""
import argparse
import http.client
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from datetime import datetime


CONNECTIONS = 32


def key(user):
    return ("B63sandbox%06d" % user).ljust(40, "x")


def wait_line(stream, pattern, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        line = stream.readline()
        if not line:
            break
        found = re.search(pattern, line)
        if found:
            return found
    raise SystemExit("no line like %r" % pattern)


class Sandbox:
    def __init__(self, build, directory, latency_ms, users):
        self.process = subprocess.Popen(
            [build + "/rtalp-sandbox", "--port", "0", "--tls-port", "0", "--make-cert", directory + "/ca", "--quiet",
             "--users", str(users + 1000), "--latency-ms", str(latency_ms)], stdout=subprocess.PIPE, text=True)
        found = wait_line(self.process.stdout, r"https=127\.0\.0\.1:(\d+) ca=(\S+)")
        self.port, self.ca = int(found.group(1)), found.group(2)


class Daemon:
    def __init__(self, build, directory, sandbox, workers):
        path = directory + "/rtalpd.conf"
        with open(path, "w") as f:
            f.write('http: { listen = ["127.0.0.1:0"]; requests_per_minute = 0; };\nstore: { path = "%s/rtalp.db"; };\n' % directory)
            f.write('rescuetime: { url = "https://127.0.0.1:%d/anapi/data"; ca_file = "%s"; };\n' % (sandbox.port, sandbox.ca))
            f.write('workers: { max = %d; };\nqueue: { max_jobs = 100000; };\nlog: { level = "notice"; };\n' % workers)
        start = time.monotonic()
        self.process = subprocess.Popen([build + "/rtalpd", "--config", path], stderr=subprocess.PIPE, text=True)
        found = wait_line(self.process.stderr, r"serves on 127\.0\.0\.1:(\d+) after (\d+) ms")
        self.seen_ready_ms, self.said_ready_ms = (time.monotonic() - start) * 1000, int(found.group(2))
        self.port, self.pid = int(found.group(1)), self.process.pid
        threading.Thread(target=self.process.stderr.read, daemon=True).start()


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method, path, body=None, headers=None):
        text = json.dumps(body) if body is not None else None
        self.connection.request(method, path, text, {"Content-Type": "application/json", **(headers or {})})
        answer = self.connection.getresponse()
        data = answer.read()
        return answer.status, json.loads(data) if data else None


def smaps(pid):
    private = rss = 0
    try:
        with open("/proc/%d/smaps_rollup" % pid) as f:
            for line in f:
                if line.startswith(("Private_Clean", "Private_Dirty")):
                    private += int(line.split()[1])
                elif line.startswith("Rss"):
                    rss = int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    return private, rss


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(p) for p in f.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def spawner_of(pid):
    """Of the master's children, the one that has the workers."""
    for child in children(pid):
        with open("/proc/%d/cmdline" % child, "rb") as f:
            if b"spawner" in f.read():
                return child
    raise SystemExit("there is no spawner")


class Sampler(threading.Thread):
    """Looks at the memory of master and workers now and then, without taking much of the machine."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.master_rss, self.worker_private, self.over = pid, 0, [], threading.Event()

    def run(self):
        while not self.over.wait(0.25):
            master = smaps(self.pid)
            self.master_rss = max(self.master_rss, master[1] if master else 0)
            for spawner in children(self.pid):
                for worker in children(spawner)[:4]:
                    m = smaps(worker)
                    if m and m[0] > 0:
                        self.worker_private.append(m[0])


def cpu_ms(pid):
    """User and system time of a process so far, and of its children that ended."""
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    tick = 1000 / os.sysconf("SC_CLK_TCK")
    return (int(fields[11]) + int(fields[12])) * tick, (int(fields[13]) + int(fields[14])) * tick


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def submit(client, user):
    status, job = client.call("POST", "/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key(user), "days": 1})
    if status != 202:
        raise SystemExit("a fetch was answered %d %s" % (status, job))
    return job["job_id"]


def one_at_a_time(port, users):
    client, took = Client(port), []
    for user in users:
        job = submit(client, user)
        while True:
            _, row = client.call("GET", "/api/jobs/%d" % job)
            if row["finished_at"]:
                break
            time.sleep(0.002)
        if row["state"] != "succeeded":
            raise SystemExit("job %d: %s" % (job, row))
        took.append(instant(row["finished_at"]) - instant(row["created_at"]))
    return took


def submit_all(port, users):
    """Sends every request without waiting for answers, so that this program takes little of the processors it shares with the daemon."""
    requests = b"".join(
        b"POST /api/jobs/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        for body in (json.dumps({"alp_user_id": u, "rescue_time_api_key": key(u), "days": 1}).encode() for u in users))
    with socket.create_connection(("127.0.0.1", port), 60) as s:
        threading.Thread(target=s.sendall, args=(requests,), daemon=True).start()
        accepted, tail = 0, b""
        while accepted < len(users):
            data = s.recv(1 << 18)
            if not data:
                raise SystemExit("the daemon hung up after %d answers" % accepted)
            # A status line may be cut in two: what could be the beginning of one waits for the rest.
            text = tail + data
            cut = text.rfind(b"HTTP/1.1", len(text) - 12) if len(text) >= 12 else 0
            text, tail = (text[:cut], text[cut:]) if cut >= 0 else (text, b"")
            accepted += text.count(b"HTTP/1.1 202")
            refused = re.search(rb"HTTP/1\.1 (?!202)\d\d\d", text)
            if refused:
                raise SystemExit("a fetch was answered %s" % refused.group().decode())
            if accepted + (tail[:12] == b"HTTP/1.1 202") >= len(users):
                return


def many(port, pid, users):
    sampler = Sampler(pid)
    client = Client(port)
    sampler.start()
    start = time.monotonic()
    users = list(users)
    submitting = [threading.Thread(target=submit_all, args=(port, users[i::CONNECTIONS])) for i in range(CONNECTIONS)]
    for thread in submitting:
        thread.start()
    for thread in submitting:
        thread.join()
    accepted = time.monotonic() - start
    while True:
        _, queue = client.call("GET", "/api/queue")
        if sum(k["queued"] + k["running"] for k in queue) == 0:
            break
        time.sleep(0.05)
    took = time.monotonic() - start
    sampler.over.set()
    sampler.join()
    return accepted, took, sampler


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--latency-ms", type=int, default=50)
    parser.add_argument("--workers", type=int, default=64)
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        quick = Sandbox(build, directory, 0, args.users)
        daemon = Daemon(build, directory, quick, args.workers)
        rows.append(("start to ready, as the daemon says", "%d ms" % daemon.said_ready_ms))
        rows.append(("start to ready, seen from outside", "%.0f ms" % daemon.seen_ready_ms))
        took = one_at_a_time(daemon.port, range(1, 201))
        rows.append(("accepted to entries visible, no upstream latency, 200 jobs one by one",
                     "median %.0f ms, p99 %.0f ms" % (statistics.median(took), sorted(took)[int(len(took) * 0.99)])))
        stop(daemon.process)
        stop(quick.process)
    with tempfile.TemporaryDirectory() as directory:
        slow = Sandbox(build, directory, args.latency_ms, args.users)
        daemon = Daemon(build, directory, slow, args.workers)
        spawner = spawner_of(daemon.pid)
        before = cpu_ms(daemon.pid)[0], cpu_ms(spawner), cpu_ms(slow.process.pid)[0]
        accepted, took, sampler = many(daemon.port, daemon.pid, range(1, args.users + 1))
        after = cpu_ms(daemon.pid)[0], cpu_ms(spawner), cpu_ms(slow.process.pid)[0]
        cpu = [(after[0] - before[0]), (after[1][0] - before[1][0]), (after[1][1] - before[1][1]), (after[2] - before[2])]
        client = Client(daemon.port)
        states = {}
        for state in ("succeeded", "failed", "cancelled", "key_lost", "queued", "running"):
            _, jobs = client.call("GET", "/api/jobs?kind=fetch&state=%s" % state)
            states[state] = len(jobs)
        rows += [
            ("%d users' one-day fetches over TLS at %d ms, %d workers" % (args.users, args.latency_ms, args.workers), ""),
            ("  how they ended", ", ".join("%s %d" % s for s in states.items() if s[1])),
            ("  accepted", "%.1f s (%.0f/s)" % (accepted, args.users / accepted)),
            ("  all entries visible", "%.1f s (%.0f jobs/s)" % (took, args.users / took)),
            ("  processor time a job, in ms: master, spawner, workers (two a job), sandbox",
             ", ".join("%.2f" % (c / args.users) for c in cpu) + " (%.2f in all, %d cores)" % (sum(cpu) / args.users, os.cpu_count())),
            ("  master, largest resident set seen", "%.1f MB" % (sampler.master_rss / 1024)),
            ("  worker, private memory, median and largest seen",
             "%.2f MB, %.2f MB (%d looks)" % (statistics.median(sampler.worker_private) / 1024 if sampler.worker_private else 0,
                                              max(sampler.worker_private, default=0) / 1024, len(sampler.worker_private))),
        ]
        stop(daemon.process)
        stop(slow.process)
    width = max(len(r[0]) for r in rows)
    for name, value in rows:
        print("%-*s  %s" % (width, name, value))


if __name__ == "__main__":
    main()
