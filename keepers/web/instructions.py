"""Instructions over HTTP: kept under their keys, and told how they stand; nothing is done here."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Protocol
from urllib.parse import unquote

import structlog
from pydantic import SecretStr

from keepers.model.errors import InputError
from keepers.model.errors.instruction import InstructionKeyTakenError, UnknownInstructionError
from keepers.model.errors.run import JournalUnavailable
from keepers.planning.files.canonical import Json
from keepers.planning.instructions.canonical import checked_key
from keepers.store.instructions import Submission
from keepers.web.server import Answer

INSTRUCTIONS = "/v1/instructions"
KEY_HEADER = "Idempotency-Key"
BEARER = "bearer"
NOWHERE = f"there are only POST {INSTRUCTIONS} and GET {INSTRUCTIONS}/KEY"


class Desk(Protocol):
    """Keeps instructions; it is called in several threads at once."""

    def submit(self, text: str, key: str | None, submitted_by: str) -> Submission:
        """Keep one.

        Raises:
            InputError: It cannot be read.
            InstructionKeyTakenError: The key came with another one.
            JournalUnavailable: The database cannot be written.
        """
        ...

    def document(self, key: str) -> dict[str, Json]:
        """How one stands.

        Raises:
            UnknownInstructionError: There is none of this key.
            JournalUnavailable: The database cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, its headers by their names in small letters."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = b""
    client: str = ""


class Refused(Exception):  # noqa: N818 - it is an answer
    """A request that is answered with an error."""

    def __init__(self, status: HTTPStatus, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


class InstructionService:
    """Answers who has the token."""

    def __init__(self, desk: Desk, token: SecretStr) -> None:
        self._desk = desk
        self._digest = _digest(token.get_secret_value())
        self._log = structlog.get_logger()

    def answer(self, request: Request) -> Answer:
        """Answer a request, always in JSON."""
        try:
            self._let_in(request)
            return self._answer(request)
        except Refused as error:
            answer = failure(error.status, error.problem)
        except InputError as error:
            answer = failure(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "the instruction cannot be read; correct it and send it again",
                [str(error)],
            )
        except InstructionKeyTakenError as error:
            answer = failure(HTTPStatus.CONFLICT, str(error))
        except UnknownInstructionError as error:
            problem = f"there is no instruction {error.key!a}; POST {INSTRUCTIONS} gives one"
            answer = failure(HTTPStatus.NOT_FOUND, problem)
        except JournalUnavailable:
            problem = "the database cannot be used now; send the same again later"
            answer = failure(HTTPStatus.SERVICE_UNAVAILABLE, problem)
        self._log.warning("instruction_not_taken", client=request.client, status=answer.status)
        return answer

    def _let_in(self, request: Request) -> None:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        is_known = hmac.compare_digest(_digest(given.strip()), self._digest)
        if kind.lower() != BEARER or not is_known:
            problem = (
                "send the header Authorization: Bearer TOKEN, with the token of [treasury.http]"
            )
            raise Refused(HTTPStatus.UNAUTHORIZED, problem)

    def _answer(self, request: Request) -> Answer:
        if request.path == INSTRUCTIONS:
            _require_method(request, "POST")
            return self._submit(request)
        start, _, key = request.path.rpartition("/")
        if start != INSTRUCTIONS or not key:
            raise Refused(HTTPStatus.NOT_FOUND, NOWHERE)
        _require_method(request, "GET")
        return _json(HTTPStatus.OK, self._desk.document(unquote(key)))

    def _submit(self, request: Request) -> Answer:
        key = _key(request)
        try:
            text = request.body.decode()
        except UnicodeDecodeError:
            raise InputError("input", "is not UTF-8") from None
        kept = self._desk.submit(text, key, f"http {request.client}")
        self._log.info("instruction_taken", client=request.client, key=key, is_new=kept.is_new)
        told: dict[str, Json] = {
            "key": key,
            "state": kept.record.state,
            "reason": kept.record.reason,
        }
        return _json(HTTPStatus.ACCEPTED if kept.is_new else HTTPStatus.OK, told)


def failure(status: HTTPStatus, problem: str, reasons: list[Json] | None = None) -> Answer:
    """An error that says what to do."""
    return _json(status, {"error": problem, "reasons": reasons or []})


def _key(request: Request) -> str:
    key = request.headers.get(KEY_HEADER.lower())
    if key is None:
        problem = f"send the header {KEY_HEADER}: the same key makes it the same instruction"
        raise Refused(HTTPStatus.BAD_REQUEST, problem)
    try:
        return checked_key(key, KEY_HEADER)
    except InputError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from error


def _require_method(request: Request, method: str) -> None:
    if request.method != method:
        problem = f"{request.path} takes {method}; {NOWHERE}"
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, problem)


def _json(status: HTTPStatus, document: dict[str, Json]) -> Answer:
    return Answer(status, json.dumps(document).encode())


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()
