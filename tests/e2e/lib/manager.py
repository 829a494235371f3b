# SPDX-License-Identifier: Apache-2.0
"""What the service manager is to the daemon: it holds the sockets, is told how the daemon is, and starts it again."""
import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time

from lib.build import SLOWER

# The manager knows a child's number only once it is there, so the child names itself.
ACTIVATE = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])"


class Notifications:
    """The socket that the daemon tells its state to. It is read all the time: who tells waits when it is full."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        # Daemons of other users tell it, too.
        os.chmod(path, 0o666)
        self.environment = {"NOTIFY_SOCKET": str(path)}
        self.told = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while said := self.socket.recv(4096):
            self.told.put(said.decode())
        self.socket.close()

    def next(self, timeout=20):
        """What it was told next, or None."""
        try:
            return self.told.get(timeout=max(timeout, 0))
        except queue.Empty:
            return None

    def wait(self, word, timeout=20):
        """All it was told up to what has this at the beginning of a line."""
        told, end = [], time.monotonic() + timeout * SLOWER
        while not told or not re.search("^" + word, told[-1], re.MULTILINE):
            said = self.next(end - time.monotonic())
            assert said is not None, f"not told {word}, but {told}"
            told.append(said)
        return told

    def forget(self):
        """Nothing that was told before counts."""
        while self.next(0) is not None:
            pass

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)


class Activated:
    """Starts a daemon with sockets that stay while it does not run: one of TCP, and one at the path where it would have made its own."""

    def __init__(self, daemon, notifications):
        self.daemon, self.notifications = daemon, notifications
        daemon.configure()
        self.tcp = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = daemon.reached_at(self.tcp.getsockname()[1])
        self.local = socket.socket(socket.AF_UNIX)
        self.local.bind(str(daemon.socket_path))
        os.chmod(daemon.socket_path, 0o666)
        self.local.listen(512)

    def launch(self, fds):
        """Starts it with these sockets, without waiting for anything."""

        def hand_over():
            # Both from above, so that neither is overwritten before it is copied.
            high = [os.dup2(fd, 100 + i, inheritable=False) for i, fd in enumerate(fds)]
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i)
        d = self.daemon
        d.log_start = len(d.log())
        with open(d.log_path, "ab") as log:
            d.process = subprocess.Popen([sys.executable, "-S", "-c", ACTIVATE, *d.command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                         cwd=d.directory, preexec_fn=hand_over, close_fds=False,
                                         env={**d.environment, **self.notifications.environment, "LISTEN_FDS": str(len(fds))})

    def start(self):
        self.launch([self.tcp.fileno(), self.local.fileno()])
        try:
            self.notifications.wait("READY=1")
        except AssertionError as e:
            raise AssertionError(f"{e}: {self.daemon.log(self.daemon.log_start)}") from None

    def close(self):
        self.daemon.end()
        self.tcp.close()
        self.local.close()
        self.daemon.socket_path.unlink(missing_ok=True)


