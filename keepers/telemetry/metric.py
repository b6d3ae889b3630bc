"""Declarations of metrics."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kind of a metric in Prometheus."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """Declaration of a metric.

    Attributes:
        name: Prometheus name, including the unit and, for a counter, the suffix `_total`.
        help: Meaning in one sentence.
        labels: Label names.
        buckets: Upper bounds of a histogram's buckets, without infinity.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Metric:
    """Declare a counter."""
    return Metric(name, Kind.COUNTER, text, labels)


def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Metric:
    """Declare a gauge."""
    return Metric(name, Kind.GAUGE, text, labels)


def histogram(name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Metric:
    """Declare a histogram."""
    return Metric(name, Kind.HISTOGRAM, text, labels, buckets)
