"""Dashboard in the import format of Grafana."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from keepers.telemetry import vault_registry as vaults
from scripts.monitoring.panels import FULL, ROWS, Panel
from scripts.monitoring.query import VARIABLES

SCHEMA = 39
"""Schema version that Grafana 10 reads; later versions convert it."""

UID = "ballast-keepers"
HEIGHT = 8
STAT_HEIGHT = 4
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def dashboard() -> str:
    """Return the whole file."""
    content: dict[str, Any] = {
        "uid": UID,
        "title": "Ballast",
        "description": "Vaults, rebalances, transactions and keepers; docs/how-to/monitoring.md.",
        "tags": ["ballast"],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "utc",
        "annotations": {"list": []},
        "links": [],
        "templating": {"list": [_datasource(), *(_variable(name) for name in VARIABLES)]},
        "panels": list(_panels()),
    }
    return json.dumps(content, indent=2) + "\n"


def _datasource() -> dict[str, Any]:
    return {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "refresh": 1,
    }


def _variable(name: str) -> dict[str, Any]:
    query = f"label_values({vaults.CHECKED.name}, {name})"
    return {
        "name": name,
        "label": name,
        "type": "query",
        "datasource": SOURCE,
        "definition": query,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        # All series, also while Prometheus has no vault yet.
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _panels() -> Iterator[dict[str, Any]]:
    numbers, top = count(1), 0
    for title, panels in ROWS.items():
        place = {"h": 1, "w": FULL, "x": 0, "y": top}
        yield {
            "id": next(numbers),
            "type": "row",
            "title": title,
            "collapsed": False,
            "gridPos": place,
            "panels": [],
        }
        top += 1
        for line in _lines(panels):
            height = STAT_HEIGHT if all(each.kind == "stat" for each in line) else HEIGHT
            left = 0
            for panel in line:
                place = {"h": height, "w": panel.width, "x": left, "y": top}
                yield _panel(panel, next(numbers), place)
                left += panel.width
            top += height


def _lines(panels: Sequence[Panel]) -> Iterator[list[Panel]]:
    """Place panels side by side, as many as fit into a row."""
    line: list[Panel] = []
    for panel in panels:
        if sum(each.width for each in line) + panel.width > FULL:
            yield line
            line = []
        line.append(panel)
    yield line


def _panel(panel: Panel, number: int, place: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "gridPos": dict(place),
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "thresholds": _thresholds(panel.limits)},
            "overrides": [],
        },
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}} if panel.kind == "stat" else {},
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": SOURCE,
                "expr": expr,
                "legendFormat": legend,
            }
            for index, (expr, legend) in enumerate(panel.queries.items())
        ],
    }


def _thresholds(limits: Mapping[str, float]) -> dict[str, Any]:
    base: list[dict[str, Any]] = [{"color": "green", "value": None}]
    steps = base + [{"color": color, "value": value} for color, value in limits.items()]
    return {"mode": "absolute", "steps": steps}
