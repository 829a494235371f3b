# SPDX-License-Identifier: Apache-2.0
"""The Debian package: what lintian says of it, whether it is the same bytes whoever builds it, and its life in a machine from install to purge."""
import hashlib
import json
import re
import shutil
import subprocess

from service import Site

UNITS_STARTED = ("rtalpd.service",)
# What dpkg, the manager and the journal write down about having been here.
NOT_OURS = "-path /var/lib/dpkg -o -path /var/lib/systemd/deb-systemd-helper-enabled -o -path /var/log -o -path /var/cache -o -path /var/tmp"


def test_lintian_finds_nothing(packages):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", "--pedantic", packages.changes()], capture_output=True, text=True,
                          timeout=300, check=False)
    said = [line for line in done.stdout.splitlines() if re.match("[EWP]: ", line)]
    assert done.returncode == 0 and said == [], done.stdout + done.stderr


def test_the_same_bytes_come_of_it_elsewhere_and_later(packages):
    def sums(which):
        return {deb.name: hashlib.sha256(deb.read_bytes()).hexdigest() for deb in packages.debs(which)}
    first = sums("first")
    assert len(first) == 2, "the package, and its debugging symbols"
    assert sums("second") == first


def test_it_serves_as_soon_as_it_is_installed(bare):
    bare.install("first")
    bare.wait_ready()
    assert [bare.active(unit) for unit in UNITS_STARTED] == ["active"] * len(UNITS_STARTED)
    assert {bare.systemctl("is-enabled", unit) for unit in UNITS_STARTED} == {"enabled"}
    conffiles = bare.run("dpkg-query", "-W", "-f", "${Conffiles}", "rescuetime-alp").stdout
    listed = bare.run("dpkg", "-L", "rescuetime-alp").stdout.split()
    assert {line.split()[0] for line in conffiles.splitlines() if line.strip()} == {p for p in listed if p.startswith("/etc/") and p.count("/") > 2}
    assert bare.shell("stat -c '%U:%G %a' /var/lib/rescuetime-alp").strip() == "rescuetime-alp:rescuetime-alp 700"
    assert bare.run("rtalpd", "--check-config").returncode == 0


def test_an_upgrade_keeps_every_row_and_the_operators_files(packaged):
    packaged.fetch(user=1, days=3)
    packaged.fetch(user=2, days=2, key=packaged.key(2))
    before = {user: packaged.entries(user) for user in (1, 2)}
    assert before[1] and before[2]
    token = packaged.ctl("token", "create", "--scope", "operator", "--name", "before").strip().splitlines()[-1].split()[-1]
    pid, version = packaged.main_pid(), packaged.run("dpkg-query", "-W", "-f", "${Version}", "rescuetime-alp").stdout
    told = packaged.install("next")
    assert packaged.run("dpkg-query", "-W", "-f", "${Version}", "rescuetime-alp").stdout != version, told
    packaged.wait_restarted(pid)
    auth = ["curl", "-fsS", "-m", "20", "-H", f"Authorization: Bearer {token}"]
    assert packaged.run(*auth, "http://127.0.0.1:8080/api/jobs").returncode == 0, "the token of before holds"
    after = {user: packaged.run("curl", "-fsS", "--unix-socket", "/run/rescuetime-alp/rtalpd.sock",
                                f"http://localhost/api/time_entries?alp_user_id={user}").stdout for user in (1, 2)}
    assert {user: json.loads(text) for user, text in after.items()} == before
    assert "single_user" in packaged.run("cat", packaged.config_path).stdout


def test_jobs_go_on_over_an_upgrade(packaged):
    """The one that runs is waited for."""
    packaged.fault("delay", ms=1500)
    pid = packaged.main_pid()
    job = packaged.submit(1, packaged.key(1))
    packaged.wait_job(job, "running")
    packaged.install("next")
    packaged.wait_restarted(pid)
    job = packaged.wait_job(job)
    assert job["state"] == "succeeded" and job["attempts"] == 0, job


def test_an_upgrade_under_load_refuses_nobody(packaged):
    """With the sockets held by the manager."""
    packaged.hold_sockets()
    pid = packaged.main_pid()
    with packaged.asked(6) as said:
        packaged.install("next")
        packaged.wait_restarted(pid)
    assert [line for line in said if "answered" not in line] == [] and int(said[0].split()[0]) > 100, said


def test_removed_it_stops_and_keeps_the_data(packaged):
    packaged.fetch(user=1, days=2)
    packaged.run("dpkg", "--remove", "rescuetime-alp")
    assert packaged.shell("pgrep rtalpd || true") == ""
    assert packaged.shell("ls /var/lib/rescuetime-alp/rtalp.db /etc/rescuetime-alp/rtalpd.conf")
    packaged.install("first")
    packaged.wait_ready()
    assert packaged.entries(1)


def test_purged_nothing_of_it_is_left(bare):
    bare.shell("mkdir -p /var/lib/systemd/timers") # the manager's own
    look = f"find /etc /usr /lib/systemd /var /opt \\( {NOT_OURS} \\) -prune -o -print | sort; getent passwd | sort; getent group | sort"
    before = set(bare.shell(look).splitlines())
    bare.install("first")
    bare.configure()
    bare.give_credentials()
    bare.systemctl("restart", "rtalpd")
    assert bare.fetch(user=1, days=2)["state"] == "succeeded"
    assert bare.shell("ls /var/lib/rescuetime-alp")
    bare.hold_sockets()
    bare.systemctl("enable", "--now", "rescuetime-alp-backup.timer")
    assert bare.shell("ls /var/lib/systemd/timers/stamp-rescuetime-alp-backup.timer")
    bare.run("dpkg", "--purge", "rescuetime-alp")
    after = set(bare.shell(look).splitlines())
    assert sorted(after - before) == [] and sorted(before - after) == []
    assert bare.shell("pgrep -a rtalp[dc] || true") == "" and bare.shell("ls -d /run/rescuetime-alp 2>/dev/null || true") == ""
    assert bare.shell("systemctl list-unit-files --no-legend 'rtalpd*' 'rescuetime-alp*' || true") == ""


def test_autopkgtest_passes(packages):
    """As Debian would run it, in a machine that has what the tests depend on."""
    with Site() as site:
        shutil.copytree(packages.directory / "tree", site.layer / "source", symlinks=True)
        site.copy(packages.deb("first"), "/packages/first.deb", mode=0o644)
        site.boot()
        site.install("first")
        done = site.run("autopkgtest", "-B", "/source", "--output-dir", "/tmp/autopkgtest", "--", "null", check=False, timeout=400)
        assert done.returncode == 0, done.stdout + done.stderr
        summary = site.shell("cat /tmp/autopkgtest/summary")
        assert [line.split()[1] for line in summary.splitlines()] == ["PASS", "PASS"], summary
