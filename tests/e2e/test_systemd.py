# SPDX-License-Identifier: Apache-2.0
"""What the service manager hears and hands over."""
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from lib import proc
from lib.build import RTALPD
from lib.client import Client
from lib.manager import Notifications


@pytest.fixture
def manager(tmp_path):
    n = Notifications(tmp_path / "notify")
    yield n
    n.close()


def test_the_manager_hears_of_start_reload_and_stop(make_daemon, manager):
    daemon = make_daemon(environment=manager.environment)
    daemon.start()
    manager.wait("READY=1")
    daemon.reload()
    manager.wait("RELOADING=1")
    manager.wait("READY=1")
    os.kill(daemon.pid, signal.SIGTERM)
    manager.wait("STOPPING=1")
    assert daemon.process.wait(20) == 0


def test_ready_means_that_it_serves(make_daemon, manager):
    daemon = make_daemon(environment=manager.environment)
    daemon.launch()
    manager.wait("READY=1")
    daemon.port = daemon.reached_at(re.search(r"serves on 127\.0\.0\.1:(\d+) ", daemon.log())[1])
    assert Client(daemon.port).get("/readyz").status == 200


def test_the_watchdog_is_petted_while_all_is_well(make_daemon, manager):
    daemon = make_daemon(environment={**manager.environment, "WATCHDOG_USEC": "1000000"})
    daemon.start()
    for _ in range(3):
        manager.wait("WATCHDOG=1")


def test_the_start_may_take_as_long_as_the_store_needs(make_daemon, manager):
    """A store that is made is brought to the newest schema, too."""
    daemon = make_daemon(environment=manager.environment)
    daemon.start()
    told = manager.wait("READY=1")
    assert any(t.startswith("EXTEND_TIMEOUT_USEC=") for t in told), told


def test_the_status_says_what_is_under_way(make_daemon, manager, sandbox, new_user):
    daemon = make_daemon(environment=manager.environment).start()
    user, key = new_user()
    sandbox.fault("stall", user=user)
    daemon.fetch(user, key, days=1)
    assert f"serving on 127.0.0.1:{daemon.port}; 1 jobs run, " in manager.wait("STATUS=.*; 1 jobs run")[-1]


def not_fed(manager, daemon):
    """Waits until the watchdog is not fed any more, and stays so for two of its times."""
    daemon.wait_log("watchdog is not fed", timeout=30)
    manager.forget()
    end = time.monotonic() + 2
    while (left := end - time.monotonic()) > 0:
        assert "WATCHDOG=1" not in (manager.next(left) or "")


def test_the_watchdog_is_not_fed_while_a_commit_hangs(shimmed, manager, disk, new_user):
    daemon = shimmed(environment={**manager.environment, "WATCHDOG_USEC": "1000000"})
    manager.wait("WATCHDOG=1")
    user, key = new_user()
    disk("hang-fsync")
    with concurrent.futures.ThreadPoolExecutor(1) as aside:
        answer = aside.submit(Client(daemon.port, timeout=60).post, "/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key})
        not_fed(manager, daemon)
        assert "a commit does not come to an end" in daemon.log()
        # The loop turns: whoever asks for nothing of the store's is answered, and is told so.
        assert daemon.client.get("/healthz").status == 200
        disk(None)
        manager.wait("WATCHDOG=1")
        assert answer.result().status == 202
    daemon.wait_log("watchdog is fed again")


@pytest.mark.parametrize("title", ["spawner", "keeper"])
def test_the_watchdog_is_not_fed_without_a(title, shimmed, manager, disk):
    """The one there is dies, and no other can be started."""
    daemon = shimmed(environment={**manager.environment, "WATCHDOG_USEC": "1000000"})
    disk("no-process")
    os.kill(next(p for p in daemon.children() if p.title == f"rtalpd: {title}").pid, signal.SIGKILL)
    not_fed(manager, daemon)
    assert f"the {title} does not answer" in daemon.log()
    disk(None)
    manager.wait("WATCHDOG=1")


def test_the_watchdog_is_not_fed_by_a_loop_that_does_not_turn(make_daemon, manager):
    daemon = make_daemon(environment={**manager.environment, "WATCHDOG_USEC": "1000000"}).start()
    manager.wait("WATCHDOG=1")
    os.kill(daemon.pid, signal.SIGSTOP)
    proc.wait_until(lambda: proc.Process(daemon.pid).state == "T", what="the stop")
    manager.forget()
    assert manager.next(2) is None
    os.kill(daemon.pid, signal.SIGCONT)
    manager.wait("WATCHDOG=1")


def test_the_watchdog_is_fed_while_a_spawner_is_replaced(make_daemon, manager):
    daemon = make_daemon(environment={**manager.environment, "WATCHDOG_USEC": "1000000"}).start()
    for _ in range(3):
        os.kill(proc.wait_until(daemon.spawner, what="a spawner").pid, signal.SIGKILL)
        manager.forget()
        manager.wait("WATCHDOG=1", timeout=10)
    assert "watchdog is not fed" not in daemon.log()


def test_a_wrong_configuration_is_not_reported_as_ready(make_daemon, manager):
    daemon = make_daemon({"http.nonsense": 1}, environment=manager.environment)
    daemon.launch()
    assert daemon.process.wait(20) == 78


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="systemd is not installed")
def test_sockets_of_the_manager_are_served(make_daemon):
    daemon = make_daemon()
    daemon.configure()
    port = proc.free_port()
    with open(daemon.log_path, "ab") as log:
        daemon.process = subprocess.Popen(["systemd-socket-activate", "-l", f"127.0.0.1:{port}", RTALPD, "--config", daemon.conf],
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=daemon.directory)
    proc.wait_until(lambda: "Listening" in daemon.log(), what="the socket")
    assert Client(daemon.reached_at(port)).get("/healthz").status == 200
    assert daemon.stop() == 0
