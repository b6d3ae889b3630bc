"""A world around a market in memory, with a real journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from keepers.adapters.store.journal import SqlJournal, open_journal
from keepers.domain.tier_config import TierConfig
from keepers.engine.policy import RunPolicy
from keepers.engine.rebalance.world import World
from tests.support.sqlite import new_database
from tests.unit.engine.market import Asset, Clock, Memory, Signer

UNIT = 10**6
POLICY = RunPolicy(
    tiers=TierConfig.for_token(
        6,
        amounts={
            "rebalance_min_amount": UNIT,
            "rebalance_approval_threshold": 10**15,
            "rebalance_multisig_threshold": 10**15,
        },
    ),
    confirmations=1,
    confirmation_timeout_seconds=10,
    poll_interval_seconds=1,
)
MakeWorld = Callable[..., World]


@pytest.fixture
def memory() -> Memory:
    """A vault of 1,000: L1 at its target of 100, L2 100 above it, L3 100 below."""
    return Memory(100 * UNIT, {"FUND": Asset(1, 400 * UNIT), "YIELD": Asset(2, 500 * UNIT)})


@pytest.fixture
def journal(tmp_path: Path) -> SqlJournal:
    """A journal on disk."""
    return open_journal(new_database(tmp_path / "journal.sqlite"))


@pytest.fixture
def make_world(memory: Memory, journal: SqlJournal) -> MakeWorld:
    """A world on the market, with some of its policy changed."""

    def make(*, said: list[str] | None = None, **changed: object) -> World:
        lines: list[str] = [] if said is None else said
        return World(
            vault="main",
            chain_id=1,
            journal=journal,
            chain=memory,
            market=memory,
            simulator=memory,
            signer=Signer(),
            clock=Clock(),
            policy=replace(POLICY, **changed),  # pyright: ignore[reportArgumentType]
            say=lines.append,
        )

    return make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """The usual one."""
    return make_world()
