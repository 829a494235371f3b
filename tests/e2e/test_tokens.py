# SPDX-License-Identifier: Apache-2.0
"""Tokens: what changes with the first one, how one ends, and that none is ever seen again."""
import http.client
import json
import re
import sqlite3

import pytest

from lib.client import Client

TOKEN = re.compile(r"^rtalp_(\d+)_[A-Za-z0-9_-]{43}$")


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def make(daemon, scope="operator", by=None, **fields):
    """(id, token), made by whoever `by` is the token of."""
    answer = daemon.client.request("POST", "/api/tokens", json={"name": "of a test", "scope": scope, **fields},
                                   headers=bearer(by) if by else None)
    assert answer.status == 201, answer
    made = answer.json()
    assert TOKEN.match(made["token"]).group(1) == str(made["token_id"])
    assert answer.headers["Location"] == f"/api/tokens/{made['token_id']}"
    return made["token_id"], made["token"]


@pytest.fixture
def fresh(make_daemon):
    return make_daemon().start()


def test_the_first_token_ends_tokenless_operation_for_good(fresh):
    assert fresh.client.get("/api/jobs").status == 200
    number, token = make(fresh)
    for _ in range(2):
        refused = fresh.client.get("/api/jobs")
        assert (refused.status, refused.json()["code"]) == (401, "unauthorized")
        assert refused.headers["WWW-Authenticate"] == 'Bearer realm="rtalpd"'
        assert fresh.client.get("/healthz").status == 200
        if _ == 0:
            assert fresh.client.request("DELETE", f"/api/tokens/{number}", headers=bearer(token)).status == 204
            fresh.restart()


def test_revoking_ends_the_very_next_request_of_an_open_connection(fresh):
    _, operator = make(fresh)
    number, token = make(fresh, "service", by=operator)
    connection = http.client.HTTPConnection("127.0.0.1", fresh.port, timeout=10)

    def ask():
        connection.request("GET", "/api/jobs", headers=bearer(token))
        answer = connection.getresponse()
        answer.read()
        return answer
    assert ask().status == 200
    socket = connection.sock
    assert fresh.client.request("DELETE", f"/api/tokens/{number}", headers=bearer(operator)).status == 204
    refused = ask()
    assert refused.status == 401 and connection.sock is socket
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="rtalpd", error="invalid_token"'
    assert fresh.client.request("DELETE", f"/api/tokens/{number}", headers=bearer(operator)).status == 204


def test_tokens_survive_a_restart_and_their_last_use_too(fresh):
    _, operator = make(fresh)
    number, token = make(fresh, "user", by=operator, alp_user_id=5, read_only=True)

    def shown():
        return fresh.client.request("GET", f"/api/tokens/{number}", headers=bearer(operator)).json()
    before = shown()
    assert before["last_used_at"] is None and "token" not in before
    assert (before["scope"], before["alp_user_id"], before["read_only"]) == ("user", 5, True)
    assert fresh.client.request("GET", "/api/jobs", headers=bearer(token)).status == 200
    used = shown()["last_used_at"]
    assert used is not None
    fresh.restart()
    assert shown()["last_used_at"] == used
    assert fresh.client.request("GET", "/api/jobs", headers=bearer(token)).status == 200
