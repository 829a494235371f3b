# SPDX-License-Identifier: Apache-2.0
"""Every route with every kind of caller, and with somebody else's things: what is not yours does not exist.

The routes are read from the daemon's own contract. One that has no row in CASES fails a test: whoever adds a route says here who may
use it, in what words, and what comes back.
"""
import os
import re
import shutil
import tempfile

import pytest

from lib import proc
from lib.callers import NOBODY, SECRET, as_user, fresh_source, instant, make_token
from lib.client import Client
from lib.daemon import Daemon
from lib.truth import days_back

READERS, WRITERS = ("_ro", ""), ("",)
EVERYBODY = ("none", "garbage", "unknown", "expired", "revoked", "service", "service_ro", "user", "user_ro", "other", "other_ro", "operator",
             "operator_ro", "root", "nobody")
REFUSED = ("none", "garbage", "unknown", "expired", "revoked", "nobody")


class Case:
    """A request about user A's things, and the status of those who may make it. `scopes`: whose tokens may; `write`: not read-only ones.

    `other`: what the token of user B gets: 404 where the request names A or a thing of A's, else B's own view of it."""

    def __init__(self, status, scopes, path=None, query=None, body=None, write=False, other=404):
        self.status, self.scopes, self.path, self.query, self.body, self.write, self.other = status, scopes, path, query, body, write, other

    def expected(self, caller):
        if self.scopes == "open":
            return self.status
        if caller in REFUSED:
            return 401
        if caller == "root":
            return self.status
        scope, _, read_only = caller.partition("_")
        if {"other": "user"}.get(scope, scope) not in self.scopes:
            return 403
        if self.write and read_only:
            return 403
        return self.other if scope == "other" else self.status


PERSONAL, JOBS, OPERATORS, OPEN = ("service", "user"), ("service", "user", "operator"), ("operator",), "open"
SERVICES = ("service", "operator")
# Nobody is there.
NEW_HOOK = {"url": "https://hooks.invalid/x", "events": ["entry.posted"]}


