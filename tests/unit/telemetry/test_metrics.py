"""Metrics: Prometheus' conventions, single counting, and continuation from a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest

from keepers.model.errors import InputError
from keepers.telemetry import registry
from keepers.telemetry.metric import Kind, Metric
from keepers.telemetry.metrics import Metrics, read_file, write_file
from keepers.telemetry.registry import METRICS
from scripts.metrics import DOCUMENT, page

EACH = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
UNITS = (
    *("_seconds", "_blocks", "_wei_total", "_total", "_block", "_bytes"),
    *("_ratio", "_tokens", "_coins"),
)
PLAIN = {
    "ballast_transactions_in_flight",
    "ballast_transactions_waiting",
    "ballast_node_healthy",
    "ballast_lease_held",
    "ballast_paused",
    "ballast_rebalance_last_run_status",
    "ballast_tier_within_bounds",
    "ballast_rebalance_trouble",
    "ballast_vault_paused",
    "ballast_notifications_waiting",
    "ballast_notifications_failed",
    "ballast_notices_open",
    "ballast_treasury_triggered",
    "ballast_treasury_paused",
    "ballast_inventory_uncovered",
    "ballast_inventory_unreadable",
    "ballast_transfers_under_way",
    "ballast_transfers_stuck",
    "ballast_transfers_overdue",
    "ballast_batches",
    "ballast_bridge_readable",
}
"""Counts and yes-or-no values, which have no unit."""

OF_THE_DOCUMENT = {
    *("rebalance_deviation_ratio", "rebalance_execution_time", "rebalance_slippage"),
    *("rebalance_gas_cost", "rebalance_success_rate", "rebalance_pending_count"),
}
"""Names from section 5.1 of the engine document, with or without units."""


def text_of(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def filled() -> Metrics:
    """Return metrics with values for each metric."""
    metrics = Metrics()
    for metric in METRICS:
        labels = [f"a {name}" for name in metric.labels]
        match metric.kind:
            case Kind.COUNTER:
                metrics.count(metric, *labels, by=3)
            case Kind.GAUGE:
                metrics.put(metric, 7, *labels)
            case Kind.HISTOGRAM:
                for value in (0.5, 3, 10**6):
                    metrics.observe(metric, value, *labels)
    return metrics


@EACH
def test_metric__name__is_by_conventions(metric: Metric) -> None:
    if metric.name in OF_THE_DOCUMENT:
        return
    assert re.fullmatch(r"ballast(_[a-z]+)+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert metric.name.endswith(UNITS) or metric.name in PLAIN
    assert metric.help.endswith(".")
    assert list(metric.buckets) == sorted(set(metric.buckets))
    assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
    assert "le" not in metric.labels


def test_metrics__of_the_document__are_all_there() -> None:
    assert {metric.name for metric in METRICS} >= OF_THE_DOCUMENT


def test_metrics__names__are_there_once() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)


@EACH
def test_document__every_metric__is_there(metric: Metric) -> None:
    assert f"| `{metric.name}` | {metric.kind} |" in DOCUMENT.read_text(encoding="utf-8")


def test_document__is_what_the_script_writes() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == page()


def test_histogram__values__are_in_their_buckets() -> None:
    metrics = Metrics()
    for value in (1, 1.5, 2, 200):
        metrics.observe(registry.CONFIRMATION_BLOCKS, value, 1, "0xaa")
    text = text_of(metrics)
    labels = 'chain="1",le="{}",sender="0xaa"'
    for upper, count in (("1.0", 1), ("2.0", 3), ("100.0", 3), ("+Inf", 4)):
        assert f"ballast_confirmation_blocks_bucket{{{labels.format(upper)}}} {count}.0" in text
    assert 'ballast_confirmation_blocks_sum{chain="1",sender="0xaa"} 204.5' in text


def test_labels__too_few__are_refused() -> None:
    with pytest.raises(ValueError, match="has the labels chain, sender"):
        Metrics().count(registry.GAS_USED, 1)


@given(
    st.lists(st.integers(0, 200), max_size=8), st.lists(st.integers(0, 200), max_size=8), st.text()
)
def test_go_on__from_text__is_as_if_one_process_had_counted(
    first: list[int], second: list[int], node: str
) -> None:
    whole, before, after = Metrics(), Metrics(), Metrics()
    for part, values in ((before, first), (after, second)):
        if part is after:
            after.restore(text_of(before))
        for value in values:
            for each in (part, whole):
                each.count(registry.BROADCASTS, 1, node, "taken", by=value)
                each.observe(registry.CONFIRMATION_BLOCKS, value, 1, "0xaa")
    assert text_of(after) == text_of(whole)


def test_go_on__gauges_and_strangers__are_left_out() -> None:
    metrics = Metrics()
    metrics.restore(
        '# TYPE ballast_paused gauge\nballast_paused{chain="1",sender="0xaa"} 1\n'
        "# TYPE other_total counter\nother_total 3\n"
        '# TYPE ballast_gas_used_total counter\nballast_gas_used_total{chain="1"} 3\n'
    )
    assert text_of(metrics) == text_of(Metrics())


def test_file__written_twice__goes_on_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "ballast.prom"
    for _ in range(2):
        metrics = Metrics()
        read_file(metrics, file)
        metrics.count(registry.GAS_USED, 1, "0xaa", by=21_000)
        write_file(metrics, file)
    assert 'ballast_gas_used_total{chain="1",sender="0xaa"} 42000.0' in file.read_text()
    assert [each.name for each in tmp_path.iterdir()] == ["ballast.prom"]
    assert file.stat().st_mode & 0o777 == 0o644


def test_file__something_else__is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not {metrics\n")
    with pytest.raises(InputError, match="contains no metrics"):
        read_file(Metrics(), file)


def test_file__no_folder__says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        write_file(Metrics(), tmp_path / "missing" / "ballast.prom")
