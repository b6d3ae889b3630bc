"""Responses of the HTTP service that accepts instructions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

# ruff: noqa: ARG002 - a double has the parameters of its port
import pytest
from pydantic import SecretStr

from keepers.model.errors.run import StoreUnavailableError
from keepers.model.json_document import Json
from keepers.runtime.treasury.instructions import InstructionIntake
from keepers.store.transfers import InstructionRepository, Submission
from keepers.web.instructions import InstructionRequest, InstructionService
from tests.unit.transfers.inventory.paper import PaperInventory

TOKEN = "a token of some length"
PLACE = "/v1/instructions"
ORDER = {"asset": "USDC", "source": "EVM-1", "destination": "EVM-42161", "amount": "30"}
BODY = json.dumps({"version": 1, "transfer": ORDER}).encode()
KNOWN = {"authorization": f"Bearer {TOKEN}", "idempotency-key": "order-7"}


@pytest.fixture
def service(inventory: PaperInventory) -> InstructionService:
    desk = InstructionIntake(InstructionRepository(inventory.database), inventory.settings)
    return InstructionService(desk, SecretStr(TOKEN))


def ask(
    service: InstructionService,
    method: str = "POST",
    path: str = PLACE,
    body: bytes = BODY,
    headers: Mapping[str, str] = KNOWN,
) -> tuple[HTTPStatus, dict[str, Any]]:
    asked = InstructionRequest(
        method=method, path=path, headers=headers, body=body, client="10.0.0.7"
    )
    answer = service.answer(asked)
    return answer.status, json.loads(answer.body)


def test_post__new__is_accepted_and_kept_under_the_key(
    service: InstructionService, inventory: PaperInventory
) -> None:
    assert ask(service) == (
        HTTPStatus.ACCEPTED,
        {"key": "order-7", "state": "RECEIVED", "reason": None},
    )
    (kept,) = inventory.transfers.instructions()
    assert (kept.client_key, kept.submitted_by) == ("order-7", "http 10.0.0.7")


def test_post__the_same_again__is_ok_and_says_how_it_stands(
    service: InstructionService, inventory: PaperInventory
) -> None:
    ask(service)
    inventory.instruct()
    inventory.run()
    spaced = json.dumps(json.loads(BODY), indent=1).encode()
    status, told = ask(service, body=spaced)
    assert (status, told["state"]) == (HTTPStatus.OK, "DONE")
    assert len(inventory.transfers.instructions()) == 1


def test_post__another_under_the_key__is_a_conflict(service: InstructionService) -> None:
    ask(service)
    other = json.dumps({"version": 1, "transfer": {**ORDER, "amount": "31"}}).encode()
    status, told = ask(service, body=other)
    assert status == HTTPStatus.CONFLICT
    assert "choose another key" in told["error"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "is not JSON"),
        (b"\xff", "input: is not UTF-8"),
        (b"{}", "version: is missing"),
        (b'{"version": 1, "transfer": {"asset": "EURC"}}', "transfer.source: is missing"),
    ],
)
def test_post__that_cannot_be_read__is_refused_with_the_field_and_not_kept(
    service: InstructionService, inventory: PaperInventory, body: bytes, reason: str
) -> None:
    status, told = ask(service, body=body)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert reason in told["reasons"][0]
    assert "correct it" in told["error"]
    assert inventory.transfers.instructions() == ()


@pytest.mark.parametrize(
    "given",
    [None, "", TOKEN, "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \udce9"],
)
def test_any__without_the_token__is_unauthorized_and_not_kept(
    service: InstructionService, inventory: PaperInventory, given: str | None
) -> None:
    headers = {"idempotency-key": "order-7"}
    if given is not None:
        headers["authorization"] = given
    for method, path in (("POST", PLACE), ("GET", f"{PLACE}/order-7"), ("GET", "/")):
        status, told = ask(service, method, path, headers=headers)
        assert status == HTTPStatus.UNAUTHORIZED
        assert "Authorization: Bearer TOKEN" in told["error"]
        assert TOKEN not in json.dumps(told)
    assert inventory.transfers.instructions() == ()


@pytest.mark.parametrize(
    ("key", "problem"),
    [(None, "send the header Idempotency-Key"), ("", "1 to 128"), ("k" * 129, "1 to 128")],
)
def test_post__without_a_usable_key__is_a_bad_request(
    service: InstructionService, key: str | None, problem: str
) -> None:
    headers = {name: value for name, value in KNOWN.items() if name != "idempotency-key"}
    headers |= {} if key is None else {"idempotency-key": key}
    status, told = ask(service, headers=headers)
    assert status == HTTPStatus.BAD_REQUEST
    assert problem in told["error"]


def test_get__of_a_key__is_its_progress(
    service: InstructionService, inventory: PaperInventory
) -> None:
    headers = {**KNOWN, "idempotency-key": "a/b c"}
    ask(service, headers=headers)
    inventory.instruct()
    status, told = ask(service, "GET", f"{PLACE}/a%2Fb%20c", b"")
    assert status == HTTPStatus.OK
    assert told["key"] == "a/b c"
    assert told["progress"]["movements"] == 1
    assert told["progress"]["assets"]["USDC"]["to_arrive"] == "30"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{PLACE}/order-8", HTTPStatus.NOT_FOUND),
        ("GET", f"{PLACE}/", HTTPStatus.NOT_FOUND),
        ("GET", "/v1", HTTPStatus.NOT_FOUND),
        ("POST", "/", HTTPStatus.NOT_FOUND),
        ("GET", PLACE, HTTPStatus.METHOD_NOT_ALLOWED),
        ("POST", f"{PLACE}/order-7", HTTPStatus.METHOD_NOT_ALLOWED),
    ],
)
def test_any__elsewhere__says_where(
    service: InstructionService, method: str, path: str, status: HTTPStatus
) -> None:
    found, told = ask(service, method, path)
    assert found == status
    assert PLACE in told["error"]


class Broken:
    """Instruction intake whose database is unavailable."""

    def submit(self, text: str, key: str | None, submitted_by: str) -> Submission:
        raise StoreUnavailableError("disk I/O error")

    def document(self, key: str) -> dict[str, Json]:
        raise StoreUnavailableError("disk I/O error")


def test_any__while_the_database_is_away__says_to_send_the_same_later() -> None:
    service = InstructionService(Broken(), SecretStr(TOKEN))
    for method, path in (("POST", PLACE), ("GET", f"{PLACE}/order-7")):
        status, told = ask(service, method, path)
        assert status == HTTPStatus.SERVICE_UNAVAILABLE
        assert "send the same request again later" in told["error"]
