# SPDX-License-Identifier: Apache-2.0
"""rtalpctl: every command against the real daemon, as an operator and a script see it."""
import json
import os
import pathlib
import re
import signal
import subprocess
import unicodedata

import pytest

from lib import ctl, proc
from lib.build import TOP
from lib.ctl import FAILED, LATER, NOT_ALLOWED, NOT_FOUND, OK, UNREACHABLE, USAGE
from lib.sandbox import Row

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def rtalpctl(daemon):
    """Calls run it against the daemon of this module, over its Unix socket."""
    def run(*arguments, **more):
        return ctl.run(*arguments, "--socket", daemon.socket_path, **more)
    return run


@pytest.fixture
def terminal(daemon):
    made = []

    def start(*arguments, **more):
        made.append(ctl.Terminal(*arguments, "--socket", daemon.socket_path, **more))
        return made[-1]
    yield start
    for t in made:
        t.close()


@pytest.fixture
def key_fd():
    made = []

    def make(key):
        made.append(ctl.descriptor(key))
        return made[-1]
    yield make
    for fd in made:
        os.close(fd)


@pytest.fixture
def fetch(rtalpctl, key_fd):
    def run(user, key, *arguments):
        fd = key_fd(key)
        return rtalpctl("fetch", "--user", user, "--key-fd", fd, *arguments, pass_fds=(fd,))
    return run


# --- the daemon and its queue ---------------------------------------------------------------------------------------------------


def test_status_tells_version_store_and_queue(daemon, rtalpctl):
    done = rtalpctl("status")
    assert done.status == OK and done.err == "", done
    assert re.search(r"^ready +yes$", done.out, re.M) and re.search(r"^version +\d", done.out, re.M), done
    assert str(daemon.db_path) in done.out
    assert re.search(r"^fetch +open +\d+ +\d+ ", done.out, re.M), done


def test_status_as_json_is_the_apis_answers(daemon, rtalpctl):
    said = rtalpctl("status", "--json").json()
    assert said == {"readyz": daemon.client.get("/readyz").json(), "settings": daemon.client.get("/api/settings").json(),
                    "queue": daemon.client.get("/api/queue").json()}


def test_kinds_are_paused_and_resumed(daemon, rtalpctl):
    done = rtalpctl("pause", "process")
    try:
        assert done.status == OK and re.search(r"^process +paused", done.out, re.M), done
        assert re.search(r"^process +paused", rtalpctl("status").out, re.M)
        assert rtalpctl("pause", "process", "--json").json()["paused"] is True
    finally:
        done = rtalpctl("resume", "process")
    assert done.status == OK and re.search(r"^process +open", done.out, re.M), done
    assert rtalpctl("pause", "nonsense").status in (FAILED, NOT_FOUND)


def test_a_url_says_the_same_as_the_socket(daemon, rtalpctl):
    assert ctl.run("jobs", *daemon.place(), "--json").json() == rtalpctl("jobs", "--json").json()
    option, url, *more = daemon.place("localhost")
    assert ctl.run("jobs", option, url + "/", *more, "--json").status == OK


def test_a_daemon_that_is_not_there_is_5():
    done = ctl.run("status", "--socket", "/nonexistent/socket")
    assert done.status == UNREACHABLE and "/nonexistent/socket" in done.err and done.out == "", done
    done = ctl.run("jobs", "--url", "http://127.0.0.1:1")
    assert done.status == UNREACHABLE and "http://127.0.0.1:1" in done.err, done


def test_no_proxy_is_asked(daemon):
    env = ctl.environment(http_proxy="http://127.0.0.1:1", ALL_PROXY="http://127.0.0.1:1")
    assert ctl.run("status", *daemon.place(), env=env).status == OK


# --- fetch ----------------------------------------------------------------------------------------------------------------------


