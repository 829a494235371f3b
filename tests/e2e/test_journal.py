# SPDX-License-Identifier: Apache-2.0
"""What reaches the journal when the daemon is a service: each line as an entry whose fields can be searched, and no key in any."""
import os
import re
import signal
import subprocess
import sys
import syslog
from collections import namedtuple

import pytest

from lib.build import TOP
from lib.client import Client
from lib.journal import Journal

Event = namedtuple("Event", "symbol message_id priority text")
EVENTS = {row[1]: Event(*row) for row in re.findall(r'^EVENT\((\w+), +"(\w+)", +(\w+), +"(.*)"\)$',
                                                    (TOP / "src" / "base" / "events.def").read_text(), re.MULTILINE)}
IDS = {event.symbol: event.message_id for event in EVENTS.values()}


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path) as j:
        if j.why_not():
            pytest.skip(j.why_not())
        yield j
    assert j.wrong == []


@pytest.fixture
def make_service(make_daemon, journal):
    """Calls give a daemon, not started, whose standard error is the journal's stream, as the service manager would have it."""
    def make(settings=None):
        daemon = make_daemon(settings, wrapper=journal.wrapper)
        daemon.log_path.touch()
        stream = daemon.log_path.stat()
        daemon.environment["JOURNAL_STREAM"] = f"{stream.st_dev}:{stream.st_ino}"
        return daemon
    return make


@pytest.fixture
def service(make_service, journal):
    """One that runs and says all it can."""
    daemon = make_service({"log.level": "debug"})
    daemon.launch()
    daemon.port = daemon.reached_at(journal.wait("the start", MESSAGE_ID=IDS["STARTED"])["ADDRESS"].rpartition(":")[2])
    daemon.client = Client(daemon.port)
    return daemon


def assert_sound_entry(entry):
    """All that the table of events says, and nothing the journal would not take."""
    event = EVENTS[entry["MESSAGE_ID"]]
    assert entry["SYSLOG_IDENTIFIER"] == "rtalpd"
    assert entry["PRIORITY"] == str(getattr(syslog, event.priority)), event
    assert entry["MESSAGE"] == re.sub(r"\{(\w+)\}", lambda m: entry[m[1]], event.text)
    for name, value in entry.items():
        assert re.fullmatch("[A-Z][A-Z0-9_]{0,63}", name), name
        assert value.isprintable(), (name, value)


def told_of(journal, job):
    return [EVENTS[e["MESSAGE_ID"]].symbol for e in journal.entries if e.get("JOB_ID") == str(job)]


def test_each_step_of_a_job_is_an_entry_and_none_has_the_key(service, journal, sandbox, new_user):
    (user, key), (refused, refused_key), (killed, killed_key) = new_user(), new_user(), new_user()
    sandbox.fault("bad-key-400", user=refused)
    sandbox.fault("delay", user=killed, ms=60000, count=1)
    of = {u: {"ALP_USER_ID": str(u), "KIND": "fetch", "JOB_ID": str(service.fetch(u, k, days=2, process=False))}
          for u, k in ((user, key), (refused, refused_key), (killed, killed_key))}
    worker = service.wait_worker(killed)
    sandbox.wait_asked(killed)
    os.kill(worker.pid, signal.SIGKILL)
    crash = journal.wait("the crash", MESSAGE_ID=IDS["WORKER_CRASHED"], JOB_ID=of[killed]["JOB_ID"], ALP_USER_ID=str(killed))
    assert crash["WORKER_ROLE"] == "fetch" and int(crash["WORKER_PID"]) > 0
    assert int(journal.wait("another try", MESSAGE_ID=IDS["JOB_RETRY"], **of[killed])["DURATION_MS"]) >= 0
    failed = journal.wait("the refusal", MESSAGE_ID=IDS["JOB_FAILED"], **of[refused])
    assert failed["CODE"] == "key_refused" and failed["PRIORITY"] == str(syslog.LOG_WARNING)
    for u in (user, killed):
        assert int(journal.wait("the end", MESSAGE_ID=IDS["JOB_SUCCEEDED"], **of[u])["DURATION_MS"]) > 0
    assert service.client.get("/api/jobs", alp_user_id=user).status == 200
    journal.wait("a request", MESSAGE_ID=IDS["HTTP_REQUEST"], PATH="/api/jobs", METHOD="GET", STATUS="200")
    assert service.stop() == 0
    journal.wait("the end of the daemon", MESSAGE_ID=IDS["STOPPED"])

    assert told_of(journal, of[user]["JOB_ID"]) == ["JOB_QUEUED", "JOB_STARTED", "JOB_DAY", "JOB_DAY", "JOB_SUCCEEDED"]
    assert told_of(journal, of[refused]["JOB_ID"]) == ["JOB_QUEUED", "JOB_STARTED", "JOB_FAILED"]
    assert told_of(journal, of[killed]["JOB_ID"]) == ["JOB_QUEUED", "JOB_STARTED", "WORKER_CRASHED", "JOB_RETRY", "JOB_STARTED", "JOB_DAY", "JOB_DAY",
                                                      "JOB_SUCCEEDED"]
    for entry in journal.entries:
        assert_sound_entry(entry)
        assert [k for k in (key, refused_key, killed_key) if k.encode() in entry.raw] == [], entry
    assert service.log() == "", "every line went to the journal, and only there"


def test_why_a_service_cannot_start_is_in_the_journal(make_service, journal):
    daemon = make_service({"http.nonsense": 1})
    daemon.launch()
    assert daemon.process.wait(20) == 78
    entry = journal.wait("the reason", MESSAGE_ID=IDS["CONFIG_ERROR"], PRIORITY=str(syslog.LOG_ERR))
    assert_sound_entry(entry)
    assert "nonsense" in entry["MESSAGE"]
    assert daemon.log() == ""


def test_a_standard_error_that_was_redirected_gets_the_lines(make_service, journal):
    daemon = make_service()
    daemon.environment["JOURNAL_STREAM"] = "1:1"
    daemon.start()
    assert daemon.stop() == 0
    assert "rtalpd: stopped\n" in daemon.log()
    assert journal.entries == []


def test_what_the_journal_does_not_take_goes_to_its_stream(service, journal):
    journal.refuse()
    assert service.stop() == 0
    assert "rtalpd: stopped\n" in service.log()


def test_the_stand_in_reads_each_form_an_entry_can_have(journal):
    """Or it would miss a key. The library that the daemon uses sends them: a line, a value of two lines, and a file in memory."""
    values = ["one line", "two\nlines", "x" * (32 << 20)]
    send = """if True:
        import ctypes, sys
        send = ctypes.CDLL("libsystemd.so.0").sd_journal_send
        for value in (b"one line", b"two\\nlines", b"x" * (32 << 20)):
            assert send(b"MESSAGE=%s", ctypes.c_char_p(value), b"N=%d", len(value), None) == 0
    """
    subprocess.run([*journal.wrapper, sys.executable, "-c", send], check=True, timeout=20)
    for value in values:
        assert journal.wait("the entry", N=str(len(value)))["MESSAGE"] == value


def test_a_job_called_off_before_it_ran_is_told_of(service, journal, new_user):
    user, key = new_user()
    assert service.client.post("/api/queue/fetch/pause").status == 200
    job = service.fetch(user, key, days=1, process=False)
    assert service.client.delete("/api/jobs/%d" % job).status == 200
    journal.wait("the end of it", MESSAGE_ID=IDS["JOB_CANCELLED"], JOB_ID=str(job))
    assert told_of(journal, job) == ["JOB_QUEUED", "JOB_CANCELLED"]
