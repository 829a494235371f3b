# SPDX-License-Identifier: Apache-2.0
"""The daemon keeps the contract it publishes: every operation is called, well and badly, and each answer held against its description."""
import jsonschema
import pytest

from lib import raw
from lib.client import Client
from lib.contract import TAKEN, Contract
from lib.daemon import Daemon
from lib.fake import Fake
from lib.truth import days_back

# A valid call of every operation, by its id: the status, and what to put into path, query, body and headers. Values may be functions of the
# world, which has a user with entries and jobs. Called in this order.
# What no schema can say: another field is needed, or an address is one that the configuration does not allow.
BEYOND_SCHEMAS = {"missing", "conflict", "bad_url"}
# Nobody is there.
NEW_HOOK = {"url": "https://hooks.invalid/x", "events": ["entry.posted"], "description": "of a test"}

CALLS = {
    "jobs_fetch": (202, {"body": lambda w: {"alp_user_id": w.user, "rescue_time_api_key": w.key, "days": 1}, "headers": {"Prefer": "wait=20"}}),
    "jobs_process": (202, {"body": lambda w: {"alp_user_id": w.user}, "headers": {"Prefer": "wait=20"}}),
    "rules_check": (200, {"body": lambda w: {"alp_user_id": w.user, "days": 31, "rules": "vague = { rules = ( { id = \"v\"; name = \"A name with more than 25 characters\"; } ); };"}}),
    "rules_check_get": (200, {"path": {"job_id": lambda w: w.rules_check()}}),
    "jobs_list": (200, {"query": {"limit": 1}}),
    "jobs_get": (200, {"path": {"job_id": lambda w: w.job}}),
    "jobs_cancel": (200, {"path": {"job_id": lambda w: w.waiting_job()}}),
    "jobs_retry": (202, {"path": {"job_id": lambda w: w.cancelled}, "body": lambda w: {"rescue_time_api_key": w.key}}),
    "jobs_watch": (200, {"path": {"job_id": lambda w: w.job}}),
    "events_watch": (200, {"headers": {"Last-Event-ID": "0"}}),
    "entries_list": (200, {"query": lambda w: {"alp_user_id": w.user, "limit": 1, "count": "true"}}),
    "entries_get": (200, {"path": {"entry_id": lambda w: w.entry}}),
    "entries_edit": (200, {"path": {"entry_id": lambda w: w.entry}, "body": {
        "task_description": "Advice on the lease", "time_units": 2.5, "matter_code": "12345", "notes": "by telephone"}}),
    "entries_ignore": (200, {"path": {"entry_id": lambda w: w.entry}}),
    "entries_restore": (200, {"path": {"entry_id": lambda w: w.entry}}),
    "entries_bulk": (200, {"body": lambda w: [{"entry_id": w.entry, "action": "edit", "notes": "seen"}, {"entry_id": 999999999, "action": "ignore"}]}),
    "entries_split": (200, {"path": {"entry_id": lambda w: w.entry}, "body": [{"share": 2}, {"share": 1, "task_description": "The other half"}]}),
    "entries_post": (201, {"body": lambda w: {
        "matter_component_id": 100011, "user_id": w.user, "date": w.date, "units": 3, "description": "Advice on the lease", "rate": 35000,
        "billable_type": 1, "gst_type": 1}}),
    "postings_list": (200, {"query": lambda w: {"alp_user_id": w.user, "state": "posted", "limit": 1}}),
    "postings_get": (200, {"path": {"id": 1}}),
    "postings_resolve": (409, {"path": {"id": 1}, "body": {"decision": "is_there", "alp_entry_id": "9"}}),
    "entries_merge": (200, {"body": lambda w: {"into": w.entry, "entries": [w.part()], "notes": "both"}}),
    "entries_explain": (200, {"path": {"entry_id": lambda w: w.entry}}),
    "confirmed_make": (201, {"body": lambda w: {
        "original_entry_id": w.entry, "task_description": "Advice on the lease", "time_units": 2.5, "matter_code": "12345", "notes": None}}),
    "confirmed_list": (200, {"query": lambda w: {"alp_user_id": w.user, "status": "submitted", "limit": 1, "count": "true"}}),
    "confirmed_revert": (200, {"path": {"id": lambda w: w.entry}}),
    "reports_day": (200, {"query": lambda w: {"alp_user_id": w.user, "date": w.date}}),
    "reports_range": (200, {"query": lambda w: {"alp_user_id": w.user, "from": w.date, "to": w.date, "by": "matter"}}),
    "users_get": (200, {"path": {"alp_user_id": lambda w: w.user}}),
    "users_put": (201, {"path": {"alp_user_id": lambda w: w.user}, "body": lambda w: {"time_zone": w.zone}}),
    "matters_put": (200, {"body": [{"code": 12345, "name": "Lease", "client": None, "aliases": ["Smith v Jones"], "open": False}]}),
    "import_day": (200, {"path": {"date": "2019-03-14"}, "query": lambda w: {"alp_user_id": w.user, "dry_run": "true"}, "body": [
        {"table": "activity_log", "row": 1, "application": "microsoft word", "description": "Deed of gift", "category": "Editing", "productivity": 2,
         "seconds": 480},
        {"table": "processed_time_entries", "row": 1, "application": "microsoft word", "description": "Deed of gift", "time_units": 1.4,
         "status": "submitted", "notes": None, "matter_code": 12345, "source_hash": "5d41402abc4b2a76b9719d911017c592", "alp_entry_id": 7,
         "submitted_to_alp_at": "2019-03-14T21:00:00Z", "created_at": None},
        {"table": "activity_log", "row": 2, "application": "microsoft word", "description": "Nothing", "seconds": 0}]}),
    "matters_list": (200, {"query": {"q": "lease", "limit": 1}}),
    "alp_matters": (200, {"query": {"q": "a", "limit": 1}}),
    "alp_outcomes": (200, {"path": {"matter_id": lambda w: w.alp("matters")}}),
    "alp_components": (200, {"path": {"outcome_id": lambda w: w.alp(f"matters/{w.alp('matters')}/outcomes")}}),
    "alp_users": (200, {}),
    "alp_gst_types": (200, {}),
    "users_forget": (204, {"path": {"alp_user_id": lambda w: w.user}}),
    "audit_list": (200, {"query": lambda w: {"alp_user_id": w.user, "entry_id": w.entry, "limit": 1}}),
    "settings_get": (200, {}),
    "keys_list": (200, {}),
    "alp_probe": (200, {"body": {}}),
    "alp_events": (503, {}),
    "alp_proof": (200, {"query": {"all": "true", "limit": 1}}),
    "alp_proof_run": (202, {}),
    "users_export": (200, {"path": {"alp_user_id": lambda w: w.user}}),
    "users_erase": (204, {"path": {"alp_user_id": 987654}}),
    "audit_verify": (200, {}),
    "posting_held": (200, {}),
    "posting_go_on": (200, {"body": {"unexamined": True}}),
    "backups_list": (200, {}),
    "backups_make": (201, {}),
    "store_check": (200, {}),
    "store_prune": (200, {}),
    "queue_list": (200, {}),
    "queue_pause": (200, {"path": {"kind": "process"}}),
    "queue_resume": (200, {"path": {"kind": "process"}}),
    "tokens_list": (200, {}),
    "tokens_create": (201, {"body": {"name": "of a test", "scope": "user", "alp_user_id": 7, "expires_at": "2036-01-31T00:00:00Z"}}),
    "tokens_get": (200, {"path": {"token_id": 1}}),
    "tokens_revoke": (204, {"path": {"token_id": lambda w: w.spare_token()}}),
    "webhooks_list": (200, {}),
    "webhooks_create": (201, {"body": NEW_HOOK}),
    "webhooks_get": (200, {"path": {"webhook_id": lambda w: w.hook()}}),
    "webhooks_change": (200, {"path": {"webhook_id": lambda w: w.hook()}, "body": {"events": ["entry.posted"], "enabled": False}}),
    "webhooks_delete": (204, {"path": {"webhook_id": lambda w: w.hook()}}),
    "webhooks_rotate": (200, {"path": {"webhook_id": lambda w: w.hook()}}),
    "webhooks_test": (202, {"path": {"webhook_id": lambda w: w.hook()}}),
    "webhooks_deliveries": (200, {"path": {"webhook_id": lambda w: w.message()["webhook_id"]}, "query": {"limit": 1}}),
    "webhooks_redeliver": (202, {"path": {"delivery_id": lambda w: w.message()["delivery_id"]}}),
    "health_live": (200, {}),
    "health_ready": (200, {}),
    "health_turns": (200, {}),
    "health_metrics": (200, {}),
    "contract_get": (200, {}),
    "docs_page": (200, {}),
    "docs_asset": (200, {}),
    "docs_root": (307, {}),
}


