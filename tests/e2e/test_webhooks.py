# SPDX-License-Identifier: Apache-2.0
"""Webhooks: what happened is told to whoever asked, once it happened and until it arrived; and never to where it must not go."""
import contextlib
import http.client
import os
import random
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

from lib import ctl, proc
from lib.build import SANITIZED
from lib.killer import Killer
from lib.receiver import Receiver
from lib.truth import days_back

ALL = ["entries.ready", "job.finished", "entry.posted", "entry.status_changed", "posting.needs_person"]


@pytest.fixture
def receiver():
    r = Receiver()
    yield r
    r.stop()


@pytest.fixture
def told(make_daemon, receiver):
    """A daemon that may tell the receiver."""
    return make_daemon(receiver.settings(**{"webhooks.timeout_ms": 1500})).start()


def make(daemon, url, events=ALL):
    answer = daemon.client.post("/api/webhooks", {"url": url, "events": events})
    assert answer.status == 201, answer
    return answer.json()


def test(daemon, hook):
    answer = daemon.client.post(f"/api/webhooks/{hook['webhook_id']}/test")
    assert answer.status == 202, answer
    return answer.json()["delivery_id"]


test.__test__ = False


def delivery(daemon, hook, delivery_id):
    rows = daemon.client.get(f"/api/webhooks/{hook['webhook_id']}/deliveries").json()
    return next(d for d in rows if d["delivery_id"] == delivery_id)


def wait_attempt(daemon, hook, delivery_id, count=1, seconds=15):
    return proc.wait_until(lambda: len((d := delivery(daemon, hook, delivery_id))["log"]) >= count and d, seconds, "an attempt")


def bring_forward(daemon, hook):
    """Retries are due now: as if the time had passed."""
    daemon.stop()
    with contextlib.closing(sqlite3.connect(daemon.db_path)) as db:
        db.execute("UPDATE webhook_deliveries SET next_ms = 0 WHERE state = 1 AND webhook_id = ?", (hook["webhook_id"],))
        db.commit()
    daemon.start()


def test_a_fetch_is_told_when_its_entries_are_ready(told, receiver, new_user):
    hook = make(told, receiver.url)
    user, key = new_user()
    job = told.wait_job(told.fetch(user, key, days=2))
    assert job["state"] == "succeeded"
    ready = receiver.wait(1, "entries.ready")
    finished = receiver.wait(2, "job.finished")
    assert len(ready) == 1 and ready[0].data["alp_user_id"] == user
    assert (ready[0].data["from"], ready[0].data["to"]) == (job["from"], job["to"]), (ready[0].data, job)
    assert {m.data["kind"]: m.data["state"] for m in finished} == {"fetch": "succeeded", "process": "succeeded"}
    assert job["job_id"] in {m.data["job_id"] for m in finished}
    for message in ready + finished:
        assert message.signed_by(hook["secret"])
        assert message.got.path == "/hook" and message.got.headers["content-type"] == "application/json"
        assert set(message.json) == {"type", "timestamp", "data"}


def test_days_without_news_are_not_ready_again(told, receiver, new_user):
    make(told, receiver.url)
    user, key = new_user()
    told.wait_job(told.fetch(user, key, days=1))
    receiver.wait(1, "entries.ready")
    finished = len(receiver.wait(2, "job.finished"))
    told.wait_job(told.fetch(user, key, days=1))
    receiver.wait(finished + 1, "job.finished")
    assert len({m.id for m in receiver.messages("entries.ready")}) == 1


def test_only_what_was_asked_for_is_told(told, receiver, new_user):
    make(told, receiver.url, ["entries.ready"])
    user, key = new_user()
    told.wait_job(told.fetch(user, key, days=1))
    receiver.wait(1, "entries.ready")
    assert {m.type for m in receiver.messages()} == {"entries.ready"}


def test_a_failure_is_told_again_with_the_same_id_and_a_new_signature(told, receiver):
    hook = make(told, receiver.url)
    receiver.answers = [500, 302, lambda handler: handler.close_connection or handler.connection.shutdown(socket.SHUT_RDWR)]
    number = test(told, hook)
    first = wait_attempt(told, hook, number)
    assert first["state"] == "pending" and first["log"][0]["status"] == 500 and first["log"][0]["code"] == "status"
    for n in (2, 3, 4):
        bring_forward(told, hook)
        last = wait_attempt(told, hook, number, n)
    assert last["state"] == "delivered" and [a["status"] for a in last["log"]] == [500, 302, None, 204]
    assert last["log"][2]["code"] == "unreachable"
    messages = receiver.messages()
    assert len(messages) == 4 and len({m.id for m in messages}) == 1 and len({m.got.body for m in messages}) == 1
    assert all(m.signed_by(hook["secret"]) for m in messages)


