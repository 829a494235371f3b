# SPDX-License-Identifier: Apache-2.0
"""Requests for every operation, made from the contract by chance, good ones and broken ones, from every kind of caller: each is answered in
time, as the contract says, by no failure of ours; the connection goes on or ends as announced; and the daemon is none the worse for it.

RTALP_EXAMPLES=N multiplies how many there are; RTALP_RANDOM=1 draws other ones each time.
"""
import base64
import os
import re
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from lib import hostile, proc
from lib.callers import SECRET, fresh_source, instant, make_token
from lib.client import Client
from lib.contract import Contract
from lib.daemon import Daemon
from lib.truth import days_back

TIMES = int(os.environ.get("RTALP_EXAMPLES", "1"))
# What no schema can say, and a valid request may be told: of any field, and of one.
MEANING = {"missing", "conflict", "bad_cursor", "unknown_zone", "alp_refused", "not_the_owner", "unknown_user", "unknown_gst_type", "unknown_matter",
           "unknown_outcome", "unknown_component", "closed_matter", "units_differ"}
MEANING_OF = {("to", "out_of_range"), ("expires_at", "out_of_range"), ("work_hours", "bad_hours"), ("rules", "invalid_rules"),
              ("entries", "not_unique"), ("matter_id", "bad_id"), ("outcome_id", "bad_id"), ("url", "bad_url"),
              ("date", "date_in_future")}
CALLERS = ("service", "service_ro", "user", "user_ro", "other", "operator", "operator_ro", "expired", "revoked", "unknown", "none")
QUICK = {"http.requests_per_minute": 0, "http.request_timeout_ms": 500, "log.level": "debug"}
WRONG = ("expired", "revoked", "unknown", "none")


class World:
    """Two users with entries and jobs, tokens of every kind, and both kinds of job paused, so that what is queued costs no worker."""

    def __init__(self, daemon, sandbox, users):
        self.daemon, self.port, self.contract = daemon, daemon.port, Contract.of(daemon.client)
        jobs = [daemon.fetch_and_wait(user, sandbox.key(user), days=2)["job_id"] for user in users]
        entries = [entry["entry_id"] for user in users for entry in daemon.entries(user)[:6]]
        day = daemon.entries(users[0])[0]["entry_date"]
        # The first one is only there to be revoked, by whoever thinks of the number 1.
        first, spare = make_token(daemon.client)
        operator = make_token(Client(daemon.port, token=spare))[1]
        self.client = daemon.client = Client(daemon.port, token=operator)
        self.tokens = {"operator": operator, "unknown": f"rtalp_999999_{SECRET}", "none": None}
        for name, fields in (("operator_ro", {"read_only": True}), ("service", {"scope": "service"}), ("service_ro", {"scope": "service", "read_only": True}),
                             ("user", {"scope": "user", "alp_user_id": users[0]}), ("user_ro", {"scope": "user", "alp_user_id": users[0], "read_only": True}),
                             ("other", {"scope": "user", "alp_user_id": users[1]})):
            self.tokens[name] = make_token(self.client, **fields)[1]
        expired = make_token(self.client, expires_at=instant(0.5))
        revoked = make_token(self.client)
        self.tokens.update({"expired": expired[1], "revoked": revoked[1]})
        assert self.client.delete(f"/api/tokens/{revoked[0]}").status == 204
        self.pools = {"alp_user_id": [*users, 424242], "job_id": jobs, "entry_id": entries, "token_id": [first, revoked[0], expired[0], 999999],
                      "rescue_time_api_key": [sandbox.key(users[0])], "time_zone": ["Australia/Sydney", "Asia/Tokyo"], "date": [day],
                      "matter_code": ["12345"], "kind": ["process"]}
        proc.wait_until(lambda: self.client_of("expired").get("/api/queue").status == 401, what="the end of a token")
        self.pause()

    def client_of(self, caller):
        return Client(self.port, token=self.tokens[caller], source=fresh_source())

    def pause(self):
        for kind in ("fetch", "process"):
            assert self.client.post(f"/api/queue/{kind}/pause").status == 200

    def send(self, request, caller):
        """Wrong tokens are counted by address, so they come from one of their own."""
        token = self.tokens[caller]
        shown = [value for name, value in request.headers if name == b"Authorization"]
        if token is not None and not shown:
            request.headers.append((b"Authorization", b"Bearer " + token.encode()))
        note(f"{caller}: {request}")
        return hostile.send(self.port, self.contract, request, fresh_source() if caller in WRONG or shown else "127.0.0.1")


def settings_of(sandbox, directory):
    """Everything there is, so that no answer is that there is none."""
    secrets = directory / "alp-events"
    secrets.touch(mode=0o600)
    secrets.write_text("whsec_" + base64.b64encode(bytes(range(32))).decode() + "\n")
    return {**QUICK, **sandbox.alp_settings(directory), "sync.events_secret_file": str(secrets)}


