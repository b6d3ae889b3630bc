"""Values of all metrics, restored from and written to a file in Prometheus format.

The file is read by node_exporter's textfile collector.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeAlias, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import Metric as Family
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from keepers.model.errors import InputError
from keepers.telemetry.metric import Kind, Metric
from keepers.telemetry.registry import METRICS

OPTION = "--metrics-file"
READABLE = 0o644
"""Mode of the file, readable by the user of node_exporter."""

Labels = tuple[str, ...]
Instrument: TypeAlias = Counter | Gauge | Histogram
T = TypeVar("T", Counter, Gauge, Histogram)

disable_created_metrics()  # a counter restored from a file has no creation time


class Metrics(Collector):
    """Thread-safe instruments of the declared metrics."""

    def __init__(self, declared: Sequence[Metric] = METRICS) -> None:
        self._lock = threading.Lock()
        self._declared = {metric.name: metric for metric in declared}
        self._instruments: dict[str, Instrument] = {}
        self._earlier: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def count(self, metric: Metric, *labels: object, by: float = 1) -> None:
        """Add to a counter."""
        with self._lock:
            self._of(Counter, metric, labels).inc(by)

    def put(self, metric: Metric, value: float, *labels: object) -> None:
        """Set a gauge."""
        with self._lock:
            self._of(Gauge, metric, labels).set(value)

    def put_all(self, metric: Metric, found: Mapping[Labels, float], *first: object) -> None:
        """Replace all values of a gauge under these first labels, keyed by the remaining labels."""
        with self._lock:
            self._remove(metric, first)
            for rest, value in found.items():
                self._of(Gauge, metric, (*first, *rest)).set(value)

    def observe(self, metric: Metric, value: float, *labels: object) -> None:
        """Add a value to a histogram."""
        with self._lock:
            self._of(Histogram, metric, labels).observe(value)

    def collect(self) -> Iterable[Family]:
        """Return all declared metrics, including those without values."""
        with self._lock:
            return [self._family(metric) for metric in self._declared.values()]

    def restore(self, text: str) -> None:
        """Restore counters and histograms from text written by another process.

        Undeclared metrics and metrics with different labels or buckets are not restored.

        Raises:
            ValueError: The text is not in Prometheus format.
        """
        families = list(text_string_to_metric_families(text))
        with self._lock:
            for family in families:
                declared = self._declared.get(family.name)
                metric = declared or self._declared.get(f"{family.name}_total")
                if metric is not None and metric.kind is not Kind.GAUGE:
                    self._restore(metric, family.samples)

    def _of(self, kind: type[T], metric: Metric, labels: Sequence[object]) -> T:
        """Return the instrument for these labels, creating the metric on first use."""
        if len(labels) != len(metric.labels):
            raise ValueError(f"{metric.name} has the labels {', '.join(metric.labels)}")
        found = self._instruments.get(metric.name)
        if found is None:
            found = self._instruments[metric.name] = _made(self._declared[metric.name])
        if not isinstance(found, kind):
            raise TypeError(f"{metric.name} is a {metric.kind}")
        return found.labels(*labels) if labels else found

    def _remove(self, metric: Metric, first: Sequence[object]) -> None:
        found = self._instruments.get(metric.name)
        if found is None or not first:
            self._instruments.pop(metric.name, None)
            return
        labels = dict(zip(metric.labels, map(str, first), strict=False))
        found.remove_by_labels(labels)

    def _family(self, metric: Metric) -> Family:
        """Return the samples of a metric, including the restored values."""
        found = self._instruments.get(metric.name)
        if found is None:
            return Family(metric.name.removesuffix("_total"), metric.help, metric.kind)
        (family,) = found.collect()
        family.samples = [
            each._replace(value=each.value + self._earlier.get(_key(each), 0.0))
            for each in family.samples
        ]
        return family

    def _restore(self, metric: Metric, samples: Sequence[Sample]) -> None:
        for labels, found in _by_labels(metric, samples):
            if metric.kind is Kind.COUNTER:
                self._of(Counter, metric, labels).inc(sum(each.value for each in found))
                continue
            edges = {float(each.labels["le"]) for each in found if "le" in each.labels}
            if edges == {*metric.buckets, float("inf")}:
                self._of(Histogram, metric, labels)  # restored values are added to its samples
                self._earlier |= {_key(each): each.value for each in found}


def _made(metric: Metric) -> Instrument:
    match metric.kind:
        case Kind.COUNTER:
            return Counter(metric.name, metric.help, metric.labels, registry=None)
        case Kind.GAUGE:
            return Gauge(metric.name, metric.help, metric.labels, registry=None)
        case Kind.HISTOGRAM:
            return Histogram(
                metric.name, metric.help, metric.labels, registry=None, buckets=metric.buckets
            )


def _by_labels(metric: Metric, samples: Sequence[Sample]) -> Iterator[tuple[Labels, list[Sample]]]:
    """Yield samples by label values, skipping samples with different label names."""
    found: dict[Labels, list[Sample]] = {}
    for sample in samples:
        if set(sample.labels) - {"le"} == set(metric.labels):
            found.setdefault(tuple(sample.labels[name] for name in metric.labels), []).append(
                sample
            )
    yield from found.items()


def _key(sample: Sample) -> tuple[str, frozenset[tuple[str, str]]]:
    return sample.name, frozenset(sample.labels.items())


def read_file(metrics: Metrics, path: Path) -> None:
    """Restore counters from a file, if it exists.

    Raises:
        InputError: The file cannot be read, or is not a metrics file and must not be overwritten.
    """
    try:
        metrics.restore(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(OPTION, f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(OPTION, f"{path} exists, but contains no metrics") from error


def write_file(metrics: Metrics, path: Path) -> None:
    """Replace a file atomically.

    Raises:
        InputError: The file cannot be written.
    """
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(generate_latest(metrics.registry))
                file.flush()
                os.fsync(file.fileno())
                temporary.chmod(READABLE)
                temporary.replace(path)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise InputError(OPTION, f"cannot write {path}: {error.strerror}") from error
