# SPDX-License-Identifier: Apache-2.0
"""Tokens: what changes with the first one, how one ends, who is slowed down, and that none is ever seen again."""
import concurrent.futures
import re
import threading

import pytest

from lib import proc
from lib.callers import SECRET, fresh_source, instant, make_token
from lib.client import Client


@pytest.fixture
def fresh(make_daemon):
    return make_daemon().start()


@pytest.fixture
def root(fresh):
    return Client(path=fresh.socket_path)


@pytest.fixture(scope="module")
def operator(daemon):
    """Makes and revokes, on a daemon that the tests of this file share."""
    return Client(path=daemon.socket_path)


def refused(answer):
    return answer.status == 401 and answer.json()["code"] == "unauthorized"


# --- the first one --------------------------------------------------------------------------------------------------------

def test_the_first_token_ends_tokenless_operation_for_good(fresh):
    """Also after it was revoked, and in the next daemon: with an empty table anybody on the machine would be let in again."""
    assert fresh.client.get("/api/jobs").status == 200
    number, token = make_token(fresh.client)
    assert refused(fresh.client.get("/api/jobs"))
    assert fresh.client.get("/healthz").status == 200
    assert Client(fresh.port, token=token).delete(f"/api/tokens/{number}").status == 204
    assert refused(fresh.client.get("/api/jobs"))
    fresh.restart()
    assert refused(fresh.client.get("/api/jobs"))
    assert Client(path=fresh.socket_path).get("/api/jobs").status == 200


def test_an_expired_token_does_not_open_the_house_either(fresh):
    _, token = make_token(fresh.client, expires_at=instant(1))
    dying = Client(fresh.port, token=token)
    proc.wait_until(lambda: refused(dying.get("/api/jobs")), what="the end of the token's time")
    fresh.restart()
    assert refused(fresh.client.get("/api/jobs"))


def test_while_there_are_none_a_token_is_a_wrong_one(fresh):
    assert refused(Client(fresh.port, token=f"rtalp_1_{SECRET}").get("/api/jobs"))
    assert fresh.client.get("/api/jobs").status == 200


# --- its life -------------------------------------------------------------------------------------------------------------

