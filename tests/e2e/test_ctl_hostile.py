# SPDX-License-Identifier: Apache-2.0
"""rtalpctl against something that is no rtalpd, or a rtalpd full of hostile text: nothing it prints moves a terminal, nothing makes it crash,
and no key or token goes where it was not sent."""
import http.server
import itertools
import json
import os
import re
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib import ctl
from lib.build import SANITIZED
from lib.ctl import FAILED, LATER, NOT_ALLOWED, NOT_FOUND, OK

CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


class Fake:
    """Answers every path as it was told to, and remembers who asked for what."""

    def __init__(self):
        self.answers, self.usual, self.asked = {}, (200, {}, b"{}"), []
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fake.asked.append((self.command, self.path, dict(self.headers), body))
                said = fake.answers.get(self.path.split("?")[0], fake.usual)
                if isinstance(said, list):  # one after the other, the last one for ever
                    said = said.pop(0) if len(said) > 1 else said[0]
                status, headers, text = said
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                try:
                    self.wfile.write(text)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def says(self, path, value, status=200, **headers):
        text = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.answers[path] = (status, {name.replace("_", "-"): v for name, v in headers.items()}, text)

    def run(self, *arguments, **more):
        return ctl.run(*arguments, "--url", self.url, **more)


@pytest.fixture
def fake():
    f = Fake()
    yield f
    f.server.shutdown()
    f.server.server_close()


# --- whatever it says -------------------------------------------------------------------------------------------------------------

NAMES = ("job_id kind alp_user_id state phase from to days_total days_done priority attempts created_at error code detail history at run entry_id "
         "entry_date application task_description total_seconds time_units status notes matter_code edited_fields warnings filtered rule seconds "
         "rows balanced entries fetched_at paused queued running oldest_age_seconds version database_path rules_version rules_file single_user_id has_api_key token_id "
         "scope name token read_only expires_at captured_seconds message title errors loc msg").split()
HOSTILE = st.text(alphabet=st.one_of(st.sampled_from("\033\a\b\r\n\t\x7f\x9b\x9d\u202e\u2028\u2066\ufeff[]0;m契e\u0301"), st.characters()), max_size=40)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-2**70, 2**70), st.floats(allow_nan=False, allow_infinity=False), HOSTILE)
OBJECTS = st.recursive(LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=4),
                                                       st.dictionaries(st.sampled_from(NAMES), inner, max_size=12)), max_leaves=40)
# With everything in its place, and every text hostile.
FULL = st.builds(lambda texts, number, inner: {
    **dict(zip(NAMES, itertools.cycle(texts))), **{name: number for name in NAMES if name.endswith(("_id", "seconds", "_done", "_total", "rows"))},
    "error": {"code": texts[0], "detail": texts[1]}, "history": [{"at": texts[0], "to": texts[1], "run": number, "code": texts[2], "detail": inner}],
    "filtered": [{"rule": texts[2], "seconds": number, "rows": number}], "errors": [{"loc": [texts[0], texts[1]], "msg": texts[2]}],
    "warnings": texts, "edited_fields": texts}, st.lists(HOSTILE, min_size=3, max_size=5), st.integers(-2**63, 2**63 - 1), LEAVES)
COMMANDS = (("status",), ("jobs",), ("job", "1"), ("entries", "--user", "1"), ("entry", "1"), ("report", "--user", "1", "--date", "2026-01-01"),
            ("token", "list"), ("pause", "fetch"), ("process", "--user", "1", "--no-wait"), ("token", "create", "--scope", "service"))


def assert_harmless(done):
    assert 0 <= done.status <= 6, done
    assert not CONTROLS.search(done.out) and not CONTROLS.search(done.err), done


