# SPDX-License-Identifier: Apache-2.0
"""Where the daemon may be reached, and by whom: beyond loopback with a token only, and the Unix socket."""
import os
import shutil
import socket
import stat
import subprocess
import tempfile

import pytest

from lib import proc
from lib.build import RTALPD
from lib.callers import NOBODY, as_user, make_token
from lib.client import Client
from lib.daemon import Daemon


def ends(daemon, status, *words):
    daemon.launch()
    assert daemon.process.wait(20) == status
    said = daemon.log(daemon.log_start)
    assert all(word in said for word in words), said


# --- beyond loopback ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("addresses", [["0.0.0.0:0"], ["[::]:0"], ["127.0.0.1:0", "0.0.0.0:0"]])
def test_without_a_token_no_other_address_than_loopback_is_served(make_daemon, addresses):
    daemon = make_daemon({"http.listen": addresses})
    ends(daemon, 69, "cannot start: listening", "no token was ever made", "rtalpctl token create", "http.socket")
    assert not daemon.socket_path.exists()


def test_with_a_token_every_address_is_served_and_none_is_trusted(make_daemon):
    daemon = make_daemon().start()
    _, token = make_token(daemon.client, "service")
    daemon.stop()
    daemon.configure(http__listen=["0.0.0.0:0"], http__behind_proxy="yes")
    daemon.launch()
    port = daemon.reached_at(proc.wait_until(lambda: daemon.wait_log(r"serves on 0\.0\.0\.0:(\d+) "), what="the start")[1])
    for host in filter(None, ("127.0.0.1", proc.own_address())):
        assert Client(port, host=host).get("/api/jobs").status == 401
        assert Client(port, host=host, token=token).get("/api/jobs").status == 200
        assert Client(port, host=host, token=token).request("GET", "/api/jobs", headers={"Host": "alp.example"}).status == 200


def test_behind_a_proxy_nobody_is_trusted_for_coming_from_loopback(make_daemon):
    """A proxy beside the daemon connects from loopback whoever asks, and by default names loopback as the host."""
    daemon = make_daemon({"http.behind_proxy": "yes"}).start()
    assert Client(daemon.client.port).get("/healthz").status == 200
    assert Client(daemon.client.port).get("/api/jobs").status == 401
    _, token = make_token(Client(path=daemon.socket_path), "service")
    assert Client(daemon.client.port, token=token).get("/api/jobs").status == 200


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="systemd is not installed")
def test_a_socket_of_the_manager_is_held_to_the_same(make_daemon):
    daemon = make_daemon({"http.behind_proxy": "yes"})
    daemon.configure()
    port = proc.free_port()

    def activate():
        with open(daemon.log_path, "ab") as log:
            daemon.process = subprocess.Popen(["systemd-socket-activate", "-l", f"0.0.0.0:{port}", RTALPD, "--config", daemon.conf],
                                              stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=daemon.directory)
        proc.wait_until(lambda: "Listening" in daemon.log(daemon.log_start), what="the socket")
        daemon.log_start = len(daemon.log())
    activate()
    with socket.create_connection(("127.0.0.1", port)):
        assert daemon.process.wait(20) == 69
    assert "no token was ever made" in daemon.log()
    daemon.start()
    _, token = make_token(Client(path=daemon.socket_path), "service")
    daemon.stop()
    activate()
    assert Client(daemon.reached_at(port)).get("/api/jobs").status == 401
    assert Client(daemon.reached_at(port), token=token).get("/api/jobs").status == 200
    assert daemon.stop() == 0


@pytest.mark.parametrize("addresses", [["127.0.0.1:0", "127.0.0.1:0"], ["[::1]:0", "127.0.0.1:0", "[0:0::1]:0"]])
def test_an_address_that_stands_twice_is_found_before_the_start(make_daemon, addresses):
    daemon = make_daemon({"http.listen": addresses})
    daemon.configure()
    done = subprocess.run([RTALPD, "--check-config", "--config", daemon.conf], capture_output=True, text=True, timeout=20)
    assert done.returncode == 78
    assert "http.listen: must be different addresses; one stands twice" in done.stdout + done.stderr


# --- the Unix socket ------------------------------------------------------------------------------------------------------

def test_the_socket_comes_and_goes_with_the_daemon(make_daemon):
    daemon = make_daemon().start()
    mode = daemon.socket_path.stat().st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o666
    assert Client(path=daemon.socket_path).get("/healthz").status == 200
    assert daemon.stop() == 0
    assert not daemon.socket_path.exists()