def test_the_first_retry_comes_by_itself_after_five_seconds(told, receiver):
    hook = make(told, receiver.url)
    receiver.answers = [503]
    wait_attempt(told, hook, test(told, hook), 2)
    one, two = receiver.messages()
    assert 4 <= two.got.when - one.got.when <= 8


def test_what_is_given_up_is_told_to_the_journal(told, receiver):
    hook = make(told, receiver.url)
    receiver.answers = [500] * 2
    number = test(told, hook)
    wait_attempt(told, hook, number)
    told.stop()
    with contextlib.closing(sqlite3.connect(told.db_path)) as db:
        db.execute("UPDATE webhook_deliveries SET attempts = 9, next_ms = 0")
        db.commit()
    told.start()
    last = wait_attempt(told, hook, number, 2)
    assert last["state"] == "failed" and last["attempts"] == 10 and last["next_attempt_at"] is None
    told.wait_log(rf"message {number} to webhook {hook['webhook_id']} is given up: status")
    assert told.client.post(f"/api/webhooks/deliveries/{number}/redeliver").status == 202
    assert wait_attempt(told, hook, number, 3)["state"] == "delivered"
    assert len({m.id for m in receiver.messages()}) == 1


def test_who_does_not_answer_is_left_after_the_time_there_is(told, receiver):
    hook = make(told, receiver.url)
    receiver.hold = 4
    failed = wait_attempt(told, hook, test(told, hook))
    assert failed["log"][0]["code"] == "timeout" and failed["log"][0]["status"] is None
    assert 1400 <= failed["log"][0]["took_ms"] <= 4000


