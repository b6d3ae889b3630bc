"""Contracts that a vault trades with: funds, price oracle and feeds, venues, quoter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Contract, Method, address, addresses, pair

PHASE_BITS = 64


class IERC4626(Contract):
    """A fund: its rate and its limits."""

    preview_deposit = Method[[int], int]("previewDeposit")
    """Shares for a deposit of assets now, after fees."""
    preview_redeem = Method[[int], int]("previewRedeem")
    """Assets for a redemption of shares now, after fees."""
    convert_to_shares = Method[[int], int]("convertToShares")
    """Shares for assets at the plain rate."""
    convert_to_assets = Method[[int], int]("convertToAssets")
    """Assets for shares at the plain rate."""
    balance_of = Method[[str], int]("balanceOf")
    """Units that an account holds."""
    max_withdraw = Method[[str], int]("maxWithdraw")
    """Largest withdrawal of an owner now."""
    max_deposit = Method[[str], int]("maxDeposit")
    """Largest deposit for a receiver now."""


class Erc7540Venue(Contract):
    """The venue that makes and claims requests of asynchronous funds."""

    requested = Method[[str], tuple[int, int]]("requested", pair)
    """Unclaimed requests of a fund: assets of deposits, shares of redemptions."""


class UniswapV3Venue(Contract):
    """The venue that swaps in Uniswap's pools."""

    path_of = Method[[str, str], bytes]("pathOf")
    """Packed path of pools from token to token; empty if none is set."""


class AutoVenue(Contract):
    """The venue that trades in one of the venues that it lists."""

    venues_of = Method[[str, str], tuple[str, ...]]("venuesOf", addresses)
    """Venues of a pair, the default first."""


class QuoterV2(Contract):
    """Uniswap's quoter, which swaps and reverts; only for `eth_call`."""

    quote = Method[[bytes, int], int]("quoteExactInput")
    """Output of a swap of an amount along a path."""


def _price(values: tuple[Any, ...]) -> tuple[int, datetime]:
    return values[0], datetime.fromtimestamp(values[1], UTC)


class PriceOracle(Contract):
    """Prices from feeds; an invalid price reverts."""

    convert = Method[[str, str, int], int]("convert")
    """An amount of the first token in base units of the second, rounded down."""
    price = Method[[str], tuple[int, datetime]]("price", _price)
    """A token's price, 1e18 per dollar, and the time of its feed's answer."""
    aggregator = Method[[str], str]("feedOf", lambda values: to_checksum_address(values[0][0]))
    """A token's feed; the zero address if there is none."""


@dataclass(frozen=True, slots=True)
class RawRound:
    """Round of a feed; a missing round may be answered with zeros instead of a revert."""

    round_id: int
    answer: int
    updated_at: int

    @property
    def at(self) -> datetime:
        """Time of the answer."""
        return datetime.fromtimestamp(self.updated_at, UTC)

    def before(self, count: int) -> range:
        """Return the ids of earlier rounds in the same phase, the latest first."""
        position = self.round_id & ((1 << PHASE_BITS) - 1)
        first = self.round_id - 1
        return range(first, first - min(count, max(position - 1, 0)), -1)

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> RawRound:
        """Decode the contract's answer."""
        round_id, answer, _, updated_at, _ = fields
        return cls(round_id, answer, updated_at)


class AggregatorV3(Contract):
    """A Chainlink feed, with or without a proxy.

    Behind a proxy, the upper bits of a round id are the phase: the period of one aggregator, whose
    own rounds start at 1.
    """

    latest = Method[[], RawRound]("latestRoundData", RawRound.of)
    """The newest round."""
    round = Method[[int], RawRound]("getRoundData", RawRound.of)
    """A round by its id."""
    decimals = Method[[], int]("decimals")
    """Decimals of the answers."""
    phase_aggregator = Method[[int], str]("phaseAggregators", address)
    """Aggregator of a phase; only proxies have it."""
    latest_round = Method[[], int]("latestRound")
    """Id of the newest round, on an aggregator."""
