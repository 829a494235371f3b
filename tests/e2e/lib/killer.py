# SPDX-License-Identifier: Apache-2.0
"""Death of the daemon: at a moment, at an exact step of it (tests/lib/killat.c), or of an allocation that fails (tests/lib/nomem.c)."""
import mmap
import os
import pathlib
import struct

from lib.build import BUILD

LEFT, AFTER, SEEN, PARENT = range(4)
OF_ENGINE = AFTER  # of nomem.c


class Killer:
    """`arguments` make a Daemon whose main process counts its steps and dies at the one that is asked for."""

    shim, variable = BUILD / "tests" / "lib" / "killat.so", "RTALP_KILL_FILE"

    def __init__(self, directory):
        assert self.shim.exists(), "make check builds it"
        path = pathlib.Path(directory) / "kill"
        path.write_bytes(struct.pack("=4i", 0, 0, 0, os.getpid()))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 16)
        self.arguments = {"preload": self.shim, "environment": {self.variable: str(path)}}

    def _get(self, at):
        return struct.unpack_from("=i", self.map, at * 4)[0]

    def _set(self, at, value):
        struct.pack_into("=i", self.map, at * 4, value)

    def arm(self, step, after=False):
        """It dies at the step-th thing it does to files or over TCP from now on: before it, or right after."""
        self._set(AFTER, int(after))
        self._set(LEFT, step)

    def disarm(self):
        self._set(LEFT, 0)

    @property
    def struck(self):
        """The step has been reached; its death may take another moment."""
        return self._get(LEFT) <= 0

    @property
    def seen(self):
        return self._get(SEEN)


class Starver(Killer):
    """Its main process counts its allocations, and for the one that is asked for there is no memory."""

    shim, variable = BUILD / "tests" / "lib" / "nomem.so", "RTALP_NOMEM_FILE"

    @property
    def of_engine(self):
        """Those among them that the database's engine made."""
        return self._get(OF_ENGINE)
