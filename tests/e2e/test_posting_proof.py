# SPDX-License-Identifier: Apache-2.0
"""Never twice, never lost: postings go to an ALP that misbehaves in every way the sandbox knows, while the daemon is killed.

One test kills it at each step in turn; the other at random moments and random steps, with thousands of entries under way: RTALP_KILLS times
(50; ./check --full has 1000). What is in ALP is read from the sandbox, not from the daemon.
"""
import collections
import itertools
import os
import queue
import random
import re
import threading
import time

import pytest

from lib import proc
from lib.build import SANITIZED
from lib.client import Client
from lib.killer import Killer
from lib.sandbox import Sandbox
from lib.truth import assert_balanced, days_back

KILLS = int(os.environ.get("RTALP_KILLS", 50))
SEED = int(os.environ.get("RTALP_SEED", 1))
SETTLED = ("posted", "needs_person")
LATE_MS = 300  # less than the looks together, as an ALP must keep to of which is said that it lists what is fresh

DAEMON = {
    "posting.look_1_ms": 20, "posting.look_2_ms": 100, "posting.look_3_ms": 200, "posting.look_4_ms": 300, "posting.look_5_ms": 500,
    "posting.retry_ms": 20, "posting.retry_max_ms": 200, "posting.wait_ms": 0, "posting.sends_max": 10,
    "alp.answer_timeout_ms": 600, "alp.connect_timeout_ms": 2000, "alp.max_connections": 16, "alp.lists_fresh": "yes",
    # It is to go on trying: what the breaker does has tests of its own.
    "alp.breaker_failures": 1000,
}

# What ALP is like, and what the configuration says of it.
ALPS = {
    "keeps our reference": ({"honours_key": 0, "paging": "link", "page_size": 7}, {"alp.paging": "link", "alp.keeps_reference": "yes"}),
    "has no reference": ({"honours_key": 0, "reference": ""}, {"alp.reference_field": "", "alp.keeps_reference": "no"}),
    "cannot be listed": ({"honours_key": 0, "lists_entries": 0}, {"alp.lists_entries": "no", "alp.lists_fresh": "no"}),
}
BY_HAND = "By hand"  # entries that somebody makes in ALP begin so

# How many requests in a thousand, of posts if nothing else is said.
MISBEHAVIOUR = (
    ("drop", 50, {}), ("drop", 20, {"create": 0}), ("drop", 20, {"bytes": 40}), ("status", 30, {"create": 1}), ("status", 20, {}),
    ("status", 10, {"create": 1, "status": 408}), ("status", 3, {"status": 429, "retry_after": 1}), ("html", 20, {}), ("no-id", 20, {}),
    ("late", 20, {"ms": LATE_MS}), ("late", 10, {"ms": LATE_MS, "status": 0}), ("stall", 5, {}), ("stall", 5, {"create": 0}), ("redirect", 10, {}),
    ("round", 50, {}), ("hide", 50, {"ms": LATE_MS}), ("slow", 100, {"ms": 100}),
    ("status", 20, {"on": "entries", "status": 503}), ("drop", 20, {"on": "entries", "create": 0}),
    ("page-short", 10, {"on": "entries"}), ("page-again", 10, {"on": "entries"}),
)
if KILLS > 50:  # a day of which no list can be read is left alone for half a minute
    MISBEHAVIOUR += (("html", 5, {"on": "entries"}),)

pytestmark = pytest.mark.skipif(SANITIZED, reason="a sanitizer's runtime must be loaded before anything that is preloaded")


@pytest.fixture
def alp(tmp_path_factory):
    """A sandbox of its own: what ALP holds is this test's."""
    s = Sandbox(tmp_path_factory.mktemp("alp"), "--seed", str(SEED))
    yield s
    s.stop()


@pytest.fixture
def killer(tmp_path):
    return Killer(tmp_path)


