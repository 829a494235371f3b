# SPDX-License-Identifier: Apache-2.0
"""rtalpctl as an operator runs it: on pipes, or on a terminal."""
import errno
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import termios
import time

from lib import proc
from lib.build import RTALPCTL, SLOWER

OK, FAILED, USAGE, NOT_FOUND, NOT_ALLOWED, UNREACHABLE, LATER = range(7)


def environment(**changes):
    kept = {name: value for name, value in os.environ.items()
            if name not in ("NO_COLOR", "RTALPCTL_TOKEN_FILE", "CREDENTIALS_DIRECTORY", "http_proxy", "https_proxy", "TERM")}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm", **{k: v for k, v in changes.items() if v is not None}}


class Done:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def json(self):
        assert self.status == OK, self
        return json.loads(self.out)

    @property
    def lines(self):
        return self.out.splitlines()

    def __repr__(self):
        return f"<{self.status} {self.out[-800:]!r} {self.err[-800:]!r}>"


def run(*arguments, stdin=None, env=None, pass_fds=(), timeout=60):
    done = subprocess.run([RTALPCTL, *map(str, arguments)], input=stdin if stdin is not None else "", capture_output=True, text=True,
                          timeout=timeout * SLOWER, env=env or environment(), pass_fds=pass_fds, start_new_session=True)
    return Done(done.returncode, done.stdout, done.stderr)


def descriptor(text):
    """A pipe that holds it."""
    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    return reader


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, *arguments, env=None, columns=80):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.shown = b""
        self.process = subprocess.Popen([RTALPCTL, *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave, env=env or environment(),
                                        preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
        self.slave = slave  # kept, so that the terminal outlives the program and can be looked at

    def read(self, seconds=0.05):
        if select.select([self.master], [], [], seconds)[0]:
            try:
                self.shown += os.read(self.master, 65536)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
        return self.shown.decode("utf-8", "replace")

    def wait_for(self, text, timeout=20):
        return proc.wait_until(lambda: text in self.read(), timeout, f"{text!r} on the terminal: {self.shown!r}", every=0)

    @property
    def echo(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self, timeout=60):
        """Its exit status, once all it printed was read."""
        end = time.monotonic() + timeout * SLOWER
        while self.process.poll() is None:
            self.read()
            assert time.monotonic() < end, f"rtalpctl does not end: {self.shown!r}"
        before = -1
        while before != len(self.shown):
            before = len(self.shown)
            self.read()
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.slave)
        os.close(self.master)
