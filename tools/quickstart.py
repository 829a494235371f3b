#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demonstration behind ./quickstart: BUILD_DIR RUN_DIR [--once]. Standard library only."""
import base64
import ctypes
import hashlib
import hmac
import http.client
import json
import math
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

USERS = (1, 2, 3)
DAYS = 4
PORT = 8080        # of the API, if nobody else has it
START_SECONDS = 20
POSTED = 3         # entries of the first user
STATUS_SECONDS = 20
EVENTS_SECRET = b"ALP signs its notifications so."
JOB_SECONDS = 120
ROWS_A_USER = 12
PR_SET_PDEATHSIG = 1
SOCKET_PATH_MAX = 107


def die_with_us():
    """Even when this script is killed, nothing it started stays behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command, log):
    with open(log, "ab") as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=die_with_us)


def wait_line(process, log, pattern, what):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        found = re.search(pattern, log.read_text(errors="replace")) if log.exists() else None
        if found:
            return found
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise SystemExit(f"{what} did not start; its log {log}:\n{log.read_text(errors='replace')[-2000:]}")


def free_port():
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
            return PORT
        except OSError:
            return 0


def call(port, method, path, body=None, **more):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        headers.update(more)
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
        return json.loads(text)
    finally:
        connection.close()


def sandbox_facts(sandbox_port, method, path):
    connection = http.client.HTTPConnection("127.0.0.1", sandbox_port, timeout=30)
    try:
        connection.request(method, "/_sandbox/" + path)
        return [line.split("\t") for line in connection.getresponse().read().decode().splitlines()]
    finally:
        connection.close()


def key_of(sandbox_port, user):
    return dict(sandbox_facts(sandbox_port, "GET", f"user?user={user}"))["key"]


def socket_path(run):
    """None if a socket's name may not be as long: the command line then goes by the address."""
    path = run / "rtalpd.sock"
    return path if len(bytes(path)) <= SOCKET_PATH_MAX else None


def write_config(path, run, port, sandbox, ca, alp_key):
    (run / "alp-key").touch(mode=0o600)
    (run / "alp-key").write_text(alp_key + "\n")
    (run / "alp-events").touch(mode=0o600)
    (run / "alp-events").write_text("whsec_" + base64.b64encode(EVENTS_SECRET).decode() + "\n")
    path.write_text(f"""http: {{ listen = [ "127.0.0.1:{port}" ]; socket = "{socket_path(run) or ''}"; }};
store: {{ path = "{run}/rtalp.db"; min_free_mb = 1; }};
rescuetime: {{ url = "{sandbox}/anapi/data"; ca_file = "{ca}"; }};
alp: {{ url = "{sandbox}/alp"; ca_file = "{ca}"; key_file = "{run}/alp-key"; lists_fresh = "yes"; keeps_reference = "yes"; }};
sync: {{ events_secret_file = "{run}/alp-events"; }};
""")


def fetch_all(port, sandbox_port):
    jobs = {user: call(port, "POST", "/api/jobs/fetch", {"alp_user_id": user, "days": DAYS,
                                                        "rescue_time_api_key": key_of(sandbox_port, user)}) for user in USERS}
    print(f"fetching {DAYS} days for users {', '.join(map(str, USERS))}:")
    waiting, shown, end = {user: job["job_id"] for user, job in jobs.items()}, {}, time.monotonic() + JOB_SECONDS
    while waiting and time.monotonic() < end:
        for user, job_id in list(waiting.items()):
            job = call(port, "GET", f"/api/jobs/{job_id}")
            state = progress_of(job)
            if shown.get(user) != state:
                shown[user] = state
                print(f"  user {user}, job {job_id}: {state}", flush=True)
            if job["state"] not in ("queued", "running"):
                del waiting[user]
                if job["state"] != "succeeded":
                    raise SystemExit(f"job {job_id} ended as {job['state']}: {job.get('error')}")
        time.sleep(0.02)
    if waiting:
        raise SystemExit(f"jobs {list(waiting.values())} are not over after {JOB_SECONDS} s")
    return job["to"]


