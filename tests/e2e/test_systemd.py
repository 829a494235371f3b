# SPDX-License-Identifier: Apache-2.0
"""What the service manager hears and hands over."""
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest

from lib import proc
from lib.build import RTALPD
from lib.client import Client


@pytest.fixture
def manager(tmp_path):
    """A socket that plays the manager: next() is what it was told next."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        path = str(tmp_path / "notify")
        s.bind(path)
        s.settimeout(20)

        class Manager:
            environment = {"NOTIFY_SOCKET": path}

            @staticmethod
            def wait(word):
                told = []
                while not told or not re.search(word, told[-1], re.MULTILINE):
                    told.append(s.recv(4096).decode())
                return told
        yield Manager


def test_the_manager_hears_of_start_reload_and_stop(make_daemon, manager):
    daemon = make_daemon(environment=manager.environment)
    daemon.start()
    manager.wait("^READY=1")
    daemon.reload()
    manager.wait("^RELOADING=1")
    manager.wait("^READY=1")
    os.kill(daemon.pid, signal.SIGTERM)
    manager.wait("^STOPPING=1")
    assert daemon.process.wait(20) == 0


def test_ready_means_that_it_serves(make_daemon, manager):
    daemon = make_daemon(environment=manager.environment)
    daemon.launch()
    manager.wait("^READY=1")
    daemon.port = int(re.search(r"serves on 127\.0\.0\.1:(\d+) ", daemon.log())[1])
    assert Client(daemon.port).get("/readyz").status == 200


def test_the_watchdog_is_petted_while_all_is_well(make_daemon, manager):
    daemon = make_daemon(environment={**manager.environment, "WATCHDOG_USEC": "1000000"})
    daemon.start()
    for _ in range(3):
        manager.wait("^WATCHDOG=1")


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
    assert Client(port).get("/healthz").status == 200
    assert daemon.stop() == 0
