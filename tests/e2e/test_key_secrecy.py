# SPDX-License-Identifier: Apache-2.0
"""A user's key is in the memory of those who need it while they need it, and nowhere else."""
import base64
import contextlib
import json
import os
import pathlib
import resource
import signal

import pytest

from lib import proc, raw
from lib.build import SANITIZED
from lib.tls import Certificate


CHUNK = 1 << 20


def files_with(key, directory):
    return [path for path in pathlib.Path(directory).rglob("*") if path.is_file() and key.encode() in path.read_bytes()]


def memory_holds(pid, needle):
    """Does the writable memory of that process hold the bytes? For root only."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if "w" not in rights:
                continue
            begin, end = (int(x, 16) for x in span.split("-"))
            last = b""
            try:
                memory.seek(begin)
                for at in range(begin, end, CHUNK):
                    piece = memory.read(min(CHUNK, end - at))
                    if needle in last + piece:
                        return line.strip()
                    last = piece[-len(needle):]
            except (OSError, ValueError):
                pass  # a mapping that cannot be read
    return None


@pytest.fixture(scope="module")
def daemon(tmp_path_factory, the_sandbox):
    """One that says all it can."""
    from lib.daemon import Daemon
    d = Daemon(tmp_path_factory.mktemp("secrecy"), the_sandbox, {"log.level": "debug"})
    d.start()
    yield d
    d.end()


def test_no_file_ever_holds_a_key(daemon, sandbox, new_user):
    """Whatever becomes of the job: the log at its most talkative, the database, its write-ahead log, nothing has the key."""
    ends = {}
    for fault in (None, "bad-key-400", "http-500", "truncated", "redirect-302", "text-200", "query-error"):
        user, key = new_user()
        if fault:
            sandbox.fault(fault, user=user)
        ends[key] = daemon.fetch(user, key, days=2)
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=5000)
    ends[key] = daemon.fetch(user, key, days=1)
    os.kill(daemon.wait_worker(user).pid, signal.SIGKILL)
    for key, job_id in ends.items():
        assert files_with(key, daemon.directory) == []
        job = daemon.wait_job(job_id)
        assert key not in str(job)
        assert files_with(key, daemon.directory) == []


def test_no_answer_repeats_a_key(daemon, sandbox, new_user):
    user, key = new_user()
    for body in ({"alp_user_id": user, "rescue_time_api_key": key, "days": 99}, {"alp_user_id": "x" + key, "rescue_time_api_key": key},
                 {"alp_user_id": user, "rescue_time_api_key": key + " " + key}, {"alp_user_id": user, "rescue_time_api_key": [key]},
                 {"alp_user_id": user, "key": key}):
        answer = daemon.client.post("/api/jobs/fetch", body)
        assert answer.status == 422, answer
        assert key not in answer.text
    answer = daemon.client.request("POST", "/api/jobs/fetch", body='{"rescue_time_api_key": "' + key + '", ',
                                   headers={"Content-Type": "application/json"})
    assert answer.status == 400 and key not in answer.text
    assert files_with(key, daemon.directory) == []


def test_no_command_line_environment_or_title_shows_a_key(daemon, sandbox, new_user):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=1500)
    job_id = daemon.fetch(user, key, days=1)
    worker = daemon.wait_worker(user)
    for pid in (daemon.pid, daemon.spawner().pid, daemon.keeper().pid, worker.pid):
        for name in ("cmdline", "environ", "comm"):
            try:
                shown = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
            except PermissionError:
                continue  # which is even better
            assert key.encode() not in shown
    daemon.wait_job(job_id)


def test_no_process_leaves_a_core(make_daemon, sandbox, new_user):
    """Even with the limit lifted from outside."""
    daemon = make_daemon().start()
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=5000)
    daemon.fetch(user, key, days=1)
    worker = daemon.wait_worker(user)
    for pid in (worker.pid, daemon.spawner().pid, daemon.keeper().pid, daemon.pid):
        try:
            resource.prlimit(pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except PermissionError:
            pass  # nobody but root may lift it
    os.kill(worker.pid, signal.SIGABRT)
    proc.wait_until(lambda: not proc.alive(worker.pid), what="end of the worker")
    assert daemon.kill(signal.SIGABRT) == -signal.SIGABRT
    assert [p for p in daemon.directory.iterdir() if p.name.startswith("core")] == []
    assert files_with(key, daemon.directory) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read another process's memory")
@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps freed memory to see who uses it")
def test_a_key_is_in_the_memory_of_its_worker_and_of_nobody_else(daemon, sandbox, new_user):
    new_user()  # the first one's key is the example of the contract
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=1000)
    answer = daemon.client.request("POST", "/api/jobs/fetch", json={"alp_user_id": user, "rescue_time_api_key": key, "days": 1},
                                   headers={"Idempotency-Key": "of-a-key"})
    assert answer.status == 202, answer
    job_id = answer.json()["job_id"]
    assert not memory_holds(daemon.pid, key.encode()), "it was answered: what is left is sealed"
    worker = daemon.wait_worker(user)
    proc.wait_until(lambda: memory_holds(worker.pid, key.encode()), what="the key in its worker")
    assert not memory_holds(daemon.spawner().pid, key.encode()), "the spawner never has a key"
    assert not memory_holds(daemon.keeper().pid, key.encode()), "the keeper forgets it at once"
    daemon.wait_job(job_id)
    proc.wait_until(lambda: not daemon.workers(), what="end of the worker")
    for pid in (daemon.pid, daemon.spawner().pid, daemon.keeper().pid):
        assert not memory_holds(pid, key.encode())
    assert files_with(key, daemon.directory) == []


def with_body(body, length=None):
    return f"POST /api/jobs/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length or len(body)}\r\n\r\n{body}"


def asked(user, key, days=1):
    return json.dumps({"alp_user_id": user, "rescue_time_api_key": key, "days": days})


# Each with the status of its answer; None: the client leaves in the middle.
WAYS = {
    "accepted": (202, lambda user, key: with_body(asked(user, key))),
    "in escapes": (202, lambda user, key: with_body(asked(user, "?").replace("?", "".join(f"\\u{ord(c):04x}" for c in key)))),
    "out of range": (422, lambda user, key: with_body(asked(user, key, days=99))),
    "no JSON": (400, lambda user, key: with_body('{"rescue_time_api_key": "' + key + '", ')),
    "in the address": (422, lambda user, key: with_body("{}").replace("/fetch", "/fetch?rescue_time_api_key=" + key)),
    "in a header": (422, lambda user, key: with_body("{}").replace("Host:", f"X-Key: {key}\r\nHost:")),
    "cut off": (None, lambda user, key: with_body(asked(user, key), 4000)),
}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read another process's memory")
@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps freed memory to see who uses it")
@pytest.mark.parametrize("way", ["plain", "tls"])
def test_no_connection_keeps_a_key_that_came_over_it(make_daemon, tmp_path, new_user, way):
    """The connection is still open, and so are its buffers."""
    certificate = Certificate(tmp_path)
    daemon = make_daemon({"log.level": "debug", **(certificate.settings if way == "tls" else {})}).start()
    port = certificate.port(daemon.client.port) if way == "tls" else daemon.client.port
    new_user()  # the first one's key is the example of the contract
    with contextlib.ExitStack() as connections:
        for name, (status, request) in WAYS.items():
            user, key = new_user()
            c = connections.enter_context(raw.Raw(port)).send(request(user, key))
            if status is None:
                proc.wait_until(lambda: memory_holds(daemon.pid, key.encode()), what="the beginning of a body")
                c.socket.close()
            else:
                assert c.answer().status == status, name
            proc.wait_until(lambda: not memory_holds(daemon.pid, key.encode()), what=f"the end of the key that came {name}", timeout=3)
            assert files_with(key, daemon.directory) == [], name


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read another process's memory")
@pytest.mark.skipif(SANITIZED, reason="a sanitizer keeps freed memory to see who uses it")
@pytest.mark.parametrize("way", ["plain", "tls"])
def test_what_is_shown_once_stays_in_no_memory(make_daemon, tmp_path, way):
    certificate = Certificate(tmp_path)
    daemon = make_daemon({"webhooks.allow_private": "yes", "webhooks.ports": ["9"], **(certificate.settings if way == "tls" else {})}).start()
    port = certificate.port(daemon.client.port) if way == "tls" else daemon.client.port
    with raw.Raw(port) as c:
        for path, asked_for, name in (("webhooks", {"url": "http://127.0.0.1:9/hook", "events": ["job.finished"]}, "secret"),
                                      ("webhooks/1/rotate", {}, "secret"), ("tokens", {"name": "of a test", "scope": "service"}, "token")):
            shown = c.send(with_body(json.dumps(asked_for)).replace("/jobs/fetch", f"/{path}")).answer().json()[name]
            # A request is given back soon after its answer; what lies on a stack then lies there by neglect.
            where = proc.wait_until(lambda: (lambda w: w if "[heap]" not in w else None)(memory_holds(daemon.pid, shown.encode()) or "nowhere"), timeout=3)
            assert where == "nowhere", path
            assert files_with(shown, daemon.directory) == []


def text_of_secret(fill):
    return "whsec_" + base64.b64encode(bytes([fill]) * 32).decode()


def test_what_alp_is_signed_by_is_with_the_master_only_and_what_webhooks_are_with_nobody(make_alp_daemon, sandbox, tmp_path):
    """In no file of its own, no log, no command line, and in no process but the one that needs it."""
    secrets_file, theirs = tmp_path / "events", text_of_secret(0x51)
    secrets_file.touch(mode=0o600)
    secrets_file.write_text(theirs + "\n")
    daemon = make_alp_daemon({"sync.events_secret_file": str(secrets_file), "webhooks.allow_private": "yes", "webhooks.ports": ["9"], "log.level": "debug"}).start()
    asked = {"json": {"url": "http://127.0.0.1:9/hook", "events": ["job.finished"]}, "headers": {"Idempotency-Key": "a-key"}}
    made = daemon.client.request("POST", "/api/webhooks", **asked)
    assert made.status == 201, made
    ours, hook = made.json()["secret"], made.json()["webhook_id"]
    assert daemon.client.post(f"/api/webhooks/{hook}/test").status == 202
    again = daemon.client.request("POST", "/api/webhooks", **asked)
    assert (again.status, again.json()["code"]) == (409, "secret_already_shown")
    assert daemon.client.get("/api/alp/users").status == 200
    daemon.wait_log("unreachable")
    shown = [daemon.client.get(path).body for path in ("/api/settings", "/api/webhooks", f"/api/webhooks/{hook}/deliveries", "/api/audit", "/readyz")]
    for secret in (sandbox.alp_key, theirs, ours):
        assert files_with(secret, daemon.directory) == [], secret
        assert all(secret.encode() not in body for body in shown)
        for pid in (daemon.pid, daemon.spawner().pid):
            assert all(secret.encode() not in pathlib.Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
    if os.geteuid() == 0 and not SANITIZED:
        raw = [base64.b64decode(secret.removeprefix("whsec_")) for secret in (theirs, ours)]
        assert memory_holds(daemon.pid, sandbox.alp_key.encode()) and memory_holds(daemon.pid, raw[0]), "this test would see them"
        for needle in (sandbox.alp_key.encode(), theirs.encode(), ours.encode(), *raw):
            assert not memory_holds(daemon.spawner().pid, needle), needle
            assert not memory_holds(daemon.keeper().pid, needle), needle
        body = ours.removeprefix("whsec_").encode()
        for needle in (raw[1], body):
            assert not memory_holds(daemon.pid, needle), "it was answered: the master has it sealed only"
        fresh = daemon.client.post(f"/api/webhooks/{hook}/rotate").json()["secret"]
        for needle in (base64.b64decode(fresh.removeprefix("whsec_")), fresh.removeprefix("whsec_").encode()):
            assert not memory_holds(daemon.pid, needle), "that of a rotation, too"
        assert files_with(fresh, daemon.directory) == []
