# SPDX-License-Identifier: Apache-2.0
"""The Debian packages under test, built as a release would be: out of the tree that `make dist` packs.

packages.py DIRECTORY makes them there: first/, the version at hand; second/, the same in another place, at another time, by another user's habits;
next/, what comes after it. RTALP_BUILDDIR names a configured build tree.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

NEXT = "0.1.1~test"
BUILD_SECONDS = 1500
# What must not matter: when, where, in which language and zone, with which mask.
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANGUAGE": "fr", "HOME": "/nonexistent/second", "USER": "somebody",
             "DEB_BUILD_PROFILES": "nocheck"}


def run(argv, cwd, log, environment=None):
    with open(log, "ab") as out:
        done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **(environment or {})}, check=False,
                              timeout=BUILD_SECONDS)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, argv))}: {done.returncode}\n{log.read_text(errors='replace')[-4000:]}")


def version_of(tree):
    return re.search(r"\((\S+)\)", (tree / "debian" / "changelog").read_text())[1]


class Packages:
    """Paths of what is there."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)

    def deb(self, which):
        deb, = (p for p in (self.directory / which).glob("rescuetime-alp_*.deb"))
        return deb

    def debs(self, which):
        return sorted((self.directory / which).glob("*.deb"))

    def changes(self):
        changes, = (self.directory / "first").glob("*.changes")
        return changes

    def made(self):
        return (self.directory / "made").exists()

    def make(self, build):
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        jobs = str(len(os.sched_getaffinity(0)))
        log = self.directory / "build.log"
        run(["make", "-s", "distdir", f"distdir={self.directory / 'tree'}"], build, log)
        tree = self.directory / "tree"
        name = f"rescuetime-alp-{version_of(tree)}"
        for which in ("first", "second/much/further/down"):
            shutil.copytree(tree, self.directory / which / name, symlinks=True)
        dpkg = ["dpkg-buildpackage", "-us", "-uc", f"-j{jobs}"]
        run(dpkg, self.directory / "first" / name, log)
        run(["sh", "-ec", 'umask 027; exec faketime -f +400d "$@"', "sh", *dpkg, "-b"], self.directory / "second" / "much" / "further" / "down" / name,
            log, {**ELSEWHERE, "DEB_BUILD_OPTIONS": "nocheck"})
        self._next(self.directory / "first" / name, dpkg, log)
        for made in (self.directory / "second" / "much" / "further" / "down").glob("*.*deb"):
            made.rename(self.directory / "second" / made.name)
        (self.directory / "made").touch()

    def _next(self, tree, dpkg, log):
        """The same program with a later changelog: only packed again."""
        changelog = tree / "debian" / "changelog"
        before = changelog.read_text()
        changelog.write_text(before.replace(version_of(tree), NEXT, 1).replace("First version", "Next version", 1) + "\n" + before)
        (self.directory / "next").mkdir()
        run([*dpkg, "-b", "-nc"], tree, log, {"DEB_BUILD_OPTIONS": "nocheck"})
        for made in tree.parent.glob(f"*_{NEXT}_*"):
            made.rename(self.directory / "next" / made.name)


if __name__ == "__main__":
    Packages(sys.argv[1]).make(os.environ["RTALP_BUILDDIR"])
