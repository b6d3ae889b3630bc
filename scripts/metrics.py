"""Writes docs/reference/metrics.md from the registry of metrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from keepers.telemetry.metric import Metric
from keepers.telemetry.registry import METRICS

DOCUMENT = Path(__file__).parents[1] / "docs" / "reference" / "metrics.md"
HEAD = """# Metrics

`ballast run --once --metrics-file FILE` writes metrics in the format of Prometheus, as a whole
file, for node_exporter's textfile collector. Counters and histograms go on from what the file
holds, so they grow from run to run. Two processes should not write the same file.

This page is made from `keepers/telemetry/registry.py` by `python -m scripts.metrics`.
[Monitoring](../how-to/monitoring.md) says what to do with them.

| metric | kind | labels | what it says |
| --- | --- | --- | --- |
"""
TAIL = """
`chain` is the chain's id, `vault` the vault's name in the configuration, `tier` is `L1`, `L2` or
`L3`, `sender` the account in lower case, `node` the node's address without what may be secret in
it. Gauges are of a keeper's last look, and `time() - ballast_last_look_timestamp_seconds` says how
old they are. Head and nodes are there when the engine has looked at the chain, which a run with
nothing to send or to follow does not do. The metrics that begin with `rebalance_` have the names of
the engine's design document; shares are of 1, so 0.05 is 5 %.

Of treasuries `route` is a route's name, `place` a state of
[a transfer](../explanation/transfers.md#the-way), and `origin` who wanted a batch. Their balances
are measured after each check of the inventory. Tokens and coins are rounded as all numbers of
Prometheus are; what alerts compare is compared exactly.
"""


def page() -> str:
    """The whole document."""
    return HEAD + "".join(_rows()) + TAIL


def _rows() -> Iterator[str]:
    for each in METRICS:
        yield f"| `{each.name}` | {each.kind} | {_labels(each)} | {each.help} |\n"


def _labels(metric: Metric) -> str:
    return ", ".join(f"`{name}`" for name in metric.labels)


if __name__ == "__main__":
    DOCUMENT.write_text(page(), encoding="utf-8")
