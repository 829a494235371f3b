# SPDX-License-Identifier: Apache-2.0
"""Every process of a running daemon stands under its list of system calls, and what must be done by name is done by those who may."""
import os
import pathlib
import signal

import pytest

from lib import proc
from lib.build import SANITIZED


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def sockets(pid):
    directory = pathlib.Path(f"/proc/{pid}/fd")
    return [fd.name for fd in directory.iterdir() if os.readlink(fd).startswith("socket:")]


@pytest.fixture
def held(daemon, sandbox, new_user):
    """A fetch worker whose request hangs."""
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=60000, count=1)
    job_id = daemon.fetch(user, key, days=1)
    yield job_id, daemon.wait_worker(user)
    daemon.client.delete(f"/api/jobs/{job_id}")


@pytest.mark.skipif(SANITIZED, reason="sanitizer builds have no filter")
def test_each_process_has_its_list_and_those_of_who_made_it(daemon, held):
    filters = {"master": (daemon.pid, 1), "keeper": (daemon.keeper().pid, 2), "spawner": (daemon.spawner().pid, 2), "worker": (held[1].pid, 3)}
    for name, (pid, count) in filters.items():
        said = status(pid)
        assert (name, said["Seccomp"], said["NoNewPrivs"]) == (name, "2", "1")
        if "Seccomp_filters" in said:
            assert (name, int(said["Seccomp_filters"])) >= (name, count)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look at a process that hides its memory")
def test_a_worker_that_asks_has_its_channel_and_one_connection(daemon, sandbox, held):
    def connected():
        return len(sockets(held[1].pid)) == 2

    proc.wait_until(connected, what=f"two sockets, not {sockets(held[1].pid)}")


def test_a_worker_that_tried_what_it_must_not_is_named(daemon, held):
    daemon.log_start = len(daemon.log())
    os.kill(held[1].pid, signal.SIGSYS)
    daemon.wait_log(rf"fetch {held[1].pid} was ended by the kernel: it made a system call that is not on its list")
    daemon.denied = True


def test_names_are_looked_up_by_who_may(make_alp_daemon, sandbox, new_user):
    user, key = new_user()
    daemon = make_alp_daemon({"rescuetime.url": sandbox.http_url.replace("127.0.0.1", "localhost")}).start()
    assert daemon.wait_job(daemon.fetch(user, key, days=1))["state"] == "succeeded"
    assert daemon.client.get("/api/alp/matters").status == 200
    assert daemon.process.poll() is None


def test_a_name_that_nobody_knows_costs_the_job_an_attempt(make_daemon, sandbox, new_user):
    user, key = new_user()
    daemon = make_daemon({"rescuetime.url": "https://upstream.invalid/anapi/data"}).start()
    job_id = daemon.fetch(user, key, days=1)
    daemon.wait_log(rf"fetch job {job_id} .*upstream_unresolved", timeout=30)
    assert daemon.process.poll() is None
