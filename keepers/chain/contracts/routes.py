"""Contracts of the treasury's routes."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.chain.codec import Contract, Method, address


@dataclass(frozen=True, slots=True)
class RouteQuote:
    """Cost and bounds of a transfer by a route: native token in wei, and units of the token."""

    native_fee: int
    token_fee: int
    least: int
    most: int


class IBridgeRoute(Contract):
    """A route, whatever its bridge."""

    quote = Method[[tuple[bytes, int, int, int], bytes], RouteQuote](
        "quote", lambda values: RouteQuote(*values[0])
    )
    """Cost of a cargo (id, destination chain, amount, least amount to arrive) with options."""


class CctpV2Route(Contract):
    """The route of USDC by CCTP."""

    max_fee = Method[[], int]("maxFeeBps")
    """Largest fee, in basis points."""
    transmitter = Method[[], str]("transmitter", address)
    """Circle's message transmitter."""
    obstacle = Method[[int, str], int]("obstacleOf")
    """Number of the reason why Circle would refuse a keeper's burn for a chain; 0 is none."""


class OftRoute(Contract):
    """The route of a token by LayerZero."""

    arrival_of = Method[[bytes, int], int]("arrivalOf")
    """Amount that waits at the route for a transfer of a source chain; 0 where there is none."""
    oft = Method[[], str]("oft", address)
    """The token, or its adapter."""


class CustodialRoute(Contract):
    """The route of any asset through a custodian or an exchange."""

    deposit_address = Method[[], str]("depositAddress", address)
    """Address that outgoing tokens are paid to."""
    inbox = Method[[], str]("inbox", address)
    """Address that incoming tokens are paid to."""
    is_used = Method[[bytes], bool]("isUsed")
    """Whether the evidence of a payment was booked for a transfer."""