def cases(w):
    """By "METHOD path" as the contract has it. `w` is the world: A's user number, key, a finished job, entry and day; a spare token."""
    mine = {"alp_user_id": w.a}
    job, entry, hook = {"job_id": w.job}, {"entry_id": w.entry}, {"webhook_id": w.hook}
    return {
        "POST /api/jobs/fetch": Case(202, JOBS, body={**mine, "rescue_time_api_key": w.key, "days": 1}, write=True),
        "POST /api/jobs/process": Case(202, JOBS, body={**mine, "date": w.day}, write=True),
        "GET /api/jobs": Case(200, JOBS, query=mine),
        "GET /api/jobs/{job_id}": Case(200, JOBS, path=job),
        "DELETE /api/jobs/{job_id}": Case(409, JOBS, path=job, write=True),
        "POST /api/jobs/{job_id}/retry": Case(409, JOBS, path=job, body={"rescue_time_api_key": w.key}, write=True),
        "GET /api/jobs/{job_id}/events": Case(200, JOBS, path=job),
        "GET /api/events": Case(200, JOBS, query=mine),
        "GET /api/time_entries": Case(200, PERSONAL, query=mine),
        "GET /api/time_entries/{entry_id}": Case(200, PERSONAL, path=entry),
        "PATCH /api/time_entries/{entry_id}": Case(200, PERSONAL, path=entry, body={"notes": "seen"}, write=True),
        "PUT /api/time_entries/{entry_id}/ignore": Case(200, PERSONAL, path=entry, write=True),
        "PUT /api/time_entries/{entry_id}/restore": Case(200, PERSONAL, path=entry, write=True),
        "POST /api/time_entries/bulk": Case(200, PERSONAL, body=[{"entry_id": w.entry, "action": "restore"}], write=True, other=200),
        "POST /api/time_entries/{entry_id}/split": Case(422, PERSONAL, path=entry, body=[{"seconds": 1}, {"seconds": 86400}], write=True),
        "POST /api/time_entries/merge": Case(404, PERSONAL, body={"into": w.entry, "entries": [999999999]}, write=True),
        "GET /api/time_entries/{entry_id}/explain": Case(200, PERSONAL, path=entry),
        "POST /api/time_entries": Case(404, PERSONAL, body={"matter_component_id": 1, "user_id": w.a, "date": w.day, "units": 1, "description": "x",
                                                            "entry_id": 999999999}, write=True),
        "GET /api/postings": Case(200, PERSONAL, query=mine),
        "GET /api/postings/{id}": Case(200, PERSONAL, path={"id": w.posting}),
        "POST /api/postings/{id}/resolve": Case(409, PERSONAL, path={"id": w.posting}, body={"decision": "is_not_there"}, write=True),
        "GET /api/processed_time_entries": Case(200, PERSONAL, query=mine),
        "POST /api/processed_time_entries": Case(201, PERSONAL, body={"original_entry_id": w.entry}, write=True),
        "PUT /api/processed_time_entries/{id}/revert": Case(200, PERSONAL, path={"id": w.entry}, write=True),
        "GET /api/reports/day": Case(200, PERSONAL, query={**mine, "date": w.day}),
        "GET /api/reports/range": Case(200, PERSONAL, query={**mine, "from": w.day, "to": w.day}),
        "POST /api/rules/check": Case(200, ("service",), body={**mine, "days": 1, "rules": "units = { rounding = \"unit-up\"; };"}, write=True),
        "GET /api/rules/checks/{job_id}": Case(200, PERSONAL, path={"job_id": w.check}),
        "GET /api/users/{alp_user_id}": Case(200, PERSONAL, path=mine),
        "PUT /api/users/{alp_user_id}": Case(200, PERSONAL, path=mine, body={"time_zone": None, "privacy": {"work_hours": None}}, write=True),
        "DELETE /api/users/{alp_user_id}/learned": Case(204, PERSONAL, path=mine, write=True),
        "PUT /api/matters": Case(200, ("service",), body=[{"code": "12345"}], write=True),
        "PUT /api/import/days/{date}": Case(200, ("service",), path={"date": "2019-03-14"}, query=mine, body=[
            {"table": "activity_log", "row": 1, "application": "a", "description": "b", "seconds": 1}], write=True),
        "GET /api/matters": Case(200, PERSONAL, other=200),
        "GET /api/alp/matters": Case(200, PERSONAL, other=200),
        "GET /api/alp/matters/{matter_id}/outcomes": Case(200, PERSONAL, path={"matter_id": w.alp_matter}, other=200),
        "GET /api/alp/outcomes/{outcome_id}/components": Case(200, PERSONAL, path={"outcome_id": w.alp_outcome}, other=200),
        "GET /api/alp/users": Case(200, ("service",)),
        "GET /api/alp/gst_types": Case(200, PERSONAL, other=200),
        "GET /api/audit": Case(200, ("service", "operator")),
        "GET /api/settings": Case(200, JOBS, other=200),
        "POST /api/alp/events": Case(503, OPEN),
        "GET /api/alp/proof": Case(200, ("service",)),
        "POST /api/alp/proof": Case(202, ("service",), write=True),
        "POST /api/alp/probe": Case(200, OPERATORS, body={}, write=True),
        "GET /api/users/{alp_user_id}/export": Case(200, ("service",), path=mine),
        "DELETE /api/users/{alp_user_id}/data": Case(204, ("service",), path={"alp_user_id": 987654}, write=True),
        "POST /api/audit/verify": Case(200, OPERATORS, write=True),
        "GET /api/posting/held": Case(200, SERVICES),
        "POST /api/posting/go-on": Case(200, OPERATORS, body={}, write=True),
        "GET /api/backups": Case(200, OPERATORS),
        "POST /api/backups": Case(201, OPERATORS, write=True),
        "POST /api/store/check": Case(200, OPERATORS, write=True),
        "POST /api/store/prune": Case(200, OPERATORS, write=True),
        "GET /api/keys": Case(200, OPERATORS),
        "GET /api/queue": Case(200, OPERATORS),
        "POST /api/queue/{kind}/pause": Case(200, OPERATORS, path={"kind": "process"}, write=True),
        "POST /api/queue/{kind}/resume": Case(200, OPERATORS, path={"kind": "process"}, write=True),
        "GET /api/tokens": Case(200, OPERATORS),
        "POST /api/tokens": Case(201, OPERATORS, body={"name": "made", "scope": "service"}, write=True),
        "GET /api/tokens/{token_id}": Case(200, OPERATORS, path={"token_id": w.spare}),
        "DELETE /api/tokens/{token_id}": Case(204, OPERATORS, path={"token_id": w.spare}, write=True),
        "GET /api/webhooks": Case(200, SERVICES),
        "POST /api/webhooks": Case(201, SERVICES, body=NEW_HOOK, write=True),
        "GET /api/webhooks/{webhook_id}": Case(200, SERVICES, path=hook),
        "PATCH /api/webhooks/{webhook_id}": Case(200, SERVICES, path=hook, body={"description": "changed"}, write=True),
        "POST /api/webhooks/{webhook_id}/rotate": Case(200, SERVICES, path=hook, write=True),
        "POST /api/webhooks/{webhook_id}/test": Case(202, SERVICES, path=hook, write=True),
        "GET /api/webhooks/{webhook_id}/deliveries": Case(200, SERVICES, path=hook),
        "POST /api/webhooks/deliveries/{delivery_id}/redeliver": Case(202, SERVICES, path={"delivery_id": w.message}, write=True),
        "DELETE /api/webhooks/{webhook_id}": Case(404, SERVICES, path={"webhook_id": 999}, write=True),
        "GET /healthz": Case(200, OPEN),
        "GET /livez": Case(200, OPEN),
        "GET /readyz": Case(200, OPEN),
        "GET /metrics": Case(200, OPERATORS),
        "GET /openapi.json": Case(200, OPEN),
        "GET /docs": Case(w.docs, OPEN),
        "GET /docs/assets/{version}/{file}": Case(404, OPEN, path={"version": "0", "file": "none.js"}),
        "GET /": Case(307, OPEN),
    }