def progress_of(job):
    return f"{job['state']}, {job['days_done']} of {job['days_total']} days" + (f", {job['phase']}" if job["phase"] else "")


def cut(text, width):
    text = " ".join(text.split())
    return text if len(text) <= width else text[:width - 3] + "..."


def print_entries(port):
    for user in USERS:
        entries = call(port, "GET", f"/api/time_entries?alp_user_id={user}")
        entries.sort(key=lambda e: (-e["time_units"], e["entry_date"]))
        hours = sum(e["total_seconds"] for e in entries) / 3600
        print(f"\nuser {user}: {len(entries)} draft entries, {hours:.1f} h, {sum(e['time_units'] for e in entries):.1f} units of 6 minutes")
        print(f"  {'date':10}  {'application':20}  {'description':48}  {'units':>6}  matter")
        for e in entries[:ROWS_A_USER]:
            print(f"  {e['entry_date']:10}  {cut(e['application'], 20):20}  {cut(e['task_description'], 48):48}  "
                  f"{e['time_units']:6.1f}  {e['matter_code'] or '-'}")
        if len(entries) > ROWS_A_USER:
            print(f"  ... and {len(entries) - ROWS_A_USER} more")


def place_of(port, entry):
    """Where an entry goes in ALP: its matter, the first outcome of it, the first component of that."""
    matters = call(port, "GET", f"/api/alp/matters?q={entry['matter_code']}&limit=1")
    if not matters or matters[0]["code"] != entry["matter_code"] or matters[0]["status"] != "open":
        return None
    outcome = call(port, "GET", f"/api/alp/matters/{matters[0]['id']}/outcomes")[0]
    return matters[0], call(port, "GET", f"/api/alp/outcomes/{outcome['id']}/components")[0]


def review(port, user):
    """As a person would: the longest entries of a known matter, with words of one's own; what is none is ignored."""
    entries = call(port, "GET", f"/api/time_entries?alp_user_id={user}")
    entries.sort(key=lambda e: -e["time_units"])
    print(f"\nreviewing what user {user} did:")
    chosen = []
    for e in entries:
        place = place_of(port, e) if e["matter_code"] and len(chosen) < POSTED else None
        if place:
            text = f"Perusing and settling: {e['task_description']}"
            e = call(port, "PATCH", f"/api/time_entries/{e['entry_id']}", {"task_description": text})
            chosen.append((e, *place))
            print(f"  entry {e['entry_id']}: matter {place[0]['code']}, {cut(place[0]['name'], 40)}; {cut(text, 60)}")
    aside = next((e for e in reversed(entries) if not e["matter_code"]), None)
    if aside:
        call(port, "PUT", f"/api/time_entries/{aside['entry_id']}/ignore", {})
        print(f"  entry {aside['entry_id']}: ignored; {cut(aside['task_description'], 60)}")
    return chosen


def post(port, user, chosen):
    gst = call(port, "GET", "/api/alp/gst_types")[0]
    print(f"\nposting them, each with the GST type \"{gst['name']}\":")
    for e, matter, component in chosen:
        answer = call(port, "POST", "/api/time_entries", {
            "entry_id": e["entry_id"], "matter_id": matter["id"], "outcome_id": component["outcome_id"], "matter_component_id": component["id"],
            "user_id": user, "date": e["entry_date"], "units": math.ceil(e["time_units"]), "description": e["task_description"], "rate": component["rate"],
            "billable_type": 1, "gst_type": gst["id"], "discriminator": "MatterComponentTimeEntry", "notes": ""}, Prefer="wait=10")
        print(f"  entry {e['entry_id']} is {answer['alp_entry_id']} in ALP: {answer['alp_entry']['units']} units of {component['name'].lower()}")


