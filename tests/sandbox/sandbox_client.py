# SPDX-License-Identifier: Apache-2.0
"""Starts rtalp-sandbox for a test, asks it as a client of RescueTime would, and tells it what to do.

The program is looked for in RTALP_BUILDDIR (default: the top of the source tree). Nothing but the standard library is needed.
"""
import collections
import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import urllib.parse

PROGRAM = pathlib.Path(os.environ.get("RTALP_BUILDDIR", pathlib.Path(__file__).resolve().parents[2])) / "rtalp-sandbox"
NOW = "2026-11-23T02:02:30Z"  # Monday, 13:02:30 in Sydney
TODAY, FRIDAY = "2026-11-23", "2026-11-20"
DOCUMENT_HEADERS = ["Date", "Time Spent (seconds)", "Number of People", "Activity", "Document", "Category", "Productivity"]
BAD_KEY = b'{"error":"# key not found","messages":"key not found"}'
BAD_QUERY = b'{"error": "# query error","messages": "Error: Likely a badly formatted or missing parameter"}'


def key_of(user):
    return ("B63sandbox%06d" % user).ljust(40, "x")


Answer = collections.namedtuple("Answer", "status headers body")


class Sandbox:
    def __init__(self, directory, *options):
        self.process = subprocess.Popen(
            [PROGRAM, "--make-cert", directory, "--now", NOW, "--quiet", *options], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), "the program did not start"
        self.ready = dict(word.split("=", 1) for word in line.split()[1:])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(10)
        finally:
            self.process.kill()
            self.process.stdout.close()
        return code

    def connect(self, tls=False, timeout=10):
        host, port = self.ready["https" if tls else "http"].split(":")
        if tls:
            context = ssl.create_default_context(cafile=self.ready["ca"])
            return http.client.HTTPSConnection(host, int(port), context=context, timeout=timeout)
        return http.client.HTTPConnection(host, int(port), timeout=timeout)

    def request(self, method, path, body=None, headers=None, tls=False, timeout=10):
        connection = self.connect(tls, timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def ask(self, user=7, headers=None, tls=False, timeout=10, path="/anapi/data", **params):
        query = {"key": key_of(user), "format": "json"}
        query.update(params)
        query = {name: value for name, value in query.items() if value is not None}
        return self.request("GET", path + "?" + urllib.parse.urlencode(query), headers=headers, tls=tls, timeout=timeout)

    def day(self, user=7, date=FRIDAY, **more):
        return self.ask(user, perspective="interval", resolution_time="minute", restrict_kind="document",
                        restrict_begin=date, restrict_end=date, **more)

    def rows(self, *args, **params):
        return json.loads(self.day(*args, **params).body)["rows"]

    def control(self, method, what, body=None, ok=200, **params):
        path = "/_sandbox/" + what + ("?" + urllib.parse.urlencode(params) if params else "")
        answer = self.request(method, path, body)
        assert answer.status == ok, answer.body
        return answer.body.decode("utf-8", "surrogateescape")

    def fault(self, name, user=7, **params):
        self.control("POST", "faults", urllib.parse.urlencode({"user": user, "fault": name, **params}))

    def stats(self):
        return {name: int(value) for name, value in (line.split("\t") for line in self.control("GET", "stats").splitlines())}

    def requests(self, since=0):
        return [line.split("\t") for line in self.control("GET", "requests", since=since).splitlines()]
