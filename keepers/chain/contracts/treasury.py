"""Contracts of a treasury: the treasury, its lens, and its routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eth_abi.abi import decode
from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract, Method, address, pair
from keepers.chain.contracts.ledger import ActionRow, HeaderRow
from keepers.chain.contracts.limited import LimitedContract
from keepers.model.transfer import TransferTerms
from keepers.model.treasury import Legs, SizeBands, VenuePosition


@dataclass(frozen=True, slots=True)
class RouteQuote:
    """Cost and bounds of a transfer by a route: native token in wei, and units of the token."""

    native_fee: int
    token_fee: int
    least: int
    most: int


class IBridgeRoute(Contract):
    """Route over any bridge."""

    quote = Method[[tuple[bytes, int, int, int], bytes], RouteQuote](
        "quote", lambda values: RouteQuote(*values[0])
    )
    """Quote of a transfer (id, destination chain, amount, least amount to arrive), with options."""


class CctpV2Route(Contract):
    """Route of USDC over CCTP."""

    max_fee = Method[[], int]("maxFeeBps")
    """Largest fee, in basis points."""
    transmitter = Method[[], str]("transmitter", address)
    """Circle's message transmitter."""
    obstacle = Method[[int, str], int]("obstacleOf")
    """Number of the reason why Circle would refuse a keeper's burn for a chain; 0 is none."""


class OftRoute(Contract):
    """Route of a token over LayerZero."""

    arrival_of = Method[[bytes, int], int]("arrivalOf")
    """Amount that waits at the route for a transfer of a source chain; 0 if there is none."""
    oft = Method[[], str]("oft", address)
    """The token, or its adapter."""


class CustodialRoute(Contract):
    """Route of any asset through a custodian or an exchange."""

    deposit_address = Method[[], str]("depositAddress", address)
    """Address that outgoing tokens are paid to."""
    inbox = Method[[], str]("inbox", address)
    """Address that incoming tokens are paid to."""
    is_used = Method[[bytes], bool]("isUsed")
    """Whether the evidence of a payment was booked for a transfer."""


TRANSFER = "(uint256,address,uint256,address,bytes32,uint256,uint256,bytes32,uint256)"

Ticket = tuple[HeaderRow, Sequence[bytes], int, int]
"""Position of an action in an open plan: header, leaves, index, dependencies as bits."""


@dataclass(frozen=True, slots=True)
class RawLane:
    """Lane of a route to another chain; all zero if there is none.

    Attributes:
        treasury: Treasury on the other chain.
        decimals: Decimals of the token on the other chain.
        least: Smallest amount of a transfer, in units of the token on this chain.
        most: Largest amount of a transfer.
    """

    treasury: str
    decimals: int
    is_open: bool
    max_fee_bps: int
    least: int
    most: int


def _asset(values: tuple[Any, ...]) -> tuple[str, int]:
    token, decimals = values[0]
    return to_checksum_address(token), decimals


def _lane(values: tuple[Any, ...]) -> RawLane:
    treasury, *rest = values[0]
    return RawLane(to_checksum_address(treasury), *rest)


def _venue(values: tuple[Any, ...]) -> tuple[str, bool]:
    asset, is_open, _ = values[0]
    return asset.rstrip(b"\0").decode(errors="replace"), is_open


def _bands(values: tuple[Any, ...]) -> SizeBands:
    single_above, dual_above, maximum_plan_life = values[0]
    return SizeBands(
        single_above=single_above, dual_above=dual_above, maximum_plan_seconds=maximum_plan_life
    )