class World:
    """A user with entries of three days and the jobs that made them, in a daemon that asks for tokens."""

    def __init__(self, daemon, user, key, zone):
        self.daemon, self.user, self.key, self.zone = daemon, user, key, zone
        self.tokens = {"operator": self.token("operator")}
        self.tokens.update({"service": self.token("service"), "user": self.token("user", alp_user_id=user)})
        daemon.client = self.client("service")
        self.job = daemon.fetch_and_wait(user, key, days=3)["job_id"]
        entry = max(daemon.entries(user), key=lambda e: e["total_seconds"])  # one that can be split in parts
        self.entry, self.date = entry["entry_id"], entry["entry_date"]

    def client(self, scope):
        return Client(self.daemon.port, headers={"Authorization": f"Bearer {self.tokens[scope]}"})

    def token(self, scope, **fields):
        asks = self.client("operator") if hasattr(self, "tokens") else self.daemon.client
        answer = asks.post("/api/tokens", {"name": scope, "scope": scope, **fields})
        assert answer.status == 201, answer
        return answer.json()["token"]

    def waiting_job(self):
        """A job that is not begun, and not before jobs_retry had its turn."""
        assert self.client("operator").post("/api/queue/fetch/pause").status == 200
        self.cancelled = self.daemon.fetch(self.user, self.key, days=1)
        return self.cancelled

    def rules_check(self):
        """A check of which the result is kept."""
        return self.client("service").post("/api/rules/check", {"alp_user_id": self.user, "days": 1, "rules": ""}).json()["job_id"]

    def alp(self, path):
        """The id of the first thing on one of ALP's lists."""
        return self.client("service").get(f"/api/alp/{path}").json()[0]["id"]

    def hook(self):
        return self.client("service").post("/api/webhooks", NEW_HOOK).json()["webhook_id"]

    def message(self):
        return self.client("service").post(f"/api/webhooks/{self.hook()}/test").json()

    def part(self):
        """What entries_split has split off."""
        entries = self.daemon.entries(self.user, date=self.date)
        return next((e["entry_id"] for e in entries if e["supplement_of"] == self.entry and e["status"] == "pending"), 999999999)

    def spare_token(self):
        return int(self.token("operator").split("_")[1])

    def call(self, operation, scope=None, **changes):
        """Calls it as CALLS has it, changed by what is given, with a token that will do."""
        wanted = {**CALLS[operation.id][1], **changes}
        path, query, body, headers = (self._value(wanted.get(name)) for name in ("path", "query", "body", "headers"))
        client = self.client(scope or (operation.scopes() or ["service"])[0])
        return client.request(operation.method, operation.target(path, query), json=body, headers=headers, stream=operation.streams())

    def _value(self, value):
        if callable(value):
            return value(self)
        return {name: self._value(v) for name, v in value.items()} if isinstance(value, dict) else value


