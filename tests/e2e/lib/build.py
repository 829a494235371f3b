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