class Firm:
    """The daemon, what was asked of it, and what became of that."""

    def __init__(self, daemon, alp):
        self.daemon, self.alp = daemon, alp
        # The socket stays where it is, whoever listens behind it.
        self.client = Client(path=daemon.socket_path, timeout=5)
        self.asked = {}  # description -> body
        self.key = itertools.count(1)

    def body(self, user, date, component, description, **more):
        return {"matter_component_id": component, "user_id": user, "date": date, "units": 2, "description": description, "rate": 35000,
                "billable_type": 1, "gst_type": 1, "discriminator": "MatterComponentTimeEntry", "notes": "", **more}

    def post(self, body, give_up=lambda: False):
        """Asks until it is acknowledged, as a client does that must not forget: with the same Idempotency-Key."""
        key = f"proof-{next(self.key)}"
        while not give_up():
            try:
                answer = self.client.post("/api/time_entries", body, Idempotency_Key=key, Prefer="wait=0")
            except (OSError, EOFError, ValueError):
                time.sleep(0.01)
                continue
            if answer.status in (429, 503) or (answer.status == 409 and answer.json()["code"] == "idempotency_in_progress"):
                time.sleep(0.02)
                continue
            assert answer.status in (201, 202), (answer, body)
            self.asked[body["description"]] = body
            return answer
        return None

    def postings(self):
        """All of them, page by page."""
        path, found = "/api/postings?limit=1000", []
        while path:
            answer = self.client.get(path)
            assert answer.status == 200, answer
            found += answer.json()
            path = link[1] if (link := re.search(r'<([^>]*)>; *rel="next"', answer.headers.get("Link", ""))) else None
        return found

    def settled(self):
        try:
            return all(p["state"] in SETTLED for p in self.postings())
        except OSError:
            return False

    def wait_settled(self, timeout):
        proc.wait_until(self.settled, timeout, what="the end of all postings")

    def check(self):
        """What is in ALP is what was asked for: once, or it stands with a person. Returns how many are posted, and with a person."""
        held = collections.defaultdict(list)
        for h in self.alp.alp_entries():
            if not h.description.startswith(BY_HAND):
                held[h.description].append(h)
        postings = {p["request"]["description"]: p for p in self.postings()}
        assert set(postings) == set(self.asked), "an acknowledged one is forgotten, or there is one that nobody asked for"
        assert set(held) <= set(self.asked)
        for description, body in self.asked.items():
            posting, found = postings[description], held[description]
            assert len(found) <= 1, ("twice", posting, found)
            if posting["state"] == "posted":
                assert [h.id for h in found] == [posting["alp_entry_id"]], ("lost", posting, found)
                there, = found
                assert (there.user, there.date, there.component) == (body["user_id"], body["date"], body["matter_component_id"])
                # What a person pointed to is not read back yet.
                assert posting["alp_entry"] is None or (there.units != body["units"]) == any(d["field"] == "units" for d in posting["differences"]), (posting, there)
            else:
                assert posting["state"] == "needs_person" and posting["problem"]["code"], posting
        return collections.Counter(p["state"] for p in postings.values())

    def decide(self):
        """A person looks into ALP and says what is there. What waited for another of its lane may have to be asked about once more."""
        for _ in range(10):
            held = {h.description: h for h in self.alp.alp_entries()}
            waiting = [(p, held.get(p["request"]["description"])) for p in self.postings() if p["state"] == "needs_person"]
            for p, there in sorted(waiting, key=lambda w: w[1] is None):
                decision = {"decision": "is_there", "alp_entry_id": there.id} if there else {"decision": "is_not_there"}
                answer = self.client.post(f"/api/postings/{p['posting_id']}/resolve", decision)
                assert answer.status == 200, (answer, p)
            self.wait_settled(60)


@pytest.fixture
def firm(make_daemon, alp, killer, tmp_path):
    """Calls give a Firm with a running daemon and the ALP of that name."""
    def make(name):
        config, settings = ALPS[name]
        alp.alp_set(**config)
        daemon = make_daemon({**alp.alp_settings(tmp_path), "rescuetime.url": alp.https_url, "rescuetime.ca_file": alp.ca,
                              "users.default_time_zone": alp.zone, **DAEMON, **settings}, **killer.arguments)
        return Firm(daemon.start(), alp)
    return make


def dead(daemon):
    return daemon.process.poll() is not None


@pytest.mark.parametrize("after", [False, True], ids=["before", "right after"])
@pytest.mark.parametrize("name", list(ALPS)[:2])
def test_dying_at_every_step_of_a_posting(firm, killer, capsys, name, after):
    f = firm(name)
    date, _ = days_back(f.alp.today(1), 2)
    f.post(f.body(1, date, 100011, "the first asks for lists"))
    f.wait_settled(20)
    for step in range(1, 300):
        body = f.body(1, date, 100011, f"Perusing deed {step}")
        killer.arm(step, after)
        asking = threading.Thread(target=f.post, args=(body,))
        asking.start()
        proc.wait_until(lambda: killer.struck or (not asking.is_alive() and f.settled()), 10, what="death or the end")
        died = killer.struck
        killer.disarm()
        if died:
            f.daemon.process.wait(10)
            f.daemon.start()
        asking.join()
        f.wait_settled(20)
        assert f.check()["posted"] == step + 1, "an ALP that behaves leaves nothing for a person"
        if not died:
            break
    assert not died and step > 5, "the steps do not end, or they are not counted"
    with capsys.disabled():
        print(f"\n{name}: killed {'right after' if after else 'before'} each of {step - 1} steps of a posting; {step + 1} entries, each in ALP once")


