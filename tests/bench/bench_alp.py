#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench_alp - the bridge to ALP: a list from the cache, a cold list that many ask for at once, postings to an ALP that takes its time.

    tests/bench/bench_alp.py BUILDDIR [--seconds 5] [--posts 3000] [--latency-ms 200] [--connections 50] [--callers 1000] [--only lists,cold,posts]

Daemon, load and sandbox share this machine's processors. Nothing here can fail because it was slow. "cpu" is the daemon's own processor time a request.
"""
import argparse
import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

from bench_reads import TICK_US, start, started, stop, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))


def call(port, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None,
                           {**({"Content-Type": "application/json"} if body is not None else {}), **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


class Sandbox:
    def __init__(self, build, directory, config):
        self.process = start([build + "/rtalp-sandbox", "--quiet", "--make-cert", directory, "--alp", config], stdout=subprocess.PIPE, text=True)
        self.ready = dict(word.split("=", 1) for word in self.process.stdout.readline().split()[1:])
        self.port = int(self.ready["http"].rsplit(":", 1)[1])

    def lines(self, name):
        return [line.split("\t") for line in call(self.port, "GET", "/_sandbox/" + name)[2].decode().splitlines()]


class Daemon:
    def __init__(self, build, directory, sandbox, alp=""):
        shutil.rmtree(directory, ignore_errors=True)
        os.mkdir(directory)
        with open(os.open(directory + "/key", os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(dict(sandbox.lines("alp"))["key"] + "\n")
        with open(directory + "/conf", "w") as f:
            f.write('http: { listen = ["127.0.0.1:0"]; socket = ""; requests_per_minute = 0; max_connections = 1200; };\nstore: { path = "%s/db"; };\n' % directory)
            f.write('rescuetime: { url = "https://%s/anapi/data"; };\nlog: { level = "notice"; };\n' % sandbox.ready["https"])
            f.write('alp: { url = "https://%s/alp"; ca_file = "%s"; key_file = "%s/key"; %s };\n' % (
                sandbox.ready["https"], sandbox.ready["ca"], directory, alp))
        self.process = start([build + "/rtalpd", "--config", directory + "/conf"], stderr=subprocess.PIPE, text=True)
        found = None
        for line in self.process.stderr:
            found = re.search(r"serves on 127\.0\.0\.1:(\d+)", line)
            if found:
                break
        if not found:
            raise SystemExit("the daemon did not start")
        self.port = int(found.group(1))
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def cpu_us(self):
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK_US


def load(build, daemon, path, *options):
    before = daemon.cpu_us()
    run = subprocess.run([build + "/bench_load", *map(str, options), "127.0.0.1:%d" % daemon.port, path], stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        raise SystemExit("%s: %s" % (path, run.stdout))
    figures = json.loads(run.stdout)
    figures["cpu_us"] = (daemon.cpu_us() - before) / max(figures["requests"], 1)
    return figures


def say(name, f):
    print("  %-52s %8.0f/s  p50 %7.2f ms  p99 %7.2f ms  %7d bytes  cpu %5.0f us" % (
        name, f["per_second"], f["p50_us"] / 1000, f["p99_us"] / 1000, f["bytes"] / max(f["requests"], 1), f["cpu_us"]), flush=True)


def lists(args, directory):
    sandbox = Sandbox(args.build, directory, "matters=2000")
    daemon = Daemon(args.build, directory + "/lists", sandbox)
    print("\nThe list of 2,000 matters from the cache")
    status, headers, _ = call(daemon.port, "GET", "/api/alp/matters")
    if status != 200:
        raise SystemExit("the list: %d" % status)
    options = ["-c", 32, "-s", args.seconds, "-w", 0.3]
    say("as it is", load(args.build, daemon, "/api/alp/matters", "-e", 200, *options))
    say("  as gzip", load(args.build, daemon, "/api/alp/matters", "-e", 200, "-H", "Accept-Encoding: gzip", *options))
    say("  304", load(args.build, daemon, "/api/alp/matters", "-e", 304, "-H", "If-None-Match: " + headers["ETag"], *options))
    say("  as it is, 5,000/s", load(args.build, daemon, "/api/alp/matters", "-e", 200, "-r", 5000, *options))
    say("q=lease, of 2,000", load(args.build, daemon, "/api/alp/matters?q=lease&limit=20", "-e", 200, *options))
    asked = [line for line in sandbox.lines("alp-log") if line[4].split("?")[0] == "/alp/matters"]
    print("  ALP was asked %d times for it" % len(asked))
    stop(daemon.process)
    stop(sandbox.process)


def search(args, directory):
    sandbox = Sandbox(args.build, directory, "matters=50000")
    daemon = Daemon(args.build, directory + "/search", sandbox, "list_max_mb = 64;")
    print("\nSearching 50,000 matters, one connection")
    if call(daemon.port, "GET", "/api/alp/matters?q=lease&limit=20")[0] != 200:
        raise SystemExit("no search")
    for q in ("lease", "10123", "1", "lumi%C3%A8re", "ferrous%20quarries", "nothing%20of%20the%20kind"):
        say("q=" + q, load(args.build, daemon, "/api/alp/matters?limit=20&q=" + q, "-e", 200, "-c", 1, "-n", 300))
    stop(daemon.process)
    stop(sandbox.process)


def cold(args, directory):
    sandbox = Sandbox(args.build, directory, "matters=2000&latency_ms=1000")
    # Or it has been asked for when they come: the rules want it.
    daemon = Daemon(args.build, directory + "/cold", sandbox, 'feed_matters = "no";')
    f = load(args.build, daemon, "/api/alp/matters", "-e", 200, "-c", args.callers, "-n", args.callers)
    asked = [line for line in sandbox.lines("alp-log") if line[4].split("?")[0] == "/alp/matters"]
    print("\n%d callers of a cold list, ALP takes a second: %d requests to ALP, slowest answer %.0f ms" % (args.callers, len(asked), f["p99_us"] / 1000))
    stop(daemon.process)
    stop(sandbox.process)


def posts(args, directory):
    print("\n%d postings of 500 users, ALP answers after %d ms, %d connections at most" % (args.posts, args.latency_ms, args.connections))
    post(args, directory, "with a reference", "reference=reference", "yes")
    post(args, directory, "without, so with a listing before", "reference=", "no")


def post(args, directory, name, config, keeps):
    sandbox = Sandbox(args.build, directory, "latency_ms=%d&%s" % (args.latency_ms, config))
    daemon = Daemon(args.build, directory + "/posts", sandbox, 'max_connections = %d; lists_fresh = "yes"; keeps_reference = "%s";' % (args.connections, keeps))
    date = dict(sandbox.lines("user?user=1"))["today"]
    items = [{"matter_component_id": 100011 + 100 * (n % 40) + n % 4, "user_id": 1 + n % 500, "date": date, "units": 2, "rate": 35000,
              "description": "Perusing deed %d" % n, "billable_type": 1, "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": ""}
             for n in range(args.posts)]
    before, began = daemon.cpu_us(), time.monotonic()
    for n in range(0, len(items), 100):
        status, _, body = call(daemon.port, "POST", "/api/time_entries", items[n:n + 100], **{"Prefer": "wait=0", "Idempotency-Key": "bench-%d" % n})
        if status >= 300:
            raise SystemExit("posting: %d %s" % (status, body[:500]))
    taken = time.monotonic() - began
    wait_for(lambda: len(sandbox.lines("alp-entries")) == args.posts, "the last post", 300)
    log = sandbox.lines("alp-log")
    times = sorted(int(line[1]) for line in log if line[3] == "POST")
    inner = times[len(times) // 10:-len(times) // 10]
    print("  %s: taken in %.1f s; %.0f/s, %.0f/s without the first and last tenth; %d posts and %d listings, at most %s at once; cpu %.0f us a posting" % (
        name, taken, len(times) / max((times[-1] - times[0]) / 1000, 0.001), len(inner) / max((inner[-1] - inner[0]) / 1000, 0.001), len(times),
        len([line for line in log if line[3] == "GET" and "time_entries" in line[4]]), dict(sandbox.lines("stats"))["max_alp_in_flight"],
        (daemon.cpu_us() - before) / args.posts))
    stop(daemon.process)
    stop(sandbox.process)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--posts", type=int, default=3000)
    parser.add_argument("--latency-ms", type=int, default=200)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--callers", type=int, default=1000)
    parser.add_argument("--only", default="lists,search,cold,posts")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    directory = tempfile.mkdtemp(prefix="rtalp-bench-")
    try:
        for part in args.only.split(","):
            {"lists": lists, "search": search, "cold": cold, "posts": posts}[part](args, directory)
    finally:
        for process in list(started):
            stop(process)
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