class Treasury(LimitedContract):
    """Treasury of a chain."""

    bands = Method[[], SizeBands]("bands", _bands)
    """Sizes above which approvals are required."""
    paused = Method[[], bool]("paused")
    """Whether outgoing transfers are stopped."""
    epoch = Method[[], int]("epoch")
    """Number of pauses; each one voids all earlier plans."""
    ledger = Method[[], str]("ledger", address)
    """Ledger of the treasury's plans."""
    is_keeper = Method[[str], bool]("isKeeper")
    """Whether an account has limits and the kill switch has not removed it."""
    approvals_for = Method[[int], int]("approvalsFor")
    """Approvals required for a size, in US dollars of six decimals."""
    venue = Method[[str], tuple[str, bool]]("venueOf", _venue)
    """Name of a venue's asset, empty if the venue is not listed, and whether it is open."""
    lane = Method[[str, int], RawLane]("laneOf", _lane)
    """Lane of a route to another chain."""
    invest = Method[[bytes, str, int, int], int]("invest")
    """Invest idle tokens in a venue: id, venue, amount, minimum of shares."""
    invest_approved = Method[[bytes, str, int, int, Ticket], int]("investApproved")
    """Invest idle tokens in a venue by an action of an approved plan."""
    divest = Method[[bytes, str, int, int], int]("divest")
    """Divest tokens from a venue: id, venue, amount, maximum of shares."""
    divest_approved = Method[[bytes, str, int, int, Ticket], int]("divestApproved")
    """Divest tokens from a venue by an action of an approved plan."""

    def asset(self, name: str) -> Call[tuple[str, int]]:
        """Address and decimals of an asset's token."""
        return self._call("assetOf", name_word(name), convert=_asset)

    def route(self, asset: str, name: str) -> Call[str]:
        """Contract of a route."""
        return self._call("routeOf", name_word(asset), name_word(name), convert=address)

    def send(self, terms: TransferTerms, options: bytes) -> Call[bytes]:
        """Send a transfer whose size requires no approval."""
        return self._call("sendToBridge", transfer_row(terms), options)

    def send_approved(self, terms: TransferTerms, options: bytes, ticket: Ticket) -> Call[bytes]:
        """Send a transfer of an approved plan."""
        return self._call("sendApproved", transfer_row(terms), options, ticket)

    def receive(self, terms: TransferTerms, proof: bytes) -> Call[int]:
        """Receive the tokens that have arrived for a transfer."""
        return self._call("receiveFromBridge", transfer_row(terms), proof)

    def open_plan(
        self,
        header: HeaderRow,
        actions: Sequence[ActionRow],
        signatures: Sequence[tuple[str, bytes]],
    ) -> Call[bytes]:
        """Open an approved plan; return its hash."""
        return self._call("openPlan", (header, list(actions)), list(signatures))


def _positions(values: tuple[Any, ...]) -> tuple[VenuePosition, ...]:
    return tuple(
        VenuePosition(
            venue=to_checksum_address(venue), shares=shares, value=value, withdrawable=withdrawable
        )
        for venue, shares, value, withdrawable in values[0]
    )


def _legs(values: tuple[Any, ...]) -> tuple[Legs, ...]:
    return tuple(
        Legs(
            sent=_time(sent),
            received=_time(received),
            invested=_time(invested),
            divested=_time(divested),
        )
        for sent, received, invested, divested in values[0]
    )


def _time(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


class TreasuryLens(Contract):
    """Views for keepers; one lens serves all treasuries of a chain."""

    legs = Method[[str, Sequence[bytes]], tuple[Legs, ...]]("legsOf", _legs)
    """Times of the legs of a treasury's transfers on this chain, in the order of the ids."""

    def balances(self, treasury: str, asset: str) -> Call[tuple[int, int]]:
        """Idle tokens of an asset, and tokens of it in venues."""
        return self._call("balancesOf", treasury, name_word(asset), convert=pair)

    def positions(self, treasury: str, asset: str) -> Call[tuple[VenuePosition, ...]]:
        """Position in each venue of an asset."""
        return self._call("positionsOf", treasury, name_word(asset), convert=_positions)

    def quote(self, terms: TransferTerms, options: bytes) -> Call[RouteQuote]:
        """Current cost and bounds of a transfer from this chain."""
        return self._call(
            "quote",
            transfer_row(terms),
            options,
            convert=lambda values: RouteQuote(*values[0]),
        )


def transfer_row(terms: TransferTerms) -> tuple[Any, ...]:
    """Return the terms as the contract's struct, the words whose hash is the transfer's id."""
    return decode([TRANSFER], terms.ingredients())[0]


def name_word(name: str) -> bytes:
    """Return a name in the highest bytes of a word, as stored by contracts."""
    return name.encode().ljust(32, b"\0")
