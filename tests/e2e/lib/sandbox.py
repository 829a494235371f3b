# SPDX-License-Identifier: Apache-2.0
"""The stand-in for RescueTime and for ALP: rtalp-sandbox and its control endpoint."""
import datetime
import json
import pathlib
import re
import subprocess
import zoneinfo
from collections import namedtuple

from lib import proc
from lib.build import SANDBOX, SLOWER
from lib.client import Client

Row = namedtuple("Row", "time seconds activity document category productivity")
Asked = namedtuple("Asked", "sequence wall_ms user begin end connection perspective kind resolution encoding agent status scheme faults")

ZONES = ("Australia/Sydney", "Asia/Tokyo", "Asia/Kolkata", "Africa/Johannesburg", "America/Sao_Paulo", "America/Chicago",
         "America/Anchorage", "Pacific/Honolulu", "Pacific/Auckland", "Pacific/Kiritimati")
# What ALP holds: the truth of it, listed or not.
Held = namedtuple("Held", "id user date component units rate billable_type gst_type status exists listed asked wall_ms key reference notes description")
AlpAsked = namedtuple("AlpAsked", "sequence wall_ms connection method path key entry made status faults")
HELD_NUMBERS = ("user", "component", "units", "rate", "billable_type", "gst_type", "exists", "listed", "asked", "wall_ms")


def zone_in_the_afternoon(now):
    """A zone where today has rows already and does not end before the tests do."""
    return min(ZONES, key=lambda z: abs(now.astimezone(zoneinfo.ZoneInfo(z)).hour - 16))


ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def escape(text):
    return "".join(ESCAPES.get(c, c) for c in text)


def unescape(text):
    plain = re.sub(rb"\\(x[0-9a-fA-F]{2}|.)",
                   lambda m: bytes([int(m[1][1:], 16)]) if m[1][:1] == b"x" else {b"t": b"\t", b"n": b"\n", b"r": b"\r"}.get(m[1], m[1]),
                   text.encode())
    return plain.decode("utf-8", "surrogateescape")


class Sandbox:
    """Its clock stands still from its start on, so that today does not grow while a test looks twice."""

    def __init__(self, directory, *arguments):
        now = datetime.datetime.now(datetime.timezone.utc)
        self.zone = zone_in_the_afternoon(now)
        self.process = subprocess.Popen([SANDBOX, "--quiet", "--make-cert", str(directory), "--zone", self.zone,
                                         "--now", now.strftime("%Y-%m-%dT%H:%M:%SZ"), *arguments],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        ready = dict(part.split("=", 1) for part in line.split()[1:])
        self.ca = ready["ca"]
        self.http_url = f"http://{ready['http']}/anapi/data"
        self.https_url = f"https://{ready['https']}/anapi/data"
        self.client = Client(int(ready["http"].rsplit(":", 1)[1]))
        self.alp_url = f"https://{ready['https']}/alp"
        self.alp_http_url = f"http://{ready['http']}/alp"
        self.alp_as_made = None
        self.alp_key = self.facts("alp")["key"]

    def stop(self):
        self.process.terminate()
        self.process.wait(10 * SLOWER)
        self.process.stdout.close()

    def control(self, method, name, body=None, **params):
        answer = self.client.request(method, f"/_sandbox/{name}", params=params, body=body)
        assert answer.status == 200, answer
        return [line.split("\t") for line in answer.text.splitlines()]

    def facts(self, name, **params):
        return dict(self.control("GET", name, **params))

    def key(self, user):
        return self.facts("user", user=user)["key"]

    def today(self, user):
        return self.facts("user", user=user)["today"]

    def set_zone(self, user, zone):
        self.control("PUT", "user", user=user, zone=zone)

    def fault(self, name, user="*", **params):
        return self.control("POST", "faults", fault=name, user=user, **params)[0][1]

    def clear_faults(self):
        self.control("DELETE", "faults")
        if self.alp_as_made:
            self.control("PUT", "alp", **self.alp_as_made)
            self.alp_as_made = None

    def reset(self):
        self.control("POST", "reset")

    def day(self, user, date):
        """What the account recorded that day: the truth that the daemon has to find."""
        return [Row(r[0], int(r[1]), unescape(r[2]), unescape(r[3]), unescape(r[4]), int(r[5]))
                for r in self.control("GET", "day", user=user, date=date)]

    def put_day(self, user, date, rows):
        body = "".join("\t".join([r.time, str(r.seconds), escape(r.activity), escape(r.document), escape(r.category),
                                  str(r.productivity)]) + "\n" for r in rows)
        self.control("PUT", "day", body=body.encode("utf-8"), user=user, date=date)

    def seconds(self, user, date):
        return sum(row.seconds for row in self.day(user, date))

    def asked(self, since=0):
        return [Asked(*line) for line in self.control("GET", "requests", since=since)]

    def wait_asked(self, user, count=1):
        proc.wait_until(lambda: len([a for a in self.asked() if a.user == str(user)]) >= count, what=f"request of user {user}")

    def stats(self):
        return {name: int(value) for name, value in self.facts("stats").items()}

    # --- ALP ---

    def alp_settings(self, directory, **more):
        """What a daemon needs to know of this ALP; its key goes into a file of `directory`. `more` is named alp__name."""
        key_file = pathlib.Path(directory) / "alp-key"
        key_file.touch(mode=0o600)
        key_file.write_text(self.alp_key + "\n")
        return {"alp.url": self.alp_url, "alp.ca_file": self.ca, "alp.key_file": str(key_file),
                **{name.replace("__", ".", 1): value for name, value in more.items()}}

    def alp_set(self, **config):
        """Makes it another ALP, until the faults are cleared. README.md of the sandbox has the names."""
        self.alp_as_made = self.alp_as_made or self.facts("alp")
        self.control("PUT", "alp", **config)

    def alp_ask(self, path, **params):
        return self.client.request("GET", f"/alp/{path}", params=params, headers={"Authorization": f"Bearer {self.alp_key}"})

    def alp_fault(self, name, user="*", **params):
        """One of the faults alp-...; `name` is without that."""
        return self.fault(f"alp-{name}", user, **params)

    def alp_entries(self, user=None):
        """Everything that was ever made, in the order of ids; of that user."""
        held = []
        for line in self.control("GET", "alp-entries"):
            h = Held(*line)
            h = h._replace(**{name: int(getattr(h, name)) for name in HELD_NUMBERS}, key="" if h.key == "-" else h.key,
                           **{name: json.loads(getattr(h, name)) for name in ("reference", "notes", "description")})
            held.append(h)
        return [h for h in held if user is None or h.user == user]

    def alp_change(self, id, **what):
        """Somebody changes an entry in ALP: status, units, description, ..."""
        self.control("PUT", "alp-entry", id=id, **what)

    def alp_add(self, **what):
        """Somebody enters one in ALP: user, date and component are needed. Returns its id."""
        return self.control("POST", "alp-entry", **what)[0][0]

    def alp_asked(self, method=None, since=0):
        asked = [AlpAsked(*line) for line in self.control("GET", "alp-log", since=since)]
        asked = [a._replace(sequence=int(a.sequence), wall_ms=int(a.wall_ms), made=a.made == "1", status=int(a.status)) for a in asked]
        return [a for a in asked if method in (None, a.method)]
