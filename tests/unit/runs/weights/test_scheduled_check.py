"""Tests of scheduled checks of weights: done once when due, retried after a temporary refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from keepers.model.errors.chain import CallRevertedError, LimitExceededError
from keepers.model.limits import Limit
from keepers.model.run import RunKind, RunStatus, Stage
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import AUTO, TriggerKind
from keepers.model.tier_state import PriceMove
from keepers.model.weights_run import RebalanceRefusedError, SkipReason
from keepers.runs.weights.scheduled_check import AFTER_TIERS, TRIES
from tests.unit.runs.market import START
from tests.unit.runs.tier_run_rig import UNIT
from tests.unit.runs.weights.paper import TERMS, limited, since
from tests.unit.runs.weights.weights_run_rig import DAY, HOUR, WeightsRunRig

pytestmark = pytest.mark.long

STAGES = [each for each in Stage if each is not Stage.APPROVAL]


async def test_monday__weights_off_target__are_brought_there_in_one_transaction(
    shop: WeightsRunRig,
) -> None:
    (record,) = await shop.check()
    assert (record.status, record.reason) == (RunStatus.DONE, None)
    assert (shop.held, shop.sent) == ((300, 300), 1)
    assert record.run.trigger == "WEIGHTS_L3"
    assert [each.stage for each in record.stages] == STAGES
    assert shop.told == []
    assert await shop.check() == ()
    assert shop.journal.kind is RunKind.WEIGHTS
    assert shop.rig.journal.runs("main") == ()


async def test_other_days__nothing_is_due(shop: WeightsRunRig) -> None:
    assert await shop.check(weekly=False) == ()
    assert await shop.check(TriggerKind.LIQUIDITY, weekly=False) == ()
    assert shop.sent == 0


async def test_concentration__is_due_at_any_hour_but_not_after_a_run(shop: WeightsRunRig) -> None:
    (record,) = await shop.check(TriggerKind.THRESHOLD, weekly=False)
    assert record.status is RunStatus.DONE
    shop.memory.give("X", 50 * UNIT)
    assert await shop.check(TriggerKind.THRESHOLD, weekly=False) == ()
    (monday,) = await shop.check()
    assert monday.status is RunStatus.DONE
    shop.memory.give("X", 50 * UNIT)
    shop.rig.clock.seconds += DAY
    assert len(await shop.check(TriggerKind.THRESHOLD, weekly=False)) == 1


def refuse(shop: WeightsRunRig, reason: SkipReason) -> None:
    memory = shop.memory
    match reason:
        case SkipReason.PAUSED:
            memory.paused = True
        case SkipReason.COOL_DOWN:
            since(memory, START - timedelta(seconds=HOUR - 1))
        case SkipReason.BUCKET_EMPTY:
            limited(memory, turnover=Limit(10**18, 199 * UNIT, DAY))
        case SkipReason.NOT_IMPROVED:
            memory.refusal_when_simulated = RebalanceRefusedError(reason)
        case SkipReason.NOTHING_TO_MOVE:
            memory.refusal_when_simulated = LimitExceededError("the loss budget", 2, 1)
        case SkipReason.MAX_TOTAL_VALUE_LOSS:
            memory.run_terms = replace(memory.run_terms, maximum_loss_bps=20)
            memory.assets["X"].rate = Fraction(98, 100)
        case _:
            memory.refusal = reason


def admit(shop: WeightsRunRig) -> None:
    memory = shop.memory
    memory.paused, memory.refusal, memory.refusal_when_simulated = False, None, None
    memory.run_terms, memory.assets["X"].rate = TERMS, Fraction(1)
    since(memory, START - timedelta(seconds=HOUR))
    limited(memory, turnover=Limit(10**18, 200 * UNIT, DAY))


@pytest.mark.parametrize(
    "reason",
    [
        *(SkipReason.PAUSED, SkipReason.COOL_DOWN, SkipReason.BUCKET_EMPTY),
        *(SkipReason.STALE_PRICE, SkipReason.NOT_IMPROVED, SkipReason.NOTHING_TO_MOVE),
        SkipReason.MAX_TOTAL_VALUE_LOSS,
    ],
)
async def test_refusal_that_passes__is_recorded_once_and_tried_until_it_is_over(
    shop: WeightsRunRig, reason: SkipReason
) -> None:
    refuse(shop, reason)
    (record,) = await shop.check()
    assert record.status is RunStatus.NOTHING_TO_DO
    assert record.reason
    assert await shop.check(TriggerKind.THRESHOLD, weekly=False) == ()
    assert await shop.check(weekly=False) == ()
    assert (shop.sent, shop.told) == (0, [])
    admit(shop)
    (done,) = await shop.check(weekly=False)
    assert (done.status, shop.held) == (RunStatus.DONE, (300, 300))
    assert len(shop.runs()) == 2


async def test_refusal__a_day_later__is_recorded_again(shop: WeightsRunRig) -> None:
    refuse(shop, SkipReason.STALE_PRICE)
    await shop.check()
    shop.rig.clock.seconds += DAY
    assert len(await shop.check(weekly=False)) == 1


async def test_no_limit__is_refused_and_told_once(shop: WeightsRunRig) -> None:
    limited(shop.memory, turnover=Limit(0, 0, 0))
    (record,) = await shop.check()
    assert record.status is RunStatus.REFUSED
    assert "configure script" in (record.reason or "")
    assert await shop.check(weekly=False) == ()
    assert shop.told == ["weights:main:L3"]
    admit(shop)
    await shop.check(weekly=False)
    assert "weights:main:L3" in shop.rig.over()


async def test_limit_too_small_for_ever__is_refused(shop: WeightsRunRig) -> None:
    limited(shop.memory, turnover=Limit(199 * UNIT, 199 * UNIT, DAY))
    (record,) = await shop.check()
    assert record.status is RunStatus.REFUSED
    assert "weights.l3.turnover" in (record.reason or "")


async def test_trade_that_cannot_be_quoted__is_refused_once_and_tried_again(
    shop: WeightsRunRig,
) -> None:
    shop.memory.quote_error = CallRevertedError("UniswapV3Venue_NoPath")
    (record,) = await shop.check()
    assert record.status is RunStatus.REFUSED
    assert "cannot be quoted" in (record.reason or "")
    assert await shop.check(weekly=False) == ()
    shop.memory.quote_error = None
    (done,) = await shop.check(weekly=False)
    assert done.status is RunStatus.DONE


async def test_tiers_wait_for_approval__weights_come_after_them(shop: WeightsRunRig) -> None:
    both = await shop.check(waits=True)
    assert [each.reason for each in both] == [AFTER_TIERS, AFTER_TIERS]
    assert await shop.check(TriggerKind.THRESHOLD, weekly=False, waits=True) == ()
    ended = await shop.check(TriggerKind.THRESHOLD, weekly=False)
    assert [each.status for each in ended] == [RunStatus.NOTHING_TO_DO, RunStatus.DONE]
    assert await shop.check(weekly=False) == ()


async def test_dry__is_told_once_and_sends_nothing(shop: WeightsRunRig) -> None:
    (record,) = await shop.check(armed=False)
    assert record.status is RunStatus.DRY_RUN
    assert len(shop.memory.simulated) == 1
    assert await shop.check(armed=False) == ()
    assert (shop.sent, shop.told) == (0, [])
    (done,) = await shop.check()
    assert done.status is RunStatus.DONE


async def test_price_move__is_handled_by_a_run_even_at_the_targets(shop: WeightsRunRig) -> None:
    await shop.by_hand()
    shop.rig.clock.seconds += DAY
    moved = PriceMove("X", Fraction(1, 10))
    ended = await shop.check(AUTO, weekly=False, events=[moved])
    assert [each.status for each in ended] == [RunStatus.NOTHING_TO_DO] * 2


async def test_failures__in_a_row__end_the_tries_until_monday(shop: WeightsRunRig) -> None:
    shop.memory.runs_are_silent = True
    assert [each.status for each in await shop.check()] == [RunStatus.FAILED]
    assert shop.told == ["weights:main:L3"]
    for _ in range(TRIES - 1):
        shop.memory.give("X", 50 * UNIT)
        assert [each.status for each in await shop.check(weekly=False)] == [RunStatus.FAILED]
    shop.memory.give("X", 50 * UNIT)
    assert await shop.check(weekly=False) == ()
    assert len(await shop.check()) == 1


async def test_by_hand__at_the_targets__is_a_run_that_says_so(shop: WeightsRunRig) -> None:
    record = await shop.by_hand(Tier.L2)
    assert (record.status, record.reason) == (RunStatus.NOTHING_TO_DO, None)
    assert shop.sent == 0


async def test_nothing_held__is_nothing_to_do(shop: WeightsRunRig) -> None:
    shop.memory.assets["FUND"].balance = 0
    record = await shop.by_hand(Tier.L2)
    assert (record.status, record.reason) == (RunStatus.NOTHING_TO_DO, None)