class World:
    pass


def prepare(w, daemon, users):
    """Before the first token: two users with entries."""
    (w.a, w.key), (w.b, w.b_key) = users
    w.job = daemon.fetch_and_wait(w.a, w.key)["job_id"]
    w.b_job = daemon.fetch_and_wait(w.b, w.b_key)["job_id"]
    first = daemon.entries(w.a)[0]
    w.entry, w.day = first["entry_id"], first["entry_date"]
    w.b_entry = daemon.entries(w.b)[0]["entry_id"]
    w.check = daemon.client.post("/api/rules/check", {"alp_user_id": w.a, "days": 1, "rules": ""}).json()["job_id"]
    for user in (w.a, w.b):
        assert daemon.client.put(f"/api/users/{user}", {"time_zone": None}).status in (200, 201)
    w.alp_matter = daemon.client.get("/api/alp/matters").json()[0]["id"]
    w.alp_outcome = daemon.client.get(f"/api/alp/matters/{w.alp_matter}/outcomes").json()[0]["id"]
    w.hook = daemon.client.post("/api/webhooks", NEW_HOOK).json()["webhook_id"]
    w.message = daemon.client.post(f"/api/webhooks/{w.hook}/test").json()["delivery_id"]
    w.posting = daemon.client.post("/api/time_entries", {"matter_component_id": 100011, "user_id": w.a, "date": w.day, "units": 1,
                                                         "description": "Call", "rate": 1, "billable_type": 1, "gst_type": 1}).json()["posting_id"]
    w.docs = daemon.client.get("/docs").status
    w.document = daemon.client.get("/openapi.json").json()


