# SPDX-License-Identifier: Apache-2.0
"""Fixtures: a sandbox and a daemon, real programs in a directory of their own.

`daemon` is shared by the tests of a module: each test takes users of its own by `new_user`. A test that breaks things, or needs
settings of its own, makes a daemon by `make_daemon`.
"""
import itertools
import os
import pathlib
import sys

import hypothesis
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from lib.build import BUILD, SANITIZED  # noqa: E402
from lib.daemon import Daemon  # noqa: E402
from lib.sandbox import Sandbox  # noqa: E402
from lib.truth import days_back  # noqa: E402

SHIM = BUILD / "tests" / "lib" / "faultfs.so"

# The same histories at every run, so that a red run means a changed program; RTALP_RANDOM=1 looks for new ones.
hypothesis.settings.register_profile("rtalp", deadline=None, database=None, derandomize="RTALP_RANDOM" not in os.environ)
hypothesis.settings.load_profile("rtalp")


# The files that take longest, first: with several at once, the last to end is a short one.
LONGEST = ("posting_proof", "posting", "alp_lists", "http_fake", "alp_hostile", "webhooks", "ctl_hostile", "rules_reload", "hostile", "interplay",
           "ctl", "post_listed", "hostile_wire", "events", "kill", "docs", "faults")


def pytest_collection_modifyitems(items):
    place = {f"test_{name}.py": i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session")
def the_sandbox(tmp_path_factory):
    s = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield s
    s.stop()


@pytest.fixture
def sandbox(the_sandbox):
    """The one sandbox of this run; faults end with the test that set them."""
    yield the_sandbox
    the_sandbox.clear_faults()


@pytest.fixture(scope="session")
def user_numbers():
    return itertools.count(1)


@pytest.fixture
def new_user(user_numbers, the_sandbox):
    """Calls give (number, key) of an account that no other test uses, and that worked on each of the last days: some Sundays are empty."""
    def take():
        number = next(user_numbers)
        while not all(the_sandbox.seconds(number, date) for date in days_back(the_sandbox.today(number), 4)):
            number = next(user_numbers)
        return number, the_sandbox.key(number)
    return take


@pytest.fixture(scope="module")
def daemon(tmp_path_factory, the_sandbox):
    d = Daemon(tmp_path_factory.mktemp("daemon"), the_sandbox)
    d.start()
    yield d
    d.end()


@pytest.fixture
def make_daemon(tmp_path_factory, the_sandbox):
    """Calls give a daemon that is configured but not started."""
    made = []

    def make(settings=None, **arguments):
        made.append(Daemon(tmp_path_factory.mktemp("daemon"), the_sandbox, settings, **arguments))
        return made[-1]
    yield make
    for d in made:
        d.end()


@pytest.fixture
def make_alp_daemon(make_daemon, tmp_path, sandbox):
    """Calls give a daemon that knows the sandbox's ALP, configured but not started."""
    def make(settings=None, **arguments):
        return make_daemon({**sandbox.alp_settings(tmp_path), **(settings or {})}, **arguments)
    return make


@pytest.fixture
def disk(tmp_path):
    """disk("enospc") breaks it, disk(None) repairs it."""
    path = tmp_path / "fault"

    def become(fault):
        if fault is None:
            path.unlink(missing_ok=True)
        else:
            # All at once: the daemon must not read half a word.
            path.with_suffix(".new").write_text(fault)
            path.with_suffix(".new").rename(path)
    become.path = path
    return become


@pytest.fixture
def shimmed(make_daemon, disk):
    """Calls give a running daemon whose disk the fixture `disk` breaks."""
    if SANITIZED:
        pytest.skip("a sanitizer's runtime must be loaded before anything that is preloaded")
    assert SHIM.exists(), "make check builds it"

    def make(settings=None, environment=None):
        return make_daemon(settings, preload=SHIM, environment={"RTALP_FAULT_FILE": str(disk.path), **(environment or {})}).start()
    return make


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the end of the daemon's log."""
    outcome = yield
    report = outcome.get_result()
    daemon = getattr(item, "funcargs", {}).get("daemon")
    if report.failed and daemon is not None:
        report.sections.append(("rtalpd's log", daemon.log()[-3000:]))
