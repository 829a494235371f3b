# SPDX-License-Identifier: Apache-2.0
"""The rules file: refused with every fault at the start, changed at a reload under running jobs, and what was stored stays as it was judged."""
import hashlib
import os
import re
import subprocess
import threading

import pytest

from lib import proc
from lib.build import RTALPD, SLOWER
from lib.daemon import REFERENCE_RULES
from lib.truth import assert_balanced, assert_sound_history

REFERENCE = REFERENCE_RULES.read_text()
# Until all fifty are there.
HELD_MS = 1500 if SLOWER == 1 else 25000
BAD = 'clean = ( { id = "Bad Id"; do = "strip"; match = "(" ; } );\nnonsense = 1;\n'


def unit_up(text=REFERENCE):
    """The same rules but for the rounding."""
    assert text.count('rounding = "tenth-up"') == 1
    return text.replace('rounding = "tenth-up"', 'rounding = "unit-up"')


def version(text):
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def in_force(daemon):
    return daemon.client.get("/api/settings").json()["rules_version"]


def reload_to(daemon, rules, text):
    rules.write_text(text)
    daemon.reload()
    proc.wait_until(lambda: in_force(daemon) == version(text), what="the other rules")


def process_and_wait(daemon, user, date):
    answer = daemon.client.post("/api/jobs/process", {"alp_user_id": user, "date": date})
    assert answer.status == 202, answer
    job = daemon.wait_job(answer.json()["job_id"])
    assert job["state"] == "succeeded", job
    return job


def assert_one_spawner_is_all(daemon):
    proc.wait_until(lambda: sorted(p.title for p in daemon.children()) == ["rtalpd: keeper", "rtalpd: spawner"],
                    what="one spawner, and no more, besides the keeper")


def judged_by(daemon, user):
    """{day: version} and {day: rows of entries} as they are stored."""
    days = dict(daemon.query("SELECT log_date, rules_version FROM activity_day WHERE alp_user_id = ?", user))
    return days, daemon.query("SELECT * FROM time_entries WHERE alp_user_id = ? ORDER BY entry_id", user)


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "firm.conf"
    path.write_text(REFERENCE)
    path.chmod(0o644)
    return path


@pytest.fixture
def firm(make_daemon, rules):
    """A daemon with a rules file of its own."""
    return make_daemon({"rules.file": rules, "workers.max": 64, "rescuetime.answer_timeout_ms": 30000 * SLOWER}).start()


def test_entries_made_after_a_reload_are_of_the_new_rules_and_stored_ones_stay(firm, rules, new_user):
    (one, key_one), (two, key_two) = new_user(), new_user()
    firm.fetch_and_wait(one, key_one, days=2)
    stored = judged_by(firm, one)
    assert set(stored[0].values()) == {version(REFERENCE)}
    reload_to(firm, rules, unit_up())
    firm.fetch_and_wait(two, key_two, days=2)
    days, entries = judged_by(firm, two)
    assert set(days.values()) == {version(unit_up())}
    assert entries and all(e["time_units"] == int(e["time_units"]) for e in firm.entries(two))
    assert judged_by(firm, one) == stored
    # Only who asks for it has his days judged again.
    process_and_wait(firm, one, firm.entries(one)[0]["entry_date"])
    assert version(unit_up()) in judged_by(firm, one)[0].values()
    for user in (one, two):
        for date in {e["entry_date"] for e in firm.entries(user)}:
            assert_balanced(firm.balance(user, date))


def test_every_version_leads_to_the_text_that_judged(firm, rules, new_user):
    user, key = new_user()
    firm.fetch_and_wait(user, key, days=1)
    unused = REFERENCE + "# never judged anything\n"
    reload_to(firm, rules, unused)
    reload_to(firm, rules, unit_up())
    process_and_wait(firm, user, firm.entries(user)[0]["entry_date"])
    sets = {v: (name, text) for v, name, text in firm.query("SELECT version, name, text FROM rule_sets")}
    assert sets == {version(t): ("firm.conf", t.encode()) for t in (REFERENCE, unit_up())}


def test_the_settings_name_the_rules_without_their_place(firm, rules):
    settings = firm.client.get("/api/settings")
    assert settings.json()["rules_version"] == version(REFERENCE)
    assert settings.json()["rules_file"] == "firm.conf"
    assert str(rules.parent) not in settings.text


def test_without_a_file_the_built_in_rules_hold(make_daemon):
    settings = make_daemon({"rules.file": ""}).start().client.get("/api/settings").json()
    assert re.fullmatch("[0-9a-f]{32}", settings["rules_version"])
    assert settings["rules_file"] == "built-in rules"