@pytest.fixture(scope="module")
def contract(daemon):
    return Contract.of(daemon.client)


@pytest.fixture(scope="module")
def world(tmp_path_factory, user_numbers, the_sandbox):
    user = next(user_numbers)
    while not all(the_sandbox.seconds(user, date) for date in days_back(the_sandbox.today(user), 3)):
        user = next(user_numbers)
    d = Daemon(tmp_path_factory.mktemp("daemon"), the_sandbox, the_sandbox.alp_settings(tmp_path_factory.mktemp("alp"), alp__feed_matters="no"))
    d.start()
    yield World(d, user, the_sandbox.key(user), the_sandbox.zone)
    d.end()


def problem(operation, answer, status, code):
    operation.check(answer)
    assert (answer.status, answer.json()["code"]) == (status, code), (operation, answer.body)
    return answer.json()


# --- what is answered to valid calls ---


def test_every_operation_answers_as_described(contract, world):
    assert [o.id for o in contract.operations if o.id not in CALLS] == [], "an operation without a valid call here"
    operations = {o.id: o for o in contract.operations}
    assert set(CALLS) == set(operations)
    for name, (status, _) in CALLS.items():
        answer = operations[name].check(world.call(operations[name]))
        assert answer.status == status, (name, answer)
        if operations[name].streams():
            operations[name].check_events(answer.text)
        if name == "jobs_retry":
            assert world.client("operator").post("/api/queue/fetch/resume").status == 200


