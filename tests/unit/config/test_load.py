from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from keepers.config import ConfigError, PrivateKeyEnvSigner, Settings, load_settings
from keepers.config.model import ChainSettings, VaultSettings
from tests.unit.config.conftest import MINIMAL, Load, Problems, changed, only

USDT_DECIMALS = 6


def test_load__minimal__has_the_defaults(loaded: Load, tmp_path: Path) -> None:
    settings = loaded().settings
    chain, vault = settings.chains["ethereum-local"], settings.vaults["main"]
    assert settings.database == f"sqlite:///{tmp_path}/ballast.sqlite"
    assert settings.armed is False
    assert (chain.confirmations, chain.poll_interval_seconds) == (15, Decimal("0.5"))
    assert chain.deployments == tmp_path / "deployments" / "ethereum-local.json"
    assert (vault.warn_slippage_bps, vault.block_slippage_bps) == (200, 500)
    assert settings.signers["keeper"] == PrivateKeyEnvSigner(
        kind="private_key_env", variable="KEEPER_KEY"
    )


def test_tier_config__of_the_token__has_defaults_and_overrides(loaded: Load) -> None:
    text = changed("L1_TARGET_RATIO = 1000", 'L1_LOW_RATIO = "812.5"\nREBALANCE_MIN_AMOUNT = 0.5')
    config = loaded(text).settings.vaults["main"].tier_config(USDT_DECIMALS)
    assert config.l1_low_ratio == Fraction(1625, 2)
    assert config.rebalance_min_amount == 500_000
    assert config.rebalance_approval_threshold == 50_000 * 10**6


def test_environment__prefixed__overrides_the_file_by_type(loaded: Load) -> None:
    settings = loaded(
        BALLAST_ARMED="true",
        BALLAST_DATABASE="sqlite:////data/x.sqlite",
        BALLAST_CHAINS__ETHEREUM_LOCAL__CONFIRMATIONS="1",
        BALLAST_CHAINS__ETHEREUM_LOCAL__RPC_URLS="http://a, https://b",
        BALLAST_CHAINS__ETHEREUM_LOCAL__POLL_INTERVAL_SECONDS="0.05",
        BALLAST_VAULTS__MAIN__MAXIMUM_FEE_PER_GAS_WEI="90000000000000000000",
        BALLAST_VAULTS__MAIN__TIERS__L1_LOW_RATIO="700",
        BALLAST_SIGNERS__KEEPER__VARIABLE="TRUE",
    ).settings
    chain, vault = settings.chains["ethereum-local"], settings.vaults["main"]
    assert settings.armed is True
    assert settings.database == "sqlite:////data/x.sqlite"
    assert (chain.confirmations, chain.poll_interval_seconds) == (1, Decimal("0.05"))
    assert chain.rpc_urls == ["http://a", "https://b"]
    assert vault.maximum_fee_per_gas_wei == 90 * 10**18
    assert vault.tier_config(USDT_DECIMALS).l1_low_ratio == 700
    assert settings.signers["keeper"] == PrivateKeyEnvSigner(
        kind="private_key_env", variable="TRUE"
    )


def test_environment__list_as_json__is_read(loaded: Load) -> None:
    settings = loaded(BALLAST_CHAINS__ETHEREUM_LOCAL__RPC_URLS='["http://a,b"]').settings
    assert settings.chains["ethereum-local"].rpc_urls == ["http://a,b"]


def test_environment__whole_new_tables__need_no_file_entry(loaded: Load) -> None:
    settings = loaded(
        BALLAST_CHAINS__BASE__CHAIN_ID="8453",
        BALLAST_CHAINS__BASE__RPC_URLS="http://base",
        BALLAST_CHAINS__BASE__DEPLOYMENTS="/srv/base.json",
    ).settings
    assert settings.chains["base"].chain_id == 8453
    assert settings.chains["base"].deployments == Path("/srv/base.json")


def test_environment__engine_names__hold_for_every_vault(loaded: Load) -> None:
    text = MINIMAL + '[vaults.second]\nchain = "ethereum-local"\nsigner = "keeper"\n'
    settings = loaded(
        text,
        DEVIATION_THRESHOLD="250",
        REBALANCE_MIN_AMOUNT="12.5",
        REBALANCE_MAX_SLIPPAGE="150",
        REBALANCE_GAS_LIMIT="900000",
    ).settings
    for vault in settings.vaults.values():
        config = vault.tier_config(USDT_DECIMALS)
        assert (config.deviation_threshold, config.rebalance_min_amount) == (250, 12_500_000)
        assert (vault.warn_slippage_bps, vault.gas_limit) == (150, 900_000)


