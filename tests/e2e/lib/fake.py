# SPDX-License-Identifier: Apache-2.0
"""fake_app: the front end alone, with verbs that fail on demand (tests/unit/fake_app.c)."""
import os
import select
import signal
import subprocess

from lib.build import BUILD, SLOWER
from lib.client import Client


class Fake:
    def __init__(self, **settings):
        environment = {**os.environ, **{f"FAKE_{name.upper()}": str(value) for name, value in settings.items()}}
        self.process = subprocess.Popen([BUILD / "fake_app"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert select.select([self.process.stdout], [], [], 20 * SLOWER)[0], "fake_app did not start"
        self.port = int(self.process.stdout.readline().split()[1])
        self.client = Client(self.port)
        self.stopped = None

    def __enter__(self):
        return self

    def stop(self, at_once=False):
        """Once: a second signal could find it past its handlers."""
        if self.stopped is None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT if at_once else signal.SIGTERM)
            self.stopped = "at once" if at_once else "drained"

    def __exit__(self, *exc):
        self.stop()
        try:
            out, err = self.process.communicate(timeout=20 * SLOWER)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            raise AssertionError(f"fake_app did not end: {err}")
        assert self.process.returncode == 0 and ("drained" in out) == (self.stopped == "drained"), err
        assert "ERROR" not in err and "runtime error" not in err, err
