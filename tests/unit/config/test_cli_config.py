import json
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from keepers.cli.config import template
from keepers.cli.main import cli
from keepers.config.load import load
from keepers.config.model import ChainSettings, Settings, VaultSettings
from keepers.config.policies import (
    ArgumentSettings,
    AuditorSettings,
    PolicySettings,
    RuleSettings,
    ValidatorSettings,
)
from keepers.config.service import (
    NotificationSettings,
    RecurringSettings,
    ScheduleSettings,
    ServiceSettings,
)
from keepers.config.signers import SIGNER_KINDS, SIGNER_SECTIONS
from keepers.config.tiers import TIER_VARIABLES, tier_defaults
from keepers.config.treasury import (
    BridgeSettings,
    CctpSettings,
    CustodianSettings,
    ExchangeSettings,
    InstructionSettings,
    OftSettings,
    TreasuryChainSettings,
    TreasurySettings,
)
from tests.unit.config.conftest import MINIMAL, changed

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"
SECTIONS = (
    *(ChainSettings, VaultSettings, *SIGNER_SECTIONS),
    *(PolicySettings, RuleSettings, ArgumentSettings, AuditorSettings, ValidatorSettings),
    *(NotificationSettings, ScheduleSettings, ServiceSettings, RecurringSettings),
    *(TreasurySettings, TreasuryChainSettings, InstructionSettings, BridgeSettings),
    *(CctpSettings, OftSettings, ExchangeSettings, CustodianSettings),
)
EVERY_KEY = sorted(
    {*Settings.model_fields, *(key for each in SECTIONS for key in each.model_fields)}
    | set(TIER_VARIABLES)
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BALLAST_CONFIG", raising=False)
    return tmp_path


def ballast(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["config", *arguments])


def test_init__then_check__finds_nothing_wrong() -> None:
    assert ballast("init").exit_code == 0
    checked = ballast("check")
    assert checked.exit_code == 0
    assert "no problems found" in checked.output
    assert "ape run deploy" in checked.output  # a note: there is no deployments file yet


def test_init__file_is_there__is_not_replaced_without_force(folder: Path) -> None:
    (folder / "ballast.toml").write_text("mine")
    assert ballast("init").exit_code == 2
    assert (folder / "ballast.toml").read_text() == "mine"
    assert ballast("init", "--force").exit_code == 0
    assert (folder / "ballast.toml").read_text() == template()


def test_init__no_such_folder__says_so() -> None:
    result = ballast("init", "--path", "no/such/ballast.toml")
    assert (result.exit_code, "cannot be written" in result.output) == (2, True)


def test_template_and_documentation__have_every_key() -> None:
    documentation = DOCS.read_text()
    assert [key for key in EVERY_KEY if key not in template()] == []
    assert [key for key in EVERY_KEY if f"`{key}`" not in documentation] == []


def test_template__its_commented_lines__are_the_defaults(folder: Path) -> None:
    every = uncommented(template()[: template().index("# Other kinds of signers")])
    (folder / "all.toml").write_text(every)
    (folder / "ballast.toml").write_text(template())
    shown = load(folder / "all.toml", {}).settings.model_dump()
    default = load(folder / "ballast.toml", {}).settings.model_dump()
    assert shown["vaults"]["main"].pop("tiers") == tier_defaults()
    assert default["vaults"]["main"].pop("tiers") == {}
    shown["signers"]["keeper"].pop("password_file")
    default["signers"]["keeper"].pop("password_file")
    for unset in ("quorum", "public_after_blocks"):  # shown as examples: they have no default
        shown["chains"]["mainnet"].pop(unset)
        default["chains"]["mainnet"].pop(unset)
    assert shown == default
    assert set(tomllib.loads(every)) == {
        *("database", "armed", "chains", "vaults", "signers"),
        *("notifications", "schedule", "recurring", "service"),
    }


def test_template__uncommented__has_a_signer_of_every_kind(folder: Path) -> None:
    (folder / "all.toml").write_text(uncommented(template()))
    signers = load(folder / "all.toml", {}).settings.signers
    assert sorted(each.kind for each in signers.values()) == sorted(SIGNER_KINDS)


def uncommented(text: str) -> str:
    setting = re.compile(r"# (?=\w+ = |\[)")
    return "\n".join(setting.sub("", line, count=1) for line in text.splitlines())


def test_check__problems__are_listed_one_per_line(folder: Path) -> None:
    text = changed("chain_id = 1000001", "chain_id = true")
    (folder / "ballast.toml").write_text(text + "[x]\n")
    result = ballast("check")
    assert result.exit_code == 2
    lines = result.output.splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "15"]


def test_check__json__has_every_part(folder: Path) -> None:
    (folder / "ballast.toml").write_text(changed("chain_id = 1000001", "chain_id = true"))
    result = ballast("check", "--json")
    assert result.exit_code == 2
    assert json.loads(result.output) == {
        "valid": False,
        "problems": [
            {
                "file": "ballast.toml",
                "line": 2,
                "variable": None,
                "key": "chains.ethereum-local.chain_id",
                "problem": "must be a whole number",
                "advice": "write it without quotes",
            }
        ],
        "notes": [],
    }


def test_show__json__has_values_and_origins(folder: Path) -> None:
    (folder / "other.toml").write_text(MINIMAL)
    shown = json.loads(ballast("show", "--json", "--config", "other.toml").output)
    assert shown["chains.ethereum-local.chain_id"] == {"value": 1000001, "origin": "other.toml:2"}
    assert shown["armed"] == {"value": False, "origin": "default"}


def test_show__unusable__ends_with_one_line_and_status_2(folder: Path) -> None:
    (folder / "ballast.toml").write_text(MINIMAL + "[x]\n[y]\n")
    result = ballast("show")
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)


def test_show__database_on_a_server__is_without_its_password(folder: Path) -> None:
    url = "postgresql+psycopg://keeper:hunter2@db.example/ballast"
    (folder / "ballast.toml").write_text(f'database = "{url}"\n{MINIMAL}')
    for arguments in (("show",), ("show", "--json")):
        shown = ballast(*arguments)
        assert shown.exit_code == 0
        assert "hunter2" not in shown.output
        assert "postgresql+psycopg://keeper:***@db.example/ballast" in shown.output
