# SPDX-License-Identifier: Apache-2.0
"""The daemon under test: a real rtalpd with a configuration, a store and a log of its own in one directory."""
import http.client
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import time

from lib import proc, tls
from lib.build import RTALPD, SLOWER, TOP
from lib.client import Client

START_SECONDS = 20
REFERENCE_RULES = TOP / "etc" / "rules-reference.conf"
# By one process or another: that a worker was ended by it would look like any crash.
SANITIZER_FOUND = re.compile(r"^(==\d+==)?(ERROR|WARNING|FATAL): \w+Sanitizer|: runtime error: ", re.MULTILINE)
OVER = ("succeeded", "failed", "cancelled", "key_lost")


def as_setting(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[ " + ", ".join(as_setting(v) for v in value) + " ]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


class Daemon:
    """Settings are given as {"group.name": value}; those of the sandbox come by themselves."""

    def __init__(self, directory, sandbox, settings=None, environment=None, preload=None, user=None, program=RTALPD, wrapper=(), certificate=None):
        self.directory = pathlib.Path(directory)
        if certificate is None and tls.EVERYWHERE:
            certificate = tls.Certificate(self.directory, owner=user)
        self.certificate = certificate
        self.conf = self.directory / "rtalpd.conf"
        self.db_path = self.directory / "rtalp.db"
        self.log_path = self.directory / "log"
        self.socket_path = self.directory / "sock"
        self.environment = {**os.environ, **(environment or {})}
        if preload:
            self.environment["LD_PRELOAD"] = str(preload)
        self.settings = {
            "http.listen": ["127.0.0.1:0"],
            "http.socket": str(self.socket_path),
            "store.path": str(self.db_path),
            "store.min_free_mb": 1,
            "backup.directory": str(self.directory / "backups"),
            "rescuetime.url": sandbox.https_url,
            "rescuetime.ca_file": sandbox.ca,
            "rescuetime.requests_per_minute": 0,
            "users.default_time_zone": sandbox.zone,
            # What tests expect of entries is what the reference makes of the sandbox's days.
            "rules.file": REFERENCE_RULES,
            **(certificate.settings if certificate else {}),
            **(settings or {}),
        }
        self.user = {"user": user, "group": user, "extra_groups": []} if user is not None else {}
        self.command = [*wrapper, program, "--config", self.conf]
        self.process = None
        self.denied = False  # a test made it look as if
        self.port = None
        self.log_start = 0

    # --- life ---

    def configure(self, **changes):
        """Changes settings in the file, named group__name; a running daemon sees them at a reload."""
        self.settings.update({name.replace("__", ".", 1): value for name, value in changes.items()})
        groups = {}
        for path, value in self.settings.items():
            group, name = path.split(".", 1)
            groups.setdefault(group, []).append(f"\t{name} = {as_setting(value)};\n")
        self.conf.write_text("".join(f"{group}:\n{{\n{''.join(lines)}}};\n" for group, lines in groups.items()))

    def start(self):
        self.launch()
        self.port = self.reached_at(proc.wait_until(self._address, START_SECONDS, f"start of rtalpd: {self.log()}")[1])
        self.client = Client(self.port)
        return self

    def reached_at(self, number):
        """A port of it, with what its clients need."""
        return self.certificate.port(number) if self.certificate else int(number)

    def launch(self):
        """Starts it without waiting for anything."""
        self.configure()
        self.log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                                            cwd=self.directory, **self.user)

    def _address(self):
        if self.process.poll() is not None:
            raise AssertionError(f"rtalpd ended with {self.process.returncode}: {self.log()}")
        return re.search(r"serves on 127\.0\.0\.1:(\d+) ", self.log(self.log_start))

    def stop(self, timeout=30, signal_number=signal.SIGTERM):
        """Asks it to end and returns its exit status. Asked a second time, it would not wait for its jobs."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal_number)
        return self.process.wait(timeout * SLOWER)

    def kill(self, signal_number=signal.SIGKILL):
        os.kill(self.process.pid, signal_number)
        return self.process.wait(30 * SLOWER)

    def restart(self):
        self.stop()
        return self.start()

    def reload(self):
        os.kill(self.process.pid, signal.SIGHUP)

    def end(self):
        """For fixtures: nothing of it is left, whatever the test did."""
        if self.process is None:
            return
        family = proc.descendants(self.process.pid)
        if self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
        for process in family:
            if proc.alive(process.pid):
                try:
                    os.kill(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        # Whatever was tested: nobody made a system call that is not on its list.
        if self.process.returncode == -signal.SIGSYS or (not self.denied and "a system call that is not on its list" in self.log()):
            raise AssertionError(f"a process was ended by its list of system calls: {self.log()[-3000:]}")
        found = SANITIZER_FOUND.search(self.log())
        assert found is None, f"a sanitizer found something: {self.log()[found.start():][:6000]}"

    # --- looking inside ---

    @property
    def pid(self):
        return self.process.pid

    @property
    def url(self):
        return f"http{'s' if self.certificate else ''}://127.0.0.1:{self.port}"

    def place(self, host="127.0.0.1"):
        """What rtalpctl is told to come by TCP."""
        url = f"http{'s' if self.certificate else ''}://{host}:{self.port}"
        return ["--url", url, *(["--ca-file", str(self.certificate.path)] if self.certificate else [])]

    def client_is_served(self):
        """False: nobody answers any more; it is on its way out."""
        try:
            return self.client.get("/healthz").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def log(self, start=0):
        return self.log_path.read_bytes()[start:].decode("utf-8", "replace") if self.log_path.exists() else ""

    def wait_log(self, pattern, timeout=10):
        return proc.wait_until(lambda: re.search(pattern, self.log(self.log_start)), timeout, f"log line {pattern!r}")

    def children(self):
        return proc.descendants(self.pid)

    def spawner(self):
        """The living spawner, or None. A worker bears its title too, until it is confined."""
        return next((p for p in self.children() if p.ppid == self.pid and p.title == "rtalpd: spawner" and not p.zombie), None)

    def keeper(self):
        """The living keeper, or None."""
        return next((p for p in self.children() if p.ppid == self.pid and p.title == "rtalpd: keeper" and not p.zombie), None)

    def workers(self, kind=""):
        return [p for p in self.children() if p.ppid != self.pid and f"rtalpd: {kind}" in p.title and not p.zombie]

    def wait_worker(self, user, kind="fetch", but=None):
        """The worker of that user once there is one with its title; another than `but`."""
        return proc.wait_until(lambda: next((w for w in self.workers(kind) if w.title == f"rtalpd: {kind} user {user}" and w.pid != but),
                                            None), what=f"a {kind} worker of user {user}")

    def zombies(self):
        return [p for p in self.children() if p.zombie]

    def query(self, sql, *arguments):
        """Reads the store beside the daemon."""
        with sqlite3.connect(f"file:{self.db_path}?mode=ro", uri=True) as db:
            return db.execute(sql, arguments).fetchall()

    # --- the API, as the tests use it most ---

    def fetch(self, user, key, **body):
        answer = self.client.post("/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key, **body})
        assert answer.status == 202, answer
        return answer.json()["job_id"]

    def job(self, job_id):
        answer = self.client.get(f"/api/jobs/{job_id}")
        assert answer.status == 200, answer
        return answer.json()

    def wait_job(self, job_id, timeout=30):
        """The job once it is over."""
        end = time.monotonic() + timeout * SLOWER
        while True:
            job = self.job(job_id)
            if job["state"] in OVER:
                return job
            assert time.monotonic() < end, f"job {job_id} is not over after {timeout * SLOWER} s: {job}"
            time.sleep(0.02)

    def wait_job_state(self, job_id, state, timeout=10):
        return proc.wait_until(lambda: (lambda job: job if job["state"] == state else None)(self.job(job_id)), timeout,
                               f"state {state} of job {job_id}")

    def fetch_and_wait(self, user, key, **body):
        job = self.wait_job(self.fetch(user, key, **body))
        assert job["state"] == "succeeded", job
        return job

    def entries(self, user, **params):
        answer = self.client.get("/api/time_entries", alp_user_id=user, **params)
        assert answer.status == 200, answer
        return answer.json()

    def balance(self, user, date):
        answer = self.client.get("/api/reports/day", alp_user_id=user, date=date)
        assert answer.status == 200, answer
        return answer.json()
