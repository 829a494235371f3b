# SPDX-License-Identifier: Apache-2.0
"""rtalp-sandbox from outside: does it answer as RescueTime has been seen to answer?"""
import collections
import csv
import gzip
import http.client
import io
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
import urllib.parse

import pytest

from lib.build import SANITIZED

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sandbox"))
from sandbox_client import BAD_KEY, BAD_QUERY, DOCUMENT_HEADERS, FRIDAY, NOW, PROGRAM, TODAY, Sandbox, key_of  # noqa: E402

NOTES = "data is an array of arrays (rows), column names for rows in row_headers"


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


# --- the honest service ---------------------------------------------------------------------------------------------

def test_a_day_has_the_recorded_shape(sandbox):
    answer = sandbox.day()
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.body.startswith(b'{"notes":"' + NOTES.encode() + b'","row_headers":["Date",')
    data = json.loads(answer.body)
    assert list(data) == ["notes", "row_headers", "rows"]
    assert data["row_headers"] == DOCUMENT_HEADERS
    for row in data["rows"]:
        assert [type(cell) for cell in row] == [str, int, int, str, str, str, int]
        assert re.fullmatch(FRIDAY + r"T\d\d:\d[05]:00", row[0])
        assert row[1] >= 1 and row[2] == 1 and row[3] and row[4] and -2 <= row[6] <= 2


def test_rows_come_in_order_and_only_once(sandbox):
    for user in range(1, 9):
        rows = sandbox.rows(user)
        assert 330 <= len(rows) <= 480
        order = [(row[0], -row[1]) for row in rows]
        assert order == sorted(order)
        assert len({(row[0], row[3], row[4]) for row in rows}) == len(rows)


def test_days_look_like_those_of_a_law_practice(sandbox):
    rows = [row for user in range(1, 21) for row in sandbox.rows(user)]
    titles = {row[4] for row in rows}
    everything = "\n".join(titles)
    for mark in ("\u200b", "\u200e", "\u2068", "\u2069", "\U0001f4f0", "\u65e5", '"', ",", "&", "code=", "Read-Only",
                 "Compatibility Mode", "New Tab", "Microsoft\u200b Edge"):
        assert mark in everything, repr(mark)
    assert any(re.search(r"\[\d{5}\]", t) for t in titles) and any(re.search(r"_\d{5}_", t) for t in titles)
    assert "No Details" in titles and any(re.match(r"Document\d", t) for t in titles)
    assert max(len(t) for t in titles) == 255
    assert sum(row[1] < 10 for row in rows) > len(rows) / 4
    assert {"line", "LINE"} <= {row[3] for row in rows}
    buckets = collections.Counter()
    for user in range(1, 21):
        for row in sandbox.rows(user):
            buckets[user, row[0]] += row[1]
    assert any(seconds > 300 for seconds in buckets.values()), "nobody used two devices"


def test_the_matters_of_an_account_can_be_asked(sandbox):
    facts = dict(line.split("\t") for line in sandbox.control("GET", "user", user=7).splitlines())
    codes = set(facts["matters"].split(" "))
    seen = {code for row in sandbox.rows() for code in re.findall(r"\[(\d{5})\]", row[4])}
    assert len(codes) > 20 and seen and seen <= codes


def test_weekends_are_quiet(sandbox):
    saturdays = [len(sandbox.rows(user, "2026-11-21")) for user in range(1, 21)]
    sundays = [len(sandbox.rows(user, "2026-11-22")) for user in range(1, 21)]
    assert max(saturdays + sundays) < 200 and 0 in sundays and max(sundays) > 0


def test_the_same_question_has_the_same_answer(sandbox):
    assert sandbox.day().body == sandbox.day().body
    assert sandbox.day(7).body != sandbox.day(8).body


def test_the_seed_decides_the_data(tmp_path, sandbox):
    other = Sandbox(tmp_path / "pki", "--seed", "2")
    try:
        assert other.rows() != sandbox.rows()
    finally:
        assert other.stop() == 0


