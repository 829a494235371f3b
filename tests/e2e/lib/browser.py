# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium, driven through chromedriver by the W3C WebDriver protocol; it keeps what the page logged and what it asked for."""
import json
import os
import re
import shutil
import subprocess
import time

from lib.client import Client

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
BACKSPACE = "\ue003"


def available():
    return shutil.which("chromium") and shutil.which("chromedriver")


def start_driver(directory):
    """chromedriver takes a port for IPv4 and leaves if the same one is taken for IPv6: then it is asked again."""
    said = []
    for _ in range(5):
        driver = subprocess.Popen(["chromedriver", "--port=0", "--log-level=WARNING"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, cwd=directory, env={**{name: value for name, value in os.environ.items() if name != "TMPDIR"}, "HOME": str(directory)})
        for line in driver.stdout:
            said.append(line)
            found = re.search(r"successfully on port (\d+)", line)
            if found:
                return driver, int(found[1])
        driver.stdout.close()
        driver.wait(20)
    raise AssertionError("chromedriver did not start:\n" + "".join(said))


class Browser:
    def __init__(self, directory):
        self.driver, port = start_driver(directory)
        self.client = Client(port, timeout=60)
        arguments = ["--headless=new", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
                     "--disable-component-update", "--disable-sync", f"--user-data-dir={directory}/profile", "--window-size=1200,1600"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # which Chromium refuses to root
        self.session = None
        self.session = self("POST", "", {"capabilities": {"alwaysMatch": {
            "acceptInsecureCerts": True,  # with RTALP_TLS it is one of our own
            "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})["sessionId"]

    def __call__(self, method, path, body=None):
        where = f"/session/{self.session}{path}" if self.session else "/session"
        answer = self.client.request(method, where, json=body if method == "GET" or body else {})
        value = answer.json()["value"]
        assert answer.status == 200, f"{method} {path}: {value['message']}"
        return value

    def close(self):
        try:
            if self.session:
                self("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(20)
            self.driver.stdout.close()

    def open(self, url):
        self("POST", "/url", {"url": url})

    def find(self, selector, timeout=20):
        """The first element that is there and seen."""
        end = time.monotonic() + timeout
        while True:
            for found in self("POST", "/elements", {"using": "css selector", "value": selector}):
                element = Element(self, found[ELEMENT])
                if element.displayed():
                    return element
            assert time.monotonic() < end, f"nothing is seen at {selector}: {self.text()[:500]}"
            time.sleep(0.05)

    def text(self):
        return self("POST", "/execute/sync", {"script": "return document.body.innerText", "args": []})

    def log(self, kind):
        return self("POST", "/se/log", {"type": kind})

    def asked(self):
        """The addresses of all requests since the last call, but for those of the browser's own pages."""
        events = [json.loads(row["message"])["message"] for row in self.log("performance")]
        urls = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith("chrome")]


class Element:
    def __init__(self, browser, number):
        self.browser, self.path = browser, f"/element/{number}"

    def displayed(self):
        return self.browser("GET", f"{self.path}/displayed")

    def text(self):
        return self.browser("GET", f"{self.path}/text")

    def click(self):
        self.browser("POST", f"{self.path}/click")

    def write(self, text):
        """In place of what is there."""
        length = len(self.browser("GET", f"{self.path}/property/value") or "")
        self.browser("POST", f"{self.path}/value", {"text": BACKSPACE * length + text})
