# SPDX-License-Identifier: Apache-2.0
"""What clients of any kind can rely on: statuses, problems, headers, lists, tags."""
import re

import pytest

from lib import raw

ROUTES = [
    ("POST", "/api/jobs/fetch", "POST, OPTIONS"), ("POST", "/api/jobs/process", "POST, OPTIONS"),
    ("GET", "/api/jobs", "GET, HEAD, OPTIONS"), ("GET", "/api/jobs/1", "GET, HEAD, DELETE, OPTIONS"),
    ("POST", "/api/jobs/1/retry", "POST, OPTIONS"), ("GET", "/api/time_entries", "GET, HEAD, POST, OPTIONS"),
    ("GET", "/api/time_entries/1", "GET, HEAD, PATCH, OPTIONS"), ("PUT", "/api/time_entries/1/ignore", "PUT, OPTIONS"),
    ("PUT", "/api/time_entries/1/restore", "PUT, OPTIONS"), ("GET", "/api/reports/day", "GET, HEAD, OPTIONS"),
    ("GET", "/api/users/1", "GET, HEAD, PUT, OPTIONS"), ("GET", "/api/settings", "GET, HEAD, OPTIONS"),
    ("GET", "/api/queue", "GET, HEAD, OPTIONS"), ("POST", "/api/queue/fetch/pause", "POST, OPTIONS"),
    ("POST", "/api/queue/fetch/resume", "POST, OPTIONS"), ("GET", "/healthz", "GET, HEAD, OPTIONS"), ("GET", "/readyz", "GET, HEAD, OPTIONS"),
    ("GET", "/openapi.json", "GET, HEAD, OPTIONS"),
    ("GET", "/docs", "GET, HEAD, OPTIONS"), ("GET", "/", "GET, HEAD, OPTIONS"),
]


def problem(answer, status, code):
    assert (answer.status, answer.json().get("code")) == (status, code), answer
    doc = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(doc) >= {"type", "title", "status", "detail", "instance", "code", "request_id"}
    assert doc["request_id"] == answer.headers["X-Request-Id"]
    return doc


def errors(answer):
    problem(answer, 422, "invalid_fields")
    return {tuple(e["loc"]): e["type"] for e in answer.json()["errors"]}


def test_every_path_tells_its_methods(daemon):
    for method, path, allow in ROUTES:
        a = daemon.client.request("OPTIONS", path)
        assert (a.status, a.headers["Allow"], a.body) == (204, allow, b""), path
        wrong = "DELETE" if "DELETE" not in allow else "POST"
        a = daemon.client.request(wrong, path)
        problem(a, 405, "method_not_allowed")
        assert a.headers["Allow"] == allow
    for path in ("/api", "/api/", "/api/jobs/", "//api/jobs", "/api/jobs/1/", "/api/jobs/1/x", "/API/jobs", "/api/queue/lunch/pause", "/%61pi/jobs"):
        problem(daemon.client.request("GET" if "pause" not in path else "POST", path), 404, "not_found")
    assert daemon.client.request("OPTIONS", "*").status == 204


def test_head_is_get_without_a_body(daemon):
    for path in ("/healthz", "/api/settings", "/api/time_entries?alp_user_id=9001", "/nope"):
        g, h = daemon.client.request("GET", path), daemon.client.request("HEAD", path)
        assert (h.status, h.body, h.headers["Content-Length"]) == (g.status, b"", g.headers["Content-Length"])


def test_common_headers_stand_on_every_answer(daemon):
    for path in ("/healthz", "/nope", "/api/settings"):
        a = daemon.client.request("GET", path)
        assert a.headers["X-Content-Type-Options"] == "nosniff" and a.headers["Cache-Control"] == "no-store"
        assert re.fullmatch(r"[0-9a-f]{24}", a.headers["X-Request-Id"]) and "Date" in a.headers


@pytest.mark.parametrize("given, kept", [("my-id_1.2", True), ("a" * 64, True), ("a" * 65, False), ("a b", False), ("<script>", False)])
def test_a_request_id_is_echoed_if_it_is_harmless(daemon, given, kept):
    a = daemon.client.request("GET", "/nope", headers={"X-Request-Id": given})
    assert (a.headers["X-Request-Id"] == given) == kept and a.json()["request_id"] == a.headers["X-Request-Id"]


