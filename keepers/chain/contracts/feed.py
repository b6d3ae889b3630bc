"""A Chainlink price feed, behind its proxy or not."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eth_utils.address import to_checksum_address

from keepers.chain.codec import Call, Contract

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
