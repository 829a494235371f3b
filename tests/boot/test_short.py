# SPDX-License-Identifier: Apache-2.0
"""The service under a real systemd, in seconds: it starts, works, is watched over and stops. One machine serves all of these tests."""
import re


def test_it_is_ready_when_the_manager_says_so(installed):
    assert installed.active() == "active"
    assert installed.ready()
    assert installed.show("StatusText"), "no status line"
    assert installed.show("User") == "rescuetime-alp"
    assert installed.shell("stat -c '%U %a' /var/lib/rescuetime-alp /var/lib/rescuetime-alp/rtalp.db").split() == ["rescuetime-alp", "700"] + [
        "rescuetime-alp", "600"]


def test_a_job_is_done_with_the_key_of_the_credential(installed):
    """The request carries none."""
    job = installed.fetch(user=1, days=2)
    assert job["state"] == "succeeded", job
    assert sum(e["time_units"] for e in installed.entries(1)) > 0
    assert "ready" in installed.ctl("status")


def test_the_journal_has_a_jobs_steps_as_fields(installed):
    job = installed.fetch(user=2, days=1, key=installed.key(2))
    steps = installed.journal("rtalpd", f"JOB_ID={job['job_id']}")
    assert {"MESSAGE_ID", "PRIORITY", "ALP_USER_ID", "KIND"} <= set(steps[0]), steps[0]
    assert {s["ALP_USER_ID"] for s in steps} == {"2"}
    assert any(s["MESSAGE_ID"] == "5b0f4a7de0d94b0e9c3f6d5f1b1f0a33" for s in steps), "JOB_SUCCEEDED"
    assert installed.key(2) not in installed.log()


def test_the_journal_explains_what_happened_and_what_to_do(installed):
    job = installed.fetch(user=2, days=1, key=installed.key(2))
    said = installed.run("journalctl", "--no-pager", "-x", f"JOB_ID={job['job_id']}").stdout
    # JOB_SUCCEEDED, with the fields of this one in its place.
    assert "The job did everything it was to do." in said and "What to do:" in said
    assert f"job {job['job_id']} for user 2 succeeded after " in said.split("Subject: ")[-1]


def test_the_status_line_says_what_is_under_way(installed):
    # It is told now and then: the last job may stand in it a while longer.
    installed.wait(lambda: re.search(r"; 0 jobs run, \d+ connections are open$", installed.show("StatusText")), "a status line")


def test_a_reload_keeps_the_process(installed):
    pid = installed.main_pid()
    installed.configure(queue__max_jobs=77)
    installed.systemctl("reload", "rtalpd")
    assert installed.main_pid() == pid and installed.active() == "active"
    assert "1 settings changed" in installed.log()
    assert installed.ready()


def test_a_daemon_that_stopped_turning_is_replaced(installed):
    pid, restarts = installed.main_pid(), int(installed.show("NRestarts"))
    installed.run("kill", "-STOP", str(pid))
    installed.wait_restarted(pid)
    assert int(installed.show("NRestarts")) == restarts + 1
    assert "watchdog" in installed.log().lower()
    assert installed.fetch(user=3, days=1, key=installed.key(3))["state"] == "succeeded"


def test_it_stops_cleanly(installed):
    installed.systemctl("stop", "rtalpd")
    assert installed.show("Result") == "success" and installed.show("ExecMainStatus") == "0"
    assert installed.processes() == {}
    installed.systemctl("start", "rtalpd")
    assert installed.ready(), "READY=1 came before it served"
