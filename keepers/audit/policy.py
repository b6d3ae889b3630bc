"""Policies: the transactions that may be signed; all others are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from keepers.audit.arguments import ArgumentRule, Value
from keepers.audit.signature import Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Rule for one function of one contract; arguments without a rule are unrestricted.

    Attributes:
        name: Name in refusals.
        target: The contract, in lower case.
        function: The function.
        arguments: Argument rules, all of which must hold.
        maximum_value: Maximum value of a call, in wei.
        maximum_gas_limit: Maximum gas limit of a call; None for the policy's alone.
        maximum_fee_per_gas: Maximum fee per unit of gas, in wei; None for the policy's alone.
    """

    name: str
    target: str
    function: Function
    arguments: tuple[ArgumentRule, ...] = ()
    maximum_value: int = 0
    maximum_gas_limit: int | None = None
    maximum_fee_per_gas: int | None = None

    def where(
        self,
        argument: str,
        *,
        equals: Value | None = None,
        one_of: Sequence[Value] | None = None,
        at_most: Value | None = None,
        share: tuple[str, int] | None = None,
    ) -> Rule:
        """Return the rule with one more condition; see `ArgumentRule.make`."""
        more = ArgumentRule.make(
            self.function.parameters,
            argument,
            equals=equals,
            one_of=one_of,
            at_most=at_most,
            share=share,
        )
        return replace(self, arguments=(*self.arguments, more))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Bounds of the transactions that may be signed; a call must satisfy one rule entirely.

    Attributes:
        name: Name in refusals.
        chain_ids: The allowed chains.
        senders: The allowed senders, in lower case.
        rules: Rules for calls.
        maximum_gas_limit: Maximum gas limit.
        maximum_fee_per_gas: Maximum fee per unit of gas, in wei.
        maximum_total_cost: Maximum cost in wei: gas limit times maximum fee, plus value.
        access_list: Accounts, in lower case, allowed in an access list; None for any.
        cancellations: Whether a zero-value self-transfer may be signed.
    """

    name: str
    chain_ids: frozenset[int]
    senders: frozenset[str]
    rules: Sequence[Rule]
    maximum_gas_limit: int
    maximum_fee_per_gas: int
    maximum_total_cost: int
    access_list: frozenset[str] | None = frozenset()
    cancellations: bool = True