def test_a_fetch_waits_and_tells_each_day(daemon, sandbox, new_user, fetch):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=300, count=3)
    done = fetch(user, key, "--days", 3)
    assert done.status == OK, done
    assert re.search(r"^state +succeeded$", done.out, re.M) and "3 of 3 done" in done.out, done
    told = [int(n) for n in re.findall(r"^job \d+: .*, (\d) of 3 days$", done.err, re.M)]
    assert told == sorted(told) and set(told) == {0, 1, 2, 3}, done
    assert "\033" not in done.out + done.err
    assert daemon.entries(user)


def test_a_fetch_as_json_is_the_job(daemon, new_user, fetch):
    user, key = new_user()
    done = fetch(user, key, "--days", 1, "--json")
    assert done.err == "", done
    job = done.json()
    assert job["state"] == "succeeded" and job == daemon.job(job["job_id"])


def test_a_fetch_need_not_wait(daemon, sandbox, new_user, fetch):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=2000, count=1)
    accepted = fetch(user, key, "--days", 1, "--no-wait", "--json").json()
    assert accepted["state"] in ("queued", "running") and "message" in accepted
    assert daemon.wait_job(accepted["job_id"])["state"] == "succeeded"


def test_days_are_asked_for_as_they_were_named(daemon, sandbox, new_user, fetch):
    user, key = new_user()
    today = sandbox.today(user)
    job = fetch(user, key, "--from", today, "--to", today, "--no-wait", "--json").json()
    assert (job["from"], job["to"]) == (today, today)
    daemon.wait_job(job["job_id"])
    job = fetch(user, key, "--date", "2026-01-15", "--days", 2, "--no-wait", "--json").json()
    assert (job["from"], job["to"]) == ("2026-01-14", "2026-01-15")
    daemon.wait_job(job["job_id"])


def test_a_wait_that_ends_too_soon_is_6_and_the_job_goes_on(daemon, sandbox, new_user, fetch):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=3000, count=1)
    done = fetch(user, key, "--days", 1, "--timeout", 1)
    assert done.status == LATER and "it goes on" in done.err, done
    job_id = int(re.search(r"job (\d+) is not over", done.err)[1])
    assert daemon.wait_job(job_id)["state"] == "succeeded"


def test_a_refused_key_is_1_with_the_reason(new_user, fetch):
    user, _ = new_user()
    done = fetch(user, "not-the-key-of-anybody", "--days", 1)
    assert done.status == FAILED and re.search(r"^rtalpctl: job \d+ is failed: ", done.err, re.M), done
    assert "key_refused" in done.out and "not-the-key" not in done.out + done.err


def test_each_wrong_field_is_named_by_a_line(rtalpctl, fetch, new_user):
    user, key = new_user()
    done = fetch(user, key, "--from", "2026-01-02")
    assert done.status == FAILED and re.search(r"^rtalpctl: to: is required", done.err, re.M), done
    done = rtalpctl("entries", "--user", 1, "--status", "nonsense")
    assert done.status == FAILED and re.search(r"^rtalpctl: status: ", done.err, re.M), done


# --- keys -----------------------------------------------------------------------------------------------------------------------


def test_a_key_file_must_be_its_owners_alone(tmp_path, new_user, rtalpctl):
    user, key = new_user()
    path = tmp_path / "key"
    path.write_text(key + "\n")
    path.chmod(0o644)
    done = rtalpctl("fetch", "--user", user, "--days", 1, "--key-file", path)
    assert done.status == USAGE and "owner" in done.err, done
    path.chmod(0o600)
    assert rtalpctl("fetch", "--user", user, "--days", 1, "--key-file", path).status == OK
    assert rtalpctl("fetch", "--user", user, "--days", 1, "--key-file", "-", stdin=key + "\r\n").status == OK
    assert rtalpctl("fetch", "--user", user, "--days", 1, "--key-file", "-", stdin="two words").status == USAGE
    assert rtalpctl("fetch", "--user", user, "--days", 1, "--key-file", tmp_path / "none").status == USAGE


def test_without_a_terminal_nobody_is_asked(rtalpctl, new_user):
    user, _ = new_user()
    done = rtalpctl("fetch", "--user", user)
    assert done.status == USAGE and "--key-fd" in done.err, done


