"""Queries of the dashboard, made of registered metrics and of labels that they have."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.telemetry.metric import Metric
from keepers.telemetry.vault_registry import CHECKED
from scripts.monitoring.rebalance_alerts import FRESH

VARIABLES = ("chain", "vault")
"""Labels that a reader of the dashboard chooses."""


class UnknownLabel(Exception):  # noqa: N818 - says what is
    """A metric does not have a label that a query names."""

    def __init__(self, metric: Metric, label: str) -> None:
        super().__init__(f"{metric.name} has no label {label}, only {', '.join(metric.labels)}")


def select(metric: Metric, suffix: str = "", **wanted: str) -> str:
    """The series of a metric, of what the reader has chosen and of these labels' values."""
    conditions = [f'{name}=~"${name}"' for name in VARIABLES if name in metric.labels]
    for name, value in wanted.items():
        _check(metric, name)
        conditions.append(f'{name}="{value}"')
    inside = f"{{{','.join(conditions)}}}" if conditions else ""
    return f"{metric.name}{suffix}{inside}"


def newest(metric: Metric, *labels: str, **wanted: str) -> str:
    """A gauge by these labels, whichever keeper says it; of a vault, who reads it."""
    fresh = f" {FRESH}" if "vault" in metric.labels and metric is not CHECKED else ""
    return f"max by ({_names(metric, labels)}) ({select(metric, **wanted)}{fresh})"


def rate(metric: Metric, *labels: str, **wanted: str) -> str:
    """Rise of a counter within the interval of one point of the graph."""
    risen = f"increase({select(metric, **wanted)}[$__rate_interval])"
    return f"sum by ({_names(metric, labels)}) ({risen})"


def quantile(metric: Metric, share: float, *labels: str) -> str:
    """A quantile of a histogram."""
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
