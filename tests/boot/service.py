# SPDX-License-Identifier: Apache-2.0
"""What the tests put into a machine: a configuration, the stand-in for RescueTime and ALP as a service, and short words for what they ask."""
import contextlib
import datetime
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from lib.build import SANDBOX  # noqa: E402
from lib.daemon import OVER, as_setting  # noqa: E402
from lib.sandbox import zone_in_the_afternoon  # noqa: E402
from machine import Machine  # noqa: E402

# Nobody else is in the machine's network, so ports may be fixed.
API, PLAIN, TLS = "http://127.0.0.1:8080", 8081, 8443
SANDBOX_DIRECTORY = "/var/lib/rtalp-sandbox"
UNIT = "rtalpd.service"
CREDENTIALS = "/etc/credstore/rtalpd."


def sandbox_unit(zone):
    return f"""[Service]
Type=exec
StateDirectory=rtalp-sandbox
StateDirectoryMode=0755
ExecStart=/opt/rtalp-sandbox --quiet --make-cert {SANDBOX_DIRECTORY} --port {PLAIN} --tls-port {TLS} --zone {zone}
"""


def configuration(settings):
    groups = {}
    for path, value in settings.items():
        group, name = path.split(".", 1)
        groups.setdefault(group, []).append(f"\t{name} = {as_setting(value)};\n")
    return "".join(f"{group}:\n{{\n{''.join(lines)}}};\n" for group, lines in groups.items())


