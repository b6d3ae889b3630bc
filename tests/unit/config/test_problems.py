"""Tests of the messages about an unusable configuration."""

import pytest

from keepers.config.errors import ConfigError
from keepers.model.errors import EXIT_UNUSABLE_INPUT
from tests.unit.config.conftest import MINIMAL, Problems, changed, only

SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "problem", "advice"),
    [
        ("chain_id = 1000001", 'chain_id = "1"', 2, "chains.ethereum-local.chain_id",
         "must be a whole number", "write it without quotes"),
        ("chain_id = 1000001", "chain_id = 0", 2, "chains.ethereum-local.chain_id",
         "must be above 0", "change it"),
        ("chain_id = 1000001", "", 1, "chains.ethereum-local.chain_id",
         "is missing", "add chain_id = … to [chains.ethereum-local]"),
        ("chain_id", "chain_ids = 3\nchain_id", 2, "chains.ethereum-local.chain_ids",
         "is unknown", "did you mean chain_id?"),
        ('["http://127.0.0.1:8545"]', "[]", 3, "chains.ethereum-local.rpc_urls",
         "is empty", "give at least one"),
        ('["http://127.0.0.1:8545"]', '[\n  "http://a",\n  "a"]', 3,
         "chains.ethereum-local.rpc_urls.1", "must be an http:// or https:// address",
         "see docs/reference/configuration.md"),
        ('["http://127.0.0.1:8545"]', '"http://a"', 3, "chains.ethereum-local.rpc_urls",
         "must be a list", 'write it as ["…"]'),
        ('chain = "ethereum-local"', 'chain = "base"', 6, "vaults.main.chain",
         "there is no [chains.base]", "use one of ethereum-local, or add [chains.base]"),
        ('signer = "keeper"', 'signer = "me"', 7, "vaults.main.signer",
         "there is no [signers.me]", "use one of keeper, or add [signers.me]"),
        ('signer = "keeper"', "signer = 7", 7, "vaults.main.signer",
         "must be a text", "put it in quotes"),
        ('signer = "keeper"', 'signer = "keeper"\nwarn_slippage_bps = 600', 5, "vaults.main",
         "warn_slippage_bps is above block_slippage_bps", "see docs/reference/configuration.md"),
        ('signer = "keeper"', 'signer = "keeper"\nwarn_impact_bps = 501', 5, "vaults.main",
         "warn_impact_bps is above block_impact_bps", "see docs/reference/configuration.md"),
        ('signer = "keeper"', 'signer = "keeper"\ncoin_price = "3000"\ncoin_feed = "0x' + "aa" * 20
         + '"', 5, "vaults.main",
         "coin_feed and coin_price both set the price of the native token; keep one",
         "see docs/reference/configuration.md"),
        ('signer = "keeper"', 'signer = "keeper"\nblock_slippage_bps = 10001', 8,
         "vaults.main.block_slippage_bps", "must be at most 10000", "change it"),
        ("L1_TARGET_RATIO = 1000", "L1_TARGET_RATIO = 1500", 10,
         "vaults.main.tiers.L1_TARGET_RATIO",
         "L1_TARGET_RATIO, L2_TARGET_RATIO and L3_TARGET_RATIO sum to 10500, not to 10000",
         "change one of them"),
        ("L1_TARGET_RATIO = 1000", "L2_TARGET_RATIO = 3500", 9,
         "vaults.main.tiers.L1_TARGET_RATIO",
         "L1_TARGET_RATIO, L2_TARGET_RATIO and L3_TARGET_RATIO sum to 10500, not to 10000",
         "change one of them"),
        ("L1_TARGET_RATIO = 1000", "L1_MAX_RATIO = 999", 10, "vaults.main.tiers.L1_MAX_RATIO",
         "999 is below L1_TARGET_RATIO, 1000", "change one of them"),
        ("L1_TARGET_RATIO = 1000", "L1_TARGET = 1000", 10, "vaults.main.tiers.L1_TARGET",
         "is not a tier variable", "did you mean L1_TARGET_RATIO?"),
        ("L1_TARGET_RATIO = 1000", "L1_TARGET_RATIO = true", 10,
         "vaults.main.tiers.L1_TARGET_RATIO", 'must be a number, as in 500 or "12.5"',
         "see docs/reference/configuration.md"),
        ("L1_TARGET_RATIO = 1000", 'L1_TARGET_RATIO = "1e3"', 10,
         "vaults.main.tiers.L1_TARGET_RATIO", "must be a number of the form 0, 12 or 12.5",
         "see docs/reference/configuration.md"),
        ('kind = "private_key_env"\n', "", 12, "signers.keeper", "kind is missing",
         "add kind = one of keystore, ape, json_rpc, aws_kms, pkcs11, private_key_env"),
        ('"private_key_env"', '"ledger"', 12, "signers.keeper", "kind is unknown",
         "use kind = one of keystore, ape, json_rpc, aws_kms, pkcs11, private_key_env"),
        ('variable = "KEEPER_KEY"', f'key = "{SECRET}"\nvariable = "KEEPER_KEY"', 14,
         "signers.keeper.key", "is unknown",
         "remove it; known: kind, variable"),
        ("[chains.", "armed = 1\n[chains.", 1, "armed", "must be true or false",
         "write it without quotes"),
        ("[chains.", "arm = true\n[chains.", 1, "arm", "is unknown", "did you mean armed?"),
    ],
)  # fmt: skip
def test_problem__in_the_file__has_line_key_and_advice(  # noqa: PLR0917
    problems: Problems, old: str, new: str, line: int, key: str, problem: str, advice: str
) -> None:
    found = only(problems(changed(old, new)))
    assert (found.line, found.variable, found.key) == (line, None, key)
    assert (found.problem, found.advice) == (problem, advice)
    assert str(found) == f"{found.file}:{line}: {key}: {problem}; {advice}"


