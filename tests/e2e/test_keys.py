# SPDX-License-Identifier: Apache-2.0
"""Users' keys are stored sealed, outlive every crash as long as the keeper's own keys are there, and go over to another key without a loss."""
import os
import shutil
import signal
import sqlite3
import subprocess
import threading

import pytest

from lib import proc
from lib.build import BUILD, SLOWER
from lib.client import Client
from lib.manager import Activated, Notifications


def rtalpctl(*arguments, **more):
    return subprocess.run([BUILD / "rtalpctl", *arguments], capture_output=True, text=True, timeout=30, **more)


@pytest.fixture
def keys_file(tmp_path):
    path = tmp_path / "keeper-key"
    made = rtalpctl("keys", "make", path)
    assert made.returncode == 0, made
    assert path.stat().st_mode & 0o777 == 0o600
    return path


@pytest.fixture
def lasting(make_daemon, keys_file):
    """A daemon whose keeper has keys that were given."""
    def make(**settings):
        return make_daemon({"keys.file": str(keys_file), **{name.replace("__", ".", 1): value for name, value in settings.items()}}).start()
    return make


def pause(daemon, kind="fetch"):
    assert daemon.client.post(f"/api/queue/{kind}/pause").status == 200


def resume(daemon, kind="fetch"):
    assert daemon.client.post(f"/api/queue/{kind}/resume").status == 200


def keys_of(daemon):
    answer = daemon.client.get("/api/keys")
    assert answer.status == 200, answer
    return answer.json()


def boxes(daemon):
    return daemon.query("SELECT state, sealed_key IS NOT NULL, count(*) FROM jobs WHERE kind = 1 GROUP BY 1, 2")


# Whom to kill: "it" gets SIGKILL while jobs wait and one runs.
@pytest.mark.parametrize("who", ["master", "keeper", "spawner", "worker"])
def test_with_a_key_that_was_given_no_crash_loses_a_job(lasting, sandbox, new_user, who):
    daemon = lasting(workers__max=1)
    (slow, slow_key), *others = (new_user() for _ in range(4))
    sandbox.fault("delay", user=slow, ms=1500 * SLOWER)
    jobs = [daemon.fetch(slow, slow_key, days=1)]
    jobs += [daemon.fetch(user, key, days=1) for user, key in others]
    worker = daemon.wait_worker(slow)
    if who == "master":
        daemon.kill()
        daemon.start()
    else:
        os.kill({"keeper": daemon.keeper, "spawner": daemon.spawner, "worker": lambda: worker}[who]().pid, signal.SIGKILL)
    for job in jobs:
        over = daemon.wait_job(job)
        assert over["state"] == "succeeded", over
    assert boxes(daemon) == [(3, 0, 4)], "no key is left when a job is over"


def test_a_keeper_that_was_stopped_goes_on(lasting, new_user):
    daemon = lasting()
    os.kill(daemon.keeper().pid, signal.SIGSTOP)
    daemon.fetch_and_wait(*new_user(), days=1)
    daemon.wait_log("keeper .* was stopped; continuing it")


@pytest.mark.parametrize("what", ["gone", "nonsense", "open to all"])
def test_a_keeper_that_cannot_read_its_keys_any_more_loses_no_job(lasting, keys_file, new_user, what):
    """What waits goes on when they are there again, and so does what came meanwhile."""
    daemon, keys = lasting(), keys_file.read_text()
    pause(daemon)
    jobs = [daemon.fetch(*new_user(), days=1)]
    if what == "gone":
        keys_file.unlink()
    elif what == "nonsense":
        keys_file.write_text("nonsense\n")
    else:
        keys_file.chmod(0o644)
    os.kill(daemon.keeper().pid, signal.SIGKILL)
    daemon.wait_log("cannot start the keeper")
    resume(daemon)
    jobs.append(daemon.fetch(*new_user(), days=1))
    assert [daemon.job(job)["state"] for job in jobs] == ["queued", "queued"]
    fresh = keys_file.with_suffix(".fresh")
    fresh.touch(mode=0o600)
    fresh.write_text(keys)
    fresh.rename(keys_file)
    assert [daemon.wait_job(job)["state"] for job in jobs] == ["succeeded", "succeeded"]


