"""Tests of policies, auditors and validators in the settings, and of the files of services."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from keepers.config import ConfigError, SecretUnavailableError
from keepers.config.passwords import service_password
from keepers.config.services import (
    ListenSettings,
    SignerServiceSettings,
    ValidatorServiceSettings,
    load_service,
)
from keepers.config.show import as_text, effective
from keepers.model.errors.signing import KeyUnusableError
from keepers.runtime.services import generate_key, public_key_of, read_key
from tests.unit.config.conftest import MINIMAL, Load, Problems, changed, only

SENDER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"
DOCUMENT = PAGE.read_text(encoding="utf-8")
REMOTE = f"""kind = "json_rpc"
url = "https://signer.example"
address = "{SENDER}"
sealed = true
"""
PLAIN = 'kind = "private_key_env"\nvariable = "KEEPER_KEY"\n'
SERVICES = """
[validators.main]
url = "https://validator.example/token-1234567"
certificate_file = "keeper.pem"
[auditors.desk]
url = "https://audit.example/token-1234567"
authority_file = "/etc/authority.pem"
"""
RULES = f"""
chain_ids = [1]
senders = ["{SENDER}"]
maximum_gas_limit = 5
maximum_fee_per_gas_wei = "5"
maximum_total_cost_wei = 5
"""
SERVICE = f"""
[listen]
port = 9000
certificate_file = "server.pem"
key_file = "/etc/server.key"
authority_file = "authority.pem"
clients = ["keeper"]
[policy]{RULES}[signer]
kind = "keystore"
path = "keeper.json"
"""


def test_vault__signer_seals_and_nobody_opens__is_a_problem(problems: Problems) -> None:
    found = only(problems(changed(PLAIN, REMOTE)))
    assert (found.key, found.problem) == (
        "vaults.main",
        "its signer seals transactions, but no validator is set",
    )


def test_services__are_read_with_paths_of_the_files_folder(loaded: Load, tmp_path: Path) -> None:
    text = changed(
        'signer = "keeper"', 'signer = "keeper"\nvalidator = "main"\nauditors = ["desk"]'
    )
    settings = loaded(text + SERVICES).settings
    assert settings.validators["main"].certificate_file == tmp_path / "keeper.pem"
    assert settings.auditors["desk"].authority_file == Path("/etc/authority.pem")


def test_show__services_and_policies__without_tokens(loaded: Load) -> None:
    rule = f'[[policies.main.rules]]\nname = "n"\ntarget = "{SENDER}"\nfunction = "f()"\n'
    text = MINIMAL + SERVICES + f"[policies.main]{RULES}" + rule
    shown = {each.key: as_text(each.value) for each in effective(loaded(text))}
    assert shown["validators.main.url"] == "https://validator.example/***"
    assert shown["auditors.desk.url"] == "https://audit.example/***"
    assert shown["policies.main.chain_ids"] == "1"
    assert '"function": "f()"' in shown["policies.main.rules"]


def test_environment__sets_keys_of_services_and_policies(loaded: Load) -> None:
    text = MINIMAL + SERVICES + f"[policies.main]{RULES}"
    settings = loaded(
        text,
        BALLAST_POLICIES__MAIN__MAXIMUM_GAS_LIMIT="7",
        BALLAST_VALIDATORS__MAIN__URL="https://other.example",
    ).settings
    assert settings.policies["main"].maximum_gas_limit == 7
    assert settings.validators["main"].url == "https://other.example"


def test_service_password__variable_wins_over_file_and_none_is_empty(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from the file\n")
    variables = {"BALLAST_VALIDATOR_A_B_PASSWORD": "from the variable"}
    found = [
        service_password("validator", "a-b", file, variables),
        service_password("validator", "a-b", file, {}),
        service_password("validator", "a-b", None, {}),
    ]
    expected = ["from the variable", "from the file", ""]
    assert [each.get_secret_value() for each in found] == expected
    with pytest.raises(SecretUnavailableError):
        service_password("validator", "a-b", tmp_path / "none", {})


def written(folder: Path, text: str) -> Path:
    file = folder / "service.toml"
    file.write_text(text)
    return file


def test_load_service__signer__has_paths_of_its_folder(tmp_path: Path) -> None:
    found = load_service(written(tmp_path, SERVICE), SignerServiceSettings)
    assert found.listen.certificate_file == tmp_path / "server.pem"
    assert found.listen.key_file == Path("/etc/server.key")
    assert getattr(found.signer, "path", None) == tmp_path / "keeper.json"


def test_load_service__validator__has_its_key_in_its_folder(tmp_path: Path) -> None:
    text = 'private_key_file = "v.key"\n' + SERVICE[: SERVICE.index("[signer]")]
    found = load_service(written(tmp_path, text), ValidatorServiceSettings)
    assert found.private_key_file == tmp_path / "v.key"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('clients = ["keeper"]', "clients = []", "7: listen.clients: is empty"),
        ("port = 9000", "port = 70000", "3: listen.port: must be at most 65535"),
        ("port = 9000", "", "2: listen.port: is missing"),
        ('path = "keeper.json"', "", "14: signer.path: is missing"),
        ('kind = "keystore"', 'kind = "x"', "14: signer: kind is unknown"),
        ("[listen]", 'validator_public_key = "12"\n[listen]', "must be 32 bytes in hexadecimal"),
        ("chain_ids = [1]", "chain_ids = []", "policy.chain_ids: is empty"),
    ],
)
def test_load_service__that_cannot_be__says_where(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        load_service(written(tmp_path, changed(old, new, SERVICE)), SignerServiceSettings)


def test_documentation__has_every_key_of_services() -> None:
    models = (ListenSettings, SignerServiceSettings, ValidatorServiceSettings)
    keys = {key for model in models for key in model.model_fields}
    missing = [key for key in keys if f"`{key}`" not in DOCUMENT and f"`[{key}]`" not in DOCUMENT]
    assert missing == []


def test_validator_key__generated__is_read_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "v.key"
    public = generate_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert public_key_of(read_key(file)) == public
    with pytest.raises(KeyUnusableError, match="File exists"):
        generate_key(file)
    file.chmod(0o640)
    with pytest.raises(KeyUnusableError, match="other users can read it"):
        read_key(file)


@pytest.mark.parametrize("content", ["", "ab", "zz" * 32, "ab" * 33, "\xff"])
def test_validator_key__that_is_none__is_refused_without_showing_it(
    tmp_path: Path, content: str
) -> None:
    file = tmp_path / "v.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(KeyUnusableError) as raised:
        read_key(file)
    assert not content or content not in str(raised.value)
