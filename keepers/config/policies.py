"""Audit policies, and the services that audit and validate."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, Strict, StringConstraints, model_validator

from keepers.audit.arguments import ArgumentRule
from keepers.audit.policy import Policy, Rule
from keepers.audit.signature import Function
from keepers.config.values import (
    AddressText,
    Bps,
    FilePath,
    Flag,
    NodeUrl,
    Positive,
    Seconds,
    Section,
    Text,
    WeiAmount,
)
from keepers.model.errors.signing import PolicyError

ANY = "any"

Value: TypeAlias = Annotated[bool, Strict()] | Annotated[int, Strict()] | Annotated[str, Strict()]
ArgumentPath: TypeAlias = Annotated[str, StringConstraints(min_length=1)] | Annotated[int, Strict()]


class ArgumentSettings(Section):
    """Checks of an argument; at least one is required."""

    argument: ArgumentPath
    equals: Value | None = None
    one_of: list[Value] | None = None
    at_most: Value | None = None
    at_least: Value | None = None
    at_most_bps: Bps | None = None
    of: ArgumentPath | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.at_most_bps is None) != (self.of is None):
            raise ValueError("at_most_bps and of must be set together")
        return self

    @property
    def share(self) -> tuple[str, int] | None:
        """The other argument, and the share of it in basis points."""
        if self.at_most_bps is None or self.of is None:
            return None
        return str(self.of), self.at_most_bps


class RuleSettings(Section):
    """A function of a contract that may be called."""

    name: Text
    target: AddressText
    function: Text
    arguments: list[ArgumentSettings] = Field(default_factory=list[ArgumentSettings])
    maximum_value_wei: WeiAmount = 0
    maximum_gas_limit: Positive | None = None
    maximum_fee_per_gas_wei: WeiAmount | None = None

    @model_validator(mode="after")
    def _readable(self) -> Self:
        try:
            self.rule()
        except PolicyError as error:
            raise ValueError(f"{error.where}: {error.problem}") from None
        return self

    def rule(self) -> Rule:
        """Return the rule as auditors use it."""
        function = Function.read(self.function)
        return Rule(
            name=self.name,
            target=self.target.lower(),
            function=function,
            arguments=tuple(_argument(function, each) for each in self.arguments),
            maximum_value=self.maximum_value_wei,
            maximum_gas_limit=self.maximum_gas_limit,
            maximum_fee_per_gas=self.maximum_fee_per_gas_wei,
        )


class PolicySettings(Section):
    """Transactions that may be signed; all others are refused."""

    chain_ids: Annotated[list[Positive], Field(min_length=1)]
    senders: Annotated[list[AddressText], Field(min_length=1)]
    rules: list[RuleSettings] = Field(default_factory=list[RuleSettings])
    maximum_gas_limit: Positive
    maximum_fee_per_gas_wei: WeiAmount
    maximum_total_cost_wei: WeiAmount
    access_list: Literal["any"] | list[AddressText] = Field(default_factory=list[AddressText])
    allow_cancellations: Flag = True

    def policy(self, name: str) -> Policy:
        """Return the policy as auditors use it."""
        listed = self.access_list
        return Policy(
            name=name,
            chain_ids=frozenset(self.chain_ids),
            senders=frozenset(each.lower() for each in self.senders),
            rules=tuple(each.rule() for each in self.rules),
            maximum_gas_limit=self.maximum_gas_limit,
            maximum_fee_per_gas=self.maximum_fee_per_gas_wei,
            maximum_total_cost=self.maximum_total_cost_wei,
            access_list=None if listed == ANY else frozenset(each.lower() for each in listed),
            cancellations=self.allow_cancellations,
        )


class AuditorSettings(Section):
    """A service that audits, reached over https with a client certificate."""

    url: Annotated[NodeUrl, Field(repr=False)]
    authority_file: FilePath | None = None
    certificate_file: FilePath | None = None
    key_file: FilePath | None = None
    password_file: FilePath | None = None
    timeout_seconds: Seconds = Decimal(10)


class ValidatorSettings(AuditorSettings):
    """A service that opens payloads sealed by signers; `url` is without `/open`."""


def _argument(function: Function, said: ArgumentSettings) -> ArgumentRule:
    return ArgumentRule.make(
        function.parameters,
        str(said.argument),
        equals=said.equals,
        one_of=said.one_of,
        at_most=said.at_most,
        at_least=said.at_least,
        share=said.share,
    )
