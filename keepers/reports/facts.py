"""Facts of a run for reports, derived from its record once for all formats."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from keepers.model.left_out import LeftOut
from keepers.model.money import WHOLE_BPS
from keepers.model.order import OrderKind
from keepers.model.run import RunRecord, RunStatus, Stage, StepAttempt, StepRecord, StepStatus
from keepers.model.tier_config import Tier
from keepers.model.tier_state import Settlement
from keepers.model.vault import TierBand
from keepers.reports.detail import Bands, Detail, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFacts:
    """An asset's share of its portfolio; `after` is None without verification."""

    symbol: str
    target_bps: int | None
    before: Fraction | None
    planned: Fraction | None
    after: Fraction | None


def weights_of(record: RunRecord) -> tuple[WeightFacts, ...]:
    """Return the assets of a weights run in portfolio order; empty for any other run."""
    after = Detail.of(record, Stage.VERIFICATION)["weights"]["after"]
    listed = Detail.of(record, Stage.PLAN)["weights"]["assets"].items()
    return tuple(_weight_facts(each, after) for each in listed)


def _weight_facts(listed: Detail, after: Detail) -> WeightFacts:
    return WeightFacts(
        symbol=listed["symbol"].text() or "",
        target_bps=listed["target_bps"].integer(),
        before=listed["before"].ratio(),
        planned=listed["planned"].ratio(),
        after=after[listed["asset"].text() or ""].ratio(),
    )


