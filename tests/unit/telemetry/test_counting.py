"""Tests of transactions from submission to end, in metrics and log lines."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from keepers.model.chain import NodeHealth, NodeRole, NodeState
from keepers.model.transaction_states import RequestedAction
from keepers.runtime.process.telemetry import KeeperTelemetry
from keepers.telemetry.metrics import Metrics
from tests.unit.store.ledger.samples import StillClock
from tests.unit.transactions.paper_engine import CHAIN_ID, EngineOnPaper


@pytest.fixture
def metrics(rig: EngineOnPaper) -> Metrics:
    """Metrics of the engine."""
    made = Metrics()
    telemetry = KeeperTelemetry(made, CHAIN_ID, rig.sender, lambda _: None)
    rig.telemetry = telemetry  # pyright: ignore[reportAttributeAccessIssue]
    rig.restart()
    return made


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def whose(rig: EngineOnPaper) -> dict[str, str]:
    return {"chain": str(CHAIN_ID), "sender": rig.sender.lower()}


def sample(rig: EngineOnPaper, *healths: NodeHealth) -> None:
    telemetry: Any = rig.telemetry
    telemetry.sample(rig.database, rig.holder, healths)


def test_life__is_counted(rig: EngineOnPaper, metrics: Metrics, clock: StillClock) -> None:
    mine = whose(rig)
    intent_id = rig.submit()
    rig.run()
    rig.context.store.want(intent_id, RequestedAction.BUMP)
    rig.run()
    clock.advance(20)
    rig.mine(6)
    assert value(metrics, "ballast_attempts_total", kind="original", **mine) == 1
    assert value(metrics, "ballast_attempts_total", kind="bump", **mine) == 1
    assert value(metrics, "ballast_transactions_ended_total", outcome="final", **mine) == 1
    assert value(metrics, "ballast_confirmation_seconds_sum", **mine) == 20
    assert value(metrics, "ballast_confirmation_blocks_sum", **mine) == 1
    seen = rig.intent(intent_id).inclusion
    assert seen is not None
    assert value(metrics, "ballast_gas_used_total", **mine) == seen.gas_used
    fee = seen.gas_used * seen.effective_gas_price
    assert value(metrics, "ballast_fees_wei_total", **mine) == fee
    assert value(metrics, "ballast_head_block", chain=str(CHAIN_ID)) == rig.chain.head.number


def test_rejected__is_an_end(rig: EngineOnPaper, metrics: Metrics) -> None:
    rig.auditor.refused = {"0x00000001"}
    rig.submit()
    rig.run()
    ended = "ballast_transactions_ended_total"
    assert value(metrics, ended, outcome="failed", **whose(rig)) == 1
    assert value(metrics, "ballast_alarms_total", alarm="audit_refused", **whose(rig)) == 1


def test_sample__says_what_is_under_way(
    rig: EngineOnPaper, metrics: Metrics, clock: StillClock
) -> None:
    mine = whose(rig)
    rig.submit()
    rig.run()
    rig.submit()
    clock.advance(30)
    node = NodeHealth(node="https://one", role=NodeRole.READER, state=NodeState.BEHIND, behind=5)
    sample(rig, node)
    assert value(metrics, "ballast_transactions_in_flight", **mine) == 1
    assert value(metrics, "ballast_transactions_waiting", **mine) == 1
    assert value(metrics, "ballast_lowest_pending_age_seconds", **mine) == 30
    assert value(metrics, "ballast_paused", **mine) == 0
    assert value(metrics, "ballast_lease_held", **mine) == 1
    assert value(metrics, "ballast_last_look_timestamp_seconds", **mine) == clock.now.timestamp()
    where = {"chain": str(CHAIN_ID), "node": "https://one", "role": "reader"}
    assert value(metrics, "ballast_node_healthy", **where) == 0
    assert value(metrics, "ballast_node_behind_blocks", **where) == 5
    rig.context.store.pause("a person said so")
    rig.context.store.release()
    sample(rig)
    assert value(metrics, "ballast_paused", **mine) == 1
    assert value(metrics, "ballast_lease_held", **mine) == 0


@pytest.fixture
def lines() -> Any:
    """Log lines with their bound fields."""
    capture = LogCapture()
    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, capture],
        wrapper_class=structlog.make_filtering_bound_logger(0),
    )
    yield capture.entries
    structlog.configure(**before)


def test_lines__of_a_pass__say_what_they_are_about(
    rig: EngineOnPaper, metrics: Metrics, lines: list[dict[str, Any]]
) -> None:
    del metrics
    intent_id = rig.submit()
    rig.run()
    rig.mine(6)
    by_name = {line["event"]: line for line in lines}
    assert {"head", "numbered", "signed", "sent", "included", "ended"} <= set(by_name)
    for line in lines:
        assert (line["chain"], line["sender"]) == (CHAIN_ID, rig.sender.lower()) or (
            line["sender"].lower() == rig.sender.lower()
        )
    for name in ("signed", "sent", "included", "ended"):
        line = by_name[name]
        assert (line["run"], line["intent"], line["nonce"]) == ("r1", intent_id, 0), name
        assert line["attempt"] == 1
    hashed = rig.intent(intent_id).slots[0].attempts[0].signed.transaction_hash
    assert {by_name[name]["transaction"] for name in ("sent", "included", "ended")} == {hashed}
