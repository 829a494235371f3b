# SPDX-License-Identifier: Apache-2.0
"""The firm's list of matters: imported as a whole, read by page, and what the rules make of it."""
import json
import threading

import pytest

from lib import ctl
from lib.client import Client
from lib.contract import Contract
from lib.daemon import REFERENCE_RULES, Daemon
from lib.sandbox import Row

DEFAULT_RULES = REFERENCE_RULES.parent / "rules.conf"


@pytest.fixture(scope="module")
def firm(tmp_path_factory, the_sandbox):
    d = Daemon(tmp_path_factory.mktemp("matters"), the_sandbox, {"rules.file": DEFAULT_RULES})
    d.start()
    yield d
    d.end()


@pytest.fixture
def put(firm):
    contract = Contract.of(firm.client)
    operation = contract.operation("matters_put")

    def send(matters, status=200):
        answer = operation.check(Client(firm.port, timeout=60).request("PUT", "/api/matters", json=matters))
        assert answer.status == status, answer
        return answer.json()
    return send


def listed(firm, **query):
    answer = firm.client.get("/api/matters", **query)
    assert answer.status == 200, answer
    return [m["code"] for m in answer.json()]


def faults(told):
    return {tuple(e["loc"][1:]): e["type"] for e in told["errors"]}