@settings(max_examples=150 if not SANITIZED else 40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.one_of(FULL, OBJECTS), wrap=st.booleans(), status=st.sampled_from((200, 200, 200, 404, 422, 500)), command=st.sampled_from(COMMANDS))
def test_no_answer_moves_the_terminal_or_breaks_the_program(fake, said, wrap, status, command):
    fake.usual = (status, {}, json.dumps([said] if wrap else said, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    assert_harmless(fake.run(*command))


@settings(max_examples=100 if not SANITIZED else 30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.one_of(FULL, OBJECTS), command=st.sampled_from((("job", "1"), ("entry", "1"), ("jobs",), ("status",))))
def test_json_moves_no_terminal_either_and_says_the_same(fake, said, command):
    """A terminal obeys what stands between quotes, too. Escaped, it is the same text to who reads JSON."""
    lists = command == ("jobs",)
    fake.usual = (200, {}, json.dumps([said] if lists else said, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    done = fake.run(*command, "--json")
    assert_harmless(done)
    if done.status == 0 and not re.search("[\ud800-\udfff]", json.dumps(said, ensure_ascii=False)):
        told = json.loads(done.out)
        assert told == ([said] if lists else {"readyz": said, "settings": said, "queue": said} if command == ("status",) else said)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60), command=st.sampled_from(COMMANDS))
def test_what_is_no_json_is_told(fake, body, command):
    fake.usual = (200, {}, b"<" + body)
    done = fake.run(*command)
    assert done.status == FAILED and "cannot be understood" in done.err, done
    assert done.out == ""
    assert_harmless(done)


def test_a_problem_is_told_field_by_field(fake):
    fake.usual = (422, {}, json.dumps({"detail": "no\033[2J", "errors": [
        {"loc": ["query", "user\033"], "msg": "is \x9b wrong"}, {"loc": [], "msg": "x"}, {"loc": "y"}, 5, None]}).encode())
    done = fake.run("jobs")
    assert done.status == FAILED and done.err.splitlines()[:2] == ["rtalpctl: no\ufffd[2J", "rtalpctl: user\ufffd: is \ufffd wrong"], done
    assert_harmless(done)


@pytest.mark.parametrize("status, expected", [(400, FAILED), (401, NOT_ALLOWED), (403, NOT_ALLOWED), (404, NOT_FOUND), (409, FAILED),
                                              (412, FAILED), (413, FAILED), (422, FAILED), (429, LATER), (500, FAILED), (503, LATER),
                                              (302, FAILED)])
def test_each_status_has_its_exit(fake, status, expected):
    fake.usual = (status, {"Retry-After": "7", "Location": "/api/jobs"}, json.dumps({"detail": "why not", "request_id": "abc"}).encode())
    done = fake.run("job", 1)
    assert done.status == expected and "rtalpctl: why not" in done.err and "try again in 7 s" in done.err, done
    assert ("abc" in done.err) == (status >= 500)


# --- where it leads ----------------------------------------------------------------------------------------------------------------


def test_a_list_leads_to_no_other_host(fake):
    other = Fake()
    try:
        for link in (other.url + "/api/jobs", f"//127.0.0.1:{other.server.server_port}/api/jobs", "@127.0.0.1/"):
            fake.says("/api/jobs", [{"job_id": 1}], Link=f'<{link}>; rel="next"')
            done = fake.run("jobs", "--json")
            assert done.status == FAILED and "next page" in done.err, done
        assert other.asked == []
    finally:
        other.server.shutdown()
        other.server.server_close()


def test_a_list_that_leads_back_to_itself_ends(fake):
    fake.says("/api/jobs", [{"job_id": 1}], Link='</api/jobs?limit=500>; rel="next"')
    assert fake.run("jobs", "--json").out == '[{"job_id": 1}]\n'
    fake.says("/api/jobs", [], Link='</api/jobs?cursor=x>; rel="next"')
    assert fake.run("jobs", "--json").out == "[]\n"


def test_pages_are_joined_as_they_came(fake):
    """Not parsed and written anew: what a double would lose, stays."""
    fake.answers["/api/jobs"] = [(200, {"Link": '</api/jobs?cursor=2>; rel="next"'}, b' [ {"a":1.10,"b":"],{"}, {"c":12345678901234567890} ]\n'),
                                 (200, {}, b'[{"d":"\\u001b"}]')]
    assert fake.run("jobs", "--json").out == '[ {"a":1.10,"b":"],{"}, {"c":12345678901234567890} ,{"d":"\\u001b"}]\n'
    fake.answers["/api/jobs"] = [(200, {}, b'[{"a":"\\",[{"},{"b":[1,2]},{"c":3}]')]
    assert fake.run("jobs", "--json", "--limit", 2).out == '[{"a":"\\",[{"},{"b":[1,2]}]\n'


def test_no_redirect_takes_a_key_along(fake):
    other = Fake()
    try:
        fake.says("/api/settings", {"has_api_key": False})
        fake.says("/api/jobs/fetch", b"", status=307, Location=other.url + "/api/jobs/fetch")
        fd = ctl.descriptor("the-secret-key")
        done = fake.run("fetch", "--user", 1, "--key-fd", fd, pass_fds=(fd,))
        os.close(fd)
        assert done.status == FAILED and other.asked == [], done
        assert [path for _, path, _, body in fake.asked if b"the-secret-key" in body] == ["/api/jobs/fetch"]
    finally:
        other.server.shutdown()
        other.server.server_close()


def test_no_key_is_asked_for_where_the_daemon_has_one(fake):
    fake.says("/api/settings", {"has_api_key": True, "single_user_id": 5})
    fake.says("/api/jobs/fetch", {"job_id": 9, "message": "queued"}, status=202)
    done = fake.run("fetch", "--user", 5, "--days", 2, "--no-wait")
    assert done.status == OK and "queued" in done.out, done
    assert json.loads(fake.asked[-1][3]) == {"alp_user_id": 5, "days": 2}
    assert fake.run("fetch", "--user", 6, "--no-wait").status == ctl.USAGE, "not this user's"


def test_an_answer_without_end_is_left(fake):
    fake.says("/api/jobs/1", b'"' + b"x" * (65 * 1024 * 1024) + b'"')
    done = fake.run("job", 1)
    assert done.status == FAILED and "longer than" in done.err, done


# --- following a job ---------------------------------------------------------------------------------------------------------------

JOB = {"job_id": 9, "kind": "process", "alp_user_id": 1, "days_total": 2}


def steps(*steps):
    return [(200, {}, json.dumps({**JOB, "state": state, "days_done": done}).encode()) for state, done in steps]


@pytest.mark.parametrize("events", [(404, {}, b"{}"), (503, {"Retry-After": "1"}, b"{}"), (200, {}, b""), (204, {}, b""),
                                    (200, {"Content-Type": "text/event-stream"}, b"data: nonsense\n\ndata: 5\n\ndata: {\"state\":5}\n\n"),
                                    (200, {"Content-Type": "text/event-stream"}, b"data: " + b"x" * 100000)])
def test_without_events_the_job_is_asked_for(fake, events):
    fake.says("/api/jobs/process", {**JOB, "state": "queued"}, status=202)
    fake.answers["/api/jobs/9/events"] = events
    fake.answers["/api/jobs/9"] = steps(("queued", 0), ("running", 1), ("succeeded", 2))
    done = fake.run("process", "--user", 1)
    assert done.status == OK, done
    assert done.err.splitlines() == ["job 9: queued, 0 of 2 days", "job 9: running, 1 of 2 days", "job 9: succeeded, 2 of 2 days"]


def test_a_busy_daemon_is_asked_again_when_it_says(fake):
    fake.says("/api/jobs/process", {**JOB, "state": "queued"}, status=202)
    fake.says("/api/jobs/9/events", {}, status=404)
    fake.answers["/api/jobs/9"] = [(429, {"Retry-After": "1"}, b"{}"), (503, {}, b"{}"), *steps(("succeeded", 2))]
    done = fake.run("process", "--user", 1)
    assert done.status == OK and done.err == "job 9: succeeded, 2 of 2 days\n", done
    fake.answers["/api/jobs/9"] = (503, {"Retry-After": "30"}, b"{}")
    done = fake.run("process", "--user", 1, "--timeout", 2)
    assert done.status == LATER and "it goes on" in done.err, done


def test_events_show_each_day_without_asking(fake):
    fake.says("/api/jobs/process", {**JOB, "state": "queued"}, status=202)
    stream = "".join(f"id: {n}\nevent: job.progress\ndata: {json.dumps({**JOB, 'state': state, 'days_done': n})}\n\n: heartbeat\n\n"
                     for n, state in enumerate(("queued", "running", "succeeded")))
    fake.says("/api/jobs/9/events", stream.encode())
    fake.answers["/api/jobs/9"] = steps(("succeeded", 2))
    done = fake.run("process", "--user", 1)
    assert done.status == OK and done.err.splitlines() == ["job 9: queued, 0 of 2 days", "job 9: processing, 1 of 2 days",
                                                           "job 9: succeeded, 2 of 2 days"], done
    assert [path for _, path, _, _ in fake.asked].count("/api/jobs/9") == 1


def test_hostile_progress_moves_nothing(fake):
    fake.says("/api/jobs/process", {**JOB, "state": "queued"}, status=202)
    fake.says("/api/jobs/9/events", b"data: " + json.dumps({**JOB, "state": "running\033[2J\r\n", "days_done": -5}).encode() + b"\n\n")
    fake.answers["/api/jobs/9"] = [(200, {}, json.dumps({**JOB, "state": "\033]0;x\007"}).encode())]
    done = fake.run("process", "--user", 1)
    assert done.status == FAILED
    assert_harmless(done)