@pytest.mark.parametrize("names", [
    {"perspective": "interval", "resolution_time": "minute", "restrict_kind": "document", "restrict_begin": FRIDAY,
     "restrict_end": FRIDAY},
    {"pv": "interval", "rs": "minute", "rk": "document", "rb": FRIDAY, "re": FRIDAY},
    {"by": "interval", "interval": "minute", "taxonomy": "document", "rb": FRIDAY + "T09:30:00", "re": FRIDAY},
    {"by": "interval", "i": "minute", "ty": "document", "rb": FRIDAY, "re": FRIDAY, "operation": "select", "version": "0"},
])
def test_every_documented_name_works(sandbox, names):
    assert sandbox.ask(**names).body == sandbox.day().body


def test_of_a_repeated_parameter_the_last_counts(sandbox):
    query = (f"key={key_of(7)}&format=csv&format=json&pv=rank&pv=interval&rk=activity&rk=document&rs=hour&interval=minute"
             f"&rb={FRIDAY}&re={FRIDAY}")
    assert sandbox.request("GET", "/anapi/data/?" + query).body == sandbox.day().body


def test_a_form_in_a_post_works_too(sandbox):
    form = urllib.parse.urlencode({"key": key_of(7), "format": "json", "pv": "interval", "rs": "minute", "rk": "document",
                                   "rb": FRIDAY, "re": FRIDAY})
    assert sandbox.request("POST", "/anapi/data", form).body == sandbox.day().body


def test_a_bearer_token_is_a_key(sandbox):
    answer = sandbox.day(key=None, headers={"Authorization": "Bearer " + key_of(7)})
    assert answer.body == sandbox.day().body


def test_headers_of_every_combination(sandbox):
    tail = {
        "overview": ["Category"], "category": ["Category"], "activity": ["Activity", "Category", "Productivity"],
        "productivity": ["Productivity"], "document": ["Activity", "Document", "Category", "Productivity"],
        "efficiency": ["Efficiency (-2:2)", "Efficiency (percent)"],
    }
    for kind, names in tail.items():
        for perspective, first in (("rank", "Rank"), ("interval", "Date")):
            answer = sandbox.ask(perspective=perspective, restrict_kind=kind, restrict_begin=FRIDAY, restrict_end=FRIDAY)
            if (kind, perspective) == ("efficiency", "rank"):
                assert answer.status == 400
                continue
            data = json.loads(answer.body)
            assert data["row_headers"] == [first, "Time Spent (seconds)", "Number of People"] + names
            assert data["rows"] and all(len(row) == len(data["row_headers"]) for row in data["rows"])


def test_every_view_of_a_day_adds_up_to_the_same(sandbox):
    total = sum(row[1] for row in sandbox.rows())
    for resolution in ("month", "week", "day", "hour", "minute"):
        for kind in ("overview", "category", "activity", "productivity", "document", "efficiency"):
            data = json.loads(sandbox.ask(pv="interval", rs=resolution, rk=kind, rb=FRIDAY, re=FRIDAY).body)
            assert sum(row[1] for row in data["rows"]) == total
            order = [(row[0], -row[1]) for row in data["rows"]]
            assert order == sorted(order)
    ranked = json.loads(sandbox.ask(rk="document", rb=FRIDAY, re=FRIDAY).body)["rows"]
    assert sum(row[1] for row in ranked) == total
    assert [row[0] for row in ranked] == list(range(1, len(ranked) + 1))
    assert [row[1] for row in ranked] == sorted((row[1] for row in ranked), reverse=True)


def test_labels_of_long_intervals(sandbox):
    def labels(resolution):
        answer = sandbox.ask(pv="interval", rs=resolution, rk="productivity", rb="2026-10-28", re="2026-11-12")
        return sorted({row[0] for row in json.loads(answer.body)["rows"]})

    assert labels("month") == ["2026-10-01T00:00:00", "2026-11-01T00:00:00"]
    assert labels("week") == ["2026-10-25T00:00:00", "2026-11-01T00:00:00", "2026-11-08T00:00:00"]
    assert all(label.endswith("T00:00:00") for label in labels("day"))