def test_without_a_given_key_the_death_of_the_keeper_loses_what_waits_and_says_so(make_daemon, new_user):
    daemon = make_daemon().start()
    assert [(k["newest"], k["lasting"]) for k in keys_of(daemon)] == [(True, False)]
    pause(daemon)
    job = daemon.fetch(*new_user(), days=1)
    before = daemon.keeper().pid
    os.kill(before, signal.SIGKILL)
    proc.wait_until(lambda: (lambda k: k is not None and k.pid != before)(daemon.keeper()), what="another keeper")
    over = daemon.wait_job(job)
    assert over["state"] == "key_lost" and "send" in over["error"]["detail"], over
    assert boxes(daemon) == [(6, 0, 1)]
    resume(daemon)
    daemon.fetch_and_wait(*new_user(), days=1)


def test_rotation_loses_no_job_that_waits(lasting, keys_file, new_user):
    """Twice, so that the key that the jobs were sealed to at first is not needed any more; the last start is without it."""
    daemon = lasting()
    pause(daemon)
    jobs = [daemon.fetch(*new_user(), days=1) for _ in range(5)]
    first = keys_of(daemon)
    assert [(k["newest"], k["held"], k["lasting"], k["jobs"]) for k in first] == [(True, True, True, 5)]
    for turn in range(2):
        rotated = rtalpctl("keys", "rotate", "--file", keys_file, "--no-restart")
        assert rotated.returncode == 0, rotated
        assert keys_file.stat().st_mode & 0o777 == 0o600 and len(keys_file.read_text().split()) == turn + 2
        daemon.restart()
        proc.wait_until(lambda: keys_of(daemon)[0]["jobs"] == 5, what="every key sealed to the newest")
        daemon.wait_log("the keys of 5 jobs are sealed to the keeper's newest key now")
    assert keys_of(daemon)[-1]["key_id"] == first[0]["key_id"] and keys_of(daemon)[-1]["jobs"] == 0
    daemon.stop()
    keys_file.write_text(keys_file.read_text().split()[0] + "\n")
    daemon.start()
    shown = rtalpctl("--socket", daemon.socket_path, "keys")
    assert shown.returncode == 0 and "newest" in shown.stdout and shown.stdout.split()[-2:] == ["5", "0"], shown
    resume(daemon)
    for job in jobs:
        assert daemon.wait_job(job)["state"] == "succeeded"


