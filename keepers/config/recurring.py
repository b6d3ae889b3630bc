"""The keeper of recurring rebalancers: with whose key, and within which limits."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from keepers.config.service import CronText
from keepers.config.values import (
    AddressText,
    Positive,
    Section,
    Text,
    WeiAmount,
)
from keepers.model.recurring import BASE_GAS, RecurringPolicy

GWEI = 10**9


class RecurringSettings(Section):
    """Which vault's chain, key and deployments file are used; without one nothing is done."""

    vault: Text | None = None
    due: CronText = "* * * * *"
    sweep: CronText = "*/10 * * * *"
    batch_size: Positive = Field(default=20, le=256)
    batch_gas: Positive = 15_000_000
    fix_gas: Positive = 500_000
    page_size: Positive = Field(default=500, le=5_000)
    maximum_fee_per_gas_wei: WeiAmount = 100 * GWEI
    sponsored: list[AddressText] = Field(default_factory=list[AddressText])

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.batch_gas < self.fix_gas + BASE_GAS:
            raise ValueError(f"batch_gas is below fix_gas and {BASE_GAS} for the transaction")
        return self

    def policy(self) -> RecurringPolicy:
        """As the engine takes it."""
        return RecurringPolicy(
            batch_size=self.batch_size,
            batch_gas=self.batch_gas,
            fix_gas=self.fix_gas,
            maximum_price=self.maximum_fee_per_gas_wei,
            sponsored=frozenset(each.lower() for each in self.sponsored),
        )