def test_both_ends_of_a_range_are_included(sandbox):
    rows = json.loads(sandbox.ask(pv="interval", rs="minute", rk="document", rb="2026-11-18", re=FRIDAY).body)["rows"]
    assert {row[0][:10] for row in rows} == {"2026-11-18", "2026-11-19", FRIDAY}
    assert rows == sandbox.rows(date="2026-11-18") + sandbox.rows(date="2026-11-19") + sandbox.rows(date=FRIDAY)


def test_without_dates_it_is_today(sandbox):
    rows = json.loads(sandbox.ask(pv="interval", rs="minute", rk="document").body)["rows"]
    assert rows and {row[0][:10] for row in rows} == {TODAY}


def test_future_inverted_and_overlong_ranges_are_empty(sandbox):
    for begin, end in (("2026-12-01", "2026-12-01"), (FRIDAY, "2026-11-19"), ("2026-10-01", FRIDAY)):
        answer = sandbox.ask(pv="interval", rs="minute", rk="document", rb=begin, re=end)
        assert answer.status == 200
        assert json.loads(answer.body) == {"notes": NOTES, "row_headers": DOCUMENT_HEADERS, "rows": []}


def test_things_are_opened_one_level_down(sandbox):
    documents = [row for row in sandbox.rows() if row[3] == "Microsoft Word"]
    data = json.loads(sandbox.ask(rk="activity", rt="Microsoft Word", rb=FRIDAY, re=FRIDAY).body)
    assert data["row_headers"] == ["Rank", "Time Spent (seconds)", "Number of People", "Activity", "Category", "Productivity"]
    assert {row[3] for row in data["rows"]} == {row[4] for row in documents}
    one = documents[0][4]
    data = json.loads(sandbox.ask(rk="document", rt="Microsoft Word", ry=one, rb=FRIDAY, re=FRIDAY).body)
    assert [row[4] for row in data["rows"]] == [one]
    data = json.loads(sandbox.ask(rk="overview", rt="Communication & Scheduling", rb=FRIDAY, re=FRIDAY).body)
    assert "Activity" in data["row_headers"] and "Microsoft Word" not in {row[3] for row in data["rows"]}


def test_sources_add_up(sandbox):
    def total(**more):
        return sum(row[1] for row in json.loads(sandbox.ask(rk="document", rb=FRIDAY, re=FRIDAY, **more).body)["rows"])
    parts = [total(restrict_source_type=source) for source in ("computers", "mobile", "offline")]
    assert sum(parts) == total() and parts[0] > parts[1] > 0 and parts[2] == 0


# --- clocks ---------------------------------------------------------------------------------------------------------

def test_today_ends_now_and_grows(sandbox):
    before = sandbox.rows(date=TODAY)
    assert max(row[0] for row in before) <= TODAY + "T13:00:00"
    newest = sum(row[1] for row in before if row[0] == TODAY + "T13:00:00" and not row[3].endswith("Android"))
    assert newest <= 2 * 150
    sandbox.control("PUT", "clock", advance=3600)
    after = {(row[0], row[3], row[4]): row[1] for row in sandbox.rows(date=TODAY)}
    assert len(after) > len(before)
    assert all(after[row[0], row[3], row[4]] >= row[1] for row in before), "recorded time does not go away by itself"


def test_today_is_the_account_s_today(sandbox):
    sandbox.control("PUT", "user", user=9, zone="America/New_York")
    assert "today\t2026-11-22" in sandbox.control("GET", "user", user=9)
    assert sandbox.rows(9, TODAY) == []
    sandbox.control("PUT", "user", user=9, zone="Australia/Sydney")


def test_the_missing_hour_has_no_rows(sandbox):
    hours = {row[0][11:13] for row in sandbox.rows(date="2026-10-04")}
    assert "01" in hours and "02" not in hours and "03" in hours