def test_a_socket_that_a_killed_daemon_left_is_replaced(make_daemon):
    daemon = make_daemon().start()
    daemon.kill()
    assert daemon.socket_path.exists()
    daemon.start()
    assert Client(path=daemon.socket_path).get("/api/jobs").status == 200


def test_a_socket_on_which_somebody_answers_is_left_alone(make_daemon):
    first = make_daemon().start()
    second = make_daemon({"http.socket": str(first.socket_path)})
    ends(second, 69, "cannot start: listening", "another process answers on http.socket")
    assert Client(path=first.socket_path).get("/healthz").status == 200


def test_a_full_backlog_counts_as_somebody(make_daemon, tmp_path):
    with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as client:
        busy.bind(str(tmp_path / "busy"))
        busy.listen(0)
        client.connect(str(tmp_path / "busy"))
        ends(make_daemon({"http.socket": str(tmp_path / "busy")}), 69, "another process answers on http.socket")


def test_another_kind_of_file_is_never_removed(make_daemon, tmp_path):
    (tmp_path / "precious").write_text("x")
    ends(make_daemon({"http.socket": str(tmp_path / "precious")}), 69, "http.socket names a file that is no socket")
    assert (tmp_path / "precious").read_text() == "x"
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    ends(make_daemon({"http.socket": str(tmp_path / "link")}), 69, "no socket")


def test_a_socket_of_another_is_not_removed_at_the_end(make_daemon):
    daemon = make_daemon().start()
    daemon.socket_path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(daemon.socket_path))
        assert daemon.stop() == 0
        assert daemon.socket_path.exists()


def test_without_its_directory_the_daemon_goes_on_without_it(make_daemon, tmp_path):
    daemon = make_daemon({"http.socket": str(tmp_path / "none" / "sock")}).start()
    assert daemon.client.get("/healthz").status == 200
    assert daemon.log().count("because its directory does not exist; going on without it") == 1


def test_no_socket_is_made_when_none_is_wanted(make_daemon):
    daemon = make_daemon({"http.socket": ""}).start()
    assert daemon.client.get("/healthz").status == 200
    assert not any(stat.S_ISSOCK(f.stat().st_mode) for f in daemon.directory.iterdir())


def test_a_path_that_does_not_fit_is_found_before_the_start(make_daemon):
    daemon = make_daemon({"http.socket": "/tmp/" + "a" * 103})
    daemon.configure()
    done = subprocess.run([RTALPD, "--check-config", "--config", daemon.conf], capture_output=True, text=True, timeout=20)
    assert done.returncode == 78 and "http.socket: must be" in done.stdout + done.stderr


@pytest.fixture
def of_somebody(sandbox):
    """A daemon that runs as an ordinary user, in a directory that everybody may enter."""
    if os.geteuid() != 0:
        pytest.skip("only root can become others")
    somebody = 54321
    directory = tempfile.mkdtemp(prefix="rtalp-somebody-")
    program, ca = shutil.copy(RTALPD, directory), shutil.copy(sandbox.ca, directory)
    for path in (directory, program, ca):
        os.chown(path, somebody, somebody)
    os.chmod(directory, 0o755)
    daemon = Daemon(directory, sandbox, {"rescuetime.ca_file": ca}, user=somebody, program=program)
    daemon.somebody = somebody
    daemon.start()
    yield daemon
    daemon.end()
    shutil.rmtree(directory)


def test_over_the_socket_root_and_the_services_own_user_need_no_token(of_somebody):
    daemon, client = of_somebody, Client(path=of_somebody.socket_path)
    make_token(client, "service")
    for uid, status in ((0, 200), (daemon.somebody, 200), (NOBODY, 401), (1000, 401)):
        with as_user(uid):
            assert client.get("/api/queue").status == status, uid
            assert client.post("/api/queue/fetch/resume").status == status, uid
            assert client.get("/healthz").status == 200


def test_over_the_socket_nobody_else_is_let_in_before_the_first_token_either(of_somebody):
    client = Client(path=of_somebody.socket_path)
    with as_user(NOBODY):
        assert client.get("/api/jobs").status == 401
        assert client.post("/api/tokens", {"name": "mine", "scope": "operator"}).status == 401
    assert client.get("/api/jobs").status == 200
