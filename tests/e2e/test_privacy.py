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
