"""Tests of recovery: signed work continues, unsigned work is cancelled, then a new plan runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepers.model.chain import NodeErrorKind, Signed, Unsigned
from keepers.model.errors.signing import SignerUnreachableError
from keepers.model.errors.transaction import NotSettledError
from keepers.model.run import AttemptStatus, RunRecord, RunStatus, Stage, StepStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.recovery import OtherChainError
from keepers.runs.tiers.pipeline import resume, run_once
from keepers.runs.tiers.strategy import INTERRUPTED
from keepers.store.runs import RunRepository
from tests.unit.runs.market import Memory
from tests.unit.runs.nodes import MarketNodes
from tests.unit.runs.tier_run_rig import TierRunRig
from tests.unit.transactions.paper_nodes import unheard

pytestmark = pytest.mark.long


class SilentSigner:
    """Signer that does not respond."""

    def __init__(self, address: str) -> None:
        self.address = address

    def sign(self, transaction: Unsigned) -> Signed:
        """Raise the error of an unreachable signer."""
        del transaction
        raise SignerUnreachableError("https://signer", "timed out")


async def interrupt(rig: TierRunRig, *, arrived: bool) -> str:
    """Leave a run open with one transaction pending; return its bytes."""
    nodes = rig.nodes
    nodes.mines, nodes.is_deaf = False, not arrived
    with pytest.raises(NotSettledError):
        await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    nodes.is_deaf = False
    (raw,) = set(nodes.sent)
    nodes.sent.clear()
    return raw


async def interrupt_unsigned(rig: TierRunRig) -> None:
    """Leave a run open with a nonce and no signed bytes."""
    signer = rig.signer
    rig.signer = SilentSigner(signer.address)
    with pytest.raises(NotSettledError, match="is numbered"):
        await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    rig.signer = signer


async def resolved(rig: TierRunRig, *, armed: bool = True) -> RunRecord:
    assert await resume(rig.ports(armed=armed), armed=armed) is None
    record = rig.journal.runs("main")[0]
    assert record.status is RunStatus.INTERRUPTED
    assert record.reason == INTERRUPTED
    assert record.stages[-1].stage is Stage.RECORD
    assert record.steps[1].status is StepStatus.SKIPPED
    assert record.steps[1].error == INTERRUPTED
    return record


def status_of_attempt(record: RunRecord) -> AttemptStatus:
    (attempt,) = record.steps[0].attempts
    return attempt.status


async def test_recover__nothing_open__does_nothing(rig: TierRunRig) -> None:
    assert await resume(rig.ports(), armed=True) is None


@pytest.mark.usefixtures("separate")
async def test_recover__receipt__settles_without_sending(
    rig: TierRunRig, nodes: MarketNodes
) -> None:
    rig.memory.paper.include(await interrupt(rig, arrived=False))
    record = await resolved(rig)
    assert status_of_attempt(record) is AttemptStatus.SUCCEEDED
    assert record.steps[0].status is StepStatus.DONE
    assert nodes.sent == []


@pytest.mark.usefixtures("separate")
async def test_recover__reverted_receipt__fails_the_step(rig: TierRunRig, memory: Memory) -> None:
    raw = await interrupt(rig, arrived=False)
    memory.assets["FUND"].reverts = True
    memory.paper.include(raw)
    record = await resolved(rig)
    assert status_of_attempt(record) is AttemptStatus.REVERTED
    assert record.steps[0].error == "Nope()"


@pytest.mark.usefixtures("separate")
@pytest.mark.parametrize("arrived", [True, False])
async def test_recover__in_no_pool_and_nonce_free__sends_identical_bytes(
    rig: TierRunRig, nodes: MarketNodes, *, arrived: bool
) -> None:
    raw = await interrupt(rig, arrived=arrived)
    rig.memory.paper.pool.clear()
    nodes.mines = True
    assert status_of_attempt(await resolved(rig)) is AttemptStatus.SUCCEEDED
    assert nodes.sent == [raw]


@pytest.mark.usefixtures("separate")
async def test_recover__nonce_used_by_another__is_lost_and_not_sent(
    rig: TierRunRig, nodes: MarketNodes
) -> None:
    await interrupt(rig, arrived=False)
    rig.stranger(0)
    rig.clock.on_sleep = rig.memory.paper.mine
    record = await resolved(rig)
    assert status_of_attempt(record) is AttemptStatus.LOST
    assert record.steps[0].status is StepStatus.FAILED
    assert nodes.sent == []


async def test_recover__nonce_used_by_another_not_final_yet__stays_open(rig: TierRunRig) -> None:
    await interrupt(rig, arrived=False)
    rig.stranger(0)
    with pytest.raises(NotSettledError):
        await resume(rig.ports(), armed=True)
    assert rig.journal.open_run_of("main") is not None


async def test_recover__other_chain_in_settings__refuses(
    rig: TierRunRig, nodes: MarketNodes
) -> None:
    await interrupt(rig, arrived=False)
    with pytest.raises(OtherChainError, match="on chain 1, but the settings say 2"):
        await resume(replace(rig.ports(), chain_id=2), armed=True)
    assert nodes.sent == []


@pytest.mark.usefixtures("separate")
async def test_recover__included_between_two_looks__is_found(
    rig: TierRunRig, nodes: MarketNodes
) -> None:
    await interrupt(rig, arrived=True)
    rig.clock.on_sleep = rig.memory.paper.mine
    assert status_of_attempt(await resolved(rig)) is AttemptStatus.SUCCEEDED
    assert nodes.sent == []


@pytest.mark.usefixtures("separate")
async def test_recover__node_has_stored_bytes_already__waits_for_the_receipt(
    rig: TierRunRig, nodes: MarketNodes
) -> None:
    raw = await interrupt(rig, arrived=False)
    rig.memory.paper.send(raw)
    nodes.mines = True
    assert status_of_attempt(await resolved(rig)) is AttemptStatus.SUCCEEDED
    assert nodes.sent == [raw]


async def test_recover__still_nothing__stays_open(rig: TierRunRig, journal: RunRepository) -> None:
    await interrupt(rig, arrived=True)
    with pytest.raises(NotSettledError, match="is broadcast, and did not reach"):
        await resume(rig.ports(), armed=True)
    open_run = journal.open_run_of("main")
    assert open_run is not None
    assert status_of_attempt(open_run) is AttemptStatus.BROADCAST


@pytest.mark.usefixtures("separate")
@pytest.mark.parametrize("armed", [True, False])
async def test_recover__nothing_signed__is_called_off(
    rig: TierRunRig, nodes: MarketNodes, *, armed: bool
) -> None:
    await interrupt_unsigned(rig)
    record = await resolved(rig, armed=armed)
    assert record.steps[0].attempts == ()
    assert (record.steps[0].status, record.steps[0].error) == (StepStatus.FAILED, INTERRUPTED)
    assert nodes.sent == []


@pytest.mark.usefixtures("separate")
async def test_recover__nothing_signed__gives_its_nonce_to_the_next(
    rig: TierRunRig, nodes: MarketNodes
) -> None:
    await interrupt_unsigned(rig)
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    assert nodes.nonces == [0, 1]


async def test_recover__does_not_raise_fees_of_what_goes_its_way(
    rig: TierRunRig, nodes: MarketNodes
) -> None:
    raw = await interrupt(rig, arrived=True)
    nodes.mines = True
    rig.memory.paper.base_fee *= 3  # the pending transaction pays too little for a block now
    rig.clock.on_sleep = rig.memory.paper.mine
    with pytest.raises(NotSettledError):
        await resume(rig.ports(confirmation_timeout_seconds=2), armed=True)
    assert set(nodes.sent) <= {raw}


@pytest.mark.usefixtures("separate")
async def test_run__error_but_the_node_has_it__goes_on(rig: TierRunRig, nodes: MarketNodes) -> None:
    nodes.faults.append(unheard(NodeErrorKind.UNKNOWN))
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    assert len(nodes.sent) == 2


@pytest.mark.usefixtures("separate")
async def test_run__unknown_error_and_node_has_nothing__stays_open_for_recovery(
    rig: TierRunRig, journal: RunRepository
) -> None:
    await interrupt(rig, arrived=False)
    open_run = journal.open_run_of("main")
    assert open_run is not None
    assert status_of_attempt(open_run) is AttemptStatus.STORED
    assert open_run.steps[0].status is StepStatus.SENDING
    assert open_run.steps[1].status is StepStatus.PENDING


@pytest.mark.usefixtures("separate")
async def test_run__after_recovery__plans_anew_and_finishes(
    rig: TierRunRig, nodes: MarketNodes
) -> None:
    await interrupt(rig, arrived=False)
    nodes.mines = True
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    # Recovery completed the interrupted sale; the new plan only buys.
    assert [step.step.symbol for step in record.steps] == ["YIELD"]
    assert record.status is RunStatus.DONE
