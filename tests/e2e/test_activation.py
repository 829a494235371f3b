# SPDX-License-Identifier: Apache-2.0
"""The manager holds the sockets: across restarts under load no connection is refused and none is reset, and every request is answered."""
import collections
import concurrent.futures
import http.client
import os
import pathlib
import signal
import socket
import threading
import time

import pytest

from lib import proc, tls
from lib.build import SANITIZED
from lib.client import Client
from lib.manager import Activated, Notifications

RESTARTS = 5


@pytest.fixture
def activated(make_daemon, tmp_path):
    notifications = Notifications(tmp_path / "notify")
    a = Activated(make_daemon(), notifications)
    a.start()
    yield a
    a.close()
    notifications.close()


def wait_taken(a):
    """Until the daemon has accepted every connection: none is left in the kernel's queue."""
    proc.wait_until(lambda: queue_of(a.port) == 0, what="the connection's acceptance")


def queue_of(port):
    """How many wait at a listening socket."""
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1] == f"0100007F:{port:04X}" and words[3] == "0A":
            return int(words[4].split(":")[1], 16)
    raise AssertionError("nobody listens there")


class Asker(threading.Thread):
    """Asks again and again. `kept`: over one connection, as long as it stays; that it was closed while it was idle is no fault, but the answer
    must come over the next one."""

    def __init__(self, client, kept, method, path, json, stop):
        super().__init__()
        self.client, self.kept, self.what, self.stop = client, kept, (method, path, json), stop
        self.statuses, self.faults, self.closed, self.told = collections.Counter(), [], 0, 0

    def run(self):
        while not self.stop.is_set():
            try:
                self.ask_kept() if self.kept else self.ask_once()
            except Exception as e:  # noqa: BLE001 - whatever it is, it is what the test is about
                self.faults.append(f"{'kept' if self.kept else 'fresh'} {self.what[:2]}: {e!r}")

    def ask_once(self):
        method, path, json = self.what
        self.statuses[self.client.request(method, path, json=json).status] += 1

    def ask_kept(self):
        connection, asked = self.client.connection(), 0
        try:
            while not self.stop.is_set():
                try:
                    connection.request(self.what[0], self.what[1])
                    answer = connection.getresponse()
                # A Unix socket says at the writing already that nobody is there any more.
                except (http.client.RemoteDisconnected, BrokenPipeError):
                    if asked == 0:
                        raise
                    self.closed += 1
                    return
                answer.read()
                asked += 1
                self.statuses[answer.status] += 1
                if answer.will_close:
                    self.told += 1
                    return
        finally:
            connection.close()


def test_no_request_is_lost_across_restarts_under_load(activated, new_user):
    stop = threading.Event()
    user, key = new_user()
    askers = []
    for client in (Client(activated.port, timeout=30), Client(path=activated.daemon.socket_path, timeout=30)):
        for kept in (True, False):
            askers.append(Asker(client, kept, "GET", "/api/jobs", None, stop))
            askers.append(Asker(client, kept, "GET", "/healthz", None, stop))
        askers.append(Asker(client, False, "POST", "/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key, "days": 1}, stop))
    for asker in askers:
        asker.start()
    try:
        for _ in range(RESTARTS):
            time.sleep(0.3)
            assert activated.daemon.stop() == 0
            time.sleep(0.1)
            activated.start()
        time.sleep(0.3)
    finally:
        stop.set()
        for asker in askers:
            asker.join(60)
    assert not [fault for asker in askers for fault in asker.faults]
    for asker in askers:
        assert set(asker.statuses) <= {200, 202}, (asker.what, asker.statuses)
        assert asker.statuses.total() > 3 * RESTARTS, (asker.what, asker.statuses)
    # Or nobody was sent away, and nothing was tried. Where an answer takes long, hardly anybody is idle: they are told with it.
    assert sum(asker.closed + (asker.told if SANITIZED else 0) for asker in askers) > 0


def test_who_has_just_come_when_it_stops_may_still_ask(activated):
    with tls.connect(activated.port) as fresh:
        wait_taken(activated)
        os.kill(activated.daemon.pid, signal.SIGTERM)
        activated.notifications.wait("STOPPING=1")
        fresh.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = fresh.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200 ") and b"connection: close" in answer.lower()
    assert activated.daemon.process.wait(10) == 0


def test_who_only_comes_holds_nothing_up(activated):
    with tls.connect(activated.port) as silent:
        wait_taken(activated)
        assert activated.daemon.stop(timeout=10) == 0
        assert silent.recv(1) == b""


def test_who_asks_while_nothing_runs_is_answered_by_the_next(activated):
    assert activated.daemon.stop() == 0
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        early = pool.submit(Client(activated.port, timeout=20).get, "/healthz")
        proc.wait_until(lambda: queue_of(activated.port) == 1, what="the connection")
        activated.start()
        assert early.result().status == 200


def test_the_managers_unix_socket_stays_and_is_served(activated):
    assert activated.daemon.stop() == 0
    assert activated.daemon.socket_path.exists()
    activated.start()
    assert Client(path=activated.daemon.socket_path).get("/api/jobs").status == 200
    assert activated.daemon.log(activated.daemon.log_start).count("another process answers") == 0


def test_what_is_no_listening_socket_is_refused(make_daemon, tmp_path):
    notifications = Notifications(tmp_path / "notify")
    a = Activated(make_daemon(), notifications)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        a.launch([datagrams.fileno()])
        assert a.daemon.process.wait(20) == 69
    assert "no listening stream socket" in a.daemon.log()
    a.close()
    notifications.close()
