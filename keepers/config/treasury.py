"""Settings of the treasuries: bases, keys, chains and bridges."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from keepers.config.service import CronText, LocalListenText
from keepers.config.signers import SendingSettings
from keepers.config.values import (
    AddressText,
    Bps,
    FilePath,
    Flag,
    NodeUrl,
    Numeral,
    Positive,
    Seconds,
    Section,
    Text,
    VariableName,
    WeiAmount,
)
from keepers.model.money import parse_exact, parse_units
from keepers.model.transfer import WORD

EVERY_PLAN = Decimal(10)
"""Largest time limit of a plan in seconds: the rulebook's bound."""


def _part(text: str) -> str:
    if not 0 < parse_exact(text) < 1:
        raise ValueError("must be above 0 and below 1")
    return text


def _above_zero(text: str) -> str:
    if parse_exact(text) == 0:
        raise ValueError("must be above 0")
    return text


def _asset(name: str) -> str:
    if not 0 < len(name.encode()) <= WORD:
        raise ValueError(f"must have 1 to {WORD} bytes, as assets have on chain")
    return name


AssetName: TypeAlias = Annotated[str, AfterValidator(_asset)]
"""An asset's name, the same on all chains."""

WholeTokens: TypeAlias = Annotated[Numeral, AfterValidator(_above_zero)]
"""An amount above 0, in whole tokens."""


class TreasuryChainSettings(SendingSettings):
    """Treasury of a chain: its bases, limits and signer."""

    deployments: FilePath
    enabled: Flag = True
    gas_limit: Positive = 1_000_000
    base: dict[AssetName, WholeTokens] = Field(default_factory=dict)
    invest: dict[AssetName, AddressText] = Field(default_factory=dict)
    invest_minimum: WholeTokens = "1000"
    maximum_native_fee_wei: WeiAmount = 2 * 10**16

    @model_validator(mode="after")
    def _has_a_base(self) -> Self:
        for asset in self.invest:
            if asset not in self.base:
                raise ValueError(f"invest names {asset}, which has no base")
        return self

    def bases(self, decimals: Mapping[str, int]) -> dict[str, int]:
        """Return the base of each asset, which should be idle, in units of its token.

        Args:
            decimals: Decimals of each asset's token on this chain.

        Raises:
            NumberError: An amount has more decimals than the token.
        """
        return {asset: parse_units(text, decimals[asset]) for asset, text in self.base.items()}


class CctpSettings(Section):
    """Circle's attestation service, whether fast transfers are used, and both usual durations."""

    url: Annotated[NodeUrl, Field(repr=False)] = "https://iris-api.circle.com"
    fast: Flag = True
    fast_seconds: Positive = 20
    standard_seconds: Positive = 1_140
    timeout_seconds: Seconds = Decimal(10)


class OftSettings(Section):
    """LayerZero's scan service, and the limits of a quote."""

    url: Annotated[NodeUrl, Field(repr=False)] = "https://scan.layerzero-api.com"
    tolerance_bps: Bps = 0
    maximum_fee_bps: Bps = 50
    least_share_bps: Bps = 2_000
    crossing_seconds: Positive = 180
    timeout_seconds: Seconds = Decimal(10)


class ExchangeSettings(Section):
    """An account at Binance; `url` replaces the scheme and host of its API."""

    url: Annotated[NodeUrl | None, Field(repr=False)] = None
    key_variable: VariableName = "BALLAST_EXCHANGE_KEY"
    key_file: FilePath | None = None
    secret_variable: VariableName = "BALLAST_EXCHANGE_SECRET"  # noqa: S105 - a variable's name
    secret_file: FilePath | None = None
    unlock_seconds: Positive = 1_200
    timeout_seconds: Seconds = Decimal(10)


class CustodianSettings(Section):
    """A custodian with an HTTP API."""

    url: Annotated[NodeUrl, Field(repr=False)]
    token_variable: VariableName = "BALLAST_CUSTODIAN_TOKEN"  # noqa: S105 - a variable's name
    token_file: FilePath | None = None
    fallback: Flag = False
    timeout_seconds: Seconds = Decimal(10)


class BridgeSettings(Section):
    """Bridge services, by the names of their routes on chain."""

    CCTP: CctpSettings = Field(default_factory=CctpSettings)
    OFT: OftSettings = Field(default_factory=OftSettings)
    EXCHANGE: ExchangeSettings | None = None
    CUSTODIAN: CustodianSettings | None = None


class InstructionSettings(Section):
    """Address that accepts instructions over HTTP; none by default."""

    listen: LocalListenText | None = None
    token_variable: VariableName = "BALLAST_INSTRUCTIONS_TOKEN"  # noqa: S105 - a variable's name
    token_file: FilePath | None = None


class TreasurySettings(Section):
    """Treasuries of all chains; `policy`, `auditors` and `validator` are defaults of the chains."""

    trigger_percentage: Annotated[Numeral, AfterValidator(_part)] = "0.5"
    check: CronText = "*/5 * * * *"
    time_limit_seconds: Annotated[Seconds, Field(le=EVERY_PLAN)] = Decimal(5)
    maximum_loss_bps: Bps = 20
    venue_tolerance_bps: Bps = 10
    approval_window_seconds: Positive = 14_400
    fallback_patience_seconds: Annotated[int, Field(strict=True, ge=0)] = 1_800
    look_seconds: Seconds = Decimal(10)
    policy: Text | None = None
    auditors: list[Text] = Field(default_factory=list[Text])
    validator: Text | None = None
    chains: Annotated[dict[str, TreasuryChainSettings], Field(min_length=1)]
    bridges: BridgeSettings = Field(default_factory=BridgeSettings)
    http: InstructionSettings = Field(default_factory=InstructionSettings)

    @property
    def trigger(self) -> Fraction:
        """The rulebook's p: a chain that has lost this fraction of its base is triggered."""
        return parse_exact(self.trigger_percentage)

    def of(self, chain: str) -> TreasuryChainSettings:
        """Return a chain's settings, with the common defaults applied."""
        own = self.chains[chain]
        return own.model_copy(
            update={
                "policy": own.policy or self.policy,
                "auditors": own.auditors or self.auditors,
                "validator": own.validator or self.validator,
            }
        )
