"""The configuration as one frozen value; docs/reference/configuration.md lists the keys."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from keepers.config.policies import AuditorSettings, PolicySettings, ValidatorSettings
from keepers.config.service import (
    NotificationSettings,
    RecurringSettings,
    ScheduleSettings,
    ServiceSettings,
)
from keepers.config.signers import SendingSettings, SignerSettings
from keepers.config.tiers import TierOverrides, tier_config_of
from keepers.config.treasury import TreasurySettings
from keepers.config.values import (
    AddressText,
    Bps,
    DatabaseUrl,
    FilePath,
    Flag,
    NodeUrl,
    Numeral,
    Positive,
    Seconds,
    Section,
    Text,
    read_variables,
)
from keepers.model.chain_view import REPLACEMENT_BPS
from keepers.model.tier_config import TierConfig


class ChainSettings(Section):
    """A chain: its nodes, and the time limits of its engine."""

    chain_id: Positive
    rpc_urls: Annotated[list[NodeUrl], Field(min_length=1, repr=False)]
    send_only_urls: list[NodeUrl] = Field(default_factory=list[NodeUrl], repr=False)
    private_relay_urls: list[NodeUrl] = Field(default_factory=list[NodeUrl], repr=False)
    quorum: Positive | None = None
    request_timeout_seconds: Seconds = Decimal(10)
    confirmations: Positive = 15
    poll_interval_seconds: Seconds = Decimal("0.5")
    confirmation_timeout_seconds: Positive = 300
    trust_finality_tags: Flag = True
    finality_blocks: Positive = 64
    bump_after_blocks: Positive = 3
    bump_rise_bps: Annotated[Positive, Field(ge=REPLACEMENT_BPS)] = 1_250
    maximum_in_flight: Positive = 16
    public_after_blocks: Positive | None = None
    cancel_reverting: Flag = False
    stalled_head_seconds: Positive = 600
    lease_seconds: Positive = 5
    deployments: FilePath

    @model_validator(mode="after")
    def _countable(self) -> Self:
        if len(set(self.rpc_urls)) < len(self.rpc_urls):
            raise ValueError("rpc_urls lists a node twice, which would count twice in the quorum")
        if self.quorum is not None and self.quorum > len(self.rpc_urls):
            raise ValueError("quorum is above the number of rpc_urls")
        return self


class VaultSettings(SendingSettings):
    """A tiered vault: its chain, its signer, and the limits of its runs."""

    chain: Text
    tiers: TierOverrides = Field(default_factory=dict)
    minimum_output_tolerance_bps: Bps = 50
    warn_slippage_bps: Bps = 200
    block_slippage_bps: Bps = 500
    warn_impact_bps: Bps = 200
    block_impact_bps: Bps = 500
    volatility_bps: Bps = 500
    volatility_window_seconds: Positive = 3_600
    gain_horizon_days: Positive = 30
    maximum_gas_share_bps: Bps = 1_000
    plan_gas_limit: Positive = 2**24
    coin_feed: AddressText | None = None
    coin_price: Numeral | None = None
    verification_tolerance_bps: Bps = 100
    cooldown_seconds: Annotated[int, Field(ge=0)] = 900

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.warn_slippage_bps > self.block_slippage_bps:
            raise ValueError("warn_slippage_bps is above block_slippage_bps")
        if self.warn_impact_bps > self.block_impact_bps:
            raise ValueError("warn_impact_bps is above block_impact_bps")
        if self.coin_feed is not None and self.coin_price is not None:
            raise ValueError(
                "coin_feed and coin_price both set the price of the native token; keep one"
            )
        return self

    def tier_config(self, decimals: int) -> TierConfig:
        """Return the targets, bands and thresholds of this vault.

        Args:
            decimals: Decimals of the settlement token.

        Raises:
            InputError: An amount has more decimals than the token.
        """
        return tier_config_of(self.tiers, decimals)


class Settings(BaseSettings):
    """The complete configuration of a keeper, created by `load_settings`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    database: Annotated[DatabaseUrl, Field(repr=False)] = "sqlite:///ballast.sqlite"
    armed: Flag = False
    chains: Annotated[dict[str, ChainSettings], Field(min_length=1)]
    vaults: dict[str, VaultSettings] = Field(default_factory=dict[str, VaultSettings])
    treasury: TreasurySettings | None = None
    signers: Annotated[dict[str, SignerSettings], Field(min_length=1)]
    policies: dict[str, PolicySettings] = Field(default_factory=dict[str, PolicySettings])
    auditors: dict[str, AuditorSettings] = Field(default_factory=dict[str, AuditorSettings])
    validators: dict[str, ValidatorSettings] = Field(default_factory=dict[str, ValidatorSettings])
    notifications: NotificationSettings = NotificationSettings()
    schedule: ScheduleSettings = Field(default_factory=ScheduleSettings)
    service: ServiceSettings = Field(default_factory=ServiceSettings)
    recurring: RecurringSettings = Field(default_factory=RecurringSettings)

    @model_validator(mode="before")
    @classmethod
    def _read_variables(cls, table: object) -> object:
        return read_variables(cls, table)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Disable the automatic environment source, since `ARMED` may belong to another program."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)
