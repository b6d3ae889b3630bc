"""Simulated days on the real contracts, keeper killed at random; weeks with `make deep`."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from scripts.network import LocalNetwork
from tests.integration.soak.checks import broken, upkeep_runs
from tests.integration.soak.course import DEEP, SHORT
from tests.integration.soak.soak import Soak
from tests.integration.support.deploy import DeployedVault, deploy_vault
from tests.integration.support.keeper import GENEROUS

IS_DEEP = os.environ.get("BALLAST_HYPOTHESIS_PROFILE") == "deep"


@pytest.fixture
def vault(network: LocalNetwork, tmp_path: Path) -> Generator[DeployedVault]:
    """A vault without deposits, rewound afterwards."""
    chain = network.chains["ethereum-local"]
    before = chain.snapshot()
    yield deploy_vault(chain, tmp_path)
    chain.revert(before)


def test_soak__whatever_happens__every_promise_is_kept(
    vault: DeployedVault, tmp_path: Path
) -> None:
    soak = Soak(vault, tmp_path, DEEP if IS_DEEP else SHORT)
    soak.configure(GENEROUS)
    diary = soak.run()
    assert broken(soak, diary) == []
    # It was no soak in which nothing happened.
    troubles = {each.trouble for each in soak.disturbances}
    assert len(troubles) >= (len(type(next(iter(troubles)))) if IS_DEEP else 3)
    assert any(each.steps for each in soak.keeper.runs())
    assert any(each.steps for each in upkeep_runs(soak))
    assert sum(step.look.kills for step in diary.steps) > 0
