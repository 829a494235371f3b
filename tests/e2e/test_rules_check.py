# SPDX-License-Identifier: Apache-2.0
"""A rules check: what other rules would make of stored days, told before it happens, and nothing written."""
import json
import os
import random
import signal
import threading

import pytest

from lib import ctl, proc
from lib.build import SLOWER
from lib.callers import fresh_source, make_token
from lib.client import Client
from lib.sandbox import Row

HEAD = 'merge = {{ keys = [ "application", "task" ]; minimum_seconds = {minimum}; }};\nunits = {{ rounding = "{rounding}"; per = "{per}"; }};\n'


def rules(clean="", vague="", codes="", minimum=0, rounding="tenth-up", per="entry"):
    return (HEAD.format(minimum=minimum, rounding=rounding, per=per) +
            f"clean = ( {clean} );\nvague = {{ max_chars = 25; rules = ( {vague} ); }};\n"
            f'matter = {{ from = "titles"; list = "ignore"; codes = ( {codes} ); }};\n')


CODE = '{ id = "code"; match = "\\\\b(\\\\d{5})\\\\b"; }'
BASE = rules(codes=CODE)
WORDS = ("Deed", "Lease", "Will", "Inbox", "Letter", "Advice")
APPS = ("Microsoft Word", "Acrobat", "Mail")


def row(time, seconds, activity, document):
    return Row(time, seconds, activity, document, "Document editing", 2)


DAY = [row("09:00", 240, "Microsoft Word", "Deed 22069 - Draft"), row("09:05", 300, "Acrobat", "Lease 11111"),
       row("09:10", 100, "Mail", "Inbox"), row("09:15", 130, "Microsoft Word", "Will 33333")]


def made_up_day(chance):
    return [row(f"{9 + i // 12:02}:{i % 12 * 5:02}", chance.randrange(1, 300), chance.choice(APPS),
                f"{chance.choice(WORDS)} {chance.choice(('', '22069', '11111', '33333'))}{chance.choice(('', ' - Draft'))}".strip())
            for i in range(chance.randrange(1, 14))]


@pytest.fixture
def firm(make_daemon, tmp_path):
    path = tmp_path / "firm.conf"
    path.write_text(BASE)
    path.chmod(0o644)
    d = make_daemon({"rules.file": path, "workers.process_deadline_ms": 30000 * SLOWER})
    d.rules_path = path
    return d.start()


class Person:
    def __init__(self, firm, sandbox, new_user, days=({0: DAY})):
        self.firm = firm
        self.user, self.key = new_user()
        self.date = sandbox.today(self.user)
        sandbox.put_day(self.user, self.date, days[0])
        firm.fetch_and_wait(self.user, self.key, days=1, target_date=self.date)

    def check(self, text, wait=30, **more):
        return self.firm.client.post("/api/rules/check", {"alp_user_id": self.user, "from": self.date, "to": self.date, "rules": text, **more},
                                     **({} if wait is None else {"Prefer": f"wait={wait}"}))

    def result(self, text, **more):
        answer = self.check(text, **more)
        assert answer.status == 200, answer
        return answer.json()

    def shown(self):
        """Every entry of the day as a reader sees it, by its number; withdrawn ones are there for nobody."""
        return {e["entry_id"]: {k: e[k] for k in SIDE} for e in self.firm.entries(self.user, date=self.date)}


SIDE = ("application", "task_description", "matter_code", "total_seconds", "time_units", "status")


@pytest.fixture
def person(firm, sandbox, new_user):
    return Person(firm, sandbox, new_user)


def lines(result, change):
    return [line for line in result["entries"] if change in line["changes"]]


