"""Holdings of a vault's tiers, read one by one where one of them cannot be valued."""

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
    """Reads of one holding, which fail for themselves."""

    holding: RawHolding
    balance: ReadSlot[int]
    worth: ReadSlot[int]

    @property
    def problem(self) -> str | None:
        """Why it cannot be valued; None if it can."""
        try:
            _ = self.worth.value
        except (CallRevertedError, ContractMissingError) as error:
            return f"it cannot be valued: {error}"
        return None

    @property
    def value(self) -> int | None:
        """Value; None if it cannot be valued."""
        return self.worth.found

    @property
    def units(self) -> int:
        """Balance; zero where even the token does not answer."""
        return self.balance.found or 0


async def read_positions(
    batch: ReadBatch,
    addresses: Addresses,
    listed: Sequence[Positions],
    book: TierValues,
    block: int,
) -> tuple[VaultPosition, ...]:
    """Make positions of what was read, and read one by one what cannot be had together.

    Args:
        batch: Reads of the block.
        addresses: The vault's contracts.
        listed: The positions of each portfolio, as they were asked for together.
        book: The tiers by the controller's book, from which missing values are estimated.
        block: The block.
    """
    broken = [tier for tier, slot in enumerate(listed, start=1) if not _is_known(slot)]
    apart = await _measured(batch, addresses, broken, block)
    found: list[VaultPosition] = []
    for tier, slot in enumerate(listed, start=1):
        if tier in apart:
            said = {raw.asset: raw for raw in slot.found or ()}
            found += [
                _as_said(each, said.get(each.asset))
                for each in _estimated(addresses, tier, apart[tier], book[tier])
            ]
        else:
            found += [_position(addresses, tier, raw) for raw in slot.value]
    return tuple(found)


def _as_said(position: VaultPosition, raw: RawPosition | None) -> VaultPosition:
    """Add the portfolio's own marks, where it answers for all holdings together."""
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
    """Positions of a tier; what the book has beyond the values that are known is the others'."""
    unknown = [each for each in measured if each.value is None]
    rest = max(0, booked - sum(each.value or 0 for each in measured))
    weights = [each.holding.target_bps for each in unknown]
    if not sum(weights):
        weights = [1] * len(unknown)
    parts = iter(_shares(rest, weights))
    return [
        _of_holding(addresses, tier, each, next(parts) if each.value is None else each.value)
        for each in measured
    ]


def _shares(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount divided by weights, rounded down; what is left is the last one's."""
    parts = [amount * each // sum(weights) for each in weights]
    if parts:
        parts[-1] += amount - sum(parts)
    return parts


def _of_holding(addresses: Addresses, tier: int, found: _Measured, value: int) -> VaultPosition:
    holding, token = found.holding, addresses.token(found.holding.asset)
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
        balance=found.units,
        value=value,
        problem=found.problem,
        known=found.problem is None,
    )


def _position(addresses: Addresses, tier: int, raw: RawPosition) -> VaultPosition:
    token = addresses.token(raw.asset)
    return VaultPosition(
        tier=tier,
        asset=raw.asset,
        symbol=token.symbol,
        decimals=token.decimals,
        kind=raw.kind,
        venue=raw.venue,
        target_bps=raw.target_bps,
        maximum_loss_bps=raw.maximum_loss_bps,
        cap_bps=raw.cap_bps,
        balance=raw.balance,
        value=raw.value,
        marked=raw.marked,
        low=raw.low,
    )
