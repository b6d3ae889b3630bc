"""State of a treasury at one block of its chain, and the plans that it executes.

Sizes and keeper limits are in US dollars with six decimals; every stablecoin counts as one dollar.
Limits of routes and venues are in units of the token.
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
        shares: Number of shares.
        value: Value reported by the venue, in units of the token.
        withdrawable: Amount that can be withdrawn now, in the same units.
    """

    venue: str
    shares: int
    value: int
    withdrawable: int


@dataclass(frozen=True, slots=True)
class VenueMove:
    """Movement into or out of a venue: amounts of tokens and shares, each in its units."""

    venue: str
    amount: int
    shares: int


@dataclass(frozen=True, slots=True)
class TreasuryHolding:
    """Holding of an asset: idle tokens and venue positions, in units of the token."""

    idle: int
    positions: tuple[VenuePosition, ...] = ()

    @property
    def invested(self) -> int:
        """Return the value in all venues."""
        return sum(each.value for each in self.positions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """Time of each leg of a transfer on one chain; None if it has not happened."""

    sent: datetime | None = None
    received: datetime | None = None
    invested: datetime | None = None
    divested: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeBands:
    """Sizes from which approvals are needed.

    Attributes:
        single_above: Size above which one approval is needed.
        dual_above: Size above which two approvals are needed.
        maximum_plan_seconds: Maximum time from the opening of a plan to its deadline.
    """

    single_above: int
    dual_above: int
    maximum_plan_seconds: int

    def approvals_for(self, size: int) -> int:
        """Return the number of approvals that a size needs."""
        return int(size > self.single_above) + int(size > self.dual_above)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreasuryView:
    """State of a treasury at one block.

    Attributes:
        at: Time of the block.
        holdings: Holdings by asset name.
        legs: Legs of the requested transfers, by id as passed in.
        keeper_limits: Limits of the reading account.
        route_limits: Limits by asset name and route name.
        venue_limits: Limits by venue address.
        epoch: Raised by each pause, which voids plans of earlier epochs.
        keeper_balance_wei: Native balance of the account.
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
    """Action of a plan, as approvers sign it.

    Attributes:
        asset: Address of the token (for a send) or of the venue (for all others).
        amount: Amount in units of the token.
        bound: Minimum received (send), minimum shares (invest) or maximum shares (divest).
        transfer_id: Id of the transfer, as `0x` and 64 digits.
        depends_on: Indices of earlier actions that must have been executed.
    """

    verb: TreasuryVerb
    asset: str
    amount: int
    bound: int
    transfer_id: str
    depends_on: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreasuryPlan:
    """Plan of one chain's treasury, as approvers sign it.

    Attributes:
        ledger: The contract that records plans.
        treasury: The only contract that may execute it.
        keeper: The only account that may have it executed.
        nonce: A number that the keeper uses only once.
        deadline: Last second of chain time at which an action may be executed.
        epoch: The treasury's epoch; a pause raises it, which voids the plan.
        state: Hash of the state from which the plan was made, as `0x` and 64 digits.
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
        """Return the executing contract, under the name common to all plans."""
        return self.treasury