def test_the_head_of_the_answer_is_the_answer(told, receiver):
    """Whatever becomes of what stands behind it: it is too long, or never comes."""
    hook = make(told, receiver.url)

    def endless(handler):
        with contextlib.suppress(OSError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n" + b"x" * 1000000)

    def silent(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")
        handler.wfile.flush()
        time.sleep(3)

    for answer in (endless, silent):
        receiver.answers = [answer]
        assert wait_attempt(told, hook, test(told, hook))["state"] == "delivered"


def test_gone_disables(told, receiver):
    hook = make(told, receiver.url)
    receiver.answers = [410]
    number = test(told, hook)
    assert wait_attempt(told, hook, number)["state"] == "failed"
    path = f"/api/webhooks/{hook['webhook_id']}"
    now = told.client.get(path).json()
    assert (now["enabled"], now["disabled_because"]) == (False, "gone")
    assert told.client.post(path + "/test").json()["code"] == "webhook_disabled"
    assert told.client.post(f"/api/webhooks/deliveries/{number}/redeliver").json()["code"] == "webhook_disabled"
    assert told.client.patch(path, {"enabled": True}).json()["enabled"] is True
    wait_attempt(told, hook, test(told, hook))
    assert len(receiver.messages()) == 2


def test_a_rotated_secret_signs_beside_the_one_before(told, receiver):
    hook = make(told, receiver.url)
    rotated = told.client.post(f"/api/webhooks/{hook['webhook_id']}/rotate")
    assert rotated.status == 200 and rotated.json()["secret"] != hook["secret"] and rotated.json()["old_secret_until"]
    test(told, hook)
    assert receiver.wait(1)[0].signed_by(rotated.json()["secret"], hook["secret"])
    told.stop()
    with contextlib.closing(sqlite3.connect(told.db_path)) as db:
        db.execute("UPDATE webhooks SET old_until_ms = 1")
        db.commit()
    told.start()
    test(told, hook)
    assert receiver.wait(2)[1].signed_by(rotated.json()["secret"])


def test_one_that_hangs_holds_up_no_other(make_daemon, receiver):
    slow = Receiver()
    slow.hold = 20
    daemon = make_daemon({**receiver.settings(), "webhooks.ports": [str(receiver.port), str(slow.port)], "webhooks.max_deliveries": 8}).start()
    hung = [make(daemon, slow.url) for _ in range(3)]
    good = make(daemon, receiver.url)
    for hook in hung:
        for _ in range(2):
            test(daemon, hook)
    slow.wait(5)
    for _ in range(10):
        test(daemon, good)
    receiver.wait(10, seconds=10)
    slow.stop()


@pytest.fixture
def office(make_alp_daemon, sandbox, receiver):
    """The same with an ALP, empty at the beginning; and a way to post there."""
    sandbox.control("DELETE", "alp-entries")
    daemon = make_alp_daemon({**receiver.settings(), **{f"posting.look_{n}_ms": 50 * n for n in (2, 3, 4, 5)}, "alp.lists_entries": "no",
                              "alp.answer_timeout_ms": 1500}).start()

    def post(units):
        body = {"matter_component_id": 100011, "user_id": 2, "date": days_back(sandbox.today(2), 2)[0], "units": units,
                "description": "Advising on the lease of Smith", "rate": 35000, "billable_type": 1, "gst_type": 1,
                "discriminator": "MatterComponentTimeEntry", "notes": "private"}
        return daemon.client.post("/api/time_entries", body).json()
    return daemon, post


def test_what_becomes_of_postings_is_told_without_what_they_say(office, receiver, sandbox):
    daemon, post = office
    hook = make(daemon, receiver.url)
    posted = post(3)
    message, = receiver.wait(1, "entry.posted")
    assert message.signed_by(hook["secret"])
    assert (message.data["posting_id"], message.data["alp_entry_id"], message.data["alp_user_id"]) == (posted["posting_id"], posted["alp_entry_id"], 2)
    sandbox.alp_fault("drop")
    asked = post(5)
    needs, = receiver.wait(1, "posting.needs_person")
    assert (needs.data["posting_id"], needs.data["state"]) == (asked["posting_id"], "cannot_be_listed")
    assert not any(word in g.body for g in receiver.got for word in (b"Smith", b"lease", b"private", b"35000"))


# --- where it must not go ---


def test_inside_is_refused_by_the_address_that_is_connected_to(make_daemon, receiver):
    """The names are outside; that they lead inside is seen when it counts. Refused by number already when a webhook is made."""
    daemon = make_daemon({"webhooks.ports": [str(receiver.port), "443"]}).start()
    for url in (receiver.url, f"https://127.0.0.1:{receiver.port}/", "https://10.1.2.3/", "https://169.254.169.254/latest/", "https://[::1]/",
                "https://localhost/", "https://2130706433/", "http://example.org/", "https://u@example.org/", "https://example.org:22/"):
        answer = daemon.client.post("/api/webhooks", {"url": url, "events": ["entries.ready"]})
        assert answer.status == 422 and answer.json()["errors"][0]["loc"] == ["body", "url"], (url, answer)
    name = socket.gethostname()
    hook = make(daemon, f"https://{name}:{receiver.port}/") if name.isalnum() else None
    if hook is None or not all(a[4][0].startswith(("127.", "10.", "172.", "192.168.", "169.254", "100.", "fd", "fe80", "::1"))
                               for a in socket.getaddrinfo(name, 443)):
        pytest.skip("this machine's own name does not lead inside")
    failed = wait_attempt(daemon, hook, test(daemon, hook))
    assert failed["log"][0]["code"] == "address_refused", failed
    assert not receiver.got


def test_redirects_are_not_followed(told, receiver):
    inside = Receiver()
    hook = make(told, receiver.url)
    receiver.answers, receiver.headers = [307], {"location": inside.url}
    failed = wait_attempt(told, hook, test(told, hook))
    assert failed["log"][0]["status"] == 307 and failed["state"] == "pending"
    assert not inside.got
    inside.stop()


def test_tls_is_checked(make_daemon, the_sandbox, tmp_path):
    """A certificate that nobody vouches for is no receiver."""
    pem = tmp_path / "self.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(pem), "-out", str(tmp_path / "cert.pem"), "-days", "1",
              "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    receiver = Receiver(tls=(tmp_path / "cert.pem", pem))
    daemon = make_daemon(receiver.settings()).start()
    hook = make(daemon, receiver.url)
    failed = wait_attempt(daemon, hook, test(daemon, hook))
    assert failed["log"][0]["code"] == "tls", failed
    daemon.stop()
    daemon.configure(webhooks__ca_file=str(tmp_path / "cert.pem"))
    daemon.start()
    bring_forward(daemon, hook)
    receiver.wait(1)
    receiver.stop()


# --- what is kept, and what is not ---


def test_a_secret_is_in_no_file_but_sealed_and_its_key_is_private(told, receiver):
    hook = make(told, receiver.url)
    test(told, hook)
    receiver.wait(1)
    key = told.directory / "rtalp.db.keeper-key"
    assert key.stat().st_mode & 0o777 == 0o600
    told.stop()
    for path in told.directory.iterdir():
        if path.is_file():
            assert hook["secret"].removeprefix("whsec_").encode() not in path.read_bytes(), path
            if path != key:
                assert key.read_bytes().strip() not in path.read_bytes(), path


def test_secrets_outlive_every_restart_though_no_key_was_given(told, receiver):
    """Of the daemon, of its keeper alone, and with the secret before still signing."""
    hook = make(told, receiver.url)
    before = told.keeper().pid
    os.kill(before, signal.SIGKILL)
    proc.wait_until(lambda: (k := told.keeper()) is not None and k.pid != before, what="another keeper")
    test(told, hook)
    assert receiver.wait(1)[0].signed_by(hook["secret"])
    fresh = told.client.post(f"/api/webhooks/{hook['webhook_id']}/rotate").json()
    told.kill()
    told.start()
    test(told, hook)
    assert receiver.wait(2)[1].signed_by(hook["secret"], fresh["secret"])
    keys = told.client.get("/api/keys").json()
    assert [(k["newest"], k["held"], k["lasting"], k["jobs"], k["webhooks"]) for k in keys] == [(True, True, False, 0, 0), (False, True, True, 0, 1)]


def test_while_there_is_no_keeper_messages_wait_and_lose_no_attempt(told, receiver):
    hook = make(told, receiver.url)
    os.kill(told.keeper().pid, signal.SIGKILL)
    numbers = [test(told, hook) for _ in range(5)]
    receiver.wait(5)
    for number in numbers:
        assert [a["code"] for a in wait_attempt(told, hook, number)["log"]] == [None]


def test_secrets_go_over_to_keys_that_are_given_and_rotate_with_them(told, receiver, tmp_path):
    keys_file = tmp_path / "keeper-key"
    hook = make(told, receiver.url)
    told.stop()
    beside = told.directory / "rtalp.db.keeper-key"
    ctl.run("keys", "make", str(keys_file))
    told.configure(keys__file=str(keys_file))
    told.start()
    proc.wait_until(lambda: [k["webhooks"] for k in told.client.get("/api/keys").json()] == [1], what="the secret sealed to the key that was given")
    told.stop()
    beside.unlink()
    for _ in range(2):
        ctl.run("keys", "rotate", "--file", str(keys_file), "--no-restart")
        told.start()
        proc.wait_until(lambda: told.client.get("/api/keys").json()[0]["webhooks"] == 1, what="the secret sealed to the newest key")
        told.stop()
    keys_file.write_text(keys_file.read_text().split()[0] + "\n")
    told.start()
    assert not beside.exists(), "a key that was given is enough"
    test(told, hook)
    assert receiver.wait(1)[0].signed_by(hook["secret"])


def test_without_its_key_a_secret_is_lost_and_a_rotation_makes_it_good(told, receiver):
    hook = make(told, receiver.url)
    told.stop()
    (told.directory / "rtalp.db.keeper-key").unlink()
    told.start()
    number = test(told, hook)
    assert wait_attempt(told, hook, number)["log"][0]["code"] == "secret_lost"
    fresh = told.client.post(f"/api/webhooks/{hook['webhook_id']}/rotate").json()
    told.stop()
    with contextlib.closing(sqlite3.connect(told.db_path)) as db:
        db.execute("UPDATE webhook_deliveries SET next_ms = 0")
        db.commit()
    told.start()
    assert receiver.wait(1)[0].signed_by(fresh["secret"])


def test_deleting_a_webhook_deletes_its_messages(told, receiver):
    hook = make(told, receiver.url)
    receiver.answers = [500]
    wait_attempt(told, hook, test(told, hook))
    path = f"/api/webhooks/{hook['webhook_id']}"
    assert told.client.delete(path).status == 204
    for answer in (told.client.get(path), told.client.get(path + "/deliveries"), told.client.post(path + "/test"), told.client.delete(path)):
        assert answer.status == 404, answer
    assert told.client.get("/api/webhooks").json() == []


def test_the_list_is_paged(told, receiver):
    numbers = [make(told, receiver.url)["webhook_id"] for _ in range(5)]
    path, seen = "/api/webhooks?limit=2", []
    while path:
        answer = told.client.get(path)
        seen += [w["webhook_id"] for w in answer.json()]
        path = answer.headers["link"].split(">")[0][1:] if "link" in answer.headers else None
    assert seen == numbers
    assert told.client.get("/api/webhooks?cursor=x").status == 422


def test_the_log_is_paged(told, receiver):
    hook = make(told, receiver.url)
    numbers = [test(told, hook) for _ in range(5)]
    path, seen = f"/api/webhooks/{hook['webhook_id']}/deliveries?limit=2", []
    while path:
        answer = told.client.get(path)
        seen += [d["delivery_id"] for d in answer.json()]
        path = answer.headers["link"].split(">")[0][1:] if "link" in answer.headers else None
    assert seen == numbers[::-1]


# --- one transaction ---


def test_facts_and_messages_are_the_same_after_any_crash(make_daemon, receiver, sandbox, new_user):
    """The daemon is killed again and again while jobs end: each job that is over has its message, no other has one, and all of them arrive."""
    daemon = make_daemon(receiver.settings(**{"webhooks.max_deliveries": 4})).start()
    hook = make(daemon, receiver.url, ["job.finished"])
    chance = random.Random(5)
    users = [new_user() for _ in range(3)]
    for _ in range(8):
        for user, key in users:
            daemon.fetch(user, key, days=1)
        time.sleep(chance.uniform(0.02, 0.4))
        daemon.kill()
        daemon.start()
    proc.wait_until(lambda: all(j["state"] not in ("queued", "running") for j in daemon.client.get("/api/jobs").json()), 60, "the end of all jobs")
    over = {j["job_id"] for j in daemon.client.get("/api/jobs").json()}
    rows = daemon.client.get(f"/api/webhooks/{hook['webhook_id']}/deliveries?limit=1000").json()
    assert sorted(d["body"]["data"]["job_id"] for d in rows) == sorted(over)
    proc.wait_until(lambda: {m.data["job_id"] for m in receiver.messages()} == over, 60, "every message")
    by_id = {}
    for m in receiver.messages():
        assert by_id.setdefault(m.id, m.got.body) == m.got.body
    assert len(by_id) == len(over)


@pytest.mark.skipif(SANITIZED, reason="a sanitizer's runtime must be loaded before anything that is preloaded")
def test_dying_at_any_step_of_a_fact_and_its_message_parts_them_never(make_daemon, receiver, new_user, tmp_path):
    """From the request over the end of the job to the message's arrival: at each write, sync and answer of ours in turn."""
    killer = Killer(tmp_path)
    daemon = make_daemon(receiver.settings(), **killer.arguments).start()
    user, key = new_user()
    day = daemon.fetch_and_wait(user, key, days=1)["to"]
    hook = make(daemon, receiver.url, ["job.finished"])
    old = {j["job_id"] for j in daemon.client.get("/api/jobs").json()}

    def over():
        return {j["job_id"] for j in daemon.client.get("/api/jobs").json() if j["state"] not in ("queued", "running")} - old

    def deliveries():
        return daemon.client.get(f"/api/webhooks/{hook['webhook_id']}/deliveries?limit=1000").json()

    def arrived():
        return {m.data["job_id"] for m in receiver.messages()}

    for step in range(1, 200):
        proc.wait_until(lambda: all(d["state"] == "delivered" for d in deliveries()), 30, "what was left to send")
        killer.arm(step)
        with contextlib.suppress(OSError, http.client.HTTPException):
            job_id = daemon.client.post("/api/jobs/process", {"alp_user_id": user, "date": day}).json()["job_id"]
        proc.wait_until(lambda: killer.struck or job_id in arrived(), 20, "its death, or the message")
        # That it has arrived is left to be written down. Looking for that would be steps, too.
        with contextlib.suppress(AssertionError):
            proc.wait_until(lambda: killer.struck, 0.5)
        died = killer.struck
        killer.disarm()
        if died:
            daemon.process.wait(10)
            daemon.start()
        proc.wait_until(lambda: all(j["state"] not in ("queued", "running") for j in daemon.client.get("/api/jobs").json()), 20, "the jobs")
        assert sorted(d["body"]["data"]["job_id"] for d in deliveries()) == sorted(over()), f"dying at step {step}"
        if not died:
            break
    assert not died and step > 10, "the steps do not end, or they are not counted"
    proc.wait_until(lambda: arrived() == over(), 30, "every message")
    bodies = {}
    assert all(bodies.setdefault(m.id, m.got.body) == m.got.body for m in receiver.messages())
    print(f"\n{step - 1} deaths, {len(over())} facts, {len(bodies)} messages, {len(receiver.messages())} arrivals")


def test_rtalpctl_makes_and_shows_webhooks(told, receiver):
    def run(*arguments):
        done = ctl.run("webhook", *arguments, "--socket", told.socket_path)
        assert done.status == ctl.OK, done
        return done

    created = run("create", receiver.url, "--events", "job.finished,entry.posted", "--name", "screen")
    secret = created.out.strip()
    assert secret.startswith("whsec_") and secret not in created.err
    assert "on its way" in run("test", "1").out
    assert receiver.wait(1)[0].signed_by(secret)
    assert "job.finished,entry.posted" in run("list").out and secret not in run("list").out
    proc.wait_until(lambda: "delivered" in run("deliveries", "1").out, what="the end of the message")
    fresh = run("rotate", "1").out.strip()
    run("redeliver", "1")
    assert receiver.wait(2)[1].signed_by(secret, fresh)
    assert "disabled" in run("disable", "1").out and "enabled" in run("enable", "1").out
    run("delete", "1")
    assert "screen" not in run("list").out


def test_messages_that_are_over_go_after_their_time(told, receiver):
    hook = make(told, receiver.url)
    number = test(told, hook)
    wait_attempt(told, hook, number)
    receiver.answers = [500]
    pending = test(told, hook)
    wait_attempt(told, hook, pending)
    told.stop()
    with contextlib.closing(sqlite3.connect(told.db_path)) as db:
        db.execute("UPDATE webhook_deliveries SET created_ms = 1, finished_ms = min(finished_ms, 1)")
        db.commit()
    told.start()
    path = f"/api/webhooks/{hook['webhook_id']}/deliveries"
    proc.wait_until(lambda: [d["delivery_id"] for d in told.client.get(path).json()] == [pending], what="the pruning")


def test_a_worker_that_dies_costs_an_attempt(told, receiver):
    hook = make(told, receiver.url)
    receiver.hold = 1.2
    number = test(told, hook)
    worker = proc.wait_until(lambda: next((p for p in proc.descendants(told.pid) if "rtalpd: deliver" in p.title), None), 5, "a worker")
    os.kill(worker.pid, signal.SIGKILL)
    failed = wait_attempt(told, hook, number)
    assert failed["log"][0]["code"] == "worker_crashed", failed


def slow_readers(daemon):
    """Its reading threads run when no other has anything to do."""
    for task in os.listdir(f"/proc/{daemon.pid}/task"):
        with open(f"/proc/{daemon.pid}/task/{task}/comm", encoding="ascii") as comm:
            if comm.read().strip() == "store-reader":
                os.sched_setscheduler(int(task), os.SCHED_IDLE, os.sched_param(0))


def test_nothing_is_sent_again_because_what_is_due_was_read_before_its_end_was_written(told, receiver):
    """What is due is read beside what is written, so an answer may still name what arrived meanwhile."""
    hooks = [make(told, receiver.url) for _ in range(4)]
    slow_readers(told)
    busy = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(os.cpu_count())]
    try:
        numbers = [(hook, test(told, hook)) for _ in range(15) for hook in hooks]
        receiver.wait(len(numbers), seconds=60)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    sent = [wait_attempt(told, hook, number)["log"] for hook, number in numbers]
    assert [[a["code"] for a in log] for log in sent] == [[None]] * len(numbers)
    ids = [m.id for m in receiver.messages()]
    assert len(ids) == len(set(ids)), "sent twice"
