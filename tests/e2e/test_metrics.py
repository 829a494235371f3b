# SPDX-License-Identifier: Apache-2.0
"""What the service tells of itself: read as Prometheus reads it, and held against what happened."""
import os
import signal
import time

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as older

from lib import proc
from lib.client import Client
from lib.daemon import Daemon
from lib.receiver import Receiver

OPEN = "application/openmetrics-text"
# What Prometheus 2 asks with.
PROMETHEUS = f"{OPEN};version=1.0.0;q=0.5,{OPEN};version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
SAMPLE_SECONDS = 5


@pytest.fixture
def daemon(tmp_path, sandbox):
    d = Daemon(tmp_path, sandbox).start()
    yield d
    d.end()


def scrape(client, accept=PROMETHEUS):
    return client.request("GET", "/metrics", headers={"Accept": accept} if accept else {})


def numbers(client):
    """{(sample name, frozenset of labels): value}, by a parser that takes nothing that the standard does not allow."""
    answer = scrape(client)
    assert answer.status == 200, answer.body
    families = list(openmetrics.text_string_to_metric_families(answer.body.decode()))
    return {(s.name, frozenset(s.labels.items())): s.value for f in families for s in f.samples}


def value(found, name, **labels):
    return found[name, frozenset(labels.items())]


def test_prometheus_can_read_it(daemon):
    answer = scrape(daemon.client)
    assert answer.headers["Content-Type"] == f"{OPEN}; version=1.0.0; charset=utf-8"
    assert answer.body.endswith(b"# EOF\n") and "Accept" in answer.headers["Vary"]
    families = {f.name: f for f in openmetrics.text_string_to_metric_families(answer.body.decode())}
    assert len(families) > 40 and all(f.documentation for f in families.values())
    assert families["rtalp_store_commit_duration_seconds"].unit == "seconds"
    assert families["rtalp_build"].type == "info" and families["rtalp_jobs_ended"].type == "counter"


def test_the_older_text_says_the_same(daemon):
    numbers(daemon.client)
    answer = scrape(daemon.client, "text/plain")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.body.decode()
    assert "# EOF" not in text and "# UNIT" not in text
    old = {(s.name, frozenset(s.labels.items())) for f in older.text_string_to_metric_families(text) for s in f.samples}
    assert old == set(numbers(daemon.client))


@pytest.mark.parametrize("accept, status", [(None, 200), ("*/*", 200), ("application/json", 406), ("text/html, text/plain;q=0.1", 200)])
def test_who_wants_another_form_is_told(daemon, accept, status):
    assert scrape(daemon.client, accept).status == status


def test_requests_are_counted_by_route_not_by_path(daemon):
    for job in (777001, 777002, 777003):
        assert daemon.client.get(f"/api/jobs/{job}").status == 404
    assert daemon.client.get("/nothing/here/777004").status == 404
    text = scrape(daemon.client).body.decode()
    found = numbers(daemon.client)
    assert value(found, "rtalp_http_requests_total", method="GET", route="/api/jobs/{job_id}", status="4xx") == 3
    assert value(found, "rtalp_http_requests_total", method="", route="", status="4xx") == 1
    assert value(found, "rtalp_http_request_duration_seconds_count", method="GET", route="/api/jobs/{job_id}") == 3
    assert "77700" not in text


def test_a_fetch_is_counted_everywhere(daemon, new_user):
    alp_user_id, key = new_user()
    before = numbers(daemon.client)
    daemon.fetch_and_wait(alp_user_id, key, days=2)
    found = numbers(daemon.client)

    def grew(name, **labels):
        return value(found, name, **labels) - value(before, name, **labels)

    assert grew("rtalp_jobs_accepted_total", kind="fetch") == 1
    assert grew("rtalp_jobs_ended_total", kind="fetch", outcome="succeeded") == 1
    assert grew("rtalp_jobs_ended_total", kind="process", outcome="succeeded") == 1
    assert grew("rtalp_job_duration_seconds_count", kind="fetch") == 1
    assert grew("rtalp_upstream_requests_total", upstream="rescuetime", result="ok") == 2
    assert grew("rtalp_upstream_request_duration_seconds_count", upstream="rescuetime") == 2
    assert grew("rtalp_store_commit_duration_seconds_count") > 3
    assert grew("rtalp_store_commit_group_sum") >= grew("rtalp_store_commit_group_count") > 3
    proc.wait_until(lambda: value(numbers(daemon.client), "rtalp_workers_ended_total", role="process", end="clean") == 1, 10, "the worker's end")
    assert value(numbers(daemon.client), "rtalp_workers_ended_total", role="fetch", end="clean") == 1


def test_a_refused_key_is_counted_as_such(daemon, new_user):
    alp_user_id, _ = new_user()
    job = daemon.client.post("/api/jobs/fetch", {"alp_user_id": alp_user_id, "rescue_time_api_key": "B63wrongkeywrongkeywrongkey", "days": 1}).json()
    daemon.wait_job(job["job_id"])
    found = numbers(daemon.client)
    assert value(found, "rtalp_upstream_requests_total", upstream="rescuetime", result="refused") == 1
    assert value(found, "rtalp_jobs_ended_total", kind="fetch", outcome="failed") == 1


