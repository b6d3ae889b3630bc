"""Holdings of a vault's tiers, read individually if one of them cannot be valued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from keepers.chain.addresses import Addresses
from keepers.chain.batch import ReadBatch, ReadSlot
from keepers.chain.contracts.market import IERC4626
from keepers.chain.contracts.vault import Portfolio, RawHolding, RawPosition
from keepers.model.errors.chain import CallRevertedError, ContractMissingError
from keepers.model.tier_config import TierValues
from keepers.model.vault import VaultPosition

Positions = ReadSlot[tuple[RawPosition, ...]]


@dataclass(frozen=True, slots=True)
class _Measured:
    """Reads of one holding, each of which may fail independently."""

    holding: RawHolding
    balance: ReadSlot[int]
    worth: ReadSlot[int]

    @property
    def problem(self) -> str | None:
        """Why the holding cannot be valued; None if it can."""
        try:
            _ = self.worth.value
        except (CallRevertedError, ContractMissingError) as error:
            return f"it cannot be valued: {error}"
        return None

    @property
    def value(self) -> int | None:
        """Value; None if it cannot be read."""
        return self.worth.found

    @property
    def units(self) -> int:
        """Balance; zero if it cannot be read."""
        return self.balance.found or 0


async def read_positions(
    batch: ReadBatch,
    addresses: Addresses,
    listed: Sequence[Positions],
    book: TierValues,
    block: int,
) -> tuple[VaultPosition, ...]:
    """Return the positions of all tiers; tiers that cannot be read whole are read by holding.

    Args:
        batch: Reads of the block.
        addresses: The vault's contracts.
        listed: Reads of all positions of each portfolio.
        book: Tier values in the controller's book, used to estimate missing values.
        block: The block.
    """
    broken = [tier for tier, slot in enumerate(listed, start=1) if not _is_known(slot)]
    measured = await _measured(batch, addresses, broken, block)
    found: list[VaultPosition] = []
    for tier, slot in enumerate(listed, start=1):
        if tier in measured:
            listed_there = {raw.asset: raw for raw in slot.found or ()}
            found += [
                _with_marks(each, listed_there.get(each.asset))
                for each in _estimated(addresses, tier, measured[tier], book[tier])
            ]
        else:
            found += [
                _with_marks(
                    _position(addresses, tier, raw, balance=raw.balance, value=raw.value), raw
                )
                for raw in slot.value
            ]
    return tuple(found)


def _with_marks(position: VaultPosition, raw: RawPosition | None) -> VaultPosition:
    """Add the portfolio's own marks, if it returned all holdings together."""
    return position if raw is None else replace(position, marked=raw.marked, low=raw.low)


def _is_known(slot: Positions) -> bool:
    """Return whether a portfolio values all its holdings."""
    return slot.found is not None and all(each.known for each in slot.found)


async def _measured(
    batch: ReadBatch, addresses: Addresses, tiers: Sequence[int], block: int
) -> Mapping[int, Sequence[_Measured]]:
    if not tiers:
        return {}
    holders = {tier: addresses.portfolio(tier) for tier in tiers}
    terms = {tier: batch.add(Portfolio(holder).holdings()) for tier, holder in holders.items()}
    await batch.run(block)
    found = {
        tier: [
            _Measured(
                each,
                batch.add(IERC4626(each.asset).balance_of(holders[tier])),
                batch.add(Portfolio(holders[tier]).value_of(each.asset)),
            )
            for each in slot.value
        ]
        for tier, slot in terms.items()
    }
    await batch.run(block)
    return found


def _estimated(
    addresses: Addresses, tier: int, measured: Sequence[_Measured], booked: int
) -> list[VaultPosition]:
    """Return a tier's positions; unknown ones share the book value beyond the known ones."""
    unknown = [each for each in measured if each.value is None]
    rest = max(0, booked - sum(each.value or 0 for each in measured))
    weights = [each.holding.target_bps for each in unknown]
    if not sum(weights):
        weights = [1] * len(unknown)
    parts = iter(_shares(rest, weights))
    return [
        _position(
            addresses,
            tier,
            each.holding,
            balance=each.units,
            value=next(parts) if each.value is None else each.value,
            problem=each.problem,
        )
        for each in measured
    ]


def _shares(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount by weights, rounded down; the remainder goes to the last part."""
    parts = [amount * each // sum(weights) for each in weights]
    if parts:
        parts[-1] += amount - sum(parts)
    return parts


def _position(
    addresses: Addresses,
    tier: int,
    holding: RawHolding,
    *,
    balance: int,
    value: int,
    problem: str | None = None,
) -> VaultPosition:
    token = addresses.token(holding.asset)
    return VaultPosition(
        tier=tier,
        asset=holding.asset,
        symbol=token.symbol,
        decimals=token.decimals,
        kind=holding.kind,
        venue=holding.venue,
        target_bps=holding.target_bps,
        maximum_loss_bps=holding.maximum_loss_bps,
        cap_bps=holding.cap_bps,
        balance=balance,
        value=value,
        problem=problem,
        known=problem is None,
    )
