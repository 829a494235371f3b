# SPDX-License-Identifier: Apache-2.0
"""What must not be kept is kept nowhere: excluded time is a number of seconds, and a secret in a title never leaves the fetch worker."""
import pathlib

import pytest

from lib.daemon import Daemon
from lib.sandbox import Row
from lib.truth import assert_balanced, days_back

# Each as it stands in a title, and what must be found nowhere.
SECRETS = [
    ("https://sso.example.org/callback?code=4/0AX4XfWhSecretOne&state=af0ifjsldkjSecret", ["0AX4XfWhSecretOne", "af0ifjsldkjSecret"]),
    ("Signing in - https://login.example.org/#access_token=SlAV32hkKGSecretTwo&token_type=bearer", ["SlAV32hkKGSecretTwo"]),
    ("https://api.example.org/v1/list?api_key=9d2f8KeyInAddress77&page=2", ["9d2f8KeyInAddress77"]),
    ("curl -H 'Authorization: Bearer 8f1c0e7d2b6a49e5BearerThree' https://api.example.org", ["8f1c0e7d2b6a49e5BearerThree"]),
    ("ftp://jo:hunter2InAddress@files.example.org/", ["hunter2InAddress"]),
    ("jwt.io - eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI5OTk5OSJ9.q7WeRtYuIoPaSdFgHjKl12", ["eyJzdWIiOiI5OTk5OSJ9", "q7WeRtYuIoPaSdFgHjKl12"]),
    ("export T=ghp_99C7e42F292c6912E7710c838347Ae17TEST", ["ghp_99C7e42F292c6912E7710c838347Ae17TEST"]),
    ("AKIAIOSFODNN7SECRETS - IAM console", ["AKIAIOSFODNN7SECRETS"]),
    ("Court portal password: correcthorseSecret9", ["correcthorseSecret9"]),
    ("Your verification code is 775913", ["775913"]),
    ("x" * 960 + " and behind what is looked at: password: tooFarBehind1", ["tooFarBehind1"]),
]
RULES = 'privacy = { %s rules = ( { id = "no.chat"; do = "exclude"; app_is = "Signal"; }, { id = "no.name"; do = "redact"; match = "Foster"; } ); };\n'


def row(document, activity="Google Chrome", seconds=60, at="10:00", category="Reference"):
    return Row(at, seconds, activity, document, category, 1)


def put(sandbox, user, date, rows):
    sandbox.put_day(user, date, rows)
    return sum(r.seconds for r in rows)


def fetch(daemon, user, key, date):
    return daemon.fetch_and_wait(user, key, days=1, target_date=date)


def titles(daemon, user):
    return {(a, d): s for a, d, s in daemon.query(
        "SELECT activity, document, time_spent_seconds FROM activity_log WHERE alp_user_id = ?", user)}


def files_with(text, directory):
    return [path for path in pathlib.Path(directory).rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory, the_sandbox):
    """The rules for a practice, in one that says all it can."""
    d = Daemon(tmp_path_factory.mktemp("privacy"), the_sandbox, {"rules.file": "", "log.level": "debug"})
    d.start()
    yield d
    d.end()


@pytest.fixture
def firm(make_daemon, tmp_path):
    """Calls give a daemon whose firm keeps these things out."""
    def start(text, **settings):
        rules = tmp_path / "firm.conf"
        rules.write_text(text)
        rules.chmod(0o644)
        daemon = make_daemon({"rules.file": rules, **settings}).start()
        daemon.rules = rules
        return daemon
    return start


@pytest.fixture
def day(sandbox, new_user):
    user, key = new_user()
    return user, key, days_back(sandbox.today(user), 3)[0]


# --- secrets ----------------------------------------------------------------------------------------------------------------------


