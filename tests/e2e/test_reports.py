# SPDX-License-Identifier: Apache-2.0
"""Reports: what was dropped and by which rule, recorded against billed, and a range that is the sum of its days whatever happened on them."""
import csv
import io
import os

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lib.sandbox import Row
from lib.truth import assert_balanced, days_back

RULES = """clean = (
    { id = "mail.inbox"; stage = "name"; do = "drop"; app_is = "Mail"; match = "^Inbox"; } );
matter = { codes = ( { id = "code.bare"; match = "\\\\b(\\\\d{5})\\\\b"; } ); };
merge = { minimum_seconds = 20; };
"""
SUMS = ("captured", "overhang", "pending", "submitted", "supplement", "ignored", "filtered", "below_minimum", "excluded", "unprocessed")
BILLING = ("lines", "recorded_seconds", "billed_units", "billed_seconds", "added_seconds", "tenth_up_units", "unit_up_units")
HISTORIES = int(os.environ.get("RTALP_HISTORIES", 12))


def row(time, seconds, activity, document):
    return Row(time, seconds, activity, document, "Some category", 1)


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "firm.conf"
    path.write_text(RULES)
    path.chmod(0o644)
    return path


@pytest.fixture(scope="module")
def firm(rules, tmp_path_factory, the_sandbox):
    from lib.daemon import Daemon
    d = Daemon(tmp_path_factory.mktemp("daemon"), the_sandbox, {"rules.file": rules}).start()
    yield d
    d.end()


def fetch(firm, sandbox, user, key, date, rows):
    sandbox.put_day(user, date, rows)
    firm.fetch_and_wait(user, key, days=1, target_date=date)


def a_range(firm, user, first, last, by="day"):
    answer = firm.client.get("/api/reports/range", **{"alp_user_id": user, "from": first, "to": last, "by": by})
    assert answer.status == 200, answer
    return answer.json()


def table(firm, path, **params):
    answer = firm.client.request("GET", path, params=params, headers={"Accept": "text/csv"})
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv"), answer
    return list(csv.DictReader(io.StringIO(answer.text)))


DAY = [row("09:00", 200, "Word", "Deed 11111"), row("09:10", 100, "Word", "Deed 11111"), row("10:00", 37, "Word", "Advice 22222"),
       row("11:00", 60, "Mail", "Inbox (3)"), row("11:05", 50, "Mail", "Inbox"), row("12:00", 7, "Word", "Short")]


def test_a_day_lists_what_was_dropped_and_by_which_rule_and_line(firm, sandbox, new_user):
    user, key = new_user()
    date = sandbox.today(user)
    fetch(firm, sandbox, user, key, date, DAY)
    report = firm.balance(user, date)
    assert_balanced(report)
    assert [(d["application"], d["title"], d["seconds"], d["rule"], d["file"], d["line"]) for d in report["dropped"]] == [
        ("Mail", "Inbox (3)", 60, "mail.inbox", "firm.conf", 2), ("Mail", "Inbox", 50, "mail.inbox", "firm.conf", 2),
        ("Word", "Short", 7, "entry.minimum", None, None)]
    assert report["filtered"] == [{"rule": "mail.inbox", "seconds": 110, "rows": 2}, {"rule": "entry.minimum", "seconds": 7, "rows": 1}]
    assert report["dropped_left_out"] == 0 and report["raw_rows_kept"]


def test_recorded_stands_against_billed_with_what_rounding_added_and_both_policies(firm, sandbox, new_user):
    user, key = new_user()
    date = sandbox.today(user)
    fetch(firm, sandbox, user, key, date, DAY)
    report = firm.balance(user, date)
    # 300 s are 8.3 tenths: 9; 37 s are 1.03: 2. Begun units would be one each.
    assert report["billing"] == {"lines": 2, "recorded_seconds": 337, "billed_units": 1.1, "billed_seconds": 396, "added_seconds": 59,
                                 "added_percent": 17.5, "tenth_up_units": 1.1, "unit_up_units": 2.0}
    assert [(m["matter_code"], m["recorded_seconds"], m["billed_units"], m["added_seconds"]) for m in report["matters"]] == \
        [("11111", 300, 0.9, 24), ("22222", 37, 0.2, 35)]
    entry = next(e for e in firm.entries(user, date=date) if e["matter_code"] == "22222")["entry_id"]
    # Of a person's hand: less than was recorded, and in another matter.
    assert firm.client.patch(f"/api/time_entries/{entry}", {"time_units": 0, "matter_code": "11111"}).status == 200
    report = firm.balance(user, date)
    assert [(m["matter_code"], m["recorded_seconds"], m["billed_units"], m["added_seconds"], m["added_percent"]) for m in report["matters"]] == \
        [("11111", 337, 0.9, -13, -3.9)]


