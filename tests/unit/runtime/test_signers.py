"""Tests of the signer that settings name; libraries that it does not need are not loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from eth_account import Account

from keepers.config import Settings, load_settings
from keepers.model.chain import Signed
from keepers.model.errors.signing import KeyUnusableError, SignerMissingError
from keepers.runtime.process.signers import make_signing, make_validator, open_signer
from keepers.signing.remote import RemoteSealingSigner
from keepers.signing.validator import RemoteValidator
from tests.unit.config.conftest import changed
from tests.unit.signing.strategies import ADDRESS, KEY, TRANSACTION

PLAIN = 'kind = "private_key_env"\nvariable = "KEEPER_KEY"'
OPTIONAL = ("boto3", "pkcs11", "cryptography")


def settings_of(folder: Path, signer: str) -> Settings:
    file = folder / "ballast.toml"
    file.write_text(changed(PLAIN, signer))
    return load_settings(file)


def test_make_signing__key_in_the_environment__signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEEPER_KEY", KEY)
    signer = make_signing(settings_of(tmp_path, PLAIN), "keeper")
    signed = signer.sign(TRANSACTION)
    assert isinstance(signed, Signed)
    assert signed.sender == ADDRESS


@pytest.mark.parametrize("kind", ["keystore", "ape"])
def test_make_signing__encrypted_file__signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("APE_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("BALLAST_SIGNER_KEEPER_PASSWORD", "secret")
    (tmp_path / "accounts").mkdir()
    content = Account.encrypt(bytes.fromhex(KEY[2:]), "secret", kdf="scrypt", iterations=4)
    (tmp_path / "accounts" / "hot.json").write_text(json.dumps(content))
    where = {"keystore": 'path = "accounts/hot.json"', "ape": 'alias = "hot"'}[kind]
    signer = make_signing(settings_of(tmp_path, f'kind = "{kind}"\n{where}'), "keeper")
    assert signer.address == ADDRESS


def test_make_signing__remote__has_the_configured_address(tmp_path: Path) -> None:
    text = f'kind = "json_rpc"\nurl = "https://signer.example"\naddress = "{ADDRESS}"'
    assert make_signing(settings_of(tmp_path, text), "keeper").address == ADDRESS


def test_make_signing__remote_with_missing_certificate__says_so_at_once(tmp_path: Path) -> None:
    text = f'kind = "json_rpc"\nurl = "https://signer.example"\naddress = "{ADDRESS}"\n'
    settings = settings_of(tmp_path, text + 'certificate_file = "none.pem"')
    with pytest.raises(KeyUnusableError, match=r"none\.pem"):
        make_signing(settings, "keeper")


@pytest.mark.parametrize(
    ("text", "package", "extra"),
    [
        ('kind = "aws_kms"\nkey_id = "alias/keeper"', "boto3", "kms"),
        ('kind = "pkcs11"\nlibrary = "m.so"\ntoken = "t"\nlabel = "l"', "python-pkcs11", "pkcs11"),
    ],
)
def test_make_signing__library_not_installed__says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, package: str, extra: str
) -> None:
    monkeypatch.setenv("BALLAST_SIGNER_KEEPER_PASSWORD", "1234")
    monkeypatch.setitem(sys.modules, {"kms": "boto3", "pkcs11": "pkcs11"}[extra], None)
    monkeypatch.delitem(sys.modules, f"keepers.signing.{extra}", raising=False)
    with pytest.raises(SignerMissingError, match=rf"{package}.*ballast\[{extra}\]"):
        make_signing(settings_of(tmp_path, text), "keeper")


def test_make_signing__module_that_is_not_there__is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BALLAST_SIGNER_KEEPER_PASSWORD", "1234")
    text = 'kind = "pkcs11"\nlibrary = "none.so"\ntoken = "t"\nlabel = "l"'
    with pytest.raises(KeyUnusableError, match="PKCS#11 token t, key l") as raised:
        make_signing(settings_of(tmp_path, text), "keeper")
    assert "1234" not in str(raised.value)


def test_import__of_what_the_commands_use__loads_no_optional_library() -> None:
    loaded = f"sys.exit(bool({set(OPTIONAL)} & set(sys.modules)))"
    code = f"import keepers.runtime.vault.runs, sys; {loaded}"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_make_signing__that_seals__is_for_those_who_can_have_it_opened(tmp_path: Path) -> None:
    text = (
        f'kind = "json_rpc"\nurl = "https://signer.example"\naddress = "{ADDRESS}"\nsealed = true'
    )
    file = tmp_path / "ballast.toml"
    vault = changed('signer = "keeper"', 'signer = "keeper"\nvalidator = "main"')
    validator = '\n[validators.main]\nurl = "https://validator.example"\n'
    file.write_text(changed(PLAIN, text, vault) + validator)
    settings = load_settings(file)
    with pytest.raises(KeyUnusableError, match="it encrypts payloads"):
        open_signer("keeper", settings.signers["keeper"])
    assert isinstance(make_signing(settings, "keeper"), RemoteSealingSigner)
    assert isinstance(make_validator(settings, "main"), RemoteValidator)