def test_a_bad_file_is_refused_with_all_its_faults_and_the_old_rules_stay(firm, rules, new_user):
    rules.write_text(BAD)
    firm.configure(queue__max_jobs=1)
    firm.reload()
    firm.wait_log("configuration has errors; the old one stays")
    faults = re.findall(rf"{re.escape(str(rules))}:(\d+): ", firm.log())
    assert faults.count("1") >= 2 and "2" in faults, firm.log()
    assert in_force(firm) == version(REFERENCE)
    # Nothing of that reload holds, the settings beside the rules neither.
    (one, key_one), (two, key_two) = new_user(), new_user()
    jobs = [firm.fetch(one, key_one, days=1), firm.fetch(two, key_two, days=1)]
    assert all(firm.wait_job(job)["state"] == "succeeded" for job in jobs)
    assert set(judged_by(firm, one)[0].values()) == {version(REFERENCE)}
    firm.configure(queue__max_jobs=100)
    reload_to(firm, rules, unit_up())


@pytest.mark.parametrize("spoil, said", [
    (lambda path: path.unlink(), "No such file or directory"),
    (lambda path: (path.unlink(), path.mkdir()), "is not a regular file"),
    (lambda path: (path.unlink(), os.mkfifo(path)), "is not a regular file"),
    (lambda path: path.write_bytes(b"#" * (1024 * 1024 + 1)), "is larger than 1 MB"),
    (lambda path: path.write_bytes(b"# \0\n"), ":1: "),
], ids=["vanished", "directory", "pipe", "large", "nul"])
def test_a_file_that_cannot_be_read_is_refused(firm, rules, new_user, spoil, said):
    spoil(rules)
    firm.reload()
    firm.wait_log(re.escape(str(rules)) + ".*" + re.escape(said))
    firm.wait_log("configuration has errors; the old one stays")
    assert in_force(firm) == version(REFERENCE)
    user, key = new_user()
    firm.fetch_and_wait(user, key, days=1)
    # A spawner that ends now starts again with the rules that hold, which nobody can read any more.
    os.kill(firm.spawner().pid, 9)
    firm.wait_log("spawner .* is ready after .* ms[^$]*spawner .* is ready after")
    process_and_wait(firm, user, firm.entries(user)[0]["entry_date"])
    assert set(judged_by(firm, user)[0].values()) == {version(REFERENCE)}


