"""A key in KMS, used through boto3 over HTTP."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from eth_account import Account

from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.errors.signing import (
    KeyUnusableError,
    SignerRefusedError,
    SignerUnreachableError,
    WrongSignerError,
)
from keepers.signing.kms import KmsKey
from keepers.signing.signer import DigestSigner
from tests.integration.support.bare import CHAIN_ID, BareChain
from tests.integration.support.kms_server import Kms
from tests.integration.support.server import serving

# The second account of the well-known test mnemonic.
KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
ALIAS = "alias/keeper"
ASKED = Unsigned(
    chain_id=CHAIN_ID,
    nonce=0,
    call=ContractCall("0x00000000000000000000000000000000DeaDBeef", "0x"),
    gas_limit=50_000,
    fees=Fees(100 * 10**9, 10**9),
)


@pytest.fixture
def kms() -> Kms:
    made = Kms()
    made.keys[ALIAS] = ec.derive_private_key(int(KEY, 16), ec.SECP256K1())
    return made


@pytest.fixture
def url(kms: Kms, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """URL of a KMS; the credentials come from the environment, as boto3 reads them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    with serving(kms.answer) as address:
        yield address


def key_at(url: str, key_id: str = ALIAS, seconds: float = 5) -> KmsKey:
    return KmsKey.connect(key_id, region="eu-central-1", endpoint=url, seconds=seconds)


def test_sign__many_transactions__are_all_of_the_keys_account(url: str) -> None:
    signer = DigestSigner(key_at(url))
    expected = Account.from_key(KEY).address
    for nonce in range(20):  # KMS returns a high s in about half of the signatures
        signed = signer.sign(replace(ASKED, nonce=nonce))
        assert signed.sender == Account.recover_transaction(signed.raw) == expected


def test_sign__by_kms__is_mined(url: str, anvil: BareChain) -> None:
    signer = DigestSigner(key_at(url))
    signed = signer.sign(replace(ASKED, nonce=anvil.nonce(signer.address)))
    assert anvil.rpc("eth_sendRawTransaction", signed.raw) == signed.transaction_hash
    receipt = anvil.receipt(signed.transaction_hash)
    assert int(receipt["status"], 16) == 1


def test_sign__key_disabled__is_refused_without_the_services_text(url: str, kms: Kms) -> None:
    signer = DigestSigner(key_at(url))
    kms.disabled.add(ALIAS)
    with pytest.raises(SignerRefusedError, match="DisabledException") as raised:
        signer.sign(ASKED)
    assert "arn:" not in str(raised.value)


def test_sign__key_exchanged_behind_its_alias__is_found_out(url: str, kms: Kms) -> None:
    signer = DigestSigner(key_at(url))
    kms.keys[ALIAS] = ec.generate_private_key(ec.SECP256K1())
    with pytest.raises(WrongSignerError):
        signer.sign(ASKED)


def test_connect__no_such_key__is_refused(url: str) -> None:
    with pytest.raises(SignerRefusedError, match="NotFoundException"):
        key_at(url, "alias/none")


def test_connect__no_permission__is_refused(url: str, kms: Kms) -> None:
    kms.denied = True
    with pytest.raises(SignerRefusedError, match="AccessDeniedException"):
        key_at(url)


def test_connect__key_on_another_curve__cannot_be_used(url: str, kms: Kms) -> None:
    kms.keys[ALIAS] = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(KeyUnusableError, match="ECC_NIST_P256"):
        key_at(url)


def test_connect__no_credentials__says_so(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(SignerUnreachableError, match="NoCredentialsError"):
        key_at(url)


def test_connect__nobody_there__is_unreachable(url: str) -> None:
    del url  # the fixture is needed only for its credentials
    with pytest.raises(SignerUnreachableError, match="EndpointConnectionError"):
        key_at("http://127.0.0.1:1", seconds=1)