def test_the_repeated_hour_is_one_hour_of_twice_the_time(sandbox):
    buckets = collections.Counter()
    for row in sandbox.rows(date="2026-04-05"):
        buckets[row[0][11:]] += row[1]
    repeated = [seconds for label, seconds in buckets.items() if label.startswith("02:")]
    assert max(repeated) > 300 and max(repeated) <= 600


def test_devices_upload_now_and_then(tmp_path, sandbox):
    slow = Sandbox(tmp_path / "pki", "--sync-seconds", "1800")
    try:
        assert max(row[0] for row in slow.rows(date=TODAY)) <= TODAY + "T12:55:00"
        before = slow.rows(date=TODAY)
        slow.control("PUT", "clock", advance=1200)
        assert slow.rows(date=TODAY) == before
        slow.control("PUT", "clock", advance=600)
        assert len(slow.rows(date=TODAY)) > len(before)
    finally:
        assert slow.stop() == 0


def test_work_past_midnight_is_on_both_days(sandbox):
    for user in range(1, 200):
        if any(row[0].endswith("T23:50:00") for row in sandbox.rows(user, "2026-11-17")):
            assert any("T00:" in row[0] for row in sandbox.rows(user, "2026-11-18"))
            return
    pytest.fail("nobody works at night")


# --- encoding -------------------------------------------------------------------------------------------------------

def test_recorded_response_headers(sandbox):
    headers = sandbox.day().headers
    assert headers["Cache-Control"] == "no-cache, no-store, max-age=0, must-revalidate"
    assert headers["Pragma"] == "no-cache" and headers["Expires"] == "Fri, 01 Jan 1990 00:00:00 GMT"
    assert headers["Server"] == "nginx" and headers["X-Request-Id"] and headers["X-Runtime"]
    assert headers["X-Frame-Options"] == "SAMEORIGIN" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Xss-Protection"] == "1; mode=block"
    assert headers["Transfer-Encoding"] == "chunked" and headers["Content-Length"] is None
    small = sandbox.ask(rk="overview")
    assert int(small.headers["Content-Length"]) == len(small.body) and small.headers["Transfer-Encoding"] is None


def test_ampersands_are_escaped_unless_told_otherwise(tmp_path, sandbox):
    assert rb"\u0026" in sandbox.day().body and b"&" not in sandbox.day().body
    for escape in ("raw", "ascii"):
        other = Sandbox(tmp_path / escape, "--escape", escape)
        try:
            body = other.day().body
            assert json.loads(body) == json.loads(sandbox.day().body)
            assert b"&" in body if escape == "raw" else body.isascii() and rb"\ud83d\ud" in body
        finally:
            assert other.stop() == 0


def test_gzip_when_asked(sandbox):
    plain = sandbox.day()
    for accept in ("gzip", "deflate, gzip;q=0.5, br", "GZIP"):
        packed = sandbox.day(headers={"Accept-Encoding": accept})
        assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(packed.body) == plain.body
    for accept in ("identity", "gzip;q=0", "br"):
        assert sandbox.day(headers={"Accept-Encoding": accept}).headers["Content-Encoding"] is None


