# SPDX-License-Identifier: Apache-2.0
"""The stand-in for RescueTime: rtalp-sandbox and its control endpoint."""
import datetime
import re
import subprocess
import zoneinfo
from collections import namedtuple

from lib import proc
from lib.build import SANDBOX
from lib.client import Client

Row = namedtuple("Row", "time seconds activity document category productivity")
Asked = namedtuple("Asked", "sequence wall_ms user begin end connection perspective kind resolution encoding agent status scheme faults")

ZONES = ("Australia/Sydney", "Asia/Tokyo", "Asia/Kolkata", "Africa/Johannesburg", "America/Sao_Paulo", "America/Chicago",
         "America/Anchorage", "Pacific/Honolulu", "Pacific/Auckland", "Pacific/Kiritimati")


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

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
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