@pytest.mark.parametrize("host, status", [
    ("localhost", 200), ("localhost:1", 200), ("127.0.0.1:80", 200), ("127.9.9.9", 200), ("[::1]:8080", 200), ("LOCALHOST", 200),
    ("evil.example", 403), ("localhost.evil.example", 403), ("127.0.0.1.evil.example", 403), ("10.0.0.1", 403), ("localhost:x", 403),
    ("[::2]", 403), ("[::1", 403), ("", 400), (None, 400)])
def test_only_loopback_hosts_are_answered(daemon, host, status):
    line = "" if host is None else f"Host: {host}\r\n"
    a = raw.request(daemon.port, f"GET /healthz HTTP/1.1\r\n{line}\r\n")
    assert a.status == status
    if status == 403:
        assert a.json()["code"] == "foreign_host"


def test_an_absolute_target_outranks_host(daemon):
    assert raw.request(daemon.port, "GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 403
    assert raw.request(daemon.port, "GET http://localhost:1/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n").status == 200


@pytest.mark.parametrize("origin, status", [
    (None, 422), ("http://localhost:3000", 422), ("https://127.0.0.1", 422), ("http://[::1]:9", 422),
    ("null", 403), ("https://evil.example", 403), ("http://localhost.evil.example", 403), ("file://", 403), ("", 403)])
def test_pages_of_other_origins_change_nothing(daemon, origin, status):
    a = daemon.client.request("POST", "/api/jobs/fetch", json={}, headers={} if origin is None else {"Origin": origin})
    assert a.status == status
    if status == 403:
        assert a.json()["code"] == "foreign_origin"
    assert daemon.client.request("GET", "/healthz", headers={} if origin is None else {"Origin": origin}).status == 200


@pytest.mark.parametrize("media, status", [
    ("application/json", 422), ("application/json; charset=utf-8", 422), ("Application/JSON;charset=\"UTF-8\"", 422),
    ("application/json; charset=latin1", 415), ("text/plain", 415), ("application/x-www-form-urlencoded", 415),
    ("application/merge-patch+json", 415), ("application/jsonp", 415), ("", 415)])
def test_only_json_is_read(daemon, media, status):
    a = daemon.client.request("POST", "/api/jobs/fetch", body='{"x": 1}', headers={"Content-Type": media})
    assert a.status == status


def test_a_compressed_body_is_refused(daemon):
    a = daemon.client.request("POST", "/api/jobs/fetch", body=b"{}", headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
    problem(a, 415, "unsupported_media_type")


@pytest.mark.parametrize("body", [
    b"{", b"}", b"nul", b"{'a': 1}", b'{"a": 1,}', b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 01}', b'{"a": 5.}', b'{"a": +1}', b'{"a": 1} x',
    b'{"a": 1}{"b": 2}', b"// no\n{}", b"{}/* no */", b'{"a": "\n"}', b'{"a": "\t"}', b'{"a": "\\x"}', b'{"a": TRUE}', b"{a: 1}", b'{"a": 1',
    b'{"a": "\xff"}', b'{"a": "\xc0\x80"}', b'{"a": "\xed\xa0\x80"}', b"\xef\xbb\xbf{}", b'{"a": 1}\0', b"\0", b"[" * 17 + b"]" * 17, b"[" * 60000,
    b'{"a": "\\ud83"}'])
def test_what_is_not_json_is_told_apart(daemon, body):
    a = daemon.client.request("POST", "/api/jobs/fetch", body=body, headers={"Content-Type": "application/json"})
    problem(a, 400, "malformed_json")


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"5", b"null", b"true", b" 1.5 "])
def test_json_that_is_no_object_is_a_wrong_body(daemon, body):
    a = daemon.client.request("POST", "/api/jobs/fetch", body=body, headers={"Content-Type": "application/json"})
    assert errors(a)[("body",)] == "wrong_type"