def test_a_key_goes_to_no_host_in_the_clear(new_user, key_fd):
    user, key = new_user()
    for place in ("http://alp.example:8080", "http://192.0.2.1:8080", "http://127.0.0.1.example"):
        fd = key_fd(key)
        done = ctl.run("fetch", "--user", user, "--key-fd", fd, "--url", place, pass_fds=(fd,))
        assert done.status == NOT_ALLOWED and "key" in done.err, done
        assert os.read(fd, 4096).decode() == key, "it was not even read"
    fd = key_fd("rtalp_1_token")
    done = ctl.run("jobs", "--token-fd", fd, "--url", "http://192.0.2.1:8080", pass_fds=(fd,))
    assert done.status == NOT_ALLOWED and "token" in done.err, done


def test_no_command_line_and_no_environment_shows_a_key(daemon, sandbox, new_user, key_fd):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=1500, count=1)
    fd = key_fd(key)
    running = subprocess.Popen([ctl.RTALPCTL, "fetch", "--user", str(user), "--days", "1", "--key-fd", str(fd), *daemon.place()],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ctl.environment(), pass_fds=(fd,))
    daemon.wait_worker(user)
    seen = 0
    for process in proc.everything():
        for name in ("cmdline", "environ"):
            try:
                assert key.encode() not in pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes(), (process, name)
                seen += process.pid == running.pid
            except OSError:
                pass  # it ended, or may not be looked at, which is even better
    out, err = running.communicate(timeout=30)
    assert running.returncode == OK and seen >= 1
    assert key not in out + err


# --- tokens ---------------------------------------------------------------------------------------------------------------------


class Tokens:
    """A daemon of its own: once there is a token, every caller over TCP needs one."""

    def __init__(self, daemon, directory):
        self.daemon, self.directory = daemon, directory

    def manage(self, *arguments):
        return ctl.run("token", *arguments, "--socket", self.daemon.socket_path)

    def create(self, *arguments):
        """(ID, file): what was printed went straight into the file."""
        done = self.manage("create", *arguments)
        assert done.status == OK and re.fullmatch(r"rtalp_\d+_[\w-]{43}\n", done.out) and done.out.strip() not in done.err, done
        path = self.directory / f"token-{len(list(self.directory.iterdir()))}"
        path.write_text(done.out)
        path.chmod(0o600)
        return re.search(r"token (\d+),", done.err)[1], path

    def use(self, path, *arguments):
        return ctl.run(*arguments, *self.daemon.place(), "--token-file", path)


@pytest.fixture
def tokens(make_daemon, tmp_path):
    return Tokens(make_daemon().start(), tmp_path)


def test_a_token_opens_what_it_is_for_and_no_more(tokens, new_user):
    (user, key), (other, other_key) = new_user(), new_user()
    for number, secret in ((user, key), (other, other_key)):
        tokens.daemon.fetch_and_wait(number, secret, days=1)
    theirs = tokens.daemon.entries(other)[0]["entry_id"]
    _, service = tokens.create("--scope", "service", "--name", "ALP back end", "--expires", "90d")
    _, own = tokens.create("--scope", "user", "--user", user)
    _, operator = tokens.create("--scope", "operator", "--read-only")
    assert tokens.use(service, "entries", "--user", other).status == OK
    assert tokens.use(own, "entries", "--user", user).status == OK
    assert tokens.use(own, "entry", theirs).status == NOT_FOUND
    assert tokens.use(own, "token", "list").status == NOT_ALLOWED
    assert tokens.use(operator, "status").status == OK
    assert tokens.use(operator, "entries", "--user", user).status == NOT_ALLOWED
    assert tokens.use(operator, "pause", "fetch").status == NOT_ALLOWED, "it may only read"


