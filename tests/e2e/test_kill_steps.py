# SPDX-License-Identifier: Apache-2.0
"""The daemon dies at each step of what it does: each write to a file, each sync, each answer. What it acknowledged is there afterwards."""
import http.client
import ssl

import pytest

from lib.build import SANITIZED
from lib.killer import Killer

pytestmark = pytest.mark.skipif(SANITIZED, reason="a sanitizer's runtime must be loaded before anything that is preloaded")


@pytest.mark.parametrize("after", [False, True], ids=["before", "right after"])
def test_what_was_acknowledged_outlives_death_at_any_step(make_daemon, tmp_path, after):
    killer = Killer(tmp_path)
    daemon = make_daemon(**killer.arguments).start()
    acknowledged, died = set(), True
    for step in range(1, 100):
        user, ok = 7000 + step, False
        killer.arm(step, after)
        try:
            ok = daemon.client.put(f"/api/users/{user}", {"time_zone": "Asia/Tokyo"}).status in (200, 201)
        except (ConnectionError, ssl.SSLError, http.client.HTTPException):
            pass
        died = killer.struck
        killer.disarm()
        if ok:
            acknowledged.add(user)
        if died:
            daemon.process.wait(10)
            daemon.start()
        assert died or ok
        for number in acknowledged:
            assert daemon.client.get(f"/api/users/{number}").json()["time_zone"] == "Asia/Tokyo", f"forgotten, dying at step {step}"
        if not died:
            break
    assert not died and step > 2, "the steps do not end, or they are not counted"
