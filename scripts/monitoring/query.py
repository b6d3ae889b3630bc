"""Queries of the dashboard, built from registered metrics and their labels."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.telemetry.metric import Metric
from keepers.telemetry.vault_registry import CHECKED
from scripts.monitoring.rebalance_alerts import FRESH

VARIABLES = ("chain", "vault")
"""Labels that a reader of the dashboard chooses."""


class UnknownLabel(Exception):  # noqa: N818 - name of the fault
    """A query uses a label that the metric does not have."""

    def __init__(self, metric: Metric, label: str) -> None:
        super().__init__(f"{metric.name} has no label {label}, only {', '.join(metric.labels)}")


def select(metric: Metric, suffix: str = "", **wanted: str) -> str:
    """Return the selector of a metric's series, by the reader's choice and by label values."""
    conditions = [f'{name}=~"${name}"' for name in VARIABLES if name in metric.labels]
    for name, value in wanted.items():
        _check(metric, name)
        conditions.append(f'{name}="{value}"')
    inside = f"{{{','.join(conditions)}}}" if conditions else ""
    return f"{metric.name}{suffix}{inside}"


def newest(metric: Metric, *labels: str, **wanted: str) -> str:
    """Return a gauge by these labels, over all keepers; for a vault, over those that read it."""
    fresh = f" {FRESH}" if "vault" in metric.labels and metric is not CHECKED else ""
    return f"max by ({_names(metric, labels)}) ({select(metric, **wanted)}{fresh})"


def rate(metric: Metric, *labels: str, **wanted: str) -> str:
    """Return the rise of a counter within the interval of one point of the graph."""
    risen = f"increase({select(metric, **wanted)}[$__rate_interval])"
    return f"sum by ({_names(metric, labels)}) ({risen})"


def quantile(metric: Metric, share: float, *labels: str) -> str:
    """Return a quantile of a histogram."""
    names = ", ".join(filter(None, (_names(metric, labels), "le")))
    risen = f"rate({select(metric, '_bucket')}[$__rate_interval])"
    return f"histogram_quantile({share:g}, sum by ({names}) ({risen}))"


def _names(metric: Metric, labels: Sequence[str]) -> str:
    for label in labels:
        _check(metric, label)
    return ", ".join(labels)


def _check(metric: Metric, label: str) -> None:
    if label not in metric.labels:
        raise UnknownLabel(metric, label)