def test_an_answer_that_says_more_or_less_than_described_would_be_seen(contract, world):
    """The checks of this file can fail."""
    operation = contract.operation("entries_get")
    answer = world.call(operation)
    entry = answer.json()
    for wrong in ({**entry, "secret": 1}, {k: v for k, v in entry.items() if k != "notes"}, {**entry, "status": "gone"},
                  {**entry, "created_at": "yesterday"}, {**entry, "entry_date": "2026-02-30"}, {**entry, "total_seconds": -1},
                  {**entry, "machine": {}}):
        with pytest.raises(AssertionError):
            contract.validate(wrong, contract.resolve(operation.answers()[200])["content"]["application/json"]["schema"])
    answer.status = 418
    with pytest.raises(AssertionError):
        operation.check(answer)


def test_every_event_of_a_job_is_described(contract, world):
    """From the first to the last of a job that fetched, and of one that failed."""
    seen = set()
    for key in (world.key, "a-key-that-nobody-has"):
        job = world.daemon.wait_job(world.daemon.fetch(world.user, key, days=1))["job_id"]
        answer = world.daemon.client.request("GET", f"/api/jobs/{job}/events", headers={"Last-Event-ID": "0"})
        seen |= set(contract.operation("jobs_watch").check_events(contract.operation("jobs_watch").check(answer).text))
    assert {"job.queued", "job.running", "job.progress", "job.succeeded", "job.failed"} <= seen
    again = world.daemon.client.request("GET", f"/api/jobs/{job}/events", headers={"Last-Event-ID": "9007199254740991"})
    contract.operation("jobs_watch").check(again)


def test_a_table_is_told_where_it_is_promised(contract, world):
    tables = [o for o in contract.operations if "text/csv" in o.answers().get(200, {}).get("content", {})]
    assert len(tables) >= 3
    for operation in tables:
        answer = operation.check(world.call(operation, headers={"Accept": "text/csv"}))
        assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv") and b"," in answer.body, operation


def test_every_operation_wants_the_tokens_it_names(contract, world):
    for operation in contract.operations:
        bare = operation.check(Client(world.daemon.port).request(operation.method, operation.target(query={"zz": 1})))
        assert (bare.status == 401) == (operation.scopes() != []), operation
        for scope in ("service", "user", "operator"):
            # With a field that nobody knows, so that nothing happens.
            answer = operation.check(world.call(operation, scope, query={"zz": 1}, path={}))
            assert (answer.status == 403) == (scope not in operation.scopes() and operation.scopes() != []), (operation, scope)


def test_every_optional_state_of_an_entry_and_a_job_is_described(contract, world):
    for query in ({"status": "all"}, {"date": world.date}, {"q": "e"}, {"updated_since": "2026-01-01T00:00:00Z"}):
        contract.operation("entries_list").check(world.call(contract.operation("entries_list"), query={"alp_user_id": world.user, **query}))
    job = world.daemon.wait_job(world.daemon.fetch(world.user, "a-key-that-nobody-has", days=1))
    assert job["state"] == "failed" and job["error"]
    contract.operation("jobs_get").check(world.daemon.client.get(f"/api/jobs/{job['job_id']}"))


def test_head_and_options_are_there_for_every_path(contract, world, daemon):
    for operation in contract.operations:
        answer = daemon.client.request("OPTIONS", operation.target())
        assert answer.status == 204 and operation.method in answer.headers["Allow"].split(", ")
        if operation.method == "GET" and operation.id in ("entries_list", "jobs_list", "docs_page", "contract_get", "health_live"):
            got = world.call(operation)
            head = world.daemon.client.request("HEAD", operation.target(query=world._value(CALLS[operation.id][1].get("query"))))
            assert (head.status, head.headers["Content-Length"], head.body) == (got.status, str(len(got.body)), b"")
    for path, item in contract.document["paths"].items():
        allowed = set(daemon.client.request("OPTIONS", contract.operations[[o.path for o in contract.operations].index(path)].target())
                      .headers["Allow"].split(", ")) - {"HEAD", "OPTIONS"}
        assert allowed == {method.upper() for method in item}, path