def test_revoking_ends_the_very_next_request_of_an_open_connection(daemon, operator):
    number, token = make_token(operator, "service")
    connection = Client(daemon.port, token=token).connection()

    def ask():
        connection.request("GET", "/api/jobs", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    assert ask() == 200
    socket = connection.sock
    assert operator.delete(f"/api/tokens/{number}").status == 204
    assert ask() == 401
    assert connection.sock is socket
    assert operator.delete(f"/api/tokens/{number}").status == 204, "revoking twice is as good as once"
    shown = operator.get(f"/api/tokens/{number}").json()
    assert shown["revoked_at"] is not None
    connection.close()


def test_tokens_and_their_last_use_outlive_the_daemon(fresh, root):
    number, token = make_token(root, "user", alp_user_id=5, read_only=True, name="Dana", expires_at="2099-01-01T00:00:00Z")
    shown = root.get(f"/api/tokens/{number}").json()
    assert shown["last_used_at"] is None
    assert {k: shown[k] for k in ("name", "scope", "alp_user_id", "read_only", "expires_at", "revoked_at")} == {
        "name": "Dana", "scope": "user", "alp_user_id": 5, "read_only": True, "expires_at": "2099-01-01T00:00:00.000Z", "revoked_at": None}
    assert Client(fresh.port, token=token).get("/api/jobs").status == 200
    used = root.get(f"/api/tokens/{number}").json()["last_used_at"]
    assert used is not None
    fresh.restart()
    assert root.get(f"/api/tokens/{number}").json()["last_used_at"] == used
    assert Client(fresh.port, token=token).get("/api/jobs").status == 200


def test_a_killed_daemon_forgets_no_token_and_no_revocation(fresh, root):
    kept, revoked = make_token(root, "service"), make_token(root, "service")
    assert root.delete(f"/api/tokens/{revoked[0]}").status == 204
    fresh.kill()
    fresh.start()
    assert Client(fresh.port, token=kept[1]).get("/api/jobs").status == 200
    assert refused(Client(fresh.port, token=revoked[1]).get("/api/jobs"))


def test_the_list_is_newest_first_and_comes_in_pages(operator):
    made = [make_token(operator, "service")[0] for _ in range(5)]
    whole = operator.get("/api/tokens").json()
    assert [t["token_id"] for t in whole][:5] == made[::-1]
    assert all("token" not in t for t in whole)
    path, pages = "/api/tokens?limit=2", []
    while path:
        answer = operator.get(path)
        pages += answer.json()
        link = answer.headers["Link"]
        path = re.match(r'<([^>]*)>; rel="next"', link)[1] if link else None
    assert [t["token_id"] for t in pages] == [t["token_id"] for t in whole]


@pytest.mark.parametrize("body, field, kind", [
    ({"name": "", "scope": "service"}, "name", None),
    ({"name": "x" * 101, "scope": "service"}, "name", None),
    ({"name": "x"}, "scope", "missing"),
    ({"name": "x", "scope": "root"}, "scope", None),
    ({"name": "x", "scope": "user"}, "alp_user_id", "missing"),
    ({"name": "x", "scope": "user", "alp_user_id": None}, "alp_user_id", "missing"),
    ({"name": "x", "scope": "user", "alp_user_id": 0}, "alp_user_id", None),
    ({"name": "x", "scope": "service", "alp_user_id": 4}, "alp_user_id", "conflict"),
    ({"name": "x", "scope": "operator", "alp_user_id": 4}, "alp_user_id", "conflict"),
    ({"name": "x", "scope": "service", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "out_of_range"),
    ({"name": "x", "scope": "service", "expires_at": "tomorrow"}, "expires_at", None),
    ({"name": "x", "scope": "service", "read_only": "yes"}, "read_only", None),
])
def test_a_token_that_makes_no_sense_is_not_made(operator, body, field, kind):
    before = len(operator.get("/api/tokens").json())
    answer = operator.post("/api/tokens", body)
    assert answer.status == 422, answer
    errors = {e["loc"][-1]: e["type"] for e in answer.json()["errors"]}
    assert list(errors) == [field] and kind in (None, errors[field])
    assert len(operator.get("/api/tokens").json()) == before


def test_a_token_is_shown_once_however_often_it_is_asked_for(operator):
    body = {"name": "once", "scope": "service"}
    first = operator.post("/api/tokens", body, Idempotency_Key="tokens-once")
    assert first.status == 201
    again = operator.post("/api/tokens", body, Idempotency_Key="tokens-once")
    assert (again.status, again.json()["code"]) == (409, "secret_already_shown")
    assert first.json()["token"] not in again.text
    assert [t["name"] for t in operator.get("/api/tokens").json()].count("once") == 1


def test_there_is_no_such_token(operator):
    for method in ("GET", "DELETE"):
        assert operator.request(method, "/api/tokens/9007199254740991").status == 404
        assert operator.request(method, "/api/tokens/x").status == 422


# --- secrecy --------------------------------------------------------------------------------------------------------------

def test_no_file_and_no_answer_ever_holds_a_token(make_daemon):
    """The log at its most talkative, the database, its write-ahead log, lists and errors."""
    daemon = make_daemon({"log.level": "debug"}).start()
    root = Client(path=daemon.socket_path)
    made = [make_token(root, scope, **fields) for scope, fields in (("service", {}), ("user", {"alp_user_id": 3}), ("operator", {}))]
    texts = []
    for number, token in made:
        client = Client(daemon.port, token=token)
        for method, path in (("GET", "/api/jobs"), ("GET", "/api/nothing"), ("POST", "/api/jobs/fetch"), ("GET", f"/api/tokens?token={token}"),
                             ("POST", "/api/tokens"), ("GET", "/api/tokens/x"), ("PATCH", "/healthz")):
            answer = client.request(method, path, json={} if method == "POST" else None)
            texts.append(answer.text + str(answer.headers))
        texts.append(Client(daemon.port, token=token + "x", source=fresh_source()).get("/api/jobs").text)
        texts.append(root.get("/api/tokens").text + root.get(f"/api/tokens/{number}").text)
        root.delete(f"/api/tokens/{number}")
    wal = [f for f in daemon.directory.iterdir() if f.name.startswith("rtalp.db") and f.is_file()]
    assert len(wal) >= 2, "the write-ahead log is there to be searched"
    for _ in ("running", "stopped"):
        for file in daemon.directory.iterdir():
            content = file.read_bytes() if file.is_file() else b""
            for number, token in made:
                assert token.split("_", 2)[2].encode() not in content, file
        daemon.stop()
    for number, token in made:
        assert not any(token.split("_", 2)[2] in text for text in texts)
    assert re.search(r"token \d+ was made: operator", daemon.log()) and re.search(r"token \d+ was revoked", daemon.log())


# --- the slow -------------------------------------------------------------------------------------------------------------

def test_wrong_tokens_are_slowed_down_by_address(daemon, operator):
    _, token = make_token(operator, "service")
    _, newer = make_token(operator, "service")
    source = fresh_source()
    assert Client(daemon.port, token=token, source=source).get("/api/jobs").status == 200
    wrong = Client(daemon.port, token=f"rtalp_1_{SECRET}", source=source)
    assert [wrong.get("/api/jobs").status for _ in range(10)] == [401] * 10
    slowed = proc.wait_until(lambda: (lambda a: a if a.status != 401 else None)(wrong.get("/api/jobs")), what="being slowed")
    assert (slowed.status, slowed.json()["code"]) == (429, "slowed_down") and slowed.headers["Retry-After"] in ("1", "2")
    assert Client(daemon.port, token=token, source=source).get("/api/jobs").status == 200, "it was accepted from there before"
    assert Client(daemon.port, token=newer, source=fresh_source()).get("/api/jobs").status == 200, "another address"
    assert Client(daemon.port, source=source).get("/healthz").status == 200
    daemon.wait_log(rf"wrong tokens keep coming from {source}; it is slowed down")
    assert Client(daemon.port, token=newer, source=source).get("/api/jobs").status == 200, "a right one never waits for wrong ones"


def test_who_floods_with_wrong_tokens_locks_nobody_out(daemon, operator):
    """Behind a reverse proxy everybody has one address, and after a restart the daemon has accepted nothing from it yet."""
    source, over = fresh_source(), threading.Event()

    def flood():
        wrong = Client(daemon.port, token=f"rtalp_1_{SECRET}", source=source)
        while not over.is_set():
            assert wrong.get("/api/jobs").status in (401, 429)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        try:
            floods = [pool.submit(flood) for _ in range(3)]
            daemon.wait_log(rf"wrong tokens keep coming from {source}; it is slowed down")
            for _ in range(20):
                _, token = make_token(operator, "service")
                assert Client(daemon.port, token=token, source=source).get("/api/jobs").status == 200
        finally:
            over.set()
        for f in floods:
            f.result()


def test_who_still_sends_a_dead_token_slows_nobody_down(daemon, operator):
    """It was right once, so it is no guess; and a program that was not told must not lock its machine out."""
    number, dead = make_token(operator, "service")
    _, token = make_token(operator, "service")
    assert operator.delete(f"/api/tokens/{number}").status == 204
    source = fresh_source()
    assert {Client(daemon.port, token=dead, source=source).get("/api/jobs").status for _ in range(15)} == {401}
    assert Client(daemon.port, token=token, source=source).get("/api/jobs").status == 200
