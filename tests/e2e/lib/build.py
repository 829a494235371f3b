# SPDX-License-Identifier: Apache-2.0
"""Where the programs under test are."""
import os
import pathlib

TOP = pathlib.Path(__file__).resolve().parents[3]


def _build_dir():
    named = os.environ.get("RTALP_BUILDDIR")
    if named:
        return pathlib.Path(named).resolve()
    for candidate in (pathlib.Path.cwd(), TOP / "build-check" / "gcc", TOP):
        if (candidate / "rtalpd").exists():
            return candidate
    raise SystemExit("RTALP_BUILDDIR must name the build directory")


BUILD = _build_dir()
RTALPD = BUILD / "rtalpd"
SANDBOX = BUILD / "rtalp-sandbox"
RTALPCTL = BUILD / "rtalpctl"
SANITIZED = "WITH_SANITIZER 1" in (BUILD / "config.h").read_text()
# So many times as long as usual do tests wait for what is to happen, because a sanitizer makes it slow. What is to take a time takes as long as ever.
SLOWER = int(os.environ.get("RTALP_SLOWER", "1"))
