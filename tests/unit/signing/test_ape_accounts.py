"""Tests of the keystore files of ape's accounts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account

from keepers.model.errors.signing import KeyUnusableError
from keepers.signing.local import LocalSigner, ape_keystore
from tests.unit.signing.strategies import ADDRESS, KEY


def test_ape_keystore__alias__is_a_file_in_apes_folder(tmp_path: Path) -> None:
    assert ape_keystore("hot", {"APE_DATA_FOLDER": str(tmp_path)}) == (
        tmp_path / "accounts" / "hot.json"
    )
    assert ape_keystore("hot", {}) == Path.home() / ".ape" / "accounts" / "hot.json"


def test_ape_keystore__scrypt_file_as_ape_writes_it__signs(tmp_path: Path) -> None:
    file = ape_keystore("hot", {"APE_DATA_FOLDER": str(tmp_path)})
    file.parent.mkdir()
    # Ape writes the output of eth-account; few iterations keep the test fast.
    file.write_text(
        json.dumps(Account.encrypt(bytes.fromhex(KEY[2:]), "secret", kdf="scrypt", iterations=4))
    )
    assert LocalSigner.from_keystore(file, "secret").address == ADDRESS


@pytest.mark.parametrize("alias", ["", ".", "..", "../hot", "a/b", "/etc/passwd", ".hidden"])
def test_ape_keystore__alias_that_leaves_the_folder__is_refused(alias: str) -> None:
    with pytest.raises(KeyUnusableError):
        ape_keystore(alias, {})