def test_a_paused_kind_and_what_waits_are_told(daemon, new_user):
    alp_user_id, key = new_user()
    daemon.client.post("/api/queue/fetch/pause")
    daemon.client.post("/api/jobs/fetch", {"alp_user_id": alp_user_id, "rescue_time_api_key": key, "days": 1})
    time.sleep(0.5)
    found = numbers(daemon.client)
    assert value(found, "rtalp_queue_jobs", kind="fetch", state="queued") == 1
    assert value(found, "rtalp_queue_paused", kind="fetch") == 1 and value(found, "rtalp_queue_paused", kind="process") == 0
    assert 0.4 < value(found, "rtalp_queue_oldest_age_seconds", kind="fetch") < 60


@pytest.mark.parametrize("helper", ["spawner", "keeper"])
def test_a_helper_that_died_is_missed_and_counted(daemon, helper):
    process = getattr(daemon, helper)
    before = value(numbers(daemon.client), "rtalp_helper_restarts_total", process=helper)
    assert daemon.client.get("/readyz").json() == {"status": "ready"}
    os.kill(process().pid, signal.SIGKILL)
    lacks = proc.wait_until(lambda: (a := daemon.client.get("/readyz")).status == 503 and missing(a), 10, "it to be missed", every=0.001)
    assert lacks.get(helper)
    proc.wait_until(lambda: daemon.client.get("/readyz").status == 200, 10, "it to be back")
    assert value(numbers(daemon.client), "rtalp_helper_restarts_total", process=helper) == before + 1
    assert value(numbers(daemon.client), "rtalp_ready") == 1


def test_kept_answers_are_counted(daemon, new_user):
    alp_user_id, key = new_user()
    daemon.fetch_and_wait(alp_user_id, key, days=1)
    for _ in range(3):
        daemon.client.get("/api/time_entries", alp_user_id=alp_user_id)
    found = numbers(daemon.client)
    assert value(found, "rtalp_http_kept_lookups_total", result="hit") == 2
    assert value(found, "rtalp_http_kept_answers") >= 1


def test_a_storm_of_scrapes_asks_the_store_once(daemon):
    numbers(daemon.client)
    began = time.monotonic()
    reads = value(numbers(daemon.client), "rtalp_store_reads_total")
    opened = value(numbers(daemon.client), "process_cpu_seconds_total")
    for _ in range(50):
        same = numbers(daemon.client)
        if time.monotonic() - began > SAMPLE_SECONDS - 1:
            break
    # The sampled ones stay as they are between two samples; each scrape is one visit of a store thread.
    assert value(same, "process_cpu_seconds_total") == opened
    assert value(same, "rtalp_store_reads_total") - reads <= 52


def test_no_user_and_no_title_is_in_it(daemon, new_user):
    alp_user_id, key = new_user()
    daemon.fetch_and_wait(alp_user_id, key, days=1)
    entries = daemon.client.get("/api/time_entries", alp_user_id=alp_user_id).json()
    text = scrape(daemon.client).body.decode()
    assert entries and "user_id" not in text and key not in text
    for entry in entries:
        assert entry["task_description"] not in text and entry["application"] not in text


def test_it_is_for_operators(daemon):
    operator = Client(daemon.port, token=daemon.client.post("/api/tokens", {"name": "prometheus", "scope": "operator"}).json()["token"])
    service = Client(daemon.port, token=operator.post("/api/tokens", {"name": "screen", "scope": "service"}).json()["token"])
    assert daemon.client.get("/metrics").status == 401
    assert operator.get("/metrics").status == 200
    assert service.get("/metrics").status == 403
    # Root needs none over the Unix socket.
    assert Client(path=daemon.socket_path).get("/metrics").status == 200


@pytest.fixture
def receiver():
    r = Receiver()
    yield r
    r.stop()


