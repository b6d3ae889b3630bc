"""Validator service: decrypts payloads of transactions that its own policy allows."""

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
    SigningError,
)
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.payload import from_fields, from_hex
from keepers.signing.validator import SealedOpener
from keepers.web.server import HttpReply
from keepers.web.signer import described

OPEN = "/open"
MEMBERS = frozenset({"sealed", "transaction", "sender"})


class ValidatorService:
    """Service that audits a transaction, decrypts its payload, and checks the signed bytes."""

    def __init__(self, validator: SealedOpener, auditor: TransactionAuditor) -> None:
        self._validator = validator
        self._auditor = auditor
        self._log = structlog.get_logger()

    def answer(self, path: str, body: bytes, client: str) -> HttpReply:
        """Return the response: signed bytes and hash, or the reason of a refusal."""
        if path != OPEN:
            return _refusal(HTTPStatus.NOT_FOUND, "the service has only /open")
        try:
            sealed, transaction, sender = read_request(body)
        except RequestError as error:
            self._log.warning("unreadable", client=client, problem=str(error))
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        log = self._log.bind(client=client, **described(transaction, sender))
        try:
            signed = self._open(sealed, transaction, sender)
        except AuditRefusedError as error:
            log.warning("refused", rule=error.rule, field=error.field, problem=error.problem)
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), error.rule, error.field)
        except AuditUnavailableError as error:
            log.warning("undecided", problem=error.problem)
            return HttpReply(HTTPStatus.SERVICE_UNAVAILABLE)
        except SigningError as error:
            problem = str(getattr(error, "problem", error))
            log.warning("not_opened", problem=problem)
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, problem)
        log.info("opened", transaction_hash=signed.transaction_hash)
        answer = {"raw": signed.raw, "hash": signed.transaction_hash}
        return HttpReply(HTTPStatus.OK, json.dumps(answer).encode())

    def _open(self, sealed: EncryptedPayload, transaction: Unsigned, sender: str) -> Signed:
        self._auditor.audit(transaction, sender)
        return self._validator.open(sealed, transaction, sender)


def read_request(body: bytes) -> tuple[EncryptedPayload, Unsigned, str]:
    """Return the encrypted payload, the audited transaction, and the expected signer.

    Raises:
        RequestError: The request is malformed.
    """
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError("request", "is not JSON") from None
    fields = _object(request, "request")
    if fields.keys() != MEMBERS:
        raise RequestError("request", f"is not an object of {', '.join(sorted(MEMBERS))}")
    sealed = _object(fields["sealed"], "sealed")
    transaction, sender = from_fields(fields["transaction"])
    if fields["sender"] != sender:
        raise RequestError("sender", "is not the sender of the transaction")
    digest, ciphertext = (from_hex(sealed.get(name), name) for name in ("digest", "box"))
    return EncryptedPayload(digest, ciphertext), transaction, sender


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RequestError(name, "is not an object")
    return cast("dict[str, Any]", value)


def _refusal(status: HTTPStatus, reason: str, rule: str = "", field: str = "") -> HttpReply:
    error = {"message": reason, "rule": rule, "field": field}
    return HttpReply(status, json.dumps({"error": error}).encode())
