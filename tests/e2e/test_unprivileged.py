# SPDX-License-Identifier: Apache-2.0
"""As the unit runs it: an ordinary user without any capability. Some limits of the kernel do not hold for root."""
import os
import shutil
import tempfile

import pytest

from lib.build import RTALPD
from lib.daemon import Daemon

NOBODY = 65534


@pytest.fixture
def unprivileged(sandbox):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user; the other tests run as this one anyway")
    directory = tempfile.mkdtemp(prefix="rtalp-nobody-")
    program = shutil.copy(RTALPD, directory)
    ca = shutil.copy(sandbox.ca, directory)
    for path in (directory, program, ca):
        os.chown(path, NOBODY, NOBODY)
    daemon = Daemon(directory, sandbox, {"rescuetime.ca_file": ca, "queue.max_jobs": 1000}, user=NOBODY, program=program)
    daemon.start()
    yield daemon
    daemon.end()
    shutil.rmtree(directory)


def test_a_month_of_many_users_passes_all_its_descriptors(unprivileged, new_user):
    """The kernel counts the descriptors under way of all processes of a user against the limit of the one that sends."""
    users = [new_user() for _ in range(20)]
    jobs = [unprivileged.fetch(user, key, days=31) for user, key in users]
    for job_id in jobs:
        job = unprivileged.wait_job(job_id, timeout=120)
        assert job["state"] == "succeeded" and job["attempts"] == 0, job
