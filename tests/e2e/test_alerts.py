# SPDX-License-Identifier: Apache-2.0
"""etc/alerts.yml: every rule asks for metrics and labels that the service tells, and the manual says what to do."""
import re

import pytest
import yaml
from prometheus_client.openmetrics import parser

from lib.build import BUILD, TOP

RULES = [rule for group in yaml.safe_load((TOP / "etc" / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
PAGE = (BUILD / "man" / "rtalp-metrics.7").read_text()

# What Prometheus has by itself.
ITS_OWN = {"up": {"job", "instance"}}
ITS_LABELS = {"job", "instance"}
WORDS = {"and", "or", "unless", "on", "by", "sum", "max", "min", "avg", "count"}
# The labels that each kind of sample has besides its family's.
SUFFIXES = {"counter": {"_total": set()}, "gauge": {"": set()}, "info": {"_info": set()},
            "histogram": {"_bucket": {"le"}, "_count": set(), "_sum": set()}}


@pytest.fixture(scope="module")
def told(daemon):
    """{sample name: {label: values}}, of all that is told."""
    daemon.client.get("/nothing")
    daemon.client.get("/healthz")
    samples = {name: {label: set() for label in labels} for name, labels in ITS_OWN.items()}
    for family in parser.text_string_to_metric_families(daemon.client.get("/metrics").body.decode()):
        for suffix, more in SUFFIXES[family.type].items():
            samples[family.name + suffix] = {label: set() for label in more}
        for sample in family.samples:
            for label, value in sample.labels.items():
                samples[sample.name].setdefault(label, set()).add(value)
    return samples


TOKENS = re.compile(r'"[^"]*"|\[[^]]*\]|\d[\w.]*|[a-zA-Z_:][\w:]*|=~|!~|!=|==|>=|<=|\S')


def selectors(expr):
    """(name, [(label, operator, value)]) of each metric that an expression asks for."""
    tokens, found, i = TOKENS.findall(expr) + [""], [], 0
    while i < len(tokens) - 1:
        word, after = tokens[i], tokens[i + 1]
        i += 1
        if word in ("by", "on") and after == "(":
            i = tokens.index(")", i)
        elif re.match(r"[a-zA-Z_:]", word) and after != "(" and word not in WORDS:
            end = tokens.index("}", i) if after == "{" else i
            inside = [token for token in tokens[i + 1:end] if token != ","]
            found.append((word, [(inside[n], inside[n + 1], inside[n + 2].strip('"')) for n in range(0, len(inside), 3)]))
            i = max(end, i)
    return found


def grouped(expr):
    return {label.strip() for labels in re.findall(r"\b(?:by|on) *\(([^)]*)\)", expr) for label in labels.split(",")}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_what_a_rule_asks_for_is_told(told, rule):
    asked = selectors(rule["expr"])
    assert asked
    for name, matchers in asked:
        assert name in told, f"{name} is not told"
        for label, operator, value in matchers:
            if label in ITS_LABELS:
                continue
            assert label in told[name], f"{name} has no label {label}"
            # A status that nobody got so far is one all the same.
            values = told[name][label] | ({"5xx"} if label == "status" else set())
            alternatives = value.split("|") if "~" in operator else [value]
            assert set(alternatives) <= values, f"{name} has no {label} {value}"
        assert grouped(rule["expr"]) <= set(told[name]) | ITS_LABELS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_the_manual_says_what_to_do(rule):
    assert re.search(rf"^\.It Li {rule['alert']}$", PAGE, re.M), rule["alert"]
    assert rule["annotations"]["summary"] and rule["labels"]["severity"] in ("critical", "warning", "info")
    # What its text shows is what the expression leaves of the labels.
    for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]):
        assert label in rule["expr"] or label in ("kind", "process", "role", "upstream", "state"), label


def test_no_alert_is_explained_that_there_is_not():
    alerts = PAGE.split(".Sh ALERTS")[1].split(".Sh SEE ALSO")[0]
    assert re.findall(r"^\.It Li (\w+)$", alerts, re.M) == [rule["alert"] for rule in RULES]


def test_every_metric_is_in_the_manual(told):
    names = set(re.findall(r"^\.It Li (\w+)$", PAGE.split(".Sh ALERTS")[0], re.M))
    bare = {re.sub(r"_(bucket|count|sum)$", "", name) for name in told if name not in ITS_OWN}
    assert bare == names


def test_a_metric_that_is_not_told_would_be_found(told):
    """The reader of expressions reads."""
    assert selectors('sum by (kind) (rate(no_such_total{kind="x", end=~"a|b"}[5m])) > 3 and on (kind) other{s="by"} == 0 or third') == [
        ("no_such_total", [("kind", "=", "x"), ("end", "=~", "a|b")]), ("other", [("s", "=", "by")]), ("third", [])]