def test_without_the_right_token_it_is_4(tokens):
    token_id, path = tokens.create("--scope", "service")
    done = ctl.run("jobs", *tokens.daemon.place())
    assert done.status == NOT_ALLOWED and done.out == "" and done.err.startswith("rtalpctl: "), done
    right = path.read_text()
    path.write_text(right[:-5] + ("aaaa" if right[-5:-1] != "aaaa" else "bbbb"))
    assert tokens.use(path, "jobs").status == NOT_ALLOWED
    path.write_text(right)
    assert tokens.use(path, "jobs").status == OK
    done = tokens.manage("revoke", token_id)
    assert done.status == OK and "worth nothing" in done.out, done
    assert tokens.use(path, "jobs").status == NOT_ALLOWED
    assert tokens.manage("revoke", 999999).status == NOT_FOUND


def test_tokens_are_listed_without_their_secrets(tokens):
    _, path = tokens.create("--scope", "user", "--user", 42, "--name", "Jo\u202e", "--expires", "2090-12-31")
    done = tokens.manage("list")
    assert done.status == OK and re.search(r"^ +1  user +42  write +\d{4}-.* 2090-12-31 23:59:59 .*Jo", done.out, re.M), done
    listed = tokens.manage("list", "--json")
    assert [t["scope"] for t in listed.json()] == ["user"] and listed.json()[0]["expires_at"] == "2090-12-31T23:59:59.000Z"
    secret = path.read_text().strip().split("_", 2)[2]
    assert secret not in done.out + listed.out and "\u202e" not in done.out
    assert secret not in tokens.daemon.log()


def test_a_token_comes_from_a_file_that_is_named_or_from_systemd(tokens, tmp_path):
    _, path = tokens.create("--scope", "service")
    place = tokens.daemon.place()
    assert ctl.run("jobs", *place, env=ctl.environment(RTALPCTL_TOKEN_FILE=str(path))).status == OK
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "rtalpctl-token").write_text(path.read_text())
    (credentials / "rtalpctl-token").chmod(0o440)
    assert ctl.run("jobs", *place, env=ctl.environment(CREDENTIALS_DIRECTORY=str(credentials))).status == OK
    assert ctl.run("jobs", *place, env=ctl.environment(CREDENTIALS_DIRECTORY=str(tmp_path))).status == NOT_ALLOWED, "there is none"
    fd = ctl.descriptor(path.read_text())
    assert ctl.run("jobs", *place, "--token-fd", fd, pass_fds=(fd,)).status == OK
    os.close(fd)
    path.chmod(0o644)
    assert tokens.use(path, "jobs").status == USAGE


def test_a_new_token_as_json_is_the_apis_answer(tokens):
    created = tokens.manage("create", "--scope", "operator", "--json").json()
    assert created["scope"] == "operator" and created["token"].startswith("rtalp_")


# --- on a terminal --------------------------------------------------------------------------------------------------------------


def test_the_prompt_shows_nothing_of_the_key(daemon, new_user, terminal):
    user, key = new_user()
    t = terminal("fetch", "--user", user, "--days", 1)
    t.wait_for(f"RescueTime key of user {user}: ")
    proc.wait_until(lambda: not t.echo, what="echo off")
    t.type(key + "\n")
    assert t.end() == OK, t.shown
    assert t.echo and key not in t.read() and "succeeded" in t.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_prompt_that_a_signal_ends_leaves_a_terminal_that_echoes(new_user, terminal, number):
    user, _ = new_user()
    t = terminal("fetch", "--user", user, "--days", 1)
    t.wait_for("RescueTime key")
    proc.wait_until(lambda: not t.echo, what="echo off")
    t.type("half a ke")

    # Again until it is heard, as a person would: the first one may come a moment before the terminal is read.
    def ended():
        if number == signal.SIGINT:
            t.type("\x03")
        else:
            t.process.send_signal(number)
        return t.process.poll() is not None
    proc.wait_until(ended, what="end of rtalpctl", every=0.2)
    assert t.end() == -number and t.echo, "it ended by the signal, and the terminal is as it was"
    assert "half" not in t.read()