def test_what_has_a_tag_is_not_sent_again(contract, world):
    tagged = [o for o in contract.operations if 304 in o.answers()]
    assert len(tagged) >= 4
    for operation in tagged:
        tag = world.call(operation).headers["ETag"]
        answer = operation.check(world.call(operation, headers={"If-None-Match": tag}))
        assert (answer.status, answer.headers["ETag"]) == (304, tag), operation


# --- what is answered to broken calls ---


def test_a_wrong_field_is_told_by_every_operation(contract, world):
    for operation in contract.operations:
        body = {"zz": 1} if operation.body_schema() else None
        told = problem(operation, world.call(operation, query={"zz": "1"}, body=body), 422, "invalid_fields")
        assert {("query", "zz")} <= {tuple(e["loc"]) for e in told["errors"]}, operation
        assert body is None or ("body", "zz") in {tuple(e["loc"]) for e in told["errors"]}, operation


def test_what_is_not_there_is_told_by_every_operation(contract, world):
    numbered = [o for o in contract.operations if any(p["schema"]["type"] == "integer" for p in o.named("path"))]
    assert len(numbered) >= 8
    for operation in numbered:
        problem(operation, world.call(operation, path={operation.named("path")[0]["name"]: "no-number"}), 422, "invalid_fields")
        if operation.id not in ("users_get", "users_put", "users_forget", "users_export", "users_erase"):  # an unknown user has the defaults
            problem(operation, world.call(operation, path={operation.named("path")[0]["name"]: 2 ** 53 - 1}), 404, "not_found")
    for operation in contract.operations:
        if any("enum" in p["schema"] for p in operation.named("path")):
            problem(operation, world.call(operation, path={operation.named("path")[-1]["name"]: "no-such"}), 404, "not_found")


def test_a_bad_body_is_told_by_every_operation_that_takes_one(contract, daemon):
    taking = [o for o in contract.operations if o.body_schema()]
    assert len(taking) >= 5
    for operation in taking:
        def send(body, media="application/json"):
            return daemon.client.request(operation.method, operation.target(), body=body, headers={"Content-Type": media})
        problem(operation, send("{"), 400, "malformed_json")
        problem(operation, send("{}", "text/plain"), 415, "unsupported_media_type")
        problem(operation, send('{"zz": "' + "z" * (4 << 20) + '"}'), 413, "body_too_large")


