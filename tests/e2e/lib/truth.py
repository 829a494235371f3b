# SPDX-License-Identifier: Apache-2.0
"""What must hold whatever happened: where each recorded second went, and how a job went along."""
import datetime

KEPT = ("pending", "submitted", "supplement", "ignored", "filtered", "below_minimum", "excluded", "unprocessed")


def days_back(last, count):
    """The dates of `count` days up to and including `last`."""
    end = datetime.date.fromisoformat(last)
    return [(end - datetime.timedelta(days=n)).isoformat() for n in reversed(range(count))]


def assert_balanced(report):
    """captured + overhang = the sum of the places a second can be in."""
    left = report["captured_seconds"] + report["overhang_seconds"]
    right = sum(report[f"{name}_seconds"] for name in KEPT)
    assert left == right, report


def milliseconds(instant):
    return datetime.datetime.fromisoformat(instant.replace("Z", "+00:00")).timestamp() * 1000


def assert_sound_history(job):
    """Every step begins where the last one ended, time does not run backwards, and runs only grow."""
    history = job["history"]
    assert history[0]["from"] is None and history[0]["to"] == "queued", history
    assert history[-1]["to"] == job["state"], job
    for before, after in zip(history, history[1:]):
        assert after["from"] == before["to"], history
        assert milliseconds(after["at"]) >= milliseconds(before["at"]), history
        assert after["run"] >= before["run"], history


def codes(job):
    return [step["code"] for step in job["history"] if step["code"]]
