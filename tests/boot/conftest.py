# SPDX-License-Identifier: Apache-2.0
"""Tests in a machine with a systemd of its own. They are skipped, with the reason, where none can be made."""
import base64
import os
import pathlib
import signal
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from machine import why_not  # noqa: E402
from packages import Packages  # noqa: E402
from service import CREDENTIALS, Site, config_path_of  # noqa: E402

from lib.build import BUILD  # noqa: E402

WHY_NOT = why_not()
# A time limit ends this as Ctrl-C does: fixtures take their machines down.
signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    for item in items:
        if WHY_NOT:
            item.add_marker(pytest.mark.skip(reason=WHY_NOT))


@pytest.fixture(scope="module")
def installed():
    """The service, by `make install`, ready; with the keys of user 1 and for ALP as credentials."""
    with Site() as site:
        subprocess.run(["make", "-s", "install", f"DESTDIR={site.layer}"], cwd=BUILD, check=True, capture_output=True)
        unit, = site.layer.rglob("rtalpd.service")
        site.config_path = config_path_of(unit.read_text())
        site.boot()
        site.run("systemd-sysusers")
        site.run("systemd-tmpfiles", "--create")
        site.run("journalctl", "--update-catalog")
        site.start_sandbox()
        site.configure()
        site.give_credentials()
        # As the package makes it.
        site.put(f"{CREDENTIALS}keeper-key", base64.b64encode(os.urandom(32)).decode() + "\n")
        site.drop_in("watchdog", "WatchdogSec=2\nTimeoutAbortSec=2\n")
        site.systemctl("start", "rtalpd")
        assert site.show("NRestarts") == "0", site.log()
        yield site


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """Those in RTALP_PACKAGES, or made now."""
    made = Packages(os.environ.get("RTALP_PACKAGES") or tmp_path_factory.mktemp("packages") / "all")
    if not made.made():
        made.make(BUILD)
    return made


@pytest.fixture
def bare(packages):
    """A machine with the sandbox at work, and the packages in /packages."""
    with Site() as site:
        for which in ("first", "next"):
            site.copy(packages.deb(which), f"/packages/{which}.deb", mode=0o644)
        site.boot()
        # Manual pages are not looked up here.
        site.shell("rm -f /var/lib/man-db/auto-update")
        site.start_sandbox()
        yield site


@pytest.fixture
def packaged(bare):
    """The package installed, configured and at work."""
    bare.install("first")
    bare.configure()
    bare.give_credentials()
    bare.systemctl("restart", "rtalpd")
    return bare
