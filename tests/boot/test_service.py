# SPDX-License-Identifier: Apache-2.0
"""The packaged service under a real systemd: what it does when it is stopped, reloaded, restarted and killed at work."""
import json
import signal

import pytest


def test_a_stop_waits_for_the_job_that_runs(packaged):
    packaged.fault("delay", ms=2000)
    job = packaged.submit(2, packaged.key(2))
    packaged.wait_job(job, "running")
    packaged.systemctl("stop", "rtalpd")
    assert packaged.show("Result") == "success" and packaged.show("ExecMainStatus") == "0"
    packaged.clear_faults()
    packaged.systemctl("start", "rtalpd")
    job = packaged.job(job)
    assert job["state"] == "succeeded" and job["attempts"] == 0, job


def test_the_credentials_are_nobody_elses_to_read(packaged):
    """ALP's key came from one: its lists are answered. No other user gets at the files, and no process has them in its environment."""
    assert json.loads(packaged.run("curl", "-fsS", "http://127.0.0.1:8080/readyz").stdout)["status"] == "ready"
    assert packaged.fetch(user=1, days=1)["state"] == "succeeded"
    assert packaged.run("setpriv", "--reuid", "65534", "--clear-groups", "cat", "/run/credentials/rtalpd.service/rescuetime-key",
                        check=False).returncode != 0
    for pid in packaged.processes():
        for what in ("environ", "cmdline"):
            assert packaged.key(1) not in packaged.shell(f"tr '\\0' ' ' </proc/{pid}/{what} || true")


def test_a_credential_may_be_encrypted_for_the_machine(packaged):
    """As the README has it."""
    packaged.shell("systemd-creds encrypt --name=rescuetime-key /etc/credstore/rtalpd.rescuetime-key "
                   "/etc/credstore.encrypted/rtalpd.rescuetime-key && rm /etc/credstore/rtalpd.rescuetime-key")
    packaged.drop_in("encrypted", "LoadCredentialEncrypted=rescuetime-key:rtalpd.rescuetime-key\n")
    packaged.systemctl("restart", "rtalpd")
    assert packaged.fetch(user=1, days=1)["state"] == "succeeded"


def test_the_nightly_backup_leaves_a_copy(packaged):
    packaged.fetch(user=1, days=1)
    packaged.systemctl("start", "rescuetime-alp-backup.service")
    assert packaged.show("Result", "rescuetime-alp-backup.service") == "success"
    copies = packaged.shell("find /var/lib/rescuetime-alp/backups -type f -printf '%U %m %s %p\\n'").splitlines()
    owner = packaged.shell("id -u rescuetime-alp").strip()
    assert copies and all(line.split()[:2] == [owner, "600"] and int(line.split()[2]) > 0 for line in copies), copies


def test_the_journal_explains(packaged):
    packaged.fetch(user=2, days=1, key=packaged.key(2))
    steps = packaged.journal("rtalpd", "KIND=fetch")
    explained = packaged.run("journalctl", "--no-pager", "-x", "-u", "rtalpd", "KIND=fetch").stdout
    assert len(steps) >= 3 and explained.count("What to do:") == len(steps), explained


def titled(site, title):
    return next((pid for pid, said in site.processes().items() if title in said), None)


@pytest.mark.parametrize("title", ["rtalpd: spawner", "rtalpd: keeper", "rtalpd: fetch"])
def test_a_part_that_is_killed_costs_no_job(packaged, title):
    packaged.fault("delay", ms=1500)
    job = packaged.submit(2, packaged.key(2))
    packaged.wait_job(job, "running")
    main = packaged.main_pid()
    victim = packaged.wait(lambda: titled(packaged, title), title)
    packaged.run("kill", "-KILL", str(victim))
    packaged.clear_faults()
    job = packaged.wait_job(job)
    assert job["state"] == "succeeded", job
    assert packaged.main_pid() == main and packaged.show("NRestarts") == "0"


def test_a_killed_master_is_started_again_and_its_jobs_end(packaged):
    done = packaged.fetch(user=2, days=1, key=packaged.key(2))
    packaged.fault("delay", ms=1500)
    running = packaged.submit(3, packaged.key(3))
    packaged.wait_job(running, "running")
    main, processes = packaged.main_pid(), packaged.processes()
    packaged.run("kill", "-KILL", str(main))
    packaged.wait_restarted(main)
    packaged.clear_faults()
    assert set(processes) & set(packaged.processes()) == set(), "of the old ones none is left"
    assert packaged.job(done["job_id"])["state"] == "succeeded"
    assert packaged.wait_job(running)["state"] == "succeeded"


@pytest.mark.parametrize("name", [signal.SIGSEGV, signal.SIGABRT])
def test_a_crash_leaves_no_core(packaged, name):
    main = packaged.main_pid()
    assert {packaged.shell(f"grep 'Max core' /proc/{pid}/limits").split()[4] for pid in packaged.processes()} == {"0"}
    packaged.run("kill", f"-{int(name)}", str(main))
    packaged.wait_restarted(main)
    assert packaged.shell("find / -xdev -newer /etc/machine-id -name 'core*' -type f -not -path '/proc/*' -size +1M") == ""


def nobody_was_refused(said):
    assert [line for line in said if "answered" not in line] == []
    assert int(said[0].split()[0]) > 100, said


def test_restarts_under_load_refuse_nobody(packaged):
    packaged.hold_sockets()
    with packaged.asked(8) as said:
        pids = {packaged.main_pid()}
        for _ in range(3):
            packaged.systemctl("restart", "rtalpd")
            pids.add(packaged.main_pid())
    assert len(pids) == 4
    nobody_was_refused(said)


def test_who_connects_while_it_is_stopped_starts_it(packaged):
    packaged.hold_sockets()
    packaged.systemctl("stop", "rtalpd")
    assert packaged.active() == "inactive"
    # The connection waits for the start.
    assert packaged.run("curl", "-fsS", "-m", "20", "http://127.0.0.1:8080/healthz").returncode == 0
    packaged.wait_ready()
    assert packaged.active() == "active"
    assert "ready" in packaged.ctl("status")


def test_a_death_under_load_refuses_nobody_new(packaged):
    """Whose answer was under way loses the connection; who comes then waits for the next daemon."""
    packaged.hold_sockets()
    pid = packaged.main_pid()
    with packaged.asked(6) as said:
        packaged.run("kill", "-KILL", str(pid))
        packaged.wait_restarted(pid)
    wrong = [line for line in said if "answered" not in line]
    assert len(wrong) <= 4 and not any("refused" in line for line in wrong), said