def test_rotation_behind_the_managers_sockets_refuses_nobody_and_loses_no_job(make_daemon, keys_file, new_user, tmp_path):
    """Users send fetches all the while; each that was accepted succeeds, whichever key it was sealed to."""
    notifications = Notifications(tmp_path / "notify")
    activated = Activated(make_daemon({"keys.file": str(keys_file)}), notifications)
    activated.start()
    daemon, client = activated.daemon, Client(activated.port, timeout=30)
    daemon.client, stop, accepted, faults = client, threading.Event(), [], []
    users = [new_user() for _ in range(4)]

    def send(user, key):
        try:
            while not stop.is_set():
                answer = client.post("/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key, "days": 1})
                assert answer.status == 202, answer
                accepted.append(answer.json()["job_id"])
                stop.wait(0.02)
        except Exception as e:  # noqa: BLE001 - whatever it is, somebody was refused
            faults.append(repr(e))

    senders = [threading.Thread(target=send, args=user) for user in users]
    try:
        pause(daemon)
        for sender in senders:
            sender.start()
        for _ in range(2):
            assert rtalpctl("keys", "rotate", "--file", keys_file, "--no-restart").returncode == 0
            assert daemon.stop() == 0
            activated.start()
        stop.set()
        for sender in senders:
            sender.join(60)
        assert faults == []
        proc.wait_until(lambda: sum(k["jobs"] for k in keys_of(daemon)[1:]) == 0, what="every key sealed to the newest")
        assert keys_of(daemon)[0]["jobs"] == len(set(accepted)) >= 4
        resume(daemon)
        for job in set(accepted):
            assert daemon.wait_job(job)["state"] == "succeeded"
    finally:
        stop.set()
        activated.close()
        notifications.close()


@pytest.mark.parametrize("status", [0, 1])
def test_rotate_restarts_the_unit(keys_file, tmp_path, status):
    """The manager is played by a program that notes how it was called."""
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f"#!/bin/sh\necho \"$@\" >{tmp_path}/called\nexit {status}\n")
    systemctl.chmod(0o755)
    done = rtalpctl("keys", "rotate", "--file", keys_file, env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert done.returncode == status, done
    assert (tmp_path / "called").read_text() == "restart rtalpd.service\n"
    assert len(keys_file.read_text().split()) == 2


@pytest.mark.skipif(shutil.which("systemd-creds") is None or os.geteuid() != 0, reason="only root encrypts for the machine, by systemd-creds")
def test_keys_that_are_encrypted_stay_so(tmp_path):
    path = tmp_path / "keeper-key.cred"
    if subprocess.run(["systemd-creds", "encrypt", "--name=keeper-key", "-", tmp_path / "try"], input=b"x", capture_output=True).returncode != 0:
        pytest.skip("this machine has no key for credentials")

    def opened():
        done = subprocess.run(["systemd-creds", "decrypt", "--name=keeper-key", path, "-"], capture_output=True, text=True, check=True)
        return done.stdout.split()
    assert rtalpctl("keys", "make", path).returncode == 0
    first = opened()
    assert rtalpctl("keys", "rotate", "--file", path, "--no-restart").returncode == 0
    assert len(first) == 1 and opened()[1:] == first
    assert first[0] not in path.read_text() and path.stat().st_mode & 0o777 == 0o600


def test_a_backup_holds_no_key_sealed_or_not(lasting, tmp_path, new_user):
    directory = tmp_path / "backups"
    directory.mkdir(mode=0o700)
    daemon = lasting(backup__directory=str(directory))
    pause(daemon)
    user, key = new_user()
    job = daemon.fetch(user, key, days=1)
    sealed = daemon.query("SELECT sealed_key FROM jobs WHERE job_id = ?", job)[0][0]
    assert daemon.client.post("/api/backups", {}).status == 201
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert files and all(key.encode() not in path.read_bytes() and sealed not in path.read_bytes() for path in files)


def test_jobs_of_a_key_that_was_taken_away_are_lost_and_no_others(lasting, keys_file, new_user):
    daemon = lasting()
    pause(daemon)
    lost = daemon.fetch(*new_user(), days=1)
    daemon.stop()
    keys_file.unlink()
    assert rtalpctl("keys", "make", keys_file).returncode == 0
    daemon.start()
    assert daemon.job(lost)["state"] == "key_lost"
    kept = daemon.fetch(*new_user(), days=1)
    resume(daemon)
    assert daemon.wait_job(kept)["state"] == "succeeded"


def test_a_box_that_is_put_into_another_users_job_opens_for_nobody(lasting, new_user):
    daemon = lasting()
    pause(daemon)
    thief, victim = (daemon.fetch(*new_user(), days=1) for _ in range(2))
    daemon.stop()
    with sqlite3.connect(daemon.db_path) as db:
        db.execute("UPDATE jobs SET (sealed_key, seal_id, key_id) = (SELECT sealed_key, seal_id, key_id FROM jobs WHERE job_id = ?) WHERE job_id = ?",
                   (victim, thief))
    db.close()
    daemon.start()
    resume(daemon)
    over = daemon.wait_job(thief)
    assert over["state"] == "failed" and over["error"]["code"] == "key_damaged", over
    assert daemon.wait_job(victim)["state"] == "succeeded"


@pytest.mark.parametrize("text,mode", [("nonsense\n", 0o600), ("", 0o600), (None, 0o640)])
def test_keys_that_are_none_stop_the_start_and_say_why(make_daemon, keys_file, text, mode):
    if text is not None:
        keys_file.write_text(text)
    keys_file.chmod(mode)
    daemon = make_daemon({"keys.file": str(keys_file)})
    daemon.launch()
    assert daemon.process.wait(20) == 78
    assert "cannot start the keeper: keys.file: " in daemon.log()


def test_rtalpctl_overwrites_no_keys_and_rotates_none_that_are_nonsense(keys_file, tmp_path):
    before = keys_file.read_text()
    assert rtalpctl("keys", "make", keys_file).returncode == 1
    assert keys_file.read_text() == before
    nonsense = tmp_path / "nonsense"
    nonsense.touch(mode=0o600)
    nonsense.write_text("what is this\n")
    assert rtalpctl("keys", "rotate", "--file", nonsense, "--no-restart").returncode == 1
    assert nonsense.read_text() == "what is this\n"
    keys_file.chmod(0o644)
    assert rtalpctl("keys", "rotate", "--file", keys_file, "--no-restart").returncode == 1
    assert keys_file.read_text() == before
    for _ in range(6):
        keys_file.chmod(0o600)
        assert rtalpctl("keys", "rotate", "--file", keys_file, "--no-restart").returncode == 0
    assert len(keys_file.read_text().split()) == 4, "the oldest go"