def test_units_above_what_was_recorded_or_a_day_has_are_warned_of(firm, sandbox, new_user):
    user, key = new_user()
    date = sandbox.today(user)
    fetch(firm, sandbox, user, key, date, DAY)
    assert firm.balance(user, date)["warnings"] == []
    entry = firm.entries(user, date=date)[0]["entry_id"]
    for units, warnings in ((2, ["units_above_captured"]), (240, ["units_above_captured", "units_above_24_hours"])):
        assert firm.client.patch(f"/api/time_entries/{entry}", {"time_units": units}).status == 200
        assert firm.balance(user, date)["warnings"] == warnings
        assert a_range(firm, user, date, date)["by_day"][0]["warnings"] == warnings == a_range(firm, user, date, date)["warnings"]
    assert firm.client.put(f"/api/time_entries/{entry}/ignore").status == 200
    assert firm.balance(user, date)["warnings"] == []


def test_tables_have_the_same_numbers_and_no_formulas(firm, sandbox, new_user):
    user, key = new_user()
    date = sandbox.today(user)
    fetch(firm, sandbox, user, key, date, DAY)
    entry = firm.entries(user, date=date)[0]["entry_id"]
    assert firm.client.patch(f"/api/time_entries/{entry}", {"matter_code": '=HYPERLINK("x")'}).status == 200
    ask = {"alp_user_id": user, "from": date, "to": date}
    told = a_range(firm, user, date, date)["by_day"][0]
    for name, got in (("day", table(firm, "/api/reports/day", alp_user_id=user, date=date)), ("range", table(firm, "/api/reports/range", **ask))):
        assert len(got) == 1, name
        assert [int(got[0][f"{s}_seconds"]) for s in SUMS] == [told[f"{s}_seconds"] for s in SUMS]
        assert [float(got[0][b]) for b in BILLING] == [told["billing"][b] for b in BILLING]
    matters = table(firm, "/api/reports/range", **ask, by="matter")
    assert "'=HYPERLINK(\"x\")" in [m["matter_code"] for m in matters]
    assert {(r["rule"], int(r["seconds"]), int(r["rows"])) for r in table(firm, "/api/reports/range", **ask, by="rule")} == \
        {("mail.inbox", 110, 2), ("entry.minimum", 7, 1)}


def test_a_range_names_what_is_wrong_with_it(firm):
    def errors(**query):
        answer = firm.client.get("/api/reports/range", alp_user_id=1, **query)
        assert answer.status == 422, answer
        return {(e["loc"][-1], e["type"]) for e in answer.json()["errors"]}
    assert errors() == {("from", "missing"), ("to", "missing")}
    assert errors(**{"from": "2026-01-02", "to": "2026-01-01"}) == {("to", "out_of_range")}
    assert errors(**{"from": "2025-01-01", "to": "2026-01-02"}) == {("to", "out_of_range")}
    assert errors(**{"from": "2026-01-01", "to": "2026-01-02", "by": "year"}) == {("by", "unknown_choice")}
    year = a_range(firm, 999999, "2024-01-01", "2024-12-31")
    assert (year["days"], year["by_day"], year["captured_seconds"], year["balanced"]) == (0, [], 0, True)


# --- a range is the sum of its days ---

ANY = st.integers(0, 1000)
TITLES = ("Deed 11111", "Deed 22222", "Advice", "Inbox", "Notes")


