# SPDX-License-Identifier: Apache-2.0
"""rtalp-sandbox from outside: does it break, and do its data change, as it is told?"""
import collections
import concurrent.futures
import gzip
import http.client
import json
import pathlib
import re
import ssl
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sandbox"))
from sandbox_client import BAD_KEY, BAD_QUERY, DOCUMENT_HEADERS, FRIDAY, NOW, PROGRAM, Sandbox  # noqa: E402


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox") / "pki")
    yield sandbox
    assert sandbox.stop() == 0


@pytest.fixture
def sandbox(running):
    yield running
    running.control("POST", "reset")
    running.control("PUT", "clock", now=NOW)


# --- faults ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name,status,start", [
    ("http-429", 429, b"<!DOCTYPE html>"), ("http-500", 500, b"<!DOCTYPE html>"), ("http-502", 502, b"<!DOCTYPE html>"),
    ("http-503", 503, b"<!DOCTYPE html>"), ("html-200", 200, b"<!DOCTYPE html>"), ("text-200", 200, b"key not found"),
    ("bad-key-200", 200, BAD_KEY), ("bad-key-400", 400, BAD_KEY), ("bad-key-401", 401, BAD_KEY), ("bad-key-403", 403, BAD_KEY),
    ("query-error", 400, BAD_QUERY),
])
def test_faults_that_replace_the_answer(sandbox, name, status, start):
    sandbox.fault(name)
    answer = sandbox.day()
    assert answer.status == status and answer.body.startswith(start)
    assert sandbox.day().status == 200, "once is once"


def test_retry_after_only_when_wanted(sandbox):
    sandbox.fault("http-429")
    sandbox.fault("http-429", retry_after=2)
    sandbox.fault("http-503", retry_after="Mon, 23 Nov 2026 02:05:00 GMT")
    assert [sandbox.day().headers["Retry-After"] for _ in range(4)] == [None, "2", "Mon, 23 Nov 2026 02:05:00 GMT", None]


def test_scope_of_a_fault(sandbox):
    sandbox.fault("http-500", user=7, date=FRIDAY, count=2)
    assert sandbox.day(8).status == 200 and sandbox.day(7, "2026-11-19").status == 200
    assert [sandbox.day().status for _ in range(3)] == [500, 500, 200]
    sandbox.fault("http-502", user="*", count=-1)
    assert {sandbox.day(user).status for user in (1, 2, 3, 1)} == {502}
    assert "http-502" in sandbox.control("GET", "faults")
    sandbox.control("DELETE", "faults")
    assert sandbox.day(1).status == 200


def test_every_fault_is_explained():
    listed = subprocess.run([PROGRAM, "--help"], capture_output=True, check=True, text=True).stdout.split("\nFaults")[1]
    names = re.findall(r"^  ([a-z0-9-]+) ", listed, re.M)
    manual = (pathlib.Path(__file__).resolve().parents[1] / "sandbox" / "README.md").read_text()
    assert len(names) > 40 and [name for name in names if f"| `{name}` |" not in manual] == []


def test_a_mistyped_fault_is_refused(sandbox):
    for line in ("fault=nothing", "user=7", "fault=http-429&retryafter=2", "fault=http-500&user=x", "fault=http-500&date=friday",
                 "fault=http-500&count=many"):
        sandbox.control("POST", "faults", line, ok=400)
    assert sandbox.control("GET", "faults") == ""


@pytest.mark.parametrize("status", [301, 302])
def test_a_redirect_leads_to_a_login_on_the_same_host(sandbox, status):
    sandbox.fault(f"redirect-{status}")
    answer = sandbox.day()
    assert answer.status == status and answer.headers["Location"] == f"http://{sandbox.ready['http']}/login"
    assert sandbox.request("GET", "/login").status == 200 and sandbox.stats()["logins"] >= 1