KINDS = frozenset({None, *map(str, OrderKind)})
TIER_NAMES = {Tier.L1: "L1 cash", Tier.L2: "L2 money market", Tier.L3: "L3 high yield"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TierFacts:
    """A tier before and after a run; `after` is None without verification."""

    tier: Tier
    band: TierBand | None
    before: int
    total_before: int
    planned: int | None
    after: int | None
    total_after: int | None

    @property
    def ratio_before(self) -> Fraction | None:
        """Return the tier's share of the vault before the run."""
        return share(self.before, self.total_before)

    @property
    def ratio_after(self) -> Fraction | None:
        """Return the tier's share of the vault after the run."""
        return share(self.after, self.total_after)

    @property
    def within(self) -> bool | None:
        """Return whether the tier is inside its band after the run; None if unknown."""
        return inside(self.ratio_after, self.band)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """An action and its last transaction.

    `is_shared` is whether an earlier action has the same transaction; its gas counts there.
    """

    record: StepRecord
    attempt: StepAttempt | None
    is_shared: bool = False

    @property
    def gas_used(self) -> int | None:
        """Return the gas of the transaction; None without one of its own."""
        seen = None if self.attempt is None or self.is_shared else self.attempt.inclusion
        return None if seen is None else seen.gas_used

    @property
    def fee_wei(self) -> int | None:
        """Return the cost of the gas, as `gas_used`."""
        return None if self.attempt is None or self.is_shared else _fee_of(self.attempt)

    @property
    def error(self) -> str | None:
        """Return why the action did not succeed."""
        outcome = self.attempt and self.attempt.outcome
        return self.record.error or (outcome.error if outcome else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFacts:
    """Approvals that a plan requires, and the signers that approved."""

    required: int
    approved_by: tuple[str, ...]
    plan_hash: str | None

    @property
    def words(self) -> str:
        """Return the approvals as text."""
        if self.approved_by:
            return f"approved by {', '.join(self.approved_by)}"
        asked = "requested" if self.plan_hash else "needed"
        return f"{self.required} approval(s) {asked}, none valid"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """Facts of a run; `approval` is None if its plan needed none.

    `left_out` describes the holdings left out of the plan, with reasons.
    """

    record: RunRecord
    settlement: Settlement
    block_number: int | None
    triggers: tuple[str, ...]
    warnings: tuple[str, ...]
    left_out: tuple[str, ...]
    approval: ApprovalFacts | None
    tiers: tuple[TierFacts, ...]
    weights: tuple[WeightFacts, ...]
    steps: tuple[StepFacts, ...]
    deviation_bps: str | None
    alert: bool

    @property
    def started_at(self) -> datetime:
        """Return the start time."""
        return self.record.run.started_at

    @property
    def status(self) -> RunStatus:
        """Return the status."""
        return self.record.status

    @property
    def transactions(self) -> int:
        """Return the number of included transactions, including openings of the plan."""
        return sum(1 for each in self.record.transactions if each.inclusion)

    @property
    def fee_wei(self) -> int:
        """Return the total gas cost."""
        return sum(_fee_of(each) or 0 for each in self.record.transactions)

    @property
    def moved(self) -> int:
        """Return the value of the successful actions."""
        done = (each.record for each in self.steps if each.record.status is StepStatus.DONE)
        return sum(record.step.amount for record in done)


def run_facts(record: RunRecord, settlement: Settlement) -> RunFacts:
    """Return the facts of a run."""
    plan, risk = Detail.of(record, Stage.PLAN), Detail.of(record, Stage.RISK)
    verification = Detail.of(record, Stage.VERIFICATION)
    reasons = (each["reason"].text() for each in plan["plan"]["triggers"].items())
    warnings = (each.text() for each in risk["warnings"].items())
    return RunFacts(
        record=record,
        settlement=settlement,
        block_number=plan["snapshot"]["block_number"].integer(),
        triggers=tuple(reason for reason in reasons if reason),
        warnings=tuple(warning for warning in warnings if warning),
        left_out=_left_out(plan["left_out"]),
        approval=_approval(record),
        tiers=_tiers(record),
        weights=weights_of(record),
        steps=tuple(_steps(record)),
        deviation_bps=verification["deviation_bps"].text(),
        alert=verification["alert"].flag(),
    )


def _left_out(listed: Detail) -> tuple[str, ...]:
    found = (
        {name: each[name].text() for name in ("asset", "kind", "reason")} for each in listed.items()
    )
    return tuple(LeftOut.of(each).text for each in found if each["kind"] in KINDS)


def settlement_of(record: RunRecord) -> Settlement | None:
    """Return the settlement token from the plan."""
    settlement = Detail.of(record, Stage.PLAN)["settlement"]
    symbol, decimals = settlement["symbol"].text(), settlement["decimals"].integer()
    return None if symbol is None or decimals is None else Settlement(symbol, decimals)


def bands_of(record: RunRecord) -> Bands | None:
    """Return the bands from the plan."""
    return Detail.of(record, Stage.PLAN)["snapshot"]["bands"].bands()


def share(value: int | None, total: int | None) -> Fraction | None:
    """Return the share of a part in a whole; None if either is missing or the whole is 0."""
    return Fraction(value, total) if value is not None and total else None


def inside(ratio: Fraction | None, band: TierBand | None) -> bool | None:
    """Return whether a ratio is inside a band; None if either is unknown."""
    if ratio is None or band is None:
        return None
    return band.minimum_bps <= ratio * WHOLE_BPS <= band.maximum_bps


def _tiers(record: RunRecord) -> tuple[TierFacts, ...]:
    verification = Detail.of(record, Stage.VERIFICATION)
    snapshot = Detail.of(record, Stage.PLAN)["snapshot"]
    before: Values | None = verification["before"].values() or snapshot["tier_values"].values()
    if before is None:
        return ()
    planned = (
        verification["planned"].values()
        or Detail.of(record, Stage.SIMULATION)["post_tier_values"].values()
    )
    after, bands = verification["after"].values(), bands_of(record)
    return tuple(
        TierFacts(
            tier=tier,
            band=bands and bands[tier],
            before=before[tier],
            total_before=sum(before),
            planned=planned and planned[tier],
            after=after and after[tier],
            total_after=after and sum(after),
        )
        for tier in Tier
    )


def _approval(record: RunRecord) -> ApprovalFacts | None:
    detail = Detail.of(record, Stage.APPROVAL)
    required = detail["required"].integer()
    if not required:
        return None
    signers = (each.text() for each in detail["approved_by"].items())
    return ApprovalFacts(
        required=required,
        approved_by=tuple(each for each in signers if each),
        plan_hash=detail["plan_hash"].text(),
    )


def _fee_of(attempt: StepAttempt) -> int | None:
    seen = attempt.inclusion
    return None if seen is None else seen.gas_used * seen.effective_gas_price


def _steps(record: RunRecord) -> Iterator[StepFacts]:
    seen = set[int]()
    for step in record.steps:
        attempt = step.attempts[-1] if step.attempts else None
        key = None if attempt is None else attempt.attempt.attempt_id
        yield StepFacts(record=step, attempt=attempt, is_shared=key in seen)
        if key is not None:
            seen.add(key)
