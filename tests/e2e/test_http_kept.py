# SPDX-License-Identifier: Apache-2.0
"""Answers that are kept and answers that are packed: never older than what was acknowledged, never somebody else's, in both forms the same."""
import gzip
import itertools
import random
import threading

import pytest

from lib.callers import fresh_source, make_token
from lib.client import Client

DAY = "2026-01-07"


@pytest.fixture(scope="module")
def fetched(daemon, user_numbers, the_sandbox):
    """Two users with entries."""
    numbers = [next(user_numbers), next(user_numbers)]
    for n in numbers:
        a = daemon.client.post("/api/jobs/fetch", {"alp_user_id": n, "rescue_time_api_key": the_sandbox.key(n), "days": 3, "target_date": DAY},
                               Prefer="wait=30")
        assert a.json()["state"] == "succeeded", a
    return numbers


def get(daemon, path, **headers):
    return daemon.client.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})


def whole(number):
    return f"/api/time_entries?alp_user_id={number}&from=2026-01-01&to=2026-01-31&status=all"


seconds = itertools.count(1)


def unkept(daemon, number):
    """The same list by a question nobody asked before."""
    since = "2001-01-01T%02d:%02d:%02dZ" % ((n := next(seconds)) // 3600, n // 60 % 60, n % 60)
    return get(daemon, whole(number) + f"&updated_since={since}")


def test_both_forms_say_the_same_and_have_tags_of_their_own(daemon, fetched):
    plain, packed = get(daemon, whole(fetched[0])), get(daemon, whole(fetched[0]), Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body) / 2
    assert packed.headers["ETag"] == plain.headers["ETag"][:-1] + '-gz"'
    assert "Accept-Encoding" in plain.headers["Vary"] and "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("accepted, coded", [
    ("gzip", True), ("*", True), ("br;q=1, gzip;q=0.2", True), ("GZIP", True),
    ("identity", False), ("gzip;q=0", False), ("gzip;q=0, *", False), ("br", False), ("", False), ("gzip;q=0.5, identity", False)])
def test_who_asks_for_gzip_gets_it(daemon, fetched, accepted, coded):
    a = get(daemon, whole(fetched[0]), Accept_Encoding=accepted)
    assert a.status == 200 and ("Content-Encoding" in a.headers) == coded


def test_a_client_that_has_either_form_is_not_sent_it_again(daemon, fetched):
    tag = get(daemon, whole(fetched[0])).headers["ETag"]
    packed = tag[:-1] + '-gz"'
    for coding, known in itertools.product(("gzip", "identity"), (tag, packed)):
        a = get(daemon, whole(fetched[0]), Accept_Encoding=coding, If_None_Match=known)
        assert (a.status, a.body, a.headers["ETag"]) == (304, b"", known)
        assert "Accept-Encoding" in a.headers["Vary"] and "Content-Encoding" not in a.headers


def test_head_says_what_get_would_send(daemon, fetched):
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        g, h = (daemon.client.request(m, whole(fetched[0]), headers=headers) for m in ("GET", "HEAD"))
        assert h.body == b"" and h.status == 200
        for name in ("ETag", "Content-Length", "Content-Encoding", "Vary", "Content-Type", "Cache-Control"):
            assert h.headers.get(name) == g.headers.get(name), name
        assert int(h.headers["Content-Length"]) == len(g.body)


def test_small_and_wrong_answers_are_not_packed(daemon, fetched):
    a = get(daemon, f"/api/time_entries?alp_user_id={fetched[0]}&date=2020-01-01", Accept_Encoding="gzip")
    assert a.body == b"[]" and "Content-Encoding" not in a.headers
    a = get(daemon, "/api/time_entries/999999", Accept_Encoding="gzip")
    assert a.status == 404 and "Content-Encoding" not in a.headers