def test_every_wrong_field_is_named_at_once(daemon):
    a = daemon.client.post("/api/jobs/fetch", {
        "alp_user_id": 0, "rescue_time_api_key": "with space", "days": 32, "target_date": "2026-02-30", "from": 5, "priority": 10,
        "process": "yes", "time_zone": "Mars/Olympus", "nonsense": None, "and": {}})
    assert errors(a) == {
        ("body", "alp_user_id"): "out_of_range", ("body", "rescue_time_api_key"): "bad_key", ("body", "days"): "out_of_range",
        ("body", "target_date"): "bad_date", ("body", "from"): "wrong_type", ("body", "priority"): "out_of_range",
        ("body", "process"): "wrong_type", ("body", "time_zone"): "unknown_zone", ("body", "nonsense"): "unknown_field",
        ("body", "and"): "unknown_field"}
    assert "with space" not in a.text


@pytest.mark.parametrize("fields, wrong", [
    ({}, {("body", "alp_user_id"), ("body", "rescue_time_api_key")}),
    ({"alp_user_id": 1}, {("body", "rescue_time_api_key")}),
    ({"rescue_time_api_key": "k"}, {("body", "alp_user_id")}),
    ({"alp_user_id": "1", "rescue_time_api_key": 5}, {("body", "alp_user_id"), ("body", "rescue_time_api_key")}),
    ({"alp_user_id": 1, "rescue_time_api_key": ""}, {("body", "rescue_time_api_key")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k" * 256}, {("body", "rescue_time_api_key")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k\0"}, {("body", "rescue_time_api_key")}),
    ({"alp_user_id": 2 ** 53, "rescue_time_api_key": "k"}, {("body", "alp_user_id")}),
    ({"alp_user_id": 10 ** 30, "rescue_time_api_key": "k"}, {("body", "alp_user_id")}),
    ({"alp_user_id": -(10 ** 30), "rescue_time_api_key": "k"}, {("body", "alp_user_id")}),
    ({"alp_user_id": 1.0, "rescue_time_api_key": "k"}, {("body", "alp_user_id")}),
    ({"alp_user_id": True, "rescue_time_api_key": "k"}, {("body", "alp_user_id")}),
    ({"alp_user_id": None, "rescue_time_api_key": "k"}, {("body", "alp_user_id")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k", "days": 0}, {("body", "days")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k", "days": 3, "from": "2026-01-01", "to": "2026-01-02"}, {("body", "days")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k", "target_date": "2026-01-01", "from": "2026-01-01", "to": "2026-01-02"}, {("body", "target_date")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k", "from": "2026-01-01"}, {("body", "to")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k", "to": "2026-01-01"}, {("body", "from")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k", "from": "2026-01-02", "to": "2026-01-01"}, {("body", "to")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k", "from": "2026-01-01", "to": "2026-02-01"}, {("body", "to")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k", "target_date": "9999-12-31"}, {("body", "target_date")}),
    ({"alp_user_id": 1, "rescue_time_api_key": "k", "target_date": "26-1-1"}, {("body", "target_date")}),
])
def test_a_fetch_that_makes_no_sense_is_refused(daemon, fields, wrong):
    assert set(errors(daemon.client.post("/api/jobs/fetch", fields))) == wrong


