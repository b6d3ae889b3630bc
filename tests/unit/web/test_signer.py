"""Signer service: it signs what its policy allows, and explains refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from keepers.audit.auditor import PolicyAuditor
from keepers.model.chain import ContractCall, Signed, Unsigned
from keepers.model.errors.signing import (
    AuditUnavailableError,
    BadSignatureError,
    RequestError,
    SignerUnreachableError,
    SigningError,
)
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.local import LocalSigner
from keepers.signing.payload import from_fields, to_fields
from keepers.signing.sealed import DecryptingValidator, SealingSigner
from keepers.web.signer import SignerService
from tests.unit.audit.cases import POLICY, SENDER, TARGET, TRANSACTION
from tests.unit.signing.strategies import KEY, transactions

LOCAL = LocalSigner.from_private_key(KEY, "KEY")
VALIDATOR = DecryptingValidator(b"\x07" * 32)
OPEN = SignerService(LOCAL, PolicyAuditor(POLICY), seals=False)
SEALING = SignerService(
    SealingSigner(LOCAL, VALIDATOR.public_key), PolicyAuditor(POLICY), seals=True
)


def ask(service: SignerService, method: str, *parameters: Any, **more: Any) -> dict[str, Any]:
    request = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(parameters)} | more
    answer = service.answer("/", json.dumps(request).encode(), "keeper")
    assert answer.status == 200
    return json.loads(answer.body)


def sign(transaction: Unsigned = TRANSACTION, **changed: Any) -> dict[str, Any]:
    return ask(OPEN, "eth_signTransaction", to_fields(transaction, SENDER) | changed)


def test_sign__allowed__gives_what_the_key_gives() -> None:
    assert sign() == {"jsonrpc": "2.0", "id": 7, "result": LOCAL.sign(TRANSACTION).raw}


def test_accounts_and_status__are_answered() -> None:
    assert ask(OPEN, "eth_accounts")["result"] == [SENDER]
    assert ask(SEALING, "health_status")["result"] == "ok"


def test_sign_sealed__allowed__is_what_the_validator_opens() -> None:
    result = ask(SEALING, "ballast_signSealed", to_fields(TRANSACTION, SENDER))["result"]
    sealed = EncryptedPayload(bytes.fromhex(result["digest"][2:]), bytes.fromhex(result["box"][2:]))
    assert VALIDATOR.open(sealed, TRANSACTION, SENDER) == LOCAL.sign(TRANSACTION)


@pytest.mark.parametrize(
    ("service", "method"),
    [
        (SEALING, "eth_signTransaction"),
        (OPEN, "ballast_signSealed"),
        (OPEN, "eth_sign"),
        (OPEN, "eth_sendTransaction"),
        (SEALING, "personal_sign"),
    ],
)
def test_sign__another_method__is_refused(service: SignerService, method: str) -> None:
    assert ask(service, method, to_fields(TRANSACTION, SENDER))["error"]["code"] == -32601


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"chain_id": 6}, "chain id"),
        ({"call": ContractCall(SENDER, "0x01")}, "target"),
        ({"gas_limit": 100_001}, "gas limit"),
    ],
)
def test_fault_55_sign__policy_refuses__names_its_rule(changed: dict[str, Any], field: str) -> None:
    error = sign(replace(TRANSACTION, **changed))["error"]
    assert error["code"] == -32000
    assert error["data"] == {"rule": "policy test", "field": field}
    assert "policy refuses" in error["message"]


def test_fault_55_sign__for_another_account__is_refused() -> None:
    error = ask(OPEN, "eth_signTransaction", to_fields(TRANSACTION, TARGET))["error"]
    assert error["data"] == {"rule": "key", "field": "sender"}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b"5", b"\xff", b"[" * 100_000, b"{}", b'{"jsonrpc": "2.0"}'),
        *(b'{"jsonrpc": "1.0", "method": "eth_accounts"}', b'{"jsonrpc": "2.0", "method": 5}'),
        b'[{"jsonrpc": "2.0", "method": "eth_accounts"}]',
    ],
)
def test_answer__no_request__is_an_error_of_json_rpc(body: bytes) -> None:
    answer = json.loads(OPEN.answer("/", body, "keeper").body)
    assert answer["error"]["code"] in {-32700, -32600}
    assert answer["id"] is None


@pytest.mark.parametrize(
    "changed",
    [
        *({"type": "0x1"}, {"chainId": 5}, {"chainId": "0x05"}, {"nonce": "3"}, {"nonce": None}),
        *({"to": None}, {"to": "0x12"}, {"to": TARGET.replace("D", "d", 1)}, {"gas": "0X5"}),
        *({"data": "0xabc"}, {"data": "0x00"}, {"value": "-0x1"}, {"value": "0x" + "f" * 65}),
        *({"accessList": {}}, {"accessList": [5]}, {"accessList": [{"address": TARGET}]}),
        *({"accessList": [{"address": TARGET, "storageKeys": ["0x0"]}]}, {"gasPrice": "0x1"}),
        *({"blobVersionedHashes": []}, {"from": "keeper"}),
    ],
)
def test_sign__fields_that_are_none__are_not_guessed(changed: dict[str, Any]) -> None:
    assert sign(**changed)["error"]["code"] == -32602


@pytest.mark.parametrize("parameters", [[], [5], [{}, {}], ["0x02"]])
def test_sign__no_transaction__is_refused(parameters: list[Any]) -> None:
    assert ask(OPEN, "eth_signTransaction", *parameters)["error"]["code"] == -32602
    assert ask(OPEN, "eth_signTransaction", params={"a": 1})["error"]["code"] == -32602


class Failing:
    """Signer or auditor that fails."""

    address = SENDER

    def __init__(self, error: Exception) -> None:
        self.error = error

    def sign(self, transaction: Unsigned) -> Signed:
        del transaction
        raise self.error

    def audit(self, transaction: Unsigned, sender: str) -> None:
        del transaction, sender
        raise self.error


def test_fault_51_sign__key_does_not_answer__is_unreachable_and_no_refusal() -> None:
    request = json.dumps(
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "eth_signTransaction",
            "params": [to_fields(TRANSACTION, SENDER)],
        }
    ).encode()
    unreachable = Failing(SignerUnreachableError("module", "gone"))
    service = SignerService(unreachable, PolicyAuditor(POLICY), seals=False)
    answer = service.answer("/", request, "keeper")
    assert (answer.status, answer.body) == (503, b"")  # clients treat it as no response
    service = SignerService(LOCAL, Failing(AuditUnavailableError("desk", "gone")), seals=False)
    assert service.answer("/", request, "keeper").status == 503


@pytest.mark.parametrize("error", [BadSignatureError("0xsecret"), SigningError("0xsecret")])
def test_sign__key_signs_nonsense__says_only_which_error(error: SigningError) -> None:
    service = SignerService(Failing(error), PolicyAuditor(POLICY), seals=False)
    said = ask(service, "eth_signTransaction", to_fields(TRANSACTION, SENDER))["error"]
    assert said["message"] == f"not signed: {type(error).__name__}"


def test_log__of_each_decision__has_digest_sender_and_nonce_and_no_bytes() -> None:
    structlog.reset_defaults()
    with capture_logs() as logs:
        service = SignerService(LOCAL, PolicyAuditor(POLICY), seals=False)
        ask(service, "eth_signTransaction", to_fields(TRANSACTION, SENDER))
        wrong = replace(TRANSACTION, chain_id=6)
        ask(service, "eth_signTransaction", to_fields(wrong, SENDER))
    assert [each["event"] for each in logs] == ["signed", "refused"]
    for each in logs:
        assert (each["client"], each["sender"], each["nonce"]) == ("keeper", SENDER, 3)
        assert len(each["digest"]) == 66
    assert logs[1]["field"] == "chain id"
    text = str(logs)
    assert LOCAL.sign(TRANSACTION).raw[-64:] not in text
    assert KEY[2:] not in text
    assert TRANSACTION.call.calldata not in text


@given(transactions())
def test_fields__of_any_transaction__are_read_as_they_were_written(transaction: Unsigned) -> None:
    read, sender = from_fields(json.loads(json.dumps(to_fields(transaction, SENDER))))
    assert sender == SENDER
    assert to_fields(read, SENDER) == to_fields(transaction, SENDER) | {"to": read.call.target}
    assert LOCAL.sign(read) == LOCAL.sign(transaction)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_fields__any_json__is_a_typed_error(value: object) -> None:
    fields = to_fields(TRANSACTION, SENDER)
    for name in fields:
        if name == "accessList" and value == []:
            continue
        with pytest.raises(RequestError):
            from_fields(fields | {name: value})
    with pytest.raises(RequestError):
        from_fields(value)