@pytest.mark.parametrize("tls", [False, True])
def test_a_truncated_body(sandbox, tls):
    whole = sandbox.day().body
    sandbox.fault("truncated")
    with pytest.raises(http.client.IncompleteRead) as caught:
        sandbox.day(tls=tls)
    assert caught.value.partial == whole[:len(whole) // 2]
    sandbox.fault("truncated", bytes=0)
    with pytest.raises(http.client.IncompleteRead):
        sandbox.day(tls=tls)
    sandbox.fault("truncated", chunked=1)
    with pytest.raises(http.client.IncompleteRead):
        sandbox.day(tls=tls)


@pytest.mark.parametrize("tls", [False, True])
def test_a_reset(sandbox, tls):
    sandbox.fault("reset")
    with pytest.raises((ConnectionResetError, ssl.SSLError)):
        sandbox.day(tls=tls)
    sandbox.fault("reset", bytes=100)
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead, ssl.SSLError)):
        sandbox.day(tls=tls)


@pytest.mark.parametrize("tls", [False, True])
def test_a_stalled_answer_leaves_the_others_alone(sandbox, tls):
    sandbox.fault("stall", count=2)
    sandbox.fault("stall", headers=1)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            sandbox.day(timeout=0.3, tls=tls)
        assert sandbox.day(8).status == 200
    deadline = time.monotonic() + 5
    while sandbox.stats()["in_flight"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sandbox.stats()["in_flight"] == 0, "it did not notice that the clients had gone"
    assert sandbox.day().status == 200


def test_a_slow_body(sandbox):
    sandbox.fault("slow-body", bytes=4000, ms=20)
    start = time.monotonic()
    answer = sandbox.day()
    # Each pause is counted from the sandbox's last look at the clock, so it may be a millisecond short.
    assert time.monotonic() - start >= 0.019 * (len(answer.body) // 4000)
    assert answer.body == sandbox.day().body


def test_delays_do_not_add_up(tmp_path):
    slow = Sandbox(tmp_path / "pki", "--latency-ms", "200")
    try:
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            assert {answer.status for answer in pool.map(slow.day, range(1, 21))} == {200}
        assert 0.2 <= time.monotonic() - start < 2
        stats = slow.stats()
        assert stats["max_in_flight"] >= 10 and stats["max_in_flight_user"] == 1
    finally:
        assert slow.stop() == 0


def test_a_client_that_leaves_during_a_delay(sandbox):
    sandbox.fault("delay", ms=400)
    with pytest.raises(TimeoutError):
        sandbox.day(timeout=0.1)
    time.sleep(0.5)
    assert sandbox.day().status == 200 and sandbox.stats()["in_flight"] == 0


def test_compression_faults(sandbox):
    plain = sandbox.day().body
    sandbox.fault("gzip-unasked")
    answer = sandbox.day()
    assert answer.headers["Content-Encoding"] == "gzip" and gzip.decompress(answer.body) == plain
    sandbox.fault("gzip-corrupt")
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(sandbox.day().body)
    sandbox.fault("gzip-bomb", mb=64)
    answer = sandbox.day()
    assert len(answer.body) < 200_000
    bomb = gzip.decompress(answer.body)
    assert len(bomb) > 64 * 2**20 and json.loads(bomb)["rows"] == []


def test_bodies_that_are_too_much(sandbox):
    sandbox.fault("huge-body", mb=3)
    answer = sandbox.day(tls=True)
    assert 3 * 2**20 < len(answer.body) < 4 * 2**20 and len(json.loads(answer.body)["rows"]) > 10000
    sandbox.fault("deep-json", depth=5000)
    body = sandbox.day().body
    assert b"[" * 5000 + b"]" * 5000 in body


def test_header_faults(sandbox):
    honest = sandbox.rows()

    def spoiled(name, **params):
        sandbox.fault(name, **params)
        data = json.loads(sandbox.day().body)
        assert all(len(row) == len(data["row_headers"]) for row in data["rows"])
        return data

    data = spoiled("missing-header")
    assert data["row_headers"] == DOCUMENT_HEADERS[:4] + DOCUMENT_HEADERS[5:]
    assert data["rows"] == [row[:4] + row[5:] for row in honest]
    data = spoiled("renamed-header", column="Activity", to="Thing")
    assert data["row_headers"][3] == "Thing" and data["rows"] == honest
    data = spoiled("reordered-header")
    assert data["row_headers"] == DOCUMENT_HEADERS[::-1] and data["rows"] == [row[::-1] for row in honest]
    data = spoiled("extra-column")
    assert len(data["row_headers"]) == 8 and [row[1:] for row in data["rows"]] == honest
    sandbox.fault("wrong-content-type", type="text/plain")
    answer = sandbox.day()
    assert answer.headers["Content-Type"] == "text/plain" and json.loads(answer.body)["rows"] == honest


def test_row_faults(sandbox):
    honest = sandbox.rows()

    def spoiled(name, **params):
        sandbox.fault(name, **params)
        return json.loads(sandbox.day().body)["rows"]

    assert spoiled("empty-rows") == []
    assert spoiled("numbers-as-strings")[0][1] == str(honest[0][1])
    assert spoiled("null-document")[0][4] is None
    assert {row[4] for row in spoiled("null-document", row="all")} == {None}
    assert spoiled("short-row", row=2)[2] == honest[2][:-1]
    rows = spoiled("duplicate-row", row=1, seconds=1)
    assert rows[1] == honest[1] and rows[2] == [honest[1][0], 1] + honest[1][2:] and len(rows) == len(honest) + 1
    assert spoiled("negative-seconds")[0][1] == -5
    assert spoiled("huge-number")[0][1] == 99999999999999999999
    assert "\0" in spoiled("nul-in-title")[0][4]
    assert "\r\n" in spoiled("control-chars")[0][4]
    for name in ("nul-in-title", "control-chars"):
        sandbox.fault(name, raw=1)
        with pytest.raises(json.JSONDecodeError):
            json.loads(sandbox.day().body)
    sandbox.fault("invalid-utf8")
    with pytest.raises(UnicodeDecodeError):
        sandbox.day().body.decode()
    assert sandbox.rows() == honest


# --- what changes afterwards ----------------------------------------------------------------------------------------

DAY = ("09:00\t300\tMicrosoft Word\t[22069] Deed.docx\tWriting\t2\n"
       "09:00\t20\tMicrosoft Outlook\tInbox\tEmail\t1\n"
       "09:05\t100\tMicrosoft Word\t[22069] Deed.docx\tWriting\t2\n")


def define(sandbox, text=DAY, date=FRIDAY):
    sandbox.control("PUT", "day", text.encode(), user=7, date=date)


def seconds_of(rows):
    return {(row[0][11:16], row[3]): row[1] for row in rows}


def test_a_test_can_define_a_day(sandbox):
    made_up = sandbox.rows()
    define(sandbox)
    assert sandbox.rows() == [
        [FRIDAY + "T09:00:00", 300, 1, "Microsoft Word", "[22069] Deed.docx", "Writing", 2],
        [FRIDAY + "T09:00:00", 20, 1, "Microsoft Outlook", "Inbox", "Email", 1],
        [FRIDAY + "T09:05:00", 100, 1, "Microsoft Word", "[22069] Deed.docx", "Writing", 2],
    ]
    sandbox.control("DELETE", "day", user=7, date=FRIDAY)
    assert sandbox.rows() == made_up
    sandbox.control("DELETE", "day", user=7, date=FRIDAY, ok=404)


def test_defined_days_go_round(sandbox):
    truth = sandbox.control("GET", "day", user=7, date=FRIDAY)
    before = sandbox.rows()
    assert len(truth.splitlines()) == len(before)
    sandbox.control("PUT", "day", truth.encode("utf-8", "surrogateescape"), user=7, date="2026-11-19")
    # Among rows of equal seconds no order is promised.
    assert sorted(row[0][10:] + str(row[1:]) for row in sandbox.rows(date="2026-11-19")) == \
        sorted(row[0][10:] + str(row[1:]) for row in before)


def test_odd_bytes_can_be_defined(sandbox):
    define(sandbox, "# a comment\n\n09:00\t-7\tA\\\\B\ttab\\tend\\x00\\xff\tC\t2\tmobile\n")
    body = sandbox.day().body
    assert b'-7,1,"A\\\\B","tab\\tend\\u0000\xff","C",2]' in body
    for wrong in ("9:00\t1\ta\tb\tc\t0", "09:00\tx\ta\tb\tc\t0", "09:00\t1\ta\tb\tc", "09:00\t1\ta\\q\tb\tc\t0",
                  "09:00\t1\ta\tb\tc\t0\tlaptop", "09:00\t1\ta\tb\tc\t0\tmobile\tmore"):
        sandbox.control("PUT", "day", wrong, ok=400, user=7, date=FRIDAY)


def test_time_grows_and_shrinks(sandbox):
    define(sandbox)
    sandbox.fault("growth", date=FRIDAY, seconds=50, activity="Microsoft Outlook", document="Inbox")
    sandbox.fault("shrink", date=FRIDAY, seconds=100, activity="Microsoft Word", time="09:05")
    expected = {("09:00", "Microsoft Word"): 300, ("09:00", "Microsoft Outlook"): 70}
    assert seconds_of(sandbox.rows()) == expected
    assert len(sandbox.control("GET", "day", user=7, date=FRIDAY).splitlines()) == 2
    sandbox.control("DELETE", "faults")
    assert len(sandbox.rows()) == 3


def test_rows_are_deleted_and_days_emptied(sandbox):
    define(sandbox)
    sandbox.fault("delete", date=FRIDAY, activity="Microsoft Outlook")
    assert {row[3] for row in sandbox.rows()} == {"Microsoft Word"}
    sandbox.fault("day-emptied", date=FRIDAY)
    assert sandbox.rows() == [] and sandbox.rows(date="2026-11-19")


def test_the_past_is_recategorised(sandbox):
    define(sandbox)
    sandbox.fault("recategorise", activity="Microsoft Word", category="Legal Drafting", productivity=-1)
    assert {tuple(row[5:]) for row in sandbox.rows()} == {("Legal Drafting", -1), ("Email", 1)}


def test_time_arrives_later(sandbox):
    define(sandbox)
    sandbox.fault("offline", date=FRIDAY, time="12:00", seconds=400, document="Meeting with counsel")
    sandbox.fault("late-upload", date=FRIDAY, time="19:00", seconds=600)
    later = seconds_of(row for row in sandbox.rows() if row[0] > FRIDAY + "T10")
    assert list(later.values()) == [300, 100, 300, 300]
    offline = json.loads(sandbox.ask(rk="document", rb=FRIDAY, re=FRIDAY, restrict_source_type="offline").body)["rows"]
    assert [row[1] for row in offline] == [400]
    sandbox.fault("second-device", date=FRIDAY, seconds=200)
    buckets = collections.Counter()
    for row in sandbox.rows():
        buckets[row[0][11:16]] += row[1]
    assert buckets["09:00"] == 520


def test_a_lesser_plan_shows_no_titles(sandbox):
    before = sandbox.rows()
    sandbox.fault("no-titles")
    rows = sandbox.rows()
    assert {row[4] for row in rows} == {"No Details"} and sum(row[1] for row in rows) == sum(row[1] for row in before)
    assert len({(row[0], row[3]) for row in rows}) == len(rows)


def test_a_key_is_revoked_in_mid_run(sandbox):
    sandbox.fault("revoke", after=2)
    assert [sandbox.day().status for _ in range(4)] == [200, 200, 400, 400]
    assert sandbox.day().body == BAD_KEY and sandbox.day(8).status == 200


def test_history_ends_where_the_plan_says(sandbox):
    sandbox.fault("history-cap", days=14)
    assert sandbox.rows(date="2026-11-09") and sandbox.rows(date="2026-11-06") == []
