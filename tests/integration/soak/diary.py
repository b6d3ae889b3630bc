"""Record of a soak: samples of the vault, check rounds, messages, redemption requests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.run import TierSample
from keepers.model.tier_config import Tier
from scripts.deployment.vault.local import BANDS
from tests.integration.soak.disturbances import Disturbance
from tests.integration.soak.process import CheckRound


@dataclass(frozen=True)
class State:
    """State of the vault: tiers and the price of 10**12 shares, in base units."""

    at: datetime
    block: int
    tiers: tuple[int, int, int]
    share_price: int
    volatile_share: Fraction

    @property
    def outside(self) -> tuple[Tier, ...]:
        """Tiers that are outside their bands."""
        total = sum(self.tiers)
        return tuple(
            tier
            for tier, value, (low, _, high) in zip(Tier, self.tiers, BANDS, strict=True)
            if total and not low * total <= value * WHOLE_BPS <= high * total
        )

    def sample(self, chain_id: int, label: str | None) -> TierSample:
        """Return the sample for the chart."""
        return TierSample(
            vault="main",
            chain_id=chain_id,
            block_number=self.block,
            at=self.at,
            values=self.tiers,
            label=label,
        )


@dataclass(frozen=True)
class Message:
    """Message to operators."""

    key: str
    kind: str
    severity: str
    title: str
    text: str


@dataclass(frozen=True)
class Step:
    """Step of a soak, with the state of the vault before and after the keeper's checks.

    The states are None while a price is stale.
    """

    index: int
    at: datetime
    happened: str
    trouble: Disturbance | None
    checks: CheckRound
    messages: tuple[Message, ...]
    before: State | None
    after: State | None

    @property
    def failed(self) -> bool:
        """Whether a check failed."""
        return any(outcome == "failed" for _, outcome in self.checks.outcomes)


@dataclass
class Request:
    """A batch of redemptions."""

    batch: int
    asked_at: int
    due_at: int
    shares: int = 0
    paid_at: int | None = None


@dataclass
class Diary:
    """Steps, redemption requests and findings of a soak."""

    seconds: int
    steps: list[Step] = field(default_factory=list[Step])
    requests: dict[int, Request] = field(default_factory=dict[int, Request])
    late: list[str] = field(default_factory=list[str])
    drops: list[str] = field(default_factory=list[str])
    """Unexplained losses of the share price."""

    def outside(self, *, before: bool) -> Counter[str]:
        """Count the steps with each tier outside its band, before or after the checks."""
        found: Counter[str] = Counter()
        for step in self.steps:
            state = step.before if before else step.after
            found.update(tier.name for tier in (() if state is None else state.outside))
            found["any"] += bool(state and state.outside)
        return found

    @property
    def messages(self) -> list[tuple[Step, Message]]:
        """Messages with their steps."""
        return [(step, each) for step in self.steps for each in step.messages]


def moment(timestamp: int) -> datetime:
    """Return a timestamp of the chain as a time."""
    return datetime.fromtimestamp(timestamp, UTC)
