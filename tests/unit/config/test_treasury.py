"""Tests of the treasury's tables: defaults, contradictions, variables and shown values."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from keepers.cli.main import cli
from keepers.config.show import effective
from keepers.config.treasury import TreasurySettings
from keepers.model.errors import InputError, NumberError
from keepers.runtime.vault.setup import chosen_vault
from tests.unit.config.conftest import MINIMAL, Load, Problems, changed, only

VENUE = "0x00000000000000000000000000000000DeaDBeef"
TREASURY = f"""\
[chains.ethereum-local]
chain_id = 1000001
rpc_urls = ["http://127.0.0.1:8545"]

[chains.arbitrum-local]
chain_id = 1042161
rpc_urls = ["http://127.0.0.1:8546"]

[signers.treasury]
kind = "private_key_env"
variable = "TREASURY_KEY"

[treasury]
trigger_percentage = "0.4"

[treasury.chains.ethereum-local]
signer = "treasury"
base = {{ USDC = "100000", USDT = "50000.5" }}
invest = {{ USDC = "{VENUE}" }}

[treasury.chains.arbitrum-local]
signer = "treasury"
"""


def treasury_of(load: Load, text: str = TREASURY, **environment: str) -> TreasurySettings:
    found = load(text, **environment).settings.treasury
    assert found is not None
    return found


def test_load__treasury_without_vaults__has_the_defaults(loaded: Load, tmp_path: Path) -> None:
    settings = loaded(TREASURY).settings
    found = treasury_of(loaded)
    assert settings.vaults == {}
    assert found.trigger == Fraction(2, 5)
    assert (found.check, found.time_limit_seconds, found.maximum_loss_bps) == ("*/5 * * * *", 5, 20)
    chain = found.chains["ethereum-local"]
    assert chain.deployments == tmp_path / "deployments" / "ethereum-local.treasury.json"
    assert (chain.invest, chain.invest_minimum) == ({"USDC": VENUE}, "1000")
    assert (chain.maximum_native_fee_wei, chain.plan_expiry_seconds) == (2 * 10**16, 1_800)
    assert found.bridges.CCTP.url == "https://iris-api.circle.com"
    assert found.bridges.OFT.url == "https://scan.layerzero-api.com"
    assert (found.bridges.EXCHANGE, found.bridges.CUSTODIAN) == (None, None)
    assert found.http.listen is None
    assert found.chains["arbitrum-local"].base == {}


def test_bases__are_units_of_the_tokens(loaded: Load) -> None:
    chain = treasury_of(loaded).chains["ethereum-local"]
    assert chain.bases({"USDC": 6, "USDT": 18}) == {"USDC": 10**11, "USDT": 500005 * 10**17}
    with pytest.raises(NumberError):
        chain.bases({"USDC": 6, "USDT": 0})


def test_of__chain_that_names_none__has_what_holds_for_all(loaded: Load) -> None:
    text = TREASURY + '[validators.main]\nurl = "https://v"\n[validators.own]\nurl = "https://o"\n'
    text = changed("[treasury]\n", '[treasury]\nvalidator = "main"\n', text)
    text = changed(
        'signer = "treasury"\nbase', 'signer = "treasury"\nvalidator = "own"\nbase', text
    )
    found = treasury_of(loaded, text)
    assert found.of("arbitrum-local").validator == "main"
    assert found.of("ethereum-local").validator == "own"


def test_vaults__neither_they_nor_a_treasury__is_told(problems: Problems) -> None:
    text = MINIMAL[: MINIMAL.index("[vaults.main]")] + MINIMAL[MINIMAL.index("[signers") :]
    found = only(problems(text))
    assert (found.key, found.problem) == ("vaults", "is missing, and so is treasury")
    assert found.advice == "add a table [vaults.NAME], or [treasury]"


def test_chosen_vault__there_is_none__is_told(
    loaded: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BALLAST_VAULT", raising=False)
    with pytest.raises(InputError, match="the settings have no vault"):
        chosen_vault(loaded(TREASURY).settings, None)


@pytest.mark.parametrize(
    ("old", "new", "where", "problem"),
    [
        ('"0.4"', '"1"', (14, "treasury.trigger_percentage"), "must be above 0 and below 1"),
        ('"0.4"', '"0"', (14, "treasury.trigger_percentage"), "must be above 0 and below 1"),
        ('"0.4"', '"half"', (14, "treasury.trigger_percentage"),
         "must be a number of the form 0, 12 or 12.5"),
        ('"0.4"', '"0.4"\ntime_limit_seconds = 11', (15, "treasury.time_limit_seconds"),
         "must be at most 10"),
        ('"0.4"', '"0.4"\ncheck = "often"', (15, "treasury.check"), "is not a schedule"),
        ('"100000"', '"0"', (18, "treasury.chains.ethereum-local.base.USDC"), "must be above 0"),
        ("invest = { USDC", "invest = { DAI", (16, "treasury.chains.ethereum-local"),
         "invest names DAI, which has no base"),
        (VENUE, "0x12", (19, "treasury.chains.ethereum-local.invest.USDC"), "is not an address"),
        ('signer = "treasury"\nbase', 'signer = "me"\nbase',
         (17, "treasury.chains.ethereum-local.signer"), "there is no [signers.me]"),
        ("[treasury.chains.arbitrum-local]", "[treasury.chains.base]", (21, "treasury.chains.base"),
         "there is no [chains.base]"),
        ("chain_id = 1042161", "chain_id = 1000001", (21, "treasury.chains.arbitrum-local"),
         "is the same chain as [treasury.chains.ethereum-local]"),
        ('"0.4"', '"0.4"\nauditors = ["desk"]', (15, "treasury.auditors"),
         "there is no [auditors.desk]"),
        ('"0.4"', '"0.4"\n[treasury.bridges.CUSTODIAN]', (15, "treasury.bridges.CUSTODIAN.url"),
         "is missing"),
        ('"0.4"', '"0.4"\n[treasury.http]\nlisten = "here"', (16, "treasury.http.listen"),
         "must be an address and a port"),
        ('"0.4"', f'"0.4"\n[treasury.bridges.EXCHANGE]\nkey_variable = "{"ab" * 32}"',
         (16, "treasury.bridges.EXCHANGE.key_variable"),
         "must be the name of an environment variable"),
    ],
)  # fmt: skip
def test_problem__names_line_and_key(
    problems: Problems, old: str, new: str, where: tuple[int, str], problem: str
) -> None:
    found = only(problems(changed(old, new, TREASURY)))
    assert (found.line, found.key) == where
    assert problem in found.problem


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ('"0.4"', '"0.4"\ntrigger_percent = 1', "did you mean trigger_percentage?"),
        ('"0.4"', '"0.4"\n[treasury.bridges.CTP]', "did you mean CCTP?"),
        ("base = {", "bases = {", "did you mean base?"),
    ],
)
def test_problem__unknown_key__has_advice(
    problems: Problems, old: str, new: str, advice: str
) -> None:
    found = problems(changed(old, new, TREASURY))
    assert advice in {each.advice for each in found}


def test_problem__treasury_without_chains__says_what_to_add(problems: Problems) -> None:
    text = TREASURY[: TREASURY.index("[treasury.chains.ethereum-local]")]
    found = only(problems(text))
    assert (found.key, found.problem) == ("treasury.chains", "is missing")
    assert found.advice == "add a table [treasury.chains.NAME]"


def test_problem__key_of_a_vault_on_the_same_chain__is_refused(problems: Problems) -> None:
    text = TREASURY + '[vaults.main]\nchain = "ethereum-local"\nsigner = "treasury"\n'
    found = only(problems(text))
    assert (found.line, found.key) == (17, "treasury.chains.ethereum-local.signer")
    assert found.problem == "is also the signer of vault main on this chain"


def test_problem__signer_that_seals__needs_a_validator_somewhere(
    loaded: Load, problems: Problems
) -> None:
    kind = 'kind = "private_key_env"\nvariable = "TREASURY_KEY"'
    remote = f'kind = "json_rpc"\nurl = "https://s"\naddress = "{VENUE}"\nsealed = true'
    text = changed(kind, remote, TREASURY)
    assert {each.problem for each in problems(text)} == {
        "its signer seals transactions, but no validator is set"
    }
    text = changed("[treasury]\n", '[treasury]\nvalidator = "main"\n', text)
    treasury_of(loaded, text + '[validators.main]\nurl = "https://v"\n')


def test_environment__reaches_every_depth(loaded: Load) -> None:
    found = treasury_of(
        loaded,
        BALLAST_TREASURY__TRIGGER_PERCENTAGE="0.25",
        BALLAST_TREASURY__MAXIMUM_LOSS_BPS="7",
        BALLAST_TREASURY__AUDITORS="",
        BALLAST_TREASURY__CHAINS__ETHEREUM_LOCAL__BASE__USDC="12.5",
        BALLAST_TREASURY__CHAINS__ETHEREUM_LOCAL__BASE__DAI="3",
        BALLAST_TREASURY__CHAINS__ETHEREUM_LOCAL__GAS_LIMIT="900000",
        BALLAST_TREASURY__BRIDGES__CCTP__URL="https://iris-api-sandbox.circle.com",
        BALLAST_TREASURY__BRIDGES__CCTP__FAST="false",
        BALLAST_TREASURY__BRIDGES__CUSTODIAN__URL="https://custodian.example",
        BALLAST_TREASURY__HTTP__LISTEN="127.0.0.1:0",
    )
    chain = found.chains["ethereum-local"]
    assert (found.trigger_percentage, found.maximum_loss_bps) == ("0.25", 7)
    assert chain.base == {"USDC": "12.5", "USDT": "50000.5", "DAI": "3"}
    assert chain.gas_limit == 900_000
    assert found.bridges.CCTP.fast is False
    assert found.bridges.CUSTODIAN is not None
    assert found.http.listen == "127.0.0.1:0"


@pytest.mark.parametrize(
    ("variable", "problem"),
    [
        ("BALLAST_TREASURY__CHAINS", "does not match a setting"),
        ("BALLAST_TREASURY__CHAINS__ETHEREUM_LOCAL__BASE", "does not match a setting"),
        ("BALLAST_TREASURY__BRIDGES__CCTP", "does not match a setting"),
        ("BALLAST_TREASURY__NOTHING", "is unknown"),
        ("BALLAST_TREASURY__BRIDGES__CCTP__NOTHING", "is unknown"),
    ],
)
def test_environment__that_is_no_setting__is_told(
    problems: Problems, variable: str, problem: str
) -> None:
    found = only(problems(TREASURY, **{variable: "1"}))
    assert (found.variable, found.problem) == (variable, problem)


def test_show__addresses_of_services__are_without_what_may_be_secret(loaded: Load) -> None:
    text = TREASURY + '[treasury.bridges.CUSTODIAN]\nurl = "https://me:pw@custodian.example/key"\n'
    shown = {each.key: each for each in effective(loaded(text))}
    key = "treasury.bridges.CUSTODIAN.url"
    assert shown[key].value == "https://***@custodian.example/***"
    assert shown["treasury.chains.ethereum-local.base.USDC"].value == "100000"
    assert shown["treasury.chains.ethereum-local.base.USDC"].origin.endswith(":18")
    assert shown["treasury.check"].origin == "default"


def test_check__treasury__notes_its_files_and_not_those_of_vaults(tmp_path: Path) -> None:
    file = tmp_path / "ballast.toml"
    file.write_text(TREASURY)
    result = CliRunner().invoke(cli, ["config", "check", "--json", "--config", str(file)])
    notes = json.loads(result.output)["notes"]
    assert result.exit_code == 0
    assert [Path(each.split(":")[0]).name for each in notes] == [
        *("ethereum-local.treasury.json", "arbitrum-local.treasury.json")
    ]


def test_problem__vault_that_is_called_as_the_treasuries_runs__is_refused(
    problems: Problems,
) -> None:
    text = '[vaults.treasury]\nchain = "ethereum-local"\nsigner = "keeper"\n[signers.keeper]\n'
    found = only(problems(TREASURY + text + 'kind = "private_key_env"\nvariable = "K"\n'))
    assert (found.key, found.advice) == ("vaults.treasury", "give the vault another name")
