"""Tests of maintenance: each due task is requested once, and killed runs are resolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from keepers.model.chain import ContractCall, Receipt
from keepers.model.errors.run import ArmRequiredError, RunInProgressError
from keepers.model.errors.transaction import NotSettledError
from keepers.model.maintenance import CLAIM, FULFIL, MaintenanceTask, UpkeepEvent
from keepers.model.run import NewRun, RunKind, RunStatus, Stage, StepStatus
from keepers.model.transaction_records import StepView
from keepers.model.transaction_states import StepState
from keepers.model.vault import VaultSnapshot
from keepers.runs.maintenance import MaintenanceDependencies, run_maintenance
from keepers.runs.outcomes import MaintenanceInterpreter
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.runs import MaintenanceRunRepository, RunRepository
from tests.support.sending import SteppedClock
from tests.support.sqlite import new_database
from tests.unit.runs.risk.plans import snapshot_of
from tests.unit.runs.tier_run_rig import POLICY
from tests.unit.transactions.paper_chain import GENESIS, PaperChain
from tests.unit.transactions.paper_engine import CHAIN_ID, EngineOnPaper

QUEUE, ASSET = "0x" + "aa" * 20, "0x" + "bb" * 20


def chore(kind: str = FULFIL, key: str = "fulfil:1:0") -> MaintenanceTask:
    subject = QUEUE if kind == FULFIL else ASSET
    return MaintenanceTask(
        kind=kind,
        key=key,
        subject=subject,
        symbol="batch 1" if kind == FULFIL else "SLOW",
        call=ContractCall(subject, f"0x{key.encode().hex()}"),
        shares=10,
        assets=9,
        reason="cash covers",
    )


@dataclass
class Vault:
    """Vault whose tasks are done once their calls are in blocks."""

    chain: PaperChain
    chores: list[MaintenanceTask] = field(default_factory=list[MaintenanceTask])
    mute: bool = False
    read: int = 0

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        del block
        self.read += 1
        return snapshot_of(at=GENESIS)

    async def due(self, snapshot: VaultSnapshot) -> tuple[MaintenanceTask, ...]:
        del snapshot
        done = {each.decoded.calldata for _, each in self.chain.included()}
        return tuple(each for each in self.chores if each.call.calldata not in done)

    def event_of(self, receipt: Receipt) -> UpkeepEvent | None:
        (found,) = (
            each for _, each in self.chain.included() if each.hash == receipt.transaction_hash
        )
        return None if self.mute else UpkeepEvent(found.decoded.target, 10, 9)


@dataclass
class Shop:
    """Keeper that runs maintenance."""

    rig: EngineOnPaper
    vault: Vault
    journal: MaintenanceRunRepository
    said: list[str] = field(default_factory=list[str])

    def ports(self) -> MaintenanceDependencies:
        """Return the dependencies of a new process."""
        self.rig.interpreters.update(
            dict.fromkeys((FULFIL, CLAIM), MaintenanceInterpreter(self.vault.event_of))
        )
        self.rig.restart(poll_seconds=1)
        self.rig.clock = Mining(self.rig)
        self.rig.context.clock = self.rig.clock
        return MaintenanceDependencies(
            vault="main",
            chain_id=CHAIN_ID,
            store=self.journal,
            chain=self.vault,
            chores=self.vault,
            keeper=self.rig.sender,
            transactions=self.rig.engine,
            clock=self.rig.clock,
            policy=POLICY,
            progress=self.said.append,
        )


class Mining(SteppedClock):
    """Clock that mines a block on each `sleep`."""

    def __init__(self, rig: EngineOnPaper) -> None:
        super().__init__()
        self._rig = rig
        self.mines = True

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self.mines:
            self._rig.chain.mine()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Keeper without work."""
    ledger = Database(connect(new_database(tmp_path / "journal.sqlite")), clock=lambda _: GENESIS)
    rig = EngineOnPaper(ledger)
    yield Shop(rig, Vault(rig.chain), MaintenanceRunRepository(ledger))
    rig.context.close()
    ledger.close()


async def test_upkeep__nothing_due__opens_nothing(shop: Shop) -> None:
    assert await run_maintenance(shop.ports(), armed=True) is None
    assert shop.journal.runs() == ()


async def test_upkeep__given_a_snapshot__reads_none(shop: Shop) -> None:
    assert await run_maintenance(shop.ports(), snapshot_of(), armed=True) is None
    assert shop.vault.read == 0


async def test_upkeep__chores__are_done_in_order_and_kept(shop: Shop) -> None:
    shop.vault.chores = [chore(CLAIM, "claim:1"), chore()]
    record = await run_maintenance(shop.ports(), armed=True)
    assert record is not None
    assert record.status is RunStatus.DONE
    assert [each.step.kind for each in record.steps] == [CLAIM, FULFIL]
    assert [each.stage for each in record.stages] == [Stage.PLAN, Stage.EXECUTION]
    outcomes = [each.attempts[0].outcome for each in record.steps]
    assert [each.received for each in outcomes if each] == [9, 9]
    assert len(shop.rig.nodes.sent) == 2
    assert await run_maintenance(shop.ports(), armed=True) is None


