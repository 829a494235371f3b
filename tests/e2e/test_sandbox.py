# SPDX-License-Identifier: Apache-2.0
"""rtalp-sandbox from outside: does it answer as RescueTime has been seen to answer, and break as it is told to?

Needs the built program in RTALP_BUILDDIR (default: the top of the source tree) and nothing but the standard library.
"""
import collections
import concurrent.futures
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
import time
import urllib.parse

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("RTALP_BUILDDIR", TOP)) / "rtalp-sandbox"
NOW = "2026-11-23T02:02:30Z"  # Monday, 13:02:30 in Sydney
TODAY, FRIDAY = "2026-11-23", "2026-11-20"
DOCUMENT_HEADERS = ["Date", "Time Spent (seconds)", "Number of People", "Activity", "Document", "Category", "Productivity"]
NOTES = "data is an array of arrays (rows), column names for rows in row_headers"


def key_of(user):
    return ("B63sandbox%06d" % user).ljust(40, "x")


Answer = collections.namedtuple("Answer", "status headers body")


class Sandbox:
    def __init__(self, directory, *options):
        self.process = subprocess.Popen(
            [PROGRAM, "--make-cert", directory, "--now", NOW, "--quiet", *options], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), "the program did not start"
        self.ready = dict(word.split("=", 1) for word in line.split()[1:])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(10)
        finally:
            self.process.kill()
            self.process.stdout.close()
        return code

    def connect(self, tls=False, timeout=10):
        host, port = self.ready["https" if tls else "http"].split(":")
        if tls:
            context = ssl.create_default_context(cafile=self.ready["ca"])
            return http.client.HTTPSConnection(host, int(port), context=context, timeout=timeout)
        return http.client.HTTPConnection(host, int(port), timeout=timeout)

    def request(self, method, path, body=None, headers=None, tls=False, timeout=10):
        connection = self.connect(tls, timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def ask(self, user=7, headers=None, tls=False, timeout=10, path="/anapi/data", **params):
        query = {"key": key_of(user), "format": "json"}
        query.update(params)
        query = {name: value for name, value in query.items() if value is not None}
        return self.request("GET", path + "?" + urllib.parse.urlencode(query), headers=headers, tls=tls, timeout=timeout)

    def day(self, user=7, date=FRIDAY, **more):
        return self.ask(user, perspective="interval", resolution_time="minute", restrict_kind="document",
                        restrict_begin=date, restrict_end=date, **more)

    def rows(self, *args, **params):
        return json.loads(self.day(*args, **params).body)["rows"]

    def control(self, method, what, body=None, ok=200, **params):
        path = "/_sandbox/" + what + ("?" + urllib.parse.urlencode(params) if params else "")
        answer = self.request(method, path, body)
        assert answer.status == ok, answer.body
        return answer.body.decode("utf-8", "surrogateescape")

    def fault(self, name, user=7, **params):
        self.control("POST", "faults", urllib.parse.urlencode({"user": user, "fault": name, **params}))

    def stats(self):
        return {name: int(value) for name, value in (line.split("\t") for line in self.control("GET", "stats").splitlines())}

    def requests(self, since=0):
        return [line.split("\t") for line in self.control("GET", "requests", since=since).splitlines()]


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
    {"perspective": "interval", "resolution_time": "minute", "restrict_kind": "document", "restrict_begin": FRIDAY, "restrict_end": FRIDAY},
    {"pv": "interval", "rs": "minute", "rk": "document", "rb": FRIDAY, "re": FRIDAY},
    {"by": "interval", "interval": "minute", "taxonomy": "document", "rb": FRIDAY + "T09:30:00", "re": FRIDAY},
    {"by": "interval", "i": "minute", "ty": "document", "rb": FRIDAY, "re": FRIDAY, "operation": "select", "version": "0"},
])
def test_every_documented_name_works(sandbox, names):
    assert sandbox.ask(**names).body == sandbox.day().body


def test_of_a_repeated_parameter_the_last_counts(sandbox):
    query = f"key={key_of(7)}&format=csv&format=json&pv=rank&pv=interval&rk=activity&rk=document&rs=hour&interval=minute&rb={FRIDAY}&re={FRIDAY}"
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
        rows = json.loads(sandbox.ask(pv="interval", rs=resolution, rk="productivity", rb="2026-10-28", re="2026-11-12").body)["rows"]
        return sorted({row[0] for row in rows})
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
    assert time.monotonic() - start < 0.35, "Nagle's algorithm is on"


# --- errors ---------------------------------------------------------------------------------------------------------

BAD_KEY = b'{"error":"# key not found","messages":"key not found"}'
BAD_QUERY = b'{"error": "# query error","messages": "Error: Likely a badly formatted or missing parameter"}'


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
    while sandbox.stats()["in_flight"] > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sandbox.stats()["in_flight"] == 1, "it did not notice that the clients had gone"
    assert sandbox.day().status == 200


def test_a_slow_body(sandbox):
    sandbox.fault("slow-body", bytes=4000, ms=20)
    start = time.monotonic()
    answer = sandbox.day()
    assert time.monotonic() - start >= 0.02 * (len(answer.body) // 4000)
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
    assert sandbox.day().status == 200 and sandbox.stats()["in_flight"] == 1


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


def test_a_key_is_revoked_in_mid_run(sandbox):
    sandbox.fault("revoke", after=2)
    assert [sandbox.day().status for _ in range(4)] == [200, 200, 400, 400]
    assert sandbox.day().body == BAD_KEY and sandbox.day(8).status == 200


def test_history_ends_where_the_plan_says(sandbox):
    sandbox.fault("history-cap", days=14)
    assert sandbox.rows(date="2026-11-09") and sandbox.rows(date="2026-11-06") == []


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