def give_tokens(w, root):
    """Names of callers to their tokens."""
    w.tokens = {"garbage": "garbage", "unknown": f"rtalp_999_{SECRET}"}
    for name, scope, user in (("service", "service", None), ("user", "user", w.a), ("other", "user", w.b), ("operator", "operator", None)):
        for suffix in READERS:
            fields = {} if user is None else {"alp_user_id": user}
            w.tokens[name + suffix] = make_token(root, scope, read_only=suffix == "_ro", **fields)[1]
    w.tokens["expired"] = make_token(root, "service", expires_at=instant(0.5))[1]
    revoked, w.tokens["revoked"] = make_token(root, "service")
    assert root.delete(f"/api/tokens/{revoked}").status == 204
    w.spare = make_token(root, "service")[0]
    dying = Client(w.daemon.port, token=w.tokens["expired"])
    proc.wait_until(lambda: dying.get("/api/settings").status == 401, what="the end of a token's time")


@pytest.fixture(scope="module")
def world(tmp_path_factory, the_sandbox):
    w = World()
    w.directory = tempfile.mkdtemp(prefix="rtalp-callers-")
    os.chmod(w.directory, 0o755)  # pytest's own are closed to others, and so would the socket be
    daemon = Daemon(tmp_path_factory.mktemp("callers"), the_sandbox, {"http.socket": f"{w.directory}/sock",
                                                                      **the_sandbox.alp_settings(w.directory, alp__feed_matters="no")})
    daemon.start()
    w.daemon = daemon
    w.root = Client(path=f"{w.directory}/sock")
    numbers = [n for n in range(500, 600) if all(the_sandbox.seconds(n, day) for day in days_back(the_sandbox.today(n), 4))][:2]
    prepare(w, daemon, [(n, the_sandbox.key(n)) for n in numbers])
    give_tokens(w, w.root)
    w.cases = cases(w)
    yield w
    daemon.end()
    shutil.rmtree(w.directory)


def ask(w, caller, method, path, query=None, body=None):
    rest = {"params": query, "json": body, "stream": path.endswith("/events")}
    if caller == "root":
        return w.root.request(method, path, **rest)
    if caller == "nobody":
        with as_user(NOBODY):
            return w.root.request(method, path, **rest)
    return Client(w.daemon.port, token=w.tokens.get(caller), source=fresh_source()).request(method, path, **rest)


def send(w, caller, operation, query=None, body=None, path=None):
    """The case's request, with fields put over it."""
    case = w.cases[operation]
    method, pattern = operation.split(" ")
    if isinstance(case.body, list):
        body = case.body
    else:
        body = {**(case.body or {}), **(body or {})} if case.body is not None or body else None
    return ask(w, caller, method, pattern.format(**{**(case.path or {}), **(path or {})}), {**(case.query or {}), **(query or {})}, body)


def operations(document):
    return {f"{method.upper()} {path}": o for path, item in document["paths"].items() for method, o in item.items()
            if method in ("get", "post", "put", "patch", "delete")}


def test_every_route_of_the_contract_has_its_row(world):
    assert set(operations(world.document)) == set(world.cases)


@pytest.mark.parametrize("caller", EVERYBODY)
def test_each_caller_gets_what_is_its_own_and_nothing_else(world, caller):
    got, wanted = {}, {}
    for operation, case in world.cases.items():
        answer = send(world, caller, operation)
        got[operation], wanted[operation] = answer.status, case.expected(caller)
        assert str(answer.status) in operations(world.document)[operation]["responses"], f"{operation}: {answer.status} is not described"
        if answer.status == 401:
            realm = 'Bearer realm="rtalpd"'
            assert answer.json()["code"] == "unauthorized"
            assert answer.headers["WWW-Authenticate"] == (realm if caller in ("none", "nobody") else realm + ', error="invalid_token"')
        elif answer.status == 403:
            allowed = caller.removesuffix("_ro").replace("other", "user") in case.scopes
            assert answer.json()["code"] == ("read_only" if allowed else "forbidden")
            assert allowed or all(scope in answer.json()["detail"] for scope in case.scopes)
        elif answer.status == 404 and case.scopes != OPEN:
            assert answer.json()["code"] == "not_found"
    assert got == wanted