def test_a_broken_request_is_told_by_every_operation(contract, daemon):
    for operation in contract.operations:
        first = f"{operation.method} {operation.target()}"
        for text, status, code in (
                (f"{first} HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403, "foreign_host"),
                (f"{first} HTTP/1.1\r\n\r\n", 400, "missing_host"),
                (f"{first} HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400, "repeated_header"),
                (f"{first} HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n", 400, "bad_request"),
                (f"{first} HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400, "bad_framing"),
                (f"{first} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "bad_framing"),
                (f"{first} HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nContent-Length: 1\r\n\r\n", 417, "unknown_expectation"),
                (f"{first} HTTP/2.0\r\nHost: localhost\r\n\r\n", 505, "http_version"),
                (f"{first}?{'x' * 5000} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, "target_too_long"),
                (f"{first} HTTP/1.1\r\nHost: localhost\r\nX: {'x' * 20000}\r\n\r\n", 431, "head_too_large"),
                (f"{first} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n", 413, "body_too_large")):
            problem(operation, raw.request(daemon.port, text), status, code)
        if operation.method != "GET":
            text = f"{first} HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n"
            problem(operation, raw.request(daemon.port, text), 403, "foreign_origin")


def test_a_state_that_forbids_it_is_told(contract, world):
    def told(name, status, code, **changes):
        problem(contract.operation(name), world.call(contract.operation(name), **changes), status, code)
    told("jobs_cancel", 409, "job_over", path={"job_id": world.job})
    told("jobs_retry", 409, "job_not_retryable", path={"job_id": world.job})
    for name in ("entries_edit", "entries_ignore", "entries_restore"):
        told(name, 412, "entry_changed", headers={"If-Match": '"of-another-time"'})
    told("users_put", 422, "invalid_fields", body={"time_zone": "Mars/Olympus"})
    told("reports_day", 404, "not_found", query={"alp_user_id": world.user, "date": "1999-12-31"})


def test_a_request_sent_twice_is_told(contract, world):
    operation = contract.operation("jobs_process")
    first, second = (operation.check(world.call(operation, headers={"Idempotency-Key": "of-a-test"})) for _ in range(2))
    assert second.headers["Idempotent-Replay"] == "true" and second.body == first.body
    other = {"alp_user_id": world.user, "date": world.date}
    problem(operation, world.call(operation, body=other, headers={"Idempotency-Key": "of-a-test"}), 422, "idempotency_key_reused")
    create = contract.operation("tokens_create")
    create.check(world.call(create, headers={"Idempotency-Key": "of-a-token"}))
    problem(create, world.call(create, headers={"Idempotency-Key": "of-a-token"}), 409, "secret_already_shown")
    with Fake(delay_ms=500) as fake, raw.Raw(fake.port) as one, raw.Raw(fake.port) as other:
        for connection in (one, other):
            connection.send(raw.post("/api/jobs/process", '{"alp_user_id": 1}', "Idempotency-Key: k"))
        good, busy = sorted((operation.check(connection.answer()) for connection in (one, other)), key=lambda a: a.status)
        assert good.status == 202 and problem(operation, busy, 409, "idempotency_in_progress") and "retry-after" in busy.headers


def test_what_the_store_cannot_do_is_told_by_every_operation_that_asks_it():
    """With the pretended verbs of fake_app, which fail by the user's or the thing's number. Their document is the same."""
    bodies = {"jobs_fetch": {"rescue_time_api_key": "k"}, "jobs_process": {}}
    failures = {901: (503, "store_failed"), 903: (500, "internal")}
    told = set()
    with Fake() as fake:
        contract = Contract.of(fake.client)
        for operation in contract.operations:
            numbers = [p["name"] for p in operation.named("path") if p["schema"]["type"] == "integer"]
            asks_user = any(p["name"] == "alp_user_id" for p in operation.named("query"))
            if not numbers and not asks_user and operation.id not in bodies:
                continue
            for number, (status, code) in failures.items():
                query = {"alp_user_id": number} if asks_user and not numbers else {}
                query.update({p["name"]: "2026-01-05" for p in operation.named("query") if p.get("required") and p["schema"].get("format") == "date"})
                body = {**bodies[operation.id], "alp_user_id": number} if operation.id in bodies else None
                answer = operation.check(fake.client.request(operation.method, operation.target(dict.fromkeys(numbers, number), query), json=body,
                                                              stream=operation.streams()))
                if answer.status >= 500:
                    problem(operation, answer, status, code)
                    told.add(operation.id)
        assert {"jobs_fetch", "jobs_list", "jobs_get", "entries_list", "entries_get", "entries_ignore", "reports_day", "users_get"} <= told
        fetch = contract.operation("jobs_fetch")
        for number, status, code in ((902, 429, "queue_full"), (900, 503, "disk_full")):
            problem(fetch, fake.client.post("/api/jobs/fetch", {"alp_user_id": number, "rescue_time_api_key": "k"}), status, code)


# --- limits ---


def instances(schema):
    """Values within the limits, and values beyond one."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    inside, outside = [], []
    if "null" in types:
        inside.append(None)
    if "enum" in schema:
        inside += [word for word in schema["enum"] if word is not None]
        outside.append("no-such-word")
    elif "integer" in types:
        inside += [schema["minimum"], schema["maximum"]]
        outside += [schema["minimum"] - 1, schema["maximum"] + 1]
    elif "number" in types:
        inside += [schema["minimum"], schema["maximum"], 0.1]
        outside += [schema["minimum"] - 0.1, schema["maximum"] + 0.1, 0.25]
    elif "boolean" in types:
        inside += [True, False]
        outside.append("perhaps")
    elif schema.get("format") == "date":
        inside.append("2026-02-28")
        outside += ["2026-02-30", "2026-2-3"]
    elif schema.get("format") == "date-time":
        inside.append("2036-02-28T10:00:00Z")
        outside.append("2026-02-28")
    elif "string" in types and "maxLength" in schema:
        inside += ["k" * max(schema.get("minLength", 1), 1), "k" * schema["maxLength"]]
        outside.append("k" * (schema["maxLength"] + 1))
        outside += [""] if schema.get("minLength", 0) > 0 else []
    return inside, outside


def test_the_limits_of_a_body_are_those_of_the_contract(contract, daemon):
    """With a field that nobody knows, so that nothing happens whatever else is right."""
    tried = 0
    for operation in contract.operations:
        for name, schema in (operation.body_schema() or {"properties": {}})["properties"].items():
            inside, outside = instances(schema)
            for value, good in [(v, True) for v in inside] + [(v, False) for v in outside]:
                told = daemon.client.request(operation.method, operation.target(), json={name: value, "zz": 1}).json()
                types = {e["type"] for e in told["errors"] if e["loc"] == ["body", name]} - BEYOND_SCHEMAS
                assert (types == set()) == good, (operation, name, value, told)
                assert good == jsonschema.Draft202012Validator(schema, format_checker=TAKEN).is_valid(value), (operation, name, value)
                tried += 1
    assert tried > 60


def test_the_limits_of_a_query_are_those_of_the_contract(contract, daemon):
    tried = 0
    for operation in contract.operations:
        for parameter in operation.named("query"):
            schema, name = parameter["schema"], parameter["name"]
            inside, outside = instances(schema["items"] if schema["type"] == "array" else schema)
            for value, good in [(v, True) for v in inside] + [(v, False) for v in outside]:
                value = str(value).lower() if isinstance(value, bool) else value
                told = daemon.client.request(operation.method, operation.target(query={name: value, "zz": 1})).json()
                types = {e["type"] for e in told["errors"] if e["loc"] == ["query", name]} - {"missing", "conflict", "bad_cursor"}
                assert (types == set()) == good, (operation, name, value, told)
                tried += 1
    assert tried > 40


def test_the_examples_are_valid(contract):
    """What a reader copies works."""
    for operation in contract.operations:
        for media in operation.described.get("requestBody", {}).get("content", {}).values():
            contract.validate(media["example"], media["schema"], operation, TAKEN)
        for parameter in operation.parameters:
            if "example" in parameter:
                contract.validate(parameter["example"], parameter["schema"], operation, TAKEN)
    for name, schema in contract.document["components"]["schemas"].items():
        for member, described in schema["properties"].items():
            for example in described.get("examples", []):
                contract.validate(example, described, (name, member), TAKEN)


# --- the documents themselves ---


def test_the_contract_is_kept_by_whoever_read_it(daemon):
    first = daemon.client.get("/openapi.json")
    assert first.headers["Cache-Control"] == "no-cache" and first.json()["openapi"].startswith("3.1")
    packed = daemon.client.request("GET", "/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.body) * 4 < len(first.body)
    again = daemon.client.request("GET", "/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_the_page_may_load_from_here_only(daemon):
    page = daemon.client.get("/docs")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'" and "unsafe" not in str(policy)
    assert page.headers["Cache-Control"] == "no-cache" and page.headers["Referrer-Policy"] == "no-referrer"
    assert "//" not in page.text.replace("<!DOCTYPE html>", "").split("SPDX")[1].split("-->")[1], "an address elsewhere"
    asset = page.text.split('href="')[-1 if "swagger" not in page.text else 1].split('"')[0]
    kept = daemon.client.get(asset)
    assert kept.status == 200 and "immutable" in kept.headers["Cache-Control"] and kept.headers["X-Content-Type-Options"] == "nosniff"
    version = asset.split("/")[3]
    for path in (f"/docs/assets/{'0' * 16}/docs.js", f"/docs/assets/{version}/..%2fdocs.js", f"/docs/assets/{version}/index.html", "/docs/"):
        assert daemon.client.get(path).status == 404, path
    root = daemon.client.get("/")
    assert (root.status, root.headers["Location"]) == (307, "/docs")