class Death:
    """Kills the daemon and starts it again: at a moment, at a step, or at a step of its start."""

    def __init__(self, firm, killer, random):
        self.daemon, self.killer, self.random = firm.daemon, killer, random
        self.count = collections.Counter()

    def at_a_moment(self):
        time.sleep(self.random.uniform(0.02, 0.3))
        self.daemon.kill()
        self.count["at a moment"] += 1

    def at_a_step(self):
        self.killer.arm(self.random.randint(1, 150), self.random.random() < 0.5)
        end = time.monotonic() + 1
        while not dead(self.daemon) and time.monotonic() < end:
            time.sleep(0.005)
        self.killer.disarm()
        if dead(self.daemon):
            self.count["at a step"] += 1
        else:
            self.daemon.kill()
            self.count["at a moment"] += 1

    def while_it_starts(self):
        self.daemon.kill()
        self.count["at a moment"] += 1
        self.killer.arm(self.random.randint(1, 40), self.random.random() < 0.5)
        self.daemon.launch()
        end = time.monotonic() + 1
        while not dead(self.daemon) and time.monotonic() < end:
            time.sleep(0.005)
        self.killer.disarm()
        if dead(self.daemon):
            self.count["while it starts"] += 1
        else:
            self.daemon.kill()
            self.count["at a moment"] += 1

    def strike(self):
        self.random.choices([self.at_a_moment, self.at_a_step, self.while_it_starts], [4, 5, 1])[0]()
        self.daemon.start()

    @property
    def kills(self):
        return self.count.total()


def drafts_of(firm, users):
    """Real drafts: what these users did, fetched and processed, as bodies of postings."""
    for user in users:
        firm.daemon.fetch_and_wait(user, firm.alp.key(user), days=2)
    return [firm.body(user, e["entry_date"], 100011 + e["entry_id"] % 4, f"Entry {e['entry_id']}", entry_id=e["entry_id"], units_meant=True)
            for user in users for e in firm.daemon.entries(user)]


def made_up(firm, count):
    """Postings of no entry, over many lanes."""
    days = days_back(firm.alp.today(1), 6)[:5]
    return [firm.body(10 + n % 40, days[n % 5], 100111 + n % 4, f"Made up {n}") for n in range(count)]


def somebody_works(firm, body, n):
    """In the same lane as one of ours, with other words."""
    firm.alp.alp_add(user=body["user_id"], date=body["date"], component=body["matter_component_id"], units=2, rate=35000, billable_type=1,
                     description=f"{BY_HAND} {n}")


@pytest.mark.parametrize("name", ALPS)
def test_every_entry_is_in_alp_once_whatever_happens(firm, killer, capsys, name):
    f, chance = firm(name), random.Random(SEED)
    bodies = drafts_of(f, range(1, 4))
    bodies += made_up(f, max(700, 4 * KILLS // len(ALPS)) - len(bodies))
    chance.shuffle(bodies)
    for fault, weight, params in MISBEHAVIOUR:
        f.alp.alp_fault(fault, count=-1, chance=weight, **params)
    todo, stop, failures = queue.SimpleQueue(), threading.Event(), []
    death = Death(f, killer, chance)

    def client():
        try:
            for body in iter(todo.get, None):
                f.post(body, stop.is_set)
        except Exception as e:  # told by the main thread
            failures.append(e)
    clients = [threading.Thread(target=client) for _ in range(8)]
    for c in clients:
        c.start()
    try:
        shares = -(-KILLS // len(ALPS))
        while death.kills < shares and not failures:
            n = death.kills
            death.strike()
            upto = len(bodies) * death.kills // shares
            for body in bodies[len(bodies) * n // shares:upto]:
                todo.put(body)
            somebody_works(f, chance.choice(bodies), n)
    finally:
        for c in clients:
            todo.put(None)
        for c in clients:
            c.join(120)
        stop.set()
    assert not failures, failures[0]
    f.wait_settled(240)
    hits = sum(int(line[5]) for line in f.alp.control("GET", "faults"))
    f.alp.control("DELETE", "faults")
    states = f.check()
    reasons = collections.Counter(p["problem"]["code"] for p in f.postings() if p["state"] == "needs_person")
    posts = f.alp.stats()["alp_posts"]
    f.decide()
    assert f.check() == {"posted": len(bodies)}, "after a person's decisions everything is there, once"
    for user, date in {(body["user_id"], body["date"]) for body in bodies if "entry_id" in body}:
        report = f.client.get("/api/reports/day", alp_user_id=user, date=date).json()
        assert_balanced(report)
        assert report["submitted_seconds"] > 0 == report["pending_seconds"], "each draft was confirmed by its posting"
    with capsys.disabled():
        print(f"\n{name}: {death.kills} kills ({', '.join(f'{v} {k}' for k, v in sorted(death.count.items()))}), "
              f"{hits} faults, {posts} posts of {len(bodies)} entries: "
              f"{states['posted']} in ALP exactly once, {states['needs_person']} with a person, none twice, none lost")
        print(f"  because of {dict(reasons)}") if reasons else None


def test_a_lie_about_alp_would_be_noticed(firm, killer):
    """The proof can fail: where entries are listed later than the configuration says, one is sent again, and check() sees both."""
    f = firm("has no reference")
    f.alp.alp_fault("drop", count=-1, chance=700)
    f.alp.alp_fault("hide", count=-1, ms=600000)
    for body in made_up(f, 20):
        f.post(body)
    f.wait_settled(60)
    with pytest.raises(AssertionError, match="twice"):
        f.check()