def test_an_answer_that_nobody_tagged_is_packed_too(daemon, fetched):
    a = get(daemon, "/api/jobs?limit=5000", Accept_Encoding="gzip")
    jobs = get(daemon, "/api/jobs?limit=5000")
    if len(jobs.body) >= 1024:
        assert a.headers["Content-Encoding"] == "gzip" and gzip.decompress(a.body) == jobs.body
    assert get(daemon, "/openapi.json", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"


def test_an_edit_may_name_the_packed_form(daemon, fetched):
    entry = get(daemon, whole(fetched[0])).json()[0]
    path = f"/api/time_entries/{entry['entry_id']}"
    tag = get(daemon, path).headers["ETag"]
    a = daemon.client.request("PATCH", path, json={"notes": "by the packed form"}, headers={"If-Match": tag[:-1] + '-gz"'})
    assert a.status == 200 and a.json()["notes"] == "by the packed form"
    assert daemon.client.request("PATCH", path, json={"notes": "late"}, headers={"If-Match": tag[:-1] + '-gz"'}).status == 412


def test_a_page_that_is_kept_still_leads_to_the_next(daemon, fetched):
    path = whole(fetched[0]) + "&limit=1&count=true"
    first, again = get(daemon, path), get(daemon, path)
    assert first.headers["Link"] == again.headers["Link"] and first.headers["X-Total-Count"] == again.headers["X-Total-Count"]
    assert first.body == again.body and int(first.headers["X-Total-Count"]) > 1


def test_what_was_acknowledged_is_in_the_next_answer(daemon, fetched, the_sandbox):
    """Whatever happens, in any order: a list asked for again and one asked for the first time say the same."""
    chance = random.Random(3)
    for step in range(120):
        number = chance.choice(fetched)
        entry = chance.choice(unkept(daemon, number).json())
        path = f"/api/time_entries/{entry['entry_id']}"
        get(daemon, whole(number)), get(daemon, path)
        what = chance.choice(["note", "note", "units", "ignore", "restore", "zone", "process", "fetch"])
        if what == "note":
            a = daemon.client.patch(path, {"notes": f"step {step}"})
        elif what == "units":
            a = daemon.client.patch(path, {"time_units": round(chance.uniform(0.1, 9), 1)})
        elif what in ("ignore", "restore"):
            a = daemon.client.put(f"{path}/{what}")
        elif what == "zone":
            a = daemon.client.put(f"/api/users/{number}", {"time_zone": chance.choice(["Europe/Berlin", "Australia/Sydney"])})
        elif what == "process":
            a = daemon.client.post("/api/jobs/process", {"alp_user_id": number, "date": DAY}, Prefer="wait=20")
        else:
            a = daemon.client.post("/api/jobs/fetch", {"alp_user_id": number, "rescue_time_api_key": the_sandbox.key(number), "days": 1,
                                                       "target_date": DAY}, Prefer="wait=20")
        assert a.status in (200, 201, 202), (what, a)
        fresh = unkept(daemon, number)
        assert get(daemon, whole(number)).body == fresh.body, what
        seen = next(e for e in fresh.json() if e["entry_id"] == entry["entry_id"])
        assert get(daemon, path).json() == seen, what
        if what == "note":
            assert seen["notes"] == f"step {step}"


def test_a_report_follows_an_edit(daemon, fetched):
    number = fetched[1]
    path = f"/api/reports/day?alp_user_id={number}&date={DAY}"
    entry = next(e for e in unkept(daemon, number).json() if e["entry_date"] == DAY)
    for verb, field in (("ignore", "ignored_seconds"), ("restore", "pending_seconds")):
        daemon.client.put(f"/api/time_entries/{entry['entry_id']}/{'restore' if verb == 'ignore' else 'ignore'}")
        before = get(daemon, path).json()
        assert daemon.client.put(f"/api/time_entries/{entry['entry_id']}/{verb}").status == 200
        after = get(daemon, path).json()
        assert after[field] == before[field] + entry["total_seconds"] and after["balanced"]


def test_readers_beside_a_writer_never_see_time_go_back(daemon, fetched):
    """Many ask for one entry while its notes count up: nobody who saw a number sees a lower one, and no answer is older than the last
    acknowledged write was when it was asked for."""
    entry = unkept(daemon, fetched[0]).json()[-1]
    path, acknowledged, over, wrong = f"/api/time_entries/{entry['entry_id']}", [0], threading.Event(), []
    daemon.client.patch(path, {"notes": "0"})

    def read():
        last = 0
        while not over.is_set():
            floor = acknowledged[0]
            got = int(get(daemon, path).json()["notes"])
            if got < floor or got < last:
                wrong.append((got, floor, last))
            last = got

    readers = [threading.Thread(target=read) for _ in range(4)]
    for r in readers:
        r.start()
    for n in range(1, 150):
        assert daemon.client.patch(path, {"notes": str(n)}).status == 200
        acknowledged[0] = n
    over.set()
    for r in readers:
        r.join()
    assert not wrong


def test_what_is_kept_of_one_user_is_not_shown_to_another(make_daemon, user_numbers, the_sandbox):
    d = make_daemon().start()
    mine, other = next(user_numbers), next(user_numbers)
    a = d.client.post("/api/jobs/fetch", {"alp_user_id": mine, "rescue_time_api_key": the_sandbox.key(mine), "days": 3, "target_date": DAY},
                      Prefer="wait=30")
    assert a.json()["state"] == "succeeded"
    root = Client(path=d.socket_path)
    tokens = {u: make_token(root, "user", alp_user_id=u)[1] for u in (mine, other)}
    service = make_token(root, "service")[1]

    def ask(token, path):
        return Client(d.port, token=token, source=fresh_source()).request("GET", path)

    entries = ask(service, whole(mine)).json()
    for path in (whole(mine), f"/api/time_entries/{entries[0]['entry_id']}", f"/api/reports/day?alp_user_id={mine}&date={DAY}"):
        # Asked for by all who may, so that it is kept in every way it can be.
        assert ask(service, path).status == ask(service, path).status == ask(tokens[mine], path).status == ask(tokens[mine], path).status == 200
        assert ask(tokens[other], path).status == 404
        assert ask(None, path).status == 401


def test_the_next_page_is_of_the_same_user_whoever_asked_first(make_daemon, user_numbers, the_sandbox):
    """A token for one user need not say whose entries it wants. Who shares its kept page must, or gets those of the single user."""
    mine, single = next(user_numbers), next(user_numbers)
    d = make_daemon({"single_user.id": single}).start()
    for user in (mine, single):
        a = d.client.post("/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": the_sandbox.key(user), "days": 3, "target_date": DAY},
                          Prefer="wait=30")
        assert a.json()["state"] == "succeeded", a
    root = Client(path=d.socket_path)
    own, service = Client(d.port, token=make_token(root, "user", alp_user_id=mine)[1]), Client(d.port, token=make_token(root, "service")[1])
    everything = service.get("/api/time_entries", alp_user_id=mine).json()
    assert len(everything) > 2
    first = own.get("/api/time_entries", limit=len(everything) // 2)
    assert service.get("/api/time_entries", limit=len(everything) // 2, alp_user_id=mine).body == first.body
    for client in (own, service):
        rows, path = [], f"/api/time_entries?alp_user_id={mine}&limit={len(everything) // 2}"
        while path is not None:
            page = client.get(path)
            assert page.status == 200, page
            rows += page.json()
            path = page.headers["Link"].split(">")[0][1:] if page.headers["Link"] else None
        assert rows == everything