def test_no_secret_in_a_title_gets_into_a_file_or_an_answer(daemon, sandbox, day):
    user, key, date = day
    rows = [row(title, seconds=60 + n, at=f"{8 + n:02}:00") for n, (title, _) in enumerate(SECRETS)]
    captured = put(sandbox, user, date, rows + [row("Lease for 12 Smith Street.docx", "Microsoft Word", 600)])
    answers = [daemon.job(daemon.fetch_and_wait(user, key, days=1, target_date=date)["job_id"])]
    answers += [daemon.entries(user), daemon.entries(user, date=date), daemon.balance(user, date)]
    assert answers[-1]["captured_seconds"] == captured
    assert_balanced(answers[-1])
    stored = " ".join(document for _, document in titles(daemon, user))
    assert stored.count("[redacted]") >= len(SECRETS) - 2 and "Lease for 12 Smith Street.docx" in stored
    for _, secrets in SECRETS:
        for secret in secrets:
            assert secret not in str(answers)
            assert files_with(secret, daemon.directory) == [], secret
    daemon.stop()
    for secret in (s for _, secrets in SECRETS for s in secrets):
        assert files_with(secret, daemon.directory) == [], secret
    assert files_with("Lease for 12 Smith Street", daemon.directory), "this test would see it"
    daemon.start()


def test_private_windows_are_a_number_of_seconds(daemon, sandbox, day):
    user, key, date = day
    private = [row("A secret illness - Google Chrome (Incognito)", seconds=300), row("Gifts - [InPrivate] - Microsoft Edge", "Microsoft Edge", 200)]
    captured = put(sandbox, user, date, private + [row("Lease.docx", "Microsoft Word", 500)])
    fetch(daemon, user, key, date)
    report = daemon.balance(user, date)
    assert (report["captured_seconds"], report["excluded_seconds"]) == (captured, 500)
    assert_balanced(report)
    assert files_with("secret illness", daemon.directory) == [] and files_with("Gifts", daemon.directory) == []


# --- the firm's rules -------------------------------------------------------------------------------------------------------------


def test_a_day_of_which_nothing_may_be_kept_is_a_day(firm, sandbox, day):
    """It has not answered empty: what was kept of it before is not held on to."""
    daemon, (user, key, date) = firm(RULES % ""), day
    put(sandbox, user, date, [row("To the doctor", "Signal", 100), row("Lease", "Word", 50)])
    fetch(daemon, user, key, date)
    assert titles(daemon, user) == {("Word", "Lease"): 50}
    put(sandbox, user, date, [row("To the doctor", "Signal", 120)])
    fetch(daemon, user, key, date)
    report = daemon.balance(user, date)
    assert (report["captured_seconds"], report["excluded_seconds"]) == (120, 120) and report["upstream_empty_since"] is None
    assert_balanced(report)
    assert titles(daemon, user) == {} and daemon.entries(user) == []


def test_hours_go_by_the_clock_on_the_wall_on_the_day_it_is_changed(firm, sandbox, new_user):
    """Sydney's clocks go back on 2026-04-05 at three and forward on 2025-10-05 at two; both are Sundays."""
    daemon = firm(RULES % 'hours = "sun 02:00-03:00";')
    user, key = new_user()
    for date, inside in (("2026-04-05", 300), ("2025-10-05", 300)):
        rows = [row("Before", "Word", 10, "01:55"), row("Within", "Word", inside, "02:30"), row("After", "Word", 20, "03:00")]
        captured = put(sandbox, user, date, rows)
        daemon.fetch_and_wait(user, key, **{"from": date, "to": date})
        report = daemon.balance(user, date)
        assert (report["captured_seconds"], report["excluded_seconds"]) == (captured, 30), date
        assert_balanced(report)


def test_rows_that_redaction_makes_equal_are_one(firm, sandbox, day):
    daemon, (user, key, date) = firm(RULES.replace("Foster", "F[a-z]*") % ""), day
    put(sandbox, user, date, [row("Dr Foster", "Word", 100), row("Dr Fox", "Word", 11), row("Dr Fox", "Word", 7, "11:00")])
    fetch(daemon, user, key, date)
    assert titles(daemon, user) == {("Word", "Dr [redacted]"): 118}
    assert_balanced(daemon.balance(user, date))


