"""Tests with real PKCS#11: the key never leaves its module."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account

from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.errors.signing import KeyUnusableError, SignerUnreachableError
from keepers.signing.curve import HALF, ORDER
from keepers.signing.pkcs11 import Pkcs11Key
from keepers.signing.signer import DigestSigner
from tests.integration.support.bare import CHAIN_ID, BareChain
from tests.integration.support.softhsm import Module, make_token

GWEI = 10**9
ASKED = Unsigned(
    chain_id=CHAIN_ID,
    nonce=0,
    call=ContractCall("0x00000000000000000000000000000000DeaDBeef", "0x"),
    gas_limit=50_000,
    fees=Fees(100 * GWEI, GWEI),
)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Module:
    made = make_token(tmp_path_factory.mktemp("softhsm"))
    made.generate("keeper")
    return made


def key_in(module: Module, *, label: str = "keeper", token: str = "", pin: str = "") -> Pkcs11Key:
    return Pkcs11Key(
        module.library, token=token or module.token, label=label, pin=pin or module.pin
    )


def test_sign__many_transactions__are_all_of_the_keys_account(module: Module) -> None:
    signer = DigestSigner(key_in(module))
    for nonce in range(20):  # about half of the signatures have a high s
        signed = signer.sign(replace(ASKED, nonce=nonce))
        assert signed.sender == Account.recover_transaction(signed.raw) == signer.address


def test_sign__by_the_module__is_mined(module: Module, anvil: BareChain) -> None:
    signer = DigestSigner(key_in(module))
    anvil.rpc("anvil_setBalance", signer.address, hex(10**18))
    signed = signer.sign(replace(ASKED, nonce=anvil.nonce(signer.address)))
    assert anvil.rpc("eth_sendRawTransaction", signed.raw) == signed.transaction_hash
    receipt = anvil.receipt(signed.transaction_hash)
    assert int(receipt["status"], 16) == 1


def test_key__same_label__is_the_same_account(module: Module) -> None:
    assert key_in(module).address == key_in(module).address


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"pin": "999999"}, "PinIncorrect"),
        ({"token": "another"}, "NoSuchToken"),
        ({"label": "another"}, "0 PUBLIC_KEY"),
    ],
)
def test_key__that_is_not_there__is_named(
    module: Module, wrong: dict[str, str], problem: str
) -> None:
    with pytest.raises(KeyUnusableError, match=problem) as raised:
        key_in(module, **wrong)
    assert module.pin not in str(raised.value)
    assert wrong.get("pin", "none") not in str(raised.value)


def test_key__on_another_curve__cannot_be_used(module: Module) -> None:
    module.generate("p256", "secp256r1")
    with pytest.raises(KeyUnusableError, match="not on secp256k1"):
        key_in(module, label="p256")


def test_key__two_of_one_label__cannot_be_used(module: Module) -> None:
    module.generate("twice")
    module.generate("twice")
    with pytest.raises(KeyUnusableError, match="2 PUBLIC_KEY objects"):
        key_in(module, label="twice")


def test_key__no_such_library__is_named() -> None:
    with pytest.raises(KeyUnusableError):
        Pkcs11Key(Path("/nonexistent.so"), token="t", label="l", pin="1")


def test_sign__pin_changed_meanwhile__is_not_tried_again(module: Module) -> None:
    key = key_in(module)
    key._pin = "999999"  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(KeyUnusableError, match="PinIncorrect"):
        key.sign_digest(bytes(32))


def test_sign__token_taken_away__is_unreachable(module: Module) -> None:
    key = key_in(module)
    key._token = "another"  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(SignerUnreachableError, match="NoSuchToken"):
        key.sign_digest(bytes(32))


@pytest.mark.parametrize("high", [False, True])
def test_fault_53_sign__s_high_or_low__becomes_low(
    module: Module, monkeypatch: pytest.MonkeyPatch, high: bool
) -> None:
    key = key_in(module)
    plain = key.sign_digest

    def sign(digest: bytes) -> tuple[int, int]:
        r, s = plain(digest)
        return r, s if (s > HALF) == high else ORDER - s

    monkeypatch.setattr(key, "sign_digest", sign)
    assert DigestSigner(key).sign(ASKED).sender == key.address