def test_bad_rules_do_not_start_and_do_not_pass_the_check(make_daemon, rules):
    rules.write_text(BAD)
    daemon = make_daemon({"rules.file": rules})
    daemon.configure()
    for arguments in ([], ["--check-config"]):
        ran = subprocess.run([RTALPD, "--config", daemon.conf, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        assert ran.returncode == 78
        assert len(re.findall(rf"^.*{re.escape(str(rules))}:\d+: ", ran.stderr, re.MULTILINE)) >= 3, ran.stderr
    assert not daemon.db_path.exists()
    rules.write_text("// none\n")
    assert subprocess.run([RTALPD, "--check-config", "--config", daemon.conf], timeout=20).returncode == 0


def test_a_file_without_rules_is_a_rules_file(firm, rules, new_user):
    reload_to(firm, rules, "// none\n")
    user, key = new_user()
    firm.fetch_and_wait(user, key, days=1)
    assert set(judged_by(firm, user)[0].values()) == {version("// none\n")}


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_empty_file_is_one_that_is_being_written(firm, rules, text):
    before = firm.client.get("/api/settings").json()["rules_version"]
    rules.write_text(text)
    firm.reload()
    firm.wait_log("is empty")
    assert firm.client.get("/api/settings").json()["rules_version"] == before


def test_a_reload_loses_and_repeats_none_of_fifty_running_jobs(firm, rules, sandbox, new_user):
    users = [new_user() for _ in range(50)]
    numbers = {str(user) for user, _ in users}
    since = sandbox.asked()[-1].sequence if sandbox.asked() else 0
    for user, _ in users:
        sandbox.fault("delay", user=user, ms=HELD_MS, count=1)
    jobs = {user: firm.fetch(user, key, days=1) for user, key in users}
    proc.wait_until(lambda: len(firm.workers("fetch user")) == 50, what="fifty workers")
    old = firm.spawner().pid
    reload_to(firm, rules, unit_up())
    assert {job["state"] for job in map(firm.job, jobs.values())} == {"running"}
    for job in map(firm.wait_job, jobs.values()):
        assert (job["state"], job["attempts"]) == ("succeeded", 0), job
        assert_sound_history(job)
        assert {step["run"] for step in job["history"] if step["to"] == "running"} == {1}
    asked = [a.user for a in sandbox.asked(since) if a.user in numbers]
    assert sorted(asked) == sorted(numbers)
    # Whose rules no longer hold is let go with its last worker.
    firm.wait_log(rf"spawner {old}, whose rules no longer hold, ended .* \(status 0\)")
    for user, _ in users:
        days, _ = judged_by(firm, user)
        assert set(days.values()) == {version(unit_up())}
        for date in {e["entry_date"] for e in firm.entries(user)}:
            assert_balanced(firm.balance(user, date))


def test_what_is_judged_while_rules_change_is_rounded_as_those_rules_say(firm, rules, new_user):
    users = [new_user() for _ in range(4)]
    for user, key in users:
        firm.fetch_and_wait(user, key, days=4)
    texts, over, jobs = (unit_up(), REFERENCE), threading.Event(), []

    def judge_all_the_time():
        while not over.is_set():
            for user, _ in users:
                jobs.append(process_and_wait(firm, user, firm.entries(user)[0]["entry_date"]))

    thread = threading.Thread(target=judge_all_the_time)
    thread.start()
    try:
        for i in range(10):
            before = len(jobs)
            reload_to(firm, rules, texts[i % 2])
            proc.wait_until(lambda: len(jobs) > before, 30, "a job that was judged meanwhile")
    finally:
        over.set()
        thread.join(60)
    assert all(job["attempts"] == 0 and {s["run"] for s in job["history"] if s["to"] == "running"} == {1} for job in jobs)
    names = {version(REFERENCE): 1, version(unit_up()): 2}  # enum rounding
    pairs = set(firm.query("SELECT DISTINCT v.rules_version, e.rounding FROM time_entries e LEFT JOIN day_verdicts v ON "
        "v.alp_user_id = e.alp_user_id AND v.log_date = e.entry_date AND v.verdicts_id = e.verdicts_id WHERE e.status = 1"))
    assert pairs and pairs <= set(names.items())


def test_a_job_that_holds_the_old_spawner_up_is_ended_with_it_at_no_cost(make_daemon, rules, sandbox, new_user):
    daemon = make_daemon({"rules.file": rules, "workers.fetch_deadline_ms": 3600000, "workers.max": 8}).start()
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=60000, count=1)
    job_id = daemon.fetch(user, key, days=1)
    daemon.wait_worker(user)
    sandbox.wait_asked(user)
    # One old spawner after the other is kept waiting, more than are waited for.
    held = [(user, job_id)]
    for i in range(5):
        reload_to(daemon, rules, REFERENCE + f"# {i}\n")
        other, other_key = new_user()
        sandbox.fault("delay", user=other, ms=60000, count=1)
        held.append((other, daemon.fetch(other, other_key, days=1)))
        daemon.wait_worker(other)
        sandbox.wait_asked(other)
    daemon.wait_log("still has 1 workers .* after its rules; killing it")
    job = daemon.wait_job(job_id)
    assert (job["state"], job["attempts"]) == ("succeeded", 0), job
    assert [daemon.job(other)["state"] for _, other in held[2:]] == ["running"] * 4


def descriptors(daemon):
    """Only root may look at those of a process that hides its memory; to anybody else they are none, then as now."""
    return proc.fd_count(daemon.pid) if os.geteuid() == 0 else 0


def test_twenty_reloads_leave_neither_descriptors_nor_processes(firm, rules, new_user):
    user, key = new_user()
    firm.fetch_and_wait(user, key, days=1)
    process_and_wait(firm, user, firm.entries(user)[0]["entry_date"])
    assert_one_spawner_is_all(firm)
    before = descriptors(firm)
    for i in range(20):
        reload_to(firm, rules, REFERENCE + f"# {i}\n")
        process_and_wait(firm, user, firm.entries(user)[0]["entry_date"])
    assert_one_spawner_is_all(firm)
    proc.wait_until(lambda: descriptors(firm) <= before, what="as few descriptors as before")
    # Not even when the next one comes before the last is done.
    for i in range(20):
        rules.write_text(REFERENCE + f"# again {i}\n")
        firm.reload()
    proc.wait_until(lambda: in_force(firm) == version(REFERENCE + "# again 19\n"), what="the last rules")
    assert_one_spawner_is_all(firm)
    proc.wait_until(lambda: descriptors(firm) <= before, what="as few descriptors as before")


def test_a_spawner_that_does_not_get_warm_leaves_the_old_rules_in_force(firm, rules, new_user):
    old = {firm.spawner().pid, firm.keeper().pid}
    rules.write_text(unit_up())
    firm.reload()
    fresh = proc.wait_until(lambda: next((p.pid for p in firm.children() if p.ppid == firm.pid and p.pid not in old), None), every=0)
    os.kill(fresh, 9)
    firm.wait_log("the rules of .*firm.conf could not be taken into use .*; the old ones stay|rules .* are in force")
    # Killed too late, it had taken over already and was replaced.
    taken = "are in force" in firm.log()
    user, key = new_user()
    firm.fetch_and_wait(user, key, days=1)
    assert set(judged_by(firm, user)[0].values()) == {version(unit_up() if taken else REFERENCE)}