def notify(port, body):
    """ALP tells of a change, signed by Standard Webhooks. The daemon takes it for a hint, and looks for itself."""
    text, stamp = json.dumps(body), str(int(time.time()))
    signature = hmac.new(EVENTS_SECRET, f"msg_1.{stamp}.{text}".encode(), hashlib.sha256).digest()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/api/alp/events", text, {
            "Content-Type": "application/json", "webhook-id": "msg_1", "webhook-timestamp": stamp,
            "webhook-signature": "v1," + base64.b64encode(signature).decode()})
        status = connection.getresponse().status
        if status >= 300:
            raise SystemExit(f"POST /api/alp/events: {status}")
    finally:
        connection.close()


def follow(port, sandbox_port, user, chosen):
    """ALP invoices one and says so; its entry shows it."""
    first = chosen[0][0]
    posting = call(port, "GET", f"/api/time_entries/{first['entry_id']}")["posting"]
    print(f"\nALP invoices {posting['alp_entry_id']}:")
    sandbox_facts(sandbox_port, "PUT", f"alp-entry?id={posting['alp_entry_id']}&status=invoiced")
    notify(port, {"type": "time_entry.updated", "data": {"id": posting["alp_entry_id"], "user_id": user, "date": first["entry_date"]}})
    end = time.monotonic() + STATUS_SECONDS
    while posting["alp_state"] != "invoiced" and time.monotonic() < end:
        time.sleep(0.05)
        posting = call(port, "GET", f"/api/time_entries/{first['entry_id']}")["posting"]
    for e, *_ in chosen:
        posting = call(port, "GET", f"/api/time_entries/{e['entry_id']}")["posting"]
        print(f"  entry {e['entry_id']}: {posting['state']}, in ALP {posting['alp_entry_id']}, {posting['alp_state']}")


def print_addresses(port, build, run, date):
    base = f"http://127.0.0.1:{port}"
    where = f"--socket {socket_path(run)}" if socket_path(run) else f"--url {base}"
    print(f"""
The daemon serves {base}; its store and logs are in {run}. To go on:
  curl '{base}/api/time_entries?alp_user_id=1'
  curl '{base}/api/jobs?alp_user_id=1'
  curl '{base}/api/reports/day?alp_user_id=1&date={date}'
or by its command line:
  {build}/rtalpctl {where} status
  {build}/rtalpctl {where} report --user 1 --date {date}""")


def stop(processes):
    for process in reversed(processes):
        if process.poll() is None:
            process.terminate()
    for process in reversed(processes):
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def interrupted(number, frame):
    raise SystemExit(128 + number)


def main():
    build, run, once = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), "--once" in sys.argv[3:]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(mode=0o700)
    processes, stood = [], False
    try:
        log = run / "sandbox.log"
        processes.append(start([build / "rtalp-sandbox", "--quiet", "--make-cert", run], log))
        ready = wait_line(processes[-1], log, r"ready http=127\.0\.0\.1:(\d+) https=(\S+) ca=(\S+)", "rtalp-sandbox")
        sandbox_port, https, ca = int(ready[1]), ready[2], ready[3]
        alp_key = dict(sandbox_facts(sandbox_port, "GET", "alp"))["key"]
        write_config(run / "rtalpd.conf", run, free_port(), f"https://{https}", ca, alp_key)
        log = run / "rtalpd.log"
        processes.append(start([build / "rtalpd", "--config", run / "rtalpd.conf"], log))
        port = int(wait_line(processes[-1], log, r"serves on 127\.0\.0\.1:(\d+) ", "rtalpd")[1])
        last_day = fetch_all(port, sandbox_port)
        print_entries(port)
        chosen = review(port, USERS[0])
        if chosen:
            post(port, USERS[0], chosen)
            follow(port, sandbox_port, USERS[0], chosen)
        print_addresses(port, build, run, last_day)
        if not once:
            print("Ctrl-C ends everything.", flush=True)
            stood = True
            processes[-1].wait()
            raise SystemExit(f"rtalpd ended; see {log}")
    except SystemExit as end:
        # Ctrl-C while it stands is how the demonstration is meant to end.
        if not (stood and end.code == 128 + signal.SIGINT):
            raise
        print()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(processes)


if __name__ == "__main__":
    main()