def test_the_bar_grows_by_days_on_one_line(daemon, sandbox, new_user, tmp_path, terminal):
    user, key = new_user()
    path = tmp_path / "key"
    path.write_text(key)
    path.chmod(0o600)
    sandbox.fault("delay", user=user, ms=300, count=3)
    t = terminal("fetch", "--user", user, "--days", 3, "--key-file", path)
    assert t.end() == OK, t.shown
    bars = re.findall(r"\r\[([#.]{3})\] (\d) of 3 days  (\w+)\x1b\[K", t.read())
    assert [bar.count("#") for bar, done, _ in bars] == [int(done) for _, done, _ in bars]
    assert list(dict.fromkeys(bar for bar, _, _ in bars)) == ["...", "#..", "##.", "###"], t.shown
    assert bars[-1][2] == "succeeded"


def test_colours_are_for_terminals_that_want_them(daemon, terminal, rtalpctl):
    t = terminal("status")
    assert t.end() == OK and "\033[32mopen\033[0m" in t.read(), t.shown
    t = terminal("status", env=ctl.environment(NO_COLOR="1"))
    assert t.end() == OK and "\033" not in t.read() and "open" in t.read()
    t = terminal("status", env=ctl.environment(TERM="dumb"))
    assert t.end() == OK and "\033" not in t.read()
    assert "\033" not in rtalpctl("status").out


# --- jobs -----------------------------------------------------------------------------------------------------------------------


def test_jobs_are_listed_shown_and_filtered(daemon, rtalpctl, new_user):
    user, key = new_user()
    job_id = daemon.fetch_and_wait(user, key, days=1)["job_id"]
    done = rtalpctl("jobs", "--user", user)
    assert done.status == OK and re.search(rf"^ *{job_id}  fetch +{user}  succeeded ", done.out, re.M), done
    assert rtalpctl("jobs", "--user", user, "--json").json() == daemon.client.get("/api/jobs", alp_user_id=user).json()
    assert rtalpctl("jobs", "--user", user, "--state", "failed,cancelled", "--json").out == "[]\n"
    assert rtalpctl("jobs", "--user", user, "--state", "failed").out == ""
    assert [j["kind"] for j in rtalpctl("jobs", "--user", user, "--kind", "fetch", "--json").json()] == ["fetch"]
    assert len(rtalpctl("jobs", "--limit", 1, "--json").json()) == 1
    done = rtalpctl("job", job_id)
    assert done.status == OK and re.search(r"^state +succeeded$", done.out, re.M) and re.search(r"^AT +TO +RUN", done.out, re.M), done
    assert rtalpctl("job", job_id, "--json").json() == daemon.job(job_id)


def test_a_job_is_cancelled_and_run_again(daemon, sandbox, new_user, rtalpctl, key_fd):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=60000, count=1)
    job_id = daemon.fetch(user, key, days=1)
    daemon.wait_job_state(job_id, "running")
    assert rtalpctl("job", "cancel", job_id).status == OK
    assert daemon.wait_job(job_id)["state"] == "cancelled"
    done = rtalpctl("job", "cancel", job_id)
    assert done.status == FAILED and "over" in done.err, done
    assert rtalpctl("job", "retry", job_id).status == USAGE, "its key is gone, and nobody can be asked for it"
    fd = key_fd(key)
    assert rtalpctl("job", "retry", job_id, "--key-fd", fd, "--json", pass_fds=(fd,)).json()["job_id"] == job_id
    assert daemon.wait_job(job_id)["state"] == "succeeded"


def test_what_is_not_there_is_3(rtalpctl):
    for words in (("job", 999999), ("job", "cancel", 999999), ("job", "retry", 999999), ("entry", 999999),
                  ("report", "--user", 987654, "--date", "2026-01-01")):
        done = rtalpctl(*words)
        assert done.status == NOT_FOUND and done.out == "" and done.err.startswith("rtalpctl: "), done


def test_a_process_job_needs_no_key(daemon, sandbox, new_user, rtalpctl):
    user, key = new_user()
    daemon.fetch_and_wait(user, key, days=1, process=False)
    done = rtalpctl("process", "--user", user)
    assert done.status == OK and re.search(r"^state +succeeded$", done.out, re.M), done
    assert daemon.balance(user, sandbox.today(user))["unprocessed_seconds"] == 0
    job = rtalpctl("process", "--user", user, "--date", sandbox.today(user), "--json").json()
    assert job["kind"] == "process" and job["state"] == "succeeded"