def test_wrong_expired_and_revoked_tokens_get_one_and_the_same_answer(world):
    answers = [ask(world, caller, "GET", "/api/jobs") for caller in ("garbage", "unknown", "expired", "revoked")]
    bodies = [{**a.json(), "request_id": ""} for a in answers]
    assert all(body == bodies[0] for body in bodies)


def body_fields(document, operation):
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema.get("properties", {})


def places_of(world):
    for operation, description in operations(world.document).items():
        case = world.cases[operation]
        if case.scopes == OPEN or "user" not in case.scopes:
            continue
        for parameter in description.get("parameters", ()):
            if parameter.get("name") == "alp_user_id":
                yield operation, parameter["in"]
        if "alp_user_id" in body_fields(world.document, description):
            yield operation, "body"


def test_naming_another_user_is_as_naming_nobody(world):
    """By a user's token in path, query or body, in every operation that has the field: 404, and never a different one."""
    places = list(places_of(world))
    assert len(places) >= 14 and {place for _, place in places} == {"query", "body", "path"}
    for operation, place in places:
        for user in (world.b, 9007199254740991):
            for caller in ("user", "user_ro"):
                answer = send(world, caller, operation, **{place: {"alp_user_id": user}})
                wanted = 403 if caller == "user_ro" and world.cases[operation].write else 404
                assert answer.status == wanted, (operation, place, caller, answer)
        assert send(world, "user", operation, **{place: {"alp_user_id": world.a}}).status == world.cases[operation].status, operation


def test_a_service_that_speaks_for_one_user_sees_that_users_things_only(world):
    """alp_user_id in the query of one job or entry narrows it to that user's, whoever asks."""
    for operation, place in places_of(world):
        case = world.cases[operation]
        if place != "query" or not case.path:
            continue
        for caller in ("service", "root"):
            assert send(world, caller, operation, query={"alp_user_id": world.a}).status == case.status, operation
            assert send(world, caller, operation, query={"alp_user_id": world.b}).status == 404, operation


def test_a_users_token_says_which_user_is_meant(world):
    """The id may be left out everywhere, and a list has that user's rows only, also from a cache that another filled."""
    for _ in range(2):
        for caller, user, entry in (("user", world.a, world.entry), ("other", world.b, world.b_entry)):
            entries = ask(world, caller, "GET", "/api/time_entries", {"status": "all"})
            assert entries.status == 200 and {e["alp_user_id"] for e in entries.json()} == {user}
            assert entry in [e["entry_id"] for e in entries.json()]
            jobs = ask(world, caller, "GET", "/api/jobs")
            assert jobs.status == 200 and {j["alp_user_id"] for j in jobs.json()} == {user}
            assert ask(world, caller, "GET", f"/api/time_entries/{entry}").status == 200
        assert ask(world, "user", "GET", f"/api/time_entries/{world.b_entry}").status == 404
        assert ask(world, "other", "GET", f"/api/time_entries/{world.entry}").status == 404
    processed = ask(world, "user", "POST", "/api/jobs/process", body={"date": world.day})
    assert processed.status == 202 and processed.json()["alp_user_id"] == world.a
    fetched = ask(world, "other", "POST", "/api/jobs/fetch", body={"rescue_time_api_key": world.b_key, "days": 1})
    assert fetched.status == 202 and fetched.json()["alp_user_id"] == world.b
    report = ask(world, "user", "GET", "/api/reports/day", {"date": world.day})
    assert report.status == 200 and report.json()["alp_user_id"] == world.a


