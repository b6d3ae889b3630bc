"""A call as the policy's signatures read it, for people and services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepers.audit.calldata import NotCanonicalError, arguments_of
from keepers.audit.signature import SELECTOR_BYTES

if TYPE_CHECKING:
    from keepers.audit.policy import Policy
    from keepers.model.chain import Unsigned


def decoded_call(policy: Policy, transaction: Unsigned) -> dict[str, object] | None:
    """Function and arguments of a call; None if no signature of the policy reads it.

    Returns:
        `function` in canonical form, and `arguments` in their order: numbers as strings of
        digits, bytes in hexadecimal, arrays and tuples as lists.
    """
    target = transaction.call.target.lower()
    calldata = bytes.fromhex(transaction.call.calldata.removeprefix("0x"))
    for rule in policy.rules:
        if rule.target == target and rule.function.selector == calldata[:SELECTOR_BYTES]:
            try:
                arguments = arguments_of(rule.function, calldata)
            except NotCanonicalError:
                continue
            return {"function": rule.function.canonical, "arguments": _json(arguments)}
    return None


def _json(value: Any) -> object:  # noqa: ANN401 - what ABI has
    match value:
        case bool() | str():
            return value
        case int():
            return str(value)
        case bytes():
            return f"0x{value.hex()}"
        case _:
            return [_json(each) for each in value]
