"""What a report says of a run that brought a portfolio's assets to their target weights."""

from dataclasses import dataclass
from fractions import Fraction

from keepers.model.run import RunRecord, Stage
from keepers.reports.detail import Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFacts:
    """An asset's share of its portfolio; `after` is None where nothing was verified."""

    symbol: str
    target_bps: int | None
    before: Fraction | None
    planned: Fraction | None
    after: Fraction | None


def weights_of(record: RunRecord) -> tuple[WeightFacts, ...]:
    """The assets of a run of weights, in the portfolio's order; none of any other run."""
    after = Detail.of(record, Stage.VERIFICATION)["weights"]["after"]
    listed = Detail.of(record, Stage.PLAN)["weights"]["assets"].items()
    return tuple(_facts(each, after) for each in listed)


def _facts(listed: Detail, after: Detail) -> WeightFacts:
    return WeightFacts(
        symbol=listed["symbol"].text() or "",
        target_bps=listed["target_bps"].integer(),
        before=listed["before"].ratio(),
        planned=listed["planned"].ratio(),
        after=after[listed["asset"].text() or ""].ratio(),
    )
