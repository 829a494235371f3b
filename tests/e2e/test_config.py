# SPDX-License-Identifier: Apache-2.0
"""The configuration from outside: checked before the start, read again at SIGHUP, kept when it is wrong."""
import subprocess

import pytest

from lib.build import RTALPD, TOP


def rtalpd(*arguments):
    return subprocess.run([RTALPD, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)


def test_the_example_is_printed_and_passes_its_own_check(tmp_path):
    printed = rtalpd("--print-config")
    assert printed.returncode == 0
    assert printed.stdout == (TOP / "etc" / "rtalpd.conf").read_text()
    conf = tmp_path / "rtalpd.conf"
    conf.write_text(printed.stdout)
    checked = rtalpd("--check-config", "--config", conf)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_check_tells_everything_that_is_wrong(tmp_path):
    conf = tmp_path / "rtalpd.conf"
    conf.write_text('http: {\n max_conections = 1;\n listen = [ "localhost:80" ];\n};\nqueue: { max_jobs = 0; };\n')
    checked = rtalpd("--check-config", "--config", conf)
    assert checked.returncode == 78
    lines = checked.stderr.splitlines()
    assert len(lines) == 3
    assert f"{conf}:2: http.max_conections: there is no such setting; did you mean http.max_connections?" in lines[0]
    assert f"{conf}:3: http.listen: must be" in lines[1]
    assert f"{conf}:5: queue.max_jobs: must be a whole number from 1 to" in lines[2]


def test_a_wrong_configuration_does_not_start(tmp_path):
    conf = tmp_path / "rtalpd.conf"
    conf.write_text("http = 1;\n")
    assert rtalpd("--config", conf).returncode == 78
    assert rtalpd("--config", tmp_path / "none").returncode == 78


@pytest.mark.parametrize("arguments, status", [(["--version"], 0), (["--help"], 0), (["--colour"], 64), (["file"], 64)])
def test_the_command_line(arguments, status):
    assert rtalpd(*arguments).returncode == status


def test_a_reload_takes_over_what_it_can_and_tells_what_it_cannot(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    user, key = new_user()
    daemon.configure(queue__max_jobs=1, store__readers=3)
    daemon.reload()
    daemon.wait_log("configuration read again: 1 settings changed")
    daemon.wait_log("store.readers changed but needs a restart")
    sandbox.fault("delay", user=user, ms=5000, count=1)
    daemon.fetch(user, key, days=1)
    answer = daemon.client.post("/api/jobs/fetch", {"alp_user_id": user, "rescue_time_api_key": key, "days": 2})
    assert answer.status == 429, answer
    assert int(answer.headers["Retry-After"]) > 0
    daemon.configure(queue__max_jobs=100)
    daemon.reload()
    daemon.wait_log("configuration read again: 1 settings changed[^$]*configuration read again: 1 settings changed")
    daemon.fetch(user, key, days=2)


def test_a_reload_with_errors_keeps_the_old_configuration(make_daemon, sandbox, new_user):
    daemon = make_daemon().start()
    good = daemon.conf.read_text()
    daemon.conf.write_text(good + "nonsense: { };\n")
    daemon.reload()
    daemon.wait_log("nonsense: there is no such setting")
    daemon.wait_log("configuration has errors; the old one stays")
    user, key = new_user()
    daemon.fetch_and_wait(user, key, days=1)
    daemon.conf.write_text(good)
    daemon.reload()
    daemon.wait_log("configuration read again: 0 settings changed")


def test_a_key_file_that_others_may_read_is_refused(make_daemon, new_user, tmp_path):
    user, key = new_user()
    key_file = tmp_path / "key"
    key_file.write_text(key)
    key_file.chmod(0o640)
    daemon = make_daemon({"single_user.id": user, "single_user.key_file": str(key_file)})
    daemon.launch()
    assert daemon.process.wait(20) != 0
    assert key not in daemon.log()


def test_single_user_mode_needs_neither_user_nor_key(make_daemon, sandbox, new_user, tmp_path):
    """As the existing review screen calls it; the key comes as a systemd credential."""
    user, key = new_user()
    (tmp_path / "rescuetime-key").write_text(key)
    daemon = make_daemon({"single_user.id": user}, environment={"CREDENTIALS_DIRECTORY": str(tmp_path)}).start()
    assert daemon.client.get("/api/settings").json()["has_api_key"] is True
    answer = daemon.client.post("/api/jobs/fetch", {"days": 2})
    assert answer.status == 202, answer
    answer = daemon.client.request("POST", "/api/jobs/process")
    assert answer.status == 202, answer
    entries = daemon.client.get("/api/time_entries").json()
    assert entries and {e["alp_user_id"] for e in entries} == {user}