def test_environment__prefixed_name__wins_over_the_engine_name(loaded: Load) -> None:
    settings = loaded(L1_LOW_RATIO="700", BALLAST_VAULTS__MAIN__TIERS__L1_LOW_RATIO="600").settings
    assert settings.vaults["main"].tier_config(USDT_DECIMALS).l1_low_ratio == 600


def test_environment__engine_targets__are_taken_together(loaded: Load) -> None:
    targets = {"L1_TARGET_RATIO": "1500", "L2_TARGET_RATIO": "2500", "L3_TARGET_RATIO": "6000"}
    config = loaded(**targets).settings.vaults["main"].tier_config(USDT_DECIMALS)
    assert config.l1_target_ratio == 1500


def test_database__absolute_file__is_left_alone(loaded: Load) -> None:
    url = "sqlite:////no-such-folder/absolute.sqlite"
    assert loaded(f'database = "{url}"\n{MINIMAL}').settings.database == url


def test_database__through_a_link__is_the_file_itself(loaded: Load, tmp_path: Path) -> None:
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "real.sqlite")
    found = loaded(f'database = "sqlite:///link.sqlite"\n{MINIMAL}').settings.database
    assert found == f"sqlite:///{(tmp_path / 'real.sqlite').resolve()}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://keeper:hunter2@db.example/ballast",
        "postgresql+psycopg://db.example:5432/ballast?sslmode=verify-full",
        "postgresql+psycopg:///ballast?host=/run/postgresql",
    ],
)
def test_database__on_a_server__is_left_alone(loaded: Load, url: str) -> None:
    assert loaded(f'database = "{url}"\n{MINIMAL}').settings.database == url
    assert loaded(BALLAST_DATABASE=url).settings.database == url


@pytest.mark.parametrize(
    "url",
    [
        *("sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"),
        *("sqlite:///a?mode=memory", "sqlite+pysqlite:///x", "sqlite+no_such_driver:///x"),
        *("postgresql://h/db", "sqlite:///a\\u0000b", "postgresql+psycopg://h/d\\u0000b"),
        *("postgresql+asyncpg://h/db", "postgres://h/db", "mysql://h/db", " sqlite:///x", ""),
    ],
)
def test_database__not_a_file__is_refused(problems: Problems, url: str) -> None:
    found = only(problems(f'database = "{url}"\n{MINIMAL}'))
    assert (found.line, found.key) == (1, "database")
    assert "must be sqlite:///FILE" in found.problem


def test_confirmations__none__is_refused(problems: Problems) -> None:
    found = only(problems(changed("chain_id = 1000001", "chain_id = 1000001\nconfirmations = 0")))
    assert (found.key, found.problem) == ("chains.ethereum-local.confirmations", "must be above 0")


def test_paths__relative__begin_at_the_file(loaded: Load, tmp_path: Path) -> None:
    keystore = 'kind = "keystore"\npath = "keys/k.json"\npassword_file = "/run/secrets/p"'
    text = changed('kind = "private_key_env"\nvariable = "KEEPER_KEY"', keystore)
    signer = loaded(text).settings.signers["keeper"]
    assert signer.model_dump() == {
        "kind": "keystore",
        "path": tmp_path / "keys" / "k.json",
        "password_file": Path("/run/secrets/p"),
    }


def test_load_settings__named_by_the_environment__is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "other.toml"
    file.write_text(MINIMAL)
    monkeypatch.setenv("BALLAST_CONFIG", str(file))
    assert load_settings().chains["ethereum-local"].chain_id == 1_000_001


def test_load_settings__no_file__says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BALLAST_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"ballast\.toml: does not exist; `ballast config init`"):
        load_settings()


def test_settings__made_by_hand__read_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARMED", "true")
    chain = ChainSettings(chain_id=1, rpc_urls=["http://a"], deployments=Path("d.json"))
    signer = PrivateKeyEnvSigner(kind="private_key_env", variable="K")
    settings = Settings(
        chains={"c": chain},
        vaults={"v": VaultSettings(chain="c", signer="s")},
        signers={"s": signer},
    )
    assert settings.armed is False


