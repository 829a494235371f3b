# SPDX-License-Identifier: Apache-2.0
"""The sandbox's ALP: what the tests of the bridge rely on must be so."""
import http.client
import json

import pytest

from lib import proc

BODY = {"matter_component_id": 100011, "user_id": 2, "date": "2026-11-20", "units": 3, "description": "Reading the \"deed\"\tof Müller",
        "rate": 35000, "billable_type": 1, "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": "", "reference": "r1"}


def post(sandbox, key=None, **changes):
    headers = {"Authorization": f"Bearer {sandbox.alp_key}"}
    if key:
        headers["Idempotency-Key"] = key
    return sandbox.client.request("POST", "/alp/time_entries", json={**BODY, **changes}, headers=headers)


@pytest.fixture
def alp(sandbox):
    sandbox.control("DELETE", "alp-entries")
    return sandbox


def listed(alp, **params):
    answer = alp.alp_ask("time_entries", **params)
    assert answer.status == 200, answer
    return [e["id"] for e in answer.json()]


def test_ids_lead_from_matters_to_components(alp):
    matters = alp.alp_ask("matters").json()
    assert len(matters) == 2000 and len({m["code"] for m in matters}) == 2000
    assert {m["status"] for m in matters} == {"open", "closed"}
    outcomes = alp.alp_ask(f"matters/{matters[7]['id']}/outcomes").json()
    components = alp.alp_ask(f"outcomes/{outcomes[0]['id']}/components").json()
    assert components[0]["matter_id"] == matters[7]["id"]
    assert post(alp, matter_component_id=components[0]["id"]).status == 201
    assert alp.alp_ask("matters/999/outcomes").status == alp.alp_ask("outcomes/10009/components").status == 404
    assert len(alp.alp_ask("gst_types").json()) == 5 and len(alp.alp_ask("users").json()) == 1000


def test_codes_of_titles_are_matters(alp):
    codes = {m["code"] for m in alp.alp_ask("matters").json()}
    assert set(alp.facts("user", user=3)["matters"].split()) <= codes


def test_only_the_key_lets_in(alp):
    assert alp.client.get("/alp/matters").status == 401
    assert alp.client.request("GET", "/alp/matters", headers={"Authorization": "Bearer other"}).status == 401


def test_an_etag_spares_the_body(alp):
    first = alp.alp_ask("matters")
    headers = {"Authorization": f"Bearer {alp.alp_key}", "If-None-Match": first.headers["ETag"]}
    again = alp.client.request("GET", "/alp/matters", headers=headers)
    assert (again.status, again.body) == (304, b"")


def test_a_key_makes_one_entry(alp):
    one, two = post(alp, "k1"), post(alp, "k1")
    assert one.status == two.status == 201 and one.json() == two.json()
    held, = alp.alp_entries()
    assert (held.asked, held.key, held.reference, held.description) == (2, "k1", "r1", BODY["description"])
    assert one.json()["units"] == 3 and one.json()["status"] == "open"
    assert post(alp, "k1", description="another").status == 422
    alp.alp_fault("ignore-key")
    assert post(alp, "k1").json()["id"] != one.json()["id"]
    assert [(a.made, a.status) for a in alp.alp_asked("POST")] == [(True, 201), (False, 201), (False, 422), (True, 201)]
    alp.alp_set(honours_key=0)
    post(alp, "k1")
    assert len(alp.alp_entries()) == 3


@pytest.mark.parametrize("field, value", [
    ("units", 0), ("units", 1.5), ("gst_type", 9), ("user_id", 99999), ("matter_component_id", 100019), ("description", ""),
    ("date", "2026-02-30"), ("discriminator", "x"), ("matter_component_id", 104911)])
def test_what_is_wrong_is_refused_by_its_field(alp, field, value):
    answer = post(alp, **{field: value})
    assert answer.status == 422 and list(answer.json()["errors"]) == [field], answer
    assert alp.alp_entries() == []


def test_entries_are_listed_by_user_and_days(alp):
    ids = [post(alp, user_id=u, date=d).json()["id"] for u, d in ((2, "2026-11-19"), (2, "2026-11-20"), (3, "2026-11-20"))]
    assert listed(alp, user_id=2) == ids[:2]
    assert listed(alp, **{"user_id": 2, "from": "2026-11-20", "to": "2026-11-21"}) == [ids[1]]
    assert listed(alp, date="2026-11-20") == ids[1:]
    assert alp.alp_ask(f"time_entries/{ids[2]}").json()["user_id"] == 3
    alp.alp_set(lists_entries=0)
    assert alp.alp_ask("time_entries", user_id=2).status == 404


