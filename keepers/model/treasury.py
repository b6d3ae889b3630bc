"""A treasury as one block of its chain shows it, and the plans that it executes.

Sizes and the limits of keepers are US dollars of six decimals, where every stablecoin counts as a
dollar. Limits of routes and venues are units of the token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from keepers.model.limits import KeeperLimits, Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePosition:
    """Position in a venue.

    Attributes:
        venue: Its address, checksummed.
        shares: How many there are.
        value: What they are worth by the venue's own word, in units of the token.
        withdrawable: What it would give now, in the same units.
    """

    venue: str
    shares: int
    value: int
    withdrawable: int


@dataclass(frozen=True, slots=True)
class VenueMove:
    """Movement into or out of a venue: tokens and shares, in units of each."""

    venue: str
    amount: int
    shares: int


@dataclass(frozen=True, slots=True)
class TreasuryHolding:
    """An asset: idle tokens, and what is in venues; in units of the token."""

    idle: int
    positions: tuple[VenuePosition, ...] = ()

    @property
    def invested(self) -> int:
        """Return the value in all venues."""
        return sum(each.value for each in self.positions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """When each leg of a transfer happened on one chain; None where it has not."""

    sent: datetime | None = None
    received: datetime | None = None
    invested: datetime | None = None
    divested: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeBands:
    """Sizes from which approvals are needed.

    Attributes:
        single_above: Above it, one.
        dual_above: Above it, two.
        maximum_plan_seconds: From the opening of a plan to its deadline, at most.
    """

    single_above: int
    dual_above: int
    maximum_plan_seconds: int

    def approvals_for(self, size: int) -> int:
        """Return the number of approvals that a size needs."""
        return int(size > self.single_above) + int(size > self.dual_above)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreasuryView:
    """A treasury at one block.

    Attributes:
        at: The block's time.
        holdings: By the asset's name.
        legs: Of the transfers that were asked for, by id as it was given.
        keeper_limits: Of the account that looks.
        route_limits: By asset and route, both by name.
        venue_limits: By address.
        epoch: Raised by each pause, which voids the plans of the one before.
        keeper_balance_wei: The account's coins.
    """

    chain_id: int
    block_number: int
    block_hash: str
    at: datetime
    holdings: Mapping[str, TreasuryHolding]
    legs: Mapping[str, Legs]
    keeper_limits: KeeperLimits
    route_limits: Mapping[tuple[str, str], Limit]
    venue_limits: Mapping[str, Limit]
    bands: SizeBands
    paused: bool
    epoch: int
    keeper_balance_wei: int


class TreasuryVerb(IntEnum):
    """Kind of an action of a treasury's plan, in the contract's numbering."""

    SEND = 1
    INVEST = 2
    DIVEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TreasuryAction:
    """An action of a plan, as approvers sign it.

    Attributes:
        asset: The token of a send, the venue of the others; an address.
        amount: In units of the token.
        bound: Least received of a send, least shares of an investment, most of a divestment.
        transfer_id: The transfer's, as `0x` and 64 digits.
        depends_on: Indices of earlier actions that must have run.
    """

    verb: TreasuryVerb
    asset: str
    amount: int
    bound: int
    transfer_id: str
    depends_on: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreasuryPlan:
    """A plan of one chain's treasury, as approvers sign it.

    Attributes:
        ledger: The contract that remembers plans.
        treasury: The contract that executes it, and no other.
        keeper: The account for which it does so.
        nonce: A number that this keeper uses once.
        deadline: The last second, of the chain's time, in which an action may run.
        epoch: The treasury's; a pause raises it, which voids the plan.
        state: Hash of what the plan was made from, as `0x` and 64 digits.
        actions: 1 to 64.
    """

    chain_id: int
    ledger: str
    treasury: str
    keeper: str
    nonce: int
    deadline: int
    epoch: int
    state: str
    actions: tuple[TreasuryAction, ...]

    @property
    def consumer(self) -> str:
        """The contract that executes it, as it is called of any plan."""
        return self.treasury