def test_time_on_its_way_to_alp_is_told(make_alp_daemon, sandbox, receiver, new_user):
    """One entry confirmed and left, one posted, one that grew after it was confirmed; and a receiver of messages that refuses them."""
    sandbox.control("DELETE", "alp-entries")
    d = make_alp_daemon(receiver.settings()).start()
    alp_user_id, key = new_user()
    receiver.answers.extend([500] * 20)
    d.client.post("/api/webhooks", {"url": receiver.url, "events": ["entry.posted"]})
    d.fetch_and_wait(alp_user_id, key, days=2)
    left, posted = d.entries(alp_user_id)[:2]
    assert d.client.post("/api/processed_time_entries", {"original_entry_id": left["entry_id"]}).status == 201
    answer = d.client.post("/api/time_entries", {
        "matter_component_id": 100011, "user_id": alp_user_id, "date": posted["entry_date"], "units": posted["alp_units"], "description": "Advising on the lease",
        "rate": 35000, "billable_type": 1, "gst_type": 1, "entry_id": posted["entry_id"]})
    assert answer.status == 201, answer
    time.sleep(0.2)
    found = numbers(d.client)
    assert value(found, "rtalp_postings", state="posted") == 1 and value(found, "rtalp_postings", state="needs_person") == 0
    assert value(found, "rtalp_posting_changes_total", state="sending") == value(found, "rtalp_posting_changes_total", state="posted") == 1
    assert value(found, "rtalp_upstream_requests_total", upstream="alp_post", result="ok") == 1
    assert value(found, "rtalp_upstream_requests_total", upstream="alp_read", result="ok") >= 1
    assert 0.1 < value(found, "rtalp_oldest_unposted_seconds") < 60
    assert value(found, "rtalp_drift_seconds", direction="more") == value(found, "rtalp_drift_seconds", direction="less") == 0
    # All of that by the next sample: it is posted, another one grows, and the message still waits.
    assert d.client.post("/api/time_entries", {
        "matter_component_id": 100012, "user_id": alp_user_id, "date": left["entry_date"], "units": left["alp_units"], "description": "Advising on the will",
        "rate": 35000, "billable_type": 1, "gst_type": 1, "entry_id": left["entry_id"]}).status == 201
    sandbox.fault("growth", user=alp_user_id, seconds=60)
    d.fetch_and_wait(alp_user_id, key, days=2)
    time.sleep(SAMPLE_SECONDS)
    found = numbers(d.client)
    assert value(found, "rtalp_oldest_unposted_seconds") == 0
    assert value(found, "rtalp_drift_seconds", direction="more") >= 60
    assert value(found, "rtalp_postings", state="posted") == 2
    assert value(found, "rtalp_webhook_attempts_total", result="again") >= 1
    assert value(found, "rtalp_webhook_pending") >= 1 and value(found, "rtalp_webhook_lag_seconds") > SAMPLE_SECONDS / 2


def missing(answer):
    assert answer.status == 503 and answer.json()["code"] == "not_ready", answer
    return {lack["what"]: lack["detail"] for lack in answer.json()["missing"]}


def test_a_full_disk_is_missing_room(tmp_path, sandbox):
    d = Daemon(tmp_path, sandbox, {"store.min_free_mb": 1048576})
    try:
        d.start()
        answer = d.client.get("/readyz")
        assert set(missing(answer)) == {"disk"} and answer.json()["detail"].endswith("store.min_free_mb.")
        assert d.client.get("/livez").status == d.client.get("/healthz").status == 200
        assert value(numbers(d.client), "rtalp_ready") == 0
    finally:
        d.end()


def test_without_alp_it_is_ready_and_says_so(tmp_path, sandbox):
    """No ALP is no fault; one that does not answer is told of, and nothing waits for it."""
    key = tmp_path / "key"
    key.write_text("k" * 20)
    key.chmod(0o600)
    d = Daemon(tmp_path, sandbox, {"alp.url": f"http://127.0.0.1:{proc.free_port()}", "alp.key_file": str(key), "alp.breaker_failures": 1})
    try:
        d.start()
        d.client.get("/api/alp/users")
        answer = proc.wait_until(lambda: (a := d.client.get("/readyz").json()).get("without") and a, 10, "it to be missed")
        assert answer["status"] == "ready" and [lack["what"] for lack in answer["without"]] == ["alp"]
        assert value(numbers(d.client), "rtalp_alp_reachable") == 0
        assert value(numbers(d.client), "rtalp_upstream_requests_total", upstream="alp_read", result="unreachable") >= 1
    finally:
        d.end()


def test_the_process_is_described(daemon):
    found = numbers(daemon.client)
    assert abs(value(found, "process_start_time_seconds") - time.time()) < 120
    assert 5 < value(found, "process_open_fds") < value(found, "process_max_fds")
    assert value(found, "process_resident_memory_bytes") > 1e6
    assert sum(v for (name, _), v in found.items() if name == "rtalp_build_info") == 1
    assert [v for (name, labels), v in found.items() if name == "rtalp_store_health" and ("state", "ok") in labels] == [1]
    assert value(found, "rtalp_store_free_bytes") > 0
    proc.wait_until(lambda: value(numbers(daemon.client), "rtalp_loop_late_seconds_count") > 0, 10, "the loop's ticks")


def test_a_backup_is_told(tmp_path, sandbox):
    d = Daemon(tmp_path, sandbox, {"backup.directory": str(tmp_path / "backups")})
    try:
        d.start()
        before = numbers(d.client)
        assert value(before, "rtalp_backup_time_seconds") == value(before, "rtalp_backups_total", result="made") == 0
        assert d.client.request("POST", "/api/backups", headers={"Prefer": "wait=20"}).status in (200, 201, 202)
        found = proc.wait_until(lambda: value(f := numbers(d.client), "rtalp_backups_total", result="made") == 1 and f, 10, "the backup")
        assert abs(value(found, "rtalp_backup_time_seconds") - time.time()) < 60 and value(found, "rtalp_posting_held") == 0
    finally:
        d.end()