@pytest.mark.parametrize("paging", ["link", "page", "offset"])
def test_pages(alp, paging):
    ids = [post(alp).json()["id"] for _ in range(5)]
    alp.alp_set(paging=paging, page_size=2, items="data")
    pages, path = [], "time_entries?user_id=2"
    for page in range(3):
        suffix = {"link": "", "page": f"&page={page + 1}", "offset": f"&offset={page * 2}"}[paging]
        answer = alp.alp_ask(path + suffix)
        pages.append([e["id"] for e in answer.json()["data"]])
        link = answer.headers.get("Link")
        assert (link is not None) == (paging == "link" and page < 2)
        if link:
            path = link.split("/alp/")[1].split(">")[0]
    assert pages == [ids[:2], ids[2:4], ids[4:]]
    alp.alp_fault("page-short")
    assert len(alp.alp_ask("time_entries", user_id=2).json()["data"]) == 1
    alp.alp_fault("page-again")
    assert [e["id"] for e in alp.alp_ask("time_entries", user_id=2, page=2, offset=2).json()["data"]] == ids[:2]


def test_names_and_kinds_of_ids(alp):
    alp.alp_set(id="entryId", reference="externalRef", status="state", text_ids=1)
    answer = post(alp, externalRef="mine").json()
    assert isinstance(answer["entryId"], str) and (answer["externalRef"], answer["state"]) == ("mine", "open")
    assert not {"id", "reference", "status"} & set(answer)
    assert [set(e) & {"id", "entryId"} for p in ("gst_types", "matters/1000/outcomes") for e in alp.alp_ask(p).json()[:1]] == [{"entryId"}] * 2
    alp.alp_set(reference="")
    assert "reference" not in post(alp).json()
    assert alp.alp_entries()[1].reference == ""


def test_the_configuration_of_a_test_ends_with_it(alp):
    alp.alp_set(text_ids=1)
    alp.clear_faults()
    assert alp.facts("alp")["text_ids"] == "0"
    assert alp.client.request("PUT", "/_sandbox/alp", params={"text_idz": 1}).status == 400


@pytest.mark.parametrize("name, params, made, status", [
    ("drop", {}, 1, None), ("drop", {"create": 0}, 0, None), ("drop", {"bytes": 20}, 1, None), ("status", {}, 0, 500),
    ("status", {"create": 1, "status": 502}, 1, 502), ("status", {"status": 429, "retry_after": 3}, 0, 429), ("html", {}, 1, 200),
    ("no-id", {}, 1, 201), ("redirect", {}, 0, 307), ("late", {"ms": 60000}, 1, 504), ("stall", {}, 1, None), ("stall", {"create": 0}, 0, None)])
def test_what_becomes_of_a_post(alp, name, params, made, status):
    alp.client.timeout = 0.5 if name == "stall" else 10
    alp.alp_fault(name, **params)
    try:
        if status is None:
            with pytest.raises((ConnectionError, http.client.HTTPException, TimeoutError)):
                post(alp, "k")
        else:
            answer = post(alp, "k")
            assert answer.status == status and answer.headers.get("Retry-After") == (str(params["retry_after"]) if "retry_after" in params else None)
            assert "text/html" in answer.headers["Content-Type"] if name in ("html", "redirect") else "id" not in answer.json()
    finally:
        alp.client.timeout = 10
    assert len(alp.alp_entries()) == made
    assert post(alp, "k").status == (202 if name == "late" else 201), "the fault is spent"
    assert len(alp.alp_entries()) == 1, "the key is honoured whatever was answered"


def test_what_comes_late_is_listed_late(alp):
    alp.alp_fault("late", ms=300)
    alp.alp_fault("hide", user=3, ms=60000)
    post(alp), post(alp, user_id=3)
    assert [(h.exists, h.listed) for h in alp.alp_entries()] == [(0, 0), (1, 0)]
    assert listed(alp, user_id=2) == listed(alp, user_id=3) == []
    proc.wait_until(lambda: len(listed(alp, user_id=2)) == 1, what="the late one")
    assert listed(alp, user_id=3) == []


def test_somebody_else_works_in_alp(alp):
    made = post(alp).json()["id"]
    other = alp.alp_add(user=2, date="2026-11-20", component=100012, description="by hand")
    assert listed(alp, user_id=2) == [made, int(other)]
    alp.alp_change(made, status="invoiced", units=9, description="changed")
    now = alp.alp_ask(f"time_entries/{made}").json()
    assert (now["status"], now["units"], now["description"]) == ("invoiced", 9, "changed")
    alp.alp_change(made, status="deleted")
    assert listed(alp, user_id=2) == [int(other)]
    alp.alp_set(shows_deleted=1)
    assert len(listed(alp, user_id=2)) == 2


def test_chance_strikes_now_and_then_and_the_same_way_every_time(alp):
    def history():
        alp.control("POST", "reset")
        alp.alp_fault("status", chance=300, count=-1)
        alp.alp_fault("round", chance=500, count=-1)
        return [(a.status, a.json().get("units")) for a in (post(alp) for _ in range(60))]
    first = history()
    assert {s for s, _ in first} == {500, 201} and {u for _, u in first} == {None, 3, 5}
    assert first == history()


def test_reads_fail_on_request(alp):
    alp.alp_fault("status", on="lists", status=503)
    alp.alp_fault("html", on="entries")
    assert [alp.alp_ask(p).status for p in ("matters", "matters")] == [503, 200]
    with pytest.raises(json.JSONDecodeError):
        alp.alp_ask("time_entries").json()
    assert post(alp).status == 201
