# SPDX-License-Identifier: Apache-2.0
"""What rtalpd finds out about an ALP by asking it, and that its key stays where it is."""
import pytest

from lib import ctl

COMPONENT = 100011  # the first of the first outcome of the first matter


@pytest.fixture
def bridge(make_daemon, sandbox, tmp_path):
    return make_daemon(sandbox.alp_settings(tmp_path)).start()


def probe(daemon, **body):
    answer = daemon.client.post("/api/alp/probe", body)
    assert answer.status == 200, answer
    report = answer.json()
    return {f["about"]: f for f in report["findings"]}, {s["name"]: s["value"] for s in report["settings"]}


def test_without_an_alp_there_is_nothing_to_try(daemon):
    answer = daemon.client.post("/api/alp/probe", {})
    assert (answer.status, answer.json()["code"]) == (503, "alp_not_configured")


def test_a_plain_alp_needs_no_settings_and_is_not_written_to(bridge, sandbox):
    before, posted = len(sandbox.alp_entries()), len(sandbox.alp_asked("POST"))
    found, settings = probe(bridge)
    assert all(f["good"] for f in found.values()), found
    assert {"matters", "outcomes", "components", "users", "gst_types", "list of entries"} <= set(found)
    assert found["matters"]["detail"].startswith("2000 in one answer")
    assert settings == {}
    assert len(sandbox.alp_entries()) == before
    assert len(sandbox.alp_asked("POST")) == posted


@pytest.mark.parametrize("paging", ["link", "page", "offset"])
def test_the_way_of_paging_is_recognised(bridge, sandbox, paging):
    sandbox.alp_set(paging=paging, page_size=50)
    found, settings = probe(bridge)
    assert settings["alp.paging"] == paging
    assert found["paging"]["detail"] == paging


def test_lists_in_a_member_under_other_names_are_found(bridge, sandbox):
    sandbox.alp_set(items="data")
    _, settings = probe(bridge)
    assert settings == {"alp.items_field": "data"}


def test_an_alp_that_cannot_list_entries_is_recognised(bridge, sandbox):
    sandbox.alp_set(lists_entries=0)
    found, settings = probe(bridge)
    assert not found["list of entries"]["good"]
    assert settings == {"alp.lists_entries": "no"}


@pytest.mark.parametrize("honours", [1, 0])
def test_writing_shows_what_becomes_of_entries(bridge, sandbox, honours):
    sandbox.alp_set(honours_key=honours)
    before = len(sandbox.alp_entries())
    found, settings = probe(bridge, matter_component_id=COMPONENT, user_id=7)
    made = sandbox.alp_entries()[before:]
    assert len(made) == (1 if honours else 2)
    assert found["idempotency key"]["good"] is bool(honours)
    assert settings.get("alp.honours_key", "no") == ("yes" if honours else "no")
    assert settings["alp.keeps_reference"] == "yes" and settings["alp.lists_fresh"] == "yes"
    assert str(made[0].id) in found["post"]["detail"]


def test_an_alp_that_keeps_no_reference_and_shows_entries_later_is_recognised(bridge, sandbox):
    sandbox.alp_set(reference="", fresh_ms=60000)
    _, settings = probe(bridge, matter_component_id=COMPONENT, user_id=7)
    assert "alp.keeps_reference" not in settings and "alp.lists_fresh" not in settings


def test_a_wrong_key_is_told_and_never_shown(make_daemon, sandbox, tmp_path):
    settings = sandbox.alp_settings(tmp_path)
    key = "WRONG-KEY-0123456789"
    (tmp_path / "alp-key").write_text(key)
    daemon = make_daemon(settings).start()
    answer = daemon.client.post("/api/alp/probe", {})
    found = {f["about"]: f for f in answer.json()["findings"]}
    assert found["matters"]["detail"] == "HTTP status 401: the key is refused"
    assert key not in answer.text and key not in daemon.log()
    assert key.encode() not in open(f"/proc/{daemon.pid}/cmdline", "rb").read()


def test_a_start_without_the_key_says_what_is_missing(make_daemon, sandbox, tmp_path):
    settings = sandbox.alp_settings(tmp_path)
    del settings["alp.key_file"]
    daemon = make_daemon(settings)
    daemon.launch()
    assert daemon.process.wait(20) != 0
    assert "alp.key_file" in daemon.log()


def test_the_command_prints_what_follows(bridge, sandbox):
    sandbox.alp_set(paging="link", page_size=50)
    out = ctl.run("alp", "probe", *bridge.place())
    assert out.status == 0, out
    assert "matters" in out.out and 'paging = "link";' in out.out


def test_an_alp_that_fails_is_left_alone_and_the_journal_says_so(make_daemon, sandbox, tmp_path):
    daemon = make_daemon(sandbox.alp_settings(tmp_path, alp__breaker_failures=2, alp__breaker_open_ms=60000, alp__read_tries=2)).start()
    sandbox.alp_fault("status", status=500, on="any", count=-1)
    assert daemon.client.get("/api/alp/users").status in (502, 503, 504)
    asked = len(sandbox.alp_asked())
    assert daemon.client.get("/api/alp/gst_types").status in (502, 503, 504)
    assert len(sandbox.alp_asked()) == asked, "it was asked nevertheless"
    assert "several times in a row; it is asked again in" in daemon.log()