def test_what_was_imported_is_read_back(firm, put):
    told = put([{"code": 22069, "name": "Lease", "client": "Smith & Sons", "aliases": ["Smith v Jones", "lease-4"], "open": True},
                {"code": "AB-1", "open": False}])
    assert told["matters"] == 2 and told["changed"] and len(told["version"]) == 32
    answer = firm.client.get("/api/matters")
    Contract.of(firm.client).operation("matters_list").check(answer)
    first, second = answer.json()
    assert {**first, "updated_at": None} == {"code": "22069", "name": "Lease", "client": "Smith & Sons",
                                             "aliases": ["lease-4", "Smith v Jones"], "open": True, "updated_at": None}
    assert (second["code"], second["name"], second["client"], second["aliases"], second["open"]) == ("AB-1", "", "", [], False)
    again = firm.client.request("GET", "/api/matters", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    same = put([{"code": "AB-1", "open": False}, {"code": "22069", "name": "Lease", "client": "Smith & Sons",
                                                  "aliases": ["lease-4", "Smith v Jones"]}])
    assert (same["changed"], same["version"], same["changed_at"]) == (False, told["version"], told["changed_at"])


def test_a_list_is_replaced_whole_and_survives_a_restart(firm, put):
    put([{"code": "1"}, {"code": "2"}])
    version = put([{"code": "2"}, {"code": "3"}])["version"]
    assert listed(firm) == ["2", "3"]
    firm.stop()
    firm.start()
    assert listed(firm) == ["2", "3"]
    assert put([{"code": "3"}, {"code": "2"}]) | {"changed_at": None} == {"matters": 2, "version": version, "changed": False, "changed_at": None}


def test_pages_follow_each_other_and_q_searches(firm, put):
    put([{"code": f"{n:03}", "name": "Straße" if n % 2 else "Deed", "client": f"C{n}"} for n in range(25)])
    codes, path = [], "/api/matters?limit=10"
    while path:
        answer = firm.client.get(path)
        codes += [m["code"] for m in answer.json()]
        link = answer.headers.get("Link")
        path = link.partition(">")[0].lstrip("<") if link else None
    assert codes == [f"{n:03}" for n in range(25)]
    assert listed(firm, q="STRASSE") == [f"{n:03}" for n in range(1, 25, 2)]
    assert listed(firm, q="c24") == ["024"] and listed(firm, q="nothing") == []
    assert faults(firm.client.get("/api/matters?cursor=x").json()) == {("cursor",): "bad_cursor"}
    other = firm.client.get("/api/jobs?limit=1")
    assert other.status == 200
    assert faults(firm.client.get("/api/matters?limit=5001&cursor=ZQ").json())[("limit",)] == "out_of_range"


def test_every_fault_is_named_by_its_index_and_nothing_is_imported(firm, put):
    put([{"code": "kept"}])
    told = put([{"code": "1"}, {"name": "no code"}, {"code": "", "client": 7, "aliases": ["a\tb"], "zz": 1}, 12, {"code": 1.5}, {"code": -1},
                {"code": "c" * 65}, {"code": None, "open": "yes"}], 422)
    assert faults(told) == {("1", "code"): "missing", ("2", "code"): "too_short", ("2", "client"): "wrong_type", ("2", "aliases"): "control_character",
                            ("2", "zz"): "unknown_field", ("3",): "wrong_type", ("3", "code"): "missing", ("4", "code"): "wrong_type",
                            ("5", "code"): "out_of_range", ("6", "code"): "too_long", ("7", "code"): "wrong_type", ("7", "open"): "wrong_type"}
    assert faults(put([{"code": "A"}, {"code": "b"}, {"code": "a"}], 422)) == {("2", "code"): "not_unique"}
    assert faults(put([{"code": "A"}, {"code": " b"}], 422)) == {("1",): "bad_matter"}
    assert faults(put([{"code": "ü" * 40}], 422)) == {("0",): "bad_matter"}
    for wrong in ({"code": "a\nb"}, {"code": "1", "name": "a\tb"}, {"code": "1", "client": "a\r\n=cmd()"}):
        assert faults(put([wrong], 422)) == {("0",): "bad_matter"}, wrong
    assert faults(put({"code": "1"}, 422)) == {(): "wrong_type"}
    assert len(put([{"zz": 1}] * 100, 422)["errors"]) == 100
    assert faults(firm.client.request("PUT", "/api/matters").json()) == {(): "missing"}
    assert listed(firm) == ["kept"]


def test_what_is_no_json_is_refused(firm):
    def send(body, media="application/json"):
        answer = firm.client.request("PUT", "/api/matters", body=body, headers={"Content-Type": media})
        return answer.status, answer.json()["code"]
    for body in ("[", "[{}", "[{},]", "[1 2]", '[{"code": "1", "code": "2"}]', "[] []"):
        assert send(body) == (400, "malformed_json"), body
    assert send(b'[{"code": "\xff"}]') == (400, "malformed_json")
    assert send("[]", "text/csv") == (415, "unsupported_media_type")
    assert send("[" + " " * (16 << 20) + "]") == (413, "body_too_large")


def test_who_searches_a_big_list_does_not_hold_up_who_reads_his_day(firm, put):
    """Searches look at every matter, so they take turns: of a dozen, most are answered after a read that was sent after them all."""
    put([{"code": str(n), "name": f"Über the lease of shop {n}", "client": "Smith & Sons"} for n in range(100000)])
    over, first = [], threading.Event()

    def ask(what, path):
        answer = firm.client.get(path)
        over.append(what)
        first.set()
        assert answer.status == 200, answer

    asks = [threading.Thread(target=ask, args=("search", f"/api/matters?q=nothing{n}&limit=1")) for n in range(12)]
    for thread in asks:
        thread.start()
    # The first is answered: all have long been sent.
    assert first.wait(60)
    ask("read", "/api/time_entries?alp_user_id=1&date=2026-01-05")
    for thread in asks:
        thread.join()
    put([])
    assert over.index("read") <= 4, over


def test_a_big_list_is_taken_and_a_bigger_one_is_not(firm, put):
    matters = [{"code": str(100000 + n), "client": f"Client {n % 5000}"} for n in range(200000)]
    body = json.dumps(matters)
    assert 8 << 20 < len(body) < 16 << 20
    assert put(matters)["matters"] == 200000
    assert listed(firm, limit=1, q="client 4999") == ["104999"]
    assert faults(put([{"code": str(n)} for n in range(200001)], 422)) == {("200000",): "too_long"}
    assert put([])["matters"] == 0
    assert listed(firm) == []


# --- what the rules make of it ---


def judged(firm, sandbox, user, key, titles):
    """Matter codes by title, of a day with these documents, as the list of the moment has it."""
    date = sandbox.today(user)
    sandbox.put_day(user, date, [Row(f"{9 + n // 12:02}:{n % 12 * 5:02}", 200, "Microsoft Word", title, "Document editing", 2)
                                 for n, title in enumerate(titles)])
    firm.fetch_and_wait(user, key, days=1, target_date=date)
    return entries(firm, user, date)


def entries(firm, user, date):
    told = {}
    for e in firm.entries(user, date=date):
        explained = firm.client.get(f"/api/time_entries/{e['entry_id']}/explain").json()
        told[e["task_description"]] = (e["matter_code"], explained["matter"]["evidence"], explained["decided_by"]["matters_version"])
    return told


def process(firm, user, date):
    answer = firm.client.post("/api/jobs/process", {"alp_user_id": user, "date": date})
    assert firm.wait_job(answer.json()["job_id"])["state"] == "succeeded"


def test_only_listed_codes_and_aliases_are_taken_and_only_when_a_day_is_processed(firm, put, sandbox, new_user):
    put([])
    user, key = new_user()
    titles = ["Lease of the shop [22069].docx", "Deed of gift [33333].docx", "Letter to Smith v Jones.docx"]
    date = sandbox.today(user)
    plain = judged(firm, sandbox, user, key, titles)
    assert sorted((code or "", evidence or "", version) for code, evidence, version in plain.values()) == [
        ("", "", None), ("22069", "pattern", None), ("33333", "pattern", None)]
    version = put([{"code": "22069"}, {"code": "44444", "aliases": ["Smith v Jones"]}])["version"]
    assert entries(firm, user, date) == plain, "the list alone changes no stored day"
    process(firm, user, date)
    told = entries(firm, user, date)
    assert sorted((code or "", evidence or "") for code, evidence, _ in told.values()) == [("", "unlisted"), ("22069", "listed"), ("44444", "alias")]
    assert {v for _, _, v in told.values()} == {version}
    put([])
    process(firm, user, date)
    assert {title: codes[:2] for title, codes in entries(firm, user, date).items()} == {title: codes[:2] for title, codes in plain.items()}


# --- as an operator imports it ---


def load(firm, text, *more):
    return ctl.run("matters", "import", "-", "--socket", firm.socket_path, *more, stdin=text)


def test_a_table_is_imported_as_it_stands(firm):
    text = ('\ufeffName,CODE,Aliases,open,client\r\n'
            '"Lease, ""the shop""",22069,Smith v Jones; lease-4 ;,yes,"Smith\n& Sons"\r\n'
            '\r\n'
            'Will,AB-1,,CLOSED,\r\n'
            'Deed,00123\r\n')
    refused = load(firm, text)
    assert refused.status == ctl.FAILED and "0: " in refused.err, "a line feed is no part of a client's name"
    assert load(firm, text.replace("\n& Sons", " & Sons")).out == "3 matters, for every day that is processed from now on\n"
    assert [(m["code"], m["name"], m["client"], m["aliases"], m["open"]) for m in firm.client.get("/api/matters").json()] == [
        ("00123", "Deed", "", [], True), ("22069", 'Lease, "the shop"', "Smith & Sons", ["lease-4", "Smith v Jones"], True), ("AB-1", "Will", "", [], False)]
    assert load(firm, text.replace("\n& Sons", " & Sons"), "--json").json()["changed"] is False
    shown = ctl.run("matters", "list", "--q", "WILL", "--socket", firm.socket_path)
    assert shown.status == ctl.OK and "AB-1" in shown.out and "22069" not in shown.out and len(shown.lines) == 2


def test_json_is_imported_with_bare_codes_too(firm, tmp_path):
    path = tmp_path / "matters.json"
    path.write_text('[10051, "AB-7", {"code": 3, "open": false}]')
    assert ctl.run("matters", "import", path, "--socket", firm.socket_path).status == ctl.OK
    assert listed(firm) == ["10051", "3", "AB-7"]


def test_a_wrong_file_changes_nothing_and_says_what_is_wrong(firm, put):
    put([{"code": "kept"}])
    for text, line in (("", "is empty"), ("name,client\na,b\n", "line 1: the header does not name code"), ("code,colour\n1,red\n", "line 1: "),
                       ("code,code\n", "line 1: "), ('code\n1\n"2\n', "line 3: a quote is not closed"), ('code\n"1"x\n', "line 2: something"),
                       ("code,open\n1,\n2,perhaps\n", "line 3: open must be yes or no"), ("code\n1,2\n", "line 2: has more fields"),
                       ("code\n1\0\n", "NUL"), ("[1, 2", "neither"), ("code\n" + "," * 40 + "\n", "line 2: has too many fields")):
        told = load(firm, text)
        assert told.status == ctl.USAGE and line in told.err, (text, told)
    told = load(firm, "code\n1\n\n" + "c" * 65 + "\n1\n")
    assert told.status == ctl.FAILED and "1.code: must have at most 64 characters" in told.err, told
    assert ctl.run("matters", "import", "/no/such/file", "--socket", firm.socket_path).status == ctl.USAGE
    assert listed(firm) == ["kept"]
