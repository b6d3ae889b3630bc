"""Local audit of transactions by a policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from keepers.audit.calldata import NotCanonicalError, arguments_of, shown
from keepers.audit.policy import Policy, Rule
from keepers.audit.signature import SELECTOR_BYTES
from keepers.model.chain import Unsigned
from keepers.model.errors.signing import AuditRefusedError

Problem = tuple[str, str]
"""Field of a transaction, and its problem."""


class PolicyAuditor:
    """Local auditor that decodes calldata with the policy's own signatures."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Check whether the policy allows a transaction.

        Raises:
            AuditRefusedError: The policy does not; the error names rule and field.
        """
        outer = next(self._outside(transaction, sender), None)
        if outer is not None:
            raise self._refused(f"policy {self.policy.name}", outer)
        if self.policy.cancellations and is_cancellation(transaction, sender):
            return
        self._call(transaction)

    def _outside(self, transaction: Unsigned, sender: str) -> Iterator[Problem]:
        """Yield the problems that do not depend on the function."""
        policy, fee = self.policy, transaction.fees.maximum
        if transaction.chain_id not in policy.chain_ids:
            yield "chain id", f"is {transaction.chain_id}, which is not listed"
        if sender.lower() not in policy.senders:
            yield "sender", f"is {sender}, which is not listed"
        yield from _above("gas limit", transaction.gas_limit, policy.maximum_gas_limit)
        yield from _above("maximum fee", fee, policy.maximum_fee_per_gas)
        yield from _above("priority fee", transaction.fees.priority, fee)
        cost = transaction.gas_limit * fee + transaction.value
        yield from _above("total cost", cost, policy.maximum_total_cost)
        for account, _ in transaction.access_list:
            if policy.access_list is not None and account.lower() not in policy.access_list:
                yield "access list", f"names {account}, which is not listed"

    def _call(self, transaction: Unsigned) -> None:
        target = transaction.call.target.lower()
        calldata = self._calldata(transaction)
        of_target = [rule for rule in self.policy.rules if rule.target == target]
        if not of_target:
            problem = f"is {transaction.call.target}, which is not in any rule"
            raise self._refused(f"policy {self.policy.name}", ("target", problem))
        selector = calldata[:SELECTOR_BYTES]
        rules = [rule for rule in of_target if rule.function.selector == selector]
        if not rules:
            problem = f"{shown(selector)} of {transaction.call.target} is not in any rule"
            raise self._refused(f"policy {self.policy.name}", ("function", problem))
        refusals: list[AuditRefusedError] = []
        for rule in rules:
            problem = next(_inside(rule, transaction, calldata), None)
            if problem is None:
                return
            refusals.append(self._refused(f"policy {self.policy.name}, rule {rule.name}", problem))
        raise _joined(refusals)

    def _calldata(self, transaction: Unsigned) -> bytes:
        text = transaction.call.calldata
        try:
            return bytes.fromhex(text.removeprefix("0x"))
        except ValueError:
            problem = "calldata", "is not hexadecimal"
            raise self._refused(f"policy {self.policy.name}", problem) from None

    @staticmethod
    def _refused(rule: str, problem: Problem) -> AuditRefusedError:
        field, what = problem
        return AuditRefusedError(rule, f"{field} {what}", field=field)


def is_cancellation(transaction: Unsigned, sender: str) -> bool:
    """Return whether it is a zero-value self-transfer, which only consumes a nonce."""
    to_itself = transaction.call.target.lower() == sender.lower()
    return to_itself and transaction.call.calldata == "0x" and transaction.value == 0


def _inside(rule: Rule, transaction: Unsigned, calldata: bytes) -> Iterator[Problem]:
    """Yield the problems of a call of a rule's function."""
    yield from _above("value", transaction.value, rule.maximum_value)
    if rule.maximum_gas_limit is not None:
        yield from _above("gas limit", transaction.gas_limit, rule.maximum_gas_limit)
    if rule.maximum_fee_per_gas is not None:
        yield from _above("maximum fee", transaction.fees.maximum, rule.maximum_fee_per_gas)
    try:
        arguments = arguments_of(rule.function, calldata)
    except NotCanonicalError as error:
        yield "calldata", f"cannot be read: {error}"
        return
    for each in rule.arguments:
        problem = each.problem(arguments)
        if problem is not None:
            yield f"argument {each.path.text}", problem


def _above(field: str, found: int, limit: int) -> Iterator[Problem]:
    if found > limit:
        yield field, f"is {found}, above {limit}"


def _joined(refusals: list[AuditRefusedError]) -> AuditRefusedError:
    """Join the refusals of all rules for one function."""
    if len(refusals) == 1:
        return refusals[0]
    rule = "; ".join(each.rule for each in refusals)
    problem = "; ".join(each.problem for each in refusals)
    return AuditRefusedError(rule, problem, field=refusals[0].field)


class TransactionAuditor(Protocol):
    """Auditor of transactions."""

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Raise `AuditRefusedError` or `AuditUnavailableError` unless it is allowed."""
        ...


class Auditors:
    """Auditors in order; the first that does not allow a transaction ends the audit."""

    def __init__(self, auditors: Sequence[TransactionAuditor]) -> None:
        if not auditors:
            raise ValueError("there is no auditor, so everything would be allowed")
        self._auditors = tuple(auditors)

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Audit a transaction with all auditors.

        Raises:
            AuditRefusedError: One of them does not allow it.
            AuditUnavailableError: One of them does not respond.
        """
        for each in self._auditors:
            each.audit(transaction, sender)