def test_bad_queries_are_refused(daemon):
    def q(text):
        return errors(daemon.client.request("GET", "/api/time_entries?" + text))
    assert q("") == {("query", "alp_user_id"): "missing"}
    assert q("alp_user_id=1&alp_user_id=1") == {("query", "alp_user_id"): "repeated"}
    assert q("alp_user_id=x&alp_user_id=1") == {("query", "alp_user_id"): "repeated"}
    assert q("alp_user_id=1&nope=1&limit=5001&status=gone&date=x&updated_since=yesterday&count=maybe&cursor=abc") == {
        ("query", "nope"): "unknown_field", ("query", "limit"): "out_of_range", ("query", "status"): "unknown_choice",
        ("query", "date"): "bad_date", ("query", "updated_since"): "bad_instant", ("query", "count"): "wrong_type",
        ("query", "cursor"): "bad_cursor"}
    assert q("alp_user_id=1&q=%zz") == {("query", "q"): "bad_encoding"}
    assert q("alp_user_id=1&q=%00") == {("query", "q"): "bad_encoding"}
    assert q("alp_user_id=1&q=%ff") == {("query", "q"): "bad_encoding"}
    assert q("alp_user_id=1&date=2026-01-01&from=2026-01-01") == {("query", "date"): "conflict"}
    assert q("alp_user_id=1&from=2026-01-02&to=2026-01-01") == {("query", "to"): "out_of_range"}
    assert errors(daemon.client.get("/api/jobs", limit=0, cursor="bad", nope=1)) == {
        ("query", "limit"): "out_of_range", ("query", "cursor"): "bad_cursor", ("query", "nope"): "unknown_field"}
    assert errors(daemon.client.get("/api/jobs/abc")) == {("path", "job_id"): "wrong_type"}
    assert errors(daemon.client.get("/api/users/0")) == {("path", "alp_user_id"): "out_of_range"}
    assert errors(daemon.client.get("/api/reports/day", alp_user_id=1)) == {("query", "date"): "missing"}
    assert errors(daemon.client.get("/healthz", x=1)) == {("query", "x"): "unknown_field"}


def test_lists_are_arrays_and_unknown_things_404(daemon):
    assert daemon.client.get("/api/time_entries", alp_user_id=9001).json() == []
    assert isinstance(daemon.client.get("/api/jobs").json(), list)
    for path in ("/api/jobs/999999", "/api/time_entries/999999"):
        problem(daemon.client.get(path), 404, "not_found")
    problem(daemon.client.get("/api/reports/day", alp_user_id=9001, date="2026-01-01"), 404, "not_found")
    problem(daemon.client.delete("/api/jobs/999999"), 404, "not_found")
    problem(daemon.client.patch("/api/time_entries/999999", {"notes": "x"}), 404, "not_found")
    problem(daemon.client.put("/api/time_entries/999999/ignore"), 404, "not_found")


@pytest.fixture(scope="module")
def fetched(daemon, user_numbers, the_sandbox):
    """A user with entries, and the job that made them."""
    number = next(user_numbers)
    a = daemon.client.post("/api/jobs/fetch", {"alp_user_id": number, "rescue_time_api_key": the_sandbox.key(number), "days": 3,
                                               "target_date": "2026-01-07", "time_zone": "Australia/Sydney"}, Prefer="wait=30")
    assert a.status == 202 and a.headers["Preference-Applied"] == "wait=30", a
    assert a.json()["state"] == "succeeded" and a.json()["progress"] == 100, a
    assert a.headers["Location"] == f"/api/jobs/{a.json()['job_id']}"
    return number, a.json()


def test_a_job_tells_its_story(daemon, fetched):
    number, submitted = fetched
    job = daemon.client.get(f"/api/jobs/{submitted['job_id']}").json()
    assert job["alp_user_id"] == number and job["kind"] == "fetch" and (job["from"], job["to"]) == ("2026-01-05", "2026-01-07")
    assert [h["to"] for h in job["history"]][0] == "queued" and job["history"][-1]["to"] == "succeeded"
    assert job["error"] is None and job["finished_at"] and job["phase"] is None
    assert job["job_id"] in [j["job_id"] for j in daemon.client.get("/api/jobs", alp_user_id=number, kind="fetch", state="succeeded,failed").json()]
    problem(daemon.client.delete(f"/api/jobs/{job['job_id']}"), 409, "job_over")
    problem(daemon.client.post(f"/api/jobs/{job['job_id']}/retry", {"rescue_time_api_key": "k"}), 409, "job_not_retryable")


def test_entries_have_every_field_of_the_contract(daemon, fetched):
    number, _ = fetched
    entries = daemon.client.get("/api/time_entries", alp_user_id=number).json()
    assert entries
    for e in entries:
        assert set(e) >= {
            "entry_id", "alp_user_id", "entry_date", "application", "task_description", "total_seconds", "time_units", "status", "notes",
            "matter_code", "source_hash", "created_at", "updated_at", "drift_seconds", "suggested_matters", "edited_fields", "posting",
            "revision", "machine"}
        assert e["status"] == "pending" and e["alp_user_id"] == number
    text = daemon.client.get("/api/time_entries", alp_user_id=number).text
    assert not re.search(r'"time_units":(?!\d+\.\d[,}])', text), "one decimal, always"


