"""Simulated days on the real contracts with random kills of the keeper; weeks in `make deep`."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from keepers.model.run import RunStatus
from keepers.store.runs import MaintenanceRunRepository
from scripts.deployment.local import APPROVER
from scripts.network import LocalNetwork
from tests.integration.keeper.test_approvals import approve
from tests.integration.soak.checks import broken
from tests.integration.soak.course import APPROVED, DEEP, SHORT
from tests.integration.soak.soak import Soak
from tests.integration.support.deploy import DeployedVault, deploy_vault
from tests.integration.support.keeper import GENEROUS, Keeper
from tests.support.deep import IS_DEEP

pytestmark = pytest.mark.deep

STRICT = 'REBALANCE_APPROVAL_THRESHOLD = "60000", REBALANCE_MULTISIG_THRESHOLD = "2000000"'


@pytest.fixture
def vault(network: LocalNetwork, tmp_path: Path) -> Generator[DeployedVault]:
    """Vault without deposits; the chain is reset afterwards."""
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
    # The soak must have had disturbances, runs and kills.
    troubles = {each.trouble for each in soak.disturbances}
    assert len(troubles) >= (len(type(next(iter(troubles)))) if IS_DEEP else 3)
    assert any(each.steps for each in soak.keeper.runs())
    assert any(each.steps for each in soak.runs(MaintenanceRunRepository))
    assert sum(step.checks.kills for step in diary.steps) > 0


def sign(keeper: Keeper) -> bool:
    """Approve the plan that waits, if there is one."""
    record = next(iter(keeper.runs()), None)
    if record is None or record.status is not RunStatus.OPEN:
        return False
    if not any("plan_hash" in each.detail for each in record.stages):
        return False
    done = approve(keeper, record, APPROVER)
    assert done.status == 0, done.err
    return True


if IS_DEEP:  # too long for each test run

    def test_soak__larger_plans_need_approval__no_promise_is_broken(
        vault: DeployedVault, tmp_path: Path
    ) -> None:
        soak = Soak(vault, tmp_path, APPROVED, approve=sign)
        soak.configure(STRICT)
        assert broken(soak, soak.run()) == []
        opened = [each for each in soak.keeper.runs() if each.openings]
        assert opened
        assert all(each.status is RunStatus.DONE for each in opened)