# --- entries --------------------------------------------------------------------------------------------------------------------


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_entries_and_the_report_are_shown(daemon, sandbox, new_user, rtalpctl):
    user, key = new_user()
    today = sandbox.today(user)
    daemon.fetch_and_wait(user, key, days=2)
    entries = daemon.entries(user, date=today)
    done = rtalpctl("entries", "--user", user, "--date", today)
    assert done.status == OK and len(done.lines) == len(entries) + 1, done
    assert [int(line.split()[0]) for line in done.lines[1:]] == [e["entry_id"] for e in entries]
    assert rtalpctl("entries", "--user", user, "--date", today, "--json").json() == entries
    assert rtalpctl("entries", "--user", user, "--from", "2020-01-01", "--to", today, "--status", "pending", "--json").json() == \
        daemon.entries(user, **{"from": "2020-01-01"}, to=today, status="pending")
    one = rtalpctl("entry", entries[0]["entry_id"])
    assert one.status == OK and re.search(rf"^description +{re.escape(entries[0]['task_description'])}$", one.out, re.M), one
    assert rtalpctl("entry", entries[0]["entry_id"], "--json").json() == entries[0]
    report = rtalpctl("report", "--user", user, "--date", today)
    assert report.status == OK and re.search(r"^balanced +yes$", report.out, re.M), report
    captured = sandbox.seconds(user, today)
    assert f"{captured // 3600}:{captured // 60 % 60:02}:{captured % 60:02}" in report.out
    assert rtalpctl("report", "--user", user, "--date", today, "--json").json() == daemon.balance(user, today)


def test_an_entry_is_confirmed_and_taken_back(rtalpctl, daemon, sandbox, new_user):
    user, key = new_user()
    daemon.fetch_and_wait(user, key, days=1)
    draft = daemon.entries(user)[0]
    done = rtalpctl("entry", "confirm", draft["entry_id"])
    assert done.status == OK and re.search(rf"^confirmed +{draft['entry_id']}$", done.out, re.M), done
    assert re.search(rf"^units +{draft['time_units']}$", done.out, re.M), done
    assert [c["id"] for c in daemon.client.get("/api/processed_time_entries", alp_user_id=user).json()] == [draft["entry_id"]]
    assert rtalpctl("entry", "revert", draft["entry_id"], "--json").json()["status"] == "pending"
    assert daemon.client.get("/api/processed_time_entries", alp_user_id=user).json() == []
    assert rtalpctl("entry", "confirm", 999999).status == NOT_FOUND


def test_an_explanation_is_shown_line_by_line(daemon, new_user, rtalpctl):
    user, key = new_user()
    daemon.fetch_and_wait(user, key, days=1)
    entry = daemon.entries(user)[0]["entry_id"]
    told = daemon.client.get(f"/api/time_entries/{entry}/explain").json()
    done = rtalpctl("explain", entry)
    assert done.status == OK and done.lines == told["text"], done
    assert {"Recorded", "Merged", "Matter", "Units", "Rules"} <= set(done.lines)
    assert rtalpctl("explain", entry, "--json").json() == told
    assert rtalpctl("explain", 987654321).status == NOT_FOUND


def test_a_range_is_summed_and_goes_into_a_table(daemon, sandbox, new_user, rtalpctl):
    user, key = new_user()
    today = sandbox.today(user)
    daemon.fetch_and_wait(user, key, days=3)
    days = ("--from", "2026-01-01", "--to", today) if today < "2026-12-31" else ("--from", today, "--to", today)
    ask = {"alp_user_id": user, "from": days[1], "to": days[3]}
    told = daemon.client.get("/api/reports/range", **ask).json()
    done = rtalpctl("report", "--user", user, *days)
    assert done.status == OK and re.search(r"^balanced +yes$", done.out, re.M), done
    assert all(re.search(rf"^{d['date']} .* {d['billing']['billed_units']:.1f} ", done.out, re.M) for d in told["by_day"])
    assert rtalpctl("report", "--user", user, *days, "--json").json() == told
    for by in ("day", "matter", "rule"):
        table = daemon.client.request("GET", "/api/reports/range", params={**ask, "by": by}, headers={"Accept": "text/csv"})
        assert rtalpctl("report", "--user", user, *days, "--by", by, "--csv").out == table.text.replace("\r\n", "\n")
    for wrong in ((), ("--date", today, *days), days[:2], ("--date", today, "--by", "day"), ("--date", today, "--csv", "--json")):
        assert rtalpctl("report", "--user", user, *wrong).status == USAGE, wrong


