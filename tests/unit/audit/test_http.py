"""Tests of the audit over HTTP: only an explicit approval allows a transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.audit.http import HttpAuditor
from keepers.model.errors.signing import (
    AuditRefusedError,
    AuditUnavailableError,
    BadSignatureError,
    KeyUnusableError,
    SignerRefusedError,
    SignerUnreachableError,
    SigningError,
)
from keepers.signing.https import Endpoint
from tests.unit.audit.cases import POLICY, SENDER, TRANSACTION

pytestmark = pytest.mark.long

URL = "https://audit.example/token-1234567"


@dataclass
class Answering:
    """Endpoint that returns or raises a fixed answer, without a network."""

    answer: bytes | SigningError
    url: str = URL
    shown_url: str = "https://audit.example/***"
    asked: list[Any] = field(default_factory=list[Any])

    def post(self, body: bytes) -> bytes:
        self.asked.append(json.loads(body))
        if isinstance(self.answer, SigningError):
            raise self.answer
        return self.answer


def audit(answer: bytes | SigningError) -> Any:
    endpoint = Answering(answer)
    HttpAuditor("desk", cast("Endpoint", endpoint), POLICY).audit(TRANSACTION, SENDER)
    return endpoint.asked[0]


def test_audit__yes__is_asked_with_all_that_there_is() -> None:
    asked = audit(b'{"allowed": true}')
    assert (asked["chain_id"], asked["sender"]) == (5, SENDER)
    assert asked["transaction"]["data"] == TRANSACTION.call.calldata
    assert asked["decoded"]["function"].startswith("move(")


def test_fault_55_audit__no__gives_its_reason_without_our_token() -> None:
    with pytest.raises(AuditRefusedError, match="desk") as raised:
        audit(json.dumps({"allowed": False, "reason": f"{URL} says no"}).encode())
    assert "says no" in raised.value.problem
    assert "token-1234567" not in str(raised.value)
    with pytest.raises(AuditRefusedError, match="no reason"):
        audit(b'{"allowed": false}')


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"<html>", b"[]", b"null", b"true", b"{}", b"[" * 100_000, b"\xff"),
        *(b'{"allowed": 1}', b'{"allowed": "true"}', b'{"allowed": null}'),
        b'{"allowed": true, "reason": 5}',
        SignerUnreachableError("x", "no answer in time"),
        SignerRefusedError("x", "HTTP 403"),
        BadSignatureError("it is too long for a transaction"),
        KeyUnusableError("x", "cannot be read"),
    ],
)
def test_audit__no_answer_or_an_odd_one__is_no_yes(answer: bytes | SigningError) -> None:
    with pytest.raises(AuditUnavailableError, match=r"desk at https://audit\.example/\*\*\*"):
        audit(answer)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_audit__any_json__is_no_yes(value: object) -> None:
    for answer in (value, {"allowed": value} if value is not True else None):
        with pytest.raises((AuditRefusedError, AuditUnavailableError)):
            audit(json.dumps(answer).encode())
