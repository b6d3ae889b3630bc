"""Tests of the dashboard: Grafana can import it, and it queries only registered metrics."""

from __future__ import annotations

import json
import re
from itertools import combinations
from typing import Any

import pytest

from keepers.telemetry.metric import Metric
from keepers.telemetry.registry import METRICS, PAUSED
from scripts.monitoring.files import DASHBOARD
from scripts.monitoring.query import UnknownLabel, newest

CONTENT: dict[str, Any] = json.loads(DASHBOARD.read_text())
PANELS: list[dict[str, Any]] = CONTENT["panels"]
QUERIES = [(panel, target) for panel in PANELS for target in panel.get("targets", [])]
LABELS = {metric.name: {*metric.labels, "le"} for metric in METRICS}


def base(name: str) -> str:
    return name if name in LABELS else name.removesuffix("_bucket")


def test_dashboard__has_what_grafana_asks_for() -> None:
    assert CONTENT["schemaVersion"] >= 36
    assert re.fullmatch(r"[a-z0-9-]{1,40}", CONTENT["uid"])
    assert CONTENT["title"]
    assert "id" not in CONTENT  # Grafana assigns it
    kinds = {each["name"]: each["type"] for each in CONTENT["templating"]["list"]}
    assert kinds == {"datasource": "datasource", "chain": "query", "vault": "query"}
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert {panel["type"] for panel in PANELS} == {"row", "timeseries", "stat", "state-timeline"}


def test_panels__ask_the_chosen_source() -> None:
    for panel, target in QUERIES:
        for source in (panel["datasource"], target["datasource"]):
            assert source == {"type": "prometheus", "uid": "${datasource}"}


def test_panels__lie_beside_each_other_inside_the_grid() -> None:
    for panel in PANELS:
        place = panel["gridPos"]
        assert place["x"] >= 0
        assert place["y"] >= 0
        assert place["w"] > 0
        assert place["h"] > 0
        assert place["x"] + place["w"] <= 24
    for one, other in combinations((panel["gridPos"] for panel in PANELS), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


def test_targets__have_letters_of_their_own() -> None:
    for panel in PANELS:
        letters = [target["refId"] for target in panel.get("targets", [])]
        assert len(set(letters)) == len(letters)
        assert letters or panel["type"] == "row"


@pytest.mark.parametrize("target", [target for _, target in QUERIES], ids=lambda each: each["expr"])
def test_query__has_registered_metrics_and_labels_alone(target: dict[str, Any]) -> None:
    expr = target["expr"]
    named = re.findall(r"\b((?:ballast|rebalance)_\w+)", expr)
    assert named
    for name in named:
        assert base(name) in LABELS
    for name, inside in re.findall(r"(\w+)\{([^}]*)\}", expr):
        assert set(re.findall(r"(\w+)=", inside)) <= LABELS[base(name)]
    grouped = {
        each.strip() for names in re.findall(r"by \(([^)]*)\)", expr) for each in names.split(",")
    }
    assert grouped - {""} <= LABELS[base(named[0])]
    assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= grouped


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_metric__is_shown(metric: Metric) -> None:
    assert any(re.search(rf"\b{metric.name}(_bucket)?\b", each["expr"]) for _, each in QUERIES)


def test_query__label_that_the_metric_has_not__is_refused() -> None:
    with pytest.raises(UnknownLabel, match="ballast_paused has no label vault"):
        newest(PAUSED, "vault")