@pytest.fixture(scope="module")
def world(tmp_path_factory, the_sandbox, user_numbers):
    users = []
    while len(users) < 2:
        number = next(user_numbers)
        if all(the_sandbox.seconds(number, date) for date in days_back(the_sandbox.today(number), 2)):
            users.append(number)
    directory = tmp_path_factory.mktemp("daemon")
    d = Daemon(directory, the_sandbox, settings_of(the_sandbox, directory))
    d.start()
    yield World(d, the_sandbox, users)
    d.end()


class Open(World):
    """Before there is a token, where a loopback address is enough, and Host and Origin are looked at."""

    def __init__(self, daemon):
        self.daemon, self.port, self.client, self.contract = daemon, daemon.port, daemon.client, Contract.of(daemon.client)
        self.tokens, self.pools = {"none": None}, {"alp_user_id": [7, 8], "job_id": [1, 2, 3], "kind": ["process"]}
        self.pause()


@pytest.fixture(scope="module")
def tokenless(tmp_path_factory, the_sandbox):
    directory = tmp_path_factory.mktemp("daemon")
    d = Daemon(directory, the_sandbox, settings_of(the_sandbox, directory))
    d.start()
    yield Open(d)
    d.end()


@pytest.fixture(params=["world"])
def unharmed(request):
    """Whatever a test did: the same process, no worker and no descriptor left, nothing in the log that says a failure of ours."""
    world = request.getfixturevalue(request.param)
    daemon, pid, alp_port = world.daemon, world.daemon.pid, urlsplit(request.getfixturevalue("the_sandbox").alp_url).port
    descriptors = proc.fd_count_but_to(pid, alp_port)
    yield world
    assert daemon.process.poll() is None and daemon.pid == pid
    world.pause()
    proc.wait_until(lambda: not daemon.workers("fetch") and not daemon.workers("process") and not daemon.zombies(), 30, "the end of the last worker")
    proc.wait_until(lambda: proc.fd_count_but_to(pid, alp_port) <= descriptors + 2, 10, "the end of every connection")
    lines = daemon.log().splitlines()
    strange = [line for line in lines if not line.startswith("rtalpd")]
    assert strange == [], "somebody else's line in the log"
    assert [line for line in lines if re.search(r"rtalpd: [A-Z]+ /\S* failed: |runtime error|cannot be trusted|crashed|ended \(", line)] == []


def hold(world, count, requests, callers, look):
    """So many examples, one by one; `look` holds the answer against what is special to them."""
    @settings(max_examples=count * TIMES, suppress_health_check=list(HealthCheck))
    @given(requests, st.sampled_from(callers))
    def run(request, caller):
        look(world.send(request, caller))
    run()


def test_a_request_that_the_contract_allows_is_understood(unharmed):
    """By who may: a field that is as described is never called malformed."""
    def look(answer):
        # ALP's signature comes about by no chance.
        if answer.status == 401 and answer.json()["code"] == "not_signed":
            return
        assert answer.status not in (400, 401, 403, 405, 406, 415), answer.body
        if answer.status == 422:
            told = [(e["loc"][-1], e["type"]) for e in answer.json()["errors"]]
            assert all(kind in MEANING or (name, kind) in MEANING_OF for name, kind in told), answer.body
            # Of a text that is a file of its own, every fault in it.
            told = [(name, kind) for name, kind in told if kind != "invalid_rules"]
            assert len({name for name, _ in told}) == len(told), "one thing is told of a field"
    for operation in unharmed.contract.operations:
        requests = hostile.good_requests(unharmed.contract, operation, unharmed.pools)
        hold(unharmed, 20, requests, operation.scopes() or ["none"], look)


def injected_nothing(answer):
    assert "x-evil" not in answer.headers


def test_a_broken_request_is_answered_as_described(unharmed):
    for operation in unharmed.contract.operations:
        callers = [*CALLERS, *(operation.scopes() or ["none"]) * 5]  # most by who may, so that they get further
        hold(unharmed, 60, hostile.bad_requests(unharmed.contract, operation, unharmed.pools), callers, injected_nothing)


def test_any_method_on_any_path_is_answered(unharmed):
    hold(unharmed, 600, hostile.odd_targets(unharmed.contract, unharmed.pools), CALLERS, injected_nothing)


@pytest.mark.parametrize("unharmed", ["tokenless"], indirect=True)
def test_without_tokens_it_is_no_different(unharmed):
    for operation in unharmed.contract.operations:
        # Here a first token could be made, and then this would be another test.
        if operation.id != "tokens_create":
            hold(unharmed, 15, hostile.bad_requests(unharmed.contract, operation, unharmed.pools), ["none"], injected_nothing)
    hold(unharmed, 100, hostile.odd_targets(unharmed.contract, unharmed.pools), ["none"], injected_nothing)
