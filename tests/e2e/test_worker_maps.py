# SPDX-License-Identifier: Apache-2.0
"""A worker has only the code it needs: what speaks to databases, directories or other protocols is not even there."""
import os
import pathlib

import pytest

from lib import proc

MISSING = ("libsqlite3", "libsystemd", "libevent", "libldap", "libkrb5", "libssh2", "librtmp", "libsasl2",
           "libgnutls", "libp11-kit")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look at a process that hides its memory")
def test_a_worker_maps_no_library_it_has_no_use_for(daemon, sandbox, new_user):
    user, key = new_user()
    sandbox.fault("delay", user=user, ms=60000, count=1)
    job_id = daemon.fetch(user, key, days=1)
    worker = proc.wait_until(lambda: daemon.workers("fetch"), what="a worker")[0]
    maps = pathlib.Path(f"/proc/{worker.pid}/maps").read_text()
    daemon.client.delete(f"/api/jobs/{job_id}")
    if "/libasan" in maps:
        pytest.skip("a sanitizer binds symbols as it likes")
    assert "/libcurl" in maps and "/libssl" in maps
    assert [name for name in MISSING if f"/{name}" in maps] == []
