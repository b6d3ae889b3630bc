"""Tests that the committed files match the current registry of metrics and alerts."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from keepers.model.alarms import CRITICAL, Alarm
from keepers.telemetry.registry import METRICS, SERVICE_METRICS
from scripts.monitoring.__main__ import changed, gas_threshold
from scripts.monitoring.alert import Alert
from scripts.monitoring.dashboard import dashboard
from scripts.monitoring.files import DASHBOARD, PAGE, RULES, RULES_TEST, with_table
from scripts.monitoring.rules import groups, rules
from scripts.monitoring.rules_test import cases, rules_test

ALERTS = tuple(alert for alerts in groups().values() for alert in alerts)
EACH = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
LABELS = {metric.name: set(metric.labels) for metric in (*METRICS, *SERVICE_METRICS)}
OF_PROMETHEUS = {"up": {"job", "instance"}}
SAY = "run `python -m scripts.monitoring`"


def test_files__are_fresh() -> None:
    assert RULES.read_text() == rules(), SAY
    assert RULES_TEST.read_text() == rules_test(), SAY
    assert DASHBOARD.read_text() == dashboard(), SAY
    assert PAGE.read_text() == with_table(PAGE.read_text()), SAY


def test_alerts__names__are_there_once() -> None:
    assert len({alert.name for alert in ALERTS}) == len(ALERTS)


@EACH
def test_alert__has_registered_metrics_and_labels_alone(alert: Alert) -> None:
    known = LABELS | OF_PROMETHEUS
    named = set(re.findall(r"\b((?:ballast|rebalance)_\w+|up)\b(?![^{]*})", alert.expr))
    assert named
    assert named <= known.keys()
    for metric, inside in re.findall(r"(\w+)\{([^}]*)\}", alert.expr):
        assert set(re.findall(r"(\w+)=", inside)) <= known[metric]
    asked = set(re.findall(r"\$labels\.(\w+)", alert.summary))
    assert asked <= set().union(*(known[metric] for metric in named))


@EACH
def test_alert__has_a_test_that_it_fires(alert: Alert) -> None:
    assert any(case.alert == alert.name and case.labels is not None for case in cases())


@EACH
def test_alert__says_what_to_do(alert: Alert) -> None:
    assert alert.action.endswith((".", "?"))
    assert f"| `{alert.name}` | {alert.level} |" in PAGE.read_text()


def test_alarms__each__is_in_one_of_the_alerts_or_has_its_own() -> None:
    expressions = {alert.name: alert.expr for alert in ALERTS}
    own = {Alarm.PAUSED, Alarm.HEAD_STALLED}
    for alarm in Alarm:
        named = [name for name, expr in expressions.items() if re.search(rf"\b{alarm}\b", expr)]
        wanted = "AlarmCritical" if alarm in CRITICAL else "AlarmGoesOn"
        assert named == ([] if alarm in own else [wanted])


def test_gas__other_limits__are_in_the_rules() -> None:
    found = rules(changed([gas_threshold("8453=0.02"), gas_threshold("4242=7")]))
    assert 'rebalance_gas_cost{chain=\\"8453\\"} > 0.02' in found
    assert 'rebalance_gas_cost{chain=\\"4242\\"} > 7' in found
    assert 'rebalance_gas_cost{chain=\\"56\\"} > 0.5' in found


def test_gas__of_the_document__is_half_a_bnb() -> None:
    assert changed([])[56] == ("BNB", Decimal("0.5"))
