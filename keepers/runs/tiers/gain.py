"""Comparison of gas cost and gain of moves to a higher yield."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.order import OrderKind
from keepers.model.risk import FundRate, FundYield, yields_of
from keepers.model.vault import HoldingKind, VaultSnapshot
from keepers.runs.amounts import money_of
from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.dependencies import YieldMemory

GAS = 450_000
"""Maximum gas of an action with the strategies and pools of the local network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GasAgainstGain:
    """Total cost and gain of some actions, exact, in settlement base units.

    Attributes:
        indices: The actions.
        gas: Estimated gas.
        cost_wei: Cost of the gas at the maximum fee offered, in wei.
        cost: The same in the settlement token; None without a price of the native token.
        gain: Earnings over the horizon; None if a yield is unknown.
        unknown: The assets with unknown yields.
    """

    indices: tuple[int, ...]
    gas: int
    cost_wei: int
    cost: Fraction | None
    gain: Fraction | None
    unknown: tuple[str, ...]

    def is_too_dear(self, share_bps: int) -> bool:
        """Return whether gas exceeds a share of the gain; False if either is unknown."""
        if not self.indices or self.cost is None or self.gain is None:
            return False
        return self.cost * WHOLE_BPS > self.gain * share_bps


def gas_against_gain(
    actions: Sequence[Action],
    yields: Mapping[str, FundYield],
    policy: RunPolicy,
    *,
    fee: int,
    coin_price: Fraction | None,
) -> GasAgainstGain:
    """Compare gas and gain of actions that seek yield. Cash earns nothing.

    Args:
        actions: The actions that seek yield.
        yields: Fund yields by asset.
        policy: The horizon and the gas limits.
        fee: Wei per gas.
        coin_price: Settlement base units per wei.
    """
    gas = sum(_gas_of(action, policy) for action in actions)
    unknown = tuple(
        dict.fromkeys(each.step.symbol for each in actions if each.step.asset not in yields)
    )
    horizon = timedelta(seconds=policy.gain_horizon_seconds)
    gain = (
        sum(
            (
                _sign(each) * each.step.amount * yields[each.step.asset].of(horizon)
                for each in actions
            ),
            start=Fraction(0),
        )
        if not unknown
        else None
    )
    return GasAgainstGain(
        indices=tuple(each.step.index for each in actions),
        gas=gas,
        cost_wei=gas * fee,
        cost=None if coin_price is None else gas * fee * coin_price,
        gain=gain,
        unknown=unknown,
    )


def too_dear(found: GasAgainstGain, snapshot: VaultSnapshot, policy: RunPolicy) -> str:
    """Return why the actions are left out, with the figures."""
    assert found.cost is not None and found.gain is not None  # noqa: S101, PT018 - both are known

    cost, gain = (money_of(snapshot, round(each)) for each in (found.cost, found.gain))
    return (
        f"gas of {cost} is more than {policy.maximum_gas_share_bps} bps of the expected "
        f"yield gain of {gain} within {policy.gain_horizon_seconds} seconds; skipped until "
        "gas is cheaper or the gain larger"
    )


def not_weighed(found: GasAgainstGain) -> str | None:
    """Return why gas was not compared with the gain; None if it was or no action seeks yield."""
    if not found.indices:
        return None
    if found.unknown:
        return (
            f"gas was not compared with the gain: no yield is known for {', '.join(found.unknown)}"
        )
    if found.cost is None:
        return "gas was not compared with the gain: set the vault's coin_feed or coin_price"
    return None


def _gas_of(action: Action, policy: RunPolicy) -> int:
    return min(GAS, policy.gas_limit_of(action.position.kind))


def _sign(action: Action) -> int:
    return 1 if action.order.kind is OrderKind.PURCHASE else -1


HISTORY = timedelta(days=30)
"""Period over which the growth of a fund's shares is measured."""

LEAST_HISTORY = timedelta(days=1)
"""Minimum history for a yield, since funds book their income daily."""

LEAST_VALUE = 10**8
"""Minimum holding in base units for a meaningful share price."""


def known_yields(memory: YieldMemory, snapshot: VaultSnapshot) -> Mapping[str, FundYield]:
    """Store the rates of a snapshot, and return all known yields by asset.

    No extra call is needed: a holding's value is what its shares pay at the snapshot's block.
    """
    memory.record_rates(rates_of(snapshot))
    earlier = memory.rates_since(snapshot.vault, snapshot.chain_id, snapshot.at - HISTORY)
    return yields_of((*earlier, *rates_of(snapshot)), LEAST_HISTORY)


def rates_of(snapshot: VaultSnapshot) -> tuple[FundRate, ...]:
    """Return the rates of the funds held by the vault."""
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
