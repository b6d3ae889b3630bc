"""Signer service: JSON-RPC that signs what its own policy allows, plain or encrypted."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, cast

import structlog

from keepers.audit.auditor import TransactionAuditor
from keepers.model.chain import Signed, Unsigned
from keepers.model.errors.signing import (
    AuditRefusedError,
    AuditUnavailableError,
    RequestError,
    SignerUnreachableError,
    SigningError,
)
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.payload import digest_of, from_fields
from keepers.signing.signer import AnySigner
from keepers.web.server import HttpReply

SIGN = "eth_signTransaction"
SIGN_SEALED = "ballast_signSealed"
ACCOUNTS = "eth_accounts"
STATUS = "health_status"

NOT_JSON, NO_REQUEST, NO_METHOD, BAD_PARAMETERS = -32700, -32600, -32601, -32602
REFUSED = -32000
"""JSON-RPC code of server errors."""


class JsonRpcError(Exception):
    """Error with a JSON-RPC code."""

    def __init__(self, code: int, message: str, data: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class SignerService:
    """Service that audits and signs transactions, and logs each decision."""

    def __init__(self, signer: AnySigner, auditor: TransactionAuditor, *, seals: bool) -> None:
        self._signer = signer
        self._auditor = auditor
        self._method = SIGN_SEALED if seals else SIGN
        self._log = structlog.get_logger()

    def answer(self, path: str, body: bytes, client: str) -> HttpReply:
        """Return the response to a request; an empty body means no decision is possible now."""
        del path
        request: dict[str, Any] = {}
        try:
            request = _request(body)
            result = self._result(request["method"], request.get("params", []), client)
        except JsonRpcError as error:
            answer: dict[str, Any] = {"code": error.code, "message": error.message}
            if error.data is not None:
                answer["data"] = error.data
            return _answer(request, "error", answer)
        except (SignerUnreachableError, AuditUnavailableError):
            return HttpReply(HTTPStatus.SERVICE_UNAVAILABLE)
        return _answer(request, "result", result)

    def _result(self, method: str, parameters: object, client: str) -> object:
        if method == STATUS:
            return "ok"
        if method == ACCOUNTS:
            return [self._signer.address]
        if method == self._method:
            return self._sign(parameters, client)
        if method == SIGN:
            raise JsonRpcError(NO_METHOD, f"this signer seals transactions; use {SIGN_SEALED}")
        raise JsonRpcError(NO_METHOD, "the method does not exist")

    def _sign(self, parameters: object, client: str) -> object:
        listed = cast("list[object]", parameters) if isinstance(parameters, list) else []
        try:
            (fields,) = listed
            transaction, sender = from_fields(fields)
        except (ValueError, RequestError) as error:
            problem = (
                str(error) if isinstance(error, RequestError) else ("one transaction is required")
            )
            self._log.warning("unreadable", client=client, problem=problem)
            raise JsonRpcError(BAD_PARAMETERS, problem) from None
        log = self._log.bind(client=client, **described(transaction, sender))
        signed = self._audited(transaction, sender, log)
        log.info("signed", sealed=isinstance(signed, EncryptedPayload))
        if isinstance(signed, EncryptedPayload):
            return {"digest": f"0x{signed.digest.hex()}", "box": f"0x{signed.ciphertext.hex()}"}
        return signed.raw

    def _audited(self, transaction: Unsigned, sender: str, log: Any) -> Signed | EncryptedPayload:  # noqa: ANN401 - structlog's
        try:
            if sender != self._signer.address:
                problem = f"sender is {sender}, whose key this signer does not have"
                raise AuditRefusedError("key", problem, field="sender")  # noqa: TRY301 - single refusal path
            self._auditor.audit(transaction, sender)
            return self._signer.sign(transaction)
        except AuditRefusedError as error:
            log.warning("refused", rule=error.rule, field=error.field, problem=error.problem)
            data = {"rule": error.rule, "field": error.field}
            raise JsonRpcError(REFUSED, str(error), data) from None
        except (SignerUnreachableError, AuditUnavailableError) as error:
            log.warning("undecided", problem=error.problem)
            raise
        except SigningError as error:
            log.warning("not_signed", problem=type(error).__name__)
            raise JsonRpcError(REFUSED, f"not signed: {type(error).__name__}") from None


def described(transaction: Unsigned, sender: str) -> dict[str, object]:
    """Return the fields of a transaction for logs: enough to identify it, not to send it."""
    return {
        "digest": f"0x{digest_of(transaction).hex()}",
        "sender": sender,
        "nonce": transaction.nonce,
        "chain_id": transaction.chain_id,
    }


def _request(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        raise JsonRpcError(NOT_JSON, "it is not JSON") from None
    if not isinstance(request, dict):
        raise JsonRpcError(NO_REQUEST, "it is not one JSON-RPC request")
    fields = cast("dict[str, Any]", request)
    if fields.get("jsonrpc") != "2.0" or not isinstance(fields.get("method"), str):
        raise JsonRpcError(NO_REQUEST, "it is not a request of JSON-RPC 2.0")
    return fields


def _answer(request: dict[str, Any], key: str, value: object) -> HttpReply:
    name = request.get("id")
    known = name if isinstance(name, str | int) else None
    body = json.dumps({"jsonrpc": "2.0", "id": known, key: value})
    return HttpReply(HTTPStatus.OK, body.encode())