def foreign_requests(entry, mine, date, posting, me, them):
    """Ways to name somebody else's entry, posting or number in a body, where nothing in the path tells."""
    post = {"matter_component_id": 100011, "date": date, "units": 1, "description": "Call", "rate": 1, "billable_type": 1, "gst_type": 1}
    yield "POST", "/api/time_entries", {**post, "user_id": them}
    yield "POST", "/api/time_entries", {**post, "user_id": them, "entry_id": entry}
    yield "POST", "/api/time_entries", {**post, "user_id": me, "entry_id": entry}
    yield "POST", "/api/time_entries", [{**post, "user_id": them}, {**post, "user_id": me, "entry_id": entry}, {**post, "user_id": them, "entry_id": entry}]
    yield "POST", "/api/time_entries/bulk", [{"entry_id": entry, "action": a} for a in ("edit", "ignore", "restore", "confirm", "revert")]
    yield "POST", "/api/time_entries/bulk", [{"entry_id": entry, "action": "edit", "notes": "theirs", "if_match": "*"}]
    yield "POST", "/api/time_entries/merge", {"into": mine, "entries": [entry]}
    yield "POST", "/api/time_entries/merge", {"into": entry, "entries": [mine]}
    yield "POST", f"/api/time_entries/{entry}/split", [{"share": 1}, {"share": 1}]
    yield "POST", "/api/processed_time_entries", {"original_entry_id": entry}
    yield "PUT", f"/api/processed_time_entries/{entry}/revert", None
    yield "GET", f"/api/postings/{posting}", None
    yield "POST", f"/api/postings/{posting}/resolve", {"decision": "is_there", "alp_entry_id": "1"}
    yield "POST", f"/api/postings/{posting}/resolve", {"decision": "is_not_there"}


def without_what_differs(answer):
    text = answer.body.decode()
    return answer.status, re.sub(r'"(request_id|instance)":"[^"]*"|"entry_id":[0-9]+', "", text)


def test_what_another_user_has_is_as_what_nobody_has(world):
    """In items, arrays and lists of ids, too: the answer is the one to a number that there is not, and nothing was done."""
    before = ask(world, "service", "GET", "/api/time_entries", {"alp_user_id": world.a, "status": "all"}).json()
    postings = ask(world, "service", "GET", "/api/postings", {"alp_user_id": world.a}).json()
    theirs = list(foreign_requests(world.entry, world.b_entry, world.day, world.posting, world.b, world.a))
    nobodys = list(foreign_requests(987654321, world.b_entry, world.day, 987654321, world.b, 9007199254740991))
    for (method, path, body), (_, other_path, other_body) in zip(theirs, nobodys):
        answers = [ask(world, "other", method, p, body=b) for p, b in ((path, body), (other_path, other_body))]
        assert without_what_differs(answers[0]) == without_what_differs(answers[1]), (path, body)
        items = answers[0].json() if isinstance(answers[0].json(), list) else [answers[0].json()]
        assert all(item["status"] == 404 for item in items), (path, body, answers[0])
    assert ask(world, "service", "GET", "/api/time_entries", {"alp_user_id": world.a, "status": "all"}).json() == before
    assert ask(world, "service", "GET", "/api/postings", {"alp_user_id": world.a}).json() == postings


def test_what_else_is_wrong_tells_nothing_of_another_user(world):
    """ALP's users are not a user's to list, one by one either."""
    assert ask(world, "other", "GET", "/api/alp/users").status == 403
    post = {"matter_component_id": 100011, "date": world.day, "units": 0, "description": "Call", "gst_type": 1}
    for fields in ({}, {"entry_id": world.entry}, {"entry_id": world.entry, "units": 9, "description": " "}):
        known, unknown = ({**post, **fields, "user_id": user} for user in (world.a, 9007199254740991))
        for one, other in ((known, unknown), ([known, known], [unknown, unknown])):
            answers = [ask(world, "other", "POST", "/api/time_entries", body=body) for body in (one, other)]
            assert answers[0].status == 422 and without_what_differs(answers[0]) == without_what_differs(answers[1]), (one, answers)