async def test_upkeep__not_armed__sends_nothing_and_says_what_is_due(shop: Shop) -> None:
    shop.vault.chores = [chore()]
    record = await run_maintenance(shop.ports(), armed=False)
    assert record is not None
    assert record.status is RunStatus.DRY_RUN
    assert [each.status for each in record.steps] == [StepStatus.SKIPPED]
    assert "maintenance: cash covers" in shop.said
    assert shop.rig.nodes.sent == []


async def test_upkeep__one_fails__the_other_goes_on(shop: Shop) -> None:
    shop.vault.chores = [chore(CLAIM, "claim:1"), chore()]
    shop.rig.nodes.reverting.add(shop.vault.chores[0].call.calldata)
    record = await run_maintenance(shop.ports(), armed=True)
    assert record is not None
    assert record.status is RunStatus.PARTIAL
    assert [each.status for each in record.steps] == [StepStatus.FAILED, StepStatus.DONE]
    assert record.reason


async def test_upkeep__failed_before__is_tried_again(shop: Shop) -> None:
    shop.vault.chores = [chore()]
    shop.rig.nodes.reverting.add(shop.vault.chores[0].call.calldata)
    first = await run_maintenance(shop.ports(), armed=True)
    assert first is not None
    assert first.status is RunStatus.FAILED
    shop.rig.nodes.reverting.clear()
    second = await run_maintenance(shop.ports(), armed=True)
    assert second is not None
    assert second.status is RunStatus.DONE


async def test_upkeep__event_is_missing__is_a_failure(shop: Shop) -> None:
    shop.vault.chores, shop.vault.mute = [chore()], True
    record = await run_maintenance(shop.ports(), armed=True)
    assert record is not None
    assert record.status is RunStatus.FAILED
    assert "no contract emitted an event" in (record.reason or "")


async def interrupted(shop: Shop) -> None:
    """Leave a run open after its time limit, with bytes sent and in no block."""
    shop.vault.chores = [chore()]
    ports = shop.ports()
    assert isinstance(shop.rig.clock, Mining)
    shop.rig.clock.mines = False
    with pytest.raises(NotSettledError):
        await run_maintenance(ports, armed=True)
    assert shop.journal.open_run_of("main") is not None


async def test_upkeep__interrupted__is_resolved_and_not_repeated(shop: Shop) -> None:
    await interrupted(shop)
    assert await run_maintenance(shop.ports(), snapshot_of(), armed=True) is None
    assert shop.vault.read == 2  # a snapshot read before the run is resolved is not used
    (record,) = shop.journal.runs()
    assert record.status is RunStatus.INTERRUPTED
    assert [each.status for each in record.steps] == [StepStatus.DONE]
    assert len(set(shop.rig.nodes.sent)) == 1


async def test_upkeep__interrupted_and_not_armed__waits_for_arm(shop: Shop) -> None:
    await interrupted(shop)
    with pytest.raises(ArmRequiredError):
        await run_maintenance(shop.ports(), armed=False)


async def test_upkeep__interrupted_before_anything_was_asked__is_closed(shop: Shop) -> None:
    ports = shop.ports()
    run = NewRun(
        run_id="u1",
        vault="main",
        chain_id=CHAIN_ID,
        trigger="upkeep",
        armed=True,
        started_at=GENESIS,
    )
    ports.store.open_run(run)
    with pytest.raises(RunInProgressError):
        ports.store.open_run(run)
    assert await run_maintenance(ports, armed=True) is None
    assert shop.journal.run("u1").status is RunStatus.INTERRUPTED


async def test_journal__rebalances_and_upkeep__do_not_see_each_other(shop: Shop) -> None:
    shop.vault.chores = [chore()]
    await run_maintenance(shop.ports(), armed=True)
    rebalances = RunRepository(shop.rig.database)
    assert rebalances.runs("main") == ()
    assert (rebalances.kind, shop.journal.kind) == (RunKind.REBALANCE, RunKind.UPKEEP)


def test_judge__event_of_another_asset__is_no_success() -> None:
    step = StepView(
        step_id=1,
        run_id="u1",
        position=0,
        kind=CLAIM,
        detail={"subject": ASSET},
        state=StepState.ACTIVE,
        reason=None,
        outcome=None,
    )
    receipt = Receipt(
        transaction_hash="0x1",
        block_number=1,
        block_hash="0x2",
        succeeded=True,
        gas_used=1,
        effective_gas_price=1,
    )
    assert (
        not MaintenanceInterpreter(lambda _: UpkeepEvent(QUEUE, 1, 1)).interpret(step, receipt).done
    )
    verdict = MaintenanceInterpreter(lambda _: UpkeepEvent(ASSET.upper(), 2, 3)).interpret(
        step, receipt
    )
    assert (verdict.done, verdict.outcome) == (True, {"received": "3", "shares": "2"})


async def test_dry__nothing_changes__is_recorded_once_and_runs_when_armed(shop: Shop) -> None:
    shop.vault.chores = [chore()]
    first = await run_maintenance(shop.ports(), armed=False)
    assert first is not None
    assert first.status is RunStatus.DRY_RUN
    assert await run_maintenance(shop.ports(), armed=False) is None
    shop.vault.chores.append(chore(CLAIM, "claim:slow"))
    assert await run_maintenance(shop.ports(), armed=False) is not None
    done = await run_maintenance(shop.ports(), armed=True)
    assert done is not None
    assert done.status is RunStatus.DONE