def test_problem__whole_section_missing__says_what_to_add(problems: Problems) -> None:
    found = only(problems(MINIMAL[: MINIMAL.index("[signers")]))
    assert (found.line, found.key, found.problem) == (None, "signers", "is missing")
    assert found.advice == "add a table [signers.NAME]"


def test_problem__not_toml__has_its_line(problems: Problems) -> None:
    found = only(problems(changed("chain_id = 1000001", "chain_id =")))
    assert found.line == 2
    assert found.problem.startswith("is not TOML")


def test_problem__key_given_twice__has_its_line(problems: Problems) -> None:
    found = only(problems(changed("chain_id", "chain_id = 1\nchain_id")))
    assert (found.line, "overwrite" in found.problem) == (3, True)


@pytest.mark.parametrize(
    ("variable", "value", "key"),
    [
        ("BALLAST_CHAINS__ETHEREUM_LOCAL__CHAIN_ID", "one", "chains.ethereum-local.chain_id"),
        ("BALLAST_CHAINS__ETHEREUM_LOCAL__RPC_URLS", "[", "chains.ethereum-local.rpc_urls"),
        ("BALLAST_CHAINS__ETHEREUM_LOCAL__CHAINID", "1", "chains.ethereum-local.chainid"),
        ("BALLAST_ARMED", "perhaps", "armed"),
        ("L1_TARGET_RATIO", "1500", "vaults.main.tiers.L1_TARGET_RATIO"),
        ("REBALANCE_GAS_LIMIT", "plenty", "vaults.main.gas_limit"),
    ],
)
def test_problem__in_the_environment__names_the_variable(
    problems: Problems, variable: str, value: str, key: str
) -> None:
    found = only(problems(**{variable: value}))
    assert (found.line, found.variable, found.key) == (None, variable, key)
    assert str(found).startswith(f"environment variable {variable}: {key}: ")


@pytest.mark.parametrize(
    "variable",
    ["BALLAST_VAULT__MAIN__SIGNER", "BALLAST_CHAINS__ETHEREUM_LOCAL", "BALLAST_ARMED__X"],
)
def test_problem__variable_names_no_setting__is_refused(problems: Problems, variable: str) -> None:
    assert only(problems(**{variable: "x"})).variable == variable


def test_problems__several__come_in_the_order_of_the_file(problems: Problems) -> None:
    text = changed("L1_TARGET_RATIO = 1000", "L1_TARGET_RATIO = true")
    found = problems(changed("chain_id = 1000001", "chain_id = true", text))
    assert [each.line for each in found] == [2, 10]


@pytest.mark.parametrize(
    "text",
    [
        changed('"http://127.0.0.1:8545"', f'"ftp://{SECRET}"'),
        changed("chain_id = 1000001", f'chain_id = "{SECRET}"'),
        changed('"private_key_env"', f'"{SECRET}"'),
        changed('variable = "KEEPER_KEY"', f'private_key = "{SECRET}"'),
        changed("L1_TARGET_RATIO = 1000", f'L1_TARGET_RATIO = "{SECRET}"'),
    ],
)
def test_problems__never_show_a_value(problems: Problems, text: str) -> None:
    assert SECRET not in " ".join(str(each) for each in problems(text))


def test_error__has_one_line_and_the_status_of_unusable_input(problems: Problems) -> None:
    error = ConfigError(problems(changed("chain_id = 1000001", "chain_id = true\nx = 1")))
    assert error.exit_status == EXIT_UNUSABLE_INPUT
    assert str(error).endswith("(and 1 more: `ballast config check` lists them all)")
