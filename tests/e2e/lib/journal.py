# SPDX-License-Identifier: Apache-2.0
"""A stand-in for systemd-journald: it takes the datagrams of the native protocol as they come and reads them."""
import array
import mmap
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import threading

from lib import proc

DATAGRAM_MAX = 1 << 18


def fields_of(datagram):
    """Lines KEY=value, or KEY, the length as 64 bits and the bytes: the form for values with a newline."""
    fields, rest = [], datagram
    while rest:
        line, newline, rest = rest.partition(b"\n")
        assert newline, f"an entry ends within a line: {line[:100]}"
        name, equals, value = line.partition(b"=")
        if not equals:
            size, = struct.unpack_from("<Q", rest)
            value, rest = rest[8:8 + size], rest[8 + size:]
            assert len(value) == size and rest[:1] == b"\n", f"an entry ends within {name}"
            rest = rest[1:]
        fields.append((name.decode(), value.decode("utf-8", "surrogateescape")))
    return fields


class Entry(dict):
    """An entry's fields by their names, and the bytes it came as."""

    def __init__(self, raw):
        fields = fields_of(raw)
        super().__init__(fields)
        assert len(self) == len(fields), f"a field stands twice: {fields}"
        self.raw = raw


class Journal:
    """Programs started behind `wrapper` find its socket where the journal's would be; nobody else does."""

    def __init__(self, directory):
        self.run = pathlib.Path(directory) / "run"
        path = self.run / "systemd" / "journal" / "socket"
        path.parent.mkdir(parents=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        os.chmod(path, 0o666)
        self.entries, self.wrong = [], []
        # A sender waits while its datagrams are not taken, so they are taken all the time.
        self.thread = threading.Thread(target=self._take, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.refuse()

    @property
    def wrapper(self):
        """A mount namespace of its own, where this directory is /run. The process keeps its pid."""
        rights = [] if os.geteuid() == 0 else ["--map-root-user"]
        return ["unshare", *rights, "--mount", "sh", "-c", 'mount --bind "$0" /run && exec "$@"', self.run]

    def why_not(self):
        """Why there cannot be a wrapper here, or None."""
        if shutil.which("unshare") is None or shutil.which("mount") is None:
            return "unshare or mount is not installed"
        tried = subprocess.run([*self.wrapper, "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        return f"no mount namespace for this user here: {tried.stderr.strip()}" if tried.returncode else None

    def _take(self):
        while True:
            # Not recv_fds(): its descriptors would not be closed on exec.
            data, control, flags, _ = self.socket.recvmsg(DATAGRAM_MAX, socket.CMSG_SPACE(4), socket.MSG_CMSG_CLOEXEC)
            if not data and not control:
                return
            try:
                assert not flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC), "longer than this journal can take"
                self.entries.append(Entry(self._contents(control) if control else data))
            except Exception as e:  # for the test to see, which runs in another thread
                self.wrong.append((e, data))

    @staticmethod
    def _contents(control):
        """What is too large for a datagram comes as a sealed file in memory."""
        level, kind, data = control[0]
        assert (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
        fd, = array.array("i", data)
        try:
            with mmap.mmap(fd, 0, access=mmap.ACCESS_READ) as m:
                return m[:]
        finally:
            os.close(fd)

    def wait(self, what, timeout=20, **wanted):
        """The first entry with these fields."""
        return proc.wait_until(lambda: next((e for e in list(self.entries) if wanted.items() <= e.items()), None), timeout, what)

    def refuse(self):
        """From now on there is a socket and nobody behind it."""
        if self.thread.is_alive():
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
                s.sendto(b"", str(self.run / "systemd" / "journal" / "socket"))
            self.thread.join(20)
            self.socket.close()
