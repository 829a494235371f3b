# SPDX-License-Identifier: Apache-2.0
"""Every kind of caller there is, and tokens for them."""
import base64
import contextlib
import itertools
import os
import re
import time

import pytest

from lib.client import Client

TOKEN = re.compile(r"^rtalp_(\d+)_[A-Za-z0-9_-]{43}$")
NOBODY = 65534
SECRET = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")

# Wrong tokens are counted by address: tests that are not about that never show two from the same one.
_sources = (f"127.{a}.{b}.{c}" for a, b, c in itertools.product(range(1, 255), range(256), range(1, 255)))


def fresh_source():
    return next(_sources)


def make_token(client, scope="operator", **fields):
    """(id, token), made by who has that client."""
    answer = client.post("/api/tokens", {"name": "of a test", "scope": scope, **fields})
    assert answer.status == 201, answer
    made = answer.json()
    assert TOKEN.match(made["token"])[1] == str(made["token_id"]), "the id stands in the token"
    assert answer.headers["Location"] == f"/api/tokens/{made['token_id']}"
    return made["token_id"], made["token"]


def instant(seconds_from_now):
    at = time.time() + seconds_from_now
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03d}Z"


@contextlib.contextmanager
def as_user(uid):
    """What is connected in here comes from that user."""
    own = os.geteuid()
    if own != 0:
        pytest.skip("only root can be somebody else")
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(own)
