# SPDX-License-Identifier: Apache-2.0
"""A machine to test in: this one's root under a layer that is thrown away, and a systemd as its first process.

Everything is in namespaces of its own (control groups, processes, mounts, network, host name, IPC), so it sees and reaches nothing that runs here.
"""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).parent
LIFE_SECONDS = 600
BOOT_SECONDS = 60
PR_SET_PDEATHSIG = 1
NAMESPACES = ("--mount", "--pid", "--net", "--uts", "--ipc", "--propagation", "private")


def why_not():
    """Why no machine can be made here, or None."""
    if os.geteuid() != 0:
        return "only root can boot a systemd"
    missing = [tool for tool in ("unshare", "nsenter", "pivot_root") if shutil.which(tool) is None]
    if missing or not os.access("/lib/systemd/systemd", os.X_OK):
        return f"not installed: {', '.join(missing) or 'systemd'}"
    with tempfile.TemporaryDirectory() as d:
        tried = subprocess.run(["unshare", *NAMESPACES, "--fork", "sh", "-c",
                                f"mount -t tmpfs t {d} && cd {d} && mkdir u w r c && mount -t cgroup2 none c && "
                                f"mount -t overlay o -o lowerdir=/,upperdir={d}/u,workdir={d}/w r"],
                               capture_output=True, text=True, check=False)
    return None if tried.returncode == 0 else f"no namespaces or overlay here: {tried.stderr.strip()}"


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Machine:
    """files() puts what is to be there before boot(); then run() and shell() run things in it, as root. end() leaves nothing of it."""

    def __init__(self, life=LIFE_SECONDS):
        self.life = life
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="rtalp-boot-"))
        self.name = self.directory.name
        self.layer = self.directory / "files"
        self.layer.mkdir()
        (self.directory / "work").mkdir()
        self.process = self.pid = None

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.end()

    def files(self, contents):
        """{path: text}, or with bytes; before the boot."""
        for path, text in contents.items():
            place = self.layer / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text if isinstance(text, bytes) else text.encode())

    def copy(self, source, path, mode=0o755):
        """A file of this machine; before the boot."""
        place = self.layer / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
        place.chmod(mode)

    def boot(self):
        with open(self.directory / "console", "wb") as console:
            self.process = subprocess.Popen(
                ["timeout", "--kill-after=1", "--signal=KILL", str(self.life), "setpriv", "--pdeathsig", "KILL",
                 "unshare", *NAMESPACES, "--fork", "--kill-child=KILL", str(HERE / "pid1.sh"), str(self.directory / "work"), str(self.layer), self.name],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True, preexec_fn=die_with_parent)
        self.wait(self._first, "the first process", BOOT_SECONDS)
        self.wait(lambda: self.shell("systemctl is-system-running", check=False).strip() in ("running", "degraded"), "the end of the boot", BOOT_SECONDS)
        return self

    def _first(self):
        if self.process.poll() is not None:
            raise AssertionError(f"no boot: {self.console()}")
        for pid in descendants(self.process.pid):
            try:
                if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                    self.pid = pid
                    return pid
            except OSError:
                pass
        return None

    def console(self):
        return (self.directory / "console").read_text(errors="replace")

    def command(self, *argv):
        return ["nsenter", "-t", str(self.pid), "-a", "-r", "-w", "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                "HOME=/root", *argv]

    def run(self, *argv, check=True, timeout=60, input=None):
        with subprocess.Popen(self.command(*argv), stdin=subprocess.DEVNULL if input is None else subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
            try:
                out, err = process.communicate(input, timeout)
            except BaseException:
                # All of its group: what it started holds the pipes open.
                os.killpg(process.pid, signal.SIGKILL)
                raise
        done = subprocess.CompletedProcess(argv, process.returncode, out, err)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(argv)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def shell(self, script, **arguments):
        return self.run("sh", "-ec", script, **arguments).stdout

    def wait(self, look, what, seconds=20):
        end = time.monotonic() + seconds
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s: {what}\n{self.console()}")
            time.sleep(0.05)

    def end(self):
        if self.process is not None:
            if self.pid is not None:
                try:
                    os.kill(self.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)
            self._remove_group()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _remove_group(self):
        """The groups below are empty once the last process is reaped, which may be after its first has gone."""
        script = """mount -t cgroup2 none "$1"; cd "$1$(sed -n 's/^0:://p' /proc/self/cgroup)"
            for i in 1 2 3 4 5 6 7 8 9 10; do
                [ -d "$2" ] || exit 0
                find "$2" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.2
            done; ! [ -d "$2" ]"""
        subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", str(self.directory / "work"), self.name],
                       check=False, timeout=20)


def children(pid):
    try:
        return [int(c) for c in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


if __name__ == "__main__":
    print(why_not() or "")
