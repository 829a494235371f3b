# SPDX-License-Identifier: Apache-2.0
"""Processes as /proc shows them."""
import contextlib
import os
import pathlib
import random
import socket
import time

from lib.build import SLOWER


class Process:
    """A snapshot: what was true when it was taken."""

    def __init__(self, pid):
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
        fields = stat[stat.rindex(")") + 2:].split()
        self.pid, self.state, self.ppid = pid, fields[0], int(fields[1])
        self.title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()

    @property
    def zombie(self):
        return self.state in "ZX"

    def __repr__(self):
        return f"<{self.pid} {self.state} {self.title!r}>"


def everything():
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found.append(Process(int(name)))
            except (OSError, ValueError):
                pass  # it ended meanwhile
    return found


def descendants(pid):
    by_parent = {}
    for process in everything():
        by_parent.setdefault(process.ppid, []).append(process)
    found, todo = [], [pid]
    while todo:
        children = by_parent.get(todo.pop(), [])
        found += children
        todo += [child.pid for child in children]
    return found


def alive(pid):
    try:
        return not Process(pid).zombie
    except OSError:
        return False


def fd_count(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def fd_count_but_to(pid, port):
    """Without the connections that the process made to that port: those that are kept for the next request are nobody's leak."""
    theirs = set()
    for line in pathlib.Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].rpartition(":")[2], 16) == port:
            theirs.add(f"socket:[{fields[9]}]")
    count = 0
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            count += os.readlink(f"/proc/{pid}/fd/{fd}") not in theirs
    return count


def free_port():
    """A port that somebody else is to bind. Not one that the kernel gives away by itself: those are taken again in between."""
    lowest = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.SystemRandom().sample(range(max(lowest // 2, 1024), lowest), 100):
        with socket.socket() as s:
            try:
                s.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def own_address():
    """One of this machine that is not loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            return None
        return s.getsockname()[0]


def wait_until(condition, timeout=10, what="it", every=0.01):
    """Waits for a true value and returns it."""
    end = time.monotonic() + timeout * SLOWER
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {timeout * SLOWER} s")
        time.sleep(every)
