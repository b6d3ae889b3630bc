"""An ERC-4626 fund."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract


class IERC4626(Contract):
    """What a fund says of its rate and its room."""

    def preview_deposit(self, assets: int) -> Call[int]:
        """Shares that a deposit brings now, fees included."""
        return self._call("previewDeposit", assets)

    def preview_redeem(self, shares: int) -> Call[int]:
        """Assets that a redemption brings now, fees included."""
        return self._call("previewRedeem", shares)

    def convert_to_shares(self, assets: int) -> Call[int]:
        """The plain rate."""
        return self._call("convertToShares", assets)

    def convert_to_assets(self, shares: int) -> Call[int]:
        """The plain rate."""
        return self._call("convertToAssets", shares)

    def balance_of(self, owner: str) -> Call[int]:
        """Units that an account holds."""
        return self._call("balanceOf", owner)

    def max_withdraw(self, owner: str) -> Call[int]:
        """The most that an owner can take out now."""
        return self._call("maxWithdraw", owner)

    def max_deposit(self, receiver: str) -> Call[int]:
        """The most that can be put in now."""
        return self._call("maxDeposit", receiver)


class Erc7540Venue(Contract):
    """Where requests to asynchronous funds are made and claimed."""

    def requested(self, fund: str) -> Call[tuple[int, int]]:
        """What was requested and not claimed: assets of deposits, shares of redemptions."""
        return self._call("requested", fund, convert=lambda values: (values[0], values[1]))


class PriceOracle(Contract):
    """Prices from feeds; a bad one reverts."""

    def convert(self, source: str, target: str, amount: int) -> Call[int]:
        """An amount of one token in base units of another, rounded down."""
        return self._call("convert", source, target, amount)

    def price(self, token: str) -> Call[tuple[int, datetime]]:
        """A token's price, 1e18 for a dollar, and when its feed said so."""
        return self._call(
            "price",
            token,
            convert=lambda values: (values[0], datetime.fromtimestamp(values[1], UTC)),
        )

    def aggregator(self, token: str) -> Call[str]:
        """A token's feed; the zero address where it has none."""
        return self._call("feedOf", token, convert=lambda values: to_checksum_address(values[0][0]))


class UniswapV3Venue(Contract):
    """Where swaps are made."""

    def path_of(self, token_in: str, token_out: str) -> Call[bytes]:
        """The packed path of pools; empty where none is set."""
        return self._call("pathOf", token_in, token_out)


class AutoVenue(Contract):
    """Trades in the venue that it is told, of those that it lists."""

    def venues_of(self, token_in: str, token_out: str) -> Call[tuple[str, ...]]:
        """The venues of a pair, the default first."""
        return self._call(
            "venuesOf",
            token_in,
            token_out,
            convert=lambda values: tuple(to_checksum_address(each) for each in values[0]),
        )


class QuoterV2(Contract):
    """Uniswap's quoter, which swaps and reverts; for `eth_call` alone."""

    def quote(self, path: bytes, amount_in: int) -> Call[int]:
        """What a swap along a path brings."""
        return self._call("quoteExactInput", path, amount_in)


PHASE_BITS = 64


@dataclass(frozen=True, slots=True)
class RawRound:
    """A round as the feed has it; one that never was may answer with zeros instead of reverting."""

    round_id: int
    answer: int
    updated_at: int

    @property
    def at(self) -> datetime:
        """When it was answered."""
        return datetime.fromtimestamp(self.updated_at, UTC)

    def before(self, count: int) -> range:
        """The ids of rounds before this one, of its phase, the latest first."""
        place = self.round_id & ((1 << PHASE_BITS) - 1)
        first = self.round_id - 1
        return range(first, first - min(count, max(place - 1, 0)), -1)

    @classmethod
    def of(cls, fields: tuple[Any, ...]) -> "RawRound":
        """From the contract's answer."""
        round_id, answer, _, updated_at, _ = fields
        return cls(round_id, answer, updated_at)


class AggregatorV3(Contract):
    """Answers by rounds. Behind a proxy the upper bits of an id are the phase.

    A phase is the time of one aggregator, whose own rounds begin at 1.
    """

    def latest(self) -> Call[RawRound]:
        """The newest round."""
        return self._call("latestRoundData", convert=RawRound.of)

    def round(self, round_id: int) -> Call[RawRound]:
        """A round by its id."""
        return self._call("getRoundData", round_id, convert=RawRound.of)

    def decimals(self) -> Call[int]:
        """Decimals of the answers."""
        return self._call("decimals")

    def phase_aggregator(self, phase: int) -> Call[str]:
        """The aggregator of a phase, for proxies alone."""
        return self._call(
            "phaseAggregators", phase, convert=lambda values: to_checksum_address(values[0])
        )

    def latest_round(self) -> Call[int]:
        """The id of the newest round, as aggregators have it."""
        return self._call("latestRound")
