"""The team's treasury of a chain, and the lens through which it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eth_abi.abi import decode
from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract
from keepers.chain.contracts.ledger import ActionRow, HeaderRow
from keepers.chain.contracts.limited import LimitedContract
from keepers.model.transfer import TransferTerms
from keepers.model.treasury import Legs, SizeBands, VenuePosition

TRANSFER = "(uint256,address,uint256,address,bytes32,uint256,uint256,bytes32,uint256)"

Ticket = tuple[HeaderRow, Sequence[bytes], int, int]
"""The place of an action in an open plan: header, leaves, index, dependencies as bits."""


@dataclass(frozen=True, slots=True)
class RawRouteQuote:
    """What carrying a transfer would cost and need: coins, and units of the token."""

    native_fee: int
    token_fee: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Lane:
    """A route to one other chain; all zero when there is none.

    Attributes:
        treasury: The one there.
        decimals: Of the token there.
        least: Least amount of a transfer, in units of the token here.
        most: Most of it.
    """

    treasury: str
    decimals: int
    is_open: bool
    max_fee_bps: int
    least: int
    most: int


class Treasury(LimitedContract):
    """What a keeper reads and calls."""

    def asset(self, name: str) -> Call[tuple[str, int]]:
        """Address and decimals of an asset's token."""
        return self._call(
            "assetOf",
            name_word(name),
            convert=lambda values: (to_checksum_address(values[0][0]), values[0][1]),
        )

    def route(self, asset: str, name: str) -> Call[str]:
        """The contract of a route."""
        return self._call(
            "routeOf",
            name_word(asset),
            name_word(name),
            convert=lambda values: to_checksum_address(values[0]),
        )

    def lane(self, route: str, chain_id: int) -> Call[Lane]:
        """A route's lane to another chain."""
        return self._call(
            "laneOf",
            route,
            chain_id,
            convert=lambda values: Lane(to_checksum_address(values[0][0]), *values[0][1:]),
        )

    def venue(self, venue: str) -> Call[tuple[str, bool]]:
        """Of which asset a venue is, empty where it is not listed, and whether it is open."""
        return self._call("venueOf", venue, convert=lambda values: _venue(*values[0]))

    def bands(self) -> Call[SizeBands]:
        """Sizes from which approvals are needed."""
        return self._call("bands", convert=lambda values: _bands(*values[0]))

    def paused(self) -> Call[bool]:
        """Whether what leaves is stopped."""
        return self._call("paused")

    def epoch(self) -> Call[int]:
        """Raised by each pause, which voids the plans of the one before."""
        return self._call("epoch")

    def ledger(self) -> Call[str]:
        """The ledger that remembers its plans."""
        return self._call("ledger", convert=lambda values: to_checksum_address(values[0]))

    def is_keeper(self, account: str) -> Call[bool]:
        """Whether an account has limits, and the kill switch has not removed it."""
        return self._call("isKeeper", account)

    def approvals_for(self, size: int) -> Call[int]:
        """How many approvals a size needs, in US dollars of six decimals."""
        return self._call("approvalsFor", size)

    def send(self, terms: TransferTerms, options: bytes) -> Call[bytes]:
        """Send a transfer whose size needs no approval."""
        return self._call("sendToBridge", transfer_row(terms), options)

    def send_approved(self, terms: TransferTerms, options: bytes, ticket: Ticket) -> Call[bytes]:
        """Send a transfer of an approved plan."""
        return self._call("sendApproved", transfer_row(terms), options, ticket)

    def receive(self, terms: TransferTerms, proof: bytes) -> Call[int]:
        """Take in what has arrived for a transfer."""
        return self._call("receiveFromBridge", transfer_row(terms), proof)

    def invest(self, key: bytes, venue: str, amount: int, min_shares: int) -> Call[int]:
        """Put idle tokens into a venue."""
        return self._call("invest", key, venue, amount, min_shares)

    def invest_approved(
        self, key: bytes, venue: str, amount: int, min_shares: int, ticket: Ticket
    ) -> Call[int]:
        """Put idle tokens into a venue, as an approved plan says."""
        return self._call("investApproved", key, venue, amount, min_shares, ticket)

    def divest(self, key: bytes, venue: str, amount: int, max_shares: int) -> Call[int]:
        """Take tokens out of a venue."""
        return self._call("divest", key, venue, amount, max_shares)

    def divest_approved(
        self, key: bytes, venue: str, amount: int, max_shares: int, ticket: Ticket
    ) -> Call[int]:
        """Take tokens out of a venue, as an approved plan says."""
        return self._call("divestApproved", key, venue, amount, max_shares, ticket)

    def open_plan(
        self,
        header: HeaderRow,
        actions: Sequence[ActionRow],
        signatures: Sequence[tuple[str, bytes]],
    ) -> Call[bytes]:
        """Open an approved plan; the answer is its hash."""
        return self._call("openPlan", (header, list(actions)), list(signatures))


class TreasuryLens(Contract):
    """Views for keepers; one serves all treasuries of a chain."""

    def balances(self, treasury: str, asset: str) -> Call[tuple[int, int]]:
        """Idle tokens of an asset, and what is in venues."""
        return self._call(
            "balancesOf", treasury, name_word(asset), convert=lambda values: (values[0], values[1])
        )

    def positions(self, treasury: str, asset: str) -> Call[tuple[VenuePosition, ...]]:
        """What is in each venue of an asset."""
        return self._call(
            "positionsOf",
            treasury,
            name_word(asset),
            convert=lambda values: tuple(_position(*each) for each in values[0]),
        )

    def legs(self, treasury: str, keys: Sequence[bytes]) -> Call[tuple[Legs, ...]]:
        """When the legs of transfers happened on this chain, in their order."""
        return self._call(
            "legsOf",
            treasury,
            list(keys),
            convert=lambda values: tuple(_legs(*each) for each in values[0]),
        )

    def quote(self, terms: TransferTerms, options: bytes) -> Call[RawRouteQuote]:
        """What a transfer from here would cost and need now."""
        return self._call(
            "quote",
            transfer_row(terms),
            options,
            convert=lambda values: RawRouteQuote(*values[0]),
        )


def transfer_row(terms: TransferTerms) -> tuple[Any, ...]:
    """The terms, as the contract takes them: the very words of which the id is the hash."""
    return decode([TRANSFER], terms.ingredients())[0]


def name_word(name: str) -> bytes:
    """A name as contracts have it: in the highest bytes."""
    return name.encode().ljust(32, b"\0")


def _venue(asset: bytes, is_open: bool, max_loss_bps: int) -> tuple[str, bool]:  # noqa: FBT001 - the struct's order
    del max_loss_bps
    return asset.rstrip(b"\0").decode(errors="replace"), is_open


def _bands(single_above: int, dual_above: int, maximum_plan_life: int) -> SizeBands:
    return SizeBands(
        single_above=single_above,
        dual_above=dual_above,
        maximum_plan_seconds=maximum_plan_life,
    )


def _position(venue: str, shares: int, value: int, withdrawable: int) -> VenuePosition:
    return VenuePosition(
        venue=to_checksum_address(venue), shares=shares, value=value, withdrawable=withdrawable
    )


def _legs(*times: int) -> Legs:
    sent, received, invested, divested = (
        datetime.fromtimestamp(each, UTC) if each else None for each in times
    )
    return Legs(sent=sent, received=received, invested=invested, divested=divested)
