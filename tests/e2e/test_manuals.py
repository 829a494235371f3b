# SPDX-License-Identifier: Apache-2.0
"""The manual pages: well formed, complete, and naming each other."""
import re
import subprocess

import pytest

from lib.build import BUILD, RTALPD, SANDBOX, TOP

MADE = ("rtalpd.conf.5", "rtalp-metrics.7")
PAGES = ("rtalp-sandbox.1", "rtalpctl.1", "rtalp-rules.conf.5", "rtalpd.8", *MADE)


def page(name):
    return ((BUILD if name in MADE else TOP) / "man" / name).read_text()


def named(name, macro):
    """What stands behind that macro at the beginning of a line."""
    return re.findall(rf"^\.{macro} (\S+)", page(name), re.M)


def test_they_are_well_formed():
    files = [(BUILD if name in MADE else TOP) / "man" / name for name in PAGES]
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *files], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", PAGES)
def test_each_names_the_others(name):
    also = page(name).split(".Sh SEE ALSO")[1]
    others = [other.rsplit(".", 1) for other in PAGES if other != name]
    assert [f".Xr {title} {section}" for title, section in others if f".Xr {title} {section}" not in also] == []


def test_every_setting_is_in_its_page():
    printed = subprocess.run([RTALPD, "--print-config"], capture_output=True, text=True, timeout=30, check=True).stdout
    settings = re.findall(r"^\t#(\w+) = ", printed, re.M)
    assert len(settings) > 100 and [s for s in named("rtalpd.conf.5", "It Ic")] == settings
    assert re.findall(r"^\.Ss The group (\w+)", page("rtalpd.conf.5"), re.M) == re.findall(r"^(\w+):$", printed, re.M)
    # With what each says, and its default.
    words = re.sub(r"\s+", " ", page("rtalpd.conf.5"))
    for help_text in re.findall(r"((?:^\t# .*\n)+)^\t#\w+ =", printed, re.M):
        first = re.sub(r"\s+", " ", re.sub(r"^\t# ", "", help_text, flags=re.M)).strip().split(", Needs a restart")[0]
        assert first.replace("\\", "\\e") in words, first


def test_the_sandboxs_options_and_faults_are_in_its_page():
    told = subprocess.run([SANDBOX, "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
    options, faults = told.split("\nFaults ")
    assert [o[1:] for o in named("rtalp-sandbox.1", "It Fl")] == re.findall(r"^  --([\w-]+)", options, re.M)
    assert named("rtalp-sandbox.1", "It Ic") == re.findall(r"^  ([\w-]+)  ", faults, re.M)


def test_the_daemons_options_are_in_its_page():
    usage = subprocess.run([RTALPD, "--help"], capture_output=True, text=True, timeout=30).stdout
    options = re.findall(r"^  --([\w-]+)", usage, re.M)
    assert options and [o for o in options if f".It Fl -{o}" not in page("rtalpd.8")] == []


def test_each_word_of_a_rules_file_is_in_its_page():
    rules = "".join((TOP / "etc" / name).read_text() for name in ("rules.conf", "rules-reference.conf"))
    for word in set(re.findall(r"^[ {]*(\w+) *=|; (\w+) =", re.sub(r'"[^"\n]*"|#.*', "", rules), re.M)):
        assert re.search(rf"^\.(It Ic|Ic|Ss).*\b{''.join(word)}\b", page("rtalp-rules.conf.5"), re.M), word


def test_rtalpctls_page_tells_what_there_is_and_nothing_else():
    """That each is told of, the table's own test asks; here, that nothing stayed behind, and which words an option takes."""
    commands = set(re.findall(r'^\t\{"([a-z -]+)",', (TOP / "src" / "ctl" / "commands.c").read_text(), re.M))
    text = page("rtalpctl.1")
    told = {" ".join(words.split()) for words in re.findall(r"^\.It Cm ((?:[a-z-]+ ?)+)", text.split(".Sh OPTIONS")[0], re.M)}
    assert len(commands) > 30 and told <= commands
    table = re.findall(r'^OPTION\(\w+, "([\w-]+)", .*?, (NULL|"[^"]*"), "', (TOP / "src" / "ctl" / "options.def").read_text(), re.M)
    options = dict(re.findall(r"^\.It Fl -([\w-]+)((?:.*\n(?!\.It|\.El))*.*)", text.split(".Sh OPTIONS")[1].split("\n.Sh")[0], re.M))
    assert len(table) > 30 and set(options) <= {name for name, _ in table}
    for name, words in table:
        if words != "NULL" and name in options:
            assert [word for word in words.strip('"').split() if not re.search(rf"\b{re.escape(word)}\b", options[name])] == [], name


def test_every_credential_is_in_the_daemons_page():
    printed = subprocess.run([RTALPD, "--print-config"], capture_output=True, text=True, timeout=30, check=True).stdout
    names = re.findall(r'credential "([\w-]+)"', re.sub(r"\n\t# ", " ", printed))
    unit = re.findall(r"^#? *LoadCredential\w*=([\w-]+)", (TOP / "systemd" / "rtalpd.service.in").read_text(), re.M)
    assert len(names) >= 4 and set(names) | set(unit) == set(named("rtalpd.8", "It Li"))