def test_csv(sandbox):
    answer = sandbox.day(format="csv", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8" and answer.headers["Content-Encoding"] is None
    text = answer.body.decode()
    assert text.startswith(",".join(DOCUMENT_HEADERS) + "\n") and text.endswith("\n") and "\r" not in text
    table = list(csv.reader(io.StringIO(text)))
    assert table[1:] == [[str(cell) for cell in row] for row in sandbox.rows()]


def test_without_a_format_it_is_a_page(sandbox):
    answer = sandbox.day(format=None)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert re.search(rb"<body>(.*)</body>", answer.body, re.S).group(1) == sandbox.day().body
    assert sandbox.day(format=None, key="nobody").headers["Content-Type"].startswith("application/json")


def test_a_connection_is_kept(sandbox):
    connection = sandbox.connect()
    since = len(sandbox.requests())
    for _ in range(3):
        connection.request("GET", f"/anapi/data?key={key_of(7)}&format=json&rb={FRIDAY}&re={FRIDAY}")
        assert connection.getresponse().read()
    connection.close()
    assert len({line[5] for line in sandbox.requests()[since:]}) == 1


def test_a_large_answer_does_not_wait_for_acknowledgements(sandbox):
    sandbox.day()
    start = time.monotonic()
    for _ in range(10):
        sandbox.day(tls=True)
    assert SANITIZED or time.monotonic() - start < 0.35, "Nagle's algorithm is on"


# --- errors ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("key", [None, "", "B63", key_of(1001), key_of(7)[:-1], key_of(7).upper(), "B63sandbox000000" + "x" * 24])
def test_unknown_keys(sandbox, key):
    for form in ("json", "csv", None):
        answer = sandbox.day(key=key, format=form)
        assert (answer.status, answer.body) == (400, BAD_KEY)
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert answer.headers["Cache-Control"] == "max-age=0, private, must-revalidate"
        assert answer.headers["Vary"] == "Accept-Encoding"


def test_error_envelopes_are_compressed_too(sandbox):
    answer = sandbox.day(key="nobody", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.body) == BAD_KEY


@pytest.mark.parametrize("bad", [
    {"restrict_begin": "yesterday"}, {"restrict_begin": "2026-02-30"}, {"restrict_end": "20-11-2026"}, {"perspective": "member"},
    {"resolution_time": "second"}, {"restrict_kind": "title"}, {"format": "xml"}, {"restrict_begin": "1970-01-01"},
])
def test_bad_questions(sandbox, bad):
    query = {"perspective": "interval", "resolution_time": "hour", "restrict_end": FRIDAY, **bad}
    answer = sandbox.ask(**query)
    assert (answer.status, answer.body) == (400, BAD_QUERY)


def test_statuses_of_errors_can_be_chosen(tmp_path):
    legacy = Sandbox(tmp_path / "pki", "--bad-key-status", "200", "--query-error-status", "200")
    try:
        assert legacy.day(key="nobody")[::2] == (200, BAD_KEY)
        assert legacy.ask(rb="x")[::2] == (200, BAD_QUERY)
    finally:
        assert legacy.stop() == 0


def test_other_paths_and_methods(sandbox):
    assert sandbox.request("GET", "/anapi/other").status == 404
    assert sandbox.request("DELETE", "/anapi/data").status == 405
    assert sandbox.request("GET", "/_sandbox/reset").status == 405
    assert sandbox.request("GET", "/_sandbox/nothing").status == 404


# --- TLS ------------------------------------------------------------------------------------------------------------

def test_the_made_authority_vouches_for_the_server(sandbox):
    assert sandbox.day(tls=True).body == sandbox.day().body
    host, port = sandbox.ready["https"].split(":")
    context = ssl.create_default_context(cafile=sandbox.ready["ca"])
    with socket.create_connection((host, int(port))) as raw:
        with context.wrap_socket(raw, server_hostname="localhost") as tls:
            assert tls.version() == "TLSv1.3"
    with socket.create_connection((host, int(port))) as raw:
        with pytest.raises(ssl.SSLCertVerificationError, match="[Hh]ostname mismatch"):
            context.wrap_socket(raw, server_hostname="www.rescuetime.com")


def test_nobody_else_trusts_it(sandbox):
    host, port = sandbox.ready["https"].split(":")
    with socket.create_connection((host, int(port))) as raw, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")


def test_the_made_files_are_private_and_stay(tmp_path):
    pki = tmp_path / "pki"
    Sandbox(pki).stop()
    assert stat.S_IMODE(pki.stat().st_mode) == 0o700
    assert stat.S_IMODE((pki / "server.key").stat().st_mode) == 0o600
    before = (pki / "ca.pem").read_bytes()
    again = Sandbox(pki)
    again.stop()
    assert (pki / "ca.pem").read_bytes() == before
    assert b"PRIVATE" not in before + (pki / "server.pem").read_bytes()


def test_only_loopback(tmp_path):
    for address in ("0.0.0.0", "192.0.2.1", "::", "example.org"):
        done = subprocess.run([PROGRAM, "--listen", address], capture_output=True, timeout=10)
        assert done.returncode != 0 and not done.stdout


def test_help_version_and_mistakes():
    assert b"--make-cert" in subprocess.run([PROGRAM, "--help"], capture_output=True, check=True).stdout
    assert b"rtalp-sandbox" in subprocess.run([PROGRAM, "--version"], capture_output=True, check=True).stdout
    for wrong in (["--port", "x"], ["--zone", "Mars/Base"], ["--fault", "fault=nonsense"], ["--now", "today"], ["extra"],
                  ["--users", "0"], ["--cert", "a"], ["--tls-port", "1"]):
        assert subprocess.run([PROGRAM, *wrong], capture_output=True, timeout=10).returncode != 0, wrong


def test_a_million_accounts_and_the_ready_descriptor(tmp_path):
    reading, writing = os.pipe()
    process = subprocess.Popen([PROGRAM, "--users", "1000000", "--quiet", "--now", NOW, "--ready-fd", str(writing)],
                               pass_fds=[writing], stdout=subprocess.PIPE, text=True)
    os.close(writing)
    with os.fdopen(reading) as ready:
        line = ready.read()
    assert line == process.stdout.readline() and "https" not in line
    host, port = re.search(r"http=([^:]+):(\d+)", line).groups()
    connection = http.client.HTTPConnection(host, int(port))
    connection.request("GET", f"/anapi/data?key={key_of(1000000)}&format=json")
    assert connection.getresponse().status == 200
    connection.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    process.stdout.close()


# --- observation ----------------------------------------------------------------------------------------------------

def test_the_log_tells_everything_but_the_key(sandbox):
    since = max((int(line[0]) for line in sandbox.requests()), default=0)
    sandbox.day(headers={"Accept-Encoding": "gzip", "User-Agent": "probe/1\tx"}, tls=True)
    sandbox.day(key="B63nobody")
    sandbox.fault("http-500")
    sandbox.day()
    good, bad, broken = sandbox.requests(since)
    assert good[2:5] == ["7", FRIDAY, FRIDAY] and good[6:] == [
        "interval", "document", "minute", "gzip", "probe/1?x", "200", "https", "-"]
    assert bad[2] == "0" and bad[11] == "400" and broken[11:] == ["500", "http", "http-500"]
    assert "B63" not in sandbox.control("GET", "requests")


def test_stats_count(sandbox):
    before = sandbox.stats()
    sandbox.day(tls=True)
    sandbox.day()
    after = sandbox.stats()
    assert after["requests"] - before["requests"] == 2 and after["tls_handshakes"] - before["tls_handshakes"] == 1
    assert after["connections"] - before["connections"] == 3, "two requests and the question itself"


def test_standard_error_never_shows_a_key(tmp_path):
    process = subprocess.Popen([PROGRAM, "--now", NOW], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    host, port = re.search(r"http=([^:]+):(\d+)", process.stdout.readline()).groups()
    connection = http.client.HTTPConnection(host, int(port))
    connection.request("GET", f"/anapi/data?key={key_of(7)}&format=json&restrict_begin={FRIDAY}")
    connection.getresponse().read()
    connection.close()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 0 and FRIDAY in errors and "B63" not in errors


def test_it_ends_cleanly_with_answers_under_way(tmp_path):
    busy = Sandbox(tmp_path / "pki", "--fault", "fault=stall&count=-1", "--latency-ms", "50")
    connections = [busy.connect(tls=tls) for tls in (False, True, False)]
    for connection in connections:
        connection.request("GET", f"/anapi/data?key={key_of(7)}&format=json")
    time.sleep(0.2)
    assert busy.stop() == 0
    for connection in connections:
        connection.close()