def test_pages_together_are_the_list(daemon, fetched):
    number, _ = fetched
    whole = [e["entry_id"] for e in daemon.client.get("/api/time_entries", alp_user_id=number).json()]
    for count in ("true", "false"):
        seen, path = [], f"/api/time_entries?alp_user_id={number}&limit=2&count={count}"
        while path:
            a = daemon.client.request("GET", path)
            assert (a.headers.get("X-Total-Count") == str(len(whole))) == (count == "true")
            seen += [e["entry_id"] for e in a.json()]
            path = a.headers["Link"].split(">")[0][1:] if "Link" in a.headers else None
        assert seen == whole


def test_an_unchanged_list_or_entry_is_not_sent_again(daemon, fetched):
    number, _ = fetched
    entry = daemon.client.get("/api/time_entries", alp_user_id=number).json()[0]
    for path in (f"/api/time_entries?alp_user_id={number}", f"/api/time_entries/{entry['entry_id']}"):
        tag = daemon.client.request("GET", path).headers["ETag"]
        a = daemon.client.request("GET", path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (a.status, a.body, a.headers["ETag"]) == (304, b"", tag)
        assert daemon.client.request("GET", path, headers={"If-None-Match": '"other"'}).status == 200


def test_a_person_edits_and_gives_back(daemon, fetched):
    number, _ = fetched
    before = daemon.client.get("/api/time_entries", alp_user_id=number).json()[0]
    path = f"/api/time_entries/{before['entry_id']}"
    a = daemon.client.request("PATCH", path, body='{"task_description": "Advice on lease \\u00e9", "time_units": 2.5, "matter_code": "1234", "notes": "n"}',
                              headers={"Content-Type": "application/merge-patch+json"})
    after = a.json()
    assert a.status == 200 and (after["task_description"], after["time_units"], after["matter_code"], after["notes"]) == (
        "Advice on lease \u00e9", 2.5, "1234", "n")
    assert sorted(after["edited_fields"]) == ["matter_code", "notes", "task_description", "time_units"]
    assert after["machine"]["time_units"] == before["time_units"] and after["revision"] > before["revision"]
    assert a.headers["ETag"] == daemon.client.get(path).headers["ETag"]
    old = daemon.client.request("PATCH", path, json={"notes": "late"}, headers={"If-Match": f'"e{before["entry_id"]}-{before["revision"]}"'})
    problem(old, 412, "entry_changed")
    back = daemon.client.patch(path, {"task_description": None, "time_units": None, "matter_code": None, "notes": None}).json()
    assert back["edited_fields"] == [] and back["time_units"] == before["time_units"] and back["notes"] is None


def test_an_edit_that_makes_no_sense_is_refused(daemon, fetched):
    number, _ = fetched
    path = f"/api/time_entries/{daemon.client.get('/api/time_entries', alp_user_id=number).json()[0]['entry_id']}"
    assert errors(daemon.client.patch(path, {"task_description": "", "time_units": 2.55, "matter_code": "m" * 65, "notes": "n" * 4001,
                                             "status": "submitted", "entry_id": 5, "total_seconds": 1})) == {
        ("body", "task_description"): "too_short", ("body", "time_units"): "too_precise", ("body", "matter_code"): "too_long",
        ("body", "notes"): "too_long", ("body", "status"): "unknown_choice", ("body", "entry_id"): "unknown_field",
        ("body", "total_seconds"): "unknown_field"}
    for units in (-0.1, 240.1, 1e400, "1.0", True, [1]):
        body = '{"time_units": 1e400}' if units == float("inf") else None
        a = daemon.client.request("PATCH", path, json=None if body else {"time_units": units}, body=body, headers={"Content-Type": "application/json"})
        assert set(errors(a)) == {("body", "time_units")}
    assert set(errors(daemon.client.patch(path, {"notes": "a\0b"}))) == {("body", "notes")}
    assert set(errors(daemon.client.patch(path, {"status": None}))) == {("body", "status")}


def test_ignoring_and_restoring_twice_is_fine(daemon, fetched):
    number, _ = fetched
    entry = daemon.client.get("/api/time_entries", alp_user_id=number).json()[-1]
    path, day = f"/api/time_entries/{entry['entry_id']}", entry["entry_date"]
    for _ in range(2):
        a = daemon.client.request("PUT", path + "/ignore")
        assert a.status == 200 and a.json()["status"] == "ignored"
    def ids(**q):
        return [e["entry_id"] for e in daemon.client.get("/api/time_entries", alp_user_id=number, **q).json()]
    assert entry["entry_id"] not in ids() and entry["entry_id"] in ids(date=day) and entry["entry_id"] in ids(status="ignored")
    for _ in range(2):
        assert daemon.client.put(path + "/restore").json()["status"] == "pending"
    assert entry["entry_id"] in ids() and ids(q="no such words anywhere") == []


def test_a_day_balances(daemon, fetched):
    number, _ = fetched
    a = daemon.client.get("/api/reports/day", alp_user_id=number, date="2026-01-06")
    assert a.status == 200 and a.json()["balanced"] is True and a.json()["processed"] is True and a.json()["captured_seconds"] > 0


def test_processing_takes_a_day_a_range_or_everything(daemon, fetched):
    number, _ = fetched
    for body in ({}, {"date": "2026-01-06"}, {"from": "2026-01-05", "to": "2026-01-06"}):
        a = daemon.client.post("/api/jobs/process", {"alp_user_id": number, **body}, Prefer="wait=10")
        assert a.status == 202 and a.json()["kind"] == "process" and a.json()["state"] == "succeeded", a
    assert errors(daemon.client.post("/api/jobs/process", {"alp_user_id": number, "date": "2026-01-06", "from": "2026-01-06", "to": "2026-01-06"})) == {
        ("body", "date"): "conflict"}
    assert set(errors(daemon.client.request("POST", "/api/jobs/process"))) == {("body", "alp_user_id")}


def test_a_job_over_every_unprocessed_day_tells_no_range(daemon, fetched):
    number, submitted = fetched
    assert daemon.client.post("/api/queue/process/pause").status == 200
    try:
        everything = daemon.client.post("/api/jobs/process", {"alp_user_id": number}).json()
        assert everything["message"] == "The process job is queued."
        one = daemon.client.post("/api/jobs/process", {"alp_user_id": number, "date": "2026-01-06"}).json()
        for job in (everything, daemon.client.get(f"/api/jobs/{everything['job_id']}").json()):
            assert (job["from"], job["to"], job["days_total"], job["progress"]) == (None, None, None, 0)
        assert (one["from"], one["to"], one["days_total"]) == ("2026-01-06", "2026-01-06", 1)
    finally:
        assert daemon.client.post("/api/queue/process/resume").status == 200
    child = next(j for j in daemon.client.get("/api/jobs", alp_user_id=number, kind="process").json() if j["parent_id"] == submitted["job_id"])
    assert (child["from"], child["to"], child["days_total"]) == ("2026-01-05", "2026-01-07", 3)


def test_users_have_a_zone(daemon):
    a = daemon.client.put("/api/users/9100", {"time_zone": "Pacific/Auckland"})
    assert a.status == 201 and a.json()["time_zone"] == "Pacific/Auckland"
    a = daemon.client.put("/api/users/9100", {"time_zone": None})
    assert a.status == 200 and a.json()["time_zone"] is None and re.fullmatch(r"\d{4}-\d\d-\d\d", a.json()["today"])
    assert set(errors(daemon.client.put("/api/users/9100", {"time_zone": "../etc/passwd"}))) == {("body", "time_zone")}
    assert set(errors(daemon.client.put("/api/users/9100", {}))) == {("body", "time_zone")}
    assert daemon.client.get("/api/users/9101").json()["created_at"] is None


def test_settings_tell_no_secret(daemon):
    s = daemon.client.get("/api/settings").json()
    assert s["backend_port"] == daemon.port and s["database_path"] == str(daemon.db_path) and s["has_api_key"] is False
    assert s["single_user_id"] is None


def test_a_paused_kind_starts_no_job(daemon, new_user):
    number, key = new_user()
    assert daemon.client.post("/api/queue/fetch/pause").json()["paused"] is True
    try:
        a = daemon.client.post("/api/jobs/fetch", {"alp_user_id": number, "rescue_time_api_key": key, "days": 1}, Prefer="wait=1")
        assert a.json()["state"] == "queued"
        kinds = {k["kind"]: k for k in daemon.client.get("/api/queue").json()}
        assert kinds["fetch"]["paused"] and kinds["fetch"]["queued"] >= 1 and kinds["fetch"]["oldest_age_seconds"] >= 0
        b = daemon.client.post("/api/jobs/fetch", {"alp_user_id": number, "rescue_time_api_key": key, "days": 1})
        assert b.json()["coalesced"] is True and b.json()["job_id"] == a.json()["job_id"]
        gone = daemon.client.delete(f"/api/jobs/{a.json()['job_id']}")
        assert gone.status == 200 and gone.json()["state"] == "cancelled"
        again = daemon.client.post(f"/api/jobs/{a.json()['job_id']}/retry", {"rescue_time_api_key": key})
        assert again.status == 202 and again.json()["state"] == "queued"
        assert daemon.client.delete(f"/api/jobs/{a.json()['job_id']}").status == 200
    finally:
        assert daemon.client.post("/api/queue/fetch/resume").json()["paused"] is False


def test_health_and_readiness(daemon):
    assert daemon.client.get("/healthz").json() == {"status": "ok"}
    assert daemon.client.get("/readyz").json() == {"status": "ready"}


def test_a_key_stands_in_no_answer_and_no_log(daemon, new_user):
    number, _ = new_user()
    key = "B63-very-secret-key-of-mine"
    answers = [daemon.client.post("/api/jobs/fetch", {"alp_user_id": number, "rescue_time_api_key": key, "days": 99}),
               daemon.client.post("/api/jobs/fetch", {"alp_user_id": number, "rescue_time_api_key": key, "days": 1}),
               daemon.client.request("POST", "/api/jobs/fetch", body='{"rescue_time_api_key": "' + key + '" oops', headers={"Content-Type": "application/json"})]
    assert all(key not in a.text and key not in str(a.headers) for a in answers) and key not in daemon.log()


@pytest.mark.parametrize("body, says", [
    ('{"alp_user_id": 1, "rescue_time_api_key": "first-key", "rescue_time_api_key": "second-key"}', "twice"),
    ('{"alp_user_id": 1, "rescue_time_api_key": "first-key", "rescue_time_api_\\u006bey": "second-key"}', "twice"),
    ('{"alp_user_id": 1, "rescue_time_api_key\\u0000x": "first-key"}', "not JSON")])
def test_a_name_that_two_readers_could_read_differently_is_refused(daemon, body, says):
    a = daemon.client.request("POST", "/api/jobs/fetch", body=body, headers={"Content-Type": "application/json"})
    assert says in problem(a, 400, "malformed_json")["detail"] and "-key" not in a.text


@pytest.mark.parametrize("version, lines, closes", [
    ("1.1", [], False), ("1.1", ["Connection: TE"], False), ("1.1", ["Connection: close"], True), ("1.1", ["Connection: close, TE"], True),
    ("1.1", ["Connection: TE", "Connection: Close"], True), ("1.1", ["Connection: keep-alive, close"], True),
    ("1.0", [], True), ("1.0", ["Connection: keep-alive"], False), ("1.0", ["Connection: TE, keep-alive"], False)])
def test_the_connection_ends_when_the_client_wants_it(daemon, version, lines, closes):
    with raw.Raw(daemon.port, timeout=2) as c:
        a = c.send(raw.get("/healthz", *lines).replace("HTTP/1.1", "HTTP/" + version)).answer()
        assert a.status == 200
        assert (a.headers.get("connection") == "close") == closes or version == "1.0"
        if closes:
            assert c.ended()
        else:
            assert c.send(raw.get("/healthz")).answer().status == 200
