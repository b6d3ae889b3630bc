"""`ballast transfers`: the operator reads and decides, the keeper executes the decision."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from keepers.cli.main import cli
from keepers.model.transfer_record import OperatorRequestKind
from tests.unit.transfers.transfer_rig import TransferRig

pytestmark = pytest.mark.long

SETTINGS = """
database = "sqlite:///{database}"

[chains.ethereum]
chain_id = 1
rpc_urls = ["http://127.0.0.1:1"]

[signers.keeper]
kind = "private_key_env"
variable = "NOBODY"

[treasury.chains.ethereum]
deployments = "nowhere.json"
signer = "keeper"
base = {{ USDC = "1" }}
"""


@pytest.fixture
def config(paper: TransferRig, tmp_path: Path) -> Path:
    file = tmp_path / "ballast.toml"
    file.write_text(SETTINGS.format(database=paper.file))
    return file


def ballast(config: Path, *arguments: str) -> Result:
    command = ["transfers", *arguments, "--config", str(config)]
    return CliRunner().invoke(cli, command, catch_exceptions=False)


def document(config: Path, *arguments: str) -> dict[str, Any]:
    done = ballast(config, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def stuck(paper: TransferRig) -> str:
    paper.custodial.stuck = "the key has no right"
    (key,) = paper.begin("EXCHANGE")
    paper.run_until("CROSS.CREATE")
    paper.turn()
    return key


def test_list__shows_what_is_under_way_and_what_is_stuck(paper: TransferRig, config: Path) -> None:
    key = stuck(paper)
    (listed,) = document(config, "list")["transfers"]
    assert listed["id"] == key
    assert listed["stuck"]["reason"] == "the key has no right"
    assert document(config, "list", "--stuck")["transfers"] == [listed]
    text = ballast(config, "list").output
    assert "STUCK at CROSS.CREATE" in text
    assert "ethereum" in text


def test_list__ended_ones__are_shown_if_asked_for(paper: TransferRig, config: Path) -> None:
    paper.begin()
    paper.run()
    assert document(config, "list")["transfers"] == []
    none = "None is in progress; 1 ended, `ballast transfers --all` lists them.\n"
    assert ballast(config).output == none
    (ended,) = document(config, "list", "--all")["transfers"]
    assert (ended["place"], ended["received"], ended["settled"]) == ("DONE", "997", True)


def test_show__has_the_timeline_and_what_can_be_done(paper: TransferRig, config: Path) -> None:
    key = stuck(paper)
    shown = document(config, "show", key[:12])
    assert [each["to"] for each in shown["timeline"]][:3] == [
        "TRANSFER_OUT.BUILD",
        "TRANSFER_OUT.AUDIT",
        "TRANSFER_OUT.SIGN",
    ]
    assert shown["possible"] == ["resume", "crossed", "give-up"]
    text = ballast(config, "show", key[2:12]).output
    assert "STUCK: the key has no right" in text
    assert "ballast transfers resume" in text


def test_resume__is_kept_for_the_keeper(paper: TransferRig, config: Path) -> None:
    key = stuck(paper)
    paper.custodial.stuck = ""
    assert "requested" in ballast(config, "resume", key, "--reason", "rights are back").output
    decided = paper.transfers.transfer(key).operator_request
    assert decided is not None
    assert (decided.kind, decided.reason) == (OperatorRequestKind.RESUME, "rights are back")
    paper.run()
    assert paper.custodial.withdrawals == [key]


def test_resolve__crossed__needs_proof_and_amount(paper: TransferRig, config: Path) -> None:
    key = stuck(paper)
    done = ballast(config, "resolve", key, "--crossed", "--reason", "found", "--yes")
    assert done.exit_code == 2
    proof = f"{key}:995".encode()
    paper.treasuries[42_161].valid.add(proof.decode())
    given = ("--crossed", "--proof", proof.hex(), "--amount", "995", "--reason", "found", "--yes")
    assert document(config, "resolve", key, *given)["asked_for"] == "crossed"
    paper.run()
    assert paper.transfers.transfer(key).received == 995


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "0xff"), "there is no transfer"),
        (("resume", "0xff"), "there is no transfer"),
        (("resolve", "0xff", "--reason", "x"), "give one of"),
        (("resolve", "0xff", "--again", "--give-up", "--reason", "x"), "give one of"),
        (
            ("resolve", "0xff", "--crossed", "--proof", "zz", "--amount", "1", "--reason", "x"),
            "hex",
        ),
    ],
)
def test_wrong_input__is_told(
    paper: TransferRig, config: Path, arguments: tuple[str, ...], said: str
) -> None:
    del paper
    done = ballast(config, *arguments)
    assert done.exit_code == 2
    assert said in done.output


def test_resolve__that_does_not_fit__says_where_it_stands(paper: TransferRig, config: Path) -> None:
    (key,) = paper.begin()
    done = ballast(config, "resolve", key, "--again", "--reason", "x", "--yes")
    assert done.exit_code == 2
    assert "its state is TRANSFER_OUT.BUILD" in done.output


def test_beginning_of_several__is_ambiguous(paper: TransferRig, config: Path) -> None:
    paper.begin(count=2)
    done = ballast(config, "show", "0x")
    assert done.exit_code == 2
    assert "enter more of the id" in done.output