def everything(firm):
    """What the store holds, but for the jobs, what they did, and the checks themselves."""
    own = {"jobs", "job_history", "turns", "tallies", "events", "rule_checks", "once", "users_seen"}
    tables = [name for name, in firm.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
    assert {"time_entries", "activity_log", "activity_owners", "day_verdicts", "rule_sets", "rule_checks"} <= set(tables)
    return {t: sorted(firm.query(f'SELECT * FROM "{t}"'), key=repr) for t in tables if t not in own}


def test_the_same_rules_change_nothing(person):
    result = person.result(BASE)
    assert not result["changed"] and result["entries"] == [] and result["before"] == result["after"]
    assert result["rules_version"] == result["present_version"]
    assert result["before"]["entries"] == 4 and result["before"]["recorded_seconds"] == 770


def test_it_tells_what_would_change_and_writes_nothing(firm, person):
    text = rules(clean='{ id = "draft"; stage = "noise"; do = "strip"; match = " - Draft$"; },'
                       ' { id = "none"; stage = "noise"; do = "strip"; match = "nowhere"; }',
                 vague='{ id = "inbox"; name = "Inbox"; }', codes='{ id = "code"; match = "\\\\b([13]\\\\d{4})\\\\b"; }', rounding="unit-up")
    before = everything(firm)
    result = person.result(text)
    assert everything(firm) == before
    assert result["changed"] and result["rules_version"] != result["present_version"]
    assert [line["before"]["task_description"] for line in lines(result, "vanishes")] == ["Inbox", "Deed 22069 - Draft"] or \
        {line["before"]["task_description"] for line in lines(result, "vanishes")} == {"Inbox", "Deed 22069 - Draft"}
    appears, = lines(result, "appears")
    assert appears["entry_id"] is None and appears["before"] is None
    assert appears["after"]["task_description"] == "Deed 22069" and appears["after"]["matter_code"] is None
    assert len(lines(result, "gains_units")) == 2
    assert result["after"]["dropped_seconds"] == 100 and result["days"][0]["after"] == result["after"]
    hits = {r["rule"]: r["hits"] for r in result["rules"]}
    assert hits == {"draft": 1, "none": 0, "inbox": 1, "code": 2}


def test_a_matter_moves(person):
    result = person.result(rules(codes='{ id = "code"; match = "Deed (\\\\d{4})"; }'))
    moved = {line["before"]["task_description"]: (line["before"]["matter_code"], line["after"]["matter_code"]) for line in lines(result, "moves_matter")}
    assert moved["Deed 22069 - Draft"] == ("22069", "2206") and moved["Lease 11111"] == ("11111", None)


def test_what_a_person_keeps_is_shown_as_kept(firm, person):
    entry = next(e for e in firm.entries(person.user, date=person.date) if e["task_description"] == "Inbox")
    assert firm.client.patch(f"/api/time_entries/{entry['entry_id']}", {"task_description": "Mail to the court"}).status == 200
    result = person.result(rules(vague='{ id = "inbox"; name = "Inbox"; }', codes=CODE))
    kept, = lines(result, "kept")
    assert kept["entry_id"] == entry["entry_id"] and kept["changes"] == ["kept"] and kept["before"] == kept["after"]
    assert not result["changed"]


def random_rules(chance):
    steps = [f'{{ id = "s{i}"; stage = "{chance.choice(("name", "noise"))}"; do = "{do}"; {match} {extra} {app} }}'
             for i in range(chance.randrange(4))
             for do, match, extra in [chance.choice((
                 ("strip", 'match = " - Draft$";', ""), ("drop", f'match = "{chance.choice(WORDS)}";', ""), ("trim", "", ""),
                 ("rename", f'match = "{chance.choice(WORDS)}";', 'with = "Work";'), ("replace", 'match = "\\\\d+";', 'with = "#";')))]
             for app in [chance.choice(("", f'app_is = "{chance.choice(APPS)}";'))]]
    vague = f'{{ id = "v"; name = "{chance.choice(WORDS)}"; any_case = true; }}' if chance.random() < 0.4 else ""
    code = chance.choice((CODE, "", '{ id = "code"; match = "\\\\b(2\\\\d{4})\\\\b"; }', '{ id = "other"; match = "(\\\\d{3})"; }'))
    return rules(", ".join(steps), vague, code, chance.choice((0, 0, 100, 250)), chance.choice(("tenth-up", "unit-up")), chance.choice(("entry", "matter")))


def test_what_it_tells_is_what_happens(firm, sandbox, new_user):
    """Random days and rules: the check, then the same rules loaded and the day processed, and every entry is as was told."""
    chance = random.Random(4)
    for turn in range(12):
        person = Person(firm, sandbox, new_user, {0: made_up_day(chance)})
        entries = firm.entries(person.user, date=person.date)
        for entry in entries:
            did = chance.random()
            if did < 0.15:
                firm.client.put(f"/api/time_entries/{entry['entry_id']}/ignore")
            elif did < 0.3:
                firm.client.patch(f"/api/time_entries/{entry['entry_id']}", {"matter_code": "77777"})
        text, before = random_rules(chance), person.shown()
        result = person.result(text)
        told = dict(before)
        new = []
        for line in result["entries"]:
            if line["entry_id"] is None:
                new.append(line["after"])
                continue
            assert line["before"] == before.get(line["entry_id"]), line
            told.pop(line["entry_id"], None)
            if line["after"] is not None:
                told[line["entry_id"]] = line["after"]
        firm.rules_path.write_text(text)
        start = len(firm.log())
        firm.reload()
        proc.wait_until(lambda: result["rules_version"] in (firm.log(start) or "") or loaded(firm, person, text), 10, "the reload")
        job = firm.client.post("/api/jobs/process", {"alp_user_id": person.user, "date": person.date}).json()["job_id"]
        assert firm.wait_job(job)["state"] == "succeeded"
        after = person.shown()
        assert {i: after[i] for i in told if i in after} == told, (turn, text)
        assert sorted((after[i] for i in after.keys() - told.keys()), key=repr) == sorted(new, key=repr), (turn, text)
        billed = [e for e in after.values() if e["status"] in ("pending", "submitted")]
        assert result["after"]["entries"] == len(billed)
        assert result["after"]["recorded_seconds"] == sum(e["total_seconds"] for e in billed)
        assert result["after"]["billed_units"] == pytest.approx(sum(e["time_units"] for e in billed))


def loaded(firm, person, text):
    """A check of these rules says that they are in force."""
    result = person.result(text)
    return result["rules_version"] == result["present_version"]


def test_every_fault_of_a_text_is_named_with_its_line(person):
    answer = person.check('clean = ( { id = "a"; stage = "noise"; do = "strip"; match = "("; },\n { id = "b"; stage = "nowhere"; do = "trim"; } );\n')
    assert answer.status == 422
    problem = answer.json()
    assert problem["code"] == "invalid_rules" and len(problem["errors"]) >= 2
    assert all(e["loc"] == ["body", "rules"] for e in problem["errors"])
    assert {1, 2} <= {int(e["msg"].split(":")[1]) for e in problem["errors"]}
    assert person.check("clean = (").status == 422
    assert person.check("x" * (1024 * 1024 + 1)).status == 422
    assert person.check(BASE, days=3).status == 422


def test_a_slow_pattern_is_warned_of_and_holds_nobody_up(firm, sandbox, new_user):
    person = Person(firm, sandbox, new_user, {0: [row("09:00", 60, "Mail", "a" * 900 + "!")] + DAY[:1]})
    text = rules(clean=", ".join(f'{{ id = "slow{i}"; stage = "noise"; do = "strip"; match = "^(a+)+{i}$"; }}' for i in range(300)))
    result = person.result(text)
    assert {w["kind"] for w in result["warnings"]} == {"slow"} and len(result["warnings"]) > 5
    assert firm.job(result["job_id"])["attempts"] == 0


def test_reading_many_patterns_holds_up_nobody_who_reads_his_day(firm, person):
    """A thousand of them take the time of a whole list, so they take turns: of eight, most are answered after a read sent after them all."""
    dear = ", ".join(f'{{ id = "a{n}"; stage = "noise"; do = "strip"; match = "(?:(?:[a-z]{{1,200}}){{1,50}}){{1,4}}"; }}' for n in range(2000))
    over, first = [], threading.Event()

    def ask(n):
        answer = firm.client.request("POST", "/api/rules/check", json={"alp_user_id": person.user, "days": 1, "rules": f"clean = ( {dear} );\n# {n}\n"},
                                     headers={"Prefer": "wait=0"})
        over.append("check")
        first.set()
        assert answer.status == 202, answer
        firm.client.delete(f"/api/jobs/{answer.json()['job_id']}")

    asks = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in asks:
        thread.start()
    assert first.wait(60)
    assert firm.client.get("/api/time_entries", alp_user_id=person.user, date="2026-01-05").status == 200
    over.append("read")
    for thread in asks:
        thread.join()
    assert over.index("read") <= 4, over


def test_the_same_check_again_under_its_key_is_one_job(firm, person):
    body, headers = {"alp_user_id": person.user, "days": 1, "rules": BASE}, {"Idempotency-Key": "check-once", "Prefer": "wait=0"}
    first, again = (firm.client.request("POST", "/api/rules/check", json=body, headers=headers) for _ in range(2))
    assert first.status == again.status == 202 and again.headers["Idempotent-Replay"] == "true", again
    assert (first.body, first.headers["Location"]) == (again.body, again.headers["Location"])
    assert firm.client.request("POST", "/api/rules/check", json={**body, "days": 2}, headers=headers).json()["code"] == "idempotency_key_reused"
    assert len(firm.query("SELECT 1 FROM jobs WHERE kind = 3 AND alp_user_id = ?", person.user)) == 1


def test_warnings_name_rule_and_line(person):
    text = rules(clean='{ id = "a"; stage = "noise"; do = "keep"; },\n{ id = "b"; stage = "noise"; do = "trim"; }', codes=CODE)
    assert [(w["kind"], w["rule"], w["line"]) for w in person.result(text)["warnings"]] == [("unreachable", "b", 4)]


def test_another_users_check_does_not_exist(firm, sandbox, new_user):
    person, other = Person(firm, sandbox, new_user), new_user()[0]
    job = person.result(BASE)["job_id"]
    root = Client(path=firm.socket_path)
    service, own, others, operator = (Client(firm.port, token=make_token(root, scope, **more)[1], source=fresh_source()) for scope, more in (
        ("service", {}), ("user", {"alp_user_id": person.user}), ("user", {"alp_user_id": other}), ("operator", {})))
    assert [c.get(f"/api/rules/checks/{job}").status for c in (service, own, others, operator)] == [200, 200, 404, 403]
    assert service.get(f"/api/rules/checks/{job}", alp_user_id=person.user).json()["job_id"] == job
    assert service.get(f"/api/rules/checks/{job}", alp_user_id=other).status == 404
    assert service.get(f"/api/rules/checks/{job + 1000}").status == 404
    fetch = firm.query("SELECT job_id FROM jobs WHERE kind = 1 LIMIT 1")[0][0]
    assert service.get(f"/api/rules/checks/{fetch}").status == 404
    mine = {"alp_user_id": person.user, "days": 1, "rules": BASE}
    assert [c.post("/api/rules/check", mine).status for c in (service, own, others, operator)] == [200, 403, 403, 403]


def test_without_waiting_the_result_is_there_later(firm, person):
    answer = person.check(BASE, wait=0)
    assert answer.status == 202 and answer.headers["Location"] == f"/api/rules/checks/{answer.json()['job_id']}"
    job = answer.json()["job_id"]
    assert firm.wait_job(job)["state"] == "succeeded"
    assert firm.client.get(answer.headers["Location"]).json()["job_id"] == job
    assert firm.job(job)["kind"] == "check"


def test_one_that_is_sent_twice_is_made_once(firm, person):
    body = {"alp_user_id": person.user, "from": person.date, "to": person.date, "rules": BASE}
    first = firm.client.post("/api/rules/check", body, **{"Idempotency-Key": "a-check"})
    again = firm.client.post("/api/rules/check", body, **{"Idempotency-Key": "a-check"})
    assert first.status == 200 and again.status == 202 and again.headers["Idempotent-Replay"] == "true"
    assert again.json()["job_id"] == first.json()["job_id"] and again.headers["Location"].endswith(f"/checks/{first.json()['job_id']}")
    assert firm.query("SELECT count(*) FROM rule_checks") == [(1,)]
    assert firm.client.post("/api/rules/check", {**body, "rules": ""}, **{"Idempotency-Key": "a-check"}).status == 422


def test_a_check_can_be_cancelled(firm, person):
    assert firm.client.post("/api/queue/check/pause").status == 200
    job = person.check(BASE, wait=0).json()["job_id"]
    answer = firm.client.get(f"/api/rules/checks/{job}")
    assert answer.status == 409 and answer.json()["code"] == "check_not_done"
    assert firm.client.delete(f"/api/jobs/{job}").json()["state"] == "cancelled"
    assert firm.client.get(f"/api/rules/checks/{job}").status == 409
    assert firm.client.post("/api/queue/check/resume").status == 200
    assert person.result(BASE)["job_id"] > job


def test_one_that_runs_is_stopped(firm, person):
    slow = rules(clean=", ".join(f'{{ id = "slow{i}"; stage = "noise"; do = "strip"; match = "^(a+)+{i}$"; }}' for i in range(1900)))
    job = person.check(slow, wait=0).json()["job_id"]
    proc.wait_until(lambda: firm.job(job)["state"] == "running", 10, "its start")
    assert firm.client.delete(f"/api/jobs/{job}").status == 202
    assert firm.wait_job(job)["state"] == "cancelled"
    assert firm.client.get(f"/api/rules/checks/{job}").status == 409
    assert firm.query("SELECT count(*) FROM rule_checks WHERE result IS NOT NULL") == [(0,)]


def test_a_check_outlives_the_daemon(firm, person):
    assert firm.client.post("/api/queue/check/pause").status == 200
    job = person.check(rules(), wait=0).json()["job_id"]
    firm.kill()
    firm.start()
    assert firm.job(job)["state"] == "queued"
    assert firm.client.post("/api/queue/check/resume").status == 200
    assert firm.wait_job(job)["state"] == "succeeded"
    assert len(lines(firm.client.get(f"/api/rules/checks/{job}").json(), "moves_matter")) == 3


def test_one_killed_in_the_middle_is_done_again(firm, person):
    slow = rules(clean=", ".join(f'{{ id = "slow{i}"; stage = "noise"; do = "strip"; match = "^(a+)+{i}$"; }}' for i in range(1500)))
    job = person.check(slow, wait=0).json()["job_id"]
    proc.wait_until(lambda: firm.job(job)["state"] != "queued", 10, "its start")
    firm.kill()
    firm.start()
    assert firm.wait_job(job)["state"] == "succeeded"
    assert firm.client.get(f"/api/rules/checks/{job}").json()["warnings"]


def test_one_whose_worker_dies_as_the_first_of_its_kind_is_done_again(firm, person):
    """The daemon makes no more workers of that kind for a moment then, and nothing else happens that could wake it."""
    assert firm.client.post("/api/queue/check/pause").status == 200
    slow = rules(clean=", ".join(f'{{ id = "slow{i}"; stage = "noise"; do = "strip"; match = "^(a+)+{i}$"; }}' for i in range(500)))
    job = person.check(slow, wait=0).json()["job_id"]
    firm.restart()
    assert firm.client.post("/api/queue/check/resume").status == 200
    os.kill(firm.wait_worker(person.user, "process").pid, signal.SIGKILL)
    firm.wait_log("process workers fail at their first job")
    done = firm.wait_job(job)
    assert (done["state"], [step["code"] for step in done["history"] if step["code"]]) == ("succeeded", ["worker_crashed"])


def test_rtalpctl_shows_the_difference_and_ends_like_diff(firm, person, tmp_path):
    def run(text, *more):
        path = tmp_path / "draft.conf"
        path.write_text(text)
        return ctl.run("rules", "check", path, "--user", person.user, "--from", person.date, "--to", person.date, "--socket", firm.socket_path, *more)
    same = run(BASE)
    assert same.status == 0 and "4 entries" in same.out, same.err
    draft = rules(vague='{ id = "inbox"; name = "Inbox"; }, { id = "idle"; name = "Idle"; }', codes=CODE)
    other = run(draft)
    assert other.status == 1, other.err
    assert "vanishes" in other.out and "3 entries" in other.out and "matched nothing" in other.out and "idle" in other.out
    assert json.loads(run(draft, "--json").out)["counts"]["vanishes"] == 1
    faulty = run("clean = (\n { id = 1; } );\n")
    assert faulty.status == 2 and "draft.conf:2:" in faulty.out
    assert ctl.run("rules", "check", tmp_path / "draft.conf", "--user", 1, "--socket", tmp_path / "none").status == 2
    (tmp_path / "draft.conf").write_text(BASE)
    assert ctl.run("rules", "check", tmp_path / "draft.conf", "--user", 1, "--socket", tmp_path / "none").status == ctl.UNREACHABLE


def test_rtalpctl_tries_a_file_without_a_daemon(tmp_path):
    path = tmp_path / "draft.conf"

    def run(text):
        path.write_text(text)
        return ctl.run("rules", "test", path)
    step = 'clean = ( {{ id = "a"; stage = "noise"; do = "strip"; match = " - x$";\n examples = ( {{ title = "Deed of gift - x"; task = "{}"; }} ); }} );\n'
    assert (run(step.format("Deed of gift")).status, run(step.format("Deed of gift")).out) == (0, "1 examples, 0 not so, 0 warnings\n")
    wrong = run(step.format("Deed"))
    assert wrong.status == 1 and f"{path}:2: a: " in wrong.out
    assert run("nonsense = 1;\nclean = ( { id = 1; } );\n").status == 2
    assert ctl.run("rules", "test", tmp_path / "none").status == 2