# --- a user's own -----------------------------------------------------------------------------------------------------------------


def put_privacy(daemon, user, privacy, status=None, **headers):
    answer = daemon.client.request("PUT", f"/api/users/{user}", json={"time_zone": None, "privacy": privacy}, headers=headers)
    assert answer.status == status if status else answer.status in (200, 201), answer
    return answer.json()


def faults(told):
    return {(*e["loc"], e["type"]) for e in told["errors"]}


NOTHING = {"exclude_applications": [], "work_hours": None}


def test_what_a_user_keeps_out_is_remembered_until_said_otherwise(daemon, new_user):
    user, _ = new_user()
    assert daemon.client.get(f"/api/users/{user}").json()["privacy"] == NOTHING
    wanted = {"exclude_applications": ["Signal", "Zoë's, \"chat\" = 1"], "work_hours": "mon-fri 07:00-19:00"}
    assert put_privacy(daemon, user, wanted)["privacy"] == wanted
    # A client that knows nothing of it does not open what a user closed.
    answer = daemon.client.put(f"/api/users/{user}", {"time_zone": "Australia/Perth"})
    assert answer.json()["privacy"] == wanted
    daemon.restart()
    assert daemon.client.get(f"/api/users/{user}").json()["privacy"] == wanted
    tag = daemon.client.get(f"/api/users/{user}").headers["ETag"]
    assert put_privacy(daemon, user, {"work_hours": "sat 09:00-10:00"}, **{"If-Match": tag})["privacy"] == {**NOTHING, "work_hours": "sat 09:00-10:00"}
    put_privacy(daemon, user, None, 412, **{"If-Match": tag})
    assert put_privacy(daemon, user, None)["privacy"] == NOTHING


def test_every_wrong_wish_is_named(daemon, new_user):
    user, _ = new_user()
    told = put_privacy(daemon, user, {"exclude_applications": ["ok", 7], "work_hours": "always", "titles": []}, 422)
    assert faults(told) == {("body", "privacy", "exclude_applications", "wrong_type"), ("body", "privacy", "work_hours", "bad_hours"),
                            ("body", "privacy", "titles", "unknown_field")}
    for names, wrong in ((["a"] * 101, "too_long"), (["x" * 201], "too_long"), ([""], "too_short"), (["a\nhours=mon 00:00-00:05"], "control_character"),
                         (["é" * 200] * 51, "too_long"), ("Signal", "wrong_type"), (None, "wrong_type"), ([None], "wrong_type")):
        told = put_privacy(daemon, user, {"exclude_applications": names}, 422)
        assert faults(told) == {("body", "privacy", "exclude_applications", wrong)}, names
    for hours in ("", "mon-fri 9-17", "mon 10:00-09:00", "mon 09:00-25:00", 7, ["mon 09:00-10:00"]):
        told = put_privacy(daemon, user, {"work_hours": hours}, 422)
        assert {e["loc"][-1] for e in told["errors"]} == {"work_hours"}, hours
    assert faults(put_privacy(daemon, user, [], 422)) == {("body", "privacy", "wrong_type")}
    assert daemon.client.get(f"/api/users/{user}").json()["privacy"] == NOTHING


def test_the_most_a_user_may_keep_out_reaches_the_worker(daemon, sandbox, day):
    user, key, date = day
    put(sandbox, user, date, [row("Chat", f"{n:03}" + "x" * 197, 10, f"{n % 24:02}:{n // 24 * 5:02}") for n in range(100)] + [row("Lease", "Word", 40)])
    put_privacy(daemon, user, {"exclude_applications": [f"{n:03}" + "X" * 197 for n in range(100)], "work_hours": "mon-sun 00:00-24:00"})
    fetch(daemon, user, key, date)
    report = daemon.balance(user, date)
    assert (report["captured_seconds"], report["excluded_seconds"]) == (1040, 1000)
    assert_balanced(report)


