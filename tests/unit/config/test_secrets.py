from pathlib import Path

import pytest

from keepers.config import (
    KeystoreSigner,
    PrivateKeyEnvSigner,
    SecretUnavailableError,
    signer_secret,
)
from keepers.config.passwords import treasury_secret
from keepers.config.show import as_text, effective
from tests.unit.config.conftest import MINIMAL, Load, Problems, changed, only

SECRET = "hunter2-hunter2"


def test_signer_secret__key_in_the_environment__is_masked_when_printed() -> None:
    signer = PrivateKeyEnvSigner(kind="private_key_env", variable="K")
    found = signer_secret("keeper", signer, {"K": SECRET})
    assert found.get_secret_value() == SECRET
    assert SECRET not in repr(found) + str(found)


def test_signer_secret__no_key__names_the_variable() -> None:
    signer = PrivateKeyEnvSigner(kind="private_key_env", variable="K")
    with pytest.raises(SecretUnavailableError, match=r"signers\.keeper: set K to its private key"):
        signer_secret("keeper", signer, {})


def test_signer_secret__password_variable__comes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from the file\n")
    signer = KeystoreSigner(kind="keystore", path=Path("k.json"), password_file=file)
    variable = {"BALLAST_SIGNER_MY_KEEPER_PASSWORD": SECRET}
    assert signer_secret("my-keeper", signer, variable).get_secret_value() == SECRET
    assert signer_secret("my-keeper", signer, {}).get_secret_value() == "from the file"


def test_signer_secret__nowhere__says_what_to_set(tmp_path: Path) -> None:
    signer = KeystoreSigner(kind="keystore", path=Path("k.json"))
    with pytest.raises(SecretUnavailableError, match="set BALLAST_SIGNER_K_PASSWORD"):
        signer_secret("k", signer, {})
    missing = signer.model_copy(update={"password_file": tmp_path / "none"})
    with pytest.raises(SecretUnavailableError, match=r"cannot read .*none"):
        signer_secret("k", missing, {})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
        (f"https://node.example/v3/{SECRET}", "https://node.example/***"),
        (f"https://node.example/?key={SECRET}", "https://node.example/***"),
        (f"https://user:{SECRET}@node.example", "https://***@node.example"),
    ],
)
def test_show__node_with_a_key__is_masked(loaded: Load, url: str, shown: str) -> None:
    text = changed("http://127.0.0.1:8545", url)
    rows = {each.key: each for each in effective(loaded(text))}
    assert as_text(rows["chains.ethereum-local.rpc_urls"].value) == shown
    assert SECRET not in repr(loaded(text).settings)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"me:{SECRET}@db/ballast", "me:***@db/ballast"),
        (f"me:a@{SECRET}@db:5432/ballast", "me:***@db:5432/ballast"),
        (f"db/ballast?user=me&password={SECRET}", "db/ballast?***"),
        ("me@db/ballast", "me@db/ballast"),
        ("/ballast", "/ballast"),
    ],
)
def test_show__database_on_a_server__is_masked(loaded: Load, url: str, shown: str) -> None:
    found = loaded(f'database = "postgresql+psycopg://{url}"\n{MINIMAL}')
    rows = {each.key: each for each in effective(found)}
    assert as_text(rows["database"].value) == f"postgresql+psycopg://{shown}"
    assert SECRET not in repr(found.settings)


def test_show__database_in_a_file__is_shown(loaded: Load, tmp_path: Path) -> None:
    rows = {each.key: each for each in effective(loaded())}
    assert as_text(rows["database"].value) == f"sqlite:///{tmp_path}/ballast.sqlite"


def test_database__of_another_driver__is_refused_without_its_password(problems: Problems) -> None:
    found = only(problems(f'database = "postgresql://me:{SECRET}@db/ballast"\n{MINIMAL}'))
    assert found.key == "database"
    assert SECRET not in str(found)


@pytest.mark.parametrize("variable", ["0x" + "ab" * 32, "ab" * 32, "MY KEY", "KEY=1", "9KEY"])
def test_variable__not_a_name__is_refused_and_not_repeated(
    problems: Problems, variable: str
) -> None:
    found = only(problems(changed("KEEPER_KEY", variable)))
    assert found.key == "signers.keeper.variable"
    assert "must be the name of an environment variable" in found.problem
    assert variable not in str(found)


def test_show__each_value__has_its_origin(loaded: Load) -> None:
    found = loaded(DEVIATION_THRESHOLD="250", BALLAST_ARMED="true")
    rows = {each.key: (as_text(each.value), each.origin) for each in effective(found)}
    assert rows["chains.ethereum-local.chain_id"] == ("1000001", f"{found.file}:2")
    assert rows["armed"] == ("true", "BALLAST_ARMED")
    assert rows["vaults.main.tiers.DEVIATION_THRESHOLD"] == ("250", "DEVIATION_THRESHOLD")
    assert rows["vaults.main.tiers.L2_TARGET_RATIO"] == ("3000", "default")
    assert rows["vaults.main.plan_expiry_seconds"] == ("1800", "default")


@pytest.mark.parametrize("key", ["send_only_urls", "private_relay_urls"])
def test_show__nodes_to_send_to__are_masked(loaded: Load, key: str) -> None:
    added = f'chain_id = 1000001\n{key} = ["https://node.example/v3/{SECRET}"]'
    found = loaded(changed("chain_id = 1000001", added))
    rows = {each.key: each for each in effective(found)}
    assert as_text(rows[f"chains.ethereum-local.{key}"].value) == "https://node.example/***"
    assert SECRET not in repr(found.settings)
    assert as_text(rows["chains.ethereum-local.quorum"].value) == "not set"


def test_treasury_secret__variable__comes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from the file\n")
    found = treasury_secret("http", "T", file, {"T": SECRET})
    assert found.get_secret_value() == SECRET
    assert treasury_secret("http", "T", file, {}).get_secret_value() == "from the file"


@pytest.mark.parametrize("environment", [{}, {"T": ""}])
def test_treasury_secret__nowhere__says_what_to_set(environment: dict[str, str]) -> None:
    with pytest.raises(SecretUnavailableError, match=r"treasury\.bridges\.EXCHANGE: set T"):
        treasury_secret("bridges.EXCHANGE", "T", None, environment)


def test_treasury_secret__file_that_is_not_there__says_which(tmp_path: Path) -> None:
    with pytest.raises(SecretUnavailableError, match=r"treasury\.http: cannot read .*no-file"):
        treasury_secret("http", "T", tmp_path / "no-file", {})