class ThreeDays(RuleBasedStateMachine):
    firm = sandbox = new_user = None  # set by the test

    @initialize()
    def begin(self):
        self.user, self.key = self.new_user()
        self.dates = days_back(self.sandbox.today(self.user), 3)
        self.fetched = set()

    def entry(self, day, which):
        entries = sorted(e["entry_id"] for e in self.firm.entries(self.user, date=self.dates[day]))
        return entries[which % len(entries)] if entries else None

    @rule(day=st.integers(0, 2), rows=st.dictionaries(st.tuples(st.integers(9, 16), st.sampled_from(TITLES)), st.integers(1, 4000), min_size=1, max_size=6))
    def fetch(self, day, rows):
        fetch(self.firm, self.sandbox, self.user, self.key, self.dates[day],
              [row(f"{hour:02}:00", seconds, "Mail" if title == "Inbox" else "Word", title) for (hour, title), seconds in rows.items()])
        self.fetched.add(day)

    @rule(day=st.integers(0, 2), which=ANY, change=st.sampled_from([{"time_units": 7.5}, {"matter_code": "99999"}, {"notes": "seen"},
                                                                    {"time_units": None}, {"matter_code": None}]))
    def edit(self, day, which, change):
        entry = self.entry(day, which)
        if entry is not None:
            assert self.firm.client.patch(f"/api/time_entries/{entry}", change).status in (200, 409)

    @rule(day=st.integers(0, 2), which=ANY, how=st.sampled_from(["ignore", "restore"]))
    def set_aside(self, day, which, how):
        entry = self.entry(day, which)
        if entry is not None:
            assert self.firm.client.put(f"/api/time_entries/{entry}/{how}").status in (200, 409)

    @rule(day=st.integers(0, 2), which=ANY)
    def confirm(self, day, which):
        entry = self.entry(day, which)
        if entry is not None:
            assert self.firm.client.post("/api/processed_time_entries", {"original_entry_id": entry}).status in (200, 201, 409)

    @rule(day=st.integers(0, 2), which=ANY)
    def take_back(self, day, which):
        entry = self.entry(day, which)
        if entry is not None:
            assert self.firm.client.put(f"/api/processed_time_entries/{entry}/revert").status in (200, 404, 409)

    @invariant()
    def the_range_is_the_sum_of_the_days(self):
        days = [self.firm.balance(self.user, self.dates[day]) for day in sorted(self.fetched)]
        first, last = self.dates[0], self.dates[-1]
        by_day, by_matter, by_rule = (a_range(self.firm, self.user, first, last, by) for by in ("day", "matter", "rule"))
        assert by_day["days"] == len(days) and by_day["balanced"]
        for name in SUMS:
            assert by_day[f"{name}_seconds"] == sum(d[f"{name}_seconds"] for d in days)
        for name in BILLING:
            total = round(sum(d["billing"][name] for d in days), 1)
            assert by_day["billing"][name] == total, name
            assert round(sum(m[name] for m in by_matter["by_matter"]), 1) == total, name
            assert [d["billing"][name] for d in by_day["by_day"]] == [d["billing"][name] for d in days]
        assert sum(r["seconds"] for r in by_rule["by_rule"]) == by_rule["filtered_seconds"] + by_rule["below_minimum_seconds"]
        for d in days:
            assert_balanced(d)
            assert sum(x["seconds"] for x in d["dropped"]) == d["filtered_seconds"] + d["below_minimum_seconds"]
            assert d["billing"]["recorded_seconds"] == d["pending_seconds"] + d["supplement_seconds"] + d["submitted_seconds"]
            assert {name: by_day["by_day"][days.index(d)][f"{name}_seconds"] for name in SUMS} == {name: d[f"{name}_seconds"] for name in SUMS}


def test_a_range_is_the_sum_of_its_days_whatever_happens(firm, the_sandbox, new_user):
    class Here(ThreeDays):
        pass
    Here.firm, Here.sandbox, Here.new_user = firm, the_sandbox, staticmethod(new_user)
    run_state_machine_as_test(Here, settings=settings(max_examples=HISTORIES, stateful_step_count=15))