def test_a_list_of_many_pages_is_one(daemon, sandbox, new_user, rtalpctl):
    """More entries than one page holds: one table with one header, one document."""
    user, key = new_user()
    today = sandbox.today(user)
    sandbox.put_day(user, today, [Row(f"{8 + n // 120:02}:{n // 10 % 12 * 5:02}", 400, "winword", f"Document number {n}", "Editing", 2)
                                  for n in range(1100)])
    daemon.fetch_and_wait(user, key, days=1)
    entries = daemon.entries(user)
    assert len(entries) > 1000
    assert rtalpctl("entries", "--user", user, "--json").json() == entries
    done = rtalpctl("entries", "--user", user)
    assert done.lines[0].split()[0] == "ENTRY" and len(done.lines) == len(entries) + 1
    assert rtalpctl("entries", "--user", user, "--limit", 700, "--json").json() == entries[:700]


def test_wide_titles_stand_in_their_columns(daemon, sandbox, new_user, rtalpctl):
    user, key = new_user()
    today = sandbox.today(user)
    titles = ["契約書の草案", "Entwurf für Müller", "plain title", "cafe\u0301 lease", "契a約b書"]
    sandbox.put_day(user, today, [Row(f"09:{5 * n:02}", 1000, "winword", title, "Editing", 2) for n, title in enumerate(titles)])
    daemon.fetch_and_wait(user, key, days=1)
    done = rtalpctl("entries", "--user", user)
    assert all(any(part in done.out for part in (title, unicodedata.normalize("NFC", title))) for title in titles), done
    assert len({width(re.match(r"(.*\d:\d\d:\d\d)  ", line)[1]) for line in done.lines[1:]}) == 1, done.out


HOSTILE = ["\033]0;owned\007title", "a\033[2Jb\033[31mred", "c1 \x9b31m \x85next", "\u202egnp.exe\u202c turned", "back\bspace\rreturn\nline",
           "\033]8;;http://evil.example\033\\link\033]8;;\033\\", "sep\u2028arated\u2029here", "\x7fdelete \u2066isolate\u2069", "\033P1$q\033\\"]


def test_no_title_reaches_the_terminal_as_a_command(daemon, sandbox, new_user, rtalpctl, terminal):
    """Whatever the pages and documents were called: on a terminal without colours no escape, control or turning character comes out."""
    user, key = new_user()
    today = sandbox.today(user)
    sandbox.put_day(user, today, [Row(f"09:{5 * n:02}", 1000, f"app {title}", title, "Editing", 2) for n, title in enumerate(HOSTILE)])
    daemon.fetch_and_wait(user, key, days=1)
    entries = daemon.entries(user)
    assert entries
    for n, entry in enumerate(entries):
        body = {"task_description": HOSTILE[n % len(HOSTILE)], "notes": HOSTILE[n % len(HOSTILE)]}
        daemon.client.patch(f"/api/time_entries/{entry['entry_id']}", body)
    stored = json.dumps(daemon.entries(user), ensure_ascii=False)
    assert CONTROLS.search(stored) or "\\u001b" in stored, "this test would see it"
    for words in (("entries", "--user", user), *[("entry", e["entry_id"]) for e in entries]):
        done = rtalpctl(*words)
        assert done.status == OK and not CONTROLS.search(done.out), done
        t = terminal(*words, env=ctl.environment(NO_COLOR="1"))
        assert t.end() == OK and not CONTROLS.search(t.read().replace("\r\n", "\n")), t.shown


