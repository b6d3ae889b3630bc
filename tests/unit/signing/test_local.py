"""Tests of local keys: they sign only for their own account, and no error shows a key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.errors.signing import KeyUnusableError, WrongSignerError
from keepers.signing.local import LocalSigner

# The second account of the well-known test mnemonic.
KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
TRANSACTION = Unsigned(
    chain_id=5,
    nonce=3,
    call=ContractCall("0x00000000000000000000000000000000DeaDBeef", "0xabcd"),
    gas_limit=100_000,
    fees=Fees(30, 2),
)


def test_sign__key__recovers_to_its_account() -> None:
    signed = LocalSigner.from_private_key(KEY, "KEEPER_KEY").sign(TRANSACTION)
    assert signed.sender == ADDRESS
    assert Account.recover_transaction(signed.raw) == ADDRESS
    assert signed.raw.startswith("0x02")
    assert len(signed.transaction_hash) == 66


def test_sign__same_transaction_twice__gives_the_same_bytes() -> None:
    signer = LocalSigner.from_private_key(KEY, "KEEPER_KEY")
    assert signer.sign(TRANSACTION) == signer.sign(TRANSACTION)


def test_sign__signature_of_another__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Account.create().address

    def recovered(_: bytes, **__: int) -> str:
        return other

    monkeypatch.setattr("keepers.signing.curve.recover", recovered)
    with pytest.raises(WrongSignerError) as raised:
        LocalSigner.from_private_key(KEY, "KEEPER_KEY").sign(TRANSACTION)
    assert (raised.value.expected, raised.value.actual) == (ADDRESS, other)


@pytest.mark.parametrize("key", ["", "0x12", "not a key", KEY + "00"])
def test_from_private_key__no_key__is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(KeyUnusableError) as raised:
        LocalSigner.from_private_key(key, "KEEPER_KEY")
    assert "KEEPER_KEY" in str(raised.value)
    assert not key or key not in str(raised.value)


@pytest.fixture(scope="module")
def keystore(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # One iteration: the strength of the key derivation is not tested.
    content: dict[str, Any] = Account.encrypt(
        bytes.fromhex(KEY[2:]), "open sesame", kdf="pbkdf2", iterations=1
    )
    path = tmp_path_factory.mktemp("keys") / "keeper.json"
    path.write_text(json.dumps(content))
    return path


def test_from_keystore__right_password__has_its_account(keystore: Path) -> None:
    assert LocalSigner.from_keystore(keystore, "open sesame").address == ADDRESS


def test_from_keystore__wrong_password__is_refused(keystore: Path) -> None:
    with pytest.raises(KeyUnusableError, match="wrong password"):
        LocalSigner.from_keystore(keystore, "please")


@pytest.mark.parametrize("content", ["{}", "[]", "no json"])
def test_from_keystore__other_file__is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(KeyUnusableError, match="not a keystore"):
        LocalSigner.from_keystore(path, "open sesame")


def test_from_keystore__no_file__says_which(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusableError, match="No such file"):
        LocalSigner.from_keystore(tmp_path / "none.json", "open sesame")


KDF = {"c": 10**30, "dklen": 32, "prf": "hmac-sha256", "salt": "00"}
ENDLESS = {
    "version": 3,
    "crypto": {"kdf": "pbkdf2", "mac": "00", "ciphertext": "00", "kdfparams": KDF},
}


@pytest.mark.parametrize(
    "content",
    [
        *(
            "[]",
            "null",
            "5",
            "{}",
            "[" * 100_000,
            '{"version": "x"}',
            '{"version": 3, "crypto": []}',
        ),
        json.dumps(ENDLESS),
    ],
)
def test_from_keystore__looks_like_one__is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "k.json").write_text(content)
    with pytest.raises(KeyUnusableError, match="not a keystore file"):
        LocalSigner.from_keystore(tmp_path / "k.json", "password")
