"""Report of a vault, independent of the output format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keepers.model.run import RunRecord, RunStatus, TierSample
from keepers.model.tier_config import Tier
from keepers.model.tier_state import Settlement
from keepers.reports.detail import Bands
from keepers.reports.facts import (
    RunFacts,
    bands_of,
    inside,
    run_facts,
    settlement_of,
    share,
)

UNKNOWN_SETTLEMENT = Settlement("base units", 0)
"""Settlement token of a report without plans; its amounts are in base units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A vault's runs, newest first, and its tier values over time, oldest first."""

    vault: str
    generated_at: datetime
    settlement: Settlement
    bands: Bands | None
    runs: tuple[RunFacts, ...]
    samples: tuple[TierSample, ...]

    @property
    def chain_id(self) -> int | None:
        """Return the vault's chain id; None if there is no run or sample."""
        runs = (each.record.run.chain_id for each in self.runs)
        return next(runs, None) or next((each.chain_id for each in self.samples), None)

    @property
    def newest(self) -> TierSample | None:
        """Return the newest tier values."""
        return self.samples[-1] if self.samples else None

    @property
    def tiers_inside(self) -> int | None:
        """Return the number of tiers currently inside their bands; None if unknown."""
        if self.newest is None or self.bands is None:
            return None
        values = self.newest.values
        ratios = [share(values[tier], sum(values)) for tier in Tier]
        return sum(
            inside(ratio, self.bands[tier]) is True
            for tier, ratio in zip(Tier, ratios, strict=True)
        )

    @property
    def numbered(self) -> tuple[tuple[int, RunFacts], ...]:
        """Return the runs, newest first, with chronological numbers."""
        return tuple(zip(range(len(self.runs), 0, -1), self.runs, strict=True))

    @property
    def marks(self) -> list[tuple[int, int]]:
        """Return the first sample's index and the number of each run with steps, oldest first."""
        index = {each.block_number: place for place, each in enumerate(self.samples)}
        return [
            (index[run.block_number], number)
            for number, run in reversed(self.numbered)
            if run.steps and run.block_number in index
        ]

    @property
    def done(self) -> int:
        """Return the number of runs that succeeded or had nothing to do."""
        return sum(each.status in {RunStatus.DONE, RunStatus.NOTHING_TO_DO} for each in self.runs)

    @property
    def transactions(self) -> int:
        """Return the number of included transactions over all runs."""
        return sum(each.transactions for each in self.runs)

    @property
    def fee_wei(self) -> int:
        """Return the total gas cost."""
        return sum(each.fee_wei for each in self.runs)


def build_report(
    vault: str,
    runs: Sequence[RunRecord],
    samples: Sequence[TierSample],
    *,
    generated_at: datetime,
    bands: Bands | None = None,
    settlement: Settlement | None = None,
) -> Report:
    """Build a report.

    Args:
        vault: The vault's name.
        runs: The vault's runs, newest first.
        samples: The vault's tier values, oldest first.
        generated_at: The time of the report.
        bands: The vault's bands; by default those of the newest plan.
        settlement: The settlement token; by default that of the newest plan.
    """
    found = [each for each in map(settlement_of, runs) if each is not None]
    token = settlement or next(iter(found), UNKNOWN_SETTLEMENT)
    planned = (each for each in map(bands_of, runs) if each is not None)
    return Report(
        vault=vault,
        generated_at=generated_at,
        settlement=token,
        bands=bands or next(planned, None),
        runs=tuple(run_facts(each, settlement_of(each) or token) for each in runs),
        samples=tuple(samples),
    )
