# SPDX-License-Identifier: Apache-2.0
"""The README's examples work as they stand, in their order."""
import os
import re
import shlex
import subprocess

from lib.build import SLOWER, TOP

PLACE = "http://127.0.0.1:8080"


def test_every_example_of_the_readme_works(make_alp_daemon):
    daemon = make_alp_daemon().start()
    blocks = re.findall(r"```sh\n(.*?)```", (TOP / "README.md").read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) >= 15
    environment = {**os.environ, **({"CURL_CA_BUNDLE": str(daemon.certificate.path)} if daemon.certificate else {})}
    for line in lines:
        assert PLACE in line, line
        done = subprocess.run(shlex.split(line.replace(PLACE, daemon.url)), capture_output=True, text=True, timeout=30 * SLOWER, env=environment)
        assert done.returncode == 0, (line, done.stdout, done.stderr)


def test_the_readme_names_every_route():
    """A route that nobody reads about does not exist."""
    readme = re.sub(r"\{\w+\}", "{}", (TOP / "README.md").read_text())
    routes = re.findall(r'\.pattern = "([^"]+)"', (TOP / "src" / "http" / "routes.c").read_text())
    assert len(routes) >= 15
    for route in routes:
        path = re.sub(r"\{\w+\}", "{}", route)
        base, _, last = path.rpartition("/")
        named = path in readme or (base in readme and f"`/{last}`" in readme)
        assert named, route