def test_what_a_user_keeps_out_later_goes_at_the_next_fetch_but_for_what_people_wrote(daemon, sandbox, day):
    user, key, date = day
    captured = put(sandbox, user, date, [row("Dear Mrs Smith, about the garden", "Signal", 700), row("Notes on Baker v Charles", "Signal", 350),
                                         row("Lease for 12 Smith Street", "Word", 500)])
    fetch(daemon, user, key, date)
    before = {e["task_description"]: e for e in daemon.entries(user, date=date)}
    touched = before["Notes on Baker v Charles"]["entry_id"]
    assert daemon.client.patch(f"/api/time_entries/{touched}", {"notes": "by hand"}).status == 200
    put_privacy(daemon, user, {"exclude_applications": ["signal"]})
    # What is stored stays until it is fetched again; a process job brings nothing back and takes nothing away.
    assert len(titles(daemon, user)) == 3
    fetch(daemon, user, key, date)
    assert titles(daemon, user) == {("Word", "Lease for 12 Smith Street"): 500}
    report = daemon.balance(user, date)
    assert (report["captured_seconds"], report["excluded_seconds"], report["pending_seconds"]) == (captured, 1050, 500)
    assert_balanced(report)
    after = {e["entry_id"]: e for e in daemon.entries(user, date=date, status="pending")}
    assert after[touched]["notes"] == "by hand" and after[touched]["task_description"] == "Notes on Baker v Charles"
    assert after[touched]["total_seconds"] == 0 and after[touched]["warnings"] == ["rows_vanished"]
    assert before["Dear Mrs Smith, about the garden"]["entry_id"] not in after
    # Let in again, it is as it was.
    put_privacy(daemon, user, None)
    fetch(daemon, user, key, date)
    assert daemon.balance(user, date)["excluded_seconds"] == 0
    after = {e["entry_id"]: e for e in daemon.entries(user, date=date, status="pending")}
    assert after[touched]["total_seconds"] == 350 and after[touched]["warnings"] == []


def test_no_day_is_stored_that_was_sifted_by_what_no_longer_holds(daemon, sandbox, day):
    """A worker that is asking RescueTime while its user closes something has been told less than what holds when its answer comes."""
    user, key, date = day
    put(sandbox, user, date, [row("To the doctor", "Signal", 100), row("Lease", "Word", 50)])
    sandbox.fault("delay", user=user, ms=1500, count=1)
    job = daemon.fetch(user, key, days=1, target_date=date)
    sandbox.wait_asked(user)
    put_privacy(daemon, user, {"exclude_applications": ["Signal"]})
    job = daemon.wait_job(job)
    assert job["state"] == "succeeded" and "privacy_changed" in [step["code"] for step in job["history"]] and job["attempts"] <= 1
    assert files_with("To the doctor", daemon.directory) == []
    assert daemon.balance(user, date)["excluded_seconds"] == 100


def test_no_day_is_stored_that_was_sifted_by_rules_that_no_longer_hold(firm, sandbox, day):
    """A reload is told to be done; what a worker of before it brings later may have what the firm keeps out since."""
    daemon, (user, key, date) = firm('units = { rounding = "unit-up"; };\n'), day
    put(sandbox, user, date, [row("To the doctor", "Signal", 100), row("Lease", "Word", 50)])
    sandbox.fault("delay", user=user, ms=3000, count=1)
    job = daemon.fetch(user, key, days=1, target_date=date)
    sandbox.wait_asked(user)
    daemon.rules.write_text(RULES % "")
    daemon.reload()
    daemon.wait_log(r"rules [0-9a-f]+ of firm.conf are in force")
    job = daemon.wait_job(job)
    assert job["state"] == "succeeded" and "privacy_changed" in [step["code"] for step in job["history"]] and job["attempts"] <= 1
    assert files_with("To the doctor", daemon.directory) == []
    assert daemon.balance(user, date)["excluded_seconds"] == 100
