"""Tests of external signers: their configuration, and the parts of it that may be shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from keepers.config import JsonRpcSigner, Pkcs11Signer, SecretUnavailableError, signer_secret
from keepers.config.show import effective
from tests.unit.config.conftest import Load, Problems, changed

PLAIN = 'kind = "private_key_env"\nvariable = "KEEPER_KEY"'
ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
REMOTE = f'kind = "json_rpc"\nurl = "https://signer.example/token-1234567"\naddress = "{ADDRESS}"'
PKCS11 = 'kind = "pkcs11"\nlibrary = "lib/module.so"\ntoken = "t"\nlabel = "l"'


def test_json_rpc__paths__begin_at_the_files_folder(loaded: Load, tmp_path: Path) -> None:
    files = '\nauthority_file = "ca.pem"\nkey_file = "/keys/k.pem"'
    signer = loaded(changed(PLAIN, REMOTE + files)).settings.signers["keeper"]
    assert isinstance(signer, JsonRpcSigner)
    assert signer.authority_file == tmp_path / "ca.pem"
    assert signer.key_file == Path("/keys/k.pem")


def test_json_rpc__shown__without_the_token_in_its_address(loaded: Load) -> None:
    settings = loaded(changed(PLAIN, REMOTE))
    shown = {each.key: each.value for each in effective(settings)}
    assert shown["signers.keeper.url"] == "https://signer.example/***"
    assert "token-1234567" not in repr(settings.settings)


def test_json_rpc__wrong_checksum__is_a_problem(problems: Problems) -> None:
    (found,) = problems(changed(PLAIN, REMOTE.replace("C8", "c8")))
    assert found.key == "signers.keeper.address"


@pytest.mark.parametrize("text", [REMOTE, PKCS11])
def test_signer__password_variable__is_its_secret(loaded: Load, text: str) -> None:
    signer = loaded(changed(PLAIN, text)).settings.signers["keeper"]
    secret = signer_secret("keeper", signer, {"BALLAST_SIGNER_KEEPER_PASSWORD": "1234"})
    assert secret.get_secret_value() == "1234"


def test_json_rpc__no_password__is_an_empty_one(loaded: Load) -> None:
    signer = loaded(changed(PLAIN, REMOTE)).settings.signers["keeper"]
    assert signer_secret("keeper", signer, {}).get_secret_value() == ""


def test_pkcs11__no_pin__says_what_to_set(loaded: Load) -> None:
    signer = loaded(changed(PLAIN, PKCS11)).settings.signers["keeper"]
    assert isinstance(signer, Pkcs11Signer)
    with pytest.raises(SecretUnavailableError, match="BALLAST_SIGNER_KEEPER_PASSWORD"):
        signer_secret("keeper", signer, {})
