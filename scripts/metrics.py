"""Write docs/reference/metrics.md from the registry of metrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from keepers.telemetry.metric import Metric
from keepers.telemetry.registry import METRICS

DOCUMENT = Path(__file__).parents[1] / "docs" / "reference" / "metrics.md"
HEAD = """# Metrics

`ballast run --once --metrics-file FILE` writes metrics in the Prometheus format for
node_exporter's textfile collector; the file is replaced atomically. Counters and histograms
continue from the values in the file, so they grow from run to run. Do not let two processes write
the same file.

`python -m scripts.metrics` writes this page from `keepers/telemetry/registry.py`, which declares
each metric with its labels. [Monitoring](../how-to/monitoring.md) explains how to use them.

| metric | kind | labels | meaning |
| --- | --- | --- | --- |
"""
TAIL = """
`chain` is the chain's id, `vault` the vault's name in the configuration, `tier` is `L1`, `L2` or
`L3`, `sender` the account in lower case, `node` the node's address without secrets. Gauges have
the values of the keeper's last pass; `time() - ballast_last_look_timestamp_seconds` is their age.
Head and nodes are present once the engine has read the chain; a run with nothing to send or
follow does not read it. Metrics that begin with `rebalance_` have the names of the engine's
design document. Shares are fractions of 1: 0.05 is 5 %.

For treasuries, `route` is the name of a route, `place` a state of [a
transfer](../explanation/transfers.md#stages), and `origin` the source of a batch. Their balances
are measured after each check of the inventory. Token amounts are floats, as all Prometheus
values; alerts compare values that were computed exactly.
"""


def page() -> str:
    """Return the whole document."""
    return HEAD + "".join(_rows()) + TAIL


def _rows() -> Iterator[str]:
    for each in METRICS:
        yield f"| `{each.name}` | {each.kind} | {_labels(each)} | {each.help} |\n"


def _labels(metric: Metric) -> str:
    return ", ".join(f"`{name}`" for name in metric.labels)


if __name__ == "__main__":
    DOCUMENT.write_text(page(), encoding="utf-8")
