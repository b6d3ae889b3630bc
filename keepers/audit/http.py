"""Audit by a remote service over TLS; only an explicit approval allows a transaction."""

from __future__ import annotations

import json
from typing import Any, cast

from keepers.audit.calldata import NotCanonicalError, arguments_of
from keepers.audit.policy import Policy
from keepers.audit.signature import SELECTOR_BYTES
from keepers.model.chain import Unsigned
from keepers.model.errors.signing import AuditRefusedError, AuditUnavailableError, SigningError
from keepers.model.redaction import mask_text
from keepers.signing.https import Endpoint
from keepers.signing.payload import to_fields


def decoded_call(policy: Policy, transaction: Unsigned) -> dict[str, object] | None:
    """Return function and arguments of a call; None if no signature of the policy matches.

    Returns:
        `function` in canonical form, and `arguments` in order: numbers as strings of
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


def _json(value: Any) -> object:  # noqa: ANN401 - any ABI type
    match value:
        case bool() | str():
            return value
        case int():
            return str(value)
        case bytes():
            return f"0x{value.hex()}"
        case _:
            return [_json(each) for each in value]


class HttpAuditor:
    """Client of an audit service.

    A request has `chain_id`, `sender`, the fields of the transaction as in `eth_signTransaction`,
    and, for information, the decoded call. The response is `{"allowed": true, "reason": "..."}`.
    """

    def __init__(self, name: str, endpoint: Endpoint, policy: Policy | None = None) -> None:
        self._name = name
        self._endpoint = endpoint
        self._policy = policy

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Audit a transaction with the service.

        Raises:
            AuditRefusedError: The service refuses it.
            AuditUnavailableError: No response, or a malformed one.
        """
        allowed, reason = self._answer(self._ask(transaction, sender))
        if not allowed:
            shown = mask_text(reason or "it gives no reason", self._endpoint.url)
            raise AuditRefusedError(f"auditor {self._name}", shown)

    def _ask(self, transaction: Unsigned, sender: str) -> bytes:
        call = None if self._policy is None else decoded_call(self._policy, transaction)
        request = {
            "chain_id": transaction.chain_id,
            "sender": sender,
            "transaction": to_fields(transaction, sender),
            "decoded": call,
        }
        try:
            return self._endpoint.post(json.dumps(request).encode())
        except SigningError as error:
            # `from None`: the error's text refers to signers.
            problem = str(getattr(error, "problem", "no response"))
            raise self._unavailable(problem) from None

    def _answer(self, answer: bytes) -> tuple[bool, str]:
        try:
            parsed = json.loads(answer)
        except (ValueError, RecursionError):
            raise self._unavailable("its response is not JSON") from None
        fields = cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {}
        allowed, reason = fields.get("allowed"), fields.get("reason", "")
        if not isinstance(allowed, bool) or not isinstance(reason, str):
            raise self._unavailable("its response does not consist of allowed and reason")
        return allowed, reason

    def _unavailable(self, problem: str) -> AuditUnavailableError:
        return AuditUnavailableError(f"{self._name} at {self._endpoint.shown_url}", problem)
