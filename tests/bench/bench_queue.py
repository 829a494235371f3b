#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_queue - jobs in and out, durably: submitted over HTTP beside beanstalkd, claimed and finished with an empty and a long queue.

    tests/bench/bench_queue.py BUILDDIR [--seconds 5] [--rounds 3] [--backlog 1000000] [--no-peer] [--only submit,claim]

Every submission is answered after its commit is synced; beanstalkd syncs each job, too (-b DIR -f0), in the same directory. Each round takes
all in turn, and the best of the rounds is told: what else runs on the machine only ever makes it slower. "cpu" is processor time a job,
of the loop and of the writer, which others change least.
"""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

USERS = 10000


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Daemon:
    def __init__(self, build, directory):
        path = os.path.join(directory, "rtalpd.conf")
        with open(path, "w") as f:
            f.write('http: { listen = ["127.0.0.1:0"]; requests_per_minute = 0; };\nstore: { path = "%s/rtalp.db"; };\n' % directory)
            f.write('rescuetime: { url = "https://127.0.0.1:9/anapi/data"; };\nqueue: { max_jobs = 1000000; };\nlog: { level = "notice"; };\n')
        self.process = subprocess.Popen([build + "/rtalpd", "--config", path], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            found = re.search(r"serves on 127\.0\.0\.1:(\d+)", line)
            if found:
                break
        else:
            raise SystemExit("the daemon did not start")
        self.port = int(found.group(1))
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        # What is submitted waits: here it is only about taking jobs in.
        self.post("/api/queue/process/pause", {})
        self.token = None
        self.next_user = 1

    def post(self, path, body):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def make_token(self):
        self.token = self.post("/api/tokens", {"scope": "service", "name": "bench"})["token"]

    def cpu_ns(self):
        """Of the loop and of the thread that writes."""
        result = [0, 0]
        for task in os.listdir("/proc/%d/task" % self.process.pid):
            base = "/proc/%d/task/%s/" % (self.process.pid, task)
            with open(base + "comm") as comm, open(base + "schedstat") as stat:
                name = comm.read().strip()
                if name in ("rtalpd", "store-writer"):
                    result[name == "store-writer"] += int(stat.read().split()[0])
        return result

    def load(self, build, connections, seconds):
        """Users come round after USERS jobs, each round with a day of its own: no wish is the same as one that waits."""
        command = [build + "/bench_load", "-c", str(connections), "-s", str(seconds), "-e", "202", "-i", str(self.next_user), "-o", str(USERS),
                   "-b", '{"alp_user_id": {n}, "date": "{d}"}']
        if self.token:
            command += ["-H", "Authorization: Bearer " + self.token]
        before = self.cpu_ns()
        result = json.loads(subprocess.run(command + ["127.0.0.1:%d" % self.port, "/api/jobs/process"], check=True,
                                           stdout=subprocess.PIPE, text=True).stdout)
        after = self.cpu_ns()
        # The next run's users are others: their days begin anew.
        self.next_user += USERS
        result["cpu"] = [(a - b) / 1000 / result["requests"] for a, b in zip(after, before)]
        return result

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


class Bean:
    def __init__(self, directory):
        self.port = free_port()
        self.process = subprocess.Popen(["beanstalkd", "-l", "127.0.0.1", "-p", str(self.port), "-b", directory, "-f0"], stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("beanstalkd did not start")

    def load(self, build, connections, seconds):
        body = '{"alp_user_id": 4711, "date": "2026-01-01", "kind": "process", "priority": 5}'
        return json.loads(subprocess.run([build + "/bench_bean", str(self.port), str(connections), str(seconds), body], check=True,
                                         stdout=subprocess.PIPE, text=True).stdout)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def show(what, r, beside=None):
    line = "%-44s %8.0f/s  p50 %6.2f ms  p99 %6.2f ms  max %6.2f ms" % (
        what, r["per_second"], r["p50_us"] / 1000, r["p99_us"] / 1000, r["max_us"] / 1000)
    if "cpu" in r:
        line += "  cpu %4.1f + %4.1f us" % tuple(r["cpu"])
    if beside:
        line += "  %.2f of beanstalkd" % (r["per_second"] / beside["per_second"])
    print(line, flush=True)


def submit(args, build):
    best = {}

    def note(name, result):
        if name not in best or result["per_second"] > best[name]["per_second"]:
            best[name] = result

    peer = not args.no_peer and shutil.which("beanstalkd")
    for _ in range(args.rounds):
        for token in (False, True):
            with tempfile.TemporaryDirectory(dir=args.directory) as directory:
                daemon = Daemon(build, directory)
                if token:
                    daemon.make_token()
                for connections in (1, 64):
                    note(("daemon", token, connections), daemon.load(build, connections, args.seconds))
                daemon.stop()
        if peer:
            with tempfile.TemporaryDirectory(dir=args.directory) as directory:
                bean = Bean(directory)
                for connections in (1, 64):
                    note(("bean", connections), bean.load(build, connections, args.seconds))
                bean.stop()
    for connections in (1, 64):
        clients = "%d client%s" % (connections, "" if connections == 1 else "s")
        beside = best.get(("bean", connections))
        if beside:
            show("beanstalkd -f0, put, " + clients, beside)
        show("process jobs over HTTP, no token, " + clients, best[("daemon", False, connections)], beside)
        show("process jobs over HTTP, token, " + clients, best[("daemon", True, connections)], beside)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backlog", type=int, default=1000000)
    parser.add_argument("--directory", help="where the stores are made (the system's place for temporary files)")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--only", default="submit,claim")
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    parts = args.only.split(",")
    if "submit" in parts:
        submit(args, build)
    if "claim" in parts:
        with tempfile.TemporaryDirectory(dir=args.directory) as directory:
            subprocess.run([build + "/bench_claim", directory, "0", str(args.backlog)], check=True)


if __name__ == "__main__":
    main()
