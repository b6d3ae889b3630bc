"""The values of all metrics, which can go on from where an earlier process ended."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.core import Metric as Family
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from keepers.telemetry.metric import Kind, Metric
from keepers.telemetry.registry import METRICS

Labels = tuple[str, ...]


@dataclass(slots=True)
class Distribution:
    """A histogram's values: how many are in each bucket, the last of which has no end."""

    counts: list[float]
    total: float = 0.0


@dataclass(slots=True)
class Values:
    """What is known of one metric, by its labels' values."""

    metric: Metric
    numbers: dict[Labels, float] = field(default_factory=dict[Labels, float])
    distributions: dict[Labels, Distribution] = field(default_factory=dict[Labels, Distribution])

    def distribution(self, labels: Labels) -> Distribution:
        """The one of these labels, empty at first."""
        empty = Distribution([0.0] * (len(self.metric.buckets) + 1))
        return self.distributions.setdefault(labels, empty)


class Metrics(Collector):
    """Counts, sets and observes what the registry declares; safe between threads."""

    def __init__(self, declared: Sequence[Metric] = METRICS) -> None:
        self._lock = threading.Lock()
        self._values = {metric.name: Values(metric) for metric in declared}
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def count(self, metric: Metric, *labels: object, by: float = 1) -> None:
        """Add to a counter."""
        key = _key(metric, labels)
        with self._lock:
            numbers = self._values[metric.name].numbers
            numbers[key] = numbers.get(key, 0) + by

    def put(self, metric: Metric, value: float, *labels: object) -> None:
        """Set a gauge."""
        key = _key(metric, labels)
        with self._lock:
            self._values[metric.name].numbers[key] = value

    def put_all(self, metric: Metric, found: Mapping[Labels, float], *whose: object) -> None:
        """Set all of a gauge whose first labels are `whose`, by the others; what is gone goes."""
        first = tuple(str(each) for each in whose)
        added = {_key(metric, (*whose, *rest)): value for rest, value in found.items()}
        with self._lock:
            values = self._values[metric.name]
            kept = {
                key: value for key, value in values.numbers.items() if key[: len(first)] != first
            }
            values.numbers = {**kept, **added}

    def observe(self, metric: Metric, value: float, *labels: object) -> None:
        """Add a value to a histogram."""
        key = _key(metric, labels)
        with self._lock:
            found = self._values[metric.name].distribution(key)
            found.counts[bisect_left(metric.buckets, value)] += 1
            found.total += value

    def collect(self) -> Iterable[Family]:
        """Everything, as Prometheus' library wants it."""
        with self._lock:
            return [_family(values) for values in self._values.values()]

    def go_on_from(self, text: str) -> None:
        """Take counters and histograms over from what another process has written.

        What is not declared any more, or with other labels or buckets, begins anew.

        Raises:
            ValueError: It is not Prometheus' text format.
        """
        with self._lock:
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    self._restore(family.name, sample.name, sample.labels, sample.value)
            for values in self._values.values():
                _differences(values)

    def _restore(self, family: str, sample: str, labels: dict[str, str], value: float) -> None:
        values = self._values.get(family) or self._values.get(f"{family}_total")
        if values is None:
            return
        metric = values.metric
        upper = labels.pop("le", None)
        if set(labels) != set(metric.labels):
            return
        key = tuple(labels[name] for name in metric.labels)
        if metric.kind is Kind.COUNTER and sample == metric.name:
            values.numbers[key] = value
        elif metric.kind is Kind.HISTOGRAM and sample == f"{metric.name}_sum":
            values.distribution(key).total = value
        elif metric.kind is Kind.HISTOGRAM and upper is not None:
            edges = [*metric.buckets, float("inf")]
            if float(upper) in edges:
                values.distribution(key).counts[edges.index(float(upper))] = value


def _differences(values: Values) -> None:
    """Prometheus writes how many are in a bucket or any before it."""
    for found in values.distributions.values():
        below = 0.0
        for index, upto in enumerate(found.counts):
            found.counts[index], below = max(0.0, upto - below), max(upto, below)


def _key(metric: Metric, labels: tuple[object, ...]) -> Labels:
    if len(labels) != len(metric.labels):
        raise ValueError(f"{metric.name} has the labels {', '.join(metric.labels)}")
    return tuple(str(each) for each in labels)


def _family(values: Values) -> Family:
    metric = values.metric
    match metric.kind:
        case Kind.COUNTER:
            family = CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
        case Kind.GAUGE:
            family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
        case Kind.HISTOGRAM:
            histogram = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
            for key, found in sorted(values.distributions.items()):
                histogram.add_metric(key, list(_cumulated(metric, found)), found.total)
            return histogram
    for key, value in sorted(values.numbers.items()):
        family.add_metric(key, value)
    return family


def _cumulated(metric: Metric, found: Distribution) -> Iterator[tuple[str, float]]:
    upto = 0.0
    for upper, count in zip([*metric.buckets, float("inf")], found.counts, strict=True):
        upto += count
        yield ("+Inf" if upper == float("inf") else str(upper)), upto
