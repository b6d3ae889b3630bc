"""Instructions over HTTP: stored under their keys, executed later by the keeper."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Protocol
from urllib.parse import unquote

import structlog
from aiohttp import web
from pydantic import SecretStr

from keepers.model.errors import InputError
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.errors.transfers import InstructionKeyTakenError, UnknownInstructionError
from keepers.model.json_document import Json
from keepers.planning.instructions.parser import checked_key
from keepers.store.transfers import Submission
from keepers.web.connection import ServerLimits, body_of, length_of
from keepers.web.server import HttpReply, HttpServer, serving

INSTRUCTIONS = "/v1/instructions"
KEY_HEADER = "Idempotency-Key"
BEARER = "bearer"
LONGEST_REQUEST = 1 << 18
"""Maximum bytes of a request body."""

LIMITS = ServerLimits(connections=8)
NOWHERE = f"the service has only POST {INSTRUCTIONS} and GET {INSTRUCTIONS}/KEY"
NO_LENGTH = "send the header Content-Length"
TOO_LONG = f"an instruction has at most {LONGEST_REQUEST} bytes; send several"


class InstructionStore(Protocol):
    """Store of instructions; thread-safe."""

    def submit(self, text: str, key: str | None, submitted_by: str) -> Submission:
        """Store an instruction.

        Raises:
            InputError: The instruction is invalid.
            InstructionKeyTakenError: The key belongs to another instruction.
            StoreUnavailableError: The database cannot be written.
        """
        ...

    def document(self, key: str) -> dict[str, Json]:
        """Return the state of an instruction.

        Raises:
            UnknownInstructionError: No instruction has the key.
            StoreUnavailableError: The database cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionRequest:
    """Request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = b""
    client: str = ""


class RequestRefusedError(Exception):
    """The request is answered with an error response."""

    def __init__(self, status: HTTPStatus, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


class InstructionService:
    """Instruction service for clients with the token."""

    def __init__(self, store: InstructionStore, token: SecretStr) -> None:
        self._store = store
        self._digest = _digest(token.get_secret_value())
        self._log = structlog.get_logger()

    def answer(self, request: InstructionRequest) -> HttpReply:
        """Return the JSON response to a request."""
        try:
            self._authorize(request)
            return self._answer(request)
        except RequestRefusedError as error:
            answer = failure(error.status, error.problem)
        except InputError as error:
            answer = failure(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "the instruction is invalid; correct it and send it again",
                [str(error)],
            )
        except InstructionKeyTakenError as error:
            answer = failure(HTTPStatus.CONFLICT, str(error))
        except UnknownInstructionError as error:
            problem = f"there is no instruction {error.key!a}; POST {INSTRUCTIONS} creates one"
            answer = failure(HTTPStatus.NOT_FOUND, problem)
        except StoreUnavailableError:
            problem = "the database cannot be used now; send the same request again later"
            answer = failure(HTTPStatus.SERVICE_UNAVAILABLE, problem)
        self._log.warning("instruction_not_taken", client=request.client, status=answer.status)
        return answer

    def _authorize(self, request: InstructionRequest) -> None:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        is_known = hmac.compare_digest(_digest(given.strip()), self._digest)
        if kind.lower() != BEARER or not is_known:
            problem = (
                "send the header Authorization: Bearer TOKEN, with the token of [treasury.http]"
            )
            raise RequestRefusedError(HTTPStatus.UNAUTHORIZED, problem)

    def _answer(self, request: InstructionRequest) -> HttpReply:
        if request.path == INSTRUCTIONS:
            _require_method(request, "POST")
            return self._submit(request)
        start, _, key = request.path.rpartition("/")
        if start != INSTRUCTIONS or not key:
            raise RequestRefusedError(HTTPStatus.NOT_FOUND, NOWHERE)
        _require_method(request, "GET")
        return _json(HTTPStatus.OK, self._store.document(unquote(key)))

    def _submit(self, request: InstructionRequest) -> HttpReply:
        key = _key(request)
        try:
            text = request.body.decode()
        except UnicodeDecodeError:
            raise InputError("input", "is not UTF-8") from None
        kept = self._store.submit(text, key, f"http {request.client}")
        self._log.info("instruction_taken", client=request.client, key=key, is_new=kept.is_new)
        document: dict[str, Json] = {
            "key": key,
            "state": kept.record.state,
            "reason": kept.record.reason,
        }
        return _json(HTTPStatus.ACCEPTED if kept.is_new else HTTPStatus.OK, document)


def failure(status: HTTPStatus, problem: str, reasons: list[Json] | None = None) -> HttpReply:
    """Return an error response with its remedy."""
    return _json(status, {"error": problem, "reasons": reasons or []})


def _key(request: InstructionRequest) -> str:
    key = request.headers.get(KEY_HEADER.lower())
    if key is None:
        problem = (
            f"send the header {KEY_HEADER}: requests with the same key are the same instruction"
        )
        raise RequestRefusedError(HTTPStatus.BAD_REQUEST, problem)
    try:
        return checked_key(key, KEY_HEADER)
    except InputError as error:
        raise RequestRefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error


def _require_method(request: InstructionRequest, method: str) -> None:
    if request.method != method:
        problem = f"{request.path} accepts only {method}; {NOWHERE}"
        raise RequestRefusedError(HTTPStatus.METHOD_NOT_ALLOWED, problem)


def _json(status: HTTPStatus, document: dict[str, Json]) -> HttpReply:
    return HttpReply(status, json.dumps(document).encode())


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()


class InstructionHandler(Protocol):
    """Handler of requests; thread-safe."""

    def answer(self, request: InstructionRequest) -> HttpReply:
        """Return the response to a request."""
        ...


def instruction_application(service: InstructionHandler) -> web.Application:
    """Return the application of instructions; every response is JSON."""

    async def answer(request: web.Request) -> web.Response:
        received = await _read(request)
        if isinstance(received, HttpReply):
            return received.response()
        return (await asyncio.to_thread(service.answer, received)).response()

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    return application


async def _read(request: web.Request) -> InstructionRequest | HttpReply:
    """Return a request with its body, or the error response to an unusable body."""
    body: bytes | None = b""
    if request.method == "POST":
        length = length_of(request)
        if length is None:
            return failure(HTTPStatus.LENGTH_REQUIRED, NO_LENGTH)
        if length > LONGEST_REQUEST:
            return failure(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LONG)
        body = await body_of(request, length)
    elif request.method != "GET":
        problem = f"Unsupported method ({request.method!r}); {NOWHERE}"
        return failure(HTTPStatus.NOT_IMPLEMENTED, problem)
    if body is None:
        problem = "the body ended before its Content-Length; send the whole request again"
        return failure(HTTPStatus.BAD_REQUEST, problem)
    return InstructionRequest(
        method=request.method,
        path=request.raw_path.partition("?")[0],
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        client=request.remote or "",
    )


def _protocol_failure(status: HTTPStatus, problem: str) -> web.Response:
    """Return the JSON response to an HTTP violation."""
    match status:
        case HTTPStatus.LENGTH_REQUIRED:
            problem = NO_LENGTH
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            problem = TOO_LONG
        case HTTPStatus.BAD_REQUEST:
            problem = f"{problem or status.phrase}; {NOWHERE}"
        case _:
            problem = f"{status.phrase}; {NOWHERE}"
    return failure(status, problem).response()


@contextmanager
def serving_instructions(
    host: str, port: int, service: InstructionHandler, limits: ServerLimits = LIMITS
) -> Generator[str]:
    """Serve in a thread; started requests are answered before it ends.

    Yields:
        The URL.

    Raises:
        ListenError: The address cannot be used.
    """
    application = instruction_application(service)
    server = HttpServer(application, limits, failure=_protocol_failure)
    with serving(server, host, port, "treasury.http") as url:
        yield url
