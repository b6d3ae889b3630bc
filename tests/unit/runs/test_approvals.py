"""Tests of plans that need approval: they wait, run as signed, or do not run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from keepers.model.approval import TicketState
from keepers.model.errors.run import AwaitingFundsError, StoreUnavailableError, TicketClosedError
from keepers.model.limits import Limit
from keepers.model.notice import Severity
from keepers.model.run import RunRecord, RunStatus, Stage
from keepers.model.tier_plan import AUTO, TriggerChoice, TriggerKind
from keepers.runs.tiers.pipeline import run_once
from keepers.runtime.process.notifications import NullNotifier
from keepers.store.database import nowhere
from keepers.store.tables import notifications
from tests.support.deep import IS_DEEP
from tests.support.sqlite import new_database
from tests.unit.runs.killing import Killed, killing, killing_at
from tests.unit.runs.market import START, Asset, Memory
from tests.unit.runs.tier_run_rig import POLICY, UNIT, TierRunRig

pytestmark = [pytest.mark.deep, pytest.mark.long]

ALICE, BOB = "0x" + "a1" * 20, "0x" + "b0" * 20
STRICT = replace(
    POLICY.tiers, rebalance_approval_threshold=50 * UNIT, rebalance_multisig_threshold=200 * UNIT
)


async def run(rig: TierRunRig, trigger: TriggerChoice = TriggerKind.MANUAL) -> RunRecord:
    return await run_once(rig.ports(tiers=STRICT), trigger, armed=True)


def sign(rig: TierRunRig, run_id: str, *signers: str) -> None:
    record = rig.tickets.ticket(run_id)
    assert record is not None
    for each in signers:
        rig.tickets.approve(run_id, each, each, record.ticket.plan_hash)


def state(rig: TierRunRig, run_id: str) -> TicketState:
    record = rig.tickets.ticket(run_id)
    assert record is not None
    return record.state


@pytest.fixture
def rig(rig: TierRunRig) -> TierRunRig:
    rig.plans.approvers = {ALICE: 1, BOB: 1}
    return rig


def values(rig: TierRunRig) -> tuple[int, ...]:
    held = rig.memory.holdings()
    return held["idle"], held["FUND"], held["YIELD"]


async def test_manual__approved__runs_as_signed(rig: TierRunRig) -> None:
    waiting = await run(rig)
    assert (waiting.status, rig.nodes.sent) == (RunStatus.OPEN, [])
    assert rig.told()[-1].key == f"approval:{waiting.run.run_id}"
    sign(rig, waiting.run.run_id, ALICE)
    done = await run(rig)
    assert (done.run.run_id, done.status) == (waiting.run.run_id, RunStatus.DONE)
    assert [stage.stage for stage in done.stages] == list(Stage)
    assert [each.step.kind for each in done.steps] == ["SALE", "PURCHASE"]
    assert len(done.openings) == 1
    assert values(rig) == (100 * UNIT, 300 * UNIT, 600 * UNIT)
    over = rig.over()
    assert over[f"approval:{waiting.run.run_id}"].endswith("the plan is approved")


async def test_waiting__next_check__changes_nothing(rig: TierRunRig) -> None:
    first = await run(rig)
    second = await run(rig, AUTO)
    assert second.run.run_id == first.run.run_id
    assert second.status is RunStatus.OPEN
    assert len(rig.journal.runs("main")) == 1


async def test_two_needed__one_signs__still_waits(rig: TierRunRig) -> None:
    rig.plans.at_least = 2
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    assert (await run(rig)).status is RunStatus.OPEN
    sign(rig, run_id, BOB)
    assert (await run(rig)).status is RunStatus.DONE


async def test_signature__of_a_stranger_or_of_another_plan__does_not_count(
    rig: TierRunRig,
) -> None:
    run_id = (await run(rig)).run.run_id
    rig.tickets.approve(run_id, "0x" + "99" * 20, "0x" + "99" * 20, "0x1234")
    rig.tickets.approve(run_id, ALICE, ALICE, "0x5678")
    assert (await run(rig)).status is RunStatus.OPEN


async def test_approver__removed_after_signing__does_not_count(rig: TierRunRig) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    rig.plans.approvers = {BOB: 1}
    assert (await run(rig)).status is RunStatus.OPEN
    sign(rig, run_id, BOB)
    assert (await run(rig)).status is RunStatus.DONE


async def test_owner_of_a_safe__removed_after_signing__does_not_stand_in_the_way(
    rig: TierRunRig,
) -> None:
    carol, safe = "0x" + "c0" * 20, "0x" + "5a" * 20
    rig.plans.approvers, rig.plans.thresholds = {safe: 1}, {safe: 2}
    rig.plans.owned = {safe: frozenset({ALICE, BOB, carol})}
    run_id = (await run(rig)).run.run_id
    rig.tickets.approve(run_id, safe, ALICE, ALICE)
    rig.plans.owned = {safe: frozenset({BOB, carol})}
    rig.tickets.approve(run_id, safe, BOB, BOB)
    assert (await run(rig)).status is RunStatus.OPEN
    rig.tickets.approve(run_id, safe, carol, carol)
    assert (await run(rig)).status is RunStatus.DONE


async def test_rejected__ends_with_the_reason(rig: TierRunRig) -> None:
    run_id = (await run(rig)).run.run_id
    rig.tickets.decide(run_id, TicketState.REJECTED, "too risky", by="bob")
    await run(rig, TriggerKind.LIQUIDITY)
    ended = rig.journal.run(run_id)
    assert (ended.status, ended.reason) == (RunStatus.REFUSED, "rejected by bob: too risky")
    with pytest.raises(TicketClosedError):
        rig.tickets.approve(run_id, ALICE, ALICE, "0x00")


async def test_deadline__passed__expires_and_never_runs(rig: TierRunRig) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    rig.memory.at = START + timedelta(hours=2, seconds=1)
    await run(rig, TriggerKind.LIQUIDITY)
    assert state(rig, run_id) is TicketState.EXPIRED
    assert rig.journal.run(run_id).status is RunStatus.REFUSED
    assert rig.nodes.sent == []


@pytest.mark.parametrize(("what", "value"), [("epoch", 1), ("cancelled", True), ("voided", True)])
async def test_guardian__says_no__is_void(rig: TierRunRig, what: str, value: int) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    setattr(rig.plans, what, value)
    await run(rig, TriggerKind.LIQUIDITY)
    assert state(rig, run_id) is TicketState.VOID
    assert rig.nodes.sent == []


async def test_state__moved_since__is_planned_anew(rig: TierRunRig) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    rig.memory.idle += 11 * UNIT
    again = await run(rig)
    assert state(rig, run_id) is TicketState.VOID
    assert again.run.run_id != run_id
    assert again.status is RunStatus.OPEN


async def test_cash__is_short_meanwhile__comes_first(rig: TierRunRig) -> None:
    run_id = (await run(rig)).run.run_id
    rig.memory.redemptions_due = 900 * UNIT
    urgent = await run(rig, AUTO)
    assert state(rig, run_id) is TicketState.VOID
    assert urgent.run.run_id != run_id
    moved = [each for each in rig.journal.runs("main") if each.status is RunStatus.DONE]
    assert moved


async def test_f1__refill_runs_at_once__rest_waits_on_the_state_after_it(
    rig: TierRunRig,
) -> None:
    memory = rig.memory
    memory.idle = 40 * UNIT
    memory.assets["FUND"].balance = 250 * UNIT
    memory.assets["YIELD"].balance = 710 * UNIT
    waiting = await run(rig, AUTO)
    first = rig.journal.runs("main")[1]
    assert (first.status, waiting.run.follows) == (RunStatus.DONE, first.run.run_id)
    assert values(rig) == (100 * UNIT, 250 * UNIT, 650 * UNIT)
    ticket = rig.tickets.ticket(waiting.run.run_id)
    assert ticket is not None
    assert ticket.ticket.plan.state == (100 * UNIT, 250 * UNIT, 650 * UNIT)
    assert ticket.ticket.required == 1
    sign(rig, waiting.run.run_id, BOB)
    assert (await run(rig, AUTO)).status is RunStatus.DONE
    assert values(rig) == (100 * UNIT, 300 * UNIT, 600 * UNIT)


async def test_limit_of_an_asset__does_not_admit_it__nobody_is_asked(rig: TierRunRig) -> None:
    rig.plans.limit = Limit(UNIT, UNIT, 60)
    record = await run(rig)
    assert record.status is RunStatus.REFUSED
    assert "limit on planned purchases of it allows 1 now" in (record.reason or "")
    assert [each.key for each in rig.told()] == ["run:main"]


async def test_approved__exit_limit_of_the_keeper_is_used_up__sells_all_the_same(
    rig: TierRunRig,
) -> None:
    """The chain charges the sales of an approved plan to no limit of its keeper."""
    rig.memory.reducing = Limit(UNIT, 0, 60)
    waiting = await run(rig)
    assert waiting.status is RunStatus.OPEN, waiting.reason
    sign(rig, waiting.run.run_id, ALICE)
    assert (await run(rig)).status is RunStatus.DONE
    assert values(rig) == (100 * UNIT, 300 * UNIT, 600 * UNIT)


async def test_market__moved_below_the_signed_minimum__is_not_opened(rig: TierRunRig) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    rig.memory.assets["YIELD"].reverts = True
    done = await run(rig)
    assert done.status is RunStatus.FAILED
    assert "simulation: action" in (done.reason or "")
    assert rig.nodes.sent == []


async def test_reminders__at_half_and_an_eighth_of_the_time(rig: TierRunRig) -> None:
    await run(rig)
    for minutes, expected in ((59, 1), (60, 2), (104, 2), (105, 3), (110, 3)):
        rig.memory.at = START + timedelta(minutes=minutes)
        await run(rig)
        assert len(rig.told()) == expected


def queued(rig: TierRunRig) -> list[tuple[str, bool]]:
    """Return the keys of the messages in the outbox, and whether they are open."""
    query = select(notifications).order_by(notifications.c.notification_id)
    with rig.database.reading() as connection:
        rows = connection.execute(query).mappings().all()
    return [(row["key"], row["over_at"] is None) for row in rows]


async def test_dry_run__chain_wants_more_than_configured__says_as_many_as_would_be_asked(
    rig: TierRunRig,
) -> None:
    rig.plans.at_least = 2
    ports = rig.ports(tiers=STRICT, armed=False)
    await run_once(ports, TriggerKind.MANUAL, armed=False)
    assert "approval: would request 2 approval(s)" in rig.said


async def test_reminders__by_the_outbox__are_each_a_message(rig: TierRunRig) -> None:
    key = f"approval:{(await run(rig)).run.run_id}"
    for minutes in (60, 105):
        rig.memory.at = START + timedelta(minutes=minutes)
        await run(rig)
    assert queued(rig) == [(key, False), (key, False), (key, True)]


async def test_funds__are_missing__run_waits_and_goes_on(rig: TierRunRig) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    rig.memory.paper.balance = 0
    with pytest.raises(AwaitingFundsError):
        await run(rig)
    assert rig.journal.run(run_id).status is RunStatus.OPEN
    rig.memory.paper.balance = 10**20
    assert (await run(rig)).status is RunStatus.DONE


async def test_unarmed__waiting_run__sends_nothing(rig: TierRunRig) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    record = await run_once(rig.ports(tiers=STRICT, armed=False), AUTO, armed=False)
    assert (record.run.run_id, record.status, rig.nodes.sent) == (run_id, RunStatus.OPEN, [])


async def test_unarmed__enough_have_signed__decides_nothing_and_leaves_nothing_open(
    rig: TierRunRig,
) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    looking = replace(rig.ports(tiers=STRICT, armed=False), notifier=NullNotifier())
    await run_once(looking, AUTO, armed=False)
    assert state(rig, run_id) is TicketState.WAITING
    assert (await run(rig)).status is RunStatus.DONE
    assert (f"approval:{run_id}", True) not in queued(rig)


async def test_granted__killed_before_people_hear__nobody_is_reminded_for_ever(
    rig: TierRunRig,
) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    killing_at(rig, "after_decide")
    with pytest.raises(Killed):
        await run(rig)
    rig.on_point = nowhere
    assert (await run(rig)).status is RunStatus.DONE
    assert (f"approval:{run_id}", True) not in queued(rig)


@pytest.mark.usefixtures("separate")
@pytest.mark.parametrize("after", [0, 1, 2, 3])
async def test_database__away_for_a_moment__what_is_approved_goes_on(
    rig: TierRunRig, after: int
) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)

    def on_point(point: str) -> None:
        if point.startswith("before_") and len(rig.nodes.sent) == after:
            rig.on_point = nowhere
            raise StoreUnavailableError("the server restarts")

    rig.on_point = on_point
    with pytest.raises(StoreUnavailableError):
        await run(rig)
    assert rig.journal.run(run_id).status is RunStatus.OPEN
    assert (await run(rig)).status is RunStatus.DONE
    assert values(rig) == (100 * UNIT, 300 * UNIT, 600 * UNIT)
    assert len(rig.nodes.sent) == 3


@pytest.mark.usefixtures("separate")
@pytest.mark.parametrize(("after", "ends", "held"), [(1, "REFUSED", 400), (2, "PARTIAL", 300)])
async def test_rejected__while_it_is_executed__does_nothing_more(
    rig: TierRunRig, after: int, ends: str, held: int
) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)

    def reject() -> None:
        if len(rig.nodes.sent) == after:
            rig.tickets.decide(run_id, TicketState.REJECTED, "stop", by="bob")

    rig.nodes.after_send = reject
    await run(rig, TriggerKind.LIQUIDITY)
    ended = rig.journal.run(run_id)
    assert len(rig.nodes.sent) == after
    assert rig.memory.holdings()["FUND"] == held * UNIT
    assert ended.status == ends
    assert "rejected by bob: stop" in (ended.reason or "")
    assert "run:main" in {each.key for each in rig.told()}


async def test_rejected__while_it_is_simulated__is_not_opened(rig: TierRunRig) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)

    def on_point(point: str) -> None:
        if point == "after_record_stage" and state(rig, run_id) is TicketState.GRANTED:
            rig.tickets.decide(run_id, TicketState.REJECTED, "stop", by="bob")

    rig.on_point = on_point
    await run(rig, TriggerKind.LIQUIDITY)
    assert rig.journal.run(run_id).status is RunStatus.REFUSED
    assert rig.nodes.sent == []


@pytest.mark.usefixtures("separate")
@pytest.mark.parametrize(("sent", "ends"), [(1, "REFUSED"), (2, "PARTIAL")])
async def test_paused__after_it_was_approved__is_told_and_critical(
    rig: TierRunRig, sent: int, ends: str
) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)

    def kill() -> None:
        if len(rig.nodes.sent) == sent:
            raise Killed

    rig.nodes.after_send = kill
    with pytest.raises(Killed):
        await run(rig)
    rig.nodes.after_send = None
    rig.plans.epoch = 7
    await run(rig, TriggerKind.LIQUIDITY)
    assert rig.journal.run(run_id).status == ends
    (told,) = [each for each in rig.told() if each.key == "run:main"]
    assert (told.severity, "paused" in told.text) == (Severity.CRITICAL, True)


async def test_rejected__before_it_was_approved__is_told_once(rig: TierRunRig) -> None:
    run_id = (await run(rig)).run.run_id
    rig.tickets.decide(run_id, TicketState.REJECTED, "no", by="bob")
    await run(rig, TriggerKind.LIQUIDITY)
    assert [each.key for each in rig.told()] == [f"approval:{run_id}"]


async def live(rig: TierRunRig) -> None:
    """Run and sign until no request is waiting; a second call resumes what is left."""
    for _ in range(4):
        record = await run(rig, AUTO)
        ticket = rig.tickets.ticket(record.run.run_id)
        if ticket is None or ticket.state is not TicketState.WAITING:
            return
        sign(rig, record.run.run_id, ALICE)


def crowded_office(file: Path) -> TierRunRig:
    """Return a rig of F1: a refill that runs at once, and a remainder that waits."""
    assets = {"FUND": Asset(1, 250 * UNIT), "YIELD": Asset(2, 710 * UNIT)}
    rig = TierRunRig(Memory(40 * UNIT, assets), new_database(file))
    rig.plans.approvers = {ALICE: 1}
    return rig


ENDED = {RunStatus.DONE, RunStatus.PARTIAL, RunStatus.INTERRUPTED}
"""Final statuses of killed runs: none of them has failed."""

EVERY = 1 if IS_DEEP else 23
"""Step between the tested crash points; 23 reaches all kinds of them."""


@pytest.mark.long
async def test_approved_run__killed_at_every_point__ends_the_same(tmp_path: Path) -> None:
    rig = crowded_office(tmp_path / "whole.sqlite")
    passed = killing(rig, 0)
    await live(rig)
    wanted, sent = values(rig), len(list(rig.memory.paper.included()))
    assert wanted == (100 * UNIT, 300 * UNIT, 600 * UNIT)
    rig.close()
    for at in range(1, len(passed) + 1, EVERY):
        rig = crowded_office(tmp_path / f"{at}.sqlite")
        killing(rig, at)
        with pytest.raises(Killed):
            await live(rig)
        rig.on_point = nowhere
        await live(rig)
        await live(rig)
        assert values(rig) == wanted, passed[at - 1]
        assert len(list(rig.memory.paper.included())) == sent, passed[at - 1]
        assert rig.journal.open_run_of("main") is None, passed[at - 1]
        ended = {each.status for each in rig.journal.runs("main")}
        assert ended <= {*ENDED, RunStatus.NOTHING_TO_DO}, passed[at - 1]
        rig.close()


async def test_approved_run__killed_before_it_is_closed__is_done_and_not_failed(
    rig: TierRunRig,
) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    killing_at(rig, "before_close_run")
    with pytest.raises(Killed):
        await run(rig)
    rig.on_point = nowhere
    await run(rig)
    ended = rig.journal.run(run_id)
    assert (ended.status, ended.reason) == (RunStatus.DONE, None)


@pytest.mark.parametrize("what", ["late", "epoch"])
async def test_approved_run__killed_when_all_is_done__is_done_though_refused_since(
    rig: TierRunRig, what: str
) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    killing_at(rig, "before_close_run")
    with pytest.raises(Killed):
        await run(rig)
    rig.on_point = nowhere
    if what == "late":
        rig.memory.at = START + timedelta(hours=2, seconds=1)
    else:
        rig.plans.epoch = 1
    await run(rig)
    ended = rig.journal.run(run_id)
    assert (ended.status, ended.reason) == (RunStatus.DONE, None)


def closed(rig: TierRunRig, run_id: str) -> bool:
    return f"approval:{run_id}" in rig.over()


async def test_request__ends_in_whatever_way__nobody_is_reminded_any_more(
    rig: TierRunRig,
) -> None:
    rejected = (await run(rig)).run.run_id
    rig.tickets.decide(rejected, TicketState.REJECTED, "no", by="bob")
    await run(rig, TriggerKind.LIQUIDITY)
    assert closed(rig, rejected)
    outlived = (await run(rig)).run.run_id
    rig.memory.idle += 20 * UNIT
    again = (await run(rig)).run.run_id
    assert again != outlived
    assert closed(rig, outlived)
    assert not closed(rig, again)


async def test_request__ends_while_its_opening_is_queued__nothing_is_signed(
    rig: TierRunRig,
) -> None:
    run_id = (await run(rig)).run.run_id
    sign(rig, run_id, ALICE)
    killing_at(rig, "after_submit")
    with pytest.raises(Killed):
        await run(rig)
    rig.on_point = nowhere
    rig.tickets.decide(run_id, TicketState.REJECTED, "no after all", by="bob")
    await run(rig, TriggerKind.LIQUIDITY)
    assert rig.journal.run(run_id).status is RunStatus.REFUSED
    assert rig.nodes.sent == []