def test_lists_of_postings_have_one_users_whatever_the_cursor(world):
    for n in range(3):
        made = ask(world, "user", "POST", "/api/time_entries", body={"matter_component_id": 100011, "user_id": world.a, "date": world.day, "units": 1,
                                                                     "description": f"Call {n}", "rate": 1, "billable_type": 1, "gst_type": 1})
        assert made.status in (201, 202), made
    page = ask(world, "user", "GET", "/api/postings", {"limit": 2})
    assert len(page.json()) == 2
    path = page.headers["Link"].split(">")[0].split("<")[1]
    assert {p["alp_user_id"] for p in ask(world, "user", "GET", path).json()} == {world.a}
    assert all(p["alp_user_id"] == world.b for p in ask(world, "other", "GET", path.replace(f"alp_user_id={world.a}", "")).json())
    assert all(p["alp_user_id"] == world.b for p in ask(world, "other", "GET", "/api/postings").json())


def test_an_idempotency_key_is_its_callers(world):
    body = [{"entry_id": world.entry, "action": "restore"}]
    first, again, foreign = (Client(world.daemon.port, token=world.tokens[who], source=fresh_source()).request(
        "POST", "/api/time_entries/bulk", json=body, headers={"Idempotency-Key": "one-key"}) for who in ("user", "user", "other"))
    assert first.json()[0]["status"] == 200 and again.headers.get("Idempotent-Replay") == "true"
    assert "Idempotent-Replay" not in foreign.headers and foreign.json()[0]["status"] == 404 and foreign.json()[0]["entry"] is None


def test_without_a_users_token_a_list_of_entries_names_its_user(world):
    for caller in ("service", "root"):
        answer = ask(world, caller, "GET", "/api/time_entries")
        assert answer.status == 422 and answer.json()["errors"][0]["loc"] == ["query", "alp_user_id"]


def test_an_operator_sees_every_users_jobs_and_no_entry(world):
    jobs = ask(world, "operator", "GET", "/api/jobs")
    assert {world.a, world.b} <= {j["alp_user_id"] for j in jobs.json()}
    for path in ("/api/time_entries", f"/api/time_entries/{world.entry}", f"/api/time_entries/{world.entry}/explain", "/api/reports/day", "/api/reports/range"):
        assert ask(world, "operator", "GET", path, {"alp_user_id": world.a}).status == 403


def test_nothing_is_told_about_paths_without_a_token(world):
    for method, path, known in (("GET", "/api/nothing", 404), ("PUT", "/api/jobs", 405)):
        assert ask(world, "none", method, path).status == 401
        assert ask(world, "user", method, path).status == known
    assert ask(world, "none", "OPTIONS", "/api/jobs").status == 204


def test_a_token_is_the_proof_so_host_and_origin_do_not_matter(world):
    headers = {"Host": "alp.example", "Origin": "https://evil.example"}
    client = Client(world.daemon.port, token=world.tokens["service"])
    assert client.request("PUT", f"/api/time_entries/{world.entry}/restore", headers=headers).status == 200
    assert world.root.request("PUT", f"/api/time_entries/{world.entry}/restore", headers=headers).status == 200
    assert Client(world.daemon.port).request("GET", "/healthz", headers=headers).status == 200


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic dTpw", "Token x", "", "Bearerx", "Bearer a b"])
def test_what_is_no_bearer_token_is_a_wrong_one(world, header):
    client = Client(world.daemon.port, source=fresh_source())
    assert client.request("GET", "/api/jobs", headers={"Authorization": header}).status == 401
    token = world.tokens["service"]
    for good in (f"bearer {token}", f"BEARER   {token}"):
        assert client.request("GET", "/api/jobs", headers={"Authorization": good}).status == 200


def test_over_the_socket_a_token_counts_more_than_who_connects(world):
    path = world.root.path
    assert Client(path=path, token=world.tokens["user"]).get("/api/queue").status == 403
    assert Client(path=path, token="garbage").get("/api/queue").status == 401


def test_over_the_socket_a_token_makes_nobody_somebody(world):
    path = world.root.path
    with as_user(NOBODY):
        assert Client(path=path, token=world.tokens["operator"]).get("/api/queue").status == 200