def test_environment__nodes_and_quorum__are_read_by_type(loaded: Load) -> None:
    chain = loaded(
        BALLAST_CHAINS__ETHEREUM_LOCAL__RPC_URLS="http://a,http://b",
        BALLAST_CHAINS__ETHEREUM_LOCAL__SEND_ONLY_URLS="http://c",
        BALLAST_CHAINS__ETHEREUM_LOCAL__PRIVATE_RELAY_URLS="http://d,http://e",
        BALLAST_CHAINS__ETHEREUM_LOCAL__QUORUM="2",
        BALLAST_CHAINS__ETHEREUM_LOCAL__REQUEST_TIMEOUT_SECONDS="2.5",
    ).settings.chains["ethereum-local"]
    assert (chain.quorum, chain.request_timeout_seconds) == (2, Decimal("2.5"))
    assert (chain.send_only_urls, chain.private_relay_urls) == (
        ["http://c"],
        ["http://d", "http://e"],
    )


@pytest.mark.parametrize(
    ("urls", "quorum", "problem"),
    [
        (
            '["http://a", "http://a"]',
            "",
            "rpc_urls lists a node twice, which would count twice in the quorum",
        ),
        ('["http://a", "http://b"]', "quorum = 3", "quorum is above the number of rpc_urls"),
    ],
)
def test_nodes__that_cannot_agree__are_refused(
    problems: Problems, urls: str, quorum: str, problem: str
) -> None:
    found = only(problems(changed('["http://127.0.0.1:8545"]', f"{urls}\n{quorum}")))
    assert (found.key, found.problem) == ("chains.ethereum-local", problem)


def test_sending__has_careful_defaults(loaded: Load) -> None:
    chain = loaded().settings.chains["ethereum-local"]
    assert (chain.trust_finality_tags, chain.finality_blocks) == (True, 64)
    assert (chain.bump_after_blocks, chain.bump_rise_bps) == (3, 1_250)
    assert (chain.maximum_in_flight, chain.public_after_blocks) == (16, None)
    assert (chain.cancel_reverting, chain.stalled_head_seconds) == (False, 600)
    assert chain.lease_seconds == 5


def test_environment__sending__is_read_by_type(loaded: Load) -> None:
    prefix = "BALLAST_CHAINS__ETHEREUM_LOCAL__"
    chain = loaded(
        **{
            f"{prefix}TRUST_FINALITY_TAGS": "false",
            f"{prefix}FINALITY_BLOCKS": "12",
            f"{prefix}BUMP_AFTER_BLOCKS": "5",
            f"{prefix}BUMP_RISE_BPS": "2000",
            f"{prefix}MAXIMUM_IN_FLIGHT": "4",
            f"{prefix}PUBLIC_AFTER_BLOCKS": "25",
            f"{prefix}CANCEL_REVERTING": "true",
            f"{prefix}STALLED_HEAD_SECONDS": "60",
            f"{prefix}LEASE_SECONDS": "30",
        }
    ).settings.chains["ethereum-local"]
    assert (chain.trust_finality_tags, chain.finality_blocks) == (False, 12)
    assert (chain.bump_after_blocks, chain.bump_rise_bps) == (5, 2_000)
    assert (chain.maximum_in_flight, chain.public_after_blocks) == (4, 25)
    assert (chain.cancel_reverting, chain.stalled_head_seconds) == (True, 60)
    assert chain.lease_seconds == 30


@pytest.mark.parametrize(
    "line",
    [
        *("bump_rise_bps = 999", "bump_after_blocks = 0", "maximum_in_flight = 0"),
        *("finality_blocks = 0", "lease_seconds = 0", "stalled_head_seconds = -1"),
        *("public_after_blocks = 0", 'cancel_reverting = "yes"', "trust_finality_tags = 1"),
    ],
)
def test_sending__value_that_cannot_be__is_refused(problems: Problems, line: str) -> None:
    found = only(problems(changed("chain_id = 1000001", f"chain_id = 1000001\n{line}")))
    assert found.key == f"chains.ethereum-local.{line.split(maxsplit=1)[0]}"
    assert found.line == 3
