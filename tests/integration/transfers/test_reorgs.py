"""Reorganisations of the source or the destination: one debit, one credit."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import cycle

import pytest

from keepers.model.transaction_states import MINED
from keepers.model.transfer import DONE, TransferCause
from keepers.model.transfer_record import TransferWork
from keepers.store.transfers import TransferRepository
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.kinds import KINDS, ROUTES, assert_once
from tests.integration.transfers.mining import mining, take_back
from tests.integration.transfers.outcome import outcome_of
from tests.support.deep import sampled

pytestmark = pytest.mark.deep

CONFIRMATIONS, FINALITY = 2, 400
"""Reorganisations may be deep, because blocks are mined quickly here."""

HELD = {"CCTP": "attestations", "OFT": "packets", "EXCHANGE": "unlocks", "CUSTODIAN": "crossings"}

RETURNED, GONE = "its transaction returns", "its transaction is gone"


def cases(names: Sequence[str]) -> list[str]:
    """Return each name both ways; every second case includes all names and both ways."""
    ways = cycle(((RETURNED, GONE), (GONE, RETURNED)))
    return [f"{name}; {way}" for name, both in zip(names, ways, strict=False) for way in both]


@pytest.fixture
def mined(keeper: TreasuryKeeper) -> Generator[TreasuryKeeper]:
    """Keeper with two confirmations, on chains that mine by themselves."""
    keeper.configure(confirmations=CONFIRMATIONS, finality=FINALITY)
    with mining(keeper.treasuries.chains.values()):
        yield keeper


def transaction_of(keeper: TreasuryKeeper, work: TransferWork) -> str:
    """Return the hash of a step's transaction."""
    ledger = keeper.ledger()
    try:
        record = keeper.only()
        intents = TransferRepository(ledger).intents(record.new.run_id)
    finally:
        ledger.close()
    (intent,) = [each for each in intents if each.intent.step_id == record.steps[work]]
    attempts = [each for slot in intent.slots for each in slot.attempts]
    (found,) = [each.signed.transaction_hash for each in attempts if each.state in MINED]
    assert found is not None
    return found


def causes(keeper: TreasuryKeeper) -> list[TransferCause | None]:
    """Return the causes of all events in the timeline."""
    ledger = keeper.ledger()
    try:
        return [
            each.cause for each in TransferRepository(ledger).timeline(keeper.only().transfer_id)
        ]
    finally:
        ledger.close()


@pytest.mark.parametrize("case", sampled(cases(ROUTES)))
def test_source__taken_back_while_crossing__leaves_once_all_the_same(
    mined: TreasuryKeeper, case: str
) -> None:
    route, _, after = case.partition("; ")
    returned = after == RETURNED
    kind, switches = KINDS[route], mined.treasuries.bridges.switches
    before = outcome_of(mined)
    setattr(switches, HELD[route], True)
    mined.begin(kind.order)
    mined.bring_on()
    assert mined.only().position.stage == "CROSS"
    sent = transaction_of(mined, TransferWork.TRANSFER_OUT)
    source = mined.treasuries.chains[kind.order.source]
    take_back(source, sent, *([sent] if returned else []))
    mined.bring_on()
    assert mined.only().position.stage == "CROSS"
    assert returned or TransferCause.REORG in causes(mined)
    setattr(switches, HELD[route], False)
    assert mined.bring_to_the_end().position == DONE
    assert_once(outcome_of(mined).since(before), kind)


@pytest.mark.parametrize("case", sampled(cases(["CCTP, invested", *ROUTES[1:]]), first=1))
def test_destination__taken_back_after_the_end__arrives_once(
    mined: TreasuryKeeper, case: str
) -> None:
    name, _, after = case.partition("; ")
    returned = after == RETURNED
    kind = KINDS[name]
    before = outcome_of(mined)
    mined.begin(kind.order, invest=kind.invest)
    mined.bring_to_the_end()
    received = transaction_of(mined, TransferWork.TRANSFER_IN)
    destination = mined.treasuries.chains[kind.order.destination]
    take_back(destination, received, *([received] if returned else []))
    assert mined.bring_to_the_end().position == DONE
    assert returned or TransferCause.REORG in causes(mined)
    assert_once(outcome_of(mined).since(before), kind)
