"""Comparison of the gas of moves to a higher yield with their gain."""

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
"""What an action takes at most with the strategies and pools of the local network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GasAgainstGain:
    """Cost and gain of some actions together; settlement base units, exact.

    Attributes:
        indices: The actions.
        gas: Their estimate, in units of gas.
        cost_wei: The same at the fee that is offered at most.
        cost: The same in the settlement token; None without a price of the coin.
        gain: What they earn over the horizon; None where a yield is not known.
        unknown: The assets of which no yield is known.
    """

    indices: tuple[int, ...]
    gas: int
    cost_wei: int
    cost: Fraction | None
    gain: Fraction | None
    unknown: tuple[str, ...]

    def is_too_dear(self, share_bps: int) -> bool:
        """Whether the gas is more than a share of the gain; what is not known is no reason."""
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
    """Weigh actions that seek yield. Cash earns nothing.

    Args:
        actions: Those that seek yield and shall run.
        yields: What funds earn, by asset.
        policy: The horizon, and the limits of gas.
        fee: Wei for a unit of gas.
        coin_price: Settlement base units for a wei.
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
    """Return why the actions are left out, with the numbers."""
    assert found.cost is not None and found.gain is not None  # noqa: S101, PT018 - it is too dear

    cost, gain = (money_of(snapshot, round(each)) for each in (found.cost, found.gain))
    return (
        f"gas of {cost} is more than {policy.maximum_gas_share_bps} bps of the gain "
        f"of {gain} that the yields promise within {policy.gain_horizon_seconds} "
        "seconds; left out until gas is cheaper or the difference larger"
    )


def not_weighed(found: GasAgainstGain) -> str | None:
    """Return why gas was not compared with the gain, for people; None if it was, or need not be."""
    if not found.indices:
        return None
    if found.unknown:
        return (
            f"gas was not compared with the gain: no yield is known of {', '.join(found.unknown)}"
        )
    if found.cost is None:
        return "gas was not compared with the gain: set coin_feed or coin_price of the vault"
    return None


def _gas_of(action: Action, policy: RunPolicy) -> int:
    return min(GAS, policy.gas_limit_of(action.position.kind))


def _sign(action: Action) -> int:
    return 1 if action.order.kind is OrderKind.PURCHASE else -1


HISTORY = timedelta(days=30)
"""Over how long the growth of a fund's shares is judged."""

LEAST_HISTORY = timedelta(days=1)
"""A fund that is known for less has no yield yet: funds book their income by the day."""

LEAST_VALUE = 10**8
"""Base units below which a holding is too small for a share price."""


def known_yields(memory: YieldMemory, snapshot: VaultSnapshot) -> Mapping[str, FundYield]:
    """Keep the rates of a snapshot, and answer what is known of all, by asset.

    They cost no call: a holding's value is what its shares would pay at the snapshot's block.
    """
    memory.record_rates(rates_of(snapshot))
    earlier = memory.rates_since(snapshot.vault, snapshot.chain_id, snapshot.at - HISTORY)
    return yields_of((*earlier, *rates_of(snapshot)), LEAST_HISTORY)


def rates_of(snapshot: VaultSnapshot) -> tuple[FundRate, ...]:
    """Return the rates of the funds that the vault holds."""
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