class Site(Machine):
    """The configuration's place is where the unit says it is; user 1 is the one of single-user mode."""

    def __init__(self, config_path="/etc/rescuetime-alp/rtalpd.conf", **arguments):
        super().__init__(**arguments)
        self.config_path = config_path
        self.zone = zone_in_the_afternoon(datetime.datetime.now(datetime.timezone.utc))
        self.settings = {
            "rescuetime.url": f"https://127.0.0.1:{TLS}/anapi/data",
            "rescuetime.ca_file": f"{SANDBOX_DIRECTORY}/ca.pem",
            "rescuetime.requests_per_minute": 0,
            "alp.url": f"https://127.0.0.1:{TLS}/alp",
            "alp.ca_file": f"{SANDBOX_DIRECTORY}/ca.pem",
            "store.min_free_mb": 1,
            "users.default_time_zone": self.zone,
            "single_user.id": 1,
        }
        self.copy(SANDBOX, "/opt/rtalp-sandbox")
        self.copy(pathlib.Path(__file__).with_name("asker.py"), "/opt/asker.py")
        self.files({"/etc/systemd/system/rtalp-sandbox.service": sandbox_unit(self.zone),
                    "/etc/systemd/journald.conf.d/test.conf": "[Journal]\nStorage=volatile\nRateLimitBurst=0\n"})

    def start_sandbox(self):
        self.systemctl("start", "rtalp-sandbox")
        self.wait(lambda: self.shell(f"curl -fs http://127.0.0.1:{PLAIN}/_sandbox/clock || true"), "the sandbox")

    def configure(self, **changes):
        """Settings are named group__name."""
        self.settings.update({name.replace("__", ".", 1): value for name, value in changes.items()})
        self.put(self.config_path, configuration(self.settings), mode="0644")

    def give_credentials(self):
        """The keys of user 1 and for ALP, as an operator gives them."""
        self.put(f"{CREDENTIALS}rescuetime-key", self.key(1) + "\n")
        self.put(f"{CREDENTIALS}alp-key", self.facts("alp")["key"] + "\n")

    def put(self, path, text, mode="0600"):
        self.run("sh", "-ec", 'mkdir -p "${1%/*}"; install -m "$2" /dev/stdin "$1"', "sh", path, mode, input=text)

    def drop_in(self, name, lines, unit=UNIT):
        self.put(f"/etc/systemd/system/{unit}.d/{name}.conf", f"[Service]\n{lines}", mode="0644")
        self.systemctl("daemon-reload")

    def install(self, which):
        """A file of the operator's stays as it is."""
        return self.run("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--force-confold", "-i", f"/packages/{which}.deb", timeout=120).stdout

    # --- the manager ---

    def systemctl(self, *argv, **arguments):
        done = self.run("systemctl", "--no-pager", *argv, check=False, **arguments)
        if done.returncode != 0:
            raise AssertionError(f"systemctl {' '.join(argv)}: {done.returncode}\n{done.stdout}{done.stderr}\n{self.log()}")
        return done.stdout.strip()

    def show(self, name, unit=UNIT):
        return self.systemctl("show", "--value", f"--property={name}", unit)

    def main_pid(self):
        """As processes of the machine are numbered there."""
        return int(self.show("MainPID"))

    def active(self, unit=UNIT):
        return self.show("ActiveState", unit)

    def journal(self, unit=UNIT, *matches):
        lines = self.run("journalctl", "--no-pager", "-o", "json", "-u", unit, *matches).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def log(self):
        return self.run("journalctl", "--no-pager", "-u", UNIT).stdout

    def wait_restarted(self, pid, seconds=20):
        """Another main process than `pid`, and ready."""
        return self.wait(lambda: self.main_pid() not in (0, pid) and self.ready(), f"another process than {pid}", seconds)

    # --- the daemon ---

    def ready(self):
        return self.run("curl", "-fs", "-m", "5", f"{API}/readyz", check=False).returncode == 0

    def wait_ready(self, seconds=20):
        self.wait(self.ready, "readiness", seconds)

    def ctl(self, *argv, **arguments):
        return self.run("rtalpctl", *argv, **arguments).stdout

    def fetch(self, user=1, days=2, key=None):
        """A job from its request to its end; the key is that of user 1's credential if there is none."""
        body = {"alp_user_id": user, "days": days, **({"rescue_time_api_key": key} if key else {})}
        return json.loads(self.run("curl", "-fsS", "-m", "40", "-H", "Content-Type: application/json", "-H", "Prefer: wait=30", "-d", json.dumps(body),
                                   f"{API}/api/jobs/fetch").stdout)

    def submit(self, user, key, days=1):
        """The job's number, once it is accepted."""
        return json.loads(self.run("curl", "-fsS", "-m", "20", "-H", "Content-Type: application/json", "-d",
                                   json.dumps({"alp_user_id": user, "rescue_time_api_key": key, "days": days}), f"{API}/api/jobs/fetch").stdout)["job_id"]

    def job(self, job_id):
        return json.loads(self.run("curl", "-fsS", "-m", "20", f"{API}/api/jobs/{job_id}").stdout)

    def wait_job(self, job_id, *states, seconds=40):
        states = states or OVER
        return self.wait(lambda: (job := self.job(job_id))["state"] in states and job, f"{states} of job {job_id}", seconds)

    def entries(self, user=1):
        return json.loads(self.run("curl", "-fsS", "-m", "20", f"{API}/api/time_entries?alp_user_id={user}").stdout)

    def processes(self):
        """{pid: title} of the daemon's, as processes are numbered in the machine."""
        group = self.show("ControlGroup")
        pids = self.shell(f"cat /sys/fs/cgroup{group}/cgroup.procs", check=False).split()
        return {int(pid): self.shell(f"tr '\\0' ' ' </proc/{pid}/cmdline || true").strip() for pid in pids}

    @contextlib.contextmanager
    def asked(self, seconds, threads=4):
        """Somebody asks all the time while the block runs, and at least so long; the list has what was said in the end."""
        said = []
        with subprocess.Popen(self.command("python3", "/opt/asker.py", str(seconds), str(threads)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, start_new_session=True) as process:
            try:
                yield said
                said += process.communicate(timeout=seconds + 60)[0].splitlines()
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise

    def hold_sockets(self):
        """The manager holds the sockets, as an operator has it."""
        self.systemctl("stop", "rtalpd")
        self.systemctl("enable", "--now", "rtalpd.socket")
        self.systemctl("start", "rtalpd")

    # --- the sandbox ---

    def facts(self, name, query=""):
        text = self.run("curl", "-fsS", f"http://127.0.0.1:{PLAIN}/_sandbox/{name}{query}").stdout
        return dict(line.split("\t")[:2] for line in text.splitlines())

    def key(self, user):
        return self.facts("user", f"?user={user}")["key"]

    def fault(self, name, **params):
        query = "&".join(f"{k}={v}" for k, v in params.items())
        self.run("curl", "-fsS", "-d", f"fault={name}&user=*&{query}", f"http://127.0.0.1:{PLAIN}/_sandbox/faults")

    def clear_faults(self):
        self.run("curl", "-fsS", "-X", "DELETE", f"http://127.0.0.1:{PLAIN}/_sandbox/faults")


def config_path_of(unit_text):
    return re.search(r"^ExecStart=.*--config (\S+)", unit_text, re.MULTILINE)[1]