def test_a_narrow_terminal_cuts_titles_and_wraps_nothing(daemon, sandbox, new_user, terminal):
    user, key = new_user()
    today = sandbox.today(user)
    sandbox.put_day(user, today, [Row("09:00", 1000, "winword", "契約書" * 30 + " end", "Editing", 2)])
    daemon.fetch_and_wait(user, key, days=1)
    t = terminal("entries", "--user", user, env=ctl.environment(NO_COLOR="1"), columns=90)
    assert t.end() == OK
    lines = t.read().replace("\r\n", "\n").splitlines()
    assert len(lines) == 2 and "…" in lines[1] and all(width(line) <= 90 for line in lines), lines


# --- the line itself ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["", "nonsense", "jobs --nonsense", "jobs 5", "job", "job x", "job 0", "job 5 6", "entries", "fetch",
                                  "report --user 1", "report --user 1 --date 2026-02-30", "entries --user 0", "entries --user x",
                                  "entries --user 1 --date 2026-01-01 --from 2026-01-01", "fetch --user 1 --days 32", "jobs --days 3",
                                  "status --url http://127.0.0.1:1 --socket /x", "status --url ftp://x", "status --url http://u:p@x",
                                  "fetch --user 1 --key-fd 3 --key-file x", "pause", "pause ../x", "completion fish", "help nonsense",
                                  "token", "token create", "token create --scope user", "token create --scope service --user 1",
                                  "token create --scope service --expires yesterday", "token create --scope service --expires 2020-01-01"])
def test_a_wrong_line_is_2_and_says_what_is_wrong(line):
    done = ctl.run(*line.split())
    assert done.status == USAGE and done.out == "" and done.err.startswith(("rtalpctl: ", str(ctl.RTALPCTL))), done


def test_help_tells_of_every_command():
    overview = ctl.run("help")
    assert overview.status == OK and overview.err == ""
    commands = re.findall(r"^  (\w+(?: \w+)?)  +\S", overview.out, re.M)
    assert {"status", "jobs", "job cancel", "fetch", "token create", "completion"} <= set(commands)
    for command in commands:
        told = ctl.run("help", *command.split())
        assert told.status == OK and told.out.startswith(f"Usage: rtalpctl {command}"), told
        assert command == "help" or ctl.run(*command.split(), "--help").out == told.out
    assert ctl.run("--help").out == overview.out


def test_the_version_is_told():
    assert re.match(r"rescuetime-alp \d+\.\d+\.\d+$", ctl.run("version").out)
    assert ctl.run("--version").out == ctl.run("version").out
    assert ctl.run("version", "--json").json()["version"] in ctl.run("version").out


def test_a_full_disk_under_the_output_is_told(daemon):
    with open("/dev/full", "w") as full:
        done = subprocess.run([ctl.RTALPCTL, "status", *daemon.place()], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == FAILED and "cannot be written" in done.stderr


# --- what is installed beside it --------------------------------------------------------------------------------------------------


def test_the_installed_completion_is_the_programs():
    assert (TOP / "etc" / "completion" / "rtalpctl").read_text() == ctl.run("completion", "bash").out


@pytest.mark.parametrize("line, expected", [
    ("st", {"status"}), ("", {"status", "jobs", "job", "token", "help"}), ("job ", {"cancel", "retry", "--json"}), ("token c", {"create"}),
    ("jobs --kind ", {"fetch", "process"}), ("--json jobs --sta", {"--state"}), ("pause ", {"fetch", "process"}),
    ("fetch --user 5 --no", {"--no-wait"}), ("entries --status p", {"pending"}), ("token create --scope u", {"user"})])
def test_bash_completes(line, expected):
    words = ["rtalpctl", *line.split(" ")]
    script = (f"source {TOP}/etc/completion/rtalpctl; COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; "
              "_rtalpctl; printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stderr == "", done
    assert expected <= set(done.stdout.split()), done.stdout
    assert all(word.startswith(words[-1]) for word in done.stdout.split())
