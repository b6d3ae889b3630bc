"""Runs of a vault, counted: how they ended, what waits, and the newest that sent something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from keepers.model.run import RunKind, RunRecord, RunStatus
from keepers.store.run_queries import read_runs
from keepers.store.tables import intents, run_steps, runs

PLANS = (RunKind.REBALANCE, RunKind.WEIGHTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """What is known of a vault's runs.

    Attributes:
        chain_id: The chain of the newest.
        pending: How many are open.
        recent: Armed ones since a time, by status.
        newest: The status of the newest.
        began: When the newest of each status began.
        executed: The newest for which a transaction was asked.
    """

    chain_id: int
    pending: int
    recent: Mapping[RunStatus, int]
    newest: RunStatus
    began: Mapping[RunStatus, datetime]
    executed: RunRecord | None


def count_runs(connection: Connection, vault: str, since: datetime) -> RunCounts | None:
    """Count the runs of a vault; None where there is none."""
    mine = (runs.c.vault == vault) & runs.c.kind.in_(PLANS)
    order = (runs.c.started_at.desc(), runs.c.run_id)
    newest = connection.execute(
        select(runs.c.chain_id, runs.c.status).where(mine).order_by(*order).limit(1)
    ).first()
    if newest is None:
        return None
    recent = select(runs.c.status, func.count()).where(
        mine, runs.c.armed, runs.c.started_at >= since
    )
    began = select(runs.c.status, func.max(runs.c.started_at)).where(mine)
    grouped = runs.c.status
    is_open = mine & (runs.c.status == RunStatus.OPEN)
    pending = select(func.count()).select_from(runs).where(is_open)
    return RunCounts(
        chain_id=newest.chain_id,
        pending=connection.execute(pending).scalar_one(),
        recent={RunStatus(status): n for status, n in connection.execute(recent.group_by(grouped))},
        newest=RunStatus(newest.status),
        began={RunStatus(status): at for status, at in connection.execute(began.group_by(grouped))},
        executed=_executed(connection, vault),
    )


def _executed(connection: Connection, vault: str) -> RunRecord | None:
    asked = (
        select(runs.c.run_id)
        .join(run_steps, run_steps.c.run_id == runs.c.run_id)
        .join(intents, intents.c.step_id == run_steps.c.step_id)
        .where(runs.c.vault == vault, runs.c.kind == RunKind.REBALANCE)
        .order_by(runs.c.started_at.desc(), runs.c.run_id)
        .limit(1)
    )
    run_id = connection.scalar(asked)
    if run_id is None:
        return None
    return next(iter(read_runs(connection, runs.c.run_id == run_id)), None)
