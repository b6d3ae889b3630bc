"""Result of a keeper's work on chains, bridges and database, for comparison."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from keepers.store.transfers import TransferRepository
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.treasuries import ASSETS, KEEPER

LEGS = ("TransferSent", "TransferReceived", "Invested", "Divested")


@dataclass(frozen=True)
class Outcome:
    """State that must be the same after any kill.

    Attributes:
        moved: Idle balances by chain and asset, and invested amounts by asset.
        legs: Number of events of each leg, by chain and event.
        nonces: Number of transactions of the keeper's key, by chain.
        withdrawals: Number of withdrawals from the exchange.
        crossings: Number of crossings of the custodian.
        total: Sum that no transfer changes, by asset.
        transfers: Positions, received amounts and states of steps.
        transactions: States of the engine's intents, with the numbers of their attempts.
    """

    moved: Counter[str]
    legs: Counter[str]
    nonces: Counter[str]
    withdrawals: int
    crossings: int
    total: Counter[str]
    transfers: tuple[str, ...]
    transactions: tuple[str, ...]

    def since(self, before: Outcome) -> Outcome:
        """Return the changes since an earlier outcome."""
        changed = {
            name: Counter(
                {
                    key: number - getattr(before, name)[key]
                    for key, number in getattr(self, name).items()
                    if number != getattr(before, name)[key]
                }
            )
            for name in ("moved", "legs", "nonces", "total")
        }
        return replace(self, **changed)


def outcome_of(keeper: TreasuryKeeper) -> Outcome:
    """Return the current outcome."""
    treasuries = keeper.treasuries
    moved, legs, nonces = Counter[str](), Counter[str](), Counter[str]()
    for name, chain in treasuries.chains.items():
        nonces[name] = chain.web3.eth.get_transaction_count(KEEPER.address)
        for asset in ASSETS:
            moved[f"{name} {asset}"] = treasuries.balance(name, asset)
        for event in LEGS:
            legs[f"{name} {event}"] = treasuries.count(name, event)
    for asset in ASSETS:
        moved[f"{asset} invested"] = treasuries.books(asset).invested
    transfers, transactions = _kept(keeper)
    return Outcome(
        moved=moved,
        legs=legs,
        nonces=nonces,
        withdrawals=len(treasuries.bridges.exchange.withdrawals),
        crossings=len(treasuries.bridges.custodian.crossings),
        total=Counter(treasuries.conservation()),
        transfers=transfers,
        transactions=transactions,
    )


def _kept(keeper: TreasuryKeeper) -> tuple[tuple[str, ...], tuple[str, ...]]:
    ledger = keeper.ledger()
    try:
        store = TransferRepository(ledger)
        records = sorted(store.transfers(None), key=lambda each: each.transfer_id)
        intents = [intent for each in records for intent in store.intents(each.new.run_id)]
    finally:
        ledger.close()
    transfers = tuple(
        f"{each.position.text} {each.received} {sorted(each.states.items())}" for each in records
    )
    transactions = tuple(
        f"{each.intent.chain_id} {each.state} {[len(slot.attempts) for slot in each.slots]}"
        for each in intents
    )
    return transfers, transactions
