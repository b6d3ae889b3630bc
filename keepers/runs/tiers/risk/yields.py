"""What the vault's funds earn, by what their shares were worth at earlier runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from keepers.model.risk import FundRate, FundYield, yields_of
from keepers.model.vault import HoldingKind, VaultSnapshot
from keepers.runs.tiers.readings import YieldMemory

HISTORY = timedelta(days=30)
"""Over how long the growth of a fund's shares is judged."""

LEAST_HISTORY = timedelta(days=1)
"""A fund that is known for less has no yield yet: funds book their income by the day."""

LEAST_VALUE = 10**8
"""Base units below which a holding is too small to tell its share price."""


def known_yields(memory: YieldMemory, snapshot: VaultSnapshot) -> Mapping[str, FundYield]:
    """Keep the rates of a snapshot, and answer what is known of all, by asset.

    They cost no call: a holding's value is what its shares would pay at the snapshot's block.
    """
    memory.record_rates(rates_of(snapshot))
    earlier = memory.rates_since(snapshot.vault, snapshot.chain_id, snapshot.at - HISTORY)
    return yields_of((*earlier, *rates_of(snapshot)), LEAST_HISTORY)


def rates_of(snapshot: VaultSnapshot) -> tuple[FundRate, ...]:
    """What the shares of the funds are worth that the vault holds."""
    return tuple(
        FundRate(
            vault=snapshot.vault,
            chain_id=snapshot.chain_id,
            asset=each.asset,
            block_number=snapshot.block_number,
            at=snapshot.at,
            assets=each.value,
            shares=each.balance,
        )
        for each in snapshot.positions
        if each.kind is HoldingKind.ERC4626 and each.value >= LEAST_VALUE and each.balance
    )
