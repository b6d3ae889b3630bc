"""What every table has whose key sends transactions: with which key, within which limits."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from keepers.config.values import Positive, Section, Text, WeiAmount

GWEI = 10**9


class SendingSettings(Section):
    """Who signs, who audits and validates, and what transactions may cost."""

    signer: Text
    policy: Text | None = None
    auditors: list[Text] = Field(default_factory=list[Text])
    validator: Text | None = None
    plan_expiry_seconds: Positive = 1_800
    gas_limit: Positive = 750_000
    minimum_gas_balance_wei: WeiAmount = 10**16
    maximum_fee_per_gas_wei: WeiAmount = 200 * GWEI
    maximum_priority_fee_per_gas_wei: WeiAmount = 2 * GWEI

    @model_validator(mode="after")
    def _fees_fit(self) -> Self:
        if self.maximum_priority_fee_per_gas_wei > self.maximum_fee_per_gas_wei:
            raise ValueError("maximum_priority_fee_per_gas_wei is above maximum_fee_per_gas_wei")
        return self
