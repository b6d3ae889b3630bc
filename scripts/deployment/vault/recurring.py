"""Intended state of a vault's recurring rebalancers: terms, prices, owners, payer."""

from __future__ import annotations

from typing import Any, Self

from eth_utils.address import to_checksum_address
from pydantic import Field, model_validator

from scripts.deployment.config import WHOLE_BPS, Address, Bps, Limit, Model

SCHEDULER, REGISTRY, SUPERVISOR, LENS = (
    "TransactionScheduler", "PaidRebalancerRegistry", "RebalanceSupervisor", "SchedulerLens",
)  # fmt: skip
RECURRING = (SCHEDULER, REGISTRY, SUPERVISOR, LENS)
NOBODY = "0x" + "00" * 20
MEDIUM, LEDGER = 1, 0
GWEI = 10**9


class Target(Model):
    """Target that may have a paid rebalancer, and the rebalancer's owner."""

    target: Address
    owner: Address


class Recurring(Model):
    """Terms, which are permanent once the scheduler is deployed, and settings; in wei and gas.

    Attributes:
        payer: Owner of the scheduler account that pays for the registry's rebalancers.
        treasury: Receiver of the part of a cancelled booking's payment that is not returned.
        targets: Targets that may have a paid rebalancer.
        automatic: Limit of the registry's runs from the vault's cash into L2; by default the most
            limited keeper's limit on adding risk.
        reducing: Limit of the registry's runs from L2 into cash; by default that keeper's limit on
            reducing risk.
        turnover: Trading limit of the registry's forced runs in each portfolio; by default
            `automatic`. Runs that are not forced use the limit of open runs.
        effort: Gas of a run: 350,000 book the next run, the target gets the rest. A forced run of
            a portfolio of two traded holdings takes about 715,000.
    """

    payer: Address
    treasury: Address
    targets: tuple[Target, ...] = ()
    automatic: Limit | None = None
    reducing: Limit | None = None
    turnover: Limit | None = None
    flat: bool = False
    refund_bps: Bps = WHOLE_BPS
    tip_cap_wei: int = Field(default=2 * GWEI, ge=0, lt=2**64)
    premium_bps: Bps = 1_000
    late_premium_bps: Bps = 4_000
    ramp_medium_seconds: int = Field(default=24, gt=0, lt=2**32)
    ramp_low_seconds: int = Field(default=300, gt=0, lt=2**32)
    transaction_gas: int = Field(default=27_000, gt=0, lt=2**32)
    settlement_gas: int = Field(default=7_000, gt=0, lt=2**32)
    minimum_effort: int = Field(default=20_000, gt=0, lt=2**24)
    maximum_effort: int = Field(default=5_000_000, gt=0, lt=2**24)
    lifetime_seconds: int = Field(default=30 * 86_400, gt=0, lt=2**32)
    expiry_reward_wei: int = Field(default=5 * 10**14, ge=0, lt=2**64)
    data_fee_oracle: Address = NOBODY
    maximum_failures: int = Field(default=5, gt=0, le=15)
    high_bps: int = Field(default=15_000, ge=WHOLE_BPS, lt=2**24)
    medium_bps: int = Field(default=12_500, ge=WHOLE_BPS, lt=2**24)
    low_bps: int = Field(default=11_000, ge=WHOLE_BPS, lt=2**24)
    floor_price_wei: int = Field(default=GWEI, ge=0, lt=2**48)
    tip_wei: int = Field(default=GWEI, ge=0, lt=2**48)
    inclusion_fee_wei: int = Field(default=0, ge=0, lt=2**56)
    interval_seconds: int = Field(default=86_400, gt=0, lt=2**32)
    effort: int = Field(default=4_500_000, gt=0, lt=2**24)
    margin_bps: int = Field(default=12_000, ge=WHOLE_BPS, lt=2**16)
    force: bool = False
    supervisor_interval_seconds: int = Field(default=3_600, gt=0, lt=2**32)
    supervisor_effort: int = Field(default=2_000_000, gt=0, lt=2**24)
    supervisor_margin_bps: int = Field(default=12_000, ge=WHOLE_BPS, lt=2**16)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.high_bps > self.medium_bps > self.low_bps:
            raise ValueError("the multipliers must rise: low_bps, medium_bps, high_bps")
        if not self.minimum_effort <= self.effort <= self.maximum_effort:
            raise ValueError(
                f"effort is {self.effort}, and must lie between minimum_effort "
                f"({self.minimum_effort}) and maximum_effort ({self.maximum_effort})"
            )
        return self

    @property
    def terms(self) -> list[Any]:
        """Return the scheduler's `Terms`."""
        return [
            self.flat, self.refund_bps, self.tip_cap_wei, self.premium_bps, self.late_premium_bps,
            self.ramp_medium_seconds, self.ramp_low_seconds, self.transaction_gas,
            self.settlement_gas, self.minimum_effort, self.maximum_effort, self.lifetime_seconds,
            self.expiry_reward_wei, self.treasury, to_checksum_address(self.data_fee_oracle),
        ]  # fmt: skip

    @property
    def prices(self) -> list[int]:
        """Return the scheduler's `Prices`."""
        return [
            self.high_bps, self.medium_bps, self.low_bps,
            self.floor_price_wei, self.tip_wei, self.inclusion_fee_wei,
        ]  # fmt: skip

    @property
    def config(self) -> tuple[Any, ...]:
        """Return the registry's `RecurringConfig` of new rebalancers."""
        times = (self.interval_seconds, MEDIUM, self.effort, self.margin_bps)
        return (*times, self.force, LEDGER, self.payer)

    @property
    def schedule(self) -> tuple[int, ...]:
        """Return the supervisor's `Schedule`."""
        effort, margin = self.supervisor_effort, self.supervisor_margin_bps
        return (self.supervisor_interval_seconds, effort, margin, MEDIUM)
