# SPDX-License-Identifier: Apache-2.0
"""The review screen that firms already have works unmodified: its calls as a browser sends them, in single-user mode on loopback without tokens."""
import gzip
import json

import pytest

from lib.build import TOP
from lib.client import Client
from lib.truth import days_back

RECORDED = json.loads((TOP / "tests" / "data" / "review-screen.json").read_text())
TYPES = {"integer": int, "number": (int, float), "text": str}


class Screen:
    """Replays the calls with what it was told before in them."""

    def __init__(self, client, origin, told):
        self.client, self.origin, self.told = client, origin, dict(told)

    def value(self, text):
        if isinstance(text, dict):
            return {self.value(k): self.value(v) for k, v in text.items()}
        if not isinstance(text, str) or not text.startswith("$"):
            return text
        name, _, field = text[1:].partition(".")
        return self.told[name][field] if field else self.told[name]

    def path(self, path):
        return "/".join(str(self.value(part)) for part in path.replace("=$", "=/$").split("/")).replace("=/", "=")

    def send(self, call):
        headers = {**RECORDED["headers"], "Host": self.origin.split("//")[1], "Referer": f"{self.origin}/"}
        if call["method"] != "GET":
            headers["Origin"] = self.origin
        body = json.dumps(self.value(call["body"])) if "body" in call else None
        answer = self.client.request(call["method"], self.path(call["path"]), body=body, headers=headers)
        wanted = call.get("status", 200)
        assert answer.status in (wanted if isinstance(wanted, list) else [wanted]), (call["when"], answer)
        assert answer.headers["Content-Type"].startswith("application/json")
        return json.loads(gzip.decompress(answer.body) if answer.headers["Content-Encoding"] == "gzip" else answer.body)

    def reads(self, call, thing, fields):
        for name, kind in fields.items():
            assert name in thing, (call["when"], name)
            value = thing[name]
            if kind == "true":
                assert value is True, (call["when"], name)
            elif value is not None or not kind.endswith("?"):
                assert isinstance(value, TYPES[kind.rstrip("?")]) and not isinstance(value, bool), (call["when"], name, value)

    def holds(self, call, thing):
        for name, value in call.get("with", {}).items():
            assert thing[name] == self.value(value), (call["when"], name, thing)

    def call(self, call):
        told = self.send(call)
        if "list" in call:
            self.check_list(call, told)
        elif "one" in call:
            self.reads(call, told, RECORDED[call["one"]])
            self.holds(call, told)
            self.told[call["keep"]] = told
        else:
            self.reads(call, told, call["reads"])

    def check_list(self, call, told):
        assert isinstance(told, list), call["when"]
        for thing in told:
            self.reads(call, thing, RECORDED[call["list"]])
            self.holds(call, thing)
        assert len(told) == call.get("count", len(told)) and len(told) >= call.get("least", 0), (call["when"], len(told))
        for entry_id, status in call.get("statuses", {}).items():
            assert [e["status"] for e in told if e["entry_id"] == self.value(entry_id)] == [status], call["when"]
        self.told.update({name: told[at] for name, at in call.get("keep", {}).items()})


@pytest.fixture
def single(make_daemon, sandbox, new_user, tmp_path):
    user, key = new_user()
    (tmp_path / "key").write_text(key)
    (tmp_path / "key").chmod(0o600)
    day = days_back(sandbox.today(user), 1)[0]
    rows = sandbox.day(user=999, date="2026-11-18")[:1]
    sandbox.put_day(user, day, [rows[0]._replace(time=f"{9 + n:02}:00", activity="Microsoft Word", document=f"Advice {n} [2206{n}].docx", seconds=250 + n)
                                for n in range(6)])
    daemon = make_daemon({"single_user.id": user, "single_user.key_file": str(tmp_path / "key")}).start()
    return daemon, day, days_back(sandbox.today(user), 2)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_recorded_calls_of_the_screen_work(single, host):
    daemon, day, days = single
    before = next(d for d in days if d != day)
    screen = Screen(Client(daemon.port), daemon.url.replace("127.0.0.1", host), {"day": day, "before": before})
    for call in RECORDED["calls"]:
        screen.call(call)
    assert {"draft", "edited", "unwanted", "plain", "confirmed", "saved"} <= set(screen.told)


def test_a_page_from_elsewhere_is_not_the_screen(single):
    daemon = single[0]
    calls = [c for c in RECORDED["calls"] if c["method"] != "GET" and "$" not in c["path"]]
    assert len(calls) >= 4
    for call in calls:
        answer = Client(daemon.port).request(call["method"], call["path"], json={}, headers={**RECORDED["headers"], "Origin": "http://evil.example"})
        assert (answer.status, answer.json()["code"]) == (403, "foreign_origin"), call
    assert Client(daemon.port).get("/api/jobs").json() == []
